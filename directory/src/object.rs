//! What a directory holds: entries of conferences and people, whose they are, and who may do what with them.
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use crate::address::Scope;
use crate::description::{ConferenceId, Description, Time};

mod fingerprint;

pub use fingerprint::{Fingerprint, NotAFingerprint};

/// What is published.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// A conference to join.
    Conference(ConferenceEntry),
    /// A person who can be invited.
    Person(PersonEntry),
}

/// A conference. What can be told from its description is not kept beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct ConferenceEntry {
    /// The SDP.
    pub description: Arc<Description>,
    /// Who holds it, for people to read: a name or a mail address.
    pub originator: Option<String>,
    /// Who may see and join it, who may change and delete it.
    pub permissions: Permissions,
}

/// A person who is at a computer now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonEntry {
    /// What tells this person from all others in the directory; no more than 256 bytes.
    pub uid: String,
    /// For people to read.
    pub name: String,
    /// Mail address.
    pub mail: Option<String>,
    /// Where the person's computer is reached.
    pub addresses: Vec<IpAddr>,
    /// Where the person is, for people to read.
    pub location: Option<String>,
    /// What the person says of themselves.
    pub comment: Option<String>,
    /// Whether the person is in a conference, where that is told.
    pub is_in_call: Option<bool>,
    /// Whether the person's computer has a microphone, where that is told.
    pub sends_sound: Option<bool>,
    /// Whether it has a camera, where that is told.
    pub sends_pictures: Option<bool>,
}

/// Who may do what; the owner may do everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permissions {
    /// Who sees the entry, and with it may join.
    pub readers: Vec<Principal>,
    /// Who besides the owner changes and deletes it.
    pub editors: Vec<Principal>,
}

/// Somebody to whom a permission is given. As text: `everyone`, `authenticated`, `dn:DN`, `group:DN`, `key:HEX`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Principal {
    /// Whoever asks.
    Everyone,
    /// Whoever has proved to be somebody.
    Authenticated,
    /// One account, by its distinguished name.
    Account(String),
    /// The members of a group, by its distinguished name.
    Group(String),
    /// One installation of this program.
    Key(Fingerprint),
}

/// The two kinds of entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// [`ConferenceEntry`].
    Conference,
    /// [`PersonEntry`].
    Person,
}

/// Which entry is meant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ObjectId {
    /// A conference, where it is published under its id.
    Conference(ConferenceId),
    /// A person, by uid.
    Person(String),
    /// Any entry, by the name under which it was found: [`Published::name`].
    Name(Kind, String),
}

/// How an entry stands in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Its distinguished name, as the server writes it.
    pub name: String,
    /// How long it lives from now on unless it is refreshed; none where it lives until it is deleted.
    pub lifetime: Option<Duration>,
    /// Differs after each change, to see that nobody else edited meanwhile; none where the server tells nothing.
    pub revision: Option<String>,
}

/// An entry that a search or a watch gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// What is published.
    pub entry: Entry,
    /// How it stands in the directory.
    pub published: Published,
    /// Whose it is, where the server tells.
    pub owner: Option<Principal>,
    /// Whether it belongs to whoever asked, where that can be told.
    pub is_mine: Option<bool>,
}

impl Entry {
    /// Which kind it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Conference(_) => Kind::Conference,
            Self::Person(_) => Kind::Person,
        }
    }

    /// What it is published under.
    pub fn id(&self) -> ObjectId {
        match self {
            Self::Conference(conference) => ObjectId::Conference(conference.description.id()),
            Self::Person(person) => ObjectId::Person(person.uid.clone()),
        }
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        match self {
            Self::Conference(conference) => conference.name(),
            Self::Person(person) => &person.name,
        }
    }
}

impl ConferenceEntry {
    /// A conference that everybody may join and only its owner may change.
    pub fn new(description: Arc<Description>) -> Self {
        Self {
            description,
            originator: None,
            permissions: Permissions::default(),
        }
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        &self.description.name
    }

    /// How far it reaches.
    pub fn scope(&self) -> Option<Scope> {
        self.description.scope()
    }

    /// Where more can be read about it.
    pub fn url(&self) -> Option<&str> {
        self.description.uri.as_deref()
    }

    /// When it is held.
    pub fn times(&self) -> &[Time] {
        &self.description.times
    }

    /// Whether its media are encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.description.encryption().is_some()
    }
}

impl Default for Permissions {
    /// Everyone may join, nobody but the owner may change anything (P-03).
    fn default() -> Self {
        Self {
            readers: vec![Principal::Everyone],
            editors: Vec::new(),
        }
    }
}

impl ObjectId {
    /// Which kind of entry it names.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Conference(_) => Kind::Conference,
            Self::Person(_) => Kind::Person,
            Self::Name(kind, _) => *kind,
        }
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conference(id) => write!(f, "{id}"),
            Self::Person(name) | Self::Name(_, name) => f.write_str(name),
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone => f.write_str("everyone"),
            Self::Authenticated => f.write_str("authenticated"),
            Self::Account(name) => write!(f, "dn:{name}"),
            Self::Group(name) => write!(f, "group:{name}"),
            Self::Key(fingerprint) => write!(f, "key:{fingerprint}"),
        }
    }
}

impl FromStr for Principal {
    type Err = NotAPrincipal;

    fn from_str(text: &str) -> Result<Self, NotAPrincipal> {
        match text.split_once(':') {
            None if text == "everyone" => Ok(Self::Everyone),
            None if text == "authenticated" => Ok(Self::Authenticated),
            Some(("dn", name)) if !name.is_empty() => Ok(Self::Account(name.to_owned())),
            Some(("group", name)) if !name.is_empty() => Ok(Self::Group(name.to_owned())),
            Some(("key", hex)) => hex.parse().map(Self::Key).map_err(|_| NotAPrincipal),
            _ => Err(NotAPrincipal),
        }
    }
}

/// The text names nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("give everyone, authenticated, dn:NAME, group:NAME or key:FINGERPRINT")]
pub struct NotAPrincipal;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn principals_are_text_and_back() {
        let key = format!("key:{}", "0a".repeat(32));
        let texts = [
            "everyone",
            "authenticated",
            "dn:uid=ann,o=x",
            "group:cn=a:b",
        ];
        for text in texts.into_iter().chain([key.as_str()]) {
            assert_eq!(text.parse::<Principal>().unwrap().to_string(), text);
        }
        for bad in [
            "",
            "Everyone",
            "dn:",
            "group:",
            "key:0a",
            "ann",
            "everyone:",
        ] {
            assert_eq!(bad.parse::<Principal>(), Err(NotAPrincipal), "{bad}");
        }
    }

    #[test]
    fn everyone_joins_and_the_owner_edits() {
        let permissions = Permissions::default();
        assert_eq!(permissions.readers, [Principal::Everyone]);
        assert_eq!(permissions.editors, []);
    }
}
