//! The options of a message, read and written (RFC 2730 section 3).
use std::net::IpAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::feature::Features;
use super::lease_id::LeaseId;
use super::packet::Family;
use super::refusal::Refusal;
use super::scope_list::{self, MulticastScope};
use crate::wire::Reader;

/// What a message may say. Each option occurs at most once; which must and may occur, the rules tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// How long the lease is to last, or lasts, in seconds from its start.
    pub lease_secs: Option<u32>,
    /// The server that answers, or that is meant.
    pub server: Option<IpAddr>,
    /// Which lease.
    pub lease_id: Option<LeaseId>,
    /// The first address of the scope.
    pub scope: Option<IpAddr>,
    /// Codes of the options that a client would like to be told.
    pub requested: Option<Vec<u16>>,
    /// When the lease begins.
    pub start: Option<UnixTime>,
    /// How many addresses.
    pub count: Option<Count>,
    /// The language in which a client would like names.
    pub language: Option<String>,
    /// All scopes.
    pub scopes: Option<Vec<MulticastScope>>,
    /// The addresses that are leased, or wished for.
    pub ranges: Option<Vec<AddressRange>>,
    /// What the sender's clock shows.
    pub now: Option<UnixTime>,
    /// Optional features.
    pub features: Option<Features>,
    /// When to ask again.
    pub retry_at: Option<UnixTime>,
    /// The shortest lease of use to the client, in seconds.
    pub min_lease_secs: Option<u32>,
    /// The latest start of use to the client.
    pub max_start: Option<UnixTime>,
    /// Why not.
    pub refusal: Option<Refusal>,
}

/// Seconds since 1970, until the year 2106.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct UnixTime(pub u32);

/// The Number of Addresses Requested: `min` is not above `desired`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// Fewer are of no use.
    pub min: u16,
    /// More are not wanted.
    pub desired: u16,
}

/// Consecutive addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressRange {
    /// The first of them.
    pub first: IpAddr,
    /// How many.
    pub count: u16,
}

/// Codes of the options (RFC 2730 sections 3.1 to 3.17).
pub mod code {
    #![allow(missing_docs, reason = "the names are the standard's")]
    pub const END: u16 = 0;
    pub const LEASE_TIME: u16 = 1;
    pub const SERVER: u16 = 2;
    pub const LEASE_ID: u16 = 3;
    pub const SCOPE: u16 = 4;
    pub const OPTION_REQUEST: u16 = 5;
    pub const START_TIME: u16 = 6;
    pub const COUNT: u16 = 7;
    pub const LANGUAGE: u16 = 8;
    pub const SCOPE_LIST: u16 = 9;
    pub const RANGES: u16 = 10;
    pub const CURRENT_TIME: u16 = 11;
    pub const FEATURES: u16 = 12;
    pub const RETRY_TIME: u16 = 13;
    pub const MIN_LEASE_TIME: u16 = 14;
    pub const MAX_START_TIME: u16 = 15;
    pub const ERROR: u16 = 16;
}

impl UnixTime {
    /// Whole seconds; what lies outside is brought to the nearer end.
    pub fn from_wall(wall: SystemTime) -> Self {
        let since = wall.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(u32::try_from(since.as_secs()).unwrap_or(u32::MAX))
    }

    /// The same moment on the wall clock.
    pub fn to_wall(self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(self.0.into())
    }

    /// So many seconds later, or the last moment.
    pub fn plus_secs(self, secs: u32) -> Self {
        Self(self.0.saturating_add(secs))
    }

    /// So many seconds earlier, or the first moment.
    pub fn minus_secs(self, secs: u32) -> Self {
        Self(self.0.saturating_sub(secs))
    }

    /// Seconds from then to now, or none.
    pub fn secs_since(self, then: Self) -> u32 {
        self.0.saturating_sub(then.0)
    }
}

impl AddressRange {
    /// All of them, as far as addresses go.
    pub fn addresses(self) -> impl Iterator<Item = IpAddr> {
        (0..self.count).map_while(move |step| plus(self.first, step))
    }

