//! A server that is killed in the middle of writes: everything acknowledged is there when it starts again.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

use conf_tests::ldap::{Ldap, present, search, tlv};
use conf_tests::running::Line;
use conf_tests::trials::Planned;

use crate::serve::{LONG, client, conference, start};

const ROUNDS: u32 = 100;
const WRITERS: u32 = 4;

pub(crate) const TRIALS: &[Planned] = &[
    Planned {
        name: "what_was_acknowledged_survives_a_kill",
        needs: &[],
        run: || kill(rounds()),
    },
    Planned {
        name: "nothing_is_acknowledged_before_it_is_synced",
        needs: &["strace"],
        run: traced,
    },
    Planned {
        name: "ctrl_c_stops_the_server_cleanly",
        needs: &[],
        run: interrupt,
    },
];

/// `RENDEZVOUS_KILL_ROUNDS` asks for more or fewer.
fn rounds() -> u32 {
    let asked = std::env::var("RENDEZVOUS_KILL_ROUNDS").ok();
    asked
        .and_then(|rounds| rounds.parse().ok())
        .unwrap_or(ROUNDS)
}

fn kill(rounds: u32) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut acknowledged = BTreeSet::new();
    // Each start finds the data as a commit left them: nothing is to be repaired.
    let start = || {
        let (server, address) = start(&[], &data);
        let is_whole = |line: &Line| line.text.contains(r#""is_repaired":false"#);
        assert!(server.lines().iter().any(is_whole), "{server}");
        (server, address)
    };
    for round in 0..rounds {
        let (server, address) = start();
        assert_eq!(
            missing(address, &data, &acknowledged),
            Vec::<String>::new(),
            "round {round}"
        );
        let confirmed = Mutex::new(BTreeSet::new());
        std::thread::scope(|scope| {
            for writer in 0..WRITERS {
                let (data, confirmed) = (&data, &confirmed);
                scope.spawn(move || write(address, data, round * WRITERS + writer, confirmed));
            }
            // Sooner or later within the writes, by the round.
            while (confirmed.lock().unwrap().len() as u32) < 10 + 7 * (round % 10) {
                std::thread::yield_now();
            }
            server.signal("KILL");
        });
        acknowledged.extend(confirmed.into_inner().unwrap());
    }
    let (_server, address) = start();
    assert_eq!(missing(address, &data, &acknowledged), Vec::<String>::new());
}

/// Adds entries, and deletes every third, until the server dies; notes what was confirmed, a deletion by taking the note away.
fn write(address: SocketAddr, data: &Path, writer: u32, confirmed: &Mutex<BTreeSet<String>>) {
    let mut client = client(address, data);
    for number in 0.. {
        let uid = format!("{writer}-{number}");
        match client.code(&conference(&uid, "a")) {
            Ok(code) => assert_eq!(code, 0),
            Err(_) => return,
        }
        confirmed.lock().unwrap().insert(uid.clone());
        if number % 3 == 0 {
            // From now on it may be there or not, and once confirmed it must not.
            confirmed.lock().unwrap().remove(&uid);
            let dn = format!("uid={uid},ou=Conferences,o=rendezvous");
            match client.code(&tlv(0x4A, &[dn.as_bytes()])) {
                Ok(code) => assert_eq!(code, 0),
                Err(_) => return,
            }
            confirmed.lock().unwrap().insert(format!("!{uid}"));
        }
    }
}

/// What was confirmed and is not so.
fn missing(address: SocketAddr, data: &Path, confirmed: &BTreeSet<String>) -> Vec<String> {
    let mut client = client(address, data);
    let base = "ou=Conferences,o=rendezvous";
    let answers = client.ask(&search(base, 1, &present("uid"))).unwrap();
    let there: BTreeSet<String> = answers
        .iter()
        .filter_map(|answer| uid(&answer.content))
        .collect();
    let is_so = |note: &&String| match note.strip_prefix('!') {
        Some(deleted) => !there.contains(deleted),
        None => there.contains(*note),
    };
    confirmed
        .iter()
        .filter(|note| !is_so(note))
        .cloned()
        .collect()
}

/// The uid in an entry's name.
fn uid(content: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(content);
    let rest = text.split_once("uid=")?.1;
    Some(rest.split_once(',')?.0.to_owned())
}

/// The program under strace, which is not stopped by stopping strace.
struct Traced(String);

impl Traced {
    /// Each line of the trace begins with the process that made the call.
    fn of(trace: &Path) -> Self {
        let trace = std::fs::read_to_string(trace).unwrap();
        Self(trace.split_whitespace().next().unwrap().to_owned())
    }

    fn interrupt(mut self) {
        let process = std::mem::take(&mut self.0);
        let kill = Command::new("kill").args(["-s", "INT", &process]).status();
        assert!(kill.unwrap().success());
    }
}

impl Drop for Traced {
    fn drop(&mut self) {
        if !self.0.is_empty() {
            let kill = Command::new("kill").args(["-s", "KILL", &self.0]).output();
            drop(kill);
        }
    }
}

/// In the trace of system calls, between a request and its answer there is a sync.
fn traced() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let trace = folder.path().join("trace");
    let words = [
        "strace",
        "-f",
        "-s",
        "128",
        "-e",
        "trace=fdatasync,fsync,sendto,write,writev,recvfrom,read",
        "-o",
    ];
    let words = [&words[..], &[trace.to_str().unwrap()]].concat();
    let (mut server, address) = start(&words, &data);
    let traced = Traced::of(&trace);
    let mut client = client(address, &data);
    for number in 0..20 {
        assert_eq!(
            client
                .code(&conference(&format!("traced{number}"), "a"))
                .unwrap(),
            0
        );
    }
    drop(client);
    traced.interrupt();
    server.wait(LONG);
    let trace = std::fs::read_to_string(trace).unwrap();
    let mut syncs_since_request = None;
    let mut checked = 0;
    for line in trace.lines() {
        let is_request =
            line.contains("uid=traced") && (line.contains("recvfrom(") || line.contains("read"));
        // AddResponse, success: the operation's tag is 0x69, "i" to strace.
        let is_answer = line.contains(r"i\7\n\1\0\4\0\4\0");
        if is_request {
            syncs_since_request = Some(0);
        } else if (line.contains("fdatasync") || line.contains("fsync")) && line.ends_with("= 0") {
            syncs_since_request = syncs_since_request.map(|syncs| syncs + 1);
        } else if is_answer {
            assert!(
                syncs_since_request.take().is_some_and(|syncs| syncs > 0),
                "{line}"
            );
            checked += 1;
        }
    }
    assert_eq!(checked, 20, "{trace}");
}

fn interrupt() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (mut server, address) = start(&[], &data);
    let mut before = client(address, &data);
    assert_eq!(before.code(&conference("1", "a")).unwrap(), 0);
    server.interrupt();
    server.succeed(LONG);
    assert!(Ldap::connect(address).is_err());
    let (_server, address) = start(&[], &data);
    let kept = BTreeSet::from(["1".to_owned()]);
    assert_eq!(missing(address, &data, &kept), Vec::<String>::new());
}
