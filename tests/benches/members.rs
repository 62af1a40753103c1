//! What silent members cost: CPU by the second and bytes by the head. `cargo bench --bench members`
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark may panic"
)]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use conf_core::session::{RtcpBandwidth, RtpSession, SessionInput, SessionOutput};
use conf_tests::cost::{cpu_seconds, resident_bytes};
use conf_tests::lan::{Lan, Weather};
use conf_tests::{reporter, seat};

const SECONDS: u32 = 300;
const REPORT_EVERY: u32 = 5;

fn main() {
    println!("silent members who report every {REPORT_EVERY} s, for {SECONDS} s of virtual time:");
    for members in [1_000, 10_000] {
        let mut runs: Vec<_> = (0..5).map(|_| run(members)).collect();
        runs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (cpu, _) = runs[2];
        let bytes = run_for_bytes(members);
        println!(
            "{members:>6} members: {:>7.2} ms of CPU per second, {:>5.2} µs per member and second, {bytes} bytes per member",
            1e3 * cpu,
            1e6 * cpu / f64::from(members),
        );
    }
    println!("must: 1,000 members at most 20 ms per second, at most 1024 bytes each");
}

/// CPU seconds for each second of virtual time, and how many were known at the end.
fn run(members: u32) -> (f64, usize) {
    let (mut session, start) = fresh(members);
    let packets: Vec<_> = (0..members).map(reporter::report).collect();
    let before = cpu_seconds();
    let known = attend(&mut session, start, &packets, SECONDS);
    ((cpu_seconds() - before) / f64::from(SECONDS), known)
}

/// By how much the process grows when all have reported twice.
fn run_for_bytes(members: u32) -> u64 {
    let (mut session, start) = fresh(members);
    let packets: Vec<_> = (0..members).map(reporter::report).collect();
    let before = resident_bytes();
    attend(&mut session, start, &packets, 2 * REPORT_EVERY);
    let grown = resident_bytes().saturating_sub(before);
    std::hint::black_box(&session);
    grown / u64::from(members)
}

fn fresh(members: u32) -> (RtpSession, Instant) {
    let lan = Lan::new(Weather::FAIR);
    let mut config = seat::config(&lan, "full", 1);
    config.limits.members = members as usize + 1;
    config.bandwidth = RtcpBandwidth {
        senders: 16_000,
        receivers: 160 * members,
    };
    (RtpSession::new(config, lan.now()), lan.now())
}

/// Lets everybody report in turn, evenly over each interval; gives how many joined.
fn attend(session: &mut RtpSession, start: Instant, packets: &[Vec<u8>], seconds: u32) -> usize {
    let interval = Duration::from_secs(REPORT_EVERY.into());
    let step = interval / u32::try_from(packets.len()).unwrap();
    let mut joined = 0;
    let mut now = start;
    let mut due = None;
    for _ in 0..seconds / REPORT_EVERY {
        for (number, bytes) in packets.iter().enumerate() {
            now += step;
            if due.is_some_and(|due| due <= now) {
                session.handle_input(now, SessionInput::Timeout);
            }
            let number = u32::try_from(number).unwrap();
            let from =
                SocketAddr::from((std::net::Ipv4Addr::from_bits(0x0A00_0001 + number), 5005));
            session.handle_input(now, SessionInput::Rtcp { from, bytes });
            due = loop {
                match session.poll_output() {
                    SessionOutput::Timeout(at) => break at,
                    SessionOutput::Event(conf_core::session::SessionEvent::Joined(_)) => {
                        joined += 1
                    }
                    _ => {}
                }
            };
        }
    }
    joined
}
