//! Who comes is seen by all; who leaves is seen to leave at once.

use std::time::Duration;

use conf_core::session::{LeaveReason, SessionEvent, SessionInput};
use conf_tests::lan::Weather;

use crate::room::{Room, sorted};

#[test]
fn everybody_sees_everybody_else_and_nobody_sees_himself() {
    let room = Room::of(5, Weather::FAIR);
    for person in 0..5 {
        assert_eq!(sorted(room.seat(person).joined()), room.others(person));
        assert_eq!(room.seat(person).gone(), []);
    }
}

#[test]
fn a_goodbye_is_noticed_within_one_delay() {
    let mut room = Room::of(3, Weather::FAIR);
    let (seat, host) = room.people[1].clone();
    seat.tell(&mut room.lan, host, SessionInput::Leave);
    room.lan.run_for(Weather::FAIR.latency);
    let left = SessionEvent::Left {
        ssrc: room.ssrc(1),
        reason: LeaveReason::Goodbye(None),
    };
    for witness in [0, 2] {
        assert_eq!(room.seat(witness).events().last(), Some(&left));
    }
    assert!(room.lan.is_finished(host));
}

#[test]
fn a_speaker_is_active_while_speaking_and_silent_afterwards() {
    let mut room = Room::of(2, Weather::FAIR);
    let (seat, host) = room.people[1].clone();
    seat.talk(&mut room.lan, host, Duration::from_secs(2));
    let listener = room.seat(0);
    let active = SessionEvent::Active(room.ssrc(1));
    assert_eq!(listener.events().last(), Some(&active));
    assert!(listener.state().media[&room.ssrc(1)] >= 98);
    room.lan.run_for(Duration::from_secs(30));
    let silent = SessionEvent::Silent(room.ssrc(1));
    assert_eq!(room.seat(0).events().last(), Some(&silent));
}
