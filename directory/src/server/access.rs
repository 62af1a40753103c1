//! Who may do what to which entry.
use super::entry::Entry;
use super::entry::dn::{Dn, escape};
use super::entry::place::{Kind, Place};
use super::tree::Tree;

/// The local user's name, whose password is in the token file.
pub const LOCAL: &str = "cn=local,o=rendezvous";

/// Who is at the other end of a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Identity {
    /// Nobody in particular.
    #[default]
    Anonymous,
    /// Who may read the token file, and hence all of the server's files.
    Local,
    /// An account, by its name.
    Account(String),
    /// Who holds the key of this fingerprint (SHA-256 of the SubjectPublicKeyInfo, hexadecimal).
    Key(String),
}

/// What one wants to do to an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// See it.
    Read,
    /// Change it, or keep it alive.
    Change,
    /// Delete it, or say who may do what to it.
    Rule,
}

impl Identity {
    /// The name by which it is bound (RFC 4513 section 4); nothing if anonymous.
    pub(super) fn dn(&self) -> String {
        match self {
            Self::Anonymous => String::new(),
            Self::Local => LOCAL.to_owned(),
            Self::Account(name) => format!("cn={},ou=Accounts,o=rendezvous", escape(name)),
            Self::Key(fingerprint) => format!("cn={fingerprint},ou=Keys,o=rendezvous"),
        }
    }

    /// As it is written into what it owns.
    pub(super) fn principal(&self) -> String {
        match self {
            Self::Anonymous => "everyone".to_owned(),
            Self::Key(fingerprint) => format!("key:{fingerprint}"),
            Self::Local | Self::Account(_) => format!("dn:{}", self.dn()),
        }
    }

    /// Whether a principal, as it is written into entries, is or includes this one.
    fn is_in(&self, principal: &str, tree: &Tree) -> bool {
        let (kind, value) = principal.split_once(':').unwrap_or((principal, ""));
        match kind.trim().to_ascii_lowercase().as_str() {
            "everyone" => true,
            "authenticated" => *self != Self::Anonymous,
            "key" => matches!(self, Self::Key(own) if own.eq_ignore_ascii_case(value.trim())),
            "dn" => *self != Self::Anonymous && is_same(value, &self.dn()),
            "group" => *self != Self::Anonymous && is_member(&self.dn(), value, tree),
            _ => false,
        }
    }
}

/// Whether someone may do something to an entry.
///
/// The owner may do all, an editor may read and change, a reader read; without a list everyone reads and nobody else
/// changes. The containers are read by all; they and the groups are the local user's.
pub(super) fn is_allowed(identity: &Identity, wish: Wish, entry: &Entry, tree: &Tree) -> bool {
    if *identity == Identity::Local {
        return true;
    }
    let Place::Within(kind) = entry.place else {
        return wish == Wish::Read;
    };
    if kind == Kind::Group {
        return wish == Wish::Read && *identity != Identity::Anonymous;
    }
    let is_listed = |list: &str| {
        entry
            .attributes
            .values(list)
            .filter_map(|value| std::str::from_utf8(value).ok())
            .any(|principal| identity.is_in(principal, tree))
    };
    let has_readers = || entry.attributes.find("rendezvousReader").is_some();
    match wish {
        Wish::Read if !has_readers() => true,
        Wish::Read => [OWNER, EDITOR, READER].into_iter().any(is_listed),
        Wish::Change => [OWNER, EDITOR].into_iter().any(is_listed),
        Wish::Rule => is_listed(OWNER),
    }
}

/// The attribute that says who may do all; set by the server alone.
pub(super) const OWNER: &str = "rendezvousOwner";
/// The attribute that says who may read.
pub(super) const READER: &str = "rendezvousReader";
/// The attribute that says who may change.
pub(super) const EDITOR: &str = "rendezvousEditor";

fn is_same(a: &str, b: &str) -> bool {
    let keys = (Dn::parse(a), Dn::parse(b));
    matches!(keys, (Some(a), Some(b)) if a.key() == b.key())
}

fn is_member(dn: &str, group: &str, tree: &Tree) -> bool {
    let group = Dn::parse(group).and_then(|name| tree.find(&name.key()));
    group.is_some_and(|group| {
        group.place == Place::Within(Kind::Group)
            && group
                .attributes
                .values("member")
                .filter_map(|member| std::str::from_utf8(member).ok())
                .any(|member| is_same(member, dn))
    })
}
