//! Puts together datagrams that every receiver's check lets pass (RFC 3550 §6.1).
use media::rtp_time::Ssrc;

use super::app::App;
use super::bye::Bye;
use super::feedback::Feedback;
use super::report_block::{MAX_BLOCKS, ReportBlock};
use super::rr::ReceiverReport;
use super::sdes::{Sdes, SdesItem};
use super::sr::SenderInfo;

/// A compound under construction, never longer than its limit: what does not fit is left out, and said to be.
#[derive(Debug)]
pub struct CompoundWriter {
    bytes: Vec<u8>,
    limit: usize,
}

impl CompoundWriter {
    /// A datagram of up to `limit` bytes, with nothing in it: only lawful to send so with the reduced size (RFC 5506).
    #[must_use]
    pub fn reduced_size(limit: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(limit),
            limit,
        }
    }

    /// A datagram that begins with a report: a sender report where there is `info`, and as many further receiver
    /// reports as the blocks need. Blocks beyond the limit are left out; see [`Self::blocks_within`].
    #[must_use]
    pub fn report(
        limit: usize,
        ssrc: Ssrc,
        info: Option<SenderInfo>,
        blocks: &[ReportBlock],
    ) -> Self {
        let mut writer = Self::reduced_size(limit);
        let (first, rest) = blocks.split_at(blocks.len().min(MAX_BLOCKS));
        writer.add(|out| match info {
            Some(info) => info.write(out, ssrc, first),
            None => ReceiverReport::write(out, ssrc, first),
        });
        for more in rest.chunks(MAX_BLOCKS) {
            writer.add(|out| ReceiverReport::write(out, ssrc, more));
        }
        writer
    }

    /// How many report blocks fit into `room` bytes, the heads of the reports included.
    #[must_use]
    pub const fn blocks_within(room: usize, is_sender: bool) -> usize {
        let first = if is_sender {
            SenderInfo::REPORT_BYTES
        } else {
            ReceiverReport::BYTES
        };
        let full = MAX_BLOCKS * ReportBlock::BYTES;
        let after_first = room.saturating_sub(first);
        if after_first <= full {
            return after_first / ReportBlock::BYTES;
        }
        let mut count = MAX_BLOCKS;
        let mut left = after_first - full;
        while left >= ReceiverReport::BYTES + ReportBlock::BYTES {
            left -= ReceiverReport::BYTES;
            let taken = if left < full { left } else { full };
            count += taken / ReportBlock::BYTES;
            left -= taken;
        }
        count
    }

    /// Adds a description of one source; whether it fitted.
    pub fn sdes<'t>(
        &mut self,
        ssrc: Ssrc,
        items: impl IntoIterator<Item = (SdesItem, &'t str)>,
    ) -> bool {
        self.add(|out| Sdes::write(out, ssrc, items))
    }

    /// Adds a goodbye; whether it fitted.
    pub fn bye(&mut self, ssrc: Ssrc, reason: &str) -> bool {
        self.add(|out| Bye::write(out, ssrc, reason))
    }

    /// Adds an application-defined packet; whether it fitted.
    pub fn app(&mut self, app: &App<'_>) -> bool {
        self.add(|out| app.write(out))
    }

    /// Adds feedback; whether it fitted.
    pub fn feedback(&mut self, feedback: &Feedback) -> bool {
        self.add(|out| feedback.write(out))
    }

    /// Bytes so far.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing is in it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The datagram.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }

    fn add(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> bool {
        let before = self.bytes.len();
        write(&mut self.bytes);
        let fits = self.bytes.len() <= self.limit;
        if !fits {
            self.bytes.truncate(before);
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: ReportBlock = ReportBlock {
        ssrc: Ssrc(9),
        fraction_lost: 0,
        cumulative_lost: 0,
        highest_seq: 0,
        jitter_rtp_ticks: 0,
        last_sr: 0,
        delay_since_last_sr: 0,
    };

    #[test]
    fn blocks_said_to_fit_do_and_one_more_does_not() {
        let size = |blocks: usize, info| {
            CompoundWriter::report(99_999, Ssrc(1), info, &vec![BLOCK; blocks])
                .finish()
                .len()
        };
        let info = SenderInfo {
            ntp: 0,
            rtp_time: media::rtp_time::RtpTime(0),
            packets: 0,
            octets: 0,
        };
        for room in (28..2600).step_by(4) {
            for info in [None, Some(info)] {
                let blocks = CompoundWriter::blocks_within(room, info.is_some());
                assert!(size(blocks, info) <= room, "{blocks} blocks in {room}");
                assert!(size(blocks + 1, info) > room, "{blocks} blocks in {room}");
            }
        }
    }

    #[test]
    fn what_does_not_fit_leaves_no_trace() {
        let mut writer = CompoundWriter::report(16, Ssrc(1), None, &[]);
        assert!(!writer.bye(Ssrc(1), "a reason that is too long"));
        assert!(writer.bye(Ssrc(1), ""));
        let expected = [0x80, 201, 0, 1, 0, 0, 0, 1, 0x81, 203, 0, 1, 0, 0, 0, 1];
        assert_eq!(writer.finish(), expected);
    }
}
