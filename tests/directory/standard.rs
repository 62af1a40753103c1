//! Publishing, finding, changing and withdrawing in OpenLDAP, with and without its overlays.

use std::sync::Arc;
use std::time::Duration;

use conf_tests::trials::Planned;
use directory::ldap::{Client, DirectoryConfig, Failover, Secret, check};
use directory::{
    Dialect, Directory as _, DirectoryError, Kind, Lifetimes, ObjectId, Query, Watching,
};

use crate::openldap::{NEEDS, Setup, Slapd};
use crate::people::{conference, person, run, version};

pub(crate) const TRIALS: &[Planned] = &[
    Planned {
        name: "what_is_published_in_openldap_is_found_changed_and_withdrawn",
        needs: NEEDS,
        run: published_found_changed_withdrawn,
    },
    Planned {
        name: "an_openldap_without_overlays_keeps_entries_until_they_are_deleted",
        needs: NEEDS,
        run: without_overlays,
    },
    Planned {
        name: "an_openldap_without_our_schema_says_what_is_missing",
        needs: NEEDS,
        run: without_containers,
    },
    Planned {
        name: "of_two_who_edit_one_entry_the_second_is_told",
        needs: NEEDS,
        run: two_edit,
    },
    Planned {
        name: "of_many_who_edit_at_once_exactly_one_succeeds",
        needs: NEEDS,
        run: many_edit,
    },
    Planned {
        name: "who_may_not_is_refused",
        needs: NEEDS,
        run: refusals,
    },
    Planned {
        name: "a_thousand_entries_come_page_by_page",
        needs: NEEDS,
        run: pages,
    },
    Planned {
        name: "names_with_any_character_are_kept",
        needs: NEEDS,
        run: strange_names,
    },
    Planned {
        name: "a_check_says_what_the_server_is_and_allows",
        needs: NEEDS,
        run: checked,
    },
    Planned {
        name: "the_schema_for_cn_config_is_taken_by_openldap",
        needs: NEEDS,
        run: schema_as_ldif,
    },
];

const HOUR: Duration = Duration::from_secs(3_600);

fn published_found_changed_withdrawn() {
    let server = Slapd::start(Setup::full());
    run(async {
        let mut directory = Failover::new(server.config_as("cn=ann"));
        let entry = conference(1, "Harbour briefing");
        let published = directory.publish(&entry, Some(HOUR)).await.unwrap();
        assert_eq!(published.lifetime, Some(HOUR));
        let info = directory.about().unwrap();
        assert_eq!(info.dialect, Dialect::Standard);
        assert_eq!(info.vendor.as_deref(), Some("OpenLDAP"));
        assert!(matches!(info.lifetimes, Lifetimes::Limited { .. }));
        assert_eq!(info.watching, Watching::Live);
        assert_eq!(info.identity.as_deref(), Some("dn:cn=ann,o=example"));

        let again = directory.publish(&entry, Some(HOUR)).await;
        assert!(matches!(again, Err(DirectoryError::AlreadyExists)));

        let found = directory
            .search(&Query::named(Kind::Conference, "harb*"))
            .await
            .unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].entry, entry);
        assert_eq!(found[0].is_mine, Some(true));
        assert_eq!(found[0].published.name, published.name);
        assert!(
            directory
                .search(&Query::named(Kind::Conference, "x*"))
                .await
                .unwrap()
                .is_empty()
        );
        assert!(
            directory
                .search(&Query::all(Kind::Person))
                .await
                .unwrap()
                .is_empty()
        );

        let changed = version(1, "Harbour briefing, moved", 2);
        let expected = found[0].published.revision.as_deref();
        directory
            .modify(&entry.id(), &changed, expected)
            .await
            .unwrap();
        let found = directory.search(&Query::one(entry.id())).await.unwrap();
        assert_eq!(found[0].entry, changed);

        let lives = directory.refresh(&entry.id(), HOUR * 2).await.unwrap();
        assert_eq!(lives, HOUR * 2);
        directory.withdraw(&entry.id()).await.unwrap();
        assert!(
            directory
                .search(&Query::one(entry.id()))
                .await
                .unwrap()
                .is_empty()
        );
        let gone = directory.withdraw(&entry.id()).await;
        assert!(matches!(gone, Err(DirectoryError::NotFound)));
        let gone = directory.refresh(&entry.id(), HOUR).await;
        assert!(matches!(gone, Err(DirectoryError::NotFound)));
    });
}

