//! What a server tells who watches (RFC 4533): read here rather than by the library, which panics at what is malformed.
use ldap3::ResultEntry;

use super::ber::{Element, Elements, tag};

/// Sync Request control.
pub(super) const REQUEST_OID: &str = "1.3.6.1.4.1.4203.1.9.1.1";
/// Sync State control.
const STATE_OID: &str = "1.3.6.1.4.1.4203.1.9.1.2";
/// Sync Info message.
const INFO_OID: &[u8] = b"1.3.6.1.4.1.4203.1.9.1.4";
/// What a message or control may name at most, as RFC 4533 leaves it open.
const MAX_NAMED: usize = 100_000;

/// RFC 4122's 16 bytes.
pub(super) type Uuid = [u8; 16];

/// What an entry's control says of it (RFC 4533 section 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It is there, as before.
    Present,
    /// It is there: new or changed.
    Added,
    /// It is no more.
    Deleted,
}

/// What a message between entries says (RFC 4533 section 2.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Info {
    /// A mark to go on from, which is not used.
    Cookie,
    /// A part of the first telling is over; with `is_done` all of it.
    Refreshed {
        /// Whether changes follow.
        is_done: bool,
    },
    /// These are there as before, or no more.
    Set {
        /// No more.
        are_deleted: bool,
        /// Which.
        uuids: Vec<Uuid>,
    },
}

/// What is told of an entry, and which it is; `None` where that cannot be read.
pub(super) fn state_of(item: &ResultEntry) -> Option<(State, Uuid)> {
    let mut controls = item.1.iter().map(|control| &control.1);
    let control = controls.find(|control| control.ctype == STATE_OID)?;
    read_state(control.val.as_deref()?)
}

/// What a message between entries says; `None` where it is another, or cannot be read.
pub(super) fn info_of(item: ResultEntry) -> Option<Info> {
    let (mut name, mut value) = (None, None);
    for part in item.0.expect_constructed()? {
        match part.id {
            0 => name = part.expect_primitive(),
            1 => value = part.expect_primitive(),
            _ => return None,
        }
    }
    name.filter(|name| name == INFO_OID)?;
    read_info(&value?)
}

pub(super) fn read_state(bytes: &[u8]) -> Option<(State, Uuid)> {
    let mut parts = Element::only(bytes)?.open(tag::SEQUENCE)?;
    let state = match parts.next()?.number(tag::ENUMERATED)? {
        0 => State::Present,
        1 | 2 => State::Added,
        3 => State::Deleted,
        _ => return None,
    };
    let uuid = parts.next()?.within(tag::OCTET_STRING)?;
    Some((state, uuid.try_into().ok()?))
}

pub(super) fn read_info(bytes: &[u8]) -> Option<Info> {
    let value = Element::only(bytes)?;
    let parts = || Elements::new(value.contents);
    let flag = |default| {
        let mut flags = parts().filter_map(|part| part.within(tag::BOOLEAN));
        flags.next().map_or(default, |flag| flag != [0])
    };
    match value.tag {
        0x80 => Some(Info::Cookie),
        0xa1 | 0xa2 => Some(Info::Refreshed {
            is_done: flag(true),
        }),
        0xa3 => {
            let mut sets = parts().filter_map(|part| part.open(tag::SET));
            let named = sets.next()?.take(MAX_NAMED);
            let uuids: Option<Vec<Uuid>> = named
                .map(|uuid| uuid.within(tag::OCTET_STRING)?.try_into().ok())
                .collect();
            Some(Info::Set {
                are_deleted: flag(false),
                uuids: uuids?,
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const UUID: Uuid = *b"0123456789abcdef";

    #[test]
    fn states_of_rfc_4533_section_2_3() {
        let written = |state: u8| [&[0x30, 21, 10, 1, state, 4, 16][..], &UUID].concat();
        let read = |state| read_state(&written(state)).map(|(state, _)| state);
        assert_eq!(read_state(&written(1)), Some((State::Added, UUID)));
        assert_eq!(read(0), Some(State::Present));
        assert_eq!(read(2), Some(State::Added));
        assert_eq!(read(3), Some(State::Deleted));
        assert_eq!(read(4), None);
        assert_eq!(read_state(&written(1)[..20]), None);
        let with_cookie = [&[0x30, 24, 10, 1, 1, 4, 16][..], &UUID, &[4, 1, b'c']].concat();
        assert_eq!(read_state(&with_cookie), Some((State::Added, UUID)));
    }

    #[test]
    fn infos_of_rfc_4533_section_2_5() {
        assert_eq!(read_info(b"\x80\x01c"), Some(Info::Cookie));
        let done = Some(Info::Refreshed { is_done: true });
        assert_eq!(read_info(b"\xa1\x00"), done);
        assert_eq!(read_info(b"\xa2\x03\x04\x01c"), done);
        let more = Some(Info::Refreshed { is_done: false });
        assert_eq!(read_info(b"\xa2\x06\x04\x01c\x01\x01\x00"), more);
        let set = [&b"\xa3\x17\x01\x01\xff\x31\x12\x04\x10"[..], &UUID].concat();
        let (are_deleted, uuids) = (true, vec![UUID]);
        assert_eq!(read_info(&set), Some(Info::Set { are_deleted, uuids }));
        for bad in [
            &b""[..],
            b"\xa3\x00",
            b"\xa4\x00",
            b"\x30\x00",
            b"\xa3\x05\x31\x03\x04\x01a",
        ] {
            assert_eq!(read_info(bad), None, "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_not(bytes: Vec<u8>) {
            let _: (Option<_>, Option<_>) = (read_state(&bytes), read_info(&bytes));
        }
    }
}
