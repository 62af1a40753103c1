//! What is kept of one other source: at most a kilobyte.
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use media::rtp_time::RtpTime;

use super::clock::SenderClock;
use super::information::Information;
use super::ntp::NtpTime;
use super::reception::Reception;
use super::round_trip::AboutUs;
use super::timeout::Rhythm;
use crate::rtcp::SdesItem;

/// One SSRC that is not ours.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) stage: Stage,
    /// Last packet of any kind.
    pub(super) heard: Instant,
    pub(super) rtp_from: Option<Origin>,
    pub(super) rtcp_from: Option<Origin>,
    pub(super) information: Information,
    /// Only of those who send media.
    pub(super) reception: Option<Box<Reception>>,
    pub(super) clock: Option<SenderClock>,
    pub(super) about_us: Option<AboutUs>,
    pub(super) rhythm: Rhythm,
    /// Counts among the senders (RFC 3550 §6.3.1).
    pub(super) is_sender: bool,
    /// Was last said to be active.
    pub(super) is_active: bool,
    /// When a collision or loop of it was last told.
    pub(super) conflict_told: Option<Instant>,
}

/// How far a source has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Not yet valid (RFC 3550 §6.2.1); nothing was said of it.
    Probation,
    /// A member.
    Here,
    /// A member of whom nothing was heard, since then.
    TimedOut(Instant),
    /// Said goodbye then; stragglers are passed over for a while.
    Left(Instant),
}

/// Where packets of one kind come from, and when the last did.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin {
    place: Place,
    at: Instant,
}

/// A transport address as far as it tells one sender from another: an IPv6 scope or flow label does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    ip: IpAddr,
    port: u16,
}

impl From<SocketAddr> for Place {
    fn from(address: SocketAddr) -> Self {
        Self {
            ip: address.ip().to_canonical(),
            port: address.port(),
        }
    }
}

impl Member {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            stage: Stage::Probation,
            heard: now,
            rtp_from: None,
            rtcp_from: None,
            information: Information::default(),
            reception: None,
            clock: None,
            about_us: None,
            rhythm: Rhythm::default(),
            is_sender: false,
            is_active: false,
            conflict_told: None,
        }
    }

    /// Whether its CNAME is known.
    pub(super) fn is_named(&self) -> bool {
        self.information.find(SdesItem::Cname).is_some()
    }

    /// A sender report came.
    pub(super) const fn set_clock(&mut self, now: Instant, ntp: NtpTime, rtp_time: RtpTime) {
        self.clock = Some(SenderClock {
            ntp,
            rtp_time,
            arrival: now,
        });
    }

    /// Whether a straggler of one who said goodbye is to be passed over.
    pub(super) fn is_straggler(&self, now: Instant) -> bool {
        matches!(self.stage, Stage::Left(at) if now < at + STRAGGLERS)
    }
}

impl Origin {
    /// Notes that a packet came from `place`; `false` where another place was heard just before, which is a collision
    /// or a loop (RFC 3550 §8.2). One who was not heard for a while may have moved.
    pub(super) fn accept(slot: &mut Option<Self>, now: Instant, place: Place) -> bool {
        let is_foreign =
            slot.is_some_and(|known| known.place != place && now < known.at + ADDRESS_HELD);
        if !is_foreign {
            *slot = Some(Self { place, at: now });
        }
        !is_foreign
    }
}

/// RFC 3550 §6.3.4 wants the entry kept so that packets under way do not bring the member back; two seconds are more
/// than any queue of a local network holds.
const STRAGGLERS: Duration = Duration::from_secs(2);
/// A loop repeats a packet within a round trip; who moves is silent for longer than that.
const ADDRESS_HELD: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::super::information;
    use super::*;

    #[test]
    fn member_fits_into_a_kilobyte() {
        let fixed = size_of::<Member>() + size_of::<Reception>();
        let in_the_table = 2 * size_of::<u32>() + 2 * size_of::<usize>();
        assert!(
            fixed + information::MAX_BYTES + in_the_table <= 1024,
            "{fixed}"
        );
    }
}
