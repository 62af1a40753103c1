//! Descriptions of conferences in SDP: read what anybody sends (RFC 2327 to RFC 8866), write RFC 8866.
//!
//! # What is forgiven
//! Any line end; text behind a NUL or a second `v=`; empty, unknown and misplaced lines; missing `o=` (but see
//! below), `s=`, `t=`, `c=`; session ids that are no numbers; text that is not UTF-8.
//!
//! # What is refused, with line and reason
//! Where going on would mislead: a version other than 0, an `o=`, `c=`, `m=`, `t=`, `r=`, `z=` or `a=rtcp` line that
//! cannot be understood, an IPv4 group without TTL, `a=mid` or `a=bundle-only` outside a medium, a description that is
//! cut off, and one that names a group to join but has no `o=`. Cameras answer RTSP without `o=`, but name no group.
//!
//! # Limits
//! 64 KiB, 2048 lines, 64 media, 32 `t=` lines, 64 `r=` lines with 32 offsets each, 32 `z=` pairs a line,
//! 256 addresses a `c=` line and 256 ports an `m=` line. What is beyond is refused.
mod attribute;
mod bandwidth;
mod connection;
mod encryption;
mod error;
mod id;
mod media;
mod medium;
mod origin;
mod parse;
mod text;
mod time;
mod write;

pub use attribute::{
    Attribute, Attributes, Crypto, Direction, ExtensionMap, FilterMode, FormatParameters, Group,
    RtcpFeedback, RtcpPort, RtpMap, SourceFilter,
};
pub use bandwidth::{Bandwidth, BandwidthKind};
pub use connection::{Connection, Host};
pub use encryption::{Encryption, Key};
pub use error::{Excerpt, ParseError, Reason};
pub use id::{ConferenceId, NotAnId};
pub use media::Media;
pub use medium::{Destination, Medium};
pub use origin::{Origin, Version};
pub use time::{NtpTime, Repeat, Time, ZoneAdjustment};

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

    /// One medium with what it inherits from session level; `m=` lines are counted from 0.
    pub fn medium(&self, index: usize) -> Option<Medium<'_>> {
        self.media.get(index).map(|media| Medium::new(self, media))
    }
}
