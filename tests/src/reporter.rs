//! A light member for crowds: scripted, with reports written byte by byte and not by the code under test.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use conf_core::endpoint::{Endpoint, EndpointInput, EndpointOutput, Transmit};

/// Reports at fixed intervals and hears nobody.
pub struct Reporter {
    ssrc: u32,
    to: SocketAddr,
    interval: Duration,
    /// When the first report is due, then each next one; none after the goodbye.
    next: Option<Instant>,
    reports_left: u32,
    outbox: Option<Vec<u8>>,
}

impl Reporter {
    /// A member who reports for the first time at `first`, and stays.
    pub fn new(ssrc: u32, to: SocketAddr, first: Instant, interval: Duration) -> Self {
        Self {
            ssrc,
            to,
            interval,
            next: Some(first),
            reports_left: u32::MAX,
            outbox: None,
        }
    }

    /// The same member, who says goodbye after so many reports.
    #[must_use]
    pub fn leaving_after(mut self, reports: u32) -> Self {
        self.reports_left = reports;
        self
    }
}

impl Endpoint for Reporter {
    fn handle_input(&mut self, now: Instant, _: EndpointInput<'_>) {
        let Some(due) = self.next.filter(|due| *due <= now) else {
            return;
        };
        let is_last = self.reports_left == 0;
        self.outbox = Some(if is_last {
            goodbye(self.ssrc)
        } else {
            report(self.ssrc)
        });
        self.next = (!is_last).then_some(due + self.interval);
        self.reports_left = self.reports_left.saturating_sub(1);
    }

    fn poll_output(&mut self) -> EndpointOutput {
        let Some(payload) = self.outbox.take() else {
            return EndpointOutput::Timeout(self.next);
        };
        EndpointOutput::Transmit(Transmit {
            to: self.to,
            ttl: 1,
            dscp: 0,
            payload,
        })
    }
}

/// An empty receiver report and a CNAME (RFC 3550 sections 6.4.2 and 6.5).
pub fn report(ssrc: u32) -> Vec<u8> {
    let cname = format!("{ssrc:08x}@crowd.test");
    let mut chunk = ssrc.to_be_bytes().to_vec();
    chunk.extend([1, u8::try_from(cname.len()).unwrap()]);
    chunk.extend(cname.into_bytes());
    // At least one zero byte ends the list, and the chunk ends on a word.
    chunk.resize((chunk.len() + 4) / 4 * 4, 0);
    [receiver_report(ssrc), packet(0x81, 202, &chunk)].concat()
}

/// An empty receiver report and a BYE (section 6.6).
pub fn goodbye(ssrc: u32) -> Vec<u8> {
    [
        receiver_report(ssrc),
        packet(0x81, 203, &ssrc.to_be_bytes()),
    ]
    .concat()
}

/// An RTP packet: version 2, no extension, payload type 96 (section 5.1).
pub fn speech(ssrc: u32, sequence: u16, time: u32) -> Vec<u8> {
    let mut bytes = vec![0x80, 96];
    bytes.extend(sequence.to_be_bytes());
    bytes.extend(time.to_be_bytes());
    bytes.extend(ssrc.to_be_bytes());
    bytes.extend([0x55; 40]);
    bytes
}

fn receiver_report(ssrc: u32) -> Vec<u8> {
    packet(0x80, 201, &ssrc.to_be_bytes())
}

fn packet(first: u8, kind: u8, body: &[u8]) -> Vec<u8> {
    let words = u16::try_from(body.len() / 4).unwrap();
    [&[first, kind][..], &words.to_be_bytes(), body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_these_bytes() {
        let expected =
            b"\x80\xC9\0\x01\0\0\0\x07\x81\xCA\0\x07\0\0\0\x07\x01\x1300000007@crowd.test\0\0\0";
        assert_eq!(report(7), expected);
    }

    #[test]
    fn a_goodbye_is_these_bytes() {
        assert_eq!(
            goodbye(7),
            b"\x80\xC9\0\x01\0\0\0\x07\x81\xCB\0\x01\0\0\0\x07"
        );
    }
}
