//! When and where announcements, deletions and answers are sent.

use super::super::{QUERY, Reason, Unannounced};
use super::*;

fn one_announcer(text: &str) -> (Link, usize, ConferenceId) {
    let mut link = Link::new();
    let host = link.plug("192.0.2.1");
    let id = link.publish(host, text);
    (link, host, id)
}

#[test]
fn watcher_sees_a_new_conference_within_two_seconds() {
    let mut link = Link::new();
    let (announcer, watcher) = (link.plug("192.0.2.1"), link.plug("192.0.2.2"));
    link.run_for(secs(60));
    let id = link.publish(announcer, &sdp(1, 1));
    link.run_for(secs(2));
    assert_eq!(link.events(watcher), [Event::Found(id)]);
}

#[test]
fn newcomer_sees_a_conference_within_fifteen_seconds_without_asking() {
    let (mut link, _, id) = one_announcer(&sdp(1, 1));
    for age in [0, 20, 71, 3_600] {
        link.run_for(secs(age));
        let newcomer = link.plug("192.0.2.2");
        let before = link.elapsed();
        link.run_for(secs(15));
        let waited = link.when(newcomer, Event::Found(id)) - before;
        assert!(waited <= secs(15), "after {age} s: {waited:?}");
    }
}

#[test]
fn newcomer_that_asks_is_answered_within_half_a_second() {
    let (mut link, _, id) = one_announcer(&sdp(1, 1));
    link.run_for(secs(600));
    for _ in 0..20 {
        link.run_for(secs(7));
        let newcomer = link.plug("192.0.2.2");
        let sent = link.sent.len();
        let is_recent = link.sent.last().unwrap().at + secs(1) > link.elapsed();
        link.input(newcomer, Input::Query);
        link.run_for(Duration::from_millis(502));
        let is_answered = link.events(newcomer) == [Event::Found(id)];
        assert_ne!(is_answered, is_recent, "{} sent", link.sent.len() - sent);
    }
}

#[test]
fn crowd_of_newcomers_gets_one_answer_for_all() {
    let (mut link, _, id) = one_announcer(&sdp(1, 1));
    link.run_for(secs(16));
    let before = link.sent.len();
    let crowd: Vec<usize> = (2..30)
        .map(|n| link.plug(&format!("192.0.2.{n}")))
        .collect();
    for newcomer in &crowd {
        link.input(*newcomer, Input::Query);
    }
    link.run_for(secs(2));
    let answers = link.sent[before..].iter();
    assert_eq!(
        answers
            .filter(|sent| sent.from == link.hosts[0].address)
            .count(),
        1
    );
    for newcomer in crowd {
        assert_eq!(link.events(newcomer), [Event::Found(id)]);
    }
}

#[test]
fn query_is_an_announcement_that_others_ignore() {
    let (mut link, host, _) = one_announcer(&sdp(1, 1));
    link.input(host, Input::Query);
    let query = link.sent.last().unwrap().transmit.clone();
    assert_eq!(
        (query.to, query.ttl),
        ("239.255.255.255:9875".parse().unwrap(), 15)
    );
    let packet = Packet::parse(&query.payload).unwrap();
    assert_eq!(packet.kind, MessageKind::Announcement);
    assert_eq!(packet.payload_type, QUERY);
    assert!(packet.payload.is_empty());
    link.run_for(Duration::from_millis(600));
    assert_eq!(
        link.hosts[host].agent.counters().own,
        2,
        "nor do we answer ourselves"
    );
}

#[test]
fn many_announcements_are_not_repeated_for_a_newcomer() {
    let mut link = Link::new();
    let host = link.plug("192.0.2.1");
    for id in 0..51 {
        link.publish(host, &sdp(id, 1));
    }
    link.run_for(secs(20));
    let newcomer = link.plug("192.0.2.2");
    let before = link.sent.len();
    link.input(newcomer, Input::Query);
    link.run_for(Duration::from_millis(500));
    assert!(
        link.sent.len() - before < 10,
        "{}",
        link.sent.len() - before
    );
}

#[test]
fn fast_start_then_every_ten_seconds_more_or_less() {
    let (mut link, ..) = one_announcer(&sdp(1, 1));
    link.run_for(secs(1_000));
    let times: Vec<Duration> = link.sent.iter().map(|sent| sent.at).collect();
    assert_eq!(times[..5], [0, 1, 3, 7, 15].map(secs));
    let gaps: Vec<Duration> = times[4..]
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .collect();
    assert!(
        gaps.iter()
            .all(|gap| (6.6..13.4).contains(&gap.as_secs_f64()))
    );
    assert!((80..120).contains(&gaps.len()), "{}", gaps.len());
}

