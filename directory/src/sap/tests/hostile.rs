//! What a hostile host can do to a listener is bounded.

use super::super::Reason;
use super::*;

#[test]
fn ten_thousand_sessions_and_no_more() {
    let mut link = Link::new();
    link.plug("192.0.2.9");
    let text = sdp(999_999, 1);
    let id = Description::parse(text.as_bytes()).unwrap().id();
    for _ in 0..2 {
        link.forge("192.0.2.1", &announcement(7, "192.0.2.1", &text));
    }
    link.run_for(secs(1));
    for session in 0..12_000_u64 {
        let from = format!("198.51.{}.1", session / 400);
        link.forge(
            &from,
            &announcement(session as u16, &from, &sdp(session, 1)),
        );
    }
    link.run_for(secs(1));
    let agent = &link.hosts[0].agent;
    assert_eq!(agent.heard().count(), 10_000);
    assert_eq!(agent.counters().forgotten, 2_001);
    assert_eq!(agent.heard_of(id).count(), 1, "heard twice, so it stays");
    let crowded = link.events(0).into_iter();
    let crowded = crowded.filter(|event| matches!(event, Event::Gone(_, Reason::Crowded)));
    assert_eq!(crowded.count(), 2_001);
}

#[test]
fn one_sender_has_its_share_only() {
    let mut link = Link::new();
    link.plug("192.0.2.9");
    for session in 0..600 {
        link.forge(
            "192.0.2.66",
            &announcement(1, "192.0.2.66", &sdp(session, 1)),
        );
    }
    link.run_for(secs(1));
    let agent = &link.hosts[0].agent;
    assert_eq!(agent.heard().count(), 500);
    assert_eq!(agent.counters().refused_sender_full, 100);
}

#[test]
fn text_is_bounded_and_the_confirmed_stay() {
    let limits = Limits {
        bytes: 10_000,
        ..Limits::default()
    };
    let mut link = Link::new();
    link.plug_with("192.0.2.9", limits);
    let long = |session| sdp(session, 1) + &"a=x:0123456789\r\n".repeat(300);
    for session in [0, 0, 1, 1, 2, 3] {
        link.forge("192.0.2.66", &announcement(9, "192.0.2.66", &long(session)));
    }
    link.run_for(secs(1));
    let agent = &link.hosts[0].agent;
    assert_eq!(agent.heard().count(), 2);
    assert_eq!(agent.counters().refused_table_full, 2);
}

#[test]
fn one_conference_has_few_announcers() {
    let mut link = Link::new();
    link.plug("192.0.2.9");
    for host in 0..20 {
        let from = format!("198.51.100.{host}");
        link.forge(&from, &announcement(1, &from, &sdp(1, 1)));
    }
    link.run_for(secs(1));
    let agent = &link.hosts[0].agent;
    assert_eq!(agent.heard().count(), 16);
    assert_eq!(agent.counters().refused_conference_full, 4);
}

#[test]
fn conference_that_makes_room_for_itself_is_gone_and_found() {
    let limits = Limits {
        announcements: 1,
        ..Limits::default()
    };
    let mut link = Link::new();
    link.plug_with("192.0.2.9", limits);
    for from in ["198.51.100.1", "198.51.100.2"] {
        link.forge(from, &announcement(1, from, &sdp(1, 1)));
        link.run_for(secs(1));
    }
    let id = Description::parse(sdp(1, 1).as_bytes()).unwrap().id();
    let gone = Event::Gone(id, Reason::Crowded);
    assert_eq!(link.events(0), [Event::Found(id), gone, Event::Found(id)]);
}
