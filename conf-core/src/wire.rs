//! Bytes in network order: the one place of this crate that indexes, and that cuts numbers to width.
#![expect(
    clippy::indexing_slicing,
    reason = "every range is checked first or was made by this file"
)]

/// Takes a datagram apart from its front; `None` once it is too short.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.take(1).map(|b| b[0])
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    /// 24 bits, in the low bits of what is given.
    pub(crate) fn u24(&mut self) -> Option<u32> {
        let [a, b, c] = self.array()?;
        Some(u32::from_be_bytes([0, a, b, c]))
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(count)?;
        self.bytes = rest;
        Some(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    pub(crate) const fn rest(self) -> &'a [u8] {
        self.bytes
    }

    pub(crate) const fn remaining(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

/// Appends numbers in network order.
pub(crate) trait Put {
    fn put_u8(&mut self, value: u8);
    fn put_u16(&mut self, value: u16);
    /// The low 24 bits.
    fn put_u24(&mut self, value: u32);
    fn put_u32(&mut self, value: u32);
    fn put_u64(&mut self, value: u64);
    /// Zeros up to the next multiple of four, counted from `start`.
    fn pad_to_word(&mut self, start: usize);
}

impl Put for Vec<u8> {
    fn put_u8(&mut self, value: u8) {
        self.push(value);
    }

    fn put_u16(&mut self, value: u16) {
        self.extend_from_slice(&value.to_be_bytes());
    }

    fn put_u24(&mut self, value: u32) {
        self.extend_from_slice(&value.to_be_bytes()[1..]);
    }

    fn put_u32(&mut self, value: u32) {
        self.extend_from_slice(&value.to_be_bytes());
    }

    fn put_u64(&mut self, value: u64) {
        self.extend_from_slice(&value.to_be_bytes());
    }

    fn pad_to_word(&mut self, start: usize) {
        let length = self.len().saturating_sub(start).next_multiple_of(4);
        self.resize(start + length, 0);
    }
}

/// Overwrites two bytes that were written before; does nothing beyond the end.
pub(crate) fn patch_u16(bytes: &mut [u8], at: usize, value: u16) {
    if let Some(place) = bytes.get_mut(at..at + 2) {
        place.copy_from_slice(&value.to_be_bytes());
    }
}

/// The low 8 bits.
pub(crate) const fn low8(value: usize) -> u8 {
    value as u8
}

/// The low 16 bits.
pub(crate) const fn low16(value: usize) -> u16 {
    value as u16
}

/// The low 32 bits.
pub(crate) const fn low32(value: u64) -> u32 {
    value as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_network_order() {
        let mut reader = Reader::new(&[
            1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18,
        ]);
        assert_eq!(reader.u8(), Some(1));
        assert_eq!(reader.u16(), Some(0x0203));
        assert_eq!(reader.u24(), Some(0x0004_0506));
        assert_eq!(reader.u32(), Some(0x0708_090A));
        assert_eq!(reader.u64(), Some(0x0B0C_0D0E_0F10_1112));
        assert!(reader.is_empty());
        assert_eq!(reader.u8(), None);
    }

    #[test]
    fn numbers_are_written_in_network_order() {
        let mut out = vec![0xFF];
        out.put_u8(1);
        out.put_u16(0x0203);
        out.put_u24(0xFF04_0506);
        out.put_u32(0x0708_090A);
        out.put_u64(0x0B0C_0D0E_0F10_1112);
        out.pad_to_word(0);
        patch_u16(&mut out, 2, 0xAABB);
        patch_u16(&mut out, 19, 0xAABB);
        assert_eq!(
            out,
            [
                255, 1, 0xAA, 0xBB, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 0
            ]
        );
    }
}
