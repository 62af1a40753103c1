//! Receiver report: what a member who sends nothing hears (RFC 3550 §6.4.2).
use media::rtp_time::Ssrc;

use super::header::{self, RawPacket, write_packet};
use super::report_block::{MAX_BLOCKS, ReportBlock, ReportBlocks};
use crate::wire::{Put as _, Reader, low8};

/// A receiver report of which it has been checked that all its blocks are there.
#[derive(Clone, Debug)]
pub struct ReceiverReport<'a> {
    /// Who sends it.
    pub ssrc: Ssrc,
    /// What it hears.
    pub blocks: ReportBlocks<'a>,
}

impl<'a> ReceiverReport<'a> {
    /// Bytes of a receiver report without blocks.
    pub(super) const BYTES: usize = 8;

    /// Profile-specific extensions after the blocks are passed over.
    pub(super) fn read(raw: RawPacket<'a>) -> Option<Self> {
        let mut reader = Reader::new(raw.body);
        Some(Self {
            ssrc: Ssrc(reader.u32()?),
            blocks: ReportBlocks::read(&mut reader, raw.count)?,
        })
    }

    /// Appends a report; blocks beyond the 31st are left out.
    pub(super) fn write(out: &mut Vec<u8>, ssrc: Ssrc, blocks: &[ReportBlock]) {
        let count = blocks.len().min(MAX_BLOCKS);
        write_packet(out, low8(count), header::RR, |out| {
            out.put_u32(ssrc.0);
            blocks.iter().take(count).for_each(|block| block.write(out));
        });
    }
}
