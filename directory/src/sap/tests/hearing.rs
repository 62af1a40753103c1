//! What a listener makes of announcements and deletions.

use super::super::{Reason, Restored};
use super::*;

const FFMPEG: [&str; 2] = [
    include_str!("../../../../tests/vectors/sap/announce_ffmpeg.hex"),
    include_str!("../../../../tests/vectors/sap/delete_ffmpeg.hex"),
];

fn listener() -> Link {
    let mut link = Link::new();
    link.plug("192.0.2.9");
    link
}

fn id_of(text: &str) -> ConferenceId {
    Description::parse(text.as_bytes()).unwrap().id()
}

fn name(link: &Link, id: ConferenceId) -> String {
    let all = link.hosts[0].agent.heard_of(id);
    let text = all
        .map(|heard| heard.description.to_string())
        .next()
        .unwrap_or_default();
    let name = text.lines().find_map(|line| line.strip_prefix("s="));
    name.unwrap_or_default().to_owned()
}

#[test]
fn every_scope_is_listened_to() {
    let link = listener();
    let groups = &link.hosts[0].groups;
    for group in [
        "224.2.127.254:9875",
        "239.195.255.255:9875",
        "239.255.255.255:9875",
        "[ff02::2:7ffe]:9875",
        "[ff05::2:7ffe]:9875",
        "[ff08::2:7ffe]:9875",
        "[ff0e::2:7ffe]:9875",
    ] {
        assert!(groups.contains(&group.parse().unwrap()), "{group}");
    }
}

#[test]
fn ffmpeg_comes_and_goes() {
    let mut link = listener();
    for vector in FFMPEG {
        let payload = super::super::test_vectors::bytes_from_hex(vector);
        let to = "239.255.255.255:9875".parse().unwrap();
        link.forge(
            "10.10.1.2",
            &Transmit {
                to,
                ttl: 15,
                payload,
            },
        );
        link.run_for(secs(5));
    }
    let events = link.events(0);
    let [Event::Found(id), gone] = events[..] else {
        panic!("{events:?}");
    };
    assert_eq!(gone, Event::Gone(id, Reason::Withdrawn));
}

#[test]
fn deletion_by_another_host_is_counted_and_ignored() {
    let mut link = listener();
    let text = sdp(1, 1);
    let id = id_of(&text);
    link.forge("192.0.2.1", &announcement(7, "192.0.2.1", &text));
    link.forge("192.0.2.66", &deletion(7, "192.0.2.66", &text));
    link.forge("192.0.2.66", &deletion(7, "192.0.2.1", &text));
    link.forge("192.0.2.1", &deletion(7, "192.0.2.66", &text));
    link.run_for(secs(1));
    assert_eq!(link.events(0), [Event::Found(id)]);
    assert_eq!(link.hosts[0].agent.counters().forged_deletions, 3);
    link.forge("192.0.2.1", &deletion(7, "192.0.2.1", &text));
    link.run_for(secs(1));
    assert_eq!(
        link.events(0),
        [Event::Found(id), Event::Gone(id, Reason::Withdrawn)]
    );
}

#[test]
fn deletion_counts_by_hash_or_by_origin_line() {
    let mut link = listener();
    let text = sdp(1, 1);
    let id = id_of(&text);
    for (hash, message) in [(7, "nothing to read"), (8, "o=- 1 1 IN IP4 192.0.2.1\r\n")] {
        link.forge("192.0.2.1", &announcement(7, "192.0.2.1", &text));
        link.forge("192.0.2.1", &deletion(hash, "192.0.2.1", message));
        link.run_for(secs(1));
        assert_eq!(link.hosts[0].agent.heard_of(id).count(), 0, "{message}");
    }
    link.forge("192.0.2.1", &deletion(7, "192.0.2.1", &text));
    link.run_for(secs(1));
    assert_eq!(link.hosts[0].agent.counters().unknown_deletions, 1);
}

#[test]
fn deletion_of_an_old_version_leaves_the_new_one() {
    let mut link = listener();
    let id = id_of(&sdp(1, 2));
    link.forge("192.0.2.1", &announcement(8, "192.0.2.1", &sdp(1, 2)));
    link.forge("192.0.2.1", &deletion(7, "192.0.2.1", &sdp(1, 1)));
    link.run_for(secs(1));
    assert_eq!(link.events(0), [Event::Found(id)]);
    assert_eq!(link.hosts[0].agent.counters().stale_versions, 1);
}

#[test]
fn higher_version_wins_and_lower_is_counted() {
    let mut link = listener();
    let id = id_of(&sdp(1, 1));
    for (hash, version) in [(1, 5), (2, 6), (3, 4)] {
        link.forge(
            "192.0.2.1",
            &announcement(hash, "192.0.2.1", &sdp(1, version)),
        );
        link.run_for(secs(1));
    }
    assert_eq!(link.events(0), [Event::Found(id), Event::Changed(id)]);
    assert_eq!(name(&link, id), "Talk 6");
    assert_eq!(link.hosts[0].agent.counters().stale_versions, 1);
}