fn without_overlays() {
    let server = Slapd::start(Setup::default());
    run(async {
        let mut directory = Failover::new(server.config());
        let entry = person("ann", "Ann Other");
        let published = directory.publish(&entry, Some(HOUR)).await.unwrap();
        assert_eq!(published.lifetime, None);
        let info = directory.about().unwrap();
        assert_eq!(info.lifetimes, Lifetimes::Permanent);
        assert!(matches!(info.watching, Watching::Polling { .. }));
        let found = directory
            .search(&Query::named(Kind::Person, "*other"))
            .await
            .unwrap();
        assert_eq!(found[0].entry, entry);
        let refreshed = directory.refresh(&entry.id(), HOUR).await;
        assert!(
            matches!(refreshed, Err(DirectoryError::Unsupported(_))),
            "{refreshed:?}"
        );
        directory
            .withdraw(&ObjectId::Person("ann".to_owned()))
            .await
            .unwrap();
    });
}

fn without_containers() {
    let server = Slapd::start_empty(Setup::full());
    run(async {
        let mut directory = Failover::new(server.config());
        let published = directory.publish(&conference(1, "a"), None).await;
        assert!(
            matches!(published, Err(DirectoryError::NotPrepared(_))),
            "{published:?}"
        );
    });
}

fn two_edit() {
    let server = Slapd::start(Setup::full());
    run(async {
        let mut ann = Failover::new(server.config());
        let mut ben = Failover::new(server.config());
        let entry = conference(1, "Plan");
        ann.publish(&entry, None).await.unwrap();
        let seen = ben.search(&Query::one(entry.id())).await.unwrap();
        let revision = seen[0].published.revision.clone().unwrap();

        let by_ann = version(1, "Plan of Ann", 2);
        let of_ann = ann
            .modify(&entry.id(), &by_ann, Some(&revision))
            .await
            .unwrap();
        let by_ben = version(1, "Plan of Ben", 2);
        let error = ben
            .modify(&entry.id(), &by_ben, Some(&revision))
            .await
            .unwrap_err();
        let DirectoryError::Changed { theirs } = error else {
            panic!("{error}");
        };
        assert_eq!(theirs.entry, by_ann);
        assert_eq!(theirs.published.revision, of_ann.revision);
        // Now that he has seen hers, his counts.
        let revision = theirs.published.revision.as_deref();
        ben.modify(&entry.id(), &version(1, "Plan of both", 3), revision)
            .await
            .unwrap();
    });
}

fn many_edit() {
    const EDITORS: u32 = 8;
    let server = Slapd::start(Setup::full());
    run(async {
        let mut directory = Failover::new(server.config());
        let entry = conference(1, "Plan");
        let published = directory.publish(&entry, None).await.unwrap();
        let mut editors = directory::runtime::JoinSet::new();
        for editor in 0..EDITORS {
            let mut directory = Failover::new(server.config());
            let revision = published.revision.clone();
            editors.spawn(async move {
                let mine = version(1, &format!("Plan of {editor}"), 2);
                directory
                    .modify(&mine.id(), &mine, revision.as_deref())
                    .await
            });
        }
        let ended = editors.join_all().await;
        let count = ended.iter().filter(|ended| ended.is_ok()).count();
        assert_eq!(count, 1, "{ended:?}");
        let refused = |ended: &&Result<_, _>| matches!(ended, Err(DirectoryError::Changed { .. }));
        assert_eq!(ended.iter().filter(refused).count() + 1, ended.len());
    });
}

fn refusals() {
    let server = Slapd::start(Setup::full());
    run(async {
        let entry = conference(1, "Plan");
        let mut nobody = Failover::new(server.anonymous());
        let refused = nobody.publish(&entry, None).await;
        assert!(
            matches!(refused, Err(DirectoryError::Refused(_))),
            "{refused:?}"
        );

        let mut ann = Failover::new(server.config_as("cn=ann"));
        ann.publish(&entry, None).await.unwrap();
        let mut ben = Failover::new(server.config_as("cn=ben"));
        let found = ben.search(&Query::one(entry.id())).await.unwrap();
        assert_eq!(found[0].is_mine, Some(false));
        let refused = ben.modify(&entry.id(), &version(1, "Ben's", 2), None).await;
        assert!(
            matches!(refused, Err(DirectoryError::Refused(_))),
            "{refused:?}"
        );
        let refused = ben.withdraw(&entry.id()).await;
        assert!(
            matches!(refused, Err(DirectoryError::Refused(_))),
            "{refused:?}"
        );
        assert_eq!(
            nobody.search(&Query::one(entry.id())).await.unwrap()[0].entry,
            entry
        );

        let mut wrong = server.config();
        let directory::ldap::Bind::Simple { password, .. } = &mut wrong.bind else {
            panic!("no password");
        };
        *password = Secret::new("wrong".to_owned());
        let refused = Failover::new(wrong).connect().await;
        assert!(
            matches!(refused, Err(DirectoryError::BadCredentials)),
            "{refused:?}"
        );
    });
}

