//! Somebody comes when the others have long been there.

use std::time::Duration;

use conf_tests::lan::Weather;
use conf_tests::seat::{Seat, config};

use crate::room::{Room, sorted};

#[test]
fn a_late_joiner_is_known_in_three_seconds_and_knows_all_in_ten() {
    let mut room = Room::of(4, Weather::FAIR);
    let late = config(&room.lan, "late", 99);
    let (seat, _) = Seat::plug(&mut room.lan, late);
    let ssrc = seat.state().session.ssrc();
    // Half of five seconds, randomised by half and compensated (RFC 3550 section 6.3.1).
    room.lan.run_for(Duration::from_millis(3_100));
    for person in 0..4 {
        assert_eq!(room.seat(person).joined().last(), Some(&ssrc));
    }
    room.lan.run_for(Duration::from_secs(7));
    assert_eq!(sorted(seat.joined()), room.others(4));
}

#[test]
fn a_late_joiner_hears_who_speaks_before_the_third_packet() {
    let mut room = Room::of(2, Weather::FAIR);
    let late = config(&room.lan, "late", 99);
    let (seat, _) = Seat::plug(&mut room.lan, late);
    let (speaker, host) = room.people[0].clone();
    speaker.talk(&mut room.lan, host, Duration::from_millis(60));
    assert!(seat.state().media[&room.ssrc(0)] >= 1);
}
