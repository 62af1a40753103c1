//! A conference created on one host is seen on the other.

use std::time::{Duration, Instant};

use conf_tests::netns::Segment;
use conf_tests::running::Running;
use conf_tests::trials::Planned;

use crate::program::{LONG, announce, parsed, pause, start};

pub(crate) const TRIALS: &[Planned] = &[
    Planned {
        name: "a_conference_is_listed_on_another_host_in_two_seconds",
        needs: &[],
        run: || is_listed_in_time(&[]),
    },
    Planned {
        name: "an_ipv6_conference_is_listed_on_another_host_in_two_seconds",
        needs: &[],
        run: || is_listed_in_time(&["--address", "ff15::4d:2"]),
    },
    Planned {
        name: "a_watcher_sees_a_conference_come_in_two_seconds_and_go",
        needs: &[],
        run: watcher_sees_it_come_and_go,
    },
    Planned {
        name: "an_announcer_that_is_terminated_takes_its_conference_back",
        needs: &[],
        run: termination_takes_back,
    },
    Planned {
        name: "a_conference_that_ends_is_taken_back_by_its_announcer",
        needs: &[],
        run: end_takes_back,
    },
    Planned {
        name: "a_newcomer_sees_an_old_conference_within_fifteen_seconds",
        needs: &[],
        run: newcomer_sees_it,
    },
];

const WORD: &str = "Harbour briefing";

fn has_name(line: &str) -> bool {
    line.contains(WORD)
}

fn is_listed_in_time(more: &[&str]) {
    let lan = Segment::new(2);
    let _announcer = announce(&lan.hosts[0], WORD, more);
    let before = Instant::now();
    let list = start(&lan.hosts[1], &["list"]);
    let line = list.wait_for("conference in the list", LONG, has_name);
    let took = line.at - before;
    assert!(took < Duration::from_secs(2), "took {took:?}: {list}");
}

fn watcher_sees_it_come_and_go() {
    let lan = Segment::new(2);
    let watcher = start(&lan.hosts[1], &["list", "--watch", "--json"]);
    let begun = Instant::now();
    let mut announcer = announce(&lan.hosts[0], WORD, &[]);
    let line = watcher.wait_for("announcement", LONG, has_name);
    let took = line.at - begun;
    assert!(took < Duration::from_secs(2), "took {took:?}: {watcher}");
    announcer.interrupt();
    announcer.succeed(LONG);
    is_gone(&watcher, &line.text);
}

fn termination_takes_back() {
    let lan = Segment::new(2);
    let watcher = start(&lan.hosts[1], &["list", "--watch", "--json"]);
    let mut announcer = announce(&lan.hosts[0], WORD, &[]);
    let appeared = watcher.wait_for("announcement", LONG, has_name);
    announcer.signal("TERM");
    announcer.succeed(LONG);
    is_gone(&watcher, &appeared.text);
}

fn end_takes_back() {
    let lan = Segment::new(2);
    let watcher = start(&lan.hosts[1], &["list", "--watch", "--json"]);
    let mut announcer = announce(&lan.hosts[0], WORD, &["--duration", "5s"]);
    let appeared = watcher.wait_for("announcement", LONG, has_name);
    announcer.succeed(LONG);
    is_gone(&watcher, &appeared.text);
}

/// The watcher says within two seconds that the conference it has shown is gone.
fn is_gone(watcher: &Running, appeared: &str) {
    let id = parsed(appeared)["id"].clone();
    let is_it = |line: &str| parsed(line)["event"] == "gone" && parsed(line)["id"] == id;
    watcher.wait_for("deletion", Duration::from_secs(2), is_it);
}

fn newcomer_sees_it() {
    let lan = Segment::new(2);
    let announcer = announce(&lan.hosts[0], WORD, &[]);
    // Past the quick repetitions at the start, into the long interval.
    pause(17);
    let watcher = start(&lan.hosts[1], &["list", "--watch", "--json"]);
    watcher.wait_for("announcement", Duration::from_secs(15), has_name);
    drop(announcer);
}
