//! Which packets of a source belong together: probation, cycles, restarts (RFC 3550 §6.2.1, A.1), and their loss (A.3).
use media::rtp_time::SeqNo;

/// The numbering of one source.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sequence {
    highest: SeqNo,
    /// Cycles of the 16-bit number, in the upper 16 bits.
    cycles: u32,
    first: u32,
    /// After a jump, the number that would confirm it.
    restart_at: Option<SeqNo>,
    probation: u16,
    /// Nobody listened for it until now.
    was_away: bool,
    received: u64,
    expected_at_report: u32,
    received_at_report: u64,
}

/// What was lost of a source (A.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Loss {
    /// Since the last report, in 1/256.
    pub(super) fraction: u8,
    /// Since the beginning; negative where there were duplicates.
    pub(super) cumulative: i32,
}

impl Sequence {
    /// A new source, of which this is the first number. One whose CNAME is known needs no probation (§6.2.1).
    pub(super) const fn new(first: SeqNo, needs_probation: bool) -> Self {
        let mut sequence = Self::starting_at(first);
        if needs_probation {
            sequence.probation = MIN_SEQUENTIAL;
        }
        // So that the first number itself follows on.
        sequence.highest = SeqNo(first.0.wrapping_sub(1));
        sequence.first = sequence.highest.0 as u32;
        sequence
    }

    const fn starting_at(first: SeqNo) -> Self {
        Self {
            highest: first,
            cycles: 0,
            first: first.0 as u32,
            restart_at: None,
            probation: 0,
            was_away: false,
            received: 0,
            expected_at_report: 0,
            received_at_report: 0,
        }
    }

    /// Takes the next number; whether the packet is good to use.
    pub(super) fn accept(&mut self, seq: SeqNo) -> bool {
        if self.probation > 0 {
            return self.prove(seq);
        }
        if self.received == 0 {
            *self = Self::starting_at(seq);
        }
        if std::mem::take(&mut self.was_away) {
            self.pass_over(seq);
        }
        let ahead = seq.0.wrapping_sub(self.highest.0);
        if ahead < MAX_DROPOUT {
            if seq.0 < self.highest.0 {
                self.cycles = self.cycles.wrapping_add(CYCLE);
            }
            self.highest = seq;
        } else if ahead <= MAX_MISORDER.wrapping_neg() {
            // A jump: two numbers in a row show that the source began anew.
            if self.restart_at != Some(seq) {
                self.restart_at = Some(seq.next());
                return false;
            }
            *self = Self::starting_at(seq);
        }
        self.received += 1;
        true
    }

    /// Nobody listened for it until now: what is missing before the next number was not lost.
    pub(super) const fn come_back(&mut self) {
        self.was_away = true;
    }

    /// Goes on with this number, if it comes after the others.
    fn pass_over(&mut self, seq: SeqNo) {
        let before = SeqNo(seq.0.wrapping_sub(1));
        let missed = before.delta(self.highest);
        if missed <= 0 {
            return;
        }
        if before.0 < self.highest.0 {
            self.cycles = self.cycles.wrapping_add(CYCLE);
        }
        self.highest = before;
        self.first = self.first.wrapping_add(u32::from(missed.unsigned_abs()));
    }

    fn prove(&mut self, seq: SeqNo) -> bool {
        if seq != self.highest.next() {
            self.probation = MIN_SEQUENTIAL - 1;
            self.highest = seq;
            return false;
        }
        self.probation -= 1;
        self.highest = seq;
        if self.probation > 0 {
            return false;
        }
        *self = Self::starting_at(seq);
        self.received = 1;
        true
    }

    /// Its CNAME became known: the next packet is good (§6.2.1).
    pub(super) const fn end_probation(&mut self) {
        if self.probation > 0 {
            self.probation = 0;
            self.received = 0;
        }
    }

    /// Highest number received, with the cycles in the upper 16 bits.
    pub(super) fn extended_highest(&self) -> u32 {
        self.cycles.wrapping_add(u32::from(self.highest.0))
    }

    /// Good packets, duplicates among them.
    pub(super) const fn received(&self) -> u64 {
        self.received
    }

    /// Packets that there should have been.
    pub(super) fn expected(&self) -> u32 {
        if self.received == 0 {
            return 0;
        }
        let after_first = self.extended_highest().wrapping_sub(self.first);
        after_first.wrapping_add(1)
    }

    /// Packets that there should have been, less those that came.
    pub(super) fn lost(&self) -> i64 {
        i64::from(self.expected()) - self.received.cast_signed()
    }

    /// The loss for a report; the next is counted from here.
    pub(super) fn report_loss(&mut self) -> Loss {
        let expected = self.expected();
        let expected_since = expected.wrapping_sub(self.expected_at_report);
        let received_since = self.received - self.received_at_report;
        self.expected_at_report = expected;
        self.received_at_report = self.received;
        let lost_since = u64::from(expected_since).saturating_sub(received_since);
        let fraction = (lost_since << 8)
            .checked_div(u64::from(expected_since))
            .unwrap_or(0);
        Loss {
            fraction: u8::try_from(fraction).unwrap_or(u8::MAX),
            cumulative: i32::try_from(self.lost()).unwrap_or(i32::MAX),
        }
    }
}

