//! What an engine is told at its start, and what can be asked of it later.
use std::time::Duration;

use crate::payload::AudioFormat;
use crate::rtp_time::Ssrc;

/// What the engine is to do.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// The formats that others may send.
    pub receive: Vec<AudioFormat>,
    /// The format to send; `None` only listens.
    pub send: Option<AudioFormat>,
    /// How many sources are kept; beyond it, the one least recently heard makes room. One takes up to 250 kB.
    pub max_sources: usize,
    /// How many sources are decoded at a time; beyond it, the loudest are, and one more to learn how loud it is.
    pub max_decoded: usize,
    /// Whether nothing is sent in silence (Opus only).
    pub is_dtx_enabled: bool,
    /// Bit rate of Opus in bit/s; `None` chooses.
    pub bit_rate: Option<u32>,
    /// Whether the microphone is muted at the start.
    pub is_muted: bool,
    /// Delay beyond what the network needs, for threads at both ends that are woken late. Virtual time needs none.
    pub spare_delay: Duration,
}

impl EngineConfig {
    /// Sends in the first of `formats` and receives them all.
    pub fn new(formats: Vec<AudioFormat>) -> Self {
        Self {
            send: formats.first().copied(),
            receive: formats,
            max_sources: 256,
            max_decoded: 64,
            is_dtx_enabled: true,
            bit_rate: None,
            is_muted: false,
            spare_delay: Duration::ZERO,
        }
    }
}

/// What can be asked of a running engine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum EngineCommand {
    /// How somebody is to be heard; remembered for one who has not spoken yet.
    SetSource {
        /// Who.
        ssrc: Ssrc,
        /// Gain, 0 is as sent; at most +20 is applied.
        gain_db: f32,
        /// Place between left (-1) and right (1).
        pan: f32,
        /// Whether to hear nothing of them.
        muted: bool,
    },
    /// Lets somebody's voice wait so much longer than the network asks for, because their pictures come later.
    DelaySource {
        /// Who.
        ssrc: Ssrc,
        /// How long.
        delay: Duration,
    },
    /// Somebody left: forget their sound and settings.
    RemoveSource(Ssrc),
    /// Stop or start sending one's own voice.
    MuteMicrophone(bool),
    /// The loss that receivers report, in percent: sets the forward error correction that is sent.
    ExpectedLoss(u8),
}
