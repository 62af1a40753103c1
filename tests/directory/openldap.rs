//! OpenLDAP servers, each in a folder of its own, on a free port, stopped when they are dropped.

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use conf_tests::running::Running;
use directory::ldap::{Bind, DirectoryConfig, DirectoryUrl, Protocol, Secret};

/// What the trials need.
pub(crate) const NEEDS: &[&str] = &[
    "/usr/sbin/slapd",
    "/usr/lib/ldap/dds.so",
    "ldapadd",
    "ldapmodify",
    "ldapdelete",
];

pub(crate) const SUFFIX: &str = "o=example";
const PASSWORD: &str = "correct horse";
const SCHEMA: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../assets/ldap/rendezvous.schema"
);

/// How a server is set up.
#[derive(Default)]
pub(crate) struct Setup {
    /// Entries can die (RFC 2589), after a second at the earliest.
    pub(crate) dds: bool,
    /// Changes are told (RFC 4533).
    pub(crate) syncprov: bool,
    /// Lines in front of the database: TLS.
    pub(crate) global: String,
    /// Lines in the database: replication.
    pub(crate) database: String,
    /// Where it listens; a free port if none.
    pub(crate) port: Option<u16>,
}

impl Setup {
    /// With all that this program can use.
    pub(crate) fn full() -> Self {
        Self {
            dds: true,
            syncprov: true,
            ..Self::default()
        }
    }
}

/// A running server.
pub(crate) struct Slapd {
    pub(crate) port: u16,
    folder: tempfile::TempDir,
    setup: Setup,
    process: Option<Running>,
}

impl Slapd {
    /// Starts a server whose containers are there.
    pub(crate) fn start(setup: Setup) -> Self {
        let server = Self::start_empty(setup);
        server.add(CONTAINERS);
        server
    }

