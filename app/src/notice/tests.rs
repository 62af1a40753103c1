//! Each problem has a sentence and a remedy of its own.
use std::collections::BTreeSet;

use super::*;

fn told(problem: &Problem) -> Notice {
    notice(problem, Timestamp::UNIX_EPOCH, &TimeZone::UTC)
}

fn reason() -> String {
    "No such device".to_owned()
}

fn every_problem() -> Vec<Problem> {
    vec![
        Problem::NoNetwork,
        Problem::PortTaken { port: 5004 },
        Problem::ConferenceOver,
        Problem::NotYetBegun {
            start: Timestamp::UNIX_EPOCH,
        },
        Problem::NoCommonCodec {
            offered: vec!["G723".to_owned()],
        },
        Problem::NoAudio,
        Problem::NotMulticast,
        Problem::Encrypted(Lock::Crypto),
        Problem::NoMicrophone { reason: reason() },
        Problem::MicrophoneFailing { reason: reason() },
        Problem::MicrophoneSilent,
        Problem::NoSpeaker { reason: reason() },
        Problem::NoCamera { reason: reason() },
        Problem::NothingShared { reason: reason() },
        Problem::TooSlow,
        Problem::TooSlowToSend,
        Problem::NothingCanBeSent { reason: reason() },
        Problem::NobodyHeardYet,
        Problem::NetworkDropsMulticast,
        Problem::TalkingWhileMuted,
        Problem::Other { reason: reason() },
    ]
}

#[test]
fn every_problem_has_its_own_sentence_and_remedy() {
    let problems = every_problem();
    let titles: BTreeSet<String> = problems.iter().map(|p| told(p).title).collect();
    let remedies: BTreeSet<String> = problems.iter().map(|p| told(p).remedy).collect();
    assert_eq!(titles.len(), problems.len());
    assert_eq!(remedies.len(), problems.len());
}

#[test]
fn sentences_are_in_the_words_of_the_user() {
    for problem in every_problem() {
        let notice = told(&problem);
        assert!(notice.remedy.ends_with('.'), "{problem:?}");
        assert!(!notice.title.ends_with('.'), "{problem:?}");
        for jargon in ["SSRC", "TTL", "session", "RTP", "socket", "errno", "SDP"] {
            let text = format!("{} {}", notice.title, notice.remedy);
            assert!(!text.contains(jargon), "{problem:?} says {jargon}");
        }
    }
}

#[test]
fn no_network_says_that_it_goes_on_by_itself() {
    let notice = told(&Problem::NoNetwork);
    assert_eq!(notice.title, "There is no network");
    assert!(notice.remedy.contains("goes on by itself"));
    assert_eq!(notice.severity, Severity::Danger);
}

#[test]
fn port_taken_names_the_port_in_the_detail_only() {
    let notice = told(&Problem::PortTaken { port: 5004 });
    assert!(!notice.title.contains("5004") && !notice.remedy.contains("5004"));
    assert_eq!(notice.detail.as_deref(), Some("UDP port 5004 is taken"));
}

#[test]
fn conference_over_and_not_yet_begun_are_no_alarm() {
    assert_eq!(told(&Problem::ConferenceOver).severity, Severity::Info);
    let start: Timestamp = "1970-01-01T00:20:00Z".parse().unwrap();
    let notice = told(&Problem::NotYetBegun { start });
    assert_eq!(notice.title, "This conference begins in 20 min");
    assert_eq!(notice.severity, Severity::Info);
}

#[test]
fn no_codec_in_common_lists_what_was_offered() {
    let offered = vec!["G723".to_owned(), "GSM".to_owned()];
    let notice = told(&Problem::NoCommonCodec { offered });
    assert!(notice.remedy.contains("Opus"));
    assert_eq!(notice.detail.as_deref(), Some("Offered: G723, GSM"));
}

#[test]
fn no_microphone_still_lets_one_hear() {
    let notice = told(&Problem::NoMicrophone { reason: reason() });
    assert!(notice.title.starts_with("Nobody can hear you"));
    assert!(notice.remedy.contains("You hear the others"));
    assert_eq!(notice.action, Some(Remedy::OpenSettings));
    assert_eq!(notice.detail.as_deref(), Some("No such device"));
}

#[test]
fn failing_microphone_and_missing_speaker_offer_another_device() {
    for problem in [
        Problem::MicrophoneFailing { reason: reason() },
        Problem::MicrophoneSilent,
        Problem::NoSpeaker { reason: reason() },
        Problem::NoCamera { reason: reason() },
    ] {
        let notice = told(&problem);
        assert_eq!(notice.action, Some(Remedy::OpenSettings), "{problem:?}");
        assert!(notice.remedy.contains("choose another"), "{problem:?}");
    }
}

#[test]
fn nothing_can_be_sent_points_at_the_firewall() {
    let notice = told(&Problem::NothingCanBeSent { reason: reason() });
    assert!(notice.title.starts_with("Nobody can hear you"));
    assert!(notice.remedy.contains("firewall"));
}

#[test]
fn nobody_heard_yet_and_dropped_multicast_differ() {
    assert_eq!(told(&Problem::NobodyHeardYet).severity, Severity::Info);
    let dropped = told(&Problem::NetworkDropsMulticast);
    assert_eq!(dropped.severity, Severity::Warning);
    assert!(dropped.remedy.contains("cable instead of Wi-Fi"));
}

#[test]
fn encrypted_is_refused_with_the_reason() {
    for (lock, detail) in [
        (Lock::SecureProfile, "RTP/SAVP"),
        (Lock::Crypto, "a=crypto"),
        (Lock::Key, "k="),
    ] {
        let notice = told(&Problem::Encrypted(lock));
        assert!(notice.title.contains("encrypted"));
        assert!(notice.remedy.contains("never sends in clear"));
        assert!(notice.detail.unwrap().contains(detail));
    }
}

#[test]
fn talking_while_muted_offers_to_unmute() {
    let notice = told(&Problem::TalkingWhileMuted);
    assert_eq!(notice.action, Some(Remedy::Unmute));
    assert!(notice.remedy.contains("Press M"));
}

#[test]
fn failed_join_names_the_conference_and_the_reason() {
    let failed = Failure::Join {
        name: "Shift handover".to_owned(),
        problem: Problem::ConferenceOver,
    };
    let notice = failure(&failed, Timestamp::UNIX_EPOCH, &TimeZone::UTC);
    assert!(
        notice
            .title
            .starts_with("“Shift handover” could not be joined.")
    );
    assert!(notice.title.ends_with("This conference is over"));
}

#[test]
fn broken_file_is_named_with_the_parsers_reason() {
    let failed = Failure::File {
        path: "/tmp/x.sdp".into(),
        reason: "line 3, t=: not a number".to_owned(),
    };
    let notice = failure(&failed, Timestamp::UNIX_EPOCH, &TimeZone::UTC);
    assert!(notice.title.contains("/tmp/x.sdp"));
    assert_eq!(notice.detail.as_deref(), Some("line 3, t=: not a number"));
}
