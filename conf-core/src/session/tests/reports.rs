//! What is in our reports.
use std::collections::BTreeSet;
use std::time::Duration;

use media::rtp_time::{ClockRate, RtpTime, Ssrc};

use super::lan::{LATENCY, Lan, PCMU, address};
use crate::rtcp::{Compound, Form, ReportBlock, RtcpPacket, SdesItem};
use crate::session::{NtpTime, RtcpBandwidth, SessionInput, SessionOutput};

fn blocks(bytes: &[u8]) -> Vec<ReportBlock> {
    let compound = Compound::parse(bytes, Form::Full).unwrap();
    let blocks = compound.packets().flat_map(|packet| match packet.unwrap() {
        RtcpPacket::SenderReport(report) => report.blocks.collect(),
        RtcpPacket::ReceiverReport(report) => report.blocks.collect(),
        _ => Vec::new(),
    });
    blocks.collect()
}

#[test]
fn hundred_talkers_are_reported_on_in_turn_within_the_mtu() {
    let mut lan = Lan::new();
    lan.plug(|config| config.bandwidth = RtcpBandwidth::of_session(6_400_000));
    let mut seen = BTreeSet::new();
    for seq in 0..1000u16 {
        for ssrc in 1..=100u32 {
            let mut bytes = vec![0x80, PCMU];
            bytes.extend(seq.to_be_bytes());
            bytes.extend((u32::from(seq) * 160).to_be_bytes());
            bytes.extend(ssrc.to_be_bytes());
            let from = address(ssrc as usize);
            lan.input(
                0,
                SessionInput::Rtp {
                    from,
                    waited: Duration::ZERO,
                    bytes: &bytes,
                },
            );
        }
        lan.run_for(Duration::from_millis(20));
    }
    let reports = &lan.hosts[0].rtcp;
    for (_, bytes) in reports.iter().take(3) {
        assert!(bytes.len() <= 1200);
        let blocks = blocks(bytes);
        assert!(blocks.len() > 40, "{} blocks", blocks.len());
        assert!(
            blocks
                .iter()
                .all(|b| b.cumulative_lost == 0 && b.jitter_rtp_ticks == 0)
        );
        seen.extend(blocks.iter().map(|block| block.ssrc));
    }
    assert_eq!(seen, (1..=100).map(Ssrc).collect());
}

#[test]
fn who_is_silent_is_not_reported_on() {
    let mut lan = Lan::with_hosts(2);
    lan.speak_for(1, Duration::from_secs(8));
    lan.run_secs(8);
    lan.hosts[0].rtcp.clear();
    lan.run_secs(20);
    let reports = lan.hosts[0].rtcp.iter();
    assert_eq!(reports.flat_map(|(_, bytes)| blocks(bytes)).count(), 0);
}

#[test]
fn round_trip_and_loss_are_measured_from_reports() {
    let mut lan = Lan::with_hosts(2);
    lan.speak_for(0, Duration::from_secs(10));
    lan.hosts[1].side = 1;
    lan.speak_for(0, Duration::from_millis(500));
    lan.hosts[1].side = 0;
    let healed = lan.now;
    let mut worst = Vec::new();
    for _ in 0..20 {
        lan.speak_for(0, Duration::from_secs(1));
        worst.push(lan.hosts[0].session.worst_reported_loss(healed));
    }
    let most = worst.iter().max().unwrap();
    // 25 of the 100 to 375 packets between two reports.
    assert!((17..=64).contains(most), "{worst:?}");
    assert_eq!(worst.last(), Some(&0));
    assert_eq!(lan.hosts[0].session.worst_reported_loss(lan.now), 0);
    let view = lan.hosts[0].session.member(lan.ssrc(1)).unwrap();
    let about_us = view.about_us().unwrap();
    let round_trip = about_us.round_trip.unwrap();
    assert!(
        round_trip.abs_diff(2 * LATENCY) < Duration::from_millis(1),
        "{round_trip:?}"
    );
    assert_eq!(about_us.cumulative_lost, 25);
    assert_eq!(about_us.jitter_rtp_ticks, 0);
    let reception = lan.hosts[1]
        .session
        .member(lan.ssrc(0))
        .unwrap()
        .reception()
        .unwrap();
    assert_eq!((reception.lost, reception.payload_type), (25, PCMU));
}

