//! Any sequence of inputs keeps the session sound.
use std::time::{Duration, Instant};

use media::rtp_time::{RtpTime, Ssrc};
use proptest::prelude::*;

use super::lan::{Lan, PCMU, address};
use crate::rtcp::{CompoundWriter, FeedbackMessage, SdesItem};
use crate::session::{RtcpPace, RtpSession, SessionConfig, SessionInput, SessionOutput};

#[derive(Clone, Debug)]
enum Step {
    Wait(u16),
    Rtp {
        ssrc: u32,
        seq: u16,
        payload_type: u8,
        from: usize,
    },
    Report {
        ssrc: u32,
        from: usize,
        says_bye: bool,
        name: String,
    },
    Noise {
        bytes: Vec<u8>,
        is_rtp: bool,
    },
    Send,
    Describe(u8, String),
    Feedback(u32),
    Application(Vec<u8>),
    Addresses(u8),
    Leave,
}

fn step() -> impl Strategy<Value = Step> {
    let rtp = (0..6u32, 0..8u16, 0..2u8, 0..4usize).prop_map(|(ssrc, seq, payload_type, from)| {
        Step::Rtp {
            ssrc,
            seq,
            payload_type,
            from,
        }
    });
    let report = (0..6u32, 0..4usize, prop::bool::weighted(0.2), ".{0,300}").prop_map(
        |(ssrc, from, says_bye, name)| Step::Report {
            ssrc,
            from,
            says_bye,
            name,
        },
    );
    prop_oneof![
        6 => (0..40_000u16).prop_map(Step::Wait),
        6 => rtp,
        6 => report,
        2 => (any::<Vec<u8>>(), any::<bool>()).prop_map(|(bytes, is_rtp)| Step::Noise { bytes, is_rtp }),
        3 => Just(Step::Send),
        2 => (0..9u8, ".{0,300}").prop_map(|(item, text)| Step::Describe(item, text)),
        2 => (0..6u32).prop_map(Step::Feedback),
        1 => prop::collection::vec(any::<u8>(), 0..1500).prop_map(Step::Application),
        1 => (0..4u8).prop_map(Step::Addresses),
        1 => Just(Step::Leave),
    ]
}

/// SSRC 0 stands for the session's own.
fn name(session: &RtpSession, ssrc: u32) -> Ssrc {
    if ssrc == 0 {
        session.ssrc()
    } else {
        Ssrc(ssrc)
    }
}

fn rtp(ssrc: Ssrc, seq: u16, payload_type: u8) -> Vec<u8> {
    let mut bytes = vec![0x80, payload_type];
    bytes.extend(seq.to_be_bytes());
    bytes.extend([0; 4]);
    bytes.extend(ssrc.0.to_be_bytes());
    bytes
}

fn report(ssrc: Ssrc, says_bye: bool, text: &str) -> Vec<u8> {
    let mut writer = CompoundWriter::report(1200, ssrc, None, &[]);
    writer.sdes(ssrc, [(SdesItem::Cname, "x@y"), (SdesItem::Name, text)]);
    if says_bye {
        writer.bye(ssrc, text);
    }
    writer.finish()
}

fn receive(session: &mut RtpSession, now: Instant, is_rtp: bool, from: usize, bytes: &[u8]) {
    let from = address(from);
    let input = if is_rtp {
        SessionInput::Rtp {
            from,
            waited: Duration::ZERO,
            bytes,
        }
    } else {
        SessionInput::Rtcp { from, bytes }
    };
    session.handle_input(now, input);
}

fn apply(session: &mut RtpSession, now: Instant, step: Step) {
    match step {
        Step::Wait(_) => session.handle_input(now, SessionInput::Timeout),
        Step::Rtp {
            ssrc,
            seq,
            payload_type,
            from,
        } => {
            let bytes = rtp(name(session, ssrc), seq, payload_type);
            receive(session, now, true, from, &bytes);
        }
        Step::Report {
            ssrc,
            from,
            says_bye,
            name: text,
        } => {
            let bytes = report(name(session, ssrc), says_bye, &text);
            receive(session, now, false, from, &bytes);
        }
        Step::Noise { bytes, is_rtp } => receive(session, now, is_rtp, 9, &bytes),
        Step::Send => {
            let input = SessionInput::Send {
                payload_type: PCMU,
                time: RtpTime(0),
                captured: now,
                marker: false,
                payload: &[1; 20],
            };
            session.handle_input(now, input);
        }
        Step::Describe(item, text) => {
            let item = SdesItem::from_number(item).unwrap_or(SdesItem::Note);
            session.handle_input(now, SessionInput::Describe(item, text));
        }
        Step::Feedback(to) => {
            let (to, message) = (Ssrc(to), FeedbackMessage::PictureLoss);
            session.handle_input(now, SessionInput::Feedback { to, message });
        }
        Step::Application(data) => {
            let (name, data) = (*b"TEST", &data);
            session.handle_input(
                now,
                SessionInput::Application {
                    name,
                    subtype: 1,
                    data,
                },
            );
        }
        Step::Addresses(count) => {
            let all: Vec<_> = (0..usize::from(count)).map(address).collect();
            session.handle_input(now, SessionInput::LocalAddresses(&all));
        }
        Step::Leave => session.handle_input(now, SessionInput::Leave),
    }
}

fn check(steps: Vec<Step>, change: fn(&mut SessionConfig)) -> Result<(), TestCaseError> {
    let mut now = Lan::new().start;
    let mut config = super::lan::config(now, 0);
    change(&mut config);
    let mut session = RtpSession::new(config, now);
    for step in steps {
        if let Step::Wait(millis) = step {
            now += Duration::from_millis(millis.into());
        }
        apply(&mut session, now, step);
        let mut outputs = 0;
        loop {
            match session.poll_output() {
                SessionOutput::Finished => break,
                SessionOutput::Timeout(at) => {
                    prop_assert!(at.is_some_and(|at| at > now), "{:?}", at);
                    break;
                }
                SessionOutput::Rtcp(bytes) => prop_assert!(bytes.len() <= 1200),
                _ => {}
            }
            outputs += 1;
            prop_assert!(outputs < 1000);
        }
        let here = session
            .members()
            .filter(|m| m.presence() == super::super::Presence::Here);
        prop_assert_eq!(session.statistics().members, here.count() + 1);
        prop_assert!(session.members().all(|m| m.ssrc != session.ssrc()));
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_inputs_keep_a_session_sound(steps in prop::collection::vec(step(), 0..80)) {
        check(steps, |_| {})?;
    }

    #[test]
    fn any_inputs_keep_a_session_with_early_feedback_sound(steps in prop::collection::vec(step(), 0..80)) {
        check(steps, |config| {
            config.pace = RtcpPace::Feedback { regular_interval: Duration::from_secs(3) };
            config.is_reduced_size_allowed = true;
            config.is_rtcp_mux = true;
            config.is_own_media_delivered = true;
            config.limits.members = 3;
            config.limits.probation = 2;
        })?;
    }
}
