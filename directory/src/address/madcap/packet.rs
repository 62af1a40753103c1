//! A message, read and written (RFC 2730 section 2.1).
use std::net::IpAddr;

use thiserror::Error;

use super::lease_id::LeaseId;
use super::options::{Options, code};
use super::refusal::Refusal;
use super::rules::{self, Reply};
use crate::wire::Reader;

/// What a message is for (RFC 2730 section 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MessageKind {
    /// Client to all servers: who can do this?
    Discover,
    /// Server: I can, and hold addresses for you.
    Offer,
    /// Client: do it.
    Request,
    /// Client: change this lease's times.
    Renew,
    /// Server: done.
    Ack,
    /// Server: not done.
    Nak,
    /// Client: end this lease.
    Release,
    /// Client: tell me of your scopes and features.
    GetInfo,
}

/// The protocol of the addresses in a message, by IANA's address family numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// IPv4, 1.
    V4,
    /// IPv6, 2.
    V6,
}

/// One message.
///
/// A parsed one has been checked: its version is 0, each option occurs once and is well-formed, the options that
/// its kind must have are there and none that it must not have (Table 5), and times come with the sender's clock.
/// What an ACK must have depends on what it answers: see [`Packet::answers`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// What it is for.
    pub kind: MessageKind,
    /// Which addresses are in it.
    pub family: Family,
    /// Transaction identifier: an answer has the question's.
    pub xid: u32,
    /// What it says.
    pub options: Options,
}

/// Why bytes are not a message that can be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PacketError {
    /// Too short for a header.
    #[error("the message ends inside its header, after {0} bytes")]
    Truncated(usize),
    /// A version that nobody has defined.
    #[error("MADCAP version {0} is unknown")]
    UnknownVersion(u8),
    /// The options do not fit into each other, or do not end with the End option.
    #[error("the options are damaged")]
    DamagedOptions,
    /// Otherwise as above, but it can be answered.
    #[error("the message breaks the protocol's rules at option {:?}", .0.option)]
    NotConforming(NotConforming),
}

/// What is needed to answer a message that breaks the rules with a NAK.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotConforming {
    /// What it is for, as far as that is known. A NAK is never answered.
    pub kind: Option<MessageKind>,
    /// The number that stands for the address family.
    pub family: u16,
    /// The transaction.
    pub xid: u32,
    /// The lease, if one is named.
    pub lease_id: Option<LeaseId>,
    /// The option at fault, where it is one.
    pub option: Option<u16>,
}

impl Packet {
    /// Reads one datagram.
    pub fn parse(bytes: &[u8]) -> Result<Self, PacketError> {
        let header = Header::parse(bytes)?;
        let raw = split_options(header.options).ok_or(PacketError::DamagedOptions)?;
        let lease_id = raw.iter().find(|(code, _)| *code == code::LEASE_ID);
        let lease_id = lease_id.and_then(|(_, value)| LeaseId::new(value));
        let not_conforming = |option| {
            PacketError::NotConforming(NotConforming {
                kind: header.kind,
                family: header.family,
                xid: header.xid,
                lease_id: lease_id.clone(),
                option,
            })
        };
        let kind = header.kind.ok_or_else(|| not_conforming(None))?;
        let family = Family::from_number(header.family);
        let family = family.ok_or_else(|| not_conforming(None))?;
        let options = read_options(family, &raw).map_err(|code| not_conforming(Some(code)))?;
        rules::check(kind, &options).map_err(|code| not_conforming(Some(code)))?;
        Ok(Self {
            kind,
            family,
            xid: header.xid,
            options,
        })
    }

    /// Writes the message.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION, self.kind.number()];
        bytes.extend(self.family.number().to_be_bytes());
        bytes.extend(self.xid.to_be_bytes());
        self.options.write(&mut bytes);
        bytes
    }

    /// Whether this is an answer to such a request, by kind and by what such an answer must and must not say.
    pub fn answers(&self, reply: Reply) -> bool {
        rules::check_reply(self.kind, reply, &self.options)
    }
}

