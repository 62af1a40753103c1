//! Source description: who the members are (RFC 3550 §6.5).
use std::str::FromStr;

use media::rtp_time::Ssrc;

use super::header::{self, RawPacket, write_packet};
use crate::wire::{Put as _, Reader, low8};

/// The items of RFC 3550 §6.5.1 to §6.5.8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum SdesItem {
    /// Canonical name: the same for all that one person sends, and unique.
    Cname = 1,
    /// The person's name.
    Name = 2,
    /// E-mail address.
    Email = 3,
    /// Telephone number.
    Phone = 4,
    /// Where the person is.
    Location = 5,
    /// The program.
    Tool = 6,
    /// A passing remark, such as "on the phone".
    Note = 7,
    /// Private extension. Its text is `prefix=value`; the prefix says whose extension it is.
    Private = 8,
}

impl SdesItem {
    /// All eight, in the order of their numbers.
    pub const ALL: [Self; 8] = [
        Self::Cname,
        Self::Name,
        Self::Email,
        Self::Phone,
        Self::Location,
        Self::Tool,
        Self::Note,
        Self::Private,
    ];

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The item of this number, if it is one of the eight.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|item| item.number() == number)
    }

    /// The RFC's name for it, in lower case.
    #[must_use]
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::Cname => "cname",
            Self::Name => "name",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Location => "loc",
            Self::Tool => "tool",
            Self::Note => "note",
            Self::Private => "priv",
        }
    }

    /// Bytes that this text takes in a chunk.
    #[must_use]
    pub fn wire_bytes(self, text: &str) -> usize {
        2 + self.kept(text).len()
    }

    /// The text as far as it fits: 255 bytes on the wire, ended between characters.
    #[must_use]
    pub fn kept(self, text: &str) -> &str {
        // A private item has a length byte before its prefix, where the text has `=` after it: the same size,
        // unless there is no prefix.
        let limit = match self {
            Self::Private if !text.contains('=') => MAX_TEXT_BYTES - 1,
            _ => MAX_TEXT_BYTES,
        };
        text.split_at(text.floor_char_boundary(limit)).0
    }

    fn write(self, out: &mut Vec<u8>, text: &str) {
        let text = self.kept(text);
        out.put_u8(self.number());
        if self == Self::Private {
            let (prefix, value) = text.split_once('=').unwrap_or(("", text));
            out.put_u8(low8(1 + prefix.len() + value.len()));
            out.put_u8(low8(prefix.len()));
            out.extend_from_slice(prefix.as_bytes());
            out.extend_from_slice(value.as_bytes());
        } else {
            out.put_u8(low8(text.len()));
            out.extend_from_slice(text.as_bytes());
        }
    }

    /// The text of an item as it came; what is not UTF-8 is replaced.
    pub(crate) fn text(self, data: &[u8]) -> Option<String> {
        if self != Self::Private {
            return Some(String::from_utf8_lossy(data).into_owned());
        }
        let mut reader = Reader::new(data);
        let length = usize::from(reader.u8()?);
        let prefix = String::from_utf8_lossy(reader.take(length)?);
        Some(format!(
            "{prefix}={}",
            String::from_utf8_lossy(reader.rest())
        ))
    }
}

/// A keyword that names no item.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("not one of cname, name, email, phone, loc, tool, note, priv")]
pub struct UnknownItem;

impl FromStr for SdesItem {
    type Err = UnknownItem;

    fn from_str(keyword: &str) -> Result<Self, UnknownItem> {
        Self::ALL
            .into_iter()
            .find(|item| item.keyword().eq_ignore_ascii_case(keyword))
            .ok_or(UnknownItem)
    }
}

/// A source description of which it has been checked that every chunk and item lies within it.
#[derive(Clone, Copy, Debug)]
pub struct Sdes<'a> {
    body: &'a [u8],
    count: u8,
}

/// One source's items.
#[derive(Clone, Copy, Debug)]
pub struct SdesChunk<'a> {
    /// Whose they are.
    pub ssrc: Ssrc,
    items: &'a [u8],
}

impl<'a> Sdes<'a> {
    pub(super) fn read(raw: RawPacket<'a>) -> Option<Self> {
        let sdes = Self {
            body: raw.body,
            count: raw.count,
        };
        (sdes.chunks().count() == usize::from(raw.count)).then_some(sdes)
    }

    /// The chunks, at most 31.
    pub fn chunks(&self) -> impl Iterator<Item = SdesChunk<'a>> + use<'a> {
        let mut reader = Reader::new(self.body);
        let chunks = std::iter::from_fn(move || SdesChunk::read(&mut reader));
        chunks.take(usize::from(self.count))
    }

