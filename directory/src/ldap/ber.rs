//! The little BER that is written and read by hand (X.690, restricted by RFC 4511 section 5.1).
use crate::wire::Reader;

/// Tags of RFC 4511, one byte each.
pub(super) mod tag {
    pub(in crate::ldap) const BOOLEAN: u8 = 0x01;
    pub(in crate::ldap) const INTEGER: u8 = 0x02;
    pub(in crate::ldap) const OCTET_STRING: u8 = 0x04;
    pub(in crate::ldap) const ENUMERATED: u8 = 0x0a;
    pub(in crate::ldap) const SEQUENCE: u8 = 0x30;
    pub(in crate::ldap) const SET: u8 = 0x31;
    pub(in crate::ldap) const BIND_REQUEST: u8 = 0x60;
    pub(in crate::ldap) const BIND_RESPONSE: u8 = 0x61;
    pub(in crate::ldap) const EXTENDED_REQUEST: u8 = 0x77;
    pub(in crate::ldap) const EXTENDED_RESPONSE: u8 = 0x78;

    /// `[n]`, primitive.
    pub(in crate::ldap) const fn context(number: u8) -> u8 {
        0x80 | number
    }
}

/// One element as it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    pub(super) contents: &'a [u8],
}

impl<'a> Element<'a> {
    /// The next element; `None` where there is none, or it is not whole.
    pub(super) fn read(reader: &mut Reader<'a>) -> Option<Self> {
        let mut ahead = *reader;
        let tag = ahead.u8().filter(|tag| tag & 0x1f != 0x1f)?;
        let length = read_length(&mut ahead)?;
        let contents = ahead.take(length)?;
        *reader = ahead;
        Some(Self { tag, contents })
    }

    /// The only element.
    pub(super) fn only(bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        Self::read(&mut reader).filter(|_| reader.rest().is_empty())
    }

    /// What is in it, if its tag is this one.
    pub(super) fn within(self, tag: u8) -> Option<&'a [u8]> {
        (self.tag == tag).then_some(self.contents)
    }

    /// The elements in it, if its tag is this one.
    pub(super) fn open(self, tag: u8) -> Option<Elements<'a>> {
        self.within(tag).map(Elements::new)
    }

    /// Its number, if its tag is this one and it fits.
    pub(super) fn number(self, tag: u8) -> Option<i64> {
        let contents = self.within(tag)?;
        let first = contents.first().filter(|_| contents.len() <= 8)?;
        let sign = if first & 0x80 == 0 { 0 } else { -1 };
        Some(
            contents
                .iter()
                .fold(sign, |n, byte| n << 8 | i64::from(*byte)),
        )
    }
}

/// Elements one after the other, until one is broken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Elements<'a>(Reader<'a>);

impl<'a> Elements<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(Reader::new(bytes))
    }

    /// Whether all have been read; false behind a broken one.
    pub(super) fn is_done(&self) -> bool {
        self.0.rest().is_empty()
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        Element::read(&mut self.0)
    }
}

/// Definite lengths of up to four bytes.
pub(super) fn read_length(reader: &mut Reader<'_>) -> Option<usize> {
    let first = reader.u8()?;
    match first {
        0..=0x7f => Some(usize::from(first)),
        0x81..=0x84 => {
            let bytes = reader.take(usize::from(first & 0x7f))?;
            Some(bytes.iter().fold(0, |n, byte| n << 8 | usize::from(*byte)))
        }
        _ => None,
    }
}

/// An element around these bytes.
pub(super) fn element(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = contents.len();
    let bytes = length.to_be_bytes();
    let digits: Vec<u8> = bytes.into_iter().skip_while(|byte| *byte == 0).collect();
    let mut written = vec![tag];
    match u8::try_from(length) {
        Ok(short @ 0..=0x7f) => written.push(short),
        _ => {
            // At most eight digits.
            written.push(0x80 | u8::try_from(digits.len()).unwrap_or(8));
            written.extend(digits);
        }
    }
    written.extend_from_slice(contents);
    written
}

/// A number, in as few bytes as it needs.
pub(super) fn number(tag: u8, value: i64) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let needless = |pair: &[u8]| matches!(pair, [0, 0..=0x7f] | [0xff, 0x80..=0xff]);
    let skip = bytes.windows(2).take_while(|pair| needless(pair)).count();
    element(tag, bytes.get(skip..).unwrap_or(&bytes))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lengths_of_x_690_section_8_1_3() {
        assert_eq!(element(4, b"ab"), [4, 2, b'a', b'b']);
        assert_eq!(element(4, &[0; 128])[..3], [4, 0x81, 128]);
        assert_eq!(element(4, &[0; 300])[..4], [4, 0x82, 1, 44]);
        for broken in [
            &[4u8][..],
            &[4, 0x80],
            &[4, 0x85, 0, 0, 0, 0, 1, 0],
            &[4, 0xff],
            &[4, 2, 0],
            &[0x1f, 1, 0],
        ] {
            assert_eq!(Element::only(broken), None, "{broken:?}");
        }
    }

    #[test]
    fn numbers_of_x_690_section_8_3() {
        for (value, bytes) in [
            (0, &[0u8][..]),
            (127, &[127]),
            (128, &[0, 128]),
            (256, &[1, 0]),
            (-1, &[0xff]),
            (-128, &[0x80]),
            (-129, &[0xff, 0x7f]),
        ] {
            let written = number(tag::INTEGER, value);
            assert_eq!(written[2..], *bytes, "{value}");
            let read = Element::only(&written).unwrap();
            assert_eq!(read.number(tag::INTEGER), Some(value));
        }
        let empty = Element {
            tag: tag::INTEGER,
            contents: &[],
        };
        assert_eq!(empty.number(tag::INTEGER), None);
    }

    proptest! {
        #[test]
        fn every_number_survives(value: i64) {
            let written = number(tag::ENUMERATED, value);
            let read = Element::only(&written).unwrap();
            prop_assert_eq!(read.number(tag::ENUMERATED), Some(value));
        }

        #[test]
        fn any_bytes_end(bytes: Vec<u8>) {
            Elements::new(&bytes).for_each(drop);
        }
    }
}
