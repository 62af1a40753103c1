//! One entry: its name, its attributes, and what the server knows about it.
pub(super) mod attributes;
pub(super) mod dn;
pub(super) mod matching;
pub(super) mod moment;
pub(super) mod place;
pub(super) mod record;
pub(super) mod schema;

use std::borrow::Cow;
use std::time::Duration;

use self::attributes::Attributes;
use self::moment::Moment;
use self::place::Place;

/// The schema of conferences and people, which the server publishes and keeps to.
const RENDEZVOUS_SCHEMA: &str = include_str!("../../../../assets/ldap/rendezvous.schema");

/// The root of everything the server holds.
pub const SUFFIX: &str = "o=rendezvous";
/// Where the schema is.
pub(super) const SUBSCHEMA: &str = "cn=Subschema";

/// Numbers an entry for as long as it lives; never used again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct EntryId(pub(super) u64);

/// One entry. A change makes a new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) id: EntryId,
    /// entryUUID, RFC 4530.
    pub(super) uuid: [u8; 16],
    /// The name as it was written by who added it.
    pub(super) dn: Box<str>,
    /// Where that is.
    pub(super) place: Place,
    pub(super) attributes: Attributes,
    pub(super) created: Moment,
    /// The name of who added it.
    pub(super) creator: Box<str>,
    pub(super) modified: Moment,
    /// The name of who changed it last.
    pub(super) modifier: Box<str>,
    /// The number of the change that made it what it is.
    pub(super) revision: u64,
    /// When it dies, unless refreshed (RFC 2589).
    pub(super) expiry: Option<Moment>,
}

/// Attributes that the server makes up, in the order in which they are sent.
pub(super) const OPERATIONAL: [&str; 11] = [
    "structuralObjectClass",
    "entryUUID",
    "entryDN",
    "entryCSN",
    "createTimestamp",
    "creatorsName",
    "modifyTimestamp",
    "modifiersName",
    "hasSubordinates",
    "subschemaSubentry",
    "entryTtl",
];

impl Entry {
    /// Whether its time is over.
    pub(super) fn is_expired(&self, now: Moment) -> bool {
        self.expiry.is_some_and(|expiry| expiry <= now)
    }

    /// How long it still lives, in seconds, rounded up.
    pub(super) fn ttl_secs(&self, now: Moment) -> Option<u64> {
        let left = now.until(self.expiry?) + Duration::from_nanos(999_999_999);
        Some(left.as_secs())
    }

    /// Whether it is of this class, by the class's name.
    pub(super) fn has_class(&self, class: &str) -> bool {
        self.attributes
            .values("objectClass")
            .any(|value| value.eq_ignore_ascii_case(class.as_bytes()))
    }

    /// The value of an attribute that the server makes up.
    pub(super) fn operational(&self, name: &str, now: Moment) -> Option<Cow<'_, str>> {
        Some(match name.to_ascii_lowercase().as_str() {
            "structuralobjectclass" => self.structural_class().into(),
            "entryuuid" => uuid_text(&self.uuid).into(),
            "entrydn" => (&*self.dn).into(),
            "entrycsn" => self.modified.csn(self.revision).into(),
            "createtimestamp" => self.created.generalized().into(),
            "creatorsname" => (&*self.creator).into(),
            "modifytimestamp" => self.modified.generalized().into(),
            "modifiersname" => (&*self.modifier).into(),
            "hassubordinates" => match self.place {
                Place::Within(_) => "FALSE".into(),
                Place::Suffix | Place::Container(_) => "TRUE".into(),
            },
            "subschemasubentry" => SUBSCHEMA.into(),
            "entryttl" => self.ttl_secs(now)?.to_string().into(),
            _ => return None,
        })
    }

    fn structural_class(&self) -> &'static str {
        let classes = [
            "rtConference",
            "rtPerson",
            "groupOfNames",
            "organizationalUnit",
        ];
        let found = classes.into_iter().find(|class| self.has_class(class));
        found.unwrap_or("organization")
    }
}

/// A UUID as text (RFC 4530 section 2.1).
pub(super) fn uuid_text(uuid: &[u8; 16]) -> String {
    let hex: String = uuid.iter().map(|byte| format!("{byte:02x}")).collect();
    let part = |range: std::ops::Range<usize>| hex.get(range).unwrap_or_default();
    let parts = [
        part(0..8),
        part(8..12),
        part(12..16),
        part(16..20),
        part(20..32),
    ];
    parts.join("-")
}