fn pages() {
    const COUNT: u32 = 1_234;
    let server = Slapd::start(Setup::full());
    let mut ldif = String::new();
    for number in 0..COUNT {
        ldif += &format!(
            "dn: uid={number},ou=People,o=example\nobjectClass: rtPerson\nuid: {number}\ncn: Person {number}\n\n"
        );
    }
    server.add(&ldif);
    run(async {
        let mut directory = Failover::new(server.anonymous());
        let all = directory.search(&Query::all(Kind::Person)).await.unwrap();
        assert_eq!(all.len(), COUNT as usize);
        let few = Query {
            limit: 10,
            ..Query::all(Kind::Person)
        };
        let some = directory.search(&few).await.unwrap();
        assert_eq!((some.len(), some.is_partial), (10, true));
        assert!(!all.is_partial);
        let some = directory
            .search(&Query::named(Kind::Person, "person 12*"))
            .await
            .unwrap();
        assert_eq!(some.len(), 1 + 10 + 34);
    });
}

fn strange_names() {
    let server = Slapd::start(Setup::full());
    run(async {
        let mut directory = Failover::new(server.config());
        for (number, name) in ["a,b+c=\"d\"<e>;#", " Œuvre \\ (*) ", "#1", "日本語"]
            .iter()
            .enumerate()
        {
            let uid = format!("{name}{number}");
            let entry = person(&uid, name.trim());
            directory.publish(&entry, None).await.unwrap();
            let found = directory.search(&Query::one(entry.id())).await.unwrap();
            assert_eq!(
                found.first().map(|found| &found.entry),
                Some(&entry),
                "{name}"
            );
            directory
                .withdraw(&ObjectId::Name(
                    Kind::Person,
                    found[0].published.name.clone(),
                ))
                .await
                .unwrap();
        }
    });
}

fn checked() {
    let server = Slapd::start(Setup::full());
    let report = |config: DirectoryConfig| {
        let url = server.url();
        let findings = run(async { check(Arc::new(config), &url).await });
        let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
        lines.join("\n")
    };
    let ours = report(server.config());
    for line in [
        "dialect      standard",
        "base         o=example",
        "identity     dn:cn=admin,o=example",
        "encryption   ! the connection is in clear",
        "schema       it knows rtConference",
        "conferences  0 to be seen",
        "publish      allowed",
        "lifetime     entries die unless they are refreshed; 600 s granted",
        "change       allowed",
        "withdraw     allowed",
        "watch        changes are told at once",
    ] {
        assert!(ours.lines().any(|said| said == line), "{line}\n{ours}");
    }
    let anonymous = report(server.anonymous());
    assert!(
        anonymous.contains("publish      ! the directory does not allow this"),
        "{anonymous}"
    );
    run(async {
        let url = server.url();
        let mut client = Client::connect(Arc::new(server.anonymous()), &url)
            .await
            .unwrap();
        let left = client.search(&Query::all(Kind::Conference)).await.unwrap();
        assert!(left.is_empty(), "the check left something behind");
    });
}

/// Loads both forms of the schema into a configuration as `cn=config` keeps it.
fn schema_as_ldif() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("slapd.d")).unwrap();
    let config = "dn: cn=config\nobjectClass: olcGlobal\ncn: config\n\n\
                  dn: cn=schema,cn=config\nobjectClass: olcSchemaConfig\ncn: schema\n\n";
    let read = |path: &str| std::fs::read_to_string(path).unwrap();
    let ours = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../assets/ldap/rendezvous.ldif"
    );
    let whole = [
        config.to_owned(),
        read("/etc/ldap/schema/core.ldif"),
        "\n".to_owned(),
        read("/etc/ldap/schema/cosine.ldif"),
        "\n".to_owned(),
        read(ours),
    ];
    std::fs::write(path("config.ldif"), whole.concat()).unwrap();
    let added = std::process::Command::new("/usr/sbin/slapadd")
        .args(["-n", "0", "-F"])
        .arg(path("slapd.d"))
        .arg("-l")
        .arg(path("config.ldif"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&added.stderr);
    assert!(added.status.success(), "{said}");
}