#[test]
fn sender_report_tells_both_clocks_of_one_moment() {
    let mut lan = Lan::with_hosts(2);
    lan.speak_for(0, Duration::from_secs(10));
    let clock = lan.hosts[1]
        .session
        .member(lan.ssrc(0))
        .unwrap()
        .clock()
        .unwrap();
    let wall_at_start = NtpTime(4_000_000_000 << 32);
    let sent_after = clock.arrival - LATENCY - lan.start;
    let expected = wall_at_start.after(sent_after);
    assert!(clock.ntp.since(expected).unwrap_or_else(|early| early) < Duration::from_micros(1));
    // Media time began at the start: one second of it later is one second later by the wall.
    let later = clock
        .ntp_at(clock.rtp_time + 8000, ClockRate::HZ_8000)
        .unwrap();
    assert_eq!(later.since(clock.ntp), Ok(Duration::from_secs(1)));
}

#[test]
fn every_report_has_the_cname_and_application_packets_ride_along() {
    let mut lan = Lan::with_hosts(2);
    let input = SessionInput::Application {
        name: *b"TEST",
        subtype: 3,
        data: &[1, 2, 3, 4],
    };
    lan.input(0, input);
    lan.run_secs(60);
    assert!(lan.hosts[0].rtcp.len() > 8);
    let mut apps = 0;
    for (_, bytes) in &lan.hosts[0].rtcp {
        let compound = Compound::parse(bytes, Form::Full).unwrap();
        let mut names = 0;
        for packet in compound.packets().map(Result::unwrap) {
            match packet {
                RtcpPacket::Sdes(sdes) => {
                    let items = sdes.chunks().flat_map(|chunk| chunk.items());
                    names += items.filter(|(item, _)| *item == SdesItem::Cname).count();
                }
                RtcpPacket::App(_) => apps += 1,
                _ => {}
            }
        }
        assert_eq!(names, 1);
    }
    assert_eq!(apps, 1);
    assert_eq!(lan.hosts[1].events.len(), 2, "{:?}", lan.hosts[1].events);
}

#[test]
fn media_that_we_send_is_numbered_and_offset() {
    let mut lan = Lan::with_hosts(1);
    let session = &mut lan.hosts[0].session;
    let mut packets = Vec::new();
    for time in [0, 160] {
        let input = SessionInput::Send {
            payload_type: PCMU,
            time: RtpTime(time),
            captured: lan.now,
            marker: time == 0,
            payload: b"xyz",
        };
        session.handle_input(lan.now, input);
        let SessionOutput::Rtp(bytes) = session.poll_output() else {
            panic!("no packet");
        };
        packets.push(bytes);
    }
    let [first, second] =
        [&packets[0], &packets[1]].map(|bytes| crate::rtp::RtpPacket::parse(bytes).unwrap());
    assert_eq!(second.seq(), first.seq().next());
    assert_eq!(second.time().delta(first.time()), 160);
    assert!(first.marker() && !second.marker());
    assert_eq!(
        (first.payload(), first.ssrc()),
        (&b"xyz"[..], session.ssrc())
    );
}

#[test]
fn what_waited_to_be_read_is_no_jitter() {
    let mut lan = Lan::with_hosts(1);
    lan.run_secs(1);
    let period = Duration::from_millis(20);
    for seq in 0..100_u16 {
        let mut bytes = vec![0x80, PCMU];
        bytes.extend(seq.to_be_bytes());
        bytes.extend((u32::from(seq) * 160).to_be_bytes());
        bytes.extend(7_u32.to_be_bytes());
        // Read two by two.
        let is_first = seq % 2 == 0;
        let input = SessionInput::Rtp {
            from: address(7),
            waited: if is_first { period } else { Duration::ZERO },
            bytes: &bytes,
        };
        lan.input(0, input);
        if !is_first {
            lan.run_for(2 * period);
        }
    }
    let member = lan.hosts[0].session.member(Ssrc(7)).unwrap();
    assert_eq!(member.reception().unwrap().jitter, Duration::ZERO);
}
