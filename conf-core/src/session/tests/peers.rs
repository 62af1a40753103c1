//! What GStreamer and ffmpeg really sent, and what we make of the same facts.
use std::time::Duration;

use media::rtp_time::{ClockRate, RtpTime, SeqNo, Ssrc};

use super::lan::{Lan, address};
use crate::rtcp::{Compound, CompoundWriter, Form, ReportBlock, RtcpPacket, SdesItem, SenderInfo};
use crate::rtp::RtpPacket;
use crate::session::{LeaveReason, NtpTime, SessionEvent, SessionInput};

const AUDIO_GST: &str = include_str!("../../../../tests/vectors/rtcp/audio_gst.hex");
const VIDEO_GST: &str = include_str!("../../../../tests/vectors/rtcp/video_gst.hex");
const SR_FFMPEG: &str = include_str!("../../../../tests/vectors/rtcp/sr_ffmpeg.hex");
const OPUS_GST: &str = include_str!("../../../../tests/vectors/rtp/opus_gst.hex");
const OPUS_FFMPEG: &str = include_str!("../../../../tests/vectors/rtp/opus_ffmpeg.hex");

const ALICE: Ssrc = Ssrc(0x1111_1111);
const BOB: Ssrc = Ssrc(0xD80A_F0A0);
const FFMPEG: Ssrc = Ssrc(0xBF47_5997);

fn datagrams(hex: &str) -> Vec<Vec<u8>> {
    let byte = |digits: &[u8]| {
        let digits = std::str::from_utf8(digits).unwrap();
        u8::from_str_radix(digits, 16).unwrap()
    };
    let line = |line: &str| line.as_bytes().chunks(2).map(byte).collect();
    hex.lines().map(line).collect()
}

/// The sender's part of the first report of `audio_gst.hex`, as tshark shows it.
const ALICE_INFO: SenderInfo = SenderInfo {
    ntp: 0xEEAE_7E06_F452_60F5,
    rtp_time: RtpTime(0xCBBF_3ABA),
    packets: 99,
    octets: 8700,
};

const BOB_BLOCK: ReportBlock = ReportBlock {
    ssrc: ALICE,
    fraction_lost: 0,
    cumulative_lost: -1,
    highest_seq: 0x3E86,
    jitter_rtp_ticks: 16,
    last_sr: 0,
    delay_since_last_sr: 0,
};

#[test]
fn gstreamer_audio_reports_are_read() {
    let all = datagrams(AUDIO_GST);
    let compound = Compound::parse(&all[0], Form::Full).unwrap();
    let packets: Vec<_> = compound.packets().map(Result::unwrap).collect();
    let [RtcpPacket::ReceiverReport(report), RtcpPacket::Sdes(sdes)] = &packets[..] else {
        panic!("{packets:?}");
    };
    assert_eq!(report.ssrc, BOB);
    assert_eq!(report.blocks.clone().collect::<Vec<_>>(), [BOB_BLOCK]);
    let chunk = sdes.chunks().next().unwrap();
    assert_eq!(
        chunk.items().collect::<Vec<_>>(),
        [(SdesItem::Cname, "bob@peers.test".to_owned())]
    );
    let compound = Compound::parse(&all[2], Form::Full).unwrap();
    let Some(Ok(RtcpPacket::SenderReport(report))) = compound.packets().next() else {
        panic!("no sender report");
    };
    assert_eq!((report.ssrc, report.info), (ALICE, ALICE_INFO));
}

#[test]
fn gstreamer_audio_reports_are_written_byte_for_byte() {
    let all = datagrams(AUDIO_GST);
    let mut writer = CompoundWriter::report(1200, BOB, None, &[BOB_BLOCK]);
    writer.sdes(BOB, [(SdesItem::Cname, "bob@peers.test")]);
    assert_eq!(writer.finish(), all[0]);

    let mut writer = CompoundWriter::report(1200, BOB, None, &[]);
    writer.sdes(BOB, [(SdesItem::Cname, "bob@peers.test")]);
    writer.bye(BOB, "");
    assert_eq!(writer.finish(), all[1]);

    let mut writer = CompoundWriter::report(1200, ALICE, Some(ALICE_INFO), &[]);
    let items = [
        (SdesItem::Cname, "alice@peers.test"),
        (SdesItem::Name, "Alice"),
        (SdesItem::Tool, "gst"),
    ];
    writer.sdes(ALICE, items);
    assert_eq!(writer.finish(), all[2]);
}

