//! OpenLDAP's server with back_mdb, which syncs before it answers unless told otherwise.

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

const PROGRAM: &str = "/usr/sbin/slapd";
const MODULES: &str = "/usr/lib/ldap";
const SCHEMA: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../assets/ldap/rendezvous.schema"
);
/// Its administrator, with the password of this name.
pub(crate) const ADMIN: &str = "cn=admin,o=rendezvous";
pub(crate) const PASSWORD: &str = "secret";

/// A running slapd, killed when dropped.
pub(crate) struct Slapd {
    process: Child,
    pub(crate) address: SocketAddr,
    _folder: tempfile::TempDir,
}

/// Which slapd is installed, if one is.
pub(crate) fn version() -> Option<String> {
    let output = Command::new(PROGRAM).arg("-VV").output().ok()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = said.lines().find(|line| line.contains("OpenLDAP"))?;
    Some(line.trim_start_matches("@(#) $").trim().to_owned())
}

impl Slapd {
    /// Starts one that holds `people` entries, which have been put there beforehand.
    pub(crate) fn start(ldif: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        let configuration = folder.path().join("slapd.conf");
        let text = format!(
            "include /etc/ldap/schema/core.schema\ninclude /etc/ldap/schema/cosine.schema\ninclude {SCHEMA}\n\
             modulepath {MODULES}\nmoduleload back_mdb\nallow bind_v2\ndatabase mdb\nmaxsize 4294967296\n\
             suffix o=rendezvous\nrootdn {ADMIN}\nrootpw {PASSWORD}\ndirectory {}\n\
             sizelimit unlimited\nindex objectClass,uid eq\nindex cn eq,sub\n",
            data.display()
        );
        std::fs::write(&configuration, text).unwrap();
        let mut load = Command::new("/usr/sbin/slapadd");
        load.args(["-q", "-f"]).arg(&configuration);
        let mut load = load.stdin(Stdio::piped()).spawn().unwrap();
        load.stdin
            .take()
            .unwrap()
            .write_all(ldif.as_bytes())
            .unwrap();
        assert!(load.wait().unwrap().success());
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let url = format!("ldap://{address}/");
        let mut command = Command::new(PROGRAM);
        command
            .args(["-h", &url, "-d", "0", "-f"])
            .arg(&configuration);
        let process = command.stderr(Stdio::null()).spawn().unwrap();
        while TcpStream::connect(address).is_err() {
            std::thread::yield_now();
        }
        Self {
            process,
            address,
            _folder: folder,
        }
    }
}

impl Drop for Slapd {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}