impl NotConforming {
    /// Says so, if it can be said: only a message with a lease identifier can be answered, and a NAK never is.
    pub fn nak(&self, server: IpAddr) -> Option<Vec<u8>> {
        if self.kind == Some(MessageKind::Nak) {
            return None;
        }
        let options = Options {
            server: Some(server),
            lease_id: Some(self.lease_id.clone()?),
            refusal: Some(Refusal::Invalid(self.option)),
            ..Options::default()
        };
        let mut bytes = vec![VERSION, MessageKind::Nak.number()];
        bytes.extend(self.family.to_be_bytes());
        bytes.extend(self.xid.to_be_bytes());
        options.write(&mut bytes);
        Some(bytes)
    }
}

impl MessageKind {
    const ALL: [Self; 8] = [
        Self::Discover,
        Self::Offer,
        Self::Request,
        Self::Renew,
        Self::Ack,
        Self::Nak,
        Self::Release,
        Self::GetInfo,
    ];

    /// Table 2 of RFC 2730.
    pub(super) const fn number(self) -> u8 {
        match self {
            Self::Discover => 1,
            Self::Offer => 2,
            Self::Request => 3,
            Self::Renew => 4,
            Self::Ack => 5,
            Self::Nak => 6,
            Self::Release => 7,
            Self::GetInfo => 8,
        }
    }

    fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }
}

impl Family {
    /// That of an address.
    pub const fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::V4,
            IpAddr::V6(_) => Self::V6,
        }
    }

    pub(super) const fn number(self) -> u16 {
        match self {
            Self::V4 => 1,
            Self::V6 => 2,
        }
    }

    pub(super) fn from_number(number: u16) -> Option<Self> {
        match number {
            1 => Some(Self::V4),
            2 => Some(Self::V6),
            _ => None,
        }
    }

    pub(super) fn read(self, reader: &mut Reader<'_>) -> Option<IpAddr> {
        match self {
            Self::V4 => reader.array::<4>().map(IpAddr::from),
            Self::V6 => reader.array::<16>().map(IpAddr::from),
        }
    }
}

struct Header<'a> {
    kind: Option<MessageKind>,
    family: u16,
    xid: u32,
    options: &'a [u8],
}

impl<'a> Header<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, PacketError> {
        let truncated = || PacketError::Truncated(bytes.len());
        if bytes.len() < SHORTEST {
            return Err(truncated());
        }
        let mut reader = Reader::new(bytes);
        let version = reader.u8().ok_or_else(truncated)?;
        if version != VERSION {
            return Err(PacketError::UnknownVersion(version));
        }
        let kind = MessageKind::from_number(reader.u8().ok_or_else(truncated)?);
        let family = reader.u16().ok_or_else(truncated)?;
        let xid = reader.array().ok_or_else(truncated)?;
        Ok(Self {
            kind,
            family,
            xid: u32::from_be_bytes(xid),
            options: reader.rest(),
        })
    }
}

/// Splits the options, of which the last, and only the last, is the End option.
fn split_options(bytes: &[u8]) -> Option<Vec<(u16, &[u8])>> {
    let mut reader = Reader::new(bytes);
    let mut options = Vec::new();
    loop {
        let code = reader.u16()?;
        let length = reader.u16()?;
        let value = reader.take(length.into())?;
        if code == code::END {
            let is_end = length == 0 && reader.rest().is_empty();
            return is_end.then_some(options);
        }
        options.push((code, value));
    }
}

/// The code of the option at fault, if one is.
fn read_options(family: Family, raw: &[(u16, &[u8])]) -> Result<Options, u16> {
    let mut options = Options::default();
    for (position, (code, value)) in raw.iter().enumerate() {
        let mut earlier = raw.iter().take(position);
        let is_repeated = *code <= code::ERROR && earlier.any(|(other, _)| other == code);
        if is_repeated {
            return Err(*code);
        }
        options.read(family, *code, value).ok_or(*code)?;
    }
    Ok(options)
}

const VERSION: u8 = 0;
/// Any shorter message must be ignored (RFC 2730 section 2.1).
const SHORTEST: usize = 12;
