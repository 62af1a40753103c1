//! Multicast DNS messages, read and written (RFC 1035 section 4, RFC 6762 section 18).
use std::net::{Ipv4Addr, Ipv6Addr};

use super::name::Name;
use crate::wire::Reader;

/// A query or a response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// Whether it answers.
    pub is_response: bool,
    /// What is asked.
    pub questions: Vec<Question>,
    /// Answers; in a query, what the asker knows already.
    pub answers: Vec<Resource>,
    /// In a query, what the asker means to claim.
    pub authorities: Vec<Resource>,
    /// What goes with the answers.
    pub additionals: Vec<Resource>,
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// About which name.
    pub name: Name,
    /// Of which type.
    pub kind: Kind,
}

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Whose it is.
    pub name: Name,
    /// Whether it takes the place of all others of that name and type (the cache-flush bit).
    pub is_unique: bool,
    /// For how many seconds it is good; 0 says that it is gone.
    pub ttl_secs: u32,
    /// What it says.
    pub data: Data,
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// IPv4 address.
    A(Ipv4Addr),
    /// IPv6 address.
    Aaaa(Ipv6Addr),
    /// Another name: an instance of a service.
    Ptr(Name),
    /// Host and port of an instance.
    Srv {
        /// TCP or UDP port.
        port: u16,
        /// The host.
        host: Name,
    },
    /// What else is to be known of it.
    Txt(Vec<Vec<u8>>),
    /// A type that is of no interest here.
    Other(u16),
}

/// The type of a record that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind(pub u16);

impl Kind {
    /// IPv4 address.
    pub const A: Self = Self(1);
    /// Another name.
    pub const PTR: Self = Self(12);
    /// Text.
    pub const TXT: Self = Self(16);
    /// IPv6 address.
    pub const AAAA: Self = Self(28);
    /// Host and port.
    pub const SRV: Self = Self(33);
    /// All of them.
    pub const ANY: Self = Self(255);

    /// Whether it asks for that.
    pub fn wants(self, data: &Data) -> bool {
        self == Self::ANY || self.0 == data.number()
    }
}

impl Data {
    fn number(&self) -> u16 {
        match self {
            Self::A(_) => Kind::A.0,
            Self::Aaaa(_) => Kind::AAAA.0,
            Self::Ptr(_) => Kind::PTR.0,
            Self::Srv { .. } => Kind::SRV.0,
            Self::Txt(_) => Kind::TXT.0,
            Self::Other(number) => *number,
        }
    }
}

impl Message {
    /// Reads one datagram; nothing if it is damaged or no message that mDNS uses (RFC 6762 sections 18.3 and 18.11).
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let _id = reader.u16()?;
        let flags = reader.u16()?;
        if flags & (OPCODE | RCODE) != 0 {
            return None;
        }
        let counts: [u16; 4] = [reader.u16()?, reader.u16()?, reader.u16()?, reader.u16()?];
        let [questions, answers, authorities, additionals] = counts;
        let mut message = Self {
            is_response: flags & RESPONSE != 0,
            ..Self::default()
        };
        for _ in 0..questions {
            let name = Name::read(bytes, &mut reader)?;
            let kind = Kind(reader.u16()?);
            let _class = reader.u16()?;
            message.questions.push(Question { name, kind });
        }
        let sections = [
            (&mut message.answers, answers),
            (&mut message.authorities, authorities),
            (&mut message.additionals, additionals),
        ];
        for (section, count) in sections {
            for _ in 0..count {
                section.push(Resource::read(bytes, &mut reader)?);
            }
        }
        Some(message)
    }

    /// Writes the message.
    pub fn to_bytes(&self) -> Vec<u8> {
        let flags = if self.is_response {
            RESPONSE | AUTHORITATIVE
        } else {
            0
        };
        let mut out = Vec::with_capacity(512);
        out.extend(0u16.to_be_bytes());
        out.extend(flags.to_be_bytes());
        let lengths = [
            self.questions.len(),
            self.answers.len(),
            self.authorities.len(),
            self.additionals.len(),
        ];
        for length in lengths {
            out.extend(u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes());
        }
        for question in &self.questions {
            question.name.write(&mut out);
            out.extend(question.kind.0.to_be_bytes());
            out.extend(INTERNET.to_be_bytes());
        }
        let records = self
            .answers
            .iter()
            .chain(&self.authorities)
            .chain(&self.additionals);
        records.for_each(|record| record.write(&mut out));
        out
    }
}

impl Resource {
    fn read<'a>(message: &'a [u8], reader: &mut Reader<'a>) -> Option<Self> {
        let name = Name::read(message, reader)?;
        let (kind, class) = (reader.u16()?, reader.u16()?);
        let ttl_secs = u32::from_be_bytes(reader.array()?);
        let length = reader.u16()?;
        let end = reader.rest().len().checked_sub(length.into())?;
        let data = Data::read(kind, message, *reader, length.into());
        reader.take(length.into())?;
        let is_whole = reader.rest().len() == end;
        let data = if class & !UNIQUE == INTERNET {
            data
        } else {
            Some(Data::Other(kind))
        };
        Some(Self {
            name,
            is_unique: class & UNIQUE != 0,
            ttl_secs,
            data: data.filter(|_| is_whole)?,
        })
    }

    fn write(&self, out: &mut Vec<u8>) {
        self.name.write(out);
        out.extend(self.data.number().to_be_bytes());
        let class = if self.is_unique {
            INTERNET | UNIQUE
        } else {
            INTERNET
        };
        out.extend(class.to_be_bytes());
        out.extend(self.ttl_secs.to_be_bytes());
        let mut data = Vec::new();
        self.data.write(&mut data);
        out.extend(u16::try_from(data.len()).unwrap_or(u16::MAX).to_be_bytes());
        out.extend(data);
    }
}

