//! What a client wants of a server, and what it was granted.
use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::super::lease_id::LeaseId;
use super::super::options::UnixTime;
use super::super::window::Window;
use crate::address::{IpVersion, Scope};

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
    /// Whether it is over.
    pub fn is_over(self, now: UnixTime) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    /// Whether a lease covers it to its end.
    pub fn is_met_by(self, window: Window) -> bool {
        self.until.is_some_and(|until| until <= window.end)
    }
}