/// RFC 3550 A.1.
const MIN_SEQUENTIAL: u16 = 2;
/// RFC 3550 A.1: packets lost in a row at most.
const MAX_DROPOUT: u16 = 3000;
/// RFC 3550 A.1: packets by which one may come late.
const MAX_MISORDER: u16 = 100;
const CYCLE: u32 = 1 << 16;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn accepted(sequence: &mut Sequence, numbers: &[u16]) -> Vec<bool> {
        numbers
            .iter()
            .map(|seq| sequence.accept(SeqNo(*seq)))
            .collect()
    }

    /// A source past its probation whose first counted number is `first`.
    fn proven(first: u16) -> Sequence {
        let mut sequence = Sequence::new(SeqNo(first), false);
        assert!(sequence.accept(SeqNo(first)));
        sequence
    }

    #[test]
    fn time_away_is_no_loss() {
        let mut sequence = proven(65_000);
        for (seq, lost) in [(65_001, 0), (65_003, 1)] {
            assert!(sequence.accept(SeqNo(seq)));
            assert_eq!(sequence.lost(), lost);
        }
        sequence.report_loss();
        sequence.come_back();
        assert_eq!(
            accepted(&mut sequence, &[20_000, 20_001, 20_003]),
            [true; 3]
        );
        assert_eq!((sequence.lost(), sequence.received()), (2, 6));
        assert_eq!(sequence.extended_highest(), CYCLE + 20_003);
        assert_eq!(sequence.report_loss().fraction, 64);
        // Nothing was missed, and a late one comes.
        sequence.come_back();
        assert_eq!(accepted(&mut sequence, &[20_002, 20_004]), [true; 2]);
        assert_eq!(sequence.lost(), 1);
    }

    #[test]
    fn two_in_sequence_end_the_probation() {
        let mut sequence = Sequence::new(SeqNo(7), true);
        assert_eq!(
            accepted(&mut sequence, &[7, 9, 10, 11]),
            [false, false, true, true]
        );
        assert_eq!((sequence.received(), sequence.expected()), (2, 2));
        let mut at_once = Sequence::new(SeqNo(65535), true);
        assert_eq!(accepted(&mut at_once, &[65535, 0]), [false, true]);
    }

    #[test]
    fn known_name_ends_the_probation() {
        let mut sequence = Sequence::new(SeqNo(7), true);
        assert_eq!(accepted(&mut sequence, &[7]), [false]);
        sequence.end_probation();
        assert_eq!(accepted(&mut sequence, &[30_000]), [true]);
        assert_eq!((sequence.received(), sequence.expected()), (1, 1));
        assert_eq!(sequence.extended_highest(), 30_000);
    }

    #[test]
    fn limits_are_those_of_the_appendix() {
        // Row by row: number after 10,000, good, highest after it.
        for (seq, is_good, highest) in [
            (12_999, true, 12_999), // the last of the dropout
            (13_000, false, 10_000),
            (9_901, true, 10_000),  // late by 99
            (9_900, false, 10_000), // late by 100: a jump, as `udelta <= RTP_SEQ_MOD - MAX_MISORDER` says
            (9_899, false, 10_000),
            (10_000, true, 10_000), // a duplicate
        ] {
            let mut sequence = proven(10_000);
            assert_eq!(accepted(&mut sequence, &[seq]), [is_good], "{seq}");
            assert_eq!(sequence.extended_highest(), highest, "{seq}");
        }
    }

    #[test]
    fn two_after_a_jump_are_a_restart() {
        let mut sequence = proven(100);
        let all = accepted(&mut sequence, &[101, 40_000, 102, 40_001, 40_002]);
        assert_eq!(all, [true, false, true, true, true]);
        assert_eq!((sequence.received(), sequence.expected()), (2, 2));
    }

    #[test]
    fn cycles_are_counted_in_the_upper_half() {
        let mut sequence = proven(65_534);
        accepted(&mut sequence, &[65_535, 0, 65_533, 1]);
        assert_eq!(sequence.extended_highest(), 0x0001_0001);
        assert_eq!((sequence.expected(), sequence.received()), (4, 5));
        assert_eq!(
            sequence.report_loss(),
            Loss {
                fraction: 0,
                cumulative: -1
            }
        );
    }

    #[test]
    fn loss_is_counted_as_in_the_appendix() {
        let mut sequence = proven(0);
        accepted(&mut sequence, &[1, 2, 3, 7]);
        // Eight expected, five received: 3/8 of 256.
        assert_eq!(
            sequence.report_loss(),
            Loss {
                fraction: 96,
                cumulative: 3
            }
        );
        accepted(&mut sequence, &[8, 9, 10, 4]);
        // Three expected, four received: no negative fraction.
        assert_eq!(
            sequence.report_loss(),
            Loss {
                fraction: 0,
                cumulative: 2
            }
        );
        assert_eq!(
            sequence.report_loss(),
            Loss {
                fraction: 0,
                cumulative: 2
            }
        );
        accepted(&mut sequence, &[1010]);
        // One of a thousand: 999/1000 of 256.
        assert_eq!(
            sequence.report_loss(),
            Loss {
                fraction: 255,
                cumulative: 1001
            }
        );
    }

    proptest! {
        #[test]
        fn any_numbers_keep_the_counts_sound(numbers: Vec<u16>, needs_probation: bool) {
            let mut sequence = Sequence::new(SeqNo(numbers.first().copied().unwrap_or(0)), needs_probation);
            let mut good = 0u64;
            for seq in numbers {
                good += u64::from(sequence.accept(SeqNo(seq)));
                prop_assert!(sequence.received() <= good);
                let loss = sequence.report_loss();
                prop_assert!(i64::from(loss.cumulative) == sequence.lost());
            }
        }
    }
}
