//! The network falls in two, and heals.

use conf_core::session::SessionEvent;
use conf_tests::lan::Weather;

use crate::room::{MINUTE, Room, sorted};

#[test]
fn the_other_half_times_out_while_cut_off_and_is_back_after_healing() {
    let mut room = Room::of(6, Weather::FAIR);
    let island = [0, 1, 2].map(|person| room.host(person));
    room.lan.partition(&island);
    room.lan.run_for(2 * MINUTE);
    for person in 0..6 {
        let missing = if person < 3 { [3, 4, 5] } else { [0, 1, 2] };
        let missing = missing.map(|other| room.ssrc(other));
        assert_eq!(sorted(room.seat(person).gone()), sorted(missing.to_vec()));
    }
    room.lan.heal();
    room.lan.run_for(MINUTE);
    for person in 0..6 {
        let back = room
            .seat(person)
            .events()
            .into_iter()
            .filter(|event| matches!(event, SessionEvent::Recovered(_)));
        assert_eq!(back.count(), 3, "person {person}");
    }
}
