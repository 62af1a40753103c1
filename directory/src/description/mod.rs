//! Descriptions of conferences in SDP: read what anybody sends (RFC 2327 to RFC 8866), write RFC 8866.
//!
//! # What is forgiven
//! Any line end; text behind a NUL or a second `v=`; empty, unknown and misplaced lines; missing `o=` (but see
//! below), `s=`, `t=`, `c=`; session ids that are no numbers; text that is not UTF-8.
//!
//! # What is refused, with line and reason
//! Where going on would mislead: a version other than 0, an `o=`, `c=`, `m=`, `t=`, `r=`, `z=` or `a=rtcp` line that
//! cannot be understood, an IPv4 group without TTL, a description that is cut off, and one that names a group to join
//! but has no `o=` (cameras answer RTSP without it, but name no group). Also `a=bundle-only` outside a medium where a
//! medium has port 0: whether that one is refused or bundled, nobody could tell (RFC 9143 section 6).
//!
//! # Limits
//! 64 KiB, 2048 lines, 64 media, 32 `t=` lines, 64 `r=` lines with 32 offsets each, 32 `z=` pairs a line,
//! 32 `c=` lines a medium with 256 addresses each, 256 ports an `m=` line. What is beyond is refused.
mod attribute;
mod bandwidth;
mod connection;
mod date;
mod draft;
mod encryption;
mod error;
mod icalendar;
mod id;
mod json;
mod media;
mod medium;
mod origin;
mod parse;
#[cfg(test)]
mod properties;
mod schedule;
#[cfg(test)]
mod tests;
mod text;
mod time;
mod write;

pub use attribute::{
    Attribute, Attributes, Crypto, Direction, ExtensionMap, FilterMode, FormatParameters, Group,
    RtcpFeedback, RtcpPort, RtpMap, SourceFilter,
};
pub use bandwidth::{Bandwidth, BandwidthKind};
pub use connection::{Connection, Host};
pub use draft::{Draft, DraftAudio, DraftError, DraftVideo, FULL_GROUPS, NotACoding};
pub use encryption::{Encryption, Key};
pub use error::{Excerpt, ParseError, Reason};
pub use id::{ConferenceId, NotAnId};
pub use media::Media;
pub use medium::{Destination, Medium};
pub use origin::{Origin, Version};
pub use schedule::{Activity, Occurrence};
pub use time::{NtpTime, Repeat, Time, ZoneAdjustment};

use crate::address::Scope;

/// A parsed description. [`Display`](std::fmt::Display) writes it by RFC 8866, with CRLF.
///
/// `k=` is never written: whoever passes a description on must pass on the text that was received.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Description {
    /// `o=`.
    pub origin: Option<Origin>,
    /// `s=`; empty where it is missing or blank.
    pub name: String,
    /// `i=`.
    pub information: Option<String>,
    /// `u=`.
    pub uri: Option<String>,
    /// `e=` lines.
    pub emails: Vec<String>,
    /// `p=` lines.
    pub phones: Vec<String>,
    /// `c=` for all media that have none of their own.
    pub connection: Option<Connection>,
    /// `b=` lines.
    pub bandwidths: Vec<Bandwidth>,
    /// `t=` lines with their repetitions; none where they are missing, which means always.
    pub times: Vec<Time>,
    /// `k=`: read, never written.
    pub key: Option<Key>,
    /// `a=` lines at session level, in order.
    pub attributes: Attributes,
    /// `m=` sections, in order.
    pub media: Vec<Media>,
}

impl Description {
    /// The version in `o=`, which rises with every change.
    pub fn version(&self) -> Option<&Version> {
        self.origin.as_ref().map(|origin| &origin.version)
    }

    /// All media, each with what it inherits from session level.
    pub fn mediums(&self) -> impl Iterator<Item = Medium<'_>> {
        self.media.iter().map(|media| Medium::new(self, media))
    }

    /// How far the conference reaches, by the first group it names.
    pub fn scope(&self) -> Option<Scope> {
        let mut connections = self.mediums().flat_map(|medium| medium.connections());
        connections.find_map(|connection| match connection.host {
            Host::Ip(ip) => Scope::from_group(ip, connection.ttl),
            Host::Name(_) => None,
        })
    }

    /// One medium with what it inherits from session level; `m=` lines are counted from 0.
    pub fn medium(&self, index: usize) -> Option<Medium<'_>> {
        self.media.get(index).map(|media| Medium::new(self, media))
    }
}
