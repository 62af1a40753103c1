//! Packets are lost, doubled and overtake each other.

use std::time::Duration;

use conf_tests::lan::Weather;

use crate::room::{MINUTE, Room};

#[test]
fn nobody_is_thrown_out_in_ten_minutes_of_storm() {
    let mut room = Room::of(10, Weather::STORM);
    room.lan.run_for(10 * MINUTE);
    for person in 0..10 {
        assert_eq!(room.seat(person).joined().len(), 9);
        assert_eq!(room.seat(person).gone(), [], "person {person}");
    }
}

#[test]
fn half_of_all_lost_throws_nobody_out_either() {
    let weather = Weather {
        loss_percent: 50,
        ..Weather::FAIR
    };
    let mut room = Room::of(5, weather);
    room.lan.run_for(5 * MINUTE);
    for person in 0..5 {
        assert_eq!(room.seat(person).joined().len(), 4);
    }
}

#[test]
fn what_arrives_in_a_storm_is_delivered_but_no_more_than_was_sent() {
    let mut room = Room::of(2, Weather::STORM);
    let (seat, host) = room.people[0].clone();
    seat.talk(&mut room.lan, host, Duration::from_secs(20));
    let delivered = room.seat(1).state().media[&room.ssrc(0)];
    assert!((850..=1000).contains(&delivered), "{delivered} of 1000");
}
