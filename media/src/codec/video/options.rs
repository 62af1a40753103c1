//! What openh264's binding offers no safe call for: silence, and the rates of a running encoder.
#![expect(
    unsafe_code,
    reason = "the binding offers these options through its raw interface only"
)]
use std::ptr::from_mut;

use openh264::encoder::Encoder;
use openh264_sys2::{
    ENCODER_OPTION_BITRATE, ENCODER_OPTION_FRAME_RATE, ENCODER_OPTION_MAX_BITRATE,
    ENCODER_OPTION_TRACE_LEVEL, SBitrateInfo, SPATIAL_LAYER_ALL, WELS_LOG_QUIET,
};

/// Keeps it from writing warnings to standard error, which it does from its first picture on.
pub(super) fn silence(encoder: &mut Encoder) {
    let mut level = WELS_LOG_QUIET;
    // SAFETY: this option takes a pointer to an int, which is read before the call returns; it is allowed at any time.
    let result = unsafe {
        encoder
            .raw_api()
            .set_option(ENCODER_OPTION_TRACE_LEVEL, from_mut(&mut level).cast())
    };
    if result != 0 {
        tracing::debug!(result, "the encoder will not be quiet");
    }
}

/// Bits per second, of a running encoder that aimed at `before`.
pub(super) fn set_bit_rate(encoder: &mut Encoder, before: u32, bit_rate: u32) {
    // The target may at no time lie above the limit.
    let options = if bit_rate > before {
        [ENCODER_OPTION_MAX_BITRATE, ENCODER_OPTION_BITRATE]
    } else {
        [ENCODER_OPTION_BITRATE, ENCODER_OPTION_MAX_BITRATE]
    };
    for option in options {
        let mut info = SBitrateInfo {
            iLayer: SPATIAL_LAYER_ALL,
            iBitrate: i32::try_from(bit_rate).unwrap_or(i32::MAX),
        };
        // SAFETY: both options take a pointer to an SBitrateInfo, which is read before the call returns.
        let result = unsafe {
            encoder
                .raw_api()
                .set_option(option, from_mut(&mut info).cast())
        };
        if result != 0 {
            // More than its level allows to pictures of this size.
            tracing::debug!(result, bit_rate, "the encoder does not take this bit rate");
        }
    }
}

/// Pictures per second, of a running encoder.
pub(super) fn set_frame_rate(encoder: &mut Encoder, mut frame_rate: f32) {
    // SAFETY: this option takes a pointer to a float, which is read before the call returns.
    let result = unsafe {
        encoder
            .raw_api()
            .set_option(ENCODER_OPTION_FRAME_RATE, from_mut(&mut frame_rate).cast())
    };
    if result != 0 {
        tracing::warn!(
            result,
            frame_rate,
            "the encoder does not take this frame rate"
        );
    }
}
