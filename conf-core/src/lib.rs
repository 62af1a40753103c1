//! Taking part in a multicast conference: groups, RTP and RTCP, members, quality.
pub mod endpoint;
pub mod net;
pub mod rtcp;
pub mod rtp;
pub mod session;
mod wire;
