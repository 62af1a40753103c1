//! Time that goes by while a computer sleeps, clocks that are wrong, and a server that is away when a refresh is due:
//! the program itself with OpenLDAP, and with a clock of its own (faketime).

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use conf_tests::netns::rendezvous;
use conf_tests::running::Running;
use conf_tests::trials::Planned;

use crate::openldap::{SOON, SUFFIX, Setup, Slapd};

const NEEDS: &[&str] = &[
    "/usr/sbin/slapd",
    "/usr/lib/ldap/dds.so",
    "ldapadd",
    "ldapsearch",
    "ldapexop",
    "faketime",
];

pub(crate) const TRIALS: &[Planned] = &[
    Planned {
        name: "what_died_in_openldap_while_the_computer_slept_is_published_again",
        needs: NEEDS,
        run: sleep,
    },
    Planned {
        name: "a_refresh_that_openldap_was_not_there_for_is_made_when_it_is_back",
        needs: NEEDS,
        run: refresh_is_lost,
    },
    Planned {
        name: "a_clock_that_is_days_off_from_openldaps_does_no_harm",
        needs: NEEDS,
        run: || [-3 * DAY, 3 * DAY].into_iter().for_each(skewed),
    },
];

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
/// As long as this server lets an entry live.
const LIFE: i64 = DAY;
const NAME: &str = "Harbour briefing";

/// A server, and somebody whose clock is turned.
struct Desk {
    folder: tempfile::TempDir,
    server: Slapd,
}

impl Desk {
    fn new() -> Self {
        let desk = Self {
            folder: tempfile::tempdir().unwrap(),
            server: Slapd::start(Setup::full()),
        };
        desk.turn(0);
        desk
    }

    fn clock(&self) -> PathBuf {
        self.folder.path().join("clock")
    }

    /// Puts the program's clock ahead by so many seconds, or back.
    fn turn(&self, seconds: i64) {
        let draft = self.folder.path().join("clock.new");
        std::fs::write(&draft, format!("{seconds:+}s\n")).unwrap();
        std::fs::rename(draft, self.clock()).unwrap();
    }

    /// The program. Its steady time is not turned, and so stands still beside the other, as in a computer that sleeps.
    fn program(&self, words: &[&str]) -> Command {
        let mut command = Command::new(rendezvous());
        command
            .args(words)
            .env("RENDEZVOUS_DATA_DIR", self.folder.path().join("home"))
            .env("RENDEZVOUS_DIRECTORY_PASSWORD", "correct horse")
            .env("LD_PRELOAD", library())
            .env("FAKETIME_TIMESTAMP_FILE", self.clock())
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        command
    }

    /// With the directory, as Ann.
    fn here(&self, words: &[&str]) -> Command {
        let url = self.server.url().to_string();
        let login = ["--directory", &url, "--bind", "cn=ann,o=example"];
        self.program(&[words, &login].concat())
    }

    /// `publish --keep`, which has published.
    fn keep(&self) -> Running {
        let file = self.folder.path().join("new.sdp").display().to_string();
        // Longer than this server lets an entry live without a refresh.
        let words = ["create", "--name", NAME, "--duration", "240h"];
        let place = ["--interface", "lo", "--output", &file];
        let created = self.program(&[&words[..], &place].concat()).output();
        assert!(created.as_ref().unwrap().status.success(), "{created:?}");
        let keeping = Running::start(&mut self.here(&["publish", &file, "--keep"]));
        keeping.wait_for("word of it", SOON, |line| line.contains("kept alive"));
        keeping
    }

    /// What the server has of the conference, a line each; nothing if it is not there.
    fn entry(&self) -> String {
        let base = format!("ou=Conferences,{SUFFIX}");
        let class = "(objectClass=rtConference)";
        let words = ["-LLL", "-b", &base, class, "cn", "entryExpireTimestamp"];
        self.server.tool("ldapsearch", &words, "")
    }

    fn value(&self, name: &str) -> Option<String> {
        let entry = self.entry();
        let line = entry.lines().find_map(|line| line.strip_prefix(name));
        line.map(|value| value.trim_start_matches(": ").to_owned())
    }

    /// When the entry dies, as the server says.
    fn dies(&self) -> Option<String> {
        self.value("entryExpireTimestamp")
    }

    fn wait_until(&self, what: &str, is_so: impl Fn(Option<String>) -> bool) {
        for _ in 0..300 {
            if is_so(self.dies()) {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("no {what}: {}", self.entry());
    }
}

fn library() -> PathBuf {
    let folders = std::fs::read_dir(Path::new("/usr/lib")).unwrap().flatten();
    let mut files = folders.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"));
    files.find(|file| file.exists()).unwrap()
}

fn sleep() {
    let desk = Desk::new();
    let mut keeping = desk.keep();
    keeping.signal("STOP");
    let name = desk.value("dn").unwrap();
    desk.server.tool("ldapexop", &["refresh", &name, "1"], "");
    desk.wait_until("death", |dies| dies.is_none());
    desk.turn(LIFE + HOUR);
    keeping.signal("CONT");
    desk.wait_until("resurrection", |dies| dies.is_some());
    keeping.interrupt();
    keeping.succeed(SOON);
}

fn refresh_is_lost() {
    let mut desk = Desk::new();
    let mut keeping = desk.keep();
    let before = desk.dies();
    desk.server.kill();
    desk.turn(LIFE * 3 / 4);
    keeping.wait_for("word of it", SOON, |line| line.contains("tried again"));
    desk.server.resume();
    desk.wait_until("longer life", |dies| dies > before);
    keeping.interrupt();
    keeping.succeed(SOON);
}

fn skewed(skew: i64) {
    let desk = Desk::new();
    desk.turn(skew);
    let mut keeping = desk.keep();
    let edited = desk.here(&["edit", NAME, "--name", "Moved"]).output();
    assert!(edited.as_ref().unwrap().status.success(), "{edited:?}");
    assert_eq!(desk.value("cn").as_deref(), Some("Moved"));
    let listed = desk.here(&["list", "--interface", "lo"]).output().unwrap();
    assert!(String::from_utf8_lossy(&listed.stdout).contains("Moved"));
    let before = desk.dies();
    desk.turn(skew + LIFE * 3 / 4);
    desk.wait_until("longer life", |dies| dies > before);
    keeping.interrupt();
    keeping.succeed(SOON);
}
