//! What a receiver says about one source it hears (RFC 3550 §6.4.1).
use media::rtp_time::Ssrc;

use crate::wire::{Put as _, Reader};

/// One report block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportBlock {
    /// The source reported on.
    pub ssrc: Ssrc,
    /// Lost since the last report, in 1/256.
    pub fraction_lost: u8,
    /// Lost since the beginning; negative where there were duplicates. 24 bits on the wire.
    pub cumulative_lost: i32,
    /// Highest sequence number received, with the count of its cycles in the upper 16 bits.
    pub highest_seq: u32,
    /// Interarrival jitter in ticks of the media clock.
    pub jitter_rtp_ticks: u32,
    /// Middle 32 bits of the NTP time of the last sender report; zero before the first.
    pub last_sr: u32,
    /// From that report's arrival to this block, in 1/65536 s.
    pub delay_since_last_sr: u32,
}

/// Blocks in one packet at most: the count has five bits.
pub const MAX_BLOCKS: usize = 31;

impl ReportBlock {
    /// Bytes on the wire.
    pub const BYTES: usize = 24;

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            ssrc: Ssrc(reader.u32()?),
            fraction_lost: reader.u8()?,
            cumulative_lost: sign_extend_24(reader.u24()?),
            highest_seq: reader.u32()?,
            jitter_rtp_ticks: reader.u32()?,
            last_sr: reader.u32()?,
            delay_since_last_sr: reader.u32()?,
        })
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.put_u32(self.ssrc.0);
        out.put_u8(self.fraction_lost);
        out.put_u24(
            self.cumulative_lost
                .clamp(MIN_LOST, MAX_LOST)
                .cast_unsigned(),
        );
        out.put_u32(self.highest_seq);
        out.put_u32(self.jitter_rtp_ticks);
        out.put_u32(self.last_sr);
        out.put_u32(self.delay_since_last_sr);
    }
}

/// The blocks of a report, of which it has been checked that all are there.
#[derive(Clone, Debug)]
pub struct ReportBlocks<'a> {
    reader: Reader<'a>,
}

impl<'a> ReportBlocks<'a> {
    pub(super) fn read(reader: &mut Reader<'a>, count: u8) -> Option<Self> {
        let bytes = reader.take(usize::from(count) * ReportBlock::BYTES)?;
        Some(Self {
            reader: Reader::new(bytes),
        })
    }
}

impl Iterator for ReportBlocks<'_> {
    type Item = ReportBlock;

    fn next(&mut self) -> Option<ReportBlock> {
        ReportBlock::read(&mut self.reader)
    }
}

const fn sign_extend_24(low: u32) -> i32 {
    (low << 8).cast_signed() >> 8
}

const MIN_LOST: i32 = -0x80_0000;
const MAX_LOST: i32 = 0x7F_FFFF;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cumulative_loss_is_signed_and_stays_in_24_bits() {
        for (lost, wire, read) in [
            (-1, [0xFF, 0xFF, 0xFF], -1),
            (5, [0, 0, 5], 5),
            (i32::MAX, [0x7F, 0xFF, 0xFF], 0x7F_FFFF),
            (i32::MIN, [0x80, 0, 0], -0x80_0000),
        ] {
            let block = ReportBlock {
                ssrc: Ssrc(0x0102_0304),
                fraction_lost: 64,
                cumulative_lost: lost,
                highest_seq: 0x0001_0002,
                jitter_rtp_ticks: 9,
                last_sr: 0xAABB_CCDD,
                delay_since_last_sr: 65536,
            };
            let mut out = Vec::new();
            block.write(&mut out);
            let expected = [
                &[1, 2, 3, 4, 64][..],
                &wire,
                &[0, 1, 0, 2, 0, 0, 0, 9, 0xAA, 0xBB, 0xCC, 0xDD, 0, 1, 0, 0],
            ];
            assert_eq!(out, expected.concat());
            let back = ReportBlock::read(&mut Reader::new(&out)).unwrap();
            assert_eq!(
                back,
                ReportBlock {
                    cumulative_lost: read,
                    ..block
                }
            );
        }
    }
}
