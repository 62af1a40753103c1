//! Whether a picture can be decoded from what came before it: reference pictures are counted (H.264 §7.4.3, frame_num).
use crate::payload::h264::{
    AccessUnit, NalType, NalUnit, ParameterSets, SliceHeader, Sps, nal_units,
};

/// Why a picture is not decoded; the one before stays on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Skip {
    /// Packets of it are missing.
    #[error("packets of the picture are missing")]
    Incomplete,
    /// A picture that it depends on is missing, or was not decoded itself.
    #[error("a picture that it depends on is missing")]
    ReferenceMissing,
    /// Its parameter sets have not come yet.
    #[error("its parameter sets have not come yet")]
    ParametersMissing,
    /// It is larger than anybody sends.
    #[error("the picture is too large")]
    TooLarge,
    /// The coder did not understand it.
    #[error("the coder did not understand it")]
    Refused,
}

/// Follows one stream.
#[derive(Debug, Default)]
pub(super) struct Continuity {
    sets: ParameterSets,
    /// frame_num of the last picture that others depend on; `None` until a keyframe, and after a loss.
    reference: Option<u32>,
}

impl Continuity {
    /// Takes in parameter sets from outside the stream.
    pub(super) fn learn(&mut self, unit: NalUnit<'_>) {
        self.sets.learn(unit);
    }

    /// Whether nothing can be decoded before the next keyframe.
    pub(super) const fn needs_keyframe(&self) -> bool {
        self.reference.is_none()
    }

    /// What was to be decoded has not been, or is to be forgotten: only a keyframe helps.
    pub(super) const fn lose(&mut self) {
        self.reference = None;
    }

    /// Whether this unit may be decoded, and the parameters of its picture, if it has one.
    pub(super) fn judge(&mut self, unit: &AccessUnit) -> Result<Option<Sps>, Skip> {
        let mut first = None;
        for nal in nal_units(&unit.stream) {
            if is_slice(nal) {
                first = Some(nal);
                break;
            }
            self.sets.learn(nal);
        }
        let Some(first) = first else {
            return if unit.is_whole {
                Ok(None)
            } else {
                Err(Skip::Incomplete)
            };
        };
        let begins = unit.follows || SliceHeader::first_macroblock(first) == Some(0);
        if !(unit.is_whole && begins) {
            if first.reference_idc() != 0 {
                self.lose();
            }
            return Err(Skip::Incomplete);
        }
        self.judge_picture(unit, first).map(Some)
    }

    fn judge_picture(&mut self, unit: &AccessUnit, first: NalUnit<'_>) -> Result<Sps, Skip> {
        let Some((slice, sps)) = SliceHeader::parse(first, &self.sets)
            .and_then(|slice| Some((slice, *self.sets.of_picture(slice.pps_id)?)))
        else {
            self.lose();
            return Err(Skip::ParametersMissing);
        };
        if u64::from(sps.width) * u64::from(sps.height) > MAX_AREA {
            self.lose();
            return Err(Skip::TooLarge);
        }
        if first.nal_type() != NalType::IdrSlice {
            let before = self.reference.ok_or(Skip::ReferenceMissing)?;
            let modulus = 1 << sps.frame_num_bits;
            let is_next = slice.frame_num == (before + 1) % modulus;
            let is_second_field = slice.is_field && slice.frame_num == before;
            let is_left_out = sps.are_gaps_allowed && unit.follows;
            if !(is_next || is_second_field || is_left_out) {
                self.lose();
                return Err(Skip::ReferenceMissing);
            }
        }
        if first.reference_idc() != 0 {
            self.reference = Some(slice.frame_num);
        }
        Ok(sps)
    }
}

fn is_slice(nal: NalUnit<'_>) -> bool {
    use NalType::{IdrSlice, Partition, Slice};
    matches!(nal.nal_type(), Slice | IdrSlice | Partition)
}

