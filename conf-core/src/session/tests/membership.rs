//! Who is in the session, and when do the others know?
use std::time::Duration;

use media::rtp_time::Ssrc;

use super::lan::{LATENCY, Lan};
use crate::rtcp::SdesItem;
use crate::session::{LeaveReason, Presence, SessionEvent, SessionInput};

const fn is_joined(event: &SessionEvent) -> bool {
    matches!(event, SessionEvent::Joined(_))
}

const fn is_timed_out(event: &SessionEvent) -> bool {
    matches!(event, SessionEvent::TimedOut(_))
}

const fn is_conflict(event: &SessionEvent) -> bool {
    matches!(
        event,
        SessionEvent::Collision { .. }
            | SessionEvent::ThirdPartyCollision { .. }
            | SessionEvent::LoopDetected { .. }
    )
}

#[test]
fn everybody_hears_everybody_within_four_seconds() {
    let mut lan = Lan::new();
    for name in ["Alice", "Bob", "Carol"] {
        lan.plug(|config| config.information = vec![(SdesItem::Name, name.to_owned())]);
    }
    lan.run_secs(4);
    for host in 0..3 {
        assert_eq!(lan.hosts[host].count(is_joined), 2);
        assert_eq!(lan.hosts[host].count(is_conflict), 0);
    }
    let bob = lan.hosts[0].session.member(lan.ssrc(1)).unwrap();
    assert_eq!(bob.information(SdesItem::Name).as_deref(), Some("Bob"));
    assert_eq!(bob.information(SdesItem::Cname).as_deref(), Some("1@lan"));
}

#[test]
fn late_joiner_hears_all_names_with_the_next_reports() {
    let mut lan = Lan::new();
    for _ in 0..5 {
        lan.plug(|config| config.information = vec![(SdesItem::Name, "Somebody".to_owned())]);
    }
    lan.run_secs(60);
    let late = lan.plug(|_| {});
    lan.run_secs(12);
    let names = lan.hosts[late].session.members();
    assert_eq!(
        names.filter_map(|m| m.information(SdesItem::Name)).count(),
        5
    );
}

#[test]
fn goodbye_is_noticed_within_one_delay() {
    let mut lan = Lan::with_hosts(2);
    lan.run_secs(10);
    let gone = lan.ssrc(1);
    lan.input(1, SessionInput::Leave);
    assert!(lan.hosts[1].finished.is_some());
    lan.run_for(LATENCY);
    let left = SessionEvent::Left {
        ssrc: gone,
        reason: LeaveReason::Goodbye(None),
    };
    assert_eq!(lan.hosts[0].told().last(), Some(&&left));
    assert!(lan.hosts[0].session.member(gone).is_none());
}

#[test]
fn who_was_never_heard_leaves_without_a_word() {
    let mut lan = Lan::with_hosts(2);
    lan.input(1, SessionInput::Leave);
    assert!(lan.hosts[1].finished.is_some());
    assert!(lan.hosts[1].rtcp.is_empty());
}

#[test]
fn pulled_cable_is_noticed_within_thirty_seconds_and_recovers() {
    let mut lan = Lan::with_hosts(2);
    lan.run_secs(60);
    let other = lan.ssrc(1);
    lan.hosts[1].side = 1;
    lan.run_secs(15);
    assert_eq!(lan.hosts[0].count(is_timed_out), 0);
    lan.run_secs(15);
    assert_eq!(
        lan.hosts[0].told().last(),
        Some(&&SessionEvent::TimedOut(other))
    );
    let view = lan.hosts[0].session.member(other).unwrap();
    assert_eq!(view.presence(), Presence::TimedOut);
    assert_eq!(lan.hosts[0].session.statistics().members, 1);

    lan.hosts[1].side = 0;
    lan.run_secs(10);
    assert_eq!(
        lan.hosts[0].told().last(),
        Some(&&SessionEvent::Recovered(other))
    );
    assert_eq!(lan.hosts[0].count(is_joined), 1);
}

#[test]
fn who_does_not_return_is_forgotten_at_last() {
    let mut lan = Lan::with_hosts(2);
    lan.run_secs(10);
    let other = lan.ssrc(1);
    lan.hosts[1].is_unplugged = true;
    lan.run_secs(30 + 600);
    let left = SessionEvent::Left {
        ssrc: other,
        reason: LeaveReason::Forgotten,
    };
    assert_eq!(lan.hosts[0].told().last(), Some(&&left));
    assert_eq!(lan.hosts[0].session.members().count(), 0);
}

#[test]
fn storm_of_loss_throws_nobody_out() {
    let mut lan = Lan::with_hosts(20);
    lan.loss_in_256 = 77;
    lan.run_secs(1200);
    let timed_out: usize = lan.hosts.iter().map(|host| host.count(is_timed_out)).sum();
    assert_eq!(timed_out, 0);
    assert!(lan.hosts.iter().all(|host| host.count(is_joined) == 19));
}