    /// Appends a description of one source.
    pub(super) fn write<'t>(
        out: &mut Vec<u8>,
        ssrc: Ssrc,
        items: impl IntoIterator<Item = (SdesItem, &'t str)>,
    ) {
        write_packet(out, 1, header::SDES, |out| {
            out.put_u32(ssrc.0);
            for (item, text) in items {
                item.write(out, text);
            }
            out.put_u8(END_OF_ITEMS);
        });
    }
}

impl<'a> SdesChunk<'a> {
    /// Items that RFC 3550 does not know are left out, and those whose inner lengths do not agree.
    pub fn items(&self) -> impl Iterator<Item = (SdesItem, String)> + use<'a> {
        self.raw_items()
            .filter_map(|(item, data)| Some((item, item.text(data)?)))
    }

    /// The same, as their bytes are.
    pub(crate) fn raw_items(&self) -> impl Iterator<Item = (SdesItem, &'a [u8])> + use<'a> {
        let mut reader = Reader::new(self.items);
        let items = std::iter::from_fn(move || {
            let number = reader.u8()?;
            let length = reader.u8()?;
            Some((number, reader.take(usize::from(length))?))
        });
        items.filter_map(|(number, data)| Some((SdesItem::from_number(number)?, data)))
    }

    /// A chunk ends with a zero and is filled up to a whole word; the end of the packet also ends the last.
    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        let ssrc = Ssrc(reader.u32()?);
        let items = *reader;
        let mut length = 0;
        while !reader.is_empty() && reader.u8()? != END_OF_ITEMS {
            let item = usize::from(reader.u8()?);
            reader.take(item)?;
            length += 2 + item;
        }
        // Packets are whole words, so what is missing to a whole word is also what remains of this one.
        reader.take(reader.remaining() % 4)?;
        Some(Self {
            ssrc,
            items: items.rest().split_at_checked(length)?.0,
        })
    }
}

const MAX_TEXT_BYTES: usize = 255;
const END_OF_ITEMS: u8 = 0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_section_twelve() {
        // RFC 3550 §12.2, typed a second time.
        let table = "CNAME 1 NAME 2 EMAIL 3 PHONE 4 LOC 5 TOOL 6 NOTE 7 PRIV 8";
        let mut words = table.split(' ');
        let mut rows = 0;
        while let (Some(keyword), Some(number)) = (words.next(), words.next()) {
            let item: SdesItem = keyword.parse().unwrap();
            assert_eq!(item.number().to_string(), number);
            assert_eq!(SdesItem::from_number(item.number()), Some(item));
            rows += 1;
        }
        assert_eq!(rows, SdesItem::ALL.len());
        assert_eq!(SdesItem::from_number(9), None);
        assert_eq!("h323".parse::<SdesItem>(), Err(UnknownItem));
    }

    #[test]
    fn private_item_has_its_prefix_counted() {
        let mut out = Vec::new();
        Sdes::write(&mut out, Ssrc(1), [(SdesItem::Private, "x=yz")]);
        assert_eq!(
            out,
            [0x81, 202, 0, 3, 0, 0, 0, 1, 8, 4, 1, b'x', b'y', b'z', 0, 0]
        );
        let raw = RawPacket::read(&mut Reader::new(&out)).unwrap();
        let chunk = Sdes::read(raw).unwrap().chunks().next().unwrap();
        assert_eq!(
            chunk.items().next(),
            Some((SdesItem::Private, "x=yz".to_owned()))
        );
    }

    #[test]
    fn text_ends_between_characters_at_255_bytes() {
        let long = "é".repeat(200);
        assert_eq!(SdesItem::Note.kept(&long).len(), 254);
        assert_eq!(SdesItem::Note.wire_bytes(&long), 256);
        let plain = "a".repeat(300);
        assert_eq!(SdesItem::Name.kept(&plain).len(), 255);
        assert_eq!(SdesItem::Private.kept(&plain).len(), 254);
    }

    #[test]
    fn two_chunks_each_fill_a_whole_word() {
        let body = [
            0, 0, 0, 1, 1, 1, b'a', 0, // a chunk that ends on the word
            0, 0, 0, 2, 1, 2, b'b', b'c', 0, 0, 0, 0, // one with four zeros
        ];
        let sdes = Sdes {
            body: &body,
            count: 2,
        };
        let all: Vec<_> = sdes
            .chunks()
            .map(|c| (c.ssrc.0, c.items().next().unwrap().1))
            .collect();
        assert_eq!(all, [(1, "a".to_owned()), (2, "bc".to_owned())]);
    }

    #[test]
    fn item_longer_than_its_packet_spoils_it() {
        let raw = RawPacket {
            version: 2,
            is_padded: false,
            count: 1,
            kind: header::SDES,
            body: &[0, 0, 0, 1, 1, 3, b'a', 0],
        };
        assert!(Sdes::read(raw).is_none());
    }
}
