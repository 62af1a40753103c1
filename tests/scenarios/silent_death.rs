//! Somebody is gone without a word.

use std::time::Duration;

use conf_core::session::SessionEvent;
use conf_tests::lan::Weather;

use crate::room::{MINUTE, Room};

#[test]
fn a_host_that_crashes_times_out_within_a_minute_and_nobody_else_does() {
    let mut room = Room::of(3, Weather::FAIR);
    let host = room.host(1);
    room.lan.crash(host);
    room.lan.run_for(MINUTE);
    for witness in [0, 2] {
        assert_eq!(room.seat(witness).gone(), [room.ssrc(1)]);
    }
}

#[test]
fn a_cable_pulled_and_put_back_is_a_time_out_and_a_recovery() {
    let mut room = Room::of(2, Weather::FAIR);
    let host = room.host(1);
    room.lan.unplug(host);
    room.lan.run_for(MINUTE);
    room.lan.replug(host);
    room.lan.run_for(MINUTE);
    let expected = [
        SessionEvent::TimedOut(room.ssrc(1)),
        SessionEvent::Recovered(room.ssrc(1)),
    ];
    let events = room.seat(0).events();
    assert_eq!(events[events.len() - 2..], expected);
}

#[test]
fn a_cable_out_for_five_seconds_is_not_noticed() {
    let mut room = Room::of(2, Weather::FAIR);
    let host = room.host(1);
    room.lan.unplug(host);
    room.lan.run_for(Duration::from_secs(5));
    room.lan.replug(host);
    room.lan.run_for(MINUTE);
    assert_eq!(room.seat(0).gone(), []);
}