#[test]
fn gstreamer_video_reports_are_read() {
    let all = datagrams(VIDEO_GST);
    let compound = Compound::parse(&all[1], Form::Full).unwrap();
    let Some(Ok(RtcpPacket::ReceiverReport(mut report))) = compound.packets().next() else {
        panic!("no receiver report");
    };
    let block = report.blocks.next().unwrap();
    assert_eq!(block.ssrc, Ssrc(0x2222_2222));
    assert_eq!((block.cumulative_lost, block.highest_seq), (-1, 0x2109));
    assert_eq!((block.jitter_rtp_ticks, block.last_sr), (0x10, 0x7E06_C2DD));
    assert_eq!(block.delay_since_last_sr, 0x0001_3DE8);
    assert_eq!(report.blocks.next(), None);
    for bytes in all {
        let compound = Compound::parse(&bytes, Form::Full).unwrap();
        assert!(compound.packets().all(|packet| packet.is_ok()));
    }
}

#[test]
fn media_headers_of_both_are_read() {
    let gst = datagrams(OPUS_GST);
    let first = RtpPacket::parse(&gst[0]).unwrap();
    assert_eq!((first.ssrc(), first.payload_type()), (ALICE, 96));
    assert_eq!(
        (first.seq(), first.time()),
        (SeqNo(0x3E28), RtpTime(0xCBBD_CECB))
    );
    assert!(first.marker() && first.extension().is_none());
    assert_eq!(first.payload_range(), 12..gst[0].len());
    let second = RtpPacket::parse(&gst[1]).unwrap();
    assert!(!second.marker());
    assert_eq!(
        second.time().delta(first.time()),
        648,
        "GStreamer's first frame is short"
    );

    let ffmpeg = datagrams(OPUS_FFMPEG);
    let times: Vec<_> = ffmpeg
        .iter()
        .map(|bytes| RtpPacket::parse(bytes).unwrap())
        .map(|packet| (packet.ssrc(), packet.seq().0, packet.time().0))
        .collect();
    let expected = [
        (FFMPEG, 0x09DE, 0x34E0_246F),
        (FFMPEG, 0x09DF, 0x34E0_282F),
        (FFMPEG, 0x09E0, 0x34E0_2BEF),
    ];
    assert_eq!(times, expected);
}

fn listener(payload_type: u8) -> Lan {
    let mut lan = Lan::new();
    lan.plug(|config| config.payload_types = vec![(payload_type, ClockRate::HZ_48000)]);
    lan
}

#[test]
fn gstreamer_takes_part_and_leaves() {
    let mut lan = listener(96);
    let from = address(5);
    for bytes in &datagrams(OPUS_GST) {
        lan.input(
            0,
            SessionInput::Rtp {
                from,
                waited: Duration::ZERO,
                bytes,
            },
        );
    }
    for bytes in &datagrams(AUDIO_GST) {
        lan.input(0, SessionInput::Rtcp { from, bytes });
        lan.run_for(super::lan::LATENCY);
    }
    let left = |ssrc| SessionEvent::Left {
        ssrc,
        reason: LeaveReason::Goodbye(None),
    };
    let expected = [
        SessionEvent::Joined(ALICE),
        SessionEvent::Active(ALICE),
        SessionEvent::Joined(BOB),
        left(BOB),
        SessionEvent::InformationChanged(ALICE),
        SessionEvent::Silent(ALICE),
        left(ALICE),
    ];
    assert_eq!(lan.hosts[0].told(), expected.iter().collect::<Vec<_>>());
}

#[test]
fn ffmpeg_takes_part_without_a_name() {
    let mut lan = listener(96);
    let from = address(5);
    let reports = datagrams(SR_FFMPEG);
    lan.input(
        0,
        SessionInput::Rtcp {
            from,
            bytes: &reports[0],
        },
    );
    for bytes in &datagrams(OPUS_FFMPEG) {
        let from = address(6);
        lan.input(
            0,
            SessionInput::Rtp {
                from,
                waited: Duration::ZERO,
                bytes,
            },
        );
    }
    let expected = [SessionEvent::Joined(FFMPEG), SessionEvent::Active(FFMPEG)];
    assert_eq!(lan.hosts[0].told(), expected.iter().collect::<Vec<_>>());
    let view = lan.hosts[0].session.member(FFMPEG).unwrap();
    assert_eq!(view.information(SdesItem::Cname), None);
    let clock = view.clock().unwrap();
    assert_eq!(clock.ntp, NtpTime(0xEEAE_7752_E24D_D2F1));
    let first = clock.ntp_at(RtpTime(0x34E0_246F), ClockRate::HZ_48000);
    assert_eq!(first, Some(clock.ntp));
}
