//! Where RTCP goes: `a=rtcp` (RFC 3605), `a=rtcp-mux` (RFC 5761).
use std::net::IpAddr;

use super::Attributes;
use crate::description::error::{Reason, number};

/// `a=rtcp:port [IN type address]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RtcpPort {
    /// UDP port of RTCP.
    pub port: u16,
    /// Address of RTCP, where it is another one.
    pub address: Option<IpAddr>,
}

impl Attributes {
    /// The first `a=rtcp` line.
    pub fn rtcp(&self) -> Option<RtcpPort> {
        self.values("rtcp").find_map(|value| {
            let mut words = value.split_whitespace();
            let port = words.next()?.parse().ok()?;
            let address = words
                .nth(2)
                .and_then(|text| text.split('/').next()?.parse().ok());
            Some(RtcpPort { port, address })
        })
    }

    /// Whether RTP and RTCP share a port: `a=rtcp-mux`.
    pub fn is_rtcp_muxed(&self) -> bool {
        self.has("rtcp-mux")
    }
}

/// Refuses an `a=rtcp` line without a port: RTCP would go where nobody listens.
pub(in crate::description) fn check_rtcp(line: &str) -> Result<(), Reason> {
    let Some(value) = line.strip_prefix("rtcp:") else {
        return Ok(());
    };
    let port = value.split_whitespace().next().unwrap_or_default();
    number(port, "port", 0, u16::MAX.into()).map(drop)
}

#[cfg(test)]
mod tests {
    use super::super::attributes;
    use super::*;

    #[test]
    fn rtcp_lines_of_rfc_3605_section_2_1() {
        let read = |line: &str| attributes(&[line]).rtcp().unwrap();
        assert_eq!(
            read("rtcp:53020"),
            RtcpPort {
                port: 53020,
                address: None
            }
        );
        let with_address = read("rtcp:53020 IN IP4 126.16.64.4");
        assert_eq!(with_address.address, "126.16.64.4".parse().ok());
        let with_v6 = read("rtcp:53020 IN IP6 2001:2345:6789:ABCD:EF01:2345:6789:ABCD");
        assert!(with_v6.address.is_some());
        assert_eq!(
            read("rtcp:1 IN IP7 X"),
            RtcpPort {
                port: 1,
                address: None
            }
        );
    }

    #[test]
    fn a_port_that_is_no_port_is_refused() {
        assert!(check_rtcp("rtcp:34er21").is_err());
        assert!(check_rtcp("rtcp:9 IN IP4 0.0.0.0").is_ok());
        assert!(check_rtcp("rtcp-mux").is_ok());
    }
}
