//! An entry as it lies on disk.
use super::attributes::Attributes;
use super::dn::Dn;
use super::moment::Moment;
use super::place::Place;
use super::{Entry, EntryId};
use crate::server::protocol::ber;
use crate::wire::Reader;

/// The first byte of every record; another layout gets another number.
const VERSION: u8 = 1;

/// Packs an entry; its number is the key and not within.
pub(in crate::server) fn pack(entry: &Entry) -> Vec<u8> {
    let mut out = Vec::with_capacity(entry.attributes.as_bytes().len() + 256);
    out.push(VERSION);
    out.extend_from_slice(&entry.uuid);
    for number in [
        entry.created.0,
        entry.modified.0,
        entry.revision,
        entry.expiry.unwrap_or_default().0,
    ] {
        out.extend_from_slice(&number.to_be_bytes());
    }
    for text in [&entry.dn, &entry.creator, &entry.modifier] {
        ber::put(&mut out, ber::OCTETS, text.as_bytes());
    }
    out.extend_from_slice(entry.attributes.as_bytes());
    out
}

/// Unpacks what was packed; none if it is damaged, or of a version that is not known.
pub(in crate::server) fn unpack(id: EntryId, bytes: &[u8]) -> Option<Entry> {
    let mut reader = Reader::new(bytes);
    (reader.u8()? == VERSION).then_some(())?;
    let uuid = reader.array()?;
    let mut number = || reader.array().map(u64::from_be_bytes);
    let (created, modified, revision, expiry) = (number()?, number()?, number()?, number()?);
    let mut text = || {
        let bytes = ber::expect(&mut reader, ber::OCTETS)?;
        std::str::from_utf8(bytes).ok().map(Box::<str>::from)
    };
    let (dn, creator, modifier) = (text()?, text()?, text()?);
    Some(Entry {
        id,
        uuid,
        place: Place::of(&Dn::parse(&dn)?)?,
        dn,
        attributes: Attributes::from_bytes(reader.rest())?,
        created: Moment(created),
        creator,
        modified: Moment(modified),
        modifier,
        revision,
        expiry: (expiry != 0).then_some(Moment(expiry)),
    })
}

#[cfg(test)]
mod tests {
    use super::super::attributes::Loose;
    use super::super::place::Kind;
    use super::*;

    #[test]
    fn packed_is_unpacked() {
        let attributes = Attributes::pack(&[Loose {
            name: "cn".into(),
            values: vec![b"Ship's band".to_vec()],
        }]);
        let mut entry = Entry {
            id: EntryId(7),
            uuid: [9; 16],
            dn: "uid=1,ou=People,o=rendezvous".into(),
            place: Place::Within(Kind::Person),
            attributes,
            created: Moment(1),
            creator: "cn=local".into(),
            modified: Moment(2),
            modifier: "".into(),
            revision: 3,
            expiry: None,
        };
        assert_eq!(unpack(EntryId(7), &pack(&entry)).as_ref(), Some(&entry));
        entry.expiry = Some(Moment(4));
        let packed = pack(&entry);
        assert_eq!(unpack(EntryId(7), &packed), Some(entry));
        assert_eq!(unpack(EntryId(7), &packed[..packed.len() - 1]), None);
    }
}