#[test]
fn partition_heals() {
    let mut lan = Lan::with_hosts(10);
    lan.run_secs(30);
    for host in &mut lan.hosts[5..] {
        host.side = 1;
    }
    lan.run_secs(60);
    for host in &mut lan.hosts {
        assert_eq!(host.count(is_timed_out), 5);
        assert_eq!(host.session.statistics().members, 5);
        host.side = 0;
    }
    lan.run_secs(20);
    for host in &lan.hosts {
        assert_eq!(host.count(|e| matches!(e, SessionEvent::Recovered(_))), 5);
        assert_eq!(host.session.statistics().members, 10);
    }
}

#[test]
fn process_that_was_stopped_blames_nobody() {
    let mut lan = Lan::with_hosts(2);
    lan.run_secs(20);
    lan.hosts[0].is_unplugged = true;
    lan.run_secs(300);
    lan.hosts[0].is_unplugged = false;
    lan.input(0, SessionInput::Timeout);
    lan.run_secs(20);
    assert_eq!(lan.hosts[0].count(is_timed_out), 0);
}

#[test]
fn talker_is_active_then_silent() {
    let mut lan = Lan::with_hosts(2);
    lan.run_secs(4);
    let talker = lan.ssrc(1);
    lan.speak_for(1, Duration::from_millis(400));
    lan.run_secs(3);
    lan.speak(1);
    lan.run_secs(3);
    let expected = [
        SessionEvent::Joined(talker),
        SessionEvent::Active(talker),
        SessionEvent::Silent(talker),
        SessionEvent::Active(talker),
        SessionEvent::Silent(talker),
    ];
    assert_eq!(lan.hosts[0].told(), expected.iter().collect::<Vec<_>>());
    let (silent_at, _) = lan.hosts[0].events[2];
    // The last packet left 20 ms before the end of the 400.
    let last_heard = lan.start + Duration::from_millis(4000 + 380) + LATENCY;
    assert_eq!(silent_at, last_heard + Duration::from_secs(2));
    assert_eq!(
        lan.hosts[0].media.len(),
        21,
        "named beforehand: no probation"
    );
}

#[test]
fn media_without_rtcp_needs_two_packets() {
    let mut lan = Lan::with_hosts(2);
    lan.speak_for(1, Duration::from_millis(100));
    let talker = lan.ssrc(1);
    let expected = [SessionEvent::Joined(talker), SessionEvent::Active(talker)];
    lan.run_for(LATENCY);
    assert_eq!(lan.hosts[0].told(), expected.iter().collect::<Vec<_>>());
    assert_eq!(lan.hosts[0].media.len(), 4);
}

#[test]
fn edited_name_arrives_with_the_next_report() {
    let mut lan = Lan::with_hosts(2);
    lan.run_secs(60);
    lan.input(
        1,
        SessionInput::Describe(SdesItem::Note, "back soon".to_owned()),
    );
    lan.input(
        1,
        SessionInput::Describe(SdesItem::Cname, "someone else".to_owned()),
    );
    lan.run_secs(8);
    let editor = lan.ssrc(1);
    let changed = SessionEvent::InformationChanged(editor);
    assert_eq!(lan.hosts[0].told().last(), Some(&&changed));
    let view = lan.hosts[0].session.member(editor).unwrap();
    assert_eq!(
        view.information(SdesItem::Note).as_deref(),
        Some("back soon")
    );
    assert_eq!(view.information(SdesItem::Cname).as_deref(), Some("1@lan"));
    lan.input(1, SessionInput::Describe(SdesItem::Note, String::new()));
    lan.run_secs(8);
    let view = lan.hosts[0].session.member(editor).unwrap();
    assert_eq!(view.information(SdesItem::Note), None);
}

#[test]
fn crowd_that_leaves_at_once_spreads_its_goodbyes() {
    let mut lan = Lan::with_hosts(200);
    lan.run_secs(120);
    let start = lan.now;
    for host in 1..200 {
        lan.input(host, SessionInput::Leave);
    }
    assert!(
        lan.hosts.iter().all(|host| host.finished.is_none()),
        "nobody at once"
    );
    lan.run_secs(300);
    let mut said: Vec<Duration> = lan.hosts[1..]
        .iter()
        .map(|host| host.finished.unwrap() - start)
        .collect();
    said.sort();
    // 60-odd bytes a goodbye and 300 bytes/s: five a second, less the start that nobody can foresee.
    assert!(said[198] > Duration::from_secs(20), "{:?}", said[198]);
    assert_eq!(lan.hosts[0].session.members().count(), 0);
    assert_ne!(lan.ssrc(0), Ssrc(0));
}