#[test]
fn wider_scope_waits_for_minutes_and_goes_to_its_own_group() {
    let (mut link, ..) = one_announcer(&sdp_until(1, 1, "239.192.7.7/63", 0));
    link.run_for(secs(3_600));
    assert!(
        (9 + 5..=18 + 5).contains(&link.sent.len()),
        "{}",
        link.sent.len()
    );
    for sent in &link.sent {
        assert_eq!(sent.transmit.to, "239.195.255.255:9875".parse().unwrap());
        assert_eq!(sent.transmit.ttl, 63);
    }
}

#[test]
fn world_is_announced_in_the_global_group() {
    let (link, ..) = one_announcer(&sdp_until(1, 1, "224.2.130.9/127", 0));
    let sent = &link.sent[0].transmit;
    assert_eq!(
        (sent.to, sent.ttl),
        ("224.2.127.254:9875".parse().unwrap(), 127)
    );
}

#[test]
fn ipv6_goes_to_its_scopes_group_from_an_ipv6_origin() {
    let mut link = Link::new();
    let (host, watcher) = (link.plug("fe80::1"), link.plug("fe80::2"));
    let id = link.publish(host, &sdp_until(1, 1, "ff15::9:9", 0));
    let sent = &link.sent[0].transmit;
    assert_eq!(
        (sent.to, sent.ttl),
        ("[ff05::2:7ffe]:9875".parse().unwrap(), 15)
    );
    let packet = Packet::parse(&sent.payload).unwrap();
    assert_eq!(packet.origin, link.hosts[host].address);
    link.run_for(secs(1));
    assert_eq!(link.events(watcher), [Event::Found(id)]);
}

#[test]
fn announcing_waits_for_an_address_of_the_family() {
    let mut link = Link::new();
    let host = link.plug("fe80::1");
    link.publish(host, &sdp(1, 1));
    link.run_for(secs(60));
    assert!(link.sent.is_empty());
    link.input(host, Input::LocalAddresses(&["192.0.2.9".parse().unwrap()]));
    link.run_for(secs(2));
    assert_eq!(link.sent.len(), 2);
}

#[test]
fn bandwidth_of_the_scope_is_shared() {
    let mut link = Link::new();
    let host = link.plug("192.0.2.1");
    for id in 0..100 {
        let text = sdp(1_000 + id, 1);
        link.forge(
            "192.0.2.50",
            &announcement(id as u16 + 1, "192.0.2.50", &text),
        );
    }
    link.run_for(secs(1));
    link.publish(host, &sdp(1, 1));
    link.run_for(secs(3_000));
    let address = link.hosts[host].address;
    let ours: Vec<Sent> = link
        .sent
        .iter()
        .filter(|sent| sent.from == address)
        .cloned()
        .collect();
    let size = ours[0].transmit.payload.len();
    let interval = 8.0 * 101.0 * size as f64 / 4_000.0;
    let expected = 3_000.0 / interval;
    let count = ours.len() as f64 - 4.0;
    assert!(
        (count - expected).abs() < 0.2 * expected + 1.0,
        "{count} for {expected}"
    );
}

#[test]
fn new_version_has_a_new_hash_and_is_told_at_once() {
    let (mut link, host, id) = one_announcer(&sdp(1, 1));
    let watcher = link.plug("192.0.2.2");
    link.run_for(secs(100));
    let before = link.sent.len();
    link.publish(host, &sdp(1, 2));
    link.run_for(secs(15));
    let sent: Vec<Sent> = link.sent[before..].to_vec();
    let times: Vec<Duration> = sent.iter().map(|sent| sent.at - secs(100)).collect();
    assert_eq!(times, [0, 1, 3, 7, 15].map(secs));
    assert_ne!(sent[0].hash(), link.sent[0].hash());
    assert_eq!(link.events(watcher), [Event::Found(id), Event::Changed(id)]);
    let heard = link.hosts[watcher].agent.heard_of(id).next().unwrap();
    assert!(heard.description.to_string().contains("s=Talk 2"));
}

#[test]
fn publishing_the_same_again_changes_nothing() {
    let (mut link, host, _) = one_announcer(&sdp(1, 1));
    link.run_for(secs(2));
    link.publish(host, &sdp(1, 1));
    assert_eq!(link.sent.len(), 2);
}

