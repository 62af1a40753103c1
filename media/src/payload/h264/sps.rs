//! Parameter sets (H.264 §7.3.2): as much of them as is needed to follow a stream without decoding it.
use std::time::Duration;

use super::bits::BitReader;
use super::nal::{NalType, NalUnit};

/// What a sequence parameter set says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sps {
    /// Its number, 0 to 31.
    pub id: u8,
    /// profile_idc, the constraint flags and level_idc, as in `profile-level-id`.
    pub profile_level: [u8; 3],
    /// Width of the picture shown.
    pub width: u32,
    /// Height of the picture shown.
    pub height: u32,
    /// Bits of frame_num in slice headers.
    pub frame_num_bits: u8,
    /// Whether frame_num may leap without a loss: the sender leaves pictures out.
    pub are_gaps_allowed: bool,
    /// Whether pictures may be single fields.
    pub has_fields: bool,
    /// Whether pictures come in the order in which they are shown.
    pub is_in_order: bool,
    /// matrix_coefficients of table E-5, where told.
    pub matrix: Option<u8>,
    /// Whether samples use all values from 0 to 255.
    pub is_full_range: bool,
    /// How long a frame is shown, where told.
    pub frame_time: Option<Duration>,
    separate_planes: bool,
}

impl Sps {
    /// Reads the body of such a NAL unit.
    #[must_use]
    pub fn parse(body: &[u8]) -> Option<Self> {
        let mut bits = BitReader::new(body);
        let profile = u8::try_from(bits.bits(8)?).ok()?;
        let constraints = u8::try_from(bits.bits(8)?).ok()?;
        let level = u8::try_from(bits.bits(8)?).ok()?;
        let id = u8::try_from(bits.ue()?).ok().filter(|id| *id < 32)?;
        let chroma = if HIGH_PROFILES.contains(&profile) {
            high_profile(&mut bits)?
        } else {
            Chroma::default()
        };
        let frame_num_bits = u8::try_from(bits.ue()?).ok().filter(|n| *n <= 12)? + 4;
        let order_type = order(&mut bits)?;
        bits.ue()?; // max_num_ref_frames
        let are_gaps_allowed = bits.flag()?;
        let (width, height, has_fields) = size(&mut bits, chroma)?;
        let video = if bits.flag()? { vui(&mut bits) } else { None }.unwrap_or_default();
        let is_baseline = profile == 66;
        Some(Self {
            id,
            profile_level: [profile, constraints, level],
            width,
            height,
            frame_num_bits,
            are_gaps_allowed,
            has_fields,
            is_in_order: is_baseline || order_type == 2 || video.reordered == Some(0),
            matrix: video.matrix,
            is_full_range: video.is_full_range,
            frame_time: video.frame_time,
            separate_planes: chroma.separate_planes,
        })
    }

    /// Bits of colour_plane_id in slice headers.
    pub(super) const fn plane_bits(&self) -> u8 {
        if self.separate_planes { 2 } else { 0 }
    }
}

/// What a picture parameter set says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pps {
    /// Its number, 0 to 255.
    pub id: u8,
    /// The sequence parameter set that it belongs to.
    pub sps_id: u8,
}

impl Pps {
    /// Reads the body of such a NAL unit.
    #[must_use]
    pub fn parse(body: &[u8]) -> Option<Self> {
        let mut bits = BitReader::new(body);
        let id = u8::try_from(bits.ue()?).ok()?;
        let sps_id = u8::try_from(bits.ue()?).ok().filter(|id| *id < 32)?;
        Some(Self { id, sps_id })
    }
}

/// The parameter sets of one stream, the newest of each number.
#[derive(Clone, Debug, Default)]
pub struct ParameterSets {
    sequences: Vec<Sps>,
    pictures: Vec<Pps>,
}

impl ParameterSets {
    /// Takes in what this NAL unit says, if it is a parameter set that can be read.
    pub fn learn(&mut self, unit: NalUnit<'_>) {
        match unit.nal_type() {
            NalType::SequenceParameters => {
                if let Some(sps) = Sps::parse(unit.body()) {
                    self.sequences.retain(|known| known.id != sps.id);
                    self.sequences.push(sps);
                }
            }
            NalType::PictureParameters => {
                if let Some(pps) = Pps::parse(unit.body()) {
                    self.pictures.retain(|known| known.id != pps.id);
                    self.pictures.push(pps);
                }
            }
            _ => {}
        }
    }

    /// The sequence parameters that hold for slices with this picture parameter set.
    #[must_use]
    pub fn of_picture(&self, pps_id: u8) -> Option<&Sps> {
        let pps = self.pictures.iter().find(|pps| pps.id == pps_id)?;
        self.sequences.iter().find(|sps| sps.id == pps.sps_id)
    }
}

#[derive(Clone, Copy)]
struct Chroma {
    /// chroma_format_idc: 0 grey, 1 4:2:0, 2 4:2:2, 3 4:4:4.
    format: u32,
    separate_planes: bool,
}

impl Default for Chroma {
    fn default() -> Self {
        Self {
            format: 1,
            separate_planes: false,
        }
    }
}