    /// The fewest ranges with these addresses.
    pub fn from_addresses(addresses: &[IpAddr]) -> Vec<Self> {
        let mut sorted = addresses.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let mut ranges: Vec<Self> = Vec::new();
        for address in sorted {
            match ranges.last_mut() {
                Some(last) if plus(last.first, last.count) == Some(address) => last.count += 1,
                _ => ranges.push(Self {
                    first: address,
                    count: 1,
                }),
            }
        }
        ranges
    }
}

impl Options {
    /// Reads the value of one option; nothing if it is malformed. Unknown ones are left out (RFC 2730 section 2.1.5).
    pub(super) fn read(&mut self, family: Family, code: u16, value: &[u8]) -> Option<()> {
        match code {
            code::LEASE_TIME => self.lease_secs = Some(u32_of(value)?),
            code::SERVER => self.server = Some(server(value)?),
            code::LEASE_ID => self.lease_id = Some(LeaseId::new(value)?),
            code::SCOPE => self.scope = Some(address(family, value)?),
            code::OPTION_REQUEST => self.requested = Some(option_codes(value)?),
            code::START_TIME => self.start = Some(UnixTime(u32_of(value)?)),
            code::COUNT => self.count = Some(count(value)?),
            code::LANGUAGE => self.language = Some(str::from_utf8(value).ok()?.to_owned()),
            code::SCOPE_LIST => self.scopes = Some(scope_list::parse(family, value)?),
            code::RANGES => self.ranges = Some(ranges(family, value)?),
            code::CURRENT_TIME => self.now = Some(UnixTime(u32_of(value)?)),
            code::FEATURES => self.features = Some(Features::parse(value)?),
            code::RETRY_TIME => self.retry_at = Some(UnixTime(u32_of(value)?)),
            code::MIN_LEASE_TIME => self.min_lease_secs = Some(u32_of(value)?),
            code::MAX_START_TIME => self.max_start = Some(UnixTime(u32_of(value)?)),
            code::ERROR => self.refusal = Some(Refusal::parse(value)?),
            _ => {}
        }
        Some(())
    }

    /// Which options are there, in the order of their codes.
    pub(super) fn codes(&self) -> impl Iterator<Item = u16> {
        let present = [
            (code::LEASE_TIME, self.lease_secs.is_some()),
            (code::SERVER, self.server.is_some()),
            (code::LEASE_ID, self.lease_id.is_some()),
            (code::SCOPE, self.scope.is_some()),
            (code::OPTION_REQUEST, self.requested.is_some()),
            (code::START_TIME, self.start.is_some()),
            (code::COUNT, self.count.is_some()),
            (code::LANGUAGE, self.language.is_some()),
            (code::SCOPE_LIST, self.scopes.is_some()),
            (code::RANGES, self.ranges.is_some()),
            (code::CURRENT_TIME, self.now.is_some()),
            (code::FEATURES, self.features.is_some()),
            (code::RETRY_TIME, self.retry_at.is_some()),
            (code::MIN_LEASE_TIME, self.min_lease_secs.is_some()),
            (code::MAX_START_TIME, self.max_start.is_some()),
            (code::ERROR, self.refusal.is_some()),
        ];
        let present = present.into_iter().filter(|(_, is_there)| *is_there);
        present.map(|(code, _)| code)
    }

