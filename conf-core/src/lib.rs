//! Taking part in a multicast conference: groups, RTP and RTCP, members, quality.
pub mod endpoint;
pub mod net;
