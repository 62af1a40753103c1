//! Conferences are announced, found and withdrawn (SAP).

use std::time::Duration;

use conf_tests::lan::{Lan, Weather};
use conf_tests::noticeboard::{Noticeboard, described};
use directory::sap::{Event, Input, Reason};

#[test]
fn a_watcher_sees_a_new_conference_within_two_seconds() {
    let mut lan = Lan::new(Weather::FAIR);
    let (watcher, _) = Noticeboard::plug(&mut lan, 1);
    let (announcer, host) = Noticeboard::plug(&mut lan, 2);
    lan.run_for(Duration::from_secs(5));
    let conference = described(1, lan.address(host));
    let published = lan.now();
    announcer.tell(&mut lan, host, Input::Publish(&conference));
    lan.run_for(Duration::from_secs(2));
    let found = watcher.when(Event::Found(conference.id()), published);
    assert!(found.is_some_and(|after| after < Duration::from_secs(2)));
}

#[test]
fn a_newcomer_sees_what_was_announced_long_ago_within_fifteen_seconds() {
    let mut lan = Lan::new(Weather::FAIR);
    let (announcer, host) = Noticeboard::plug(&mut lan, 2);
    let conference = described(1, lan.address(host));
    announcer.tell(&mut lan, host, Input::Publish(&conference));
    lan.run_for(Duration::from_secs(600));
    let (newcomer, _) = Noticeboard::plug(&mut lan, 3);
    lan.run_for(Duration::from_secs(15));
    assert_eq!(newcomer.conferences(), [conference.id()]);
}

#[test]
fn a_storm_does_not_hide_a_conference_nor_make_it_flicker() {
    let mut lan = Lan::new(Weather::STORM);
    let (watcher, _) = Noticeboard::plug(&mut lan, 1);
    let (announcer, host) = Noticeboard::plug(&mut lan, 2);
    let conference = described(1, lan.address(host));
    let published = lan.now();
    announcer.tell(&mut lan, host, Input::Publish(&conference));
    lan.run_for(Duration::from_secs(3600));
    assert_eq!(watcher.conferences(), [conference.id()]);
    for reason in [Reason::TimedOut, Reason::Withdrawn, Reason::Crowded] {
        let gone = watcher.when(Event::Gone(conference.id(), reason), published);
        assert_eq!(gone, None);
    }
}

#[test]
fn a_withdrawn_conference_is_gone_at_once() {
    let mut lan = Lan::new(Weather::FAIR);
    let (watcher, _) = Noticeboard::plug(&mut lan, 1);
    let (announcer, host) = Noticeboard::plug(&mut lan, 2);
    let conference = described(1, lan.address(host));
    announcer.tell(&mut lan, host, Input::Publish(&conference));
    lan.run_for(Duration::from_secs(60));
    let withdrawn = lan.now();
    announcer.tell(&mut lan, host, Input::Withdraw(conference.id()));
    lan.run_for(Duration::from_secs(1));
    let gone = Event::Gone(conference.id(), Reason::Withdrawn);
    assert!(watcher.when(gone, withdrawn).is_some());
    assert_eq!(watcher.conferences(), []);
}

#[test]
fn an_announcer_that_dies_is_forgotten_in_the_end_but_not_soon() {
    let mut lan = Lan::new(Weather::FAIR);
    let (watcher, _) = Noticeboard::plug(&mut lan, 1);
    let (announcer, host) = Noticeboard::plug(&mut lan, 2);
    let conference = described(1, lan.address(host));
    announcer.tell(&mut lan, host, Input::Publish(&conference));
    lan.run_for(Duration::from_secs(60));
    lan.crash(host);
    lan.run_for(Duration::from_secs(1800));
    assert_eq!(watcher.conferences(), [conference.id()]);
    lan.run_for(Duration::from_secs(1900));
    assert_eq!(watcher.conferences(), []);
}

/// A room's conference has a TTL of 1, so no router lets it out.
#[test]
fn a_conference_of_the_room_is_not_heard_beyond_a_router() {
    let mut lan = Lan::new(Weather::FAIR);
    let (announcer, host) = Noticeboard::plug(&mut lan, 1);
    let (outside, _) = Noticeboard::plug_at(&mut lan, 1, 2);
    let (inside, _) = Noticeboard::plug(&mut lan, 3);
    let conference = described(1, lan.address(host));
    announcer.tell(&mut lan, host, Input::Publish(&conference));
    lan.run_for(Duration::from_secs(60));
    assert_eq!(inside.conferences(), [conference.id()]);
    assert_eq!(outside.conferences(), []);
}
