//! Two sources with one SSRC, and one's own packets coming back.

use std::time::Duration;

use conf_core::session::SessionEvent;
use conf_tests::lan::{Lan, Weather};
use conf_tests::seat::{Seat, config};

use crate::room::MINUTE;

fn is_collision(event: &SessionEvent) -> bool {
    matches!(
        event,
        SessionEvent::Collision { .. }
            | SessionEvent::ThirdPartyCollision { .. }
            | SessionEvent::LoopDetected { .. }
    )
}

/// Two whose random numbers are the same take the same SSRC; at most both have to look for another.
#[test]
fn two_with_the_same_ssrc_part_and_then_see_each_other() {
    let mut lan = Lan::new(Weather::FAIR);
    let (first, second) = (config(&lan, "first", 7), config(&lan, "second", 7));
    let (first, _) = Seat::plug(&mut lan, first);
    lan.run_for(Duration::from_secs(10));
    let (second, _) = Seat::plug(&mut lan, second);
    let taken = first.state().session.ssrc();
    assert_eq!(second.state().session.ssrc(), taken);
    lan.run_for(MINUTE);
    let (one, other) = (first.state().session.ssrc(), second.state().session.ssrc());
    assert_ne!(one, other);
    assert!(first.joined().contains(&other), "{:?}", first.events());
    assert!(second.joined().contains(&one), "{:?}", second.events());
    let collided = first
        .events()
        .iter()
        .chain(&second.events())
        .any(is_collision);
    assert!(collided);
}

/// Multicast comes back to its sender; that is no collision, and nobody sees himself.
#[test]
fn ones_own_packets_that_come_back_are_never_a_collision() {
    let mut lan = Lan::new(Weather::STORM);
    let alone = config(&lan, "alone", 1);
    let (seat, host) = Seat::plug(&mut lan, alone);
    seat.talk(&mut lan, host, MINUTE);
    lan.run_for(MINUTE);
    assert_eq!(seat.events(), []);
    assert!(lan.sent > 3000);
}
