//! Samba as an Active Directory: its schema, its names, its ways.

use std::net::TcpStream;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use conf_tests::running::Running;
use conf_tests::trials::Planned;
use directory::ldap::{Bind, DirectoryConfig, DirectoryUrl, Failover, Protocol, Secret, check};
use directory::{
    Dialect, Directory as _, DirectoryError, Entry, Kind, Lifetimes, PersonEntry, Query, Watching,
};

use crate::openldap::certificate;
use crate::people::{conference, person, run, version};

pub(crate) const TRIALS: &[Planned] = &[Planned {
    name: "an_active_directory_holds_conferences_and_people",
    needs: &[
        "samba",
        "samba-tool",
        "/usr/share/samba/setup",
        "openssl",
        "ldapadd",
        "root",
    ],
    run: holds_conferences_and_people,
}];

/// Its ports are fixed: an address of this computer that nobody else uses.
const HOST: &str = "127.0.0.77";
const PASSWORD: &str = "Passw0rd.of.mine";
const ADMINISTRATOR: &str = "Administrator@PEERS.TEST";
/// Making a domain takes six seconds and more.
const LONG: Duration = Duration::from_secs(240);

struct Samba {
    _folder: tempfile::TempDir,
    _process: Running,
    ca_file: std::path::PathBuf,
}

impl Samba {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().display().to_string();
        Running::start(Command::new("samba-tool").args([
            "domain",
            "provision",
            &format!("--targetdir={path}"),
            "--realm=PEERS.TEST",
            "--domain=PEERS",
            &format!("--adminpass={PASSWORD}"),
            "--server-role=dc",
            "--dns-backend=NONE",
            "--host-name=dc1",
            &format!("--host-ip={HOST}"),
        ]))
        .succeed(LONG);
        let (cert, key) = certificate(folder.path());
        Command::new("chmod").args(["600", &key]).status().unwrap();
        let process = Running::start(Command::new("samba").args([
            "-i",
            "-M",
            "single",
            "-s",
            &format!("{path}/etc/smb.conf"),
            "--option=server services=ldap,cldap",
            "--option=ldap server require strong auth=no",
            &format!("--option=interfaces={HOST}/8"),
            "--option=bind interfaces only=yes",
            &format!("--option=tls certfile={cert}"),
            &format!("--option=tls keyfile={key}"),
            &format!("--option=tls cafile={cert}"),
        ]));
        let deadline = Instant::now() + LONG;
        while TcpStream::connect((HOST, 636)).is_err() {
            assert!(Instant::now() < deadline, "samba does not start: {process}");
            std::thread::sleep(Duration::from_millis(50));
        }
        Self {
            _folder: folder,
            _process: process,
            ca_file: cert.into(),
        }
    }

    fn config(&self, protocol: Protocol) -> DirectoryConfig {
        DirectoryConfig {
            bind: Bind::Simple {
                dn: ADMINISTRATOR.to_owned(),
                password: Secret::new(PASSWORD.to_owned()),
            },
            ca_file: Some(self.ca_file.clone()),
            ..DirectoryConfig::new(vec![DirectoryUrl::new(protocol, HOST)])
        }
    }
}

fn make_container() {
    let ldif = tempfile::NamedTempFile::new().unwrap();
    let text = "dn: OU=Dynamic,DC=peers,DC=test\nobjectClass: organizationalUnit\n";
    std::fs::write(ldif.path(), text).unwrap();
    let url = format!("ldap://{HOST}");
    Running::start(
        Command::new("ldapadd")
            .args(["-x", "-H", &url, "-D", ADMINISTRATOR, "-w", PASSWORD, "-f"])
            .arg(ldif.path()),
    )
    .succeed(LONG);
}

fn holds_conferences_and_people() {
    let samba = Samba::start();
    run(async {
        let mut directory = Failover::new(samba.config(Protocol::Ldaps));
        let missing = directory.publish(&conference(1, "Plan"), None).await;
        assert!(
            matches!(missing, Err(DirectoryError::NotPrepared(_))),
            "{missing:?}"
        );
        make_container();
        conferences(&mut directory).await;
        people(&mut directory).await;
        refusals(&samba).await;
    });
    let findings = run(async {
        let config = Arc::new(samba.config(Protocol::Ldaps));
        check(config, &DirectoryUrl::new(Protocol::Ldaps, HOST)).await
    });
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    let faults = findings.iter().filter(|finding| !finding.is_good);
    assert_eq!(faults.count(), 0, "{}", lines.join("\n"));
}

async fn conferences(directory: &mut Failover) {
    let entry = conference(1, "Plan");
    let hour = Duration::from_secs(3_600);
    let published = directory.publish(&entry, Some(hour)).await.unwrap();
    // Samba lets clients set no lifetime.
    assert_eq!(published.lifetime, None);
    assert!(
        published.name.starts_with("MSTAPI-UID="),
        "{}",
        published.name
    );
    let info = directory.about().unwrap();
    assert_eq!(info.dialect, Dialect::ActiveDirectory);
    assert_eq!(info.base, "OU=Dynamic,DC=peers,DC=test");
    assert_eq!(info.lifetimes, Lifetimes::Permanent);
    assert!(matches!(info.watching, Watching::Polling { .. }));
    assert!(info.is_encrypted);

    let found = directory
        .search(&Query::named(Kind::Conference, "pl*"))
        .await
        .unwrap();
    assert_eq!(found[0].entry, entry);
    let changed = version(1, "Plan, later", 2);
    let revision = published.revision.as_deref();
    directory
        .modify(&entry.id(), &changed, revision)
        .await
        .unwrap();
    let late = directory
        .modify(&entry.id(), &version(1, "Mine", 2), revision)
        .await;
    let Err(DirectoryError::Changed { theirs }) = late else {
        panic!("{late:?}");
    };
    assert_eq!(theirs.entry, changed);
    directory.withdraw(&entry.id()).await.unwrap();
    assert!(
        directory
            .search(&Query::all(Kind::Conference))
            .await
            .unwrap()
            .is_empty()
    );
}

async fn people(directory: &mut Failover) {
    let entry = person("ann", "Ann Other");
    let published = directory.publish(&entry, None).await.unwrap();
    let found = directory
        .search(&Query::named(Kind::Person, "ann*"))
        .await
        .unwrap();
    assert_eq!(found[0].entry, entry);
    let Entry::Person(ann) = entry.clone() else {
        panic!("a person");
    };
    let away = Entry::Person(PersonEntry {
        comment: None,
        location: Some("out".to_owned()),
        ..ann
    });
    directory
        .modify(&entry.id(), &away, published.revision.as_deref())
        .await
        .unwrap();
    let found = directory.search(&Query::one(entry.id())).await.unwrap();
    assert_eq!(found[0].entry, away);
    directory.withdraw(&entry.id()).await.unwrap();
}

async fn refusals(samba: &Samba) {
    let mut config = samba.config(Protocol::Ldaps);
    config.bind = Bind::Anonymous;
    let mut nobody = Failover::new(config);
    let refused = nobody.publish(&conference(1, "Plan"), None).await;
    assert!(
        matches!(
            refused,
            Err(DirectoryError::Refused(_) | DirectoryError::Invalid(_))
        ),
        "{refused:?}"
    );
    let mut config = samba.config(Protocol::Ldaps);
    config.ca_file = None;
    let refused = Failover::new(config).connect().await;
    assert!(
        matches!(refused, Err(DirectoryError::UnknownKey { .. })),
        "{refused:?}"
    );
}
