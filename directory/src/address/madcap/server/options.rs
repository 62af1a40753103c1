//! What a server leases, for how long, and how much of it to one host.
use std::time::Duration;

use super::pool::ServedScope;

/// How a server behaves. Times are those that RFC 2730's Appendix B recommends, where it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerOptions {
    /// What it leases, from the smallest scope to the largest.
    pub scopes: Vec<ServedScope>,
    /// The longest lease, in seconds: longer ones are shortened, and can be renewed.
    pub max_lease_secs: u32,
    /// How far ahead a lease may begin, in seconds.
    pub max_ahead_secs: u32,
    /// Kept free on either side of each lease, in seconds (EXTRA-ALLOCATION-TIME).
    pub extra_secs: u32,
    /// How far a client's clock may be off, in seconds (CLOCK-SKEW-ALLOWANCE).
    pub skew_secs: u32,
    /// How long offered groups are kept (OFFER-HOLD).
    pub offer_hold: Duration,
    /// Groups in one lease: a conference has one for each medium.
    pub max_groups: u16,
    /// Leases in all, and offers.
    pub max_leases: usize,
    /// Leases of one host, and offers to it.
    pub max_leases_of_one: usize,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            scopes: ServedScope::defaults(),
            max_lease_secs: 30 * DAY,
            max_ahead_secs: 400 * DAY,
            extra_secs: 3600,
            skew_secs: 1800,
            offer_hold: Duration::from_secs(60),
            max_groups: 64,
            max_leases: 65_536,
            max_leases_of_one: 4096,
        }
    }
}

const DAY: u32 = 86_400;
