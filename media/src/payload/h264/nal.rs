//! NAL units (H.264 §7.3.1): their header, and where they lie in a byte stream (Annex B).

/// What a NAL unit holds (H.264 table 7-1), as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NalType {
    /// 1: a slice of a picture that others precede.
    Slice,
    /// 2, 3, 4: data partitions (extended profile), which are not decoded here.
    Partition,
    /// 5: a slice of a picture with which decoding can begin.
    IdrSlice,
    /// 6: supplemental information.
    Sei,
    /// 7.
    SequenceParameters,
    /// 8.
    PictureParameters,
    /// Anything else.
    Other(u8),
}

impl NalType {
    /// Of the first byte of a NAL unit.
    #[must_use]
    pub const fn of(header: u8) -> Self {
        match header & TYPE_BITS {
            1 => Self::Slice,
            2..=4 => Self::Partition,
            5 => Self::IdrSlice,
            6 => Self::Sei,
            7 => Self::SequenceParameters,
            8 => Self::PictureParameters,
            other => Self::Other(other),
        }
    }
}

/// One NAL unit without its start code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NalUnit<'a> {
    /// All its bytes; the first is the header.
    pub bytes: &'a [u8],
}

impl<'a> NalUnit<'a> {
    /// What it holds; `Other(0)` where it is empty.
    #[must_use]
    pub fn nal_type(self) -> NalType {
        NalType::of(self.header())
    }

    /// nal_ref_idc: 0 where no other picture depends on it.
    #[must_use]
    pub fn reference_idc(self) -> u8 {
        self.header() >> 5 & 3
    }

    /// What follows the header.
    #[must_use]
    pub fn body(self) -> &'a [u8] {
        self.bytes.get(1..).unwrap_or_default()
    }

    fn header(self) -> u8 {
        self.bytes.first().copied().unwrap_or(0)
    }
}

/// The NAL units of a byte stream, in order; what comes before the first start code is passed over.
pub fn nal_units(stream: &[u8]) -> impl Iterator<Item = NalUnit<'_>> {
    let mut rest = after_start_code(stream);
    std::iter::from_fn(move || {
        let here = rest?;
        let end = find_start_code(here).unwrap_or(here.len());
        let (bytes, tail) = here.split_at(end);
        rest = after_start_code(tail);
        // A fourth zero before the start code, and padding, belong to no unit (Annex B.1).
        let length = bytes
            .iter()
            .rposition(|byte| *byte != 0)
            .map_or(0, |at| at + 1);
        Some(NalUnit {
            bytes: bytes.get(..length).unwrap_or_default(),
        })
    })
    .filter(|unit| !unit.bytes.is_empty())
}

fn find_start_code(bytes: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        // Ones are rarer than zeros; look for them.
        let one = from + bytes.get(from..)?.iter().position(|byte| *byte == 1)?;
        if one >= 2 && bytes.get(one - 2..one) == Some(&[0, 0]) {
            return Some(one - 2);
        }
        from = one + 1;
    }
}

fn after_start_code(bytes: &[u8]) -> Option<&[u8]> {
    bytes.get(find_start_code(bytes)? + START_CODE.len()..)
}

/// Three bytes before each NAL unit in a byte stream.
pub(crate) const START_CODE: [u8; 3] = [0, 0, 1];
pub(super) const TYPE_BITS: u8 = 31;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn start_codes_of_three_and_four_bytes_divide_a_stream() {
        let stream = [
            9, 0, 0, 0, 1, 0x67, 1, 2, 0, 0, 1, 0x68, 3, 0, 0, 0, 1, 0x65, 0, 1, 4, 0, 0,
        ];
        let units: Vec<_> = nal_units(&stream).map(|unit| unit.bytes).collect();
        let expected: [&[u8]; 3] = [&[0x67, 1, 2], &[0x68, 3], &[0x65, 0, 1, 4]];
        assert_eq!(units, expected);
        assert_eq!(nal_units(&[]).count() + nal_units(&[0, 0, 1]).count(), 0);
    }

    #[test]
    fn a_header_tells_type_and_importance() {
        let unit = NalUnit { bytes: &[0x65, 1] };
        assert_eq!(
            (unit.nal_type(), unit.reference_idc()),
            (NalType::IdrSlice, 3)
        );
        assert_eq!(NalType::of(0x09), NalType::Other(9));
    }
}
