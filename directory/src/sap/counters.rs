//! What a listener refused, and why.

/// What was heard and not used, or says that somebody is at fault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Datagrams that are no SAP packet.
    pub malformed_packets: u64,
    /// Announcements whose description cannot be read, and deletions that name nothing.
    pub malformed_descriptions: u64,
    /// Encrypted packets.
    pub encrypted: u64,
    /// Packets with a payload other than a description.
    pub unknown_payloads: u64,
    /// Our own packets, back from the network.
    pub own: u64,
    /// Announcements and deletions of a version that their announcer has replaced.
    pub stale_versions: u64,
    /// Another description under the same version.
    pub conflicting_versions: u64,
    /// Announcements of conferences that are over.
    pub over: u64,
    /// Deletions by somebody who does not announce the conference.
    pub forged_deletions: u64,
    /// Deletions of conferences that nobody announces.
    pub unknown_deletions: u64,
    /// Announcements forgotten to make room.
    pub forgotten: u64,
    /// Announcements refused because all is full.
    pub refused_table_full: u64,
    /// Announcements refused because their sender announces too much.
    pub refused_sender_full: u64,
    /// Announcements refused because the conference has many announcers already.
    pub refused_conference_full: u64,
}
