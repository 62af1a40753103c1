//! Sequences of datagrams, commands and time for an RTP session.
#![no_main]
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use conf_core::session::{
    NtpTime, RtpSession, SessionConfig, SessionInput, SessionOutput, WallClock,
};
use libfuzzer_sys::fuzz_target;
use media::rtp_time::{ClockRate, RtpTime};

fuzz_target!(|bytes: &[u8]| {
    let mut now = Instant::now();
    let wall_clock = WallClock {
        instant: now,
        ntp: NtpTime(0xEE00_0000 << 32),
    };
    let mut config = SessionConfig::new("fuzz@lan.test", wall_clock, 1);
    config.payload_types = ClockRate::new(48_000)
        .map(|rate| (96, rate))
        .into_iter()
        .collect();
    let mut session = RtpSession::new(config, now);
    // Each step begins with a byte that says what happens, and one that says how much of it.
    let mut rest = bytes;
    while let [what, much, tail @ ..] = rest {
        let (given, tail) = tail.split_at(tail.len().min(usize::from(*much)));
        rest = tail;
        let from = SocketAddr::from(([10, 0, 0, what >> 6], 5004));
        match what % 7 {
            0 => now += Duration::from_millis(u64::from(*much).pow(2)),
            1 => session.handle_input(now, SessionInput::LocalAddresses(&[from])),
            2 => session.handle_input(now, sent(now, *much, given)),
            3 => session.handle_input(now, SessionInput::Leave),
            4 | 5 => session.handle_input(now, SessionInput::Rtcp { from, bytes: given }),
            _ => session.handle_input(now, SessionInput::Rtp { from, waited: Duration::ZERO, bytes: given }),
        }
        session.handle_input(now, SessionInput::Timeout);
        if is_over(&mut session, given) {
            return;
        }
    }
});

fn sent(captured: Instant, time: u8, payload: &[u8]) -> SessionInput<'_> {
    SessionInput::Send {
        payload_type: 96,
        time: RtpTime(u32::from(time) * 960),
        captured,
        marker: false,
        payload,
    }
}

/// Polls all there is; whatever names a part of the datagram must lie within it.
fn is_over(session: &mut RtpSession, given: &[u8]) -> bool {
    for _ in 0..10_000 {
        match session.poll_output() {
            SessionOutput::Timeout(_) => return false,
            SessionOutput::Finished => return true,
            SessionOutput::Media(packet) => assert!(given.get(packet.payload).is_some()),
            _ => {}
        }
    }
    panic!("outputs without end");
}