impl Data {
    fn read<'a>(
        kind: u16,
        message: &'a [u8],
        mut reader: Reader<'a>,
        length: usize,
    ) -> Option<Self> {
        Some(match Kind(kind) {
            Kind::A if length == 4 => Self::A(reader.array::<4>()?.into()),
            Kind::AAAA if length == 16 => Self::Aaaa(reader.array::<16>()?.into()),
            Kind::A | Kind::AAAA => return None,
            Kind::PTR => Self::Ptr(Name::read(message, &mut reader)?),
            Kind::SRV => {
                let (_priority, _weight, port) = (reader.u16()?, reader.u16()?, reader.u16()?);
                let host = Name::read(message, &mut reader)?;
                Self::Srv { port, host }
            }
            Kind::TXT => {
                let mut strings = Reader::new(reader.take(length)?);
                let mut texts = Vec::new();
                while !strings.rest().is_empty() {
                    let length = strings.u8()?;
                    texts.push(strings.take(length.into())?.to_vec());
                }
                Self::Txt(texts)
            }
            Kind(other) => Self::Other(other),
        })
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::A(address) => out.extend(address.octets()),
            Self::Aaaa(address) => out.extend(address.octets()),
            Self::Ptr(name) => name.write(out),
            Self::Srv { port, host } => {
                out.extend([0; 4]);
                out.extend(port.to_be_bytes());
                host.write(out);
            }
            // "A TXT record is never empty" (RFC 6763 section 6.1).
            Self::Txt(texts) if texts.is_empty() => out.push(0),
            Self::Txt(texts) => {
                for text in texts {
                    let text = text.get(..255).unwrap_or(text);
                    out.push(u8::try_from(text.len()).unwrap_or(u8::MAX));
                    out.extend(text);
                }
            }
            Self::Other(_) => {}
        }
    }
}

const RESPONSE: u16 = 0x8000;
const AUTHORITATIVE: u16 = 0x0400;
const OPCODE: u16 = 0x7800;
const RCODE: u16 = 0x000f;
const INTERNET: u16 = 1;
/// The top bit of the class: in a record, cache-flush; in a question, an answer by unicast is welcome.
const UNIQUE: u16 = 0x8000;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(text: &str) -> Name {
        Name::new(text.split('.')).unwrap()
    }

    #[test]
    fn a_query_both_ways() {
        let message = Message {
            questions: vec![Question {
                name: name("_ldap._tcp.local"),
                kind: Kind::PTR,
            }],
            ..Message::default()
        };
        let bytes = b"\0\0\0\0\0\x01\0\0\0\0\0\0\x05_ldap\x04_tcp\x05local\0\0\x0c\0\x01";
        assert_eq!(message.to_bytes(), bytes);
        assert_eq!(Message::parse(bytes), Some(message));
    }

    #[test]
    fn a_response_with_every_type_both_ways() {
        let host = name("h.local");
        let record = |data, is_unique| Resource {
            name: host.clone(),
            is_unique,
            ttl_secs: 120,
            data,
        };
        let message = Message {
            is_response: true,
            answers: vec![
                record(Data::A([10, 0, 0, 1].into()), true),
                record(Data::Aaaa("fd00::1".parse().unwrap()), true),
                record(Data::Ptr(name("i.local")), false),
            ],
            additionals: vec![
                record(
                    Data::Srv {
                        port: 389,
                        host: host.clone(),
                    },
                    true,
                ),
                record(Data::Txt(vec![b"a=b".to_vec(), b"c".to_vec()]), true),
            ],
            ..Message::default()
        };
        let owner = b"\x01h\x05local\0";
        let bytes = [
            &b"\0\0\x84\0\0\0\0\x03\0\0\0\x02"[..],
            owner,
            b"\0\x01\x80\x01\0\0\0\x78\0\x04\x0a\0\0\x01",
            owner,
            b"\0\x1c\x80\x01\0\0\0\x78\0\x10\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01",
            owner,
            b"\0\x0c\0\x01\0\0\0\x78\0\x09\x01i\x05local\0",
            owner,
            b"\0\x21\x80\x01\0\0\0\x78\0\x0f\0\0\0\0\x01\x85\x01h\x05local\0",
            owner,
            b"\0\x10\x80\x01\0\0\0\x78\0\x06\x03a=b\x01c",
        ]
        .concat();
        assert_eq!(message.to_bytes(), bytes);
        assert_eq!(Message::parse(&bytes), Some(message));
    }

    #[test]
    fn damaged_messages_are_none() {
        assert_eq!(Message::parse(b"\0\0\0\0\0\x01\0\0\0\0\0"), None);
        assert_eq!(
            Message::parse(b"\0\0\x28\0\0\0\0\0\0\0\0\0"),
            None,
            "another opcode"
        );
        let short_address = b"\0\0\x84\0\0\0\0\x01\0\0\0\0\0\0\x01\0\x01\0\0\0\0\0\x03\x0a\0\0";
        assert_eq!(Message::parse(short_address), None);
    }

    proptest! {
        #[test]
        fn any_bytes_never_panic(counts in prop::array::uniform4(0u8..4), rest in prop::collection::vec(any::<u8>(), 0..120)) {
            let mut bytes = vec![0; 4];
            counts.into_iter().for_each(|count| bytes.extend([0, count]));
            bytes.extend(rest);
            if let Some(message) = Message::parse(&bytes) {
                let again = Message::parse(&message.to_bytes()).unwrap();
                prop_assert_eq!(again.questions, message.questions);
                prop_assert_eq!(again.answers.len(), message.answers.len());
            }
        }
    }
}
