//! 16-bit linear sound in network order (RFC 3551 §4.5.11), channels in turn.

/// The samples of a payload, full scale being 1; an odd byte at the end is passed over.
pub fn samples(payload: &[u8]) -> impl ExactSizeIterator<Item = f32> + Clone {
    payload.chunks_exact(2).map(|pair| {
        let bytes = pair.try_into().unwrap_or_default();
        f32::from(i16::from_be_bytes(bytes)) / FULL_SCALE
    })
}

/// Writes samples as a payload as far as there is room; gives the number of bytes.
pub fn write(samples: &[f32], payload: &mut [u8]) -> usize {
    let room = payload.chunks_exact_mut(2);
    let count = samples.len().min(room.len());
    for (pair, sample) in room.zip(samples) {
        pair.copy_from_slice(&i16_from_f32(*sample).to_be_bytes());
    }
    2 * count
}

/// The nearest 16-bit sample; what is beyond full scale is clipped, and what is no number is silence.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    reason = "`as` from a float saturates, and that is wanted"
)]
pub fn i16_from_f32(sample: f32) -> i16 {
    (sample * FULL_SCALE).round() as i16
}

const FULL_SCALE: f32 = 32_768.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_travel_high_byte_first() {
        let mut payload = [0; 8];
        assert_eq!(write(&[0.5, -0.5, 1.0 / 32_768.0, -1.0], &mut payload), 8);
        assert_eq!(payload, [0x40, 0, 0xC0, 0, 0, 1, 0x80, 0]);
        let back: Vec<f32> = samples(&[0x40, 0, 0xC0, 0, 0xFF, 0xFF, 9]).collect();
        assert_eq!(back, [0.5, -0.5, -1.0 / 32_768.0]);
    }

    #[test]
    fn what_is_beyond_full_scale_is_clipped() {
        assert_eq!(
            [1.0, 7.0, -7.0, f32::NAN].map(i16_from_f32),
            [32_767, 32_767, -32_768, 0]
        );
    }

    #[test]
    fn writing_stops_where_the_room_ends() {
        let mut payload = [0; 3];
        assert_eq!(write(&[0.5, 0.5], &mut payload), 2);
        assert_eq!(payload, [0x40, 0, 0]);
    }
}
