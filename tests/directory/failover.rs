//! Two OpenLDAP servers that replicate to each other are one directory, and one may die at any time.

use std::time::Duration;

use conf_tests::trials::Planned;
use directory::ldap::{DirectoryConfig, Failover};
use directory::{Directory as _, DirectoryError, Kind, Query};

use crate::openldap::{NEEDS, SUFFIX, Setup, Slapd, free_port};
use crate::people::{Watcher, conference, run, version};

pub(crate) const TRIALS: &[Planned] = &[
    Planned {
        name: "when_a_server_dies_the_next_takes_over",
        needs: NEEDS,
        run: next_takes_over,
    },
    Planned {
        name: "a_watch_goes_on_at_the_next_server_with_nothing_lost_or_told_twice",
        needs: NEEDS,
        run: watch_goes_on,
    },
    Planned {
        name: "a_directory_none_of_whose_servers_answers_is_said_to_be_away",
        needs: NEEDS,
        run: all_away,
    },
];

/// Two servers, each with the entries of the other.
fn pair() -> (Slapd, Slapd) {
    let ports = [free_port(), free_port()];
    let setup = |index: usize| {
        let other = ports[1 - index];
        Setup {
            global: format!("serverID {}\n", index + 1),
            database: format!(
                "syncrepl rid=00{} provider=ldap://127.0.0.1:{other} searchbase={SUFFIX} type=refreshAndPersist\n \
                 retry=\"1 +\" bindmethod=simple binddn=cn=admin,{SUFFIX} credentials=\"correct horse\"\n\
                 multiprovider on\n",
                index + 1
            ),
            syncprov: true,
            port: Some(ports[index]),
            ..Setup::default()
        }
    };
    let first = Slapd::start(setup(0));
    let second = Slapd::start_empty(setup(1));
    (first, second)
}

fn both(first: &Slapd, second: &Slapd) -> DirectoryConfig {
    DirectoryConfig {
        urls: vec![first.url(), second.url()],
        base: Some(SUFFIX.to_owned()),
        ..first.config()
    }
}

/// Waits until a server has this many conferences.
async fn replicated(server: &Slapd, count: usize) {
    let mut config = server.config();
    config.base = Some(SUFFIX.to_owned());
    let mut watcher = Failover::new(config);
    let mut tick = directory::runtime::time::interval(Duration::from_millis(50));
    for _ in 0..400 {
        let found = watcher.search(&Query::all(Kind::Conference)).await;
        if found.is_ok_and(|found| found.len() == count) {
            return;
        }
        tick.tick().await;
    }
    panic!("not replicated");
}

fn next_takes_over() {
    let (mut first, second) = pair();
    run(async {
        let mut directory = Failover::new(both(&first, &second));
        let entry = conference(1, "Plan");
        let published = directory.publish(&entry, None).await.unwrap();
        assert_eq!(directory.about().unwrap().url, first.url());
        replicated(&second, 1).await;
        first.kill();

        let changed = version(1, "Plan, later", 2);
        directory
            .modify(&entry.id(), &changed, published.revision.as_deref())
            .await
            .unwrap();
        assert_eq!(directory.about().unwrap().url, second.url());
        directory
            .publish(&conference(2, "Other"), None)
            .await
            .unwrap();

        // The first comes back and learns it all; then it is the only one.
        first.resume();
        replicated(&first, 2).await;
        drop(second);
        let found = directory.search(&Query::one(entry.id())).await.unwrap();
        assert_eq!(found[0].entry, changed);
        assert_eq!(directory.about().unwrap().url, first.url());
    });
}

fn watch_goes_on() {
    let (mut first, second) = pair();
    run(async {
        let mut directory = Failover::new(both(&first, &second));
        for (number, name) in [(1, "One"), (2, "Two"), (3, "Three")] {
            directory
                .publish(&conference(number, name), None)
                .await
                .unwrap();
        }
        replicated(&second, 3).await;
        let mut watcher = Watcher::start(both(&first, &second), Kind::Conference);
        let mut told = Vec::new();
        for _ in 0..4 {
            told.push(watcher.next().await);
        }
        told.sort();
        assert_eq!(told, ["+One", "+Three", "+Two", "all"]);

        first.kill();
        watcher.expect(&["away"]).await;
        // Meanwhile one changes, one goes, one comes, in whatever order it is told.
        directory
            .modify(&conference(1, "").id(), &version(1, "One, later", 2), None)
            .await
            .unwrap();
        directory.withdraw(&conference(2, "").id()).await.unwrap();
        directory
            .publish(&conference(4, "Four"), None)
            .await
            .unwrap();
        let gone = format!("-uid={},ou=Conferences,o=example", conference(2, "").id());
        let mut told = Vec::new();
        while told.len() < 4 {
            told.push(watcher.next().await);
        }
        told.sort();
        let mut expected = [
            "+Four".to_owned(),
            "+One, later".to_owned(),
            gone,
            "all".to_owned(),
        ];
        expected.sort();
        assert_eq!(told, expected);

        // It hears what happens from now on at once.
        directory.withdraw(&conference(4, "").id()).await.unwrap();
        let gone = format!("-uid={},ou=Conferences,o=example", conference(4, "").id());
        watcher.expect(&[&gone]).await;
    });
}

fn all_away() {
    let mut server = Slapd::start(Setup::full());
    run(async {
        let mut watcher = Watcher::start(server.config(), Kind::Conference);
        watcher.expect(&["all"]).await;
        let mut directory = Failover::new(server.config());
        directory.connect().await.unwrap();
        server.kill();
        let refused = directory.search(&Query::all(Kind::Conference)).await;
        assert!(
            matches!(refused, Err(DirectoryError::Unreachable { .. })),
            "{refused:?}"
        );
        watcher.expect(&["away"]).await;
        server.resume();
        while watcher.next().await != "all" {}
        directory
            .publish(&conference(1, "Plan"), None)
            .await
            .unwrap();
        watcher.expect(&["+Plan"]).await;
    });
}
