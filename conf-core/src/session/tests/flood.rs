//! Hostile hosts: whatever they invent is counted, and memory has a bound.
use std::time::Duration;

use media::rtp_time::Ssrc;

use super::lan::{Lan, PCMU};
use crate::rtcp::{CompoundWriter, SdesItem};
use crate::session::{SessionEvent, SessionInput};

fn report(ssrc: Ssrc, cname: &str) -> Vec<u8> {
    let mut writer = CompoundWriter::report(1200, ssrc, None, &[]);
    writer.sdes(ssrc, [(SdesItem::Cname, cname)]);
    writer.finish()
}

fn rtp(ssrc: u32, seq: u16, payload_type: u8) -> Vec<u8> {
    let mut bytes = vec![0x80, payload_type];
    bytes.extend(seq.to_be_bytes());
    bytes.extend([0; 4]);
    bytes.extend(ssrc.to_be_bytes());
    bytes
}

#[test]
fn invented_sources_stay_in_probation_and_push_each_other_out() {
    let mut lan = Lan::with_hosts(2);
    lan.run_secs(4);
    let from = "10.0.9.9:7777".parse().unwrap();
    for ssrc in 0..20_000 {
        let bytes = &rtp(ssrc, 1, PCMU);
        lan.input(
            0,
            SessionInput::Rtp {
                from,
                waited: Duration::ZERO,
                bytes,
            },
        );
    }
    let statistics = lan.hosts[0].session.statistics();
    assert_eq!((statistics.members, statistics.in_probation), (2, 1024));
    assert_eq!(statistics.evicted, 20_000 - 1024);
    lan.run_secs(40);
    assert_eq!(lan.hosts[0].session.statistics().in_probation, 0);
    assert_eq!(lan.hosts[0].events.len(), 1);
}

#[test]
fn invented_members_are_refused_when_full_and_drive_nobody_out() {
    let mut lan = Lan::with_hosts(2);
    lan.run_secs(4);
    let from = "10.0.9.9:7777".parse().unwrap();
    for ssrc in 0..10_000 {
        let bytes = &report(Ssrc(ssrc), "flood@host");
        lan.input(0, SessionInput::Rtcp { from, bytes });
    }
    let session = &lan.hosts[0].session;
    assert_eq!(session.statistics().members, 4097);
    assert!(session.statistics().in_probation <= 1024);
    assert!(session.statistics().refused >= 10_000 - 4095);
    assert!(session.member(lan.ssrc(1)).is_some());
}

#[test]
fn goodbyes_of_invented_members_leave_room_for_the_next() {
    let mut lan = Lan::new();
    lan.plug(|config| config.limits.members = 10);
    let from = "10.0.9.9:7777".parse().unwrap();
    for ssrc in 0..1000u32 {
        let mut bytes = report(Ssrc(ssrc), "flood@host");
        bytes.extend([0x81, 203, 0, 1]);
        bytes.extend(ssrc.to_be_bytes());
        lan.input(
            0,
            SessionInput::Rtcp {
                from,
                bytes: &bytes,
            },
        );
    }
    assert_eq!(
        lan.hosts[0].count(|e| matches!(e, SessionEvent::Joined(_))),
        1000
    );
    assert_eq!(lan.hosts[0].session.members.iter().count(), 10);
}

#[test]
fn unknown_payload_types_are_counted_and_keep_a_member_alive() {
    let mut lan = Lan::with_hosts(1);
    let from = "10.0.0.9:5004".parse().unwrap();
    for seq in 0..3 {
        let bytes = &rtp(77, seq, 101);
        lan.input(
            0,
            SessionInput::Rtp {
                from,
                waited: Duration::ZERO,
                bytes,
            },
        );
    }
    let session = &lan.hosts[0].session;
    assert_eq!(session.statistics().counters.unknown_payload_type, 3);
    assert_eq!(session.statistics().in_probation, 0);
    let bytes = &report(Ssrc(77), "tone@sender");
    lan.input(0, SessionInput::Rtcp { from, bytes });
    for seq in 0..60 {
        let bytes = &rtp(77, seq, 101);
        lan.input(
            0,
            SessionInput::Rtp {
                from,
                waited: Duration::ZERO,
                bytes,
            },
        );
        lan.run_secs(1);
    }
    assert_eq!(lan.hosts[0].told(), [&SessionEvent::Joined(Ssrc(77))]);
    assert!(lan.hosts[0].media.is_empty());
}

#[test]
fn malformed_datagrams_are_counted() {
    let mut lan = Lan::with_hosts(1);
    let from = "10.0.0.9:5004".parse().unwrap();
    for bytes in [&[][..], &[0x80], &[0; 12], &[0x81, 201, 0, 1, 0, 0, 0, 1]] {
        lan.input(
            0,
            SessionInput::Rtp {
                from,
                waited: Duration::ZERO,
                bytes,
            },
        );
        lan.input(0, SessionInput::Rtcp { from, bytes });
    }
    let counters = lan.hosts[0].session.statistics().counters;
    assert_eq!((counters.malformed_rtp, counters.malformed_rtcp), (4, 4));
}
