//! What the sessions of a conference are told when they begin.
use media::rtp_time::{ClockRate, Ssrc};

use super::{JoinOptions, Loopback, Moment, Transport};
use crate::session::SessionConfig;

/// For one medium; every medium of a conference has the same CNAME.
pub(super) fn session_config(
    transport: &Transport,
    payload_types: Vec<(u8, ClockRate)>,
    options: &JoinOptions,
    moment: Moment,
) -> SessionConfig {
    let cname = cname(options);
    SessionConfig {
        information: options.information.editable_items(),
        payload_types,
        bandwidth: transport.bandwidth,
        pace: transport.pace,
        is_reduced_size_allowed: transport.is_reduced_size_allowed,
        is_rtcp_mux: transport.rtcp.is_none(),
        ssrc: Some(ssrc(options.seed)),
        is_own_media_delivered: options.loopback == Loopback::Full,
        ..SessionConfig::new(cname, moment.wall_clock(), options.seed)
    }
}

/// Tells the random numbers of the video apart from those of the sound.
pub(super) const VIDEO_SEED: u64 = 0x5649_4445_4F00_0000;

/// What we are called in every medium.
pub(super) fn cname(options: &JoinOptions) -> String {
    let given = options.information.cname.clone();
    given.unwrap_or_else(|| random_cname(options.seed))
}

/// Every medium begins with the same SSRC, so that others know at once what belongs together, before they know the CNAME;
/// of layers RFC 3550 section 8.3 wants it so.
fn ssrc(seed: u64) -> Ssrc {
    Ssrc(fastrand::Rng::with_seed(seed ^ 0x5353_5243_0000_0000).u32(..))
}

/// A CNAME that is random and made for this conference alone (RFC 7022 section 4.2), so that it tells nothing about the person.
fn random_cname(seed: u64) -> String {
    let mut rng = fastrand::Rng::with_seed(seed ^ 0x434e_414d_4500_0000);
    std::iter::repeat_with(|| rng.alphanumeric())
        .take(16)
        .collect()
}
