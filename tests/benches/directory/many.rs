//! 100,000 entries: memory, searches, the first page, and how soon a hundred watchers know of a change.

use std::time::Instant;

use conf_tests::cost::resident_bytes;
use conf_tests::ldap::{Answer, Ldap, begins, equals, present, search, tlv};

use crate::peers::{BASE, conference, load, median, name, ours};

const ENTRIES: usize = 100_000;
const WATCHERS: usize = 100;
const ROUNDS: usize = 5;

pub(crate) fn measure() {
    let (peer, server, folder) = ours();
    let before = resident_bytes();
    let start = Instant::now();
    load(&peer, ENTRIES);
    let seconds = start.elapsed().as_secs_f64();
    let grown = (resident_bytes() - before) / ENTRIES as u64;
    println!(
        "{ENTRIES} entries added over 256 connections in {seconds:.1} s; {grown} bytes of memory for each (must: 4096)"
    );
    let mut client = peer.client();
    let prefix = search(BASE, 2, &begins("cn", &name(43_210)[..name(0).len() - 2]));
    tell("search by name prefix, 100 found", 50.0, || {
        assert_eq!(client.ask(&prefix).unwrap().len(), 101);
    });
    let one = search(BASE, 2, &equals("uid", "43210"));
    tell("search by uid, 1 found", 50.0, || {
        assert_eq!(client.ask(&one).unwrap().len(), 2);
    });
    let all = search(BASE, 2, &present("objectClass"));
    tell("first page of 100", 100.0, || first_page(&mut client, &all));
    tell(
        "search that looks at every entry and finds none",
        f64::INFINITY,
        || {
            let none = search(BASE, 2, &begins("generalDescription", "x"));
            assert_eq!(client.ask(&none).unwrap().len(), 1);
        },
    );
    let mut watchers: Vec<_> = (0..WATCHERS).map(|_| watcher(peer.client())).collect();
    let mut number = 1_000_000;
    tell("a change told to 100 watchers", 200.0, || {
        number += 1;
        client.send(&conference(number)).unwrap();
        for watcher in &mut watchers {
            assert_eq!(watcher.receive().unwrap().tag, 0x64);
        }
        assert_eq!(client.receive().unwrap().code, Some(0));
    });
    server.stop();
    let start = Instant::now();
    let mut options = directory::server::ServerOptions::local(folder.path().join("data"));
    options.listen = vec![directory::server::Listener::new(([127, 0, 0, 1], 0).into())];
    let server = directory::server::Server::start(options).unwrap();
    println!(
        "start with {ENTRIES} entries: {:.0} ms",
        1e3 * start.elapsed().as_secs_f64()
    );
    server.stop();
}

fn tell(what: &str, must_ms: f64, mut run: impl FnMut()) {
    let times = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        run();
        1e3 * start.elapsed().as_secs_f64()
    });
    let must = if must_ms.is_finite() {
        format!(" (must: {must_ms})")
    } else {
        String::new()
    };
    println!("{what}: {:.1} ms{must}", median(times.collect()));
}

fn first_page(client: &mut Ldap, request: &[u8]) {
    // RFC 2696: size 100, no cookie.
    let value = tlv(0x30, &[&[2, 1, 100], &[4, 0]]);
    let control = tlv(
        0x30,
        &[&tlv(4, &[b"1.2.840.113556.1.4.319"]), &tlv(4, &[&value])],
    );
    client.send_with(request, &control).unwrap();
    assert_eq!(until_done(client).len(), 101);
}

/// Lets a client watch all that comes (RFC 4533), from a moment at which nothing is to be told.
fn watcher(mut client: Ldap) -> Ldap {
    let control = |cookie: &[u8], mode: u8| {
        let cookie = if cookie.is_empty() {
            Vec::new()
        } else {
            tlv(4, &[cookie])
        };
        let value = tlv(0x30, &[&[10, 1, mode], &cookie]);
        tlv(
            0x30,
            &[&tlv(4, &[b"1.3.6.1.4.1.4203.1.9.1.1"]), &tlv(4, &[&value])],
        )
    };
    let nothing = search(BASE, 2, &begins("cn", "Weekly meeting of group 1"));
    client.send_with(&nothing, &control(b"", 3)).unwrap();
    // Names of six digits begin with 0 so far; what comes is the word that the refresh is done.
    while client.receive().unwrap().tag != 0x79 {}
    client
}

fn until_done(client: &mut Ldap) -> Vec<Answer> {
    let mut answers = Vec::new();
    while answers
        .last()
        .is_none_or(|answer: &Answer| answer.code.is_none())
    {
        answers.push(client.receive().unwrap());
    }
    answers
}
