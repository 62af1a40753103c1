//! Sender report: what a source has sent, and when by the wall clock (RFC 3550 §6.4.1).
use media::rtp_time::{RtpTime, Ssrc};

use super::header::{self, RawPacket, write_packet};
use super::report_block::{MAX_BLOCKS, ReportBlock, ReportBlocks};
use crate::wire::{Put as _, Reader, low8};

/// A sender report of which it has been checked that all its blocks are there.
#[derive(Clone, Debug)]
pub struct SenderReport<'a> {
    /// Who sends it.
    pub ssrc: Ssrc,
    /// What it has sent.
    pub info: SenderInfo,
    /// What it hears.
    pub blocks: ReportBlocks<'a>,
}

/// The sender's part of a sender report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderInfo {
    /// When the report was sent: 64-bit NTP time; zero where the sender has no wall clock.
    pub ntp: u64,
    /// The same moment on the media clock.
    pub rtp_time: RtpTime,
    /// Packets sent, modulo 2³².
    pub packets: u32,
    /// Bytes of payload sent, modulo 2³².
    pub octets: u32,
}

impl SenderInfo {
    /// Bytes of a sender report without blocks.
    pub(super) const REPORT_BYTES: usize = 28;

    /// Appends a report; blocks beyond the 31st are left out.
    pub(super) fn write(&self, out: &mut Vec<u8>, ssrc: Ssrc, blocks: &[ReportBlock]) {
        let count = blocks.len().min(MAX_BLOCKS);
        write_packet(out, low8(count), header::SR, |out| {
            out.put_u32(ssrc.0);
            out.put_u64(self.ntp);
            out.put_u32(self.rtp_time.0);
            out.put_u32(self.packets);
            out.put_u32(self.octets);
            blocks.iter().take(count).for_each(|block| block.write(out));
        });
    }
}

impl<'a> SenderReport<'a> {
    /// Profile-specific extensions after the blocks are passed over.
    pub(super) fn read(raw: RawPacket<'a>) -> Option<Self> {
        let mut reader = Reader::new(raw.body);
        Some(Self {
            ssrc: Ssrc(reader.u32()?),
            info: SenderInfo {
                ntp: reader.u64()?,
                rtp_time: RtpTime(reader.u32()?),
                packets: reader.u32()?,
                octets: reader.u32()?,
            },
            blocks: ReportBlocks::read(&mut reader, raw.count)?,
        })
    }
}
