//! Feedback with and without AVPF.
use std::time::{Duration, Instant};

use media::rtp_time::SeqNo;

use super::lan::Lan;
use crate::rtcp::{FeedbackMessage, Nack};
use crate::session::{RtcpBandwidth, RtcpPace, SessionConfig, SessionEvent, SessionInput};

fn early(config: &mut SessionConfig) {
    config.pace = RtcpPace::Feedback {
        regular_interval: Duration::from_secs(5),
    };
    config.is_reduced_size_allowed = true;
}

fn ask(lan: &mut Lan, from: usize, to: usize) {
    let to = lan.ssrc(to);
    let message = FeedbackMessage::PictureLoss;
    lan.input(from, SessionInput::Feedback { to, message });
}

/// When a host was asked.
fn asked(lan: &Lan, host: usize) -> Vec<Instant> {
    let events = lan.hosts[host].events.iter();
    let asked = events.filter(|(_, e)| matches!(e, SessionEvent::FeedbackReceived { .. }));
    asked.map(|(at, _)| *at).collect()
}

#[test]
fn between_two_it_goes_at_once_and_alone() {
    let mut lan = Lan::new();
    lan.plug(early);
    lan.plug(early);
    lan.run_secs(20);
    let before = lan.now;
    ask(&mut lan, 0, 1);
    lan.run_for(Duration::from_millis(21));
    assert_eq!(asked(&lan, 1).len(), 1);
    let (at, bytes) = lan.hosts[0].rtcp.last().unwrap();
    assert!(*at == before);
    assert!(
        bytes.len() == 12 || bytes[1] == 201,
        "reduced size, or with a regular report"
    );
}

#[test]
fn without_avpf_it_goes_with_the_next_report() {
    let mut lan = Lan::with_hosts(2);
    lan.run_secs(20);
    let reports = lan.hosts[0].rtcp.len();
    ask(&mut lan, 0, 1);
    assert_eq!(lan.hosts[0].rtcp.len(), reports);
    lan.run_secs(8);
    assert_eq!(asked(&lan, 1).len(), 1);
}

#[test]
fn second_early_packet_waits_for_a_regular_one() {
    let mut lan = Lan::new();
    lan.plug(|config| {
        early(config);
        // Slow enough that regular reports are seconds apart.
        config.bandwidth = RtcpBandwidth::of_session(4_000);
    });
    lan.plug(|config| {
        early(config);
        config.bandwidth = RtcpBandwidth::of_session(4_000);
    });
    lan.run_secs(60);
    let sent = lan.hosts[0].rtcp.len();
    ask(&mut lan, 0, 1);
    ask(&mut lan, 0, 1);
    ask(&mut lan, 0, 1);
    assert!(lan.hosts[0].rtcp.len() <= sent + 1);
    assert!(
        lan.hosts[0]
            .session
            .next_timer()
            .is_some_and(|at| at > lan.now)
    );
}

#[test]
fn what_another_asks_is_not_asked_again() {
    let mut lan = Lan::new();
    for _ in 0..40 {
        lan.plug(early);
    }
    lan.run_secs(60);
    for host in 1..40 {
        ask(&mut lan, host, 0);
    }
    lan.run_secs(30);
    let asked = asked(&lan, 0).len();
    assert!((1..20).contains(&asked), "{asked} of 39 asked");
}

#[test]
fn feedback_that_no_datagram_holds_is_counted_and_does_not_block_the_rest() {
    let mut lan = Lan::with_hosts(2);
    lan.run_secs(5);
    let to = lan.ssrc(1);
    let nack = Nack {
        first: SeqNo(0),
        following: 0,
    };
    let message = FeedbackMessage::Nack(vec![nack; 1000]);
    lan.input(0, SessionInput::Feedback { to, message });
    assert_eq!(lan.hosts[0].session.statistics().feedback_dropped, 1);
    let message = FeedbackMessage::Nack(vec![nack; 100]);
    lan.input(0, SessionInput::Feedback { to, message });
    lan.run_secs(10);
    assert_eq!(asked(&lan, 1).len(), 1);
}
