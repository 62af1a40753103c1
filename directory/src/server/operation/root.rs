//! What the server says about itself: root DSE (RFC 4512 section 5.1) and subschema (section 4.2).
use ldap3_proto::LdapFilter;
use ldap3_proto::proto::{LdapSearchRequest, LdapSearchScope};

use super::super::core::Core;
use super::super::entry::dn::Dn;
use super::super::entry::{SUBSCHEMA, SUFFIX};
use super::super::protocol::answer;
use super::super::protocol::control::SUPPORTED;
use super::extended;
use super::search;
use super::select::Selection;

/// An entry that is not in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::server) enum Special {
    Root,
    Subschema,
}

impl Special {
    /// The one that a search is for.
    pub(super) fn of(asked: &LdapSearchRequest) -> Option<Self> {
        let key = Dn::parse(&asked.base)?.key();
        let is_base = asked.scope == LdapSearchScope::Base;
        match key.as_str() {
            "" if is_base => Some(Self::Root),
            key if search::is_subschema(key) && is_base => Some(Self::Subschema),
            _ => None,
        }
    }

    /// Writes it, if the filter does not ask for something else.
    pub(super) fn put(
        self,
        core: &Core,
        filter: &LdapFilter,
        selection: &Selection,
        id: i32,
        out: &mut Vec<u8>,
    ) {
        let (dn, class) = match self {
            Self::Root => ("", "rendezvousRootDSE"),
            Self::Subschema => (SUBSCHEMA, "subschema"),
        };
        if !is_wanted(filter, class) {
            return;
        }
        answer::entry(out, id, dn, &[], |out| match self {
            Self::Root => put_root(selection, out),
            Self::Subschema => put_subschema(core, selection, out),
        });
    }
}

/// Those who look for either do so by presence or class.
fn is_wanted(filter: &LdapFilter, class: &str) -> bool {
    match filter {
        LdapFilter::Present(name) => name.eq_ignore_ascii_case("objectClass"),
        LdapFilter::Equality(name, value) if name.eq_ignore_ascii_case("objectClass") => {
            value.eq_ignore_ascii_case("top") || value.eq_ignore_ascii_case(class)
        }
        LdapFilter::And(all) => all.iter().all(|one| is_wanted(one, class)),
        LdapFilter::Or(any) => any.iter().any(|one| is_wanted(one, class)),
        LdapFilter::Not(one) => !is_wanted(one, class),
        _ => false,
    }
}

fn put_root(selection: &Selection, out: &mut Vec<u8>) {
    let dynamic = ["ou=Conferences,o=rendezvous", "ou=People,o=rendezvous"];
    selection.put_own(out, "objectClass", &["top", "rendezvousRootDSE"], false);
    selection.put_own(out, "namingContexts", &[SUFFIX], true);
    selection.put_own(out, "dynamicSubtrees", &dynamic, true);
    selection.put_own(out, "subschemaSubentry", &[SUBSCHEMA], true);
    selection.put_own(out, "supportedLDAPVersion", &["2", "3"], true);
    selection.put_own(out, "supportedControl", &SUPPORTED, true);
    selection.put_own(out, "supportedExtension", &extended::SUPPORTED, true);
    selection.put_own(out, "supportedFeatures", &FEATURES, true);
    selection.put_own(out, "supportedSASLMechanisms", &["EXTERNAL"], true);
    selection.put_own(out, "vendorName", &["Rendezvous"], true);
    selection.put_own(out, "vendorVersion", &[env!("CARGO_PKG_VERSION")], true);
}

/// All operational attributes (RFC 3673), absolute true and false filters (RFC 4526), modify-increment (RFC 4525).
const FEATURES: [&str; 3] = [
    "1.3.6.1.4.1.4203.1.5.1",
    "1.3.6.1.4.1.4203.1.5.3",
    "1.3.6.1.1.14",
];

fn put_subschema(core: &Core, selection: &Selection, out: &mut Vec<u8>) {
    let attributes: Vec<&str> = core.schema.attribute_definitions().collect();
    let classes: Vec<&str> = core.schema.class_definitions().collect();
    selection.put_own(out, "objectClass", &["top", "subentry", "subschema"], false);
    selection.put_own(out, "cn", &["Subschema"], false);
    let rules: Vec<&str> = core.schema.rules.iter().map(String::as_str).collect();
    let syntaxes: Vec<&str> = core.schema.syntaxes.iter().map(String::as_str).collect();
    selection.put_own(out, "ldapSyntaxes", &syntaxes, true);
    selection.put_own(out, "matchingRules", &rules, true);
    selection.put_own(out, "attributeTypes", &attributes, true);
    selection.put_own(out, "objectClasses", &classes, true);
}
