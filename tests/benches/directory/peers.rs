//! Adding and searching, ours and slapd's in alternating runs.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use conf_tests::ldap::{Ldap, add, begins, bind, equals, search};
use directory::server::{LOCAL_USER, Listener, Server, ServerHandle, ServerOptions, TOKEN_FILE};

use crate::slapd::{self, Slapd};

const ENTRIES: usize = 10_000;
const SPAN: Duration = Duration::from_secs(3);
const ROUNDS: usize = 3;

/// A server with the right to write.
pub(crate) struct Peer {
    address: SocketAddr,
    dn: &'static str,
    password: String,
}

impl Peer {
    pub(crate) fn client(&self) -> Ldap {
        let mut client = Ldap::connect(self.address).unwrap();
        assert_eq!(client.code(&bind(self.dn, &self.password)).unwrap(), 0);
        client
    }
}

/// Compares, if there is something to compare with.
pub(crate) fn compare() {
    let (ours, _server, _folder) = ours();
    load(&ours, ENTRIES);
    let Some(version) = slapd::version() else {
        println!("slapd is not installed: nothing to compare with");
        return;
    };
    println!(
        "{ENTRIES} entries of about 1 KiB; both sync to disk before they answer; median of {ROUNDS} alternating runs"
    );
    println!("{version}");
    let slapd = Slapd::start(&ldif(ENTRIES));
    let theirs = Peer {
        address: slapd.address,
        dn: slapd::ADMIN,
        password: slapd::PASSWORD.to_owned(),
    };
    let fresh = AtomicU64::new(1_000_000);
    let added = |_: u64| {
        let number = fresh.fetch_add(1, Ordering::Relaxed);
        conference(usize::try_from(number).unwrap())
    };
    let by_name = |number: u64| {
        let name = name(usize::try_from(number).unwrap() * 7919 % ENTRIES);
        search(BASE, 2, &equals("cn", &name))
    };
    let by_prefix = |number: u64| {
        let name = name(usize::try_from(number).unwrap() * 7919 % ENTRIES);
        search(BASE, 2, &begins("cn", &name[..name.len() - 1]))
    };
    for clients in [1, 8, 32] {
        versus("add", clients, &ours, &theirs, &added);
    }
    for clients in [1, 8] {
        versus("search by name", clients, &ours, &theirs, &by_name);
        versus(
            "search by prefix, 10 found",
            clients,
            &ours,
            &theirs,
            &by_prefix,
        );
    }
}

type Request<'a> = &'a (dyn Fn(u64) -> Vec<u8> + Sync);

fn versus(what: &str, clients: usize, ours: &Peer, theirs: &Peer, request: Request<'_>) {
    let pairs = (0..ROUNDS).map(|_| (rate(ours, clients, request), rate(theirs, clients, request)));
    let (ours, theirs): (Vec<_>, Vec<_>) = pairs.unzip();
    let (ours, theirs) = (median(ours), median(theirs));
    println!(
        "{what}, {clients} clients: ours {ours:.0}/s, slapd {theirs:.0}/s, ratio {:.2} (must: 1)",
        ours / theirs
    );
}

/// Operations in a second, each client asking as soon as it is answered.
fn rate(peer: &Peer, clients: usize, request: Request<'_>) -> f64 {
    let done = AtomicU64::new(0);
    let mut connections: Vec<_> = (0..clients).map(|_| peer.client()).collect();
    let start = Instant::now();
    std::thread::scope(|scope| {
        for (first, client) in (0u64..).zip(&mut connections) {
            let done = &done;
            scope.spawn(move || {
                let mut number = first * 1_000;
                while start.elapsed() < SPAN {
                    assert_eq!(client.code(&request(number)).unwrap(), 0);
                    number += 1;
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    done.into_inner() as f64 / start.elapsed().as_secs_f64()
}

/// Ours, in this process.
pub(crate) fn ours() -> (Peer, ServerHandle, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut options = ServerOptions::local(folder.path().join("data"));
    options.listen = vec![Listener::new(([127, 0, 0, 1], 0).into())];
    let token = options.data.join(TOKEN_FILE);
    let server = Server::start(options).unwrap();
    let peer = Peer {
        address: server.addresses()[0],
        dn: LOCAL_USER,
        password: std::fs::read_to_string(token).unwrap(),
    };
    (peer, server, folder)
}

/// Adds entries over many connections, so that many are synced at once.
pub(crate) fn load(peer: &Peer, entries: usize) {
    const CLIENTS: usize = 256;
    let mut clients: Vec<_> = (0..CLIENTS).map(|_| peer.client()).collect();
    for first in (0..entries).step_by(CLIENTS) {
        let numbers = first..entries.min(first + CLIENTS);
        for (number, client) in numbers.clone().zip(&mut clients) {
            client.send(&conference(number)).unwrap();
        }
        for (_, client) in numbers.zip(&mut clients) {
            assert_eq!(client.receive().unwrap().code, Some(0));
        }
    }
}

pub(crate) const BASE: &str = "ou=Conferences,o=rendezvous";

/// A name such as people give, different for each.
pub(crate) fn name(number: usize) -> String {
    format!("Weekly meeting of group {number:06}")
}

/// A request to add a conference of about 1 KiB.
pub(crate) fn conference(number: usize) -> Vec<u8> {
    let (dn, name, blob) = parts(number);
    let attributes: [(&str, &[&str]); 4] = [
        ("objectClass", &["top", "rtConference"]),
        ("uid", &[&number.to_string()]),
        ("cn", &[&name]),
        ("conferenceBlob", &[&blob]),
    ];
    add(&dn, &attributes)
}

fn parts(number: usize) -> (String, String, String) {
    let name = name(number);
    let media = "m=audio 5004 RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\na=ptime:20\r\n".repeat(10);
    let blob = format!("v=0\r\no=- {number} 1 IN IP4 192.0.2.1\r\ns={name}\r\nt=0 0\r\n{media}");
    (format!("uid={number},{BASE}"), name, blob)
}

fn ldif(entries: usize) -> String {
    let mut ldif = "dn: o=rendezvous\nobjectClass: organization\no: rendezvous\n\n\
                    dn: ou=Conferences,o=rendezvous\nobjectClass: organizationalUnit\nou: Conferences\n\n"
        .to_owned();
    for number in 0..entries {
        let (dn, name, blob) = parts(number);
        let blob = base64(blob.as_bytes());
        ldif += &format!(
            "dn: {dn}\nobjectClass: top\nobjectClass: rtConference\nuid: {number}\ncn: {name}\nconferenceBlob:: {blob}\n\n"
        );
    }
    ldif
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = bytes.chunks(3).flat_map(|chunk| {
        let word = chunk
            .iter()
            .fold(0, |sum, byte| sum << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        let used = chunk.len();
        (0..4).map(move |place| match place <= used {
            true => char::from(DIGITS[(word >> (18 - 6 * place)) as usize & 63]),
            false => '=',
        })
    });
    digits.collect()
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
