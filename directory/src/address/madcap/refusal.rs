//! Why a server refuses: the Error option (RFC 2730 section 3.17).
use super::feature::{self, Feature};
use super::options::UnixTime;
use crate::wire::Reader;

/// Why a server refuses a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The request was valid, but there are not the addresses for it. Names the option that asks for too much,
    /// where it is one.
    CannotComplete(Option<u16>),
    /// The request breaks the rules. Names the option, where it is one.
    Invalid(Option<u16>),
    /// The clocks are too far apart; with what the server's shows.
    ClockSkew(UnixTime),
    /// The server knows no such lease.
    UnknownLease,
    /// The server lacks required features: these.
    Unsupported(Vec<Feature>),
    /// An error that RFC 2730 does not define.
    Other(u16),
}

impl Refusal {
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        Some(match reader.u16()? {
            0 => Self::CannotComplete(option(&mut reader)),
            1 => Self::Invalid(option(&mut reader)),
            2 => Self::ClockSkew(UnixTime(reader.array().map(u32::from_be_bytes)?)),
            3 => Self::UnknownLease,
            4 => Self::Unsupported(feature::codes(reader.rest())),
            other => Self::Other(other),
        })
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let code: u16 = match self {
            Self::CannotComplete(_) => 0,
            Self::Invalid(_) => 1,
            Self::ClockSkew(_) => 2,
            Self::UnknownLease => 3,
            Self::Unsupported(_) => 4,
            Self::Other(code) => *code,
        };
        out.extend(code.to_be_bytes());
        match self {
            Self::CannotComplete(option) | Self::Invalid(option) => {
                out.extend(option.unwrap_or(NO_OPTION).to_be_bytes());
            }
            Self::ClockSkew(UnixTime(time)) => out.extend(time.to_be_bytes()),
            Self::Unsupported(features) => {
                features
                    .iter()
                    .for_each(|Feature(code)| out.extend(code.to_be_bytes()));
            }
            Self::UnknownLease | Self::Other(_) => {}
        }
    }
}

/// The extra data should be there; a refusal without it is one all the same.
fn option(reader: &mut Reader<'_>) -> Option<u16> {
    reader.u16().filter(|option| *option != NO_OPTION)
}

/// "The problem was not with a specific option."
const NO_OPTION: u16 = 0xffff;
