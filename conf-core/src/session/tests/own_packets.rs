//! Our own packets come back; others have our SSRC; somebody repeats everything.
use std::time::Duration;

use media::rtp_time::Ssrc;

use super::lan::{Lan, PCMU};
use crate::session::{SessionEvent, SessionInput};

const fn is_collision(event: &SessionEvent) -> bool {
    matches!(event, SessionEvent::Collision { .. })
}

#[test]
fn own_media_is_delivered_only_where_wanted() {
    let mut lan = Lan::new();
    lan.plug(|_| {});
    lan.plug(|config| config.is_own_media_delivered = true);
    for host in 0..2 {
        lan.speak_for(host, Duration::from_millis(100));
    }
    lan.run_secs(1);
    let own = |lan: &Lan, host: usize| {
        let ssrc = lan.ssrc(host);
        lan.hosts[host]
            .media
            .iter()
            .filter(|heard| **heard == ssrc)
            .count()
    };
    assert_eq!((own(&lan, 0), own(&lan, 1)), (0, 5));
    assert!(lan.hosts.iter().all(|host| host.count(is_collision) == 0));
}

#[test]
fn two_with_one_ssrc_part_and_say_so() {
    let mut lan = Lan::with_hosts(3);
    for host in 0..2 {
        lan.hosts[host].session.own.ssrc = Ssrc(0x5A5A_5A5A);
    }
    lan.speak_for(0, Duration::from_millis(100));
    lan.run_secs(20);
    assert_ne!(lan.ssrc(0), lan.ssrc(1));
    let collisions: usize = lan.hosts.iter().map(|host| host.count(is_collision)).sum();
    assert!((1..=2).contains(&collisions), "{collisions}");
    assert_eq!(lan.hosts[2].session.statistics().members, 3);
    for host in 0..2 {
        assert_eq!(
            lan.hosts[host].session.statistics().members,
            3,
            "host {host}"
        );
    }
}

#[test]
fn packets_under_way_from_our_old_ssrc_are_no_member() {
    let mut lan = Lan::with_hosts(2);
    lan.run_secs(10);
    lan.hosts[1].session.own.ssrc = lan.ssrc(0);
    lan.speak(0);
    lan.speak(1);
    lan.run_secs(30);
    let old_self_is_here = |host: usize| {
        let own_place = format!("{host}@lan");
        let names = lan.hosts[host].session.members();
        let cname = crate::rtcp::SdesItem::Cname;
        names
            .filter(|m| m.information(cname).as_ref() == Some(&own_place))
            .count()
    };
    assert_eq!((old_self_is_here(0), old_self_is_here(1)), (0, 0));
}

#[test]
fn repeater_is_told_of_and_changes_nobody_for_long() {
    let mut lan = Lan::with_hosts(3);
    lan.repeater = Some("10.0.9.9:7777".parse().unwrap());
    lan.run_secs(10);
    lan.speak_for(1, Duration::from_secs(20));
    lan.run_secs(60);
    for host in &lan.hosts {
        assert!(host.count(is_collision) <= 1, "{:?}", host.told());
        let loops = host.count(|e| matches!(e, SessionEvent::LoopDetected { .. }));
        assert!((1..40).contains(&loops), "{loops} told");
    }
    // Nobody hears a packet twice: a thousand were spoken, and some are lost where the SSRC changes.
    assert!((990..=1000).contains(&lan.hosts[0].media.len()));
}

#[test]
fn third_party_with_a_members_ssrc_is_not_heard() {
    let mut lan = Lan::with_hosts(2);
    lan.run_secs(4);
    let ssrc = lan.ssrc(1);
    lan.speak_for(1, Duration::from_millis(100));
    let mut forged = vec![0x80, PCMU, 0, 1, 0, 0, 0, 0];
    forged.extend(ssrc.0.to_be_bytes());
    let from = "10.0.9.9:7777".parse().unwrap();
    let heard = lan.hosts[0].media.len();
    let bytes = &forged;
    lan.input(
        0,
        SessionInput::Rtp {
            from,
            waited: Duration::ZERO,
            bytes,
        },
    );
    lan.input(
        0,
        SessionInput::Rtp {
            from,
            waited: Duration::ZERO,
            bytes,
        },
    );
    assert_eq!(lan.hosts[0].media.len(), heard);
    let loops = lan.hosts[0].count(|e| *e == SessionEvent::LoopDetected { ssrc, from });
    assert_eq!(loops, 1, "told once, not for each packet");
    assert_eq!(lan.hosts[0].session.statistics().counters.conflicting, 2);
}

#[test]
fn forged_goodbye_is_passed_over() {
    let mut lan = Lan::with_hosts(2);
    lan.run_secs(4);
    let ssrc = lan.ssrc(1).0.to_be_bytes();
    lan.run_secs(30);
    let (reported, _) = lan.hosts[1].rtcp[lan.hosts[1].rtcp.len() - 1];
    lan.now = lan.now.max(reported);
    lan.input(1, SessionInput::Timeout);
    // Just after a report from the true address.
    let own = lan.hosts[1].rtcp[0].1.clone();
    let from = lan.hosts[1].address;
    lan.input(0, SessionInput::Rtcp { from, bytes: &own });
    let goodbye = [&[0x80, 201, 0, 1][..], &ssrc, &[0x81, 203, 0, 1], &ssrc].concat();
    let from = "10.0.9.9:7777".parse().unwrap();
    let bytes = &goodbye;
    lan.input(0, SessionInput::Rtcp { from, bytes });
    assert_eq!(lan.hosts[0].session.statistics().members, 2);
}

#[test]
fn own_media_from_an_address_not_yet_told_is_no_collision() {
    let mut lan = Lan::with_hosts(2);
    lan.run_secs(4);
    let before = lan.ssrc(0);
    lan.speak_for(0, Duration::from_millis(100));
    lan.hosts[0].address = "10.0.7.7:5004".parse().unwrap();
    lan.speak_for(0, Duration::from_secs(1));
    assert_eq!(lan.ssrc(0), before);
    assert_eq!(lan.hosts[0].count(is_collision), 0);
}
