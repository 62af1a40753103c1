//! Changes that others make in OpenLDAP are told.

use std::time::Duration;

use conf_tests::trials::Planned;
use directory::ldap::Failover;
use directory::{Directory as _, Kind, Query, Watching};

use crate::openldap::{NEEDS, SOON, Setup, Slapd};
use crate::people::{Watcher, conference, person, run, version};

pub(crate) const TRIALS: &[Planned] = &[
    Planned {
        name: "changes_in_openldap_are_told_at_once",
        needs: NEEDS,
        run: told_at_once,
    },
    Planned {
        name: "an_entry_that_nobody_refreshes_dies_and_that_is_told",
        needs: NEEDS,
        run: death_is_told,
    },
    Planned {
        name: "without_syncprov_changes_are_found_by_searching_again",
        needs: NEEDS,
        run: polled,
    },
    Planned {
        name: "a_server_that_gives_only_so_many_entries_is_listed_so_far",
        needs: NEEDS,
        run: only_so_many,
    },
];

fn told_at_once() {
    let server = Slapd::start(Setup::full());
    run(async {
        let mut directory = Failover::new(server.config());
        let entry = conference(1, "Plan");
        directory.publish(&entry, None).await.unwrap();
        let mut watcher = Watcher::start(server.anonymous(), Kind::Conference);
        watcher.expect(&["+Plan", "all"]).await;

        directory
            .publish(&conference(2, "Other"), None)
            .await
            .unwrap();
        watcher.expect(&["+Other"]).await;
        directory
            .modify(&entry.id(), &version(1, "Plan, later", 2), None)
            .await
            .unwrap();
        watcher.expect(&["+Plan, later"]).await;
        directory
            .publish(&person("ann", "Ann"), None)
            .await
            .unwrap();
        directory.withdraw(&entry.id()).await.unwrap();
        let id = conference(1, "").id();
        watcher
            .expect(&[&format!("-uid={id},ou=Conferences,o=example")])
            .await;

        // Somebody else's tool, and an entry that is not a conference to us.
        let other = conference(2, "").id();
        let name = format!("uid={other},ou=Conferences,o=example");
        server.tool(
            "ldapmodify",
            &[],
            &format!("dn: {name}\nchangetype: modify\nreplace: conferenceBlob\nconferenceBlob: nonsense\n"),
        );
        watcher.expect(&[&format!("-{name}")]).await;
    });
}

fn death_is_told() {
    let server = Slapd::start(Setup::full());
    run(async {
        let mut directory = Failover::new(server.config());
        let mut watcher = Watcher::start(server.anonymous(), Kind::Person);
        watcher.expect(&["all"]).await;
        let entry = person("ann", "Ann");
        let lives = directory
            .publish(&entry, Some(Duration::from_secs(2)))
            .await
            .unwrap();
        assert_eq!(lives.lifetime, Some(Duration::from_secs(2)));
        watcher.expect(&["+Ann"]).await;
        watcher.expect(&["-uid=ann,ou=People,o=example"]).await;
    });
}

/// The module is there, so the control is known; but not for this database.
fn polled() {
    let server = Slapd::start(Setup {
        global: "moduleload syncprov\n".to_owned(),
        ..Setup::default()
    });
    run(async {
        let mut directory = Failover::new(server.config());
        directory.connect().await.unwrap();
        assert_eq!(directory.about().unwrap().watching, Watching::Live);
        let mut watcher = Watcher::start(server.anonymous(), Kind::Conference);
        watcher.expect(&["all"]).await;
        directory
            .publish(&conference(1, "Plan"), None)
            .await
            .unwrap();
        assert_eq!(watcher.next_within(SOON * 2).await, "+Plan");
        watcher.expect(&["all"]).await;
    });
}

fn only_so_many() {
    let server = Slapd::start(Setup {
        database: "limits * size.soft=100 size.hard=100\n".to_owned(),
        ..Setup::full()
    });
    let person = |number: u32| {
        format!(
            "dn: uid={number},ou=People,o=example\nobjectClass: rtPerson\nuid: {number}\ncn: Person {number}\n\n"
        )
    };
    server.add(&(0..150).map(person).collect::<String>());
    run(async {
        let mut directory = Failover::new(server.anonymous());
        let some = directory.search(&Query::all(Kind::Person)).await.unwrap();
        assert_eq!((some.len(), some.is_partial), (100, true));
        assert!(directory.about().unwrap().is_partial);
        let few = Query::named(Kind::Person, "person 12*");
        let few = directory.search(&few).await.unwrap();
        assert_eq!((few.len(), few.is_partial), (11, false));
        let mut watcher = Watcher::start(server.anonymous(), Kind::Person);
        for _ in 0..100 {
            let told = watcher.next().await;
            assert!(told.starts_with("+Person "), "{told}");
        }
        watcher.expect(&["all"]).await;
    });
}