    /// Writes all that are there, in the order of their codes, and the End option.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        for code in self.codes() {
            let mut value = Vec::new();
            self.write_value(code, &mut value);
            // What a datagram cannot carry is cut by whoever makes the message, not here.
            let length = u16::try_from(value.len()).unwrap_or(u16::MAX);
            out.extend(code.to_be_bytes());
            out.extend(length.to_be_bytes());
            out.extend(value.iter().take(length.into()));
        }
        out.extend([0; 4]);
    }

    fn write_value(&self, code: u16, out: &mut Vec<u8>) {
        let number = match code {
            code::LEASE_TIME => self.lease_secs,
            code::START_TIME => self.start.map(|time| time.0),
            code::CURRENT_TIME => self.now.map(|time| time.0),
            code::RETRY_TIME => self.retry_at.map(|time| time.0),
            code::MIN_LEASE_TIME => self.min_lease_secs,
            code::MAX_START_TIME => self.max_start.map(|time| time.0),
            _ => return self.write_longer(code, out),
        };
        out.extend(number.unwrap_or_default().to_be_bytes());
    }

    fn write_longer(&self, code: u16, out: &mut Vec<u8>) {
        match code {
            code::SERVER => self
                .server
                .iter()
                .for_each(|server| write_server(*server, out)),
            code::LEASE_ID => self
                .lease_id
                .iter()
                .for_each(|id| out.extend(id.as_bytes())),
            code::SCOPE => self
                .scope
                .iter()
                .for_each(|scope| scope_list::write_address(*scope, out)),
            code::OPTION_REQUEST => {
                let codes = self.requested.iter().flatten();
                codes.for_each(|code| out.extend(code.to_be_bytes()));
            }
            code::COUNT => {
                if let Some(Count { min, desired }) = self.count {
                    out.extend(min.to_be_bytes());
                    out.extend(desired.to_be_bytes());
                }
            }
            code::LANGUAGE => out.extend(self.language.iter().flat_map(|tag| tag.bytes())),
            code::SCOPE_LIST => scope_list::write(self.scopes.as_deref().unwrap_or_default(), out),
            code::RANGES => {
                for range in self.ranges.iter().flatten() {
                    scope_list::write_address(range.first, out);
                    out.extend(range.count.to_be_bytes());
                }
            }
            code::FEATURES => self.features.iter().for_each(|list| list.write(out)),
            code::ERROR => self.refusal.iter().for_each(|refusal| refusal.write(out)),
            _ => {}
        }
    }
}

fn u32_of(value: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(value.try_into().ok()?))
}

fn address(family: Family, value: &[u8]) -> Option<IpAddr> {
    let mut reader = Reader::new(value);
    let address = family.read(&mut reader)?;
    reader.rest().is_empty().then_some(address)
}

/// The server's own family, whatever the message's (RFC 2730 section 3.3).
fn server(value: &[u8]) -> Option<IpAddr> {
    let mut reader = Reader::new(value);
    let family = Family::from_number(reader.u16()?)?;
    address(family, reader.rest())
}

fn write_server(server: IpAddr, out: &mut Vec<u8>) {
    out.extend(Family::of(server).number().to_be_bytes());
    scope_list::write_address(server, out);
}

fn option_codes(value: &[u8]) -> Option<Vec<u16>> {
    let (pairs, rest) = value.as_chunks();
    let is_list = rest.is_empty() && !pairs.is_empty();
    is_list.then(|| pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect())
}

fn count(value: &[u8]) -> Option<Count> {
    let mut reader = Reader::new(value);
    let (min, desired) = (reader.u16()?, reader.u16()?);
    let is_sound = reader.rest().is_empty() && min <= desired;
    is_sound.then_some(Count { min, desired })
}

fn ranges(family: Family, value: &[u8]) -> Option<Vec<AddressRange>> {
    let mut reader = Reader::new(value);
    let mut ranges = Vec::new();
    while !reader.rest().is_empty() {
        ranges.push(AddressRange {
            first: family.read(&mut reader)?,
            count: reader.u16()?,
        });
    }
    Some(ranges)
}

fn plus(address: IpAddr, step: u16) -> Option<IpAddr> {
    match address {
        IpAddr::V4(address) => {
            let next = u32::from(address).checked_add(step.into())?;
            Some(std::net::Ipv4Addr::from(next).into())
        }
        IpAddr::V6(address) => {
            let next = u128::from(address).checked_add(step.into())?;
            Some(std::net::Ipv6Addr::from(next).into())
        }
    }
}