    /// Starts a server without any entry.
    pub(crate) fn start_empty(setup: Setup) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("data")).unwrap();
        let mut server = Self {
            port: setup.port.unwrap_or_else(free_port),
            folder,
            setup,
            process: None,
        };
        std::fs::write(server.configuration(), server.configuration_text()).unwrap();
        server.resume();
        server
    }

    /// Kills it as a power cut would.
    pub(crate) fn kill(&mut self) {
        let mut process = self.process.take().unwrap();
        process.signal("KILL");
        process.wait(SOON);
    }

    /// Starts it again, with what it held.
    pub(crate) fn resume(&mut self) {
        let address = format!("ldap://127.0.0.1:{}/", self.port);
        let process = Running::start(
            Command::new("/usr/sbin/slapd")
                .args(["-h", &address, "-d", "0", "-f"])
                .arg(self.configuration()),
        );
        wait_until_open(self.port, &process);
        self.process = Some(process);
    }

    pub(crate) fn url(&self) -> DirectoryUrl {
        DirectoryUrl {
            port: self.port,
            ..DirectoryUrl::new(Protocol::Ldap, "127.0.0.1")
        }
    }

    /// As its administrator.
    pub(crate) fn config(&self) -> DirectoryConfig {
        DirectoryConfig {
            bind: login("cn=admin"),
            ..DirectoryConfig::new(vec![self.url()])
        }
    }

    /// As an account of this name.
    pub(crate) fn config_as(&self, name: &str) -> DirectoryConfig {
        DirectoryConfig {
            bind: login(name),
            ..self.config()
        }
    }

    /// As nobody.
    pub(crate) fn anonymous(&self) -> DirectoryConfig {
        DirectoryConfig::new(vec![self.url()])
    }

    /// Adds entries with OpenLDAP's own tool.
    pub(crate) fn add(&self, ldif: &str) {
        self.tool("ldapadd", &[], ldif);
    }

    /// Runs one of OpenLDAP's own tools as the administrator; gives its output.
    pub(crate) fn tool(&self, tool: &str, arguments: &[&str], input: &str) -> String {
        let url = format!("ldap://127.0.0.1:{}", self.port);
        let name = format!("cn=admin,{SUFFIX}");
        let mut child = Command::new(tool)
            .args([
                "-x",
                "-H",
                &url,
                "-D",
                &name,
                "-w",
                PASSWORD,
                "-o",
                "nettimeout=10",
            ])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(input.as_bytes())
            .unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{tool} {arguments:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn modules(&self) -> String {
        let wanted = [(self.setup.dds, "dds"), (self.setup.syncprov, "syncprov")];
        let wanted = wanted.into_iter().filter(|(is_wanted, _)| *is_wanted);
        wanted
            .map(|(_, name)| format!("moduleload {name}\n"))
            .collect()
    }

    fn configuration(&self) -> std::path::PathBuf {
        self.folder.path().join("slapd.conf")
    }

    fn configuration_text(&self) -> String {
        let folder = self.folder.path().display();
        let mut text = format!(
            "include /etc/ldap/schema/core.schema\ninclude /etc/ldap/schema/cosine.schema\ninclude {SCHEMA}\n\
             modulepath /usr/lib/ldap\nmoduleload back_mdb\n{}\
             pidfile {folder}/pid\nsizelimit unlimited\n{}\ndatabase mdb\nsuffix {SUFFIX}\n\
             rootdn cn=admin,{SUFFIX}\nrootpw \"{PASSWORD}\"\ndirectory {folder}/data\ndbnosync\n{ACCESS}\n{}\n",
            self.modules(),
            self.setup.global,
            self.setup.database
        );
        if self.setup.dds {
            text += "overlay dds\ndds-min-ttl 1\ndds-default-ttl 3600\ndds-interval 1\n";
        }
        if self.setup.syncprov {
            text += "overlay syncprov\n";
        }
        text
    }
}

/// As assets/ldap/README.md lays it down.
const ACCESS: &str = "access to attrs=userPassword by anonymous auth by * none\n\
    access to dn.one=ou=Conferences,o=example attrs=entryTtl by dnattr=creatorsName manage by * read\n\
    access to dn.one=ou=Conferences,o=example by dnattr=creatorsName write by * read\n\
    access to dn.base=ou=Conferences,o=example attrs=children by users write\n\
    access to * by * read";

const CONTAINERS: &str = "dn: o=example\nobjectClass: organization\no: example\n\n\
    dn: ou=Conferences,o=example\nobjectClass: organizationalUnit\n\n\
    dn: ou=People,o=example\nobjectClass: organizationalUnit\n\n\
    dn: cn=ann,o=example\nobjectClass: person\nsn: ann\nuserPassword: correct horse\n\n\
    dn: cn=ben,o=example\nobjectClass: person\nsn: ben\nuserPassword: correct horse\n";

/// How long anything may take that is not a matter of waiting.
pub(crate) const SOON: Duration = Duration::from_secs(20);

pub(crate) fn login(name: &str) -> Bind {
    Bind::Simple {
        dn: format!("{name},{SUFFIX}"),
        password: Secret::new(PASSWORD.to_owned()),
    }
}

/// A port on which nobody listens now.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn wait_until_open(port: u16, process: &Running) {
    let deadline = Instant::now() + SOON;
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < deadline, "slapd does not start: {process}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A certificate for 127.0.0.1 that is its own authority; the files' names.
pub(crate) fn certificate(folder: &Path) -> (String, String) {
    let (cert, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    let status = Command::new("openssl")
        .args([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30",
        ])
        .args([
            "-subj",
            "/CN=directory",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
        ])
        .args([
            "-addext",
            "subjectAltName=IP:127.0.0.1,IP:127.0.0.77",
            "-keyout",
        ])
        .arg(&key)
        .arg("-out")
        .arg(&cert)
        .stderr(Stdio::null())
        .status();
    assert!(status.unwrap().success(), "openssl");
    (cert.display().to_string(), key.display().to_string())
}
