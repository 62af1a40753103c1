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
    let mut arguments = std::env::args()
        .skip_while(|argument| argument != "--grow")
        .skip(1);
    if let Some(members) = arguments.next() {
        return println!("{}", growth(members.parse().unwrap()));
    }
    println!(
        "silent members who report every {REPORT_EVERY} s, for {SECONDS} s of virtual time; median of 5 runs:"
    );
    for members in [1_000, 10_000] {
        let mut runs = [(); 5].map(|()| cpu(members));
        runs.sort_by(f64::total_cmp);
        println!(
            "{members:>6} members: {:>6.2} ms of CPU per second, {:>5.2} µs per member and second, {} bytes per member",
            1e3 * runs[2],
            1e6 * runs[2] / f64::from(members),
            growth_alone(members) / u64::from(members),
        );
    }
    println!("must: 1,000 members at most 20 ms per second, at most 1024 bytes each");
}

/// CPU seconds for each second of virtual time.
fn cpu(members: u32) -> f64 {
    let (mut session, start) = fresh(members);
    let packets: Vec<_> = (0..members).map(reporter::report).collect();
    let before = cpu_seconds();
    let joined = attend(&mut session, start, &packets, SECONDS);
    assert_eq!(joined, members, "not everybody was let in");
    (cpu_seconds() - before) / f64::from(SECONDS)
}

/// By how many bytes a process grows when so many join; in a process of its own, where no memory lies ready.
fn growth_alone(members: u32) -> u64 {
    let mut again = std::process::Command::new(std::env::current_exe().unwrap());
    let output = again
        .args(["--grow", &members.to_string()])
        .output()
        .unwrap();
    String::from_utf8(output.stdout)
        .unwrap()
        .trim()
        .parse()
        .unwrap()
}

fn growth(members: u32) -> u64 {
    let (mut session, start) = fresh(members);
    let packets: Vec<_> = (0..members).map(reporter::report).collect();
    let before = resident_bytes();
    attend(&mut session, start, &packets, 2 * REPORT_EVERY);
    let grown = resident_bytes().saturating_sub(before);
    std::hint::black_box(&session);
    grown
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
fn attend(session: &mut RtpSession, start: Instant, packets: &[Vec<u8>], seconds: u32) -> u32 {
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
