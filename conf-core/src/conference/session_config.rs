//! What the sessions of a conference are told when they begin.
use media::rtp_time::ClockRate;

use super::{JoinOptions, Loopback, Moment, Transport};
use crate::session::SessionConfig;

/// For one medium; every medium of a conference has the same CNAME.
pub(super) fn session_config(
    transport: &Transport,
    payload_types: Vec<(u8, ClockRate)>,
    options: &JoinOptions,
    moment: Moment,
) -> SessionConfig {
    let cname = options
        .information
        .cname
        .clone()
        .unwrap_or_else(|| cname(options.seed));
    SessionConfig {
        information: options.information.editable_items(),
        payload_types,
        bandwidth: transport.bandwidth,
        pace: transport.pace,
        is_reduced_size_allowed: transport.is_reduced_size_allowed,
        is_rtcp_mux: transport.rtcp.is_none(),
        is_own_media_delivered: options.loopback == Loopback::Full,
        ..SessionConfig::new(cname, moment.wall_clock(), options.seed)
    }
}

/// Tells the random numbers of the video apart from those of the sound.
pub(super) const VIDEO_SEED: u64 = 0x5649_4445_4F00_0000;

/// A CNAME that is random and made for this conference alone (RFC 7022 section 4.2), so that it tells nothing about the person.
fn cname(seed: u64) -> String {
    let mut rng = fastrand::Rng::with_seed(seed ^ 0x434e_414d_4500_0000);
    std::iter::repeat_with(|| rng.alphanumeric())
        .take(16)
        .collect()
}