/// 3840x2160.
const MAX_AREA: u64 = 3_840 * 2_160;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtp_time::RtpTime;

    /// Baseline with four bits of frame_num: 16 pictures until it wraps.
    const SPS: [u8; 8] = [0x67, 0x42, 0xC0, 0x0A, 0xF6, 0x58, 0x9E, 0x40];
    const PPS: [u8; 4] = [0x68, 0xCE, 0x3C, 0x80];

    fn unit(header: u8, frame_num: u8, follows: bool, is_whole: bool) -> AccessUnit {
        // first_mb 0, slice type 5 (P), pps 0, then frame_num: 1 00110 1 nnnn.
        let bits = u16::from(0b100_1101_u8) << 9 | u16::from(frame_num & 15) << 5 | 16;
        let mut stream = Vec::new();
        let [high, low] = bits.to_be_bytes();
        for nal in [&SPS[..], &PPS, &[header, high, low]] {
            stream.extend([0, 0, 1]);
            stream.extend(nal);
        }
        AccessUnit {
            time: RtpTime(0),
            stream,
            follows,
            is_whole,
            payload_bytes: 0,
        }
    }

    const KEY: u8 = 0x65;
    const REFERENCE: u8 = 0x41;
    const DISPOSABLE: u8 = 0x01;

    fn judge(continuity: &mut Continuity, header: u8, frame_num: u8) -> Result<(), Skip> {
        let unit = unit(header, frame_num, true, true);
        continuity.judge(&unit).map(drop)
    }

    #[test]
    fn nothing_is_shown_before_a_keyframe() {
        let mut continuity = Continuity::default();
        assert_eq!(
            judge(&mut continuity, REFERENCE, 1),
            Err(Skip::ReferenceMissing)
        );
        assert!(continuity.needs_keyframe());
        assert_eq!(judge(&mut continuity, KEY, 0), Ok(()));
        assert_eq!(judge(&mut continuity, REFERENCE, 1), Ok(()));
    }

    #[test]
    fn a_missing_reference_freezes_until_the_next_keyframe() {
        let mut continuity = Continuity::default();
        judge(&mut continuity, KEY, 0).unwrap();
        assert_eq!(
            judge(&mut continuity, REFERENCE, 2),
            Err(Skip::ReferenceMissing)
        );
        assert_eq!(
            judge(&mut continuity, REFERENCE, 3),
            Err(Skip::ReferenceMissing)
        );
        assert_eq!(judge(&mut continuity, KEY, 0), Ok(()));
    }

    #[test]
    fn a_missing_picture_that_none_depends_on_does_no_harm() {
        let mut continuity = Continuity::default();
        judge(&mut continuity, KEY, 0).unwrap();
        judge(&mut continuity, REFERENCE, 1).unwrap();
        let broken = unit(DISPOSABLE, 2, true, false);
        assert_eq!(continuity.judge(&broken), Err(Skip::Incomplete));
        assert_eq!(judge(&mut continuity, DISPOSABLE, 2), Ok(()));
        assert_eq!(judge(&mut continuity, REFERENCE, 2), Ok(()));
        let broken = unit(REFERENCE, 3, true, false);
        assert_eq!(continuity.judge(&broken), Err(Skip::Incomplete));
        assert_eq!(
            judge(&mut continuity, REFERENCE, 4),
            Err(Skip::ReferenceMissing)
        );
    }

    #[test]
    fn frame_numbers_wrap() {
        let mut continuity = Continuity::default();
        judge(&mut continuity, KEY, 0).unwrap();
        for number in 1..40 {
            assert_eq!(judge(&mut continuity, REFERENCE, number % 16), Ok(()));
        }
    }

    #[test]
    fn without_parameter_sets_there_is_no_picture() {
        let mut continuity = Continuity::default();
        let mut bare = unit(KEY, 0, true, true);
        bare.stream.drain(..3 + SPS.len());
        assert_eq!(continuity.judge(&bare), Err(Skip::ParametersMissing));
        continuity.learn(NalUnit { bytes: &SPS });
        assert!(continuity.judge(&bare).is_ok());
    }
}
