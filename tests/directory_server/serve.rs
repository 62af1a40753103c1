//! Servers for the trials: within the test, or as a program of its own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use conf_tests::ldap::{Ldap, add, bind};
use conf_tests::netns::rendezvous;
use conf_tests::running::Running;
use directory::server::{LOCAL_USER, Listener, Server, ServerHandle, ServerOptions, TOKEN_FILE};
use tempfile::TempDir;

/// Longer than anything takes.
pub(crate) const LONG: Duration = Duration::from_secs(30);

/// A server within this process, and its folder.
pub(crate) struct Served {
    pub(crate) server: ServerHandle,
    data: PathBuf,
    _folder: Option<TempDir>,
}

/// Starts one on a free port, with options of one's own.
pub(crate) fn serve(adapt: impl FnOnce(&mut ServerOptions)) -> Served {
    let folder = tempfile::tempdir().unwrap();
    let served = serve_in(folder.path(), adapt);
    Served {
        _folder: Some(folder),
        ..served
    }
}

/// The same, in a folder where something is already.
pub(crate) fn serve_in(folder: &Path, adapt: impl FnOnce(&mut ServerOptions)) -> Served {
    let data = folder.join("data");
    let mut options = ServerOptions::local(data.clone());
    options.listen = vec![Listener::new(([127, 0, 0, 1], 0).into())];
    adapt(&mut options);
    let server = Server::start(options).unwrap();
    Served {
        server,
        data,
        _folder: None,
    }
}

impl Served {
    pub(crate) fn address(&self) -> SocketAddr {
        self.server.addresses()[0]
    }

    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    pub(crate) fn token_file(&self) -> PathBuf {
        self.data.join(TOKEN_FILE)
    }

    /// A connection of the local user.
    pub(crate) fn client(&self) -> Ldap {
        client(self.address(), &self.data)
    }

    /// One of OpenLDAP's tools, against this server; as the local user if `is_local`.
    pub(crate) fn tool(&self, name: &str, is_local: bool) -> Command {
        let mut command = Command::new(name);
        // No file of this machine changes what the tool does; our certificate is our own.
        command
            .env("LDAPCONF", "/dev/null")
            .env("HOME", "/nonexistent");
        command.env("LDAPTLS_REQCERT", "never");
        command.args(["-x", "-H", &format!("ldap://{}", self.address())]);
        if is_local {
            command
                .args(["-D", LOCAL_USER, "-y"])
                .arg(self.token_file());
        }
        command
    }
}

/// A connection of the local user of the server with these data.
pub(crate) fn client(address: SocketAddr, data: &Path) -> Ldap {
    let token = std::fs::read_to_string(data.join(TOKEN_FILE)).unwrap();
    let mut client = Ldap::connect(address).unwrap();
    assert_eq!(client.code(&bind(LOCAL_USER, &token)).unwrap(), 0);
    client
}

/// A request to add a conference.
pub(crate) fn conference(uid: &str, name: &str) -> Vec<u8> {
    let blob = format!("v=0\r\no=- {uid} 1 IN IP4 192.0.2.1\r\ns={name}\r\nt=0 0\r\n");
    add(
        &format!("uid={uid},ou=Conferences,o=rendezvous"),
        &[
            ("objectClass", &["rtConference"]),
            ("cn", &[name]),
            ("conferenceBlob", &[&blob]),
        ],
    )
}

/// The program itself, serving from this folder on a free port.
pub(crate) fn start(before: &[&str], data: &Path) -> (Running, SocketAddr) {
    let program = rendezvous();
    let mut words: Vec<_> = before.iter().map(std::ffi::OsStr::new).collect();
    words.push(program.as_os_str());
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    command.args([
        "directory",
        "serve",
        "--json",
        "--listen",
        "127.0.0.1:0",
        "--data",
    ]);
    let running = Running::start(command.arg(data));
    let line = running.wait_for("address", LONG, |line| line.contains("listening"));
    let json: serde_json::Value = serde_json::from_str(&line.text).unwrap();
    let url = json["url"].as_str().unwrap();
    let address = url.trim_start_matches("ldap://").split('/').next().unwrap();
    (running, address.parse().unwrap())
}
