//! Samba as an Active Directory: its schema, its names, its ways.

use std::net::TcpStream;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use conf_tests::running::Running;
use conf_tests::trials::Planned;
use directory::ldap::{Bind, DirectoryConfig, DirectoryUrl, Failover, Protocol, Secret, check};
use directory::{
    Dialect, Directory as _, DirectoryError, Entry, Found, Kind, Lifetimes, Permissions,
    PersonEntry, Principal, Query, Watching,
};

use crate::openldap::certificate;
use crate::people::{conference, person, run, version};

pub(crate) const TRIALS: &[Planned] = &[
    Planned {
        name: "an_active_directory_holds_conferences_and_people",
        needs: NEEDS,
        run: holds_conferences_and_people,
    },
    Planned {
        name: "an_active_directory_keeps_who_may_see_and_change_a_conference",
        needs: NEEDS,
        run: keeps_permissions,
    },
];

const NEEDS: &[&str] = &[
    "samba",
    "samba-tool",
    "/usr/share/samba/setup",
    "openssl",
    "ldapadd",
    "root",
];

/// Its ports are fixed: an address of this computer that nobody else uses.
const HOST: &str = "127.0.0.77";
const PASSWORD: &str = "Passw0rd.of.mine";
const ADMINISTRATOR: &str = "Administrator@PEERS.TEST";
/// Making a domain takes six seconds and more.
const LONG: Duration = Duration::from_secs(240);

struct Samba {
    folder: tempfile::TempDir,
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
            folder,
            _process: process,
            ca_file: cert.into(),
        }
    }

    fn config(&self, protocol: Protocol) -> DirectoryConfig {
        self.config_of(ADMINISTRATOR, protocol)
    }

    /// Works on the domain's own files.
    fn tool(&self, arguments: &[&str]) {
        let settings = format!("--configfile={}/etc/smb.conf", self.folder.path().display());
        Running::start(Command::new("samba-tool").args(arguments).arg(settings)).succeed(LONG);
    }

    fn client(&self, user: &str) -> Failover {
        Failover::new(self.config_of(&format!("{user}@PEERS.TEST"), Protocol::Ldaps))
    }

    fn config_of(&self, user: &str, protocol: Protocol) -> DirectoryConfig {
        DirectoryConfig {
            bind: Bind::Simple {
                dn: user.to_owned(),
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

fn keeps_permissions() {
    let samba = Samba::start();
    make_container();
    for (user, group) in [("ann", "Editors"), ("bob", "Board"), ("eve", "Others")] {
        samba.tool(&["user", "create", user, PASSWORD]);
        samba.tool(&["group", "add", group]);
        samba.tool(&["group", "addmembers", group, user]);
    }
    run(async {
        let mut owner = samba.client("Administrator");
        let entry = allowing(conference(1, "Plan"), &["Board"], &["Editors"]);
        owner.publish(&entry, None).await.unwrap();
        let seen = the_only(&mut owner).await.unwrap();
        assert_eq!(seen.entry, entry);
        assert_eq!(seen.is_mine, Some(true), "{:?}", seen.owner);
        readers_only_read(&samba, &entry).await;
        editors_edit(&samba, &entry).await;
        owner_gives_rights(&samba, &mut owner).await;
        nobody_is_allowed_what_cannot_be_said(&mut owner).await;
    });
}

/// The entry, with these groups as readers and editors.
fn allowing(entry: Entry, readers: &[&str], editors: &[&str]) -> Entry {
    let Entry::Conference(mut conference) = entry else {
        panic!("a conference");
    };
    let groups = |names: &[&str]| {
        let names = names.iter();
        let groups =
            names.map(|name| Principal::Group(format!("CN={name},CN=Users,DC=peers,DC=test")));
        groups.collect()
    };
    conference.permissions = Permissions {
        readers: groups(readers),
        editors: groups(editors),
    };
    Entry::Conference(conference)
}

async fn the_only(directory: &mut Failover) -> Option<Found> {
    let found = directory.search(&Query::all(Kind::Conference)).await;
    found.unwrap().into_iter().next()
}

async fn readers_only_read(samba: &Samba, entry: &Entry) {
    let mut bob = samba.client("bob");
    let seen = the_only(&mut bob).await.unwrap();
    assert_eq!(seen.entry, *entry);
    assert_eq!(seen.is_mine, Some(false));
    let changed = allowing(version(1, "Mine", 2), &["Board"], &["Editors"]);
    let refusals = [
        bob.modify(&entry.id(), &changed, None).await.map(drop),
        bob.withdraw(&entry.id()).await,
    ];
    for refusal in refusals {
        assert!(
            matches!(refusal, Err(DirectoryError::Refused(_))),
            "{refusal:?}"
        );
    }
    let mut eve = samba.client("eve");
    assert_eq!(the_only(&mut eve).await, None);
    let refusal = eve.modify(&entry.id(), &changed, None).await;
    assert!(
        matches!(
            refusal,
            Err(DirectoryError::Refused(_) | DirectoryError::NotFound)
        ),
        "{refusal:?}"
    );
}

async fn editors_edit(samba: &Samba, entry: &Entry) {
    let mut ann = samba.client("ann");
    let seen = the_only(&mut ann).await.unwrap();
    let changed = allowing(version(1, "Plan, later", 2), &["Board"], &["Editors"]);
    let revision = seen.published.revision.as_deref();
    ann.modify(&entry.id(), &changed, revision).await.unwrap();
    assert_eq!(the_only(&mut ann).await.unwrap().entry, changed);
    // Editing is not giving away.
    let mine = allowing(version(1, "Plan, later", 3), &["Others"], &["Others"]);
    let refusal = ann.modify(&entry.id(), &mine, None).await;
    assert!(
        matches!(refusal, Err(DirectoryError::Refused(_))),
        "{refusal:?}"
    );
}

async fn owner_gives_rights(samba: &Samba, owner: &mut Failover) {
    let seen = the_only(owner).await.unwrap();
    let wider = allowing(version(1, "Plan, later", 3), &["Board", "Others"], &[]);
    let revision = seen.published.revision.as_deref();
    owner.modify(&wider.id(), &wider, revision).await.unwrap();
    let seen = the_only(&mut samba.client("eve")).await.unwrap();
    assert_eq!(seen.entry, wider);
    let open = version(1, "Plan, later", 4);
    owner.modify(&open.id(), &open, None).await.unwrap();
    for user in ["ann", "bob", "eve"] {
        let seen = the_only(&mut samba.client(user)).await.unwrap();
        assert_eq!(seen.entry, open, "{user}");
        let refusal = samba.client(user).withdraw(&open.id()).await;
        assert!(
            matches!(refusal, Err(DirectoryError::Refused(_))),
            "{refusal:?}"
        );
    }
}

async fn nobody_is_allowed_what_cannot_be_said(owner: &mut Failover) {
    let unknown = allowing(conference(2, "Other"), &["Nobody"], &[]);
    let refusal = owner.publish(&unknown, None).await;
    assert!(
        matches!(refusal, Err(DirectoryError::Invalid(_))),
        "{refusal:?}"
    );
    let Entry::Conference(mut conference) = conference(2, "Other") else {
        panic!("a conference");
    };
    let key = format!("key:{}", "0a".repeat(32)).parse().unwrap();
    conference.permissions.editors = vec![key];
    let refusal = owner.publish(&Entry::Conference(conference), None).await;
    assert!(
        matches!(refusal, Err(DirectoryError::Unsupported(_))),
        "{refusal:?}"
    );
}