fn high_profile(bits: &mut BitReader<'_>) -> Option<Chroma> {
    let format = bits.ue().filter(|format| *format <= 3)?;
    let separate_planes = format == 3 && bits.flag()?;
    bits.ue()?; // bit_depth_luma_minus8
    bits.ue()?; // bit_depth_chroma_minus8
    bits.flag()?; // qpprime_y_zero_transform_bypass_flag
    if bits.flag()? {
        for list in 0..if format == 3 { 12 } else { 8 } {
            if bits.flag()? {
                scaling_list(bits, if list < 6 { 16 } else { 64 })?;
            }
        }
    }
    Some(Chroma {
        format,
        separate_planes,
    })
}

/// §7.3.2.1.1.1.
fn scaling_list(bits: &mut BitReader<'_>, size: u8) -> Option<()> {
    let (mut last, mut next) = (8_i32, 8_i32);
    for _ in 0..size {
        if next != 0 {
            next = last.wrapping_add(bits.se()?).rem_euclid(256);
        }
        last = if next == 0 { last } else { next };
    }
    Some(())
}

/// pic_order_cnt_type and what belongs to it.
fn order(bits: &mut BitReader<'_>) -> Option<u32> {
    let order_type = bits.ue().filter(|kind| *kind <= 2)?;
    match order_type {
        0 => drop(bits.ue()?), // log2_max_pic_order_cnt_lsb_minus4
        1 => {
            bits.flag()?;
            bits.se()?;
            bits.se()?;
            for _ in 0..bits.ue().filter(|count| *count <= 255)? {
                bits.se()?;
            }
        }
        _ => {}
    }
    Some(order_type)
}

fn size(bits: &mut BitReader<'_>, chroma: Chroma) -> Option<(u32, u32, bool)> {
    let across = bits.ue()?.checked_add(1)?;
    let down = bits.ue()?.checked_add(1)?;
    let has_fields = !bits.flag()?;
    if has_fields {
        bits.flag()?; // mb_adaptive_frame_field_flag
    }
    bits.flag()?; // direct_8x8_inference_flag
    let rows = if has_fields { 2 } else { 1 };
    let unit_x = if matches!(chroma.format, 1 | 2) { 2 } else { 1 };
    let unit_y = rows * if chroma.format == 1 { 2 } else { 1 };
    let (mut cut_x, mut cut_y) = (0, 0);
    if bits.flag()? {
        cut_x = bits.ue()?.checked_add(bits.ue()?)?.checked_mul(unit_x)?;
        cut_y = bits.ue()?.checked_add(bits.ue()?)?.checked_mul(unit_y)?;
    }
    let width = across.checked_mul(16)?.checked_sub(cut_x)?;
    let height = down.checked_mul(16 * rows)?.checked_sub(cut_y)?;
    (width > 0 && height > 0).then_some((width, height, has_fields))
}

#[derive(Clone, Copy, Default)]
struct Video {
    matrix: Option<u8>,
    is_full_range: bool,
    frame_time: Option<Duration>,
    reordered: Option<u32>,
}

/// Annex E.1.1, of which only colours, times and reordering matter.
fn vui(bits: &mut BitReader<'_>) -> Option<Video> {
    let mut video = Video::default();
    if bits.flag()? && bits.bits(8)? == 255 {
        bits.bits(32)?; // sample aspect ratio
    }
    if bits.flag()? {
        bits.flag()?; // overscan
    }
    if bits.flag()? {
        bits.bits(3)?; // video_format
        video.is_full_range = bits.flag()?;
        if bits.flag()? {
            bits.bits(16)?; // primaries, transfer
            video.matrix = u8::try_from(bits.bits(8)?).ok();
        }
    }
    // From here on what cannot be read is left unknown.
    video.frame_time = frame_time(bits).flatten();
    video.reordered = reordered(bits).flatten();
    Some(video)
}

fn frame_time(bits: &mut BitReader<'_>) -> Option<Option<Duration>> {
    if bits.flag()? {
        bits.ue()?; // chroma_sample_loc_type
        bits.ue()?;
    }
    if !bits.flag()? {
        return Some(None);
    }
    let units_in_tick = bits.bits(32)?;
    let time_scale = bits.bits(32)?;
    bits.flag()?; // fixed_frame_rate_flag
    // A tick is a field's time, two of them a frame's (§E.2.1).
    let nanoseconds = u64::from(units_in_tick) * 2_000_000_000;
    let whole = nanoseconds.checked_div(time_scale.into());
    Some(whole.filter(|time| *time > 0).map(Duration::from_nanos))
}

fn reordered(bits: &mut BitReader<'_>) -> Option<Option<u32>> {
    let nal = bits.flag()?;
    if nal {
        hrd(bits)?;
    }
    let vcl = bits.flag()?;
    if vcl {
        hrd(bits)?;
    }
    if nal || vcl {
        bits.flag()?; // low_delay_hrd_flag
    }
    bits.flag()?; // pic_struct_present_flag
    if !bits.flag()? {
        return Some(None);
    }
    bits.flag()?; // motion_vectors_over_pic_boundaries_flag
    for _ in 0..4 {
        bits.ue()?;
    }
    Some(Some(bits.ue()?))
}

/// Annex E.1.2.
fn hrd(bits: &mut BitReader<'_>) -> Option<()> {
    let count = bits.ue().filter(|count| *count < 32)? + 1;
    bits.bits(8)?;
    for _ in 0..count {
        bits.ue()?;
        bits.ue()?;
        bits.flag()?;
    }
    bits.bits(20)?;
    Some(())
}

/// Those with chroma_format_idc (§7.3.2.1.1).
const HIGH_PROFILES: [u8; 13] = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];
