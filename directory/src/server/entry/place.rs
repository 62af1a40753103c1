//! Where entries can be: a suffix, three containers, and what is in them.
use super::dn::Dn;

/// What a container holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::server) enum Kind {
    Conference,
    Person,
    Group,
}

/// Where an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::server) enum Place {
    Suffix,
    Container(Kind),
    Within(Kind),
}

impl Kind {
    pub(in crate::server) const ALL: [Self; 3] = [Self::Conference, Self::Person, Self::Group];

    /// The name of its container.
    pub(in crate::server) fn container(self) -> &'static str {
        match self {
            Self::Conference => "ou=Conferences,o=rendezvous",
            Self::Person => "ou=People,o=rendezvous",
            Self::Group => "ou=Groups,o=rendezvous",
        }
    }

    /// The class of which each entry within must be.
    pub(in crate::server) fn class(self) -> &'static str {
        match self {
            Self::Conference => "rtConference",
            Self::Person => "rtPerson",
            Self::Group => "groupOfNames",
        }
    }
}

impl Place {
    /// Where a name is, if anything can be there.
    pub(in crate::server) fn of(dn: &Dn) -> Option<Self> {
        let key = dn.key();
        if key == "o=rendezvous" {
            return Some(Self::Suffix);
        }
        let is = |kind: &Kind, key: &str| kind.container().eq_ignore_ascii_case(key);
        if let Some(kind) = Kind::ALL.into_iter().find(|kind| is(kind, &key)) {
            return Some(Self::Container(kind));
        }
        let parent = dn.parent_key();
        let kind = Kind::ALL.into_iter().find(|kind| is(kind, &parent))?;
        Some(Self::Within(kind))
    }
}
