//! What became of the packets of one source.

/// What became of the packets of one source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceCounters {
    /// Packets that came.
    pub received: u64,
    /// Packets that were passed over because they were not there when their turn came.
    pub lost: u64,
    /// Packets that came after their turn: played with more delay, or thrown away.
    pub late: u64,
    /// Packets that came twice.
    pub duplicated: u64,
    /// Packets thrown away: no payload of their format, far from what is expected, or too much delay had gathered.
    pub discarded: u64,
    /// Sound made up for what was missing, in milliseconds.
    pub concealed_ms: u64,
    /// Packets brought back by the forward error correction inside a later one.
    pub fec_recovered: u64,
    /// Payloads that the decoder refused.
    pub decode_errors: u64,
    /// Sound left out to shorten the delay, in milliseconds.
    pub accelerated_ms: u64,
    /// Sound put in to lengthen the delay, in milliseconds.
    pub expanded_ms: u64,
}
