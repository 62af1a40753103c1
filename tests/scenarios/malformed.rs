//! Anything may arrive on any socket.

use std::net::SocketAddr;
use std::time::Duration;

use conf_core::endpoint::Transmit;
use conf_tests::lan::Weather;
use conf_tests::reporter;
use conf_tests::seat::{rtcp, rtp};

use crate::room::{MINUTE, Room};

fn hostile(to: SocketAddr, payload: Vec<u8>) -> (SocketAddr, Transmit) {
    let from = "10.0.66.6:40000".parse().unwrap();
    let transmit = Transmit {
        to,
        ttl: 1,
        dscp: 0,
        payload,
    };
    (from, transmit)
}

/// Good packets with bytes changed, cut short or made longer reach more code than noise does.
fn spoiled(rng: &mut fastrand::Rng) -> Vec<u8> {
    let mut bytes = match rng.u8(0..4) {
        0 => reporter::report(rng.u32(..)),
        1 => reporter::goodbye(rng.u32(..)),
        2 => reporter::speech(rng.u32(..), rng.u16(..), rng.u32(..)),
        _ => (0..rng.usize(0..1500)).map(|_| rng.u8(..)).collect(),
    };
    for _ in 0..rng.usize(0..4) {
        if let Some(byte) = rng.choice(&mut bytes) {
            *byte = 1 << (*byte % 8);
        }
    }
    let length = rng.usize(0..=bytes.len() + 4);
    bytes.resize(length, 0xFF);
    bytes
}

#[test]
fn a_flood_of_spoiled_packets_disturbs_nobody() {
    let mut room = Room::of(3, Weather::FAIR);
    let mut rng = fastrand::Rng::with_seed(5);
    for _ in 0..20_000 {
        let port = if rng.bool() { rtp() } else { rtcp() };
        let (from, transmit) = hostile(port, spoiled(&mut rng));
        room.lan.inject(from, transmit);
        room.lan.run_for(Duration::from_millis(1));
    }
    room.lan.run_for(MINUTE);
    for person in 0..3 {
        let gone = room.seat(person).gone();
        let others = room.others(person);
        assert!(
            others.iter().all(|other| !gone.contains(other)),
            "person {person}"
        );
    }
}

#[test]
fn a_host_that_invents_members_by_the_thousand_is_held_within_the_limit() {
    let mut room = Room::of(2, Weather::FAIR);
    for ssrc in 0..20_000 {
        let (from, transmit) = hostile(rtcp(), reporter::report(0x4000_0000 + ssrc));
        room.lan.inject(from, transmit);
    }
    room.lan.run_for(Duration::from_secs(1));
    let joined = room.seat(0).joined();
    let limit = conf_core::session::SourceLimits::default().members;
    assert!(joined.len() <= limit, "{}", joined.len());
    assert!(joined.contains(&room.ssrc(1)));
}
