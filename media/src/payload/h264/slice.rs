//! The beginning of a slice header (H.264 §7.3.3): what tells pictures apart and what they depend on.
use super::bits::BitReader;
use super::nal::{NalType, NalUnit};
use super::sps::ParameterSets;

/// How a slice is predicted (H.264 table 7-6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SliceType {
    /// From pictures before it.
    P,
    /// From pictures before and after it.
    B,
    /// From nothing but itself.
    I,
    /// Switching (extended profile).
    Switching,
}

/// The beginning of a slice header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SliceHeader {
    /// Number of the first macroblock: 0 in the first slice of a picture.
    pub first_macroblock: u32,
    /// How it is predicted.
    pub slice_type: SliceType,
    /// Which picture parameters hold.
    pub pps_id: u8,
    /// Counts the pictures that others depend on, with so many bits as the sequence parameters say.
    pub frame_num: u32,
    /// Whether it belongs to a single field.
    pub is_field: bool,
}

impl SliceHeader {
    /// Reads it; `None` where the unit is no slice, is broken, or its parameter sets are unknown.
    #[must_use]
    pub fn parse(unit: NalUnit<'_>, sets: &ParameterSets) -> Option<Self> {
        if !matches!(unit.nal_type(), NalType::Slice | NalType::IdrSlice) {
            return None;
        }
        let mut bits = BitReader::new(unit.body());
        let first_macroblock = bits.ue()?;
        let slice_type = match bits.ue()? % 5 {
            0 => SliceType::P,
            1 => SliceType::B,
            2 => SliceType::I,
            _ => SliceType::Switching,
        };
        let pps_id = u8::try_from(bits.ue()?).ok()?;
        let sps = sets.of_picture(pps_id)?;
        bits.bits(sps.plane_bits())?;
        let frame_num = bits.bits(sps.frame_num_bits)?;
        let is_field = sps.has_fields && bits.flag()?;
        Some(Self {
            first_macroblock,
            slice_type,
            pps_id,
            frame_num,
            is_field,
        })
    }

    /// first_mb_in_slice alone, which needs no parameter sets.
    #[must_use]
    pub fn first_macroblock(unit: NalUnit<'_>) -> Option<u32> {
        BitReader::new(unit.body()).ue()
    }
}
