//! Passwords in a real keyring, GNOME's, which the program reaches over a D-Bus of its own.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use conf_tests::netns::rendezvous;
use conf_tests::trials::Planned;
use directory::server::put_account;

use crate::serve::serve_in;

pub(crate) const TRIALS: &[Planned] = &[
    Planned {
        name: "password_is_kept_in_the_keyring_used_and_forgotten",
        needs: &["dbus-run-session", "gnome-keyring-daemon"],
        run: kept,
    },
    Planned {
        name: "without_a_keyring_the_environment_does_and_it_is_said",
        needs: &[],
        run: absent,
    },
];

const PASSWORD: &str = "correct horse battery staple";
const ANN: &str = "cn=ann,ou=Accounts,o=rendezvous";

/// What the session runs: keep, use, keep a wrong one, forget. The keyring is unlocked by a password of its own.
const SESSION: &str = r#"
set -u
printf 'of the keyring' | gnome-keyring-daemon --unlock --components=secrets >/dev/null
check() { "$PROGRAM" people --directory "$URL" --bind "$ANN"; echo "$1 $?"; }
check before
printf '%s\n' "$PASSWORD" | "$PROGRAM" directory password "$URL/o=rendezvous" --bind "$ANN"; echo "keep $?"
check kept
printf 'wrong\n' | "$PROGRAM" directory password "$URL" --bind "$ANN"; echo "keep $?"
check wrong
"$PROGRAM" directory password "$URL" --bind "$ANN" --forget; echo "forget $?"
"$PROGRAM" directory password "$URL" --bind "$ANN" --forget; echo "again $?"
check after
"#;

fn kept() {
    let folder = tempfile::tempdir().unwrap();
    let (served, url) = server(folder.path());
    let mut session = Command::new("dbus-run-session");
    session.args(["--", "bash", "-c", SESSION]);
    let output = with_home(&mut session, folder.path())
        .env("PROGRAM", rendezvous())
        .env("URL", url)
        .env("ANN", ANN)
        .env("PASSWORD", PASSWORD)
        .env("RENDEZVOUS_LOG", "trace")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let codes: Vec<&str> = said.lines().collect();
    let expected = [
        "before 2", "keep 0", "kept 0", "keep 0", "wrong 8", "forget 0", "again 3", "after 2",
    ];
    assert_eq!(codes, expected);
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(log.contains("the keyring has none"), "{log}");
    for secret in [PASSWORD.to_owned(), format!("{:?}", PASSWORD.as_bytes())] {
        assert!(!log.contains(&secret), "in the log");
    }
    drop(served);
    assert_eq!(files_with(folder.path(), PASSWORD), Vec::<String>::new());
}

fn absent() {
    let folder = tempfile::tempdir().unwrap();
    let (_served, url) = server(folder.path());
    let mut keep = Command::new(rendezvous());
    keep.args(["directory", "password", &url, "--bind", ANN]);
    let output = with_input(with_home(&mut keep, folder.path()), PASSWORD);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("there is no keyring here"), "{said}");
    let people = || {
        let mut people = Command::new(rendezvous());
        people.args(["people", "--directory", &url, "--bind", ANN]);
        with_home(&mut people, folder.path());
        people
    };
    let output = people().output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("RENDEZVOUS_DIRECTORY_PASSWORD"), "{said}");
    assert!(said.contains("there is no keyring here"), "{said}");
    let output = people()
        .env("RENDEZVOUS_DIRECTORY_PASSWORD", PASSWORD)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// One where only Ann may read what is not everybody's.
fn server(folder: &Path) -> (crate::serve::Served, String) {
    put_account(&folder.join("data"), "ann", PASSWORD).unwrap();
    let served = serve_in(folder, |_| ());
    let url = format!("ldap://{}", served.address());
    (served, url)
}

/// Nothing of this machine's person is read or written, and there is no session of theirs.
fn with_home<'a>(command: &'a mut Command, folder: &Path) -> &'a mut Command {
    let home = folder.join("home");
    std::fs::create_dir_all(&home).unwrap();
    for name in ["DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY"] {
        command.env_remove(name);
    }
    command
        .env("HOME", &home)
        .env("XDG_RUNTIME_DIR", &home)
        .env("XDG_DATA_HOME", home.join("data"))
        .env("XDG_CONFIG_HOME", home.join("config"))
        .env("RENDEZVOUS_DATA_DIR", home.join("rendezvous"))
}

fn with_input(command: &mut Command, input: &str) -> Output {
    command.stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    pipe.write_all(input.as_bytes()).unwrap();
    drop(pipe);
    child.wait_with_output().unwrap()
}

/// Names of files that contain this text.
fn files_with(folder: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let (path, kind) = (entry.path(), entry.file_type().unwrap());
        if kind.is_dir() {
            found.extend(files_with(&path, text));
        } else if kind.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            if bytes
                .windows(text.len())
                .any(|part| part == text.as_bytes())
            {
                found.push(path.display().to_string());
            }
        }
    }
    found
}
