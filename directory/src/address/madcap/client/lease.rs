//! What a client wants of a server, and what it was granted.
use std::net::{IpAddr, SocketAddr};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::super::lease_id::LeaseId;
use super::super::options::UnixTime;
use super::super::window::Window;
use crate::address::{IpVersion, Scope};
use crate::description::Description;
use crate::sap;

/// Groups wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Want {
    /// What the lease is to be called.
    pub id: LeaseId,
    /// How far the groups are to reach.
    pub scope: Scope,
    /// Which protocol they are for.
    pub version: IpVersion,
    /// How many at best; one is better than none.
    pub count: u16,
    /// For what time.
    #[serde(flatten)]
    pub need: Need,
}

/// The time for which groups are needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    /// From then on; at once where it is past or missing.
    pub from: Option<UnixTime>,
    /// Until then; for good if missing.
    pub until: Option<UnixTime>,
}

/// Groups granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The server, where it answers.
    pub server: SocketAddr,
    /// The first address of the scope that they are of.
    pub scope: IpAddr,
    /// The groups.
    pub groups: Vec<IpAddr>,
    /// For how long. It may be shorter than the need, and is then renewed in time.
    #[serde(flatten)]
    pub window: Window,
}

/// What a client keeps over a restart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// What was wanted.
    pub want: Want,
    /// What was granted.
    pub grant: Grant,
}

impl Need {
    /// When a conference needs its groups: from its first start to its last end, repetitions included.
    pub fn of(description: &Description) -> Self {
        let starts = description.times.iter().map(|time| time.start.to_system());
        let starts: Option<Vec<SystemTime>> = starts.collect();
        let from = starts.and_then(|starts| starts.into_iter().min());
        Self {
            from: from.map(UnixTime::from_wall),
            until: sap::end(description).map(UnixTime::from_wall),
        }
    }

    /// Whether it is over.
    pub fn is_over(self, now: UnixTime) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    /// Whether a lease covers it to its end.
    pub fn is_met_by(self, window: Window) -> bool {
        self.until.is_some_and(|until| until <= window.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn need(times: &str) -> Need {
        let text = format!(
            "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=Talk\r\nc=IN IP4 239.255.7.7/15\r\n{times}m=audio 5004 RTP/AVP 0\r\n"
        );
        Need::of(&Description::parse(text.as_bytes()).unwrap())
    }

    #[test]
    fn a_conference_needs_its_groups_from_its_first_start_to_its_last_end() {
        // 3,973,708,800 s after 1900 are 1,764,720,000 s after 1970.
        let both = need("t=3973708800 3973712400\r\nt=3973622400 3973626000\r\n");
        assert_eq!(both.from, Some(UnixTime(1_764_720_000 - 86_400)));
        assert_eq!(both.until, Some(UnixTime(1_764_720_000 + 3600)));
        assert_eq!(need("t=0 0\r\n"), Need::default());
        assert_eq!(need("t=3973708800 0\r\n").until, None);
    }
}
