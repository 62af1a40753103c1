//! What the net thread has counted since it started, for the diagnostics page.

/// Totals since the net thread started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NetCounters {
    /// Endpoints registered now.
    pub endpoints: u64,
    /// Sockets that receive now.
    pub sockets: u64,
    /// Times that the thread went through its loop.
    pub turns: u64,
    /// Reads that gave at least one datagram.
    pub batches: u64,
    /// Datagrams given to endpoints.
    pub received: u64,
    /// Their payload, in bytes.
    pub received_bytes: u64,
    /// Datagrams dropped because they were for a group, or from a sender, that the socket had not joined.
    pub dropped_not_joined: u64,
    /// Datagrams dropped because they came in by another interface than the chosen one.
    pub dropped_wrong_interface: u64,
    /// Datagrams dropped because they were empty.
    pub dropped_empty: u64,
    /// Reads that failed.
    pub receive_errors: u64,
    /// Datagrams sent, once for each interface.
    pub sent: u64,
    /// Their payload, in bytes.
    pub sent_bytes: u64,
    /// Datagrams dropped because the system's send buffer was full.
    pub dropped_send_full: u64,
    /// Datagrams that could not be sent for any other reason, no interface among them.
    pub send_errors: u64,
    /// Groups joined, once for each interface and each time.
    pub joins: u64,
    /// Joins that failed, retries counted.
    pub join_errors: u64,
    /// Changes of the interfaces that have been followed.
    pub network_changes: u64,
    /// Times that an endpoint had more to do in one go than it may.
    pub cut_off: u64,
    /// Endpoints removed because they had not finished in time after their handle was dropped.
    pub abandoned: u64,
}
