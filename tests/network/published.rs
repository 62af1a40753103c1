//! The commands that use directories, with our own server.

use std::process::{Command, Output};

use conf_tests::netns::rendezvous;
use conf_tests::running::Running;
use conf_tests::trials::Planned;
use directory::server::{Server, ServerHandle, ServerOptions};
use serde_json::Value;
use tempfile::TempDir;

use crate::program::{LONG, parsed};

pub(crate) const TRIALS: &[Planned] = &[
    Planned {
        name: "a_conference_is_published_listed_edited_and_withdrawn",
        needs: &[],
        run: || with_our_server(publish_edit_withdraw),
    },
    Planned {
        name: "a_change_for_a_dead_directory_is_kept_said_and_made_later",
        needs: &[],
        run: change_waits,
    },
    Planned {
        name: "nobody_else_withdraws_or_edits_a_conference",
        needs: &[],
        run: || with_our_server(others_are_refused),
    },
    Planned {
        name: "who_may_see_a_conference_is_changed_while_it_is_published",
        needs: &[],
        run: || with_our_server(readers_change),
    },
    Planned {
        name: "a_directory_with_a_dead_first_server_is_used_all_the_same",
        needs: &[],
        run: || with_our_server(first_server_is_dead),
    },
    Planned {
        name: "what_is_more_than_a_scope_bears_is_made_with_a_warning_that_names_the_clash",
        needs: &[],
        run: || with_our_server(too_much_is_planned),
    },
    Planned {
        name: "which_version_counts_and_what_differs_elsewhere_is_told",
        needs: &[],
        run: || with_our_server(versions_differ),
    },
];

const OURS: &str = "ldap://127.0.0.1:13890";
const NAME: &str = "Harbour briefing";

/// Somebody with a home and a directory.
struct User {
    home: TempDir,
    directory: String,
}

impl User {
    fn new(directory: &str) -> Self {
        Self {
            home: TempDir::new().unwrap(),
            directory: directory.to_owned(),
        }
    }

    fn run(&self, words: &[&str]) -> Output {
        let mut command = Command::new(rendezvous());
        command.env("RENDEZVOUS_DATA_DIR", self.home.path());
        command.args(words).args(["--directory", &self.directory]);
        command.output().unwrap()
    }

    /// Its exit code, which has to be this one; gives what it said.
    fn ends(&self, code: i32, words: &[&str]) -> String {
        let output = self.run(words);
        let (said, complained) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(
            output.status.code(),
            Some(code),
            "{words:?}: {said}{complained}"
        );
        said + &complained
    }

    /// What the directory lists.
    fn listed(&self) -> Vec<Value> {
        let said = self.ends(0, &["list", "--json", "--interface", "lo"]);
        let all = said.lines().map(parsed);
        all.filter(|line| line["seen"][0]["source"] == "directory")
            .collect()
    }

