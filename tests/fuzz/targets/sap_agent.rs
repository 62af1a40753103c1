//! Sequences of datagrams, commands and time for the SAP agent.
#![no_main]
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant, SystemTime};

use directory::Description;
use directory::sap::{Agent, Datagram, Input, Limits, Output};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut now = Instant::now();
    let rng = fastrand::Rng::with_seed(1);
    let mut agent = Agent::new(Limits::default(), rng, now, SystemTime::UNIX_EPOCH);
    // Each step begins with a byte that says what happens, and one that says how much of it.
    let mut rest = bytes;
    while let [what, much, tail @ ..] = rest {
        let (given, tail) = tail.split_at(tail.len().min(usize::from(*much) * 4));
        rest = tail;
        match what % 6 {
            0 => now += Duration::from_secs(u64::from(*much) * 20),
            1 => agent.handle_input(now, Input::Query),
            2 => agent.handle_input(now, Input::LocalAddresses(&[Ipv4Addr::LOCALHOST.into()])),
            3 => {
                if let Ok(description) = Description::parse(given) {
                    agent.handle_input(now, Input::Publish(&description));
                }
            }
            4 => {
                let heard: Vec<_> = agent.heard().map(|(id, _)| id).collect();
                heard
                    .into_iter()
                    .for_each(|id| agent.handle_input(now, Input::Withdraw(id)));
            }
            _ => agent.handle_input(now, Input::Datagram(datagram(*what, given))),
        }
        agent.handle_input(now, Input::Timeout);
        drain(&mut agent);
    }
});

fn datagram(from: u8, bytes: &[u8]) -> Datagram<'_> {
    Datagram {
        group: IpAddr::from([239, 255, 255, 255]),
        from: IpAddr::from([10, 0, 0, from]),
        bytes,
    }
}

fn drain(agent: &mut Agent) {
    for _ in 0..10_000 {
        if matches!(agent.poll_output(), Output::Timeout(_)) {
            return;
        }
    }
    panic!("outputs without end");
}