#[test]
fn new_scope_is_withdrawn_from_the_old_one() {
    let (mut link, host, id) = one_announcer(&sdp_until(1, 1, "239.192.7.7/63", 0));
    let watcher = link.plug("192.0.2.2");
    link.run_for(secs(20));
    let before = link.sent.len();
    link.publish(host, &sdp(1, 2));
    link.run_for(secs(5));
    let old = link.sent[before..]
        .iter()
        .filter(|sent| sent.transmit.ttl == 63);
    assert!(old.clone().count() == 3 && old.clone().all(|s| s.kind() == MessageKind::Deletion));
    assert_eq!(link.hosts[watcher].agent.heard_of(id).count(), 1);
    assert!(
        !link
            .events(watcher)
            .contains(&Event::Gone(id, Reason::Withdrawn))
    );
}

#[test]
fn deletion_is_said_three_times_and_names_the_origin() {
    let (mut link, host, id) = one_announcer(&sdp(1, 1));
    let watcher = link.plug("192.0.2.2");
    link.run_for(secs(100));
    let before = link.sent.len();
    link.input(host, Input::Withdraw(id));
    link.run_for(secs(600));
    let sent = &link.sent[before..];
    let times: Vec<Duration> = sent.iter().map(|sent| sent.at - secs(100)).collect();
    assert_eq!(times, [0, 1, 3].map(secs));
    let packet = Packet::parse(&sent[0].transmit.payload).unwrap();
    assert_eq!(packet.kind, MessageKind::Deletion);
    assert_eq!(*packet.payload, *b"o=- 1 1 IN IP4 192.0.2.1\r\n");
    let gone = Event::Gone(id, Reason::Withdrawn);
    assert_eq!(link.events(watcher), [Event::Found(id), gone]);
    assert_eq!(
        link.when(watcher, gone),
        secs(100) + Duration::from_millis(1)
    );
    assert_eq!(link.hosts[host].agent.poll_output(), Output::Timeout(None));
}

#[test]
fn withdrawn_and_published_again_is_there() {
    let (mut link, host, id) = one_announcer(&sdp(1, 1));
    let watcher = link.plug("192.0.2.2");
    link.run_for(secs(100));
    link.input(host, Input::Withdraw(id));
    link.publish(host, &sdp(1, 1));
    link.run_for(secs(100));
    assert_eq!(link.hosts[watcher].agent.heard_of(id).count(), 1);
}

#[test]
fn end_of_the_conference_is_the_end_of_its_announcement() {
    let (mut link, host, id) = one_announcer(&sdp_until(1, 1, "239.255.7.7/15", NTP + 50));
    let watcher = link.plug("192.0.2.2");
    link.run_for(secs(49));
    assert_eq!(link.events(watcher), [Event::Found(id)]);
    link.run_for(secs(10));
    assert_eq!(link.when(host, Event::Ended(id)), secs(50));
    assert_eq!(link.when(watcher, Event::Gone(id, Reason::Over)), secs(50));
    assert_eq!(link.sent.last().unwrap().kind(), MessageKind::Deletion);
}

#[test]
fn end_follows_the_wall_clock_when_that_is_set() {
    let (mut link, host, id) = one_announcer(&sdp_until(1, 1, "239.255.7.7/15", NTP + 5_000));
    let watcher = link.plug("192.0.2.2");
    link.run_for(secs(20));
    let later = link.wall() + secs(4_990);
    link.input(host, Input::WallClock(later));
    link.input(watcher, Input::WallClock(later));
    assert_eq!(
        link.events(watcher),
        [Event::Found(id), Event::Gone(id, Reason::Over)]
    );
    assert_eq!(link.events(host), [Event::Ended(id)]);
}

#[test]
fn what_cannot_be_announced_is_refused_with_the_reason() {
    let mut link = Link::new();
    let host = link.plug("192.0.2.1");
    let long = sdp(3, 1) + &"a=x:0123456789\r\n".repeat(600);
    let cases = [
        (sdp_until(1, 1, "192.0.2.7", 0), Unannounced::NoGroup),
        (sdp_until(2, 1, "239.255.7.7/15", NTP), Unannounced::Over),
        (long.clone(), Unannounced::TooLong(long.len())),
    ];
    for (text, reason) in cases {
        let id = link.publish(host, &text);
        assert_eq!(
            link.events(host).last(),
            Some(&Event::NotAnnounced(id, reason))
        );
    }
    link.run_for(secs(60));
    assert!(link.sent.is_empty());
}

#[test]
fn hashes_of_one_host_differ_and_are_never_zero() {
    let mut link = Link::new();
    let host = link.plug("192.0.2.1");
    for id in 0..200 {
        link.publish(host, &sdp(id, 1));
    }
    let hashes: BTreeSet<u16> = link.sent.iter().map(Sent::hash).collect();
    assert_eq!(hashes.len(), 200);
    assert!(!hashes.contains(&0));
    let id = link.publish(host, &sdp(200, 1));
    assert_eq!(
        link.events(host),
        [Event::NotAnnounced(id, Unannounced::TooMany)]
    );
}
