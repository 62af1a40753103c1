//! G.711 µ-law and A-law (RFC 3551 §4.5.14): one byte a sample, 8 kHz, for PCMU and PCMA.

/// The 16-bit sample that a µ-law byte stands for.
#[must_use]
pub const fn sample_from_ulaw(byte: u8) -> i16 {
    let code = !byte;
    let exponent = (code >> 4) & 7;
    let mantissa = (code & 15) as i16;
    let magnitude = (((mantissa << 3) + ULAW_BIAS) << exponent) - ULAW_BIAS;
    if code & SIGN == 0 {
        magnitude
    } else {
        -magnitude
    }
}

/// The µ-law byte nearest to a 16-bit sample.
#[must_use]
pub const fn ulaw_from_sample(sample: i16) -> u8 {
    let sign = if sample < 0 { SIGN } else { 0 };
    let magnitude = sample.unsigned_abs();
    let clipped = if magnitude > ULAW_CLIP {
        ULAW_CLIP
    } else {
        magnitude
    };
    let biased = clipped + ULAW_BIAS.unsigned_abs();
    // The bias makes the highest bit set lie from 7 to 14.
    let exponent = biased.ilog2() - 7;
    let mantissa = (biased >> (exponent + 3)) & 15;
    !(sign | low_byte(exponent << 4) | low_byte(mantissa as u32))
}

/// The 16-bit sample that an A-law byte stands for.
#[must_use]
pub const fn sample_from_alaw(byte: u8) -> i16 {
    let code = byte ^ ALAW_TOGGLE;
    let exponent = (code >> 4) & 7;
    let mantissa = ((code & 15) as i16) << 4;
    let magnitude = if exponent == 0 {
        mantissa + 8
    } else {
        (mantissa + 0x108) << (exponent - 1)
    };
    if code & SIGN == 0 {
        -magnitude
    } else {
        magnitude
    }
}

/// The A-law byte nearest to a 16-bit sample.
#[must_use]
pub const fn alaw_from_sample(sample: i16) -> u8 {
    let sign = if sample < 0 { 0 } else { SIGN };
    // One's complement, so that the two halves are mirror images (ITU-T G.711 table 1).
    let magnitude = if sample < 0 { !sample } else { sample }.unsigned_abs();
    let code = if magnitude < 256 {
        magnitude >> 4
    } else {
        let exponent = magnitude.ilog2() - 7;
        ((exponent << 4) as u16) | ((magnitude >> (exponent + 3)) & 15)
    };
    (sign | low_byte(code as u32)) ^ ALAW_TOGGLE
}

const fn low_byte(value: u32) -> u8 {
    value.to_le_bytes()[0]
}

const SIGN: u8 = 0x80;
const ULAW_BIAS: i16 = 0x84;
const ULAW_CLIP: u16 = 0x7FFF - 0x84;
/// Even bits are inverted on the line.
const ALAW_TOGGLE: u8 = 0x55;

#[cfg(test)]
mod tests {
    use super::*;

    /// ITU-T G.711 table 2 as a formula over the 14-bit scale.
    fn ulaw_by_table_2(byte: u8) -> f64 {
        let (sign, rest) = (byte >> 7, f64::from(127 - (byte & 127)));
        let segment = (rest / 16.0).floor();
        let step = rest - 16.0 * segment;
        let magnitude = (2.0 * step + 33.0) * segment.exp2() - 33.0;
        4.0 * if sign == 1 { magnitude } else { -magnitude }
    }

    /// ITU-T G.711 table 1 as a formula over the 13-bit scale.
    fn alaw_by_table_1(byte: u8) -> f64 {
        let line = byte ^ 0b0101_0101;
        let (segment, step) = (f64::from(line >> 4 & 7), f64::from(line & 15));
        let magnitude = match segment {
            0.0 => 2.0 * step + 1.0,
            _ => (2.0 * step + 33.0) * (segment - 1.0).exp2(),
        };
        8.0 * if line >= 128 { magnitude } else { -magnitude }
    }

    #[test]
    fn decoding_agrees_with_the_tables_of_the_standard() {
        for byte in 0..=u8::MAX {
            assert_eq!(
                f64::from(sample_from_ulaw(byte)),
                ulaw_by_table_2(byte),
                "{byte}"
            );
            assert_eq!(
                f64::from(sample_from_alaw(byte)),
                alaw_by_table_1(byte),
                "{byte}"
            );
        }
    }

    #[test]
    fn encoding_errs_by_half_a_step_at_most() {
        // A step is a sixteenth of its segment's lower end, which for µ-law is shifted by 132.
        for sample in i16::MIN..=i16::MAX {
            let ulaw = sample_from_ulaw(ulaw_from_sample(sample)).abs_diff(sample);
            let alaw = sample_from_alaw(alaw_from_sample(sample)).abs_diff(sample);
            assert!(
                ulaw <= (sample.unsigned_abs() + 132) / 32,
                "{sample}: {ulaw}"
            );
            assert!(
                alaw <= (sample.unsigned_abs() / 32).max(8),
                "{sample}: {alaw}"
            );
        }
    }

    /// Samples and what ffmpeg 5.1 makes of them with `-f mulaw` and `-f alaw`.
    #[test]
    fn bytes_are_those_that_ffmpeg_writes() {
        let samples = [
            0, 20, -20, 100, -100, 1000, -1000, 8000, -8000, 32767, -32768,
        ];
        let ulaw = [
            0xFF, 0xFC, 0x7C, 0xF2, 0x72, 0xCE, 0x4E, 0xA0, 0x20, 0x80, 0x00,
        ];
        let alaw = [
            0xD5, 0xD4, 0x54, 0xD3, 0x53, 0xFA, 0x7A, 0x8A, 0x0A, 0xAA, 0x2A,
        ];
        assert_eq!(samples.map(ulaw_from_sample), ulaw);
        assert_eq!(samples.map(alaw_from_sample), alaw);
    }
}
