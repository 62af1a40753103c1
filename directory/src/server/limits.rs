//! How much of everything one client, and all of them, may have.
use std::time::Duration;

/// Bounds; each is told to the client that reaches it, and counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at once.
    pub connections: usize,
    /// Connections at once from one address; loopback is one address, and may have all.
    pub connections_per_address: usize,
    /// Longest request, in bytes.
    pub message: usize,
    /// How deep the elements of a request may be nested; a filter needs two more than its own depth.
    pub depth: usize,
    /// Terms of a filter.
    pub filter_terms: usize,
    /// Entries that there may be.
    pub entries: usize,
    /// Entries that one search without pages gives.
    pub search_size: usize,
    /// How long one search may take, its reading by the client included.
    pub search_time: Duration,
    /// How long a request may take to arrive once it has begun, and an answer to be read.
    pub patience: Duration,
    /// How long a client may be silent that watches nothing.
    pub idle: Duration,
    /// Watches of one connection.
    pub watches: usize,
    /// Changes that wait for one watcher; one that falls further behind has to begin anew.
    pub watch_queue: usize,
    /// Searches by pages that one connection may have open.
    pub pages: usize,
    /// Longest and shortest life that a dynamic entry may ask for.
    pub lifetime: (Duration, Duration),
    /// The life of a dynamic entry that asks for none.
    pub default_lifetime: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 2_000,
            connections_per_address: 64,
            // A description of 64 KiB, and room for the rest.
            message: 256 * 1024,
            depth: 40,
            filter_terms: 256,
            entries: 1_000_000,
            search_size: 250_000,
            search_time: Duration::from_secs(120),
            patience: Duration::from_secs(30),
            // As OpenLDAP's clients expect of servers that set one; NetMeeting kept its connection for minutes.
            idle: Duration::from_secs(900),
            watches: 8,
            watch_queue: 1_024,
            pages: 8,
            lifetime: (Duration::from_secs(1), Duration::from_secs(366 * 86_400)),
            // As OpenLDAP's dds overlay has it.
            default_lifetime: Duration::from_secs(86_400),
        }
    }
}