#[test]
fn same_version_with_another_body_is_counted_and_the_newest_counts() {
    let mut link = listener();
    let id = id_of(&sdp(1, 1));
    let other = sdp(1, 1).replace("Talk 1", "Changed");
    link.forge("192.0.2.1", &announcement(1, "192.0.2.1", &sdp(1, 1)));
    link.forge("192.0.2.1", &announcement(2, "192.0.2.1", &other));
    link.run_for(secs(1));
    assert_eq!(name(&link, id), "Changed");
    assert_eq!(link.hosts[0].agent.counters().conflicting_versions, 1);
}

#[test]
fn session_lives_as_long_as_its_last_announcer() {
    let mut link = listener();
    let text = sdp(1, 1);
    let id = id_of(&text);
    for host in ["192.0.2.1", "192.0.2.2"] {
        link.forge(host, &announcement(7, host, &text));
        link.run_for(secs(1));
    }
    link.forge("192.0.2.1", &deletion(7, "192.0.2.1", &text));
    link.run_for(secs(1));
    assert_eq!(
        link.events(0),
        [Event::Found(id), Event::Changed(id), Event::Changed(id)]
    );
    link.run_for(secs(3_600));
    assert_eq!(
        link.events(0).last(),
        Some(&Event::Gone(id, Reason::TimedOut))
    );
    assert_eq!(
        link.when(0, Event::Gone(id, Reason::TimedOut)),
        secs(3_601) + Duration::from_millis(1)
    );
}

#[test]
fn silence_of_an_hour_or_ten_intervals_is_the_end() {
    let cases = [(secs(10), secs(3_600)), (secs(900), secs(9_000))];
    for (interval, patience) in cases {
        let mut link = listener();
        let text = sdp(1, 1);
        for _ in 0..5 {
            link.run_for(interval);
            link.forge("192.0.2.1", &announcement(7, "192.0.2.1", &text));
        }
        link.run_for(patience);
        assert_eq!(link.events(0), [Event::Found(id_of(&text))]);
        link.run_for(secs(1));
        let gone = Event::Gone(id_of(&text), Reason::TimedOut);
        assert_eq!(link.events(0).last(), Some(&gone));
    }
}

#[test]
fn encrypted_and_unknown_payloads_are_counted() {
    let mut link = listener();
    let mut encrypted = announcement(7, "192.0.2.1", &sdp(1, 1));
    encrypted.payload[0] |= 2;
    link.forge("192.0.2.1", &encrypted);
    let mut unknown = announcement(8, "192.0.2.1", &sdp(1, 1));
    unknown.payload[9] = b'x';
    link.forge("192.0.2.1", &unknown);
    link.forge("192.0.2.1", &announcement(9, "192.0.2.1", "hello"));
    link.forge(
        "192.0.2.1",
        &announcement(9, "192.0.2.1", &sdp_until(1, 1, "239.255.7.7/15", NTP)),
    );
    link.run_for(secs(1));
    let counters = link.hosts[0].agent.counters();
    assert_eq!((counters.encrypted, counters.unknown_payloads), (1, 1));
    assert_eq!((counters.malformed_descriptions, counters.over), (1, 1));
    assert!(link.events(0).is_empty());
}

#[test]
fn restored_announcement_has_to_be_heard_again() {
    let mut link = listener();
    let text = sdp(1, 1);
    let id = id_of(&text);
    link.run_for(secs(1));
    let restored = Restored {
        announcer: super::super::Announcer {
            group: "239.255.255.255".parse().unwrap(),
            origin: "192.0.2.1".parse().unwrap(),
            from: "192.0.2.1".parse().unwrap(),
        },
        text: text.as_bytes().into(),
        hash: 7,
        first_heard: link.wall() - secs(90_000),
        last_heard: link.wall() - secs(80_000),
        times_heard: 2,
    };
    link.input(0, Input::Restore(&[restored.clone(), restored]));
    assert_eq!(link.events(0), [Event::Found(id)]);
    link.run_for(secs(899));
    assert_eq!(link.events(0), [Event::Found(id)]);
    link.forge("192.0.2.1", &announcement(7, "192.0.2.1", &text));
    link.run_for(secs(3_000));
    assert_eq!(link.events(0), [Event::Found(id)], "it was");
    let heard = link.hosts[0].agent.heard_of(id).next().unwrap();
    assert_eq!(heard.first_heard, link.wall() - secs(90_000 + 3_899));
    assert_eq!(
        heard.last_heard,
        link.wall() - secs(3_000) + Duration::from_millis(1)
    );
    assert_eq!(heard.times_heard, 3);
}
