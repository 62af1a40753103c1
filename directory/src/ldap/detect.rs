//! What server it is, by what it says of itself (RFC 4512 section 5.1).
use super::entry::RawEntry;
use super::session::{Fault, Session};
use super::{DirectoryConfig, DirectoryUrl, Protocol, dn, ils};
use crate::directory::Dialect;

/// What a server says it can do.
#[derive(Clone, Debug, Default)]
pub(super) struct Features {
    root: RawEntry,
}

impl Features {
    /// Asks the server; one that has no root entry, as old ones, says nothing.
    pub(super) async fn ask(session: &Session) -> Result<Self, Fault> {
        let root = match session.read("", &["*", "+"]).await {
            Err(fault) if fault.code().is_some() => None,
            root => root?,
        };
        Ok(Self::of(root.unwrap_or_default()))
    }

    pub(super) fn of(root: RawEntry) -> Self {
        Self { root }
    }

    /// Whether it knows this control.
    pub(super) fn has_control(&self, oid: &str) -> bool {
        self.root
            .texts("supportedControl")
            .any(|known| known == oid)
    }

    /// Whether it knows this extended operation.
    pub(super) fn has_extension(&self, oid: &str) -> bool {
        self.root
            .texts("supportedExtension")
            .any(|known| known == oid)
    }

    /// MS-ADTS section 3.1.1.3.4.3: LDAP_CAP_ACTIVE_DIRECTORY_OID.
    fn is_active_directory(&self) -> bool {
        let mut known = self.root.texts("supportedCapabilities");
        known.any(|oid| oid == "1.2.840.113556.1.4.800")
    }

    /// Whether it says that entries below there can die (RFC 2589 section 5).
    pub(super) fn is_dynamic(&self, base: &str) -> bool {
        let mut subtrees = self.root.texts("dynamicSubtrees");
        subtrees.any(|subtree| dn::is_below(base, subtree))
    }

    /// Maker and version.
    pub(super) fn vendor(&self) -> Option<String> {
        let said = [
            self.root.text("vendorName"),
            self.root.text("vendorVersion"),
        ];
        let said: Vec<&str> = said.into_iter().flatten().collect();
        if !said.is_empty() {
            return Some(said.join(" "));
        }
        let is_openldap = self.root.is_a("OpenLDAProotDSE");
        let level = self
            .root
            .text("forestFunctionality")
            .filter(|_| self.is_active_directory());
        match level {
            Some(level) => Some(format!("Active Directory, functional level {level}")),
            None => is_openldap.then(|| "OpenLDAP".to_owned()),
        }
    }

    /// The entries at the top of what it holds.
    pub(super) fn naming_contexts(&self) -> impl Iterator<Item = &str> {
        self.root.texts("namingContexts")
    }

    /// Where its schema can be read.
    pub(super) fn schema(&self) -> Option<&str> {
        self.root.text("subschemaSubentry")
    }

    /// How to speak to it, unless that is laid down.
    pub(super) fn dialect(&self, config: &DirectoryConfig, url: &DirectoryUrl) -> Dialect {
        match config.dialect {
            Some(dialect) => dialect,
            None if url.protocol == Protocol::Ils => Dialect::Ils,
            None if self.is_active_directory() => Dialect::ActiveDirectory,
            None => Dialect::Standard,
        }
    }

    /// Below which entry ours are, where neither settings nor address say so; none where it has to be looked for.
    pub(super) fn base(&self, dialect: Dialect) -> Option<String> {
        match dialect {
            Dialect::Ils => Some(ils::BASE.to_owned()),
            Dialect::ActiveDirectory => {
                let domain = self.root.text("defaultNamingContext")?;
                Some(format!("OU=Dynamic,{domain}"))
            }
            Dialect::Standard => None,
        }
    }
}
