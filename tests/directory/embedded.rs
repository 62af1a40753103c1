//! The client against this program's own directory server, as itself and as the ILS that it also is.

use std::sync::Arc;
use std::time::Duration;

use conf_tests::trials::Planned;
use directory::key::InstallationKey;
use directory::ldap::{Bind, DirectoryConfig, DirectoryUrl, Failover, Protocol, check};
use directory::server::{Listener, Server, ServerHandle, ServerOptions, TOKEN_FILE};
use directory::{
    Dialect, Directory as _, DirectoryError, Kind, Lifetimes, Principal, Query, Watching,
};

use crate::people::{Watcher, conference, person, run, version};

pub(crate) const TRIALS: &[Planned] = &[
    Planned {
        name: "the_local_user_publishes_in_the_embedded_server_and_is_told_of_changes",
        needs: &[],
        run: local_user,
    },
    Planned {
        name: "an_installation_owns_what_it_published_with_its_key",
        needs: &[],
        run: by_key,
    },
    Planned {
        name: "the_embedded_server_is_an_ils_to_those_who_want_one",
        needs: &[],
        run: as_ils,
    },
];

const HOUR: Duration = Duration::from_secs(3_600);

struct Embedded {
    server: ServerHandle,
    folder: tempfile::TempDir,
}

impl Embedded {
    fn start(is_open: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(ServerOptions {
            listen: vec![Listener::new(([127, 0, 0, 1], 0).into())],
            is_open,
            ..ServerOptions::local(folder.path().to_owned())
        });
        Self {
            server: server.unwrap(),
            folder,
        }
    }

    fn config(&self, protocol: Protocol, bind: Bind) -> DirectoryConfig {
        let url = DirectoryUrl {
            port: self.server.addresses()[0].port(),
            ..DirectoryUrl::new(protocol, "127.0.0.1")
        };
        DirectoryConfig {
            bind,
            ..DirectoryConfig::new(vec![url])
        }
    }

    fn local(&self) -> DirectoryConfig {
        let token = self.folder.path().join(TOKEN_FILE);
        self.config(Protocol::Ldap, Bind::Token(token))
    }
}

fn local_user() {
    let embedded = Embedded::start(false);
    run(async {
        let mut directory = Failover::new(embedded.local());
        let entry = conference(1, "Plan");
        let published = directory.publish(&entry, Some(HOUR)).await.unwrap();
        assert_eq!(published.lifetime, Some(HOUR));
        let info = directory.about().unwrap();
        assert_eq!(
            (info.dialect, &*info.base),
            (Dialect::Standard, "o=rendezvous")
        );
        assert_eq!(info.watching, Watching::Live);

        let anonymous = embedded.config(Protocol::Ldap, Bind::Anonymous);
        let mut watcher = Watcher::start(anonymous.clone(), Kind::Conference);
        watcher.expect(&["+Plan", "all"]).await;
        let changed = version(1, "Plan, later", 2);
        let revision = published.revision.as_deref();
        directory
            .modify(&entry.id(), &changed, revision)
            .await
            .unwrap();
        watcher.expect(&["+Plan, later"]).await;
        let late = directory
            .modify(&entry.id(), &version(1, "Mine", 2), revision)
            .await;
        assert!(
            matches!(late, Err(DirectoryError::Changed { .. })),
            "{late:?}"
        );

        let mut nobody = Failover::new(anonymous);
        let refused = nobody.withdraw(&entry.id()).await;
        assert!(
            matches!(refused, Err(DirectoryError::Refused(_))),
            "{refused:?}"
        );
        assert_eq!(
            directory.refresh(&entry.id(), HOUR * 2).await.unwrap(),
            HOUR * 2
        );
        directory.withdraw(&entry.id()).await.unwrap();
        watcher.expect(&[&format!("-{}", published.name)]).await;
    });
    let findings = run(async {
        let config = embedded.local();
        let url = config.urls[0].clone();
        check(Arc::new(config), &url).await
    });
    let faults: Vec<String> = findings
        .iter()
        .filter(|finding| !finding.is_good && finding.subject != "encryption")
        .map(ToString::to_string)
        .collect();
    assert!(faults.is_empty(), "{faults:?}");
}

