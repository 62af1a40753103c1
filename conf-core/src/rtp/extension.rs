//! The header extension, and the elements that RFC 8285 puts in it.
use crate::wire::Reader;

/// The header extension of a packet (RFC 3550 §5.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension<'a> {
    /// The first 16 bits, which say how to read the rest.
    pub profile: u16,
    /// The rest; a multiple of four bytes.
    pub data: &'a [u8],
}

impl<'a> Extension<'a> {
    pub(super) fn read(reader: &mut Reader<'a>) -> Option<Self> {
        let profile = reader.u16()?;
        let words = reader.u16()?;
        let data = reader.take(4 * usize::from(words))?;
        Some(Self { profile, data })
    }

    /// The elements of RFC 8285 §4.2 and §4.3; none where the profile is another.
    #[must_use]
    pub fn elements(&self) -> Elements<'a> {
        let form = match self.profile {
            ONE_BYTE => Some(Form::OneByte),
            profile if profile & 0xFFF0 == TWO_BYTE => Some(Form::TwoByte),
            _ => None,
        };
        Elements {
            form,
            reader: Reader::new(self.data),
        }
    }
}

/// One element of an extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element<'a> {
    /// The local id that `a=extmap` gives a meaning: 1 to 14 in the one-byte form, 1 to 255 in the other.
    pub id: u8,
    /// 1 to 16 bytes in the one-byte form, 0 to 255 in the other.
    pub data: &'a [u8],
}

/// Goes through the elements; stops at the first that is cut short.
#[derive(Clone, Debug)]
pub struct Elements<'a> {
    form: Option<Form>,
    reader: Reader<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Form {
    OneByte,
    TwoByte,
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        let form = self.form?;
        loop {
            let first = self.reader.u8()?;
            let (id, length) = match form {
                _ if first == PADDING => continue,
                Form::OneByte => (first >> 4, (first & 0x0F) + 1),
                Form::TwoByte => (first, self.reader.u8()?),
            };
            // RFC 8285 §4.2: id 15 ends the reading, id 0 with a length is skipped.
            if matches!(form, Form::OneByte) && id == 15 {
                return None;
            }
            let data = self.reader.take(usize::from(length))?;
            if id != 0 {
                return Some(Element { id, data });
            }
        }
    }
}

const ONE_BYTE: u16 = 0xBEDE;
const TWO_BYTE: u16 = 0x1000;
const PADDING: u8 = 0;

#[cfg(test)]
mod tests {
    use super::*;

    fn elements(profile: u16, data: &[u8]) -> Vec<(u8, Vec<u8>)> {
        let extension = Extension { profile, data };
        extension
            .elements()
            .map(|e| (e.id, e.data.to_vec()))
            .collect()
    }

    /// The figure of RFC 8285 §4.2.
    #[test]
    fn one_byte_form_with_padding_between() {
        let data = [0x10, 0xA1, 0x21, 0xB1, 0xB2, 0, 0, 0x33, 1, 2, 3, 4];
        let expected = [
            (1, vec![0xA1]),
            (2, vec![0xB1, 0xB2]),
            (3, vec![1, 2, 3, 4]),
        ];
        assert_eq!(elements(0xBEDE, &data), expected);
    }

    /// The figure of RFC 8285 §4.3: an element may be empty.
    #[test]
    fn two_byte_form_with_an_empty_element() {
        let data = [1, 0, 2, 1, 0xB1, 0, 3, 4, 1, 2, 3, 4];
        let expected = [(1, vec![]), (2, vec![0xB1]), (3, vec![1, 2, 3, 4])];
        assert_eq!(elements(0x1005, &data), expected);
    }

    #[test]
    fn id_fifteen_ends_the_one_byte_form() {
        assert_eq!(
            elements(0xBEDE, &[0x10, 9, 0xF0, 0, 0x10, 8]),
            [(1, vec![9])]
        );
    }

    #[test]
    fn what_is_cut_short_or_of_another_profile_gives_nothing() {
        assert_eq!(elements(0xBEDE, &[0x13, 1, 2, 3]), []);
        assert_eq!(elements(0x1000, &[7]), []);
        assert_eq!(elements(0x1234, &[0x10, 1]), []);
    }
}