    fn create(&self) -> String {
        let file = self.home.path().join("new.sdp").display().to_string();
        let create = [
            "create",
            "--name",
            NAME,
            "--interface",
            "lo",
            "--output",
            &file,
        ];
        let mut command = Command::new(rendezvous());
        command
            .env("RENDEZVOUS_DATA_DIR", self.home.path())
            .args(create);
        assert!(command.output().unwrap().status.success());
        file
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Our own server, whose local user has this home.
fn serve(user: &User) -> ServerHandle {
    Server::start(ServerOptions::local(user.home.path().join("directory"))).unwrap()
}

fn with_our_server(trial: fn(&User)) {
    let user = User::new(OURS);
    let server = serve(&user);
    trial(&user);
    server.stop();
}

fn publish_edit_withdraw(user: &User) {
    let file = user.create();
    let said = user.ends(0, &["publish", &file, "--originator", "Ana"]);
    assert!(said.contains(NAME), "{said}");
    let listed = user.listed();
    assert_eq!((listed.len(), &listed[0]["name"]), (1, &Value::from(NAME)));
    user.ends(0, &["edit", NAME, "--name", "Harbour briefing, moved"]);
    let listed = user.listed();
    assert_eq!(listed[0]["name"], "Harbour briefing, moved");
    let shown = user.ends(0, &["show", "harbour", "--interface", "lo"]);
    assert!(shown.contains(&format!("in {}", user.directory)), "{shown}");
    let id = listed[0]["id"].as_str().unwrap().to_owned();
    user.ends(0, &["withdraw", &id]);
    assert!(user.listed().is_empty());
    user.ends(3, &["withdraw", &id]);
}

fn change_waits() {
    let user = User::new(OURS);
    drop(serve(&user));
    let file = user.create();
    let said = user.ends(7, &["publish", &file]);
    assert!(said.contains("kept"), "{said}");
    let server = serve(&user);
    user.listed();
    assert_eq!(user.listed()[0]["name"], NAME);
    drop(server);
    user.ends(6, &["edit", NAME, "--name", "Too late"]);
}

fn others_are_refused(user: &User) {
    let file = user.create();
    user.ends(0, &["publish", &file]);
    let other = User::new(OURS);
    assert_eq!(other.listed().len(), 1, "anybody may see it");
    other.ends(8, &["withdraw", NAME]);
    other.ends(8, &["edit", NAME, "--name", "Mine now"]);
    other.ends(8, &["publish", &other.create()]);
    assert_eq!(user.listed()[0]["name"], NAME);
}

fn readers_change(user: &User) {
    let file = user.create();
    let said = user.ends(0, &["publish", &file, "--json"]);
    let published = parsed(said.lines().next().unwrap());
    assert_eq!(
        (&published["event"], &published["name"]),
        (&Value::from("published"), &Value::from(NAME))
    );
    let other = User::new(OURS);
    let named = |name| {
        let said = other.ends(0, &["list", name, "--json", "--interface", "lo"]);
        said.lines().filter(|line| line.starts_with('{')).count()
    };
    assert_eq!((named("b*brief"), named("b*boat")), (1, 0));
    user.ends(0, &["edit", NAME, "--reader", "authenticated"]);
    assert!(other.listed().is_empty(), "it is not for anonymous readers");
    assert_eq!(user.listed().len(), 1, "it is for its owner");
    let said = user.ends(0, &["edit", NAME, "--reader", "everyone", "--json"]);
    assert_eq!(parsed(said.lines().next().unwrap())["event"], "changed");
    assert_eq!(other.listed().len(), 1);
}

fn too_much_is_planned(user: &User) {
    let settings = user.home.path().join("settings.toml");
    std::fs::write(settings, "[bandwidth]\nsite = 100\n").unwrap();
    let first = user.create();
    let said = user.ends(0, &["publish", &first]);
    assert!(!said.contains("bandwidth"), "it fits: {said}");
    let second = user.run(&["create", "--name", "Second", "--interface", "lo", "--json"]);
    assert!(text(&second.stderr).contains("“Harbour briefing” and this one"));
    let created = parsed(&text(&second.stdout));
    let clash = &created["clashes"][0];
    assert_eq!(clash["with"][0]["name"], NAME);
    assert_eq!(
        (&clash["scope"], &clash["budget_kbit_per_s"]),
        (&Value::from("site"), &Value::from(100))
    );
    let said = user.ends(0, &["edit", NAME, "--duration", "2h"]);
    assert!(said.contains("“Second” and this one"), "{said}");
    let said = user.ends(
        0,
        &["calendar", "--json", "--interface", "lo", "--days", "2"],
    );
    let lines: Vec<Value> = said
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(parsed)
        .collect();
    let over: Vec<&Value> = lines
        .iter()
        .filter(|line| line["is_over"] == true)
        .collect();
    assert_eq!(over.len(), 1, "while both are on: {said}");
    assert_eq!(over[0]["conferences"].as_array().unwrap().len(), 2);
    assert_eq!(
        lines.iter().filter(|line| line["event"] == "held").count(),
        2
    );
}

/// The network has a version, the directory the one before it.
fn versions_differ(user: &User) {
    let file = user.home.path().join("new.sdp").display().to_string();
    let words = ["create", "--announce", "--name", NAME, "--interface", "lo"];
    let mut announce = Command::new(rendezvous());
    announce.env("RENDEZVOUS_DATA_DIR", user.home.path().join("other"));
    let mut announcing = Running::start(announce.args(words).args(["--output", &file]));
    announcing.wait_for("word of it", LONG, |line| line.starts_with("Announcing"));
    let newer = std::fs::read_to_string(&file).unwrap();
    let origin = newer.lines().find(|line| line.starts_with("o=")).unwrap();
    let version = origin.split(' ').nth(2).unwrap();
    let before = (version.parse::<u64>().unwrap() - 1).to_string();
    let older = newer
        .replacen(&format!(" {version} IN"), &format!(" {before} IN"), 1)
        .replace(NAME, "Harbour");
    std::fs::write(&file, older).unwrap();
    user.ends(0, &["publish", &file]);
    let shown = user.ends(0, &["show", NAME, "--interface", "lo"]);
    let differs = format!("version {before}, not {version} as above; another name");
    assert!(shown.contains(&differs), "{shown}");
    let shown = user.ends(0, &["show", NAME, "--interface", "lo", "--json"]);
    let shown = parsed(shown.lines().find(|line| line.starts_with('{')).unwrap());
    assert_eq!(shown["name"], NAME);
    assert_eq!(shown["seen"][0]["source"], "sap");
    let differs = &shown["differs"][0];
    assert_eq!(differs["source"], "directory");
    assert_eq!(differs["version"], before);
    assert_eq!(differs["fields"], serde_json::json!(["version", "name"]));
    announcing.interrupt();
    announcing.succeed(LONG);
}

fn first_server_is_dead(user: &User) {
    let file = user.create();
    user.ends(0, &["publish", &file]);
    let other = User::new(&format!("ldap://127.0.0.1:9,{OURS}"));
    assert_eq!(other.listed().len(), 1);
}
