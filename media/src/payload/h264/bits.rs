//! Bits of a NAL unit as H.264 §7.2 and §9.1 read them, past the emulation prevention bytes.

/// Reads the bits behind a NAL unit's header byte; `None` at their end.
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    zeros: u8,
    current: u8,
    bits_left: u8,
}

impl<'a> BitReader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            zeros: 0,
            current: 0,
            bits_left: 0,
        }
    }

    /// u(1).
    pub(super) fn flag(&mut self) -> Option<bool> {
        if self.bits_left == 0 {
            self.current = self.next_byte()?;
            self.bits_left = 8;
        }
        self.bits_left -= 1;
        Some(self.current >> self.bits_left & 1 == 1)
    }

    /// u(n), n up to 32.
    pub(super) fn bits(&mut self, count: u8) -> Option<u32> {
        (0..count).try_fold(0, |value, _| Some(value << 1 | u32::from(self.flag()?)))
    }

    /// ue(v): Exp-Golomb.
    pub(super) fn ue(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        let rest = self.bits(zeros)?;
        Some((1 << zeros) - 1 + rest)
    }

    /// se(v): signed Exp-Golomb.
    pub(super) fn se(&mut self) -> Option<i32> {
        let code = self.ue()?;
        let half = i32::try_from(code.div_ceil(2)).ok()?;
        Some(if code % 2 == 1 { half } else { -half })
    }

    /// §7.4.1: in `00 00 03` the three is not part of the data.
    fn next_byte(&mut self) -> Option<u8> {
        let (mut byte, mut rest) = self.bytes.split_first()?;
        if self.zeros >= 2 && *byte == 3 {
            self.zeros = 0;
            (byte, rest) = rest.split_first()?;
        }
        self.zeros = if *byte == 0 { self.zeros + 1 } else { 0 };
        self.zeros = self.zeros.min(2);
        self.bytes = rest;
        Some(*byte)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_golomb_codes_are_those_of_table_9_2() {
        // 1 010 011 00100 00101 00110 00111 0001000 …
        let mut bits = BitReader::new(&[0b1010_0110, 0b0100_0010, 0b1001_1000, 0b1110_0010, 0]);
        let read: Vec<_> = std::iter::from_fn(|| bits.ue()).take(8).collect();
        assert_eq!(read, [0, 1, 2, 3, 4, 5, 6, 7]);
        let mut bits = BitReader::new(&[0b1010_0110, 0b0100_0010, 0b1001_1000]);
        let read: Vec<_> = std::iter::from_fn(|| bits.se()).take(5).collect();
        assert_eq!(read, [0, 1, -1, 2, -2]);
    }

    #[test]
    fn emulation_prevention_is_left_out() {
        let mut bits = BitReader::new(&[0, 0, 3, 1, 0, 0, 3]);
        assert_eq!(bits.bits(24), Some(1));
        assert_eq!(bits.bits(16), Some(0));
        assert_eq!(bits.flag(), None);
    }

    #[test]
    fn a_code_without_end_is_no_number() {
        assert_eq!(BitReader::new(&[0; 40]).ue(), None);
    }
}