fn by_key() {
    let embedded = Embedded::start(false);
    let key = Arc::new(InstallationKey::fleeting().unwrap());
    let safe = DirectoryConfig {
        start_tls: true,
        ..embedded.config(Protocol::Ldap, Bind::Key(Arc::clone(&key)))
    };
    run(async {
        // It is not known who the server is; what it says of itself can be trusted from then on.
        let refused = Failover::new(safe.clone()).connect().await;
        let Err(DirectoryError::UnknownKey { fingerprint, .. }) = refused else {
            panic!("{refused:?}");
        };
        let config = DirectoryConfig {
            server_key: Some(fingerprint),
            ..safe.clone()
        };
        let mut directory = Failover::new(config.clone());
        let entry = conference(1, "Plan");
        directory.publish(&entry, Some(HOUR)).await.unwrap();
        assert!(directory.about().unwrap().is_encrypted);
        let found = directory.search(&Query::one(entry.id())).await.unwrap();
        assert_eq!(found[0].owner, Some(Principal::Key(key.fingerprint())));
        assert_eq!(found[0].is_mine, Some(true));

        let other = Arc::new(InstallationKey::fleeting().unwrap());
        let mut stranger = Failover::new(DirectoryConfig {
            bind: Bind::Key(Arc::clone(&other)),
            ..config
        });
        let found = stranger.search(&Query::one(entry.id())).await.unwrap();
        assert_eq!(found[0].is_mine, Some(false));
        let refused = stranger.withdraw(&entry.id()).await;
        assert!(
            matches!(refused, Err(DirectoryError::Refused(_))),
            "{refused:?}"
        );

        let mut elsewhere = Failover::new(DirectoryConfig {
            server_key: Some(other.fingerprint()),
            ..safe
        });
        let refused = elsewhere.connect().await;
        assert!(
            matches!(refused, Err(DirectoryError::UnknownKey { .. })),
            "{refused:?}"
        );
    });
}

fn as_ils() {
    let embedded = Embedded::start(true);
    run(async {
        let mut ils = Failover::new(embedded.config(Protocol::Ils, Bind::Anonymous));
        let entry = conference(1, "Plan");
        let published = ils
            .publish(&entry, Some(Duration::from_secs(600)))
            .await
            .unwrap();
        let info = ils.about().unwrap();
        assert_eq!(info.dialect, Dialect::Ils);
        assert!(matches!(info.lifetimes, Lifetimes::Limited { .. }));
        let found = ils
            .search(&Query::named(Kind::Conference, "pl*"))
            .await
            .unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].entry, entry);
        let revision = found[0].published.revision.clone();
        assert_eq!(published.revision, revision);
        let changed = version(1, "Plan, later", 2);
        ils.modify(&entry.id(), &changed, revision.as_deref())
            .await
            .unwrap();
        let late = ils.modify(&entry.id(), &entry, revision.as_deref()).await;
        assert!(
            matches!(late, Err(DirectoryError::Changed { .. })),
            "{late:?}"
        );
        assert_eq!(ils.refresh(&entry.id(), HOUR).await.unwrap(), HOUR);

        let ann = person("ann@example.org", "Ann Other");
        ils.publish(&ann, None).await.unwrap();
        ils.refresh(&ann.id(), HOUR).await.unwrap();
        let found = ils.search(&Query::all(Kind::Person)).await.unwrap();
        assert_eq!(found[0].entry, ann);

        // The same entries, as who speaks standard LDAP sees them.
        let mut standard = Failover::new(embedded.local());
        let found = standard
            .search(&Query::all(Kind::Conference))
            .await
            .unwrap();
        assert_eq!(found[0].entry.name(), "Plan, later");
        let found = standard.search(&Query::all(Kind::Person)).await.unwrap();
        let lifetime = found[0].published.lifetime.unwrap();
        assert!(
            lifetime > HOUR / 2,
            "the search with sttl lengthened it: {lifetime:?}"
        );

        ils.withdraw(&entry.id()).await.unwrap();
        ils.withdraw(&ann.id()).await.unwrap();
        assert!(
            ils.search(&Query::all(Kind::Conference))
                .await
                .unwrap()
                .is_empty()
        );
    });
}
