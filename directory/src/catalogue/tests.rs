//! What is listed, which description counts, and who is meant.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};

use proptest::prelude::*;

use super::*;
use crate::sap::{Agent, Announcer, Input, Limits, Restored};

const NOON: u64 = 3_976_214_400;
const NTP_TO_UNIX: u64 = 2_208_988_800;

fn wall() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(NOON - NTP_TO_UNIX)
}

fn description(id: u64, version: u64, name: &str) -> Arc<Description> {
    timed(id, version, name, 0, 0)
}

fn timed(id: u64, version: u64, name: &str, start: u64, stop: u64) -> Arc<Description> {
    let text = format!(
        "v=0\r\no=- {id} {version} IN IP4 192.0.2.1\r\ns={name}\r\nc=IN IP4 239.255.7.7/15\r\n\
         t={start} {stop}\r\nm=audio 5004 RTP/AVP 0\r\n"
    );
    Arc::new(Description::parse(text.as_bytes()).unwrap())
}

/// As an agent hears it from these hosts, one after the other; 192.0.2.1 is the one that made it.
#[expect(clippy::disallowed_methods, reason = "a test needs one epoch")]
fn hear(catalogue: &mut Catalogue, heard: &[(u8, &Arc<Description>)]) {
    let now = std::time::Instant::now();
    let rng = fastrand::Rng::with_seed(1);
    let mut agent = Agent::new(Limits::default(), rng, now, wall());
    for (second, (host, description)) in heard.iter().enumerate() {
        let address = IpAddr::from([192, 0, 2, *host]);
        let restored = Restored {
            announcer: Announcer {
                group: IpAddr::from([239, 255, 255, 255]),
                origin: address,
                from: address,
            },
            text: description.to_string().into_bytes().into(),
            hash: 1,
            first_heard: wall(),
            last_heard: wall(),
            times_heard: 1,
        };
        let later = now + Duration::from_secs(second as u64);
        agent.handle_input(later, Input::Restore(&[restored]));
    }
    let id = heard[0].1.id();
    catalogue.set_heard(id, agent.heard_of(id));
}

fn names(catalogue: &mut Catalogue) -> Vec<String> {
    let snapshot = catalogue.snapshot(wall());
    snapshot
        .iter()
        .map(|entry| entry.description.name.clone())
        .collect()
}

#[test]
fn one_conference_from_three_sources_is_one_entry() {
    let mut catalogue = Catalogue::new();
    let talk = description(1, 1, "Talk");
    catalogue.set_own(Arc::clone(&talk));
    catalogue
        .set_file(Path::new("a.sdp"), Arc::clone(&talk))
        .unwrap();
    hear(&mut catalogue, &[(1, &talk)]);
    let snapshot = catalogue.snapshot(wall());
    let [entry] = &snapshot[..] else {
        panic!("{snapshot:?}");
    };
    assert!(entry.is_own());
    assert_eq!(entry.sources[..2], [Seen::Own, Seen::File("a.sdp".into())]);
    assert!(matches!(entry.sources[2], Seen::Sap { .. }));
    assert!(entry.disagreements.is_empty());
}

#[test]
fn highest_version_wins_and_the_difference_is_told() {
    let mut catalogue = Catalogue::new();
    let (old, new) = (description(1, 1, "Old"), description(1, 2, "New"));
    catalogue
        .set_file(Path::new("a.sdp"), Arc::clone(&old))
        .unwrap();
    hear(&mut catalogue, &[(1, &new)]);
    let entry = catalogue.get(old.id()).unwrap();
    assert_eq!(entry.description, new);
    assert!(matches!(entry.sources[0], Seen::Sap { .. }));
    let [disagreement] = &entry.disagreements[..] else {
        panic!("{entry:?}");
    };
    assert_eq!(disagreement.source, Seen::File("a.sdp".into()));
    assert_eq!(disagreement.fields, [Field::Version, Field::Name]);
}

#[test]
fn nobody_else_changes_what_is_mine() {
    let mut catalogue = Catalogue::new();
    let (mine, forged) = (description(1, 1, "Mine"), description(1, 9, "Forged"));
    hear(&mut catalogue, &[(1, &forged)]);
    catalogue.set_own(Arc::clone(&mine));
    let entry = catalogue.get(mine.id()).unwrap();
    assert_eq!(entry.description, mine);
    assert_eq!(entry.disagreements.len(), 1);
}

#[test]
fn host_that_made_it_is_believed_before_others() {
    let mut catalogue = Catalogue::new();
    let (other, real, forged) = (
        description(1, 3, "Other"),
        description(1, 2, "Real"),
        description(1, 9, "Forged"),
    );
    hear(&mut catalogue, &[(7, &other), (1, &real), (8, &forged)]);
    assert_eq!(names(&mut catalogue), ["Real"]);
    assert_eq!(catalogue.get(real.id()).unwrap().disagreements.len(), 2);
    hear(&mut catalogue, &[(7, &other)]);
    assert_eq!(names(&mut catalogue), ["Other"], "while it is there");
}

const LDAP: &str = "ldap://directory.example";

fn publish(catalogue: &mut Catalogue, name: &str, description: &Arc<Description>) {
    let description = Arc::clone(description);
    catalogue
        .set_in_directory(&LDAP.into(), name, description)
        .unwrap();
}

#[test]
fn directory_is_believed_before_hearsay_but_not_before_the_maker() {
    let mut catalogue = Catalogue::new();
    let (kept, forged, newer) = (
        description(1, 2, "Kept"),
        description(1, 9, "Forged"),
        description(1, 3, "Newer"),
    );
    publish(&mut catalogue, "cn=a", &kept);
    hear(&mut catalogue, &[(7, &forged)]);
    assert_eq!(names(&mut catalogue), ["Kept"]);
    let entry = catalogue.get(kept.id()).unwrap();
    assert!(entry.is_in_directory(LDAP) && !entry.is_in_directory("ldap://other"));
    assert_eq!(entry.disagreements[0].fields, [Field::Version, Field::Name]);
    hear(&mut catalogue, &[(7, &forged), (1, &newer)]);
    assert_eq!(names(&mut catalogue), ["Newer"]);
    hear(&mut catalogue, &[(1, &description(1, 2, "Same version"))]);
    assert_eq!(names(&mut catalogue), ["Kept"]);
}

#[test]
fn entry_of_a_directory_is_known_by_its_name_in_any_case() {
    let mut catalogue = Catalogue::new();
    let (one, two) = (description(1, 1, "One"), description(2, 1, "Two"));
    publish(&mut catalogue, "cn=A,o=X", &one);
    publish(&mut catalogue, "CN=a,o=x", &two);
    assert_eq!(names(&mut catalogue), ["Two"]);
    let all: Vec<_> = catalogue.in_directory(LDAP).collect();
    assert_eq!(all, [("cn=a,o=x", two.id())]);
    assert_eq!(
        catalogue.remove_from_directory("ldap://other", "cn=a,o=x"),
        None
    );
    assert_eq!(
        catalogue.remove_from_directory(LDAP, "cn=a,o=x"),
        Some(two.id())
    );
    assert!(catalogue.snapshot(wall()).is_empty());
    assert_eq!(catalogue.remove_from_directory(LDAP, "cn=a,o=x"), None);
}

#[test]
fn directories_are_bounded_and_what_they_have_may_still_change() {
    let mut catalogue = Catalogue::new();
    let url: Arc<str> = LDAP.into();
    let (one, two) = (description(1, 1, "One"), description(2, 1, "Two"));
    for n in 0..MAX_OF_DIRECTORY {
        let known = catalogue.directories.entry(Arc::clone(&url)).or_default();
        known.insert(n.to_string(), one.id());
    }
    let more = catalogue.set_in_directory(&url, "more", Arc::clone(&two));
    assert_eq!(more, Err(DirectoryTooLarge));
    assert_eq!(catalogue.set_in_directory(&url, "0", two), Ok(()));
}

#[test]
fn of_equal_versions_the_one_that_came_last_counts() {
    let mut catalogue = Catalogue::new();
    let (first, second) = (description(1, 1, "First"), description(1, 1, "Second"));
    hear(&mut catalogue, &[(7, &first), (8, &second)]);
    assert_eq!(names(&mut catalogue), ["Second"]);
    hear(&mut catalogue, &[(7, &second), (8, &first)]);
    assert_eq!(names(&mut catalogue), ["First"]);
}

#[test]
fn what_no_source_has_is_gone() {
    let mut catalogue = Catalogue::new();
    let talk = description(1, 1, "Talk");
    catalogue.set_own(Arc::clone(&talk));
    hear(&mut catalogue, &[(1, &talk)]);
    catalogue.remove_own(talk.id());
    assert_eq!(names(&mut catalogue), ["Talk"]);
    catalogue.set_heard(talk.id(), []);
    assert!(catalogue.snapshot(wall()).is_empty());
    assert_eq!(catalogue.get(talk.id()), None);
}

#[test]
fn file_that_now_holds_another_conference_holds_the_old_one_no_more() {
    let mut catalogue = Catalogue::new();
    let path = Path::new("a.sdp");
    catalogue.set_file(path, description(1, 1, "One")).unwrap();
    catalogue.set_file(path, description(2, 1, "Two")).unwrap();
    assert_eq!(names(&mut catalogue), ["Two"]);
    catalogue.remove_file(path);
    assert!(catalogue.snapshot(wall()).is_empty());
}

#[test]
fn files_are_bounded() {
    let mut catalogue = Catalogue::new();
    let talk = description(1, 1, "Talk");
    for n in 0..MAX_FILES {
        let path = PathBuf::from(n.to_string());
        catalogue.set_file(&path, Arc::clone(&talk)).unwrap();
    }
    let more = catalogue.set_file(Path::new("more"), talk);
    assert_eq!(more, Err(TooManyFiles));
}

#[test]
fn current_come_first_then_upcoming_then_past() {
    let mut catalogue = Catalogue::new();
    for (id, name, start, stop) in [
        (1, "Ended long ago", NOON - 9, NOON - 8),
        (2, "Ended just now", NOON - 9, NOON),
        (3, "Next week", NOON + 9, NOON + 10),
        (4, "Tomorrow", NOON + 1, NOON + 2),
        (5, "b always", 0, 0),
        (6, "C now", NOON - 1, NOON + 1),
        (7, "A without end", NOON - 1, 0),
    ] {
        catalogue.set_own(timed(id, 1, name, start, stop));
    }
    assert_eq!(
        names(&mut catalogue),
        [
            "A without end",
            "b always",
            "C now",
            "Tomorrow",
            "Next week",
            "Ended just now",
            "Ended long ago"
        ]
    );
}

#[test]
fn order_follows_the_clock_and_the_list_is_made_only_when_needed() {
    let mut catalogue = Catalogue::new();
    catalogue.set_own(timed(1, 1, "z", NOON + 5, 0));
    catalogue.set_own(description(2, 1, "zz"));
    let before = catalogue.snapshot(wall());
    assert!(Arc::ptr_eq(&before, &catalogue.snapshot(wall())));
    let after = catalogue.snapshot(wall() + Duration::from_secs(6));
    assert_eq!(before[0].description.name, "zz");
    assert_eq!(after[0].description.name, "z");
}

#[test]
fn every_field_that_differs_is_named() {
    let base = description(1, 1, "Talk").to_string();
    let read = |text: &str| Description::parse(text.as_bytes()).unwrap();
    for (from, to, field) in [
        ("- 1 1 IN", "- 1 2 IN", Field::Version),
        ("s=Talk", "s=Walk", Field::Name),
        ("c=IN", "i=About\r\nc=IN", Field::Information),
        ("t=0 0", "t=0 3976214400", Field::Times),
        ("239.255.7.7", "239.255.7.8", Field::Addresses),
        ("audio 5004", "audio 5006", Field::Addresses),
        ("AVP 0", "AVP 8", Field::Media),
        ("AVP 0\r\n", "AVP 0\r\na=ptime:40\r\n", Field::Media),
        ("t=0 0", "b=AS:64\r\nt=0 0", Field::Other),
    ] {
        let other = base.replace(from, to);
        assert_ne!(other, base, "{from}");
        assert_eq!(differences(&read(&base), &read(&other)), [field], "{from}");
    }
    assert!(differences(&read(&base), &read(&base)).is_empty());
}

#[test]
fn lookup_by_name_and_id() {
    let mut catalogue = Catalogue::new();
    for (id, name) in [
        (1, "Board"),
        (2, "Board meeting"),
        (3, "boat"),
        (4, "Twin"),
        (5, "Twin"),
    ] {
        catalogue.set_own(description(id, 1, name));
    }
    let entries = catalogue.snapshot(wall());
    let found = |text: &str| match find(&entries, text) {
        Lookup::Found(entry) => entry.description.name.clone(),
        Lookup::None => "-".to_owned(),
        Lookup::Ambiguous(several) => several.len().to_string(),
    };
    assert_eq!(found("Board"), "Board", "exact beats prefix");
    assert_eq!(found("board"), "Board", "in any case");
    assert_eq!(found("BOARD M"), "Board meeting");
    assert_eq!(found("boa"), "3");
    assert_eq!(found("Twin"), "2");
    assert_eq!(
        (found(""), found("  "), found("x")),
        ("-".into(), "-".into(), "-".into())
    );
    let id = description(3, 1, "boat").id().to_string();
    assert_eq!(found(&id), "boat");
    assert_eq!(found(&id[..6].to_uppercase()), "boat");
    assert_eq!(found(&id[..3]), "-");
}

proptest! {
    #[test]
    fn entries_agree_with_their_sources(steps in prop::collection::vec((0..4u8, 0..3u64, 0..3u64), 0..40)) {
        let mut catalogue = Catalogue::new();
        let mut present = std::collections::BTreeSet::new();
        for (action, id, version) in steps {
            let talk = description(id, version, "Talk");
            match action {
                0 => catalogue.set_own(talk),
                1 => catalogue.remove_own(talk.id()),
                2 => catalogue.set_file(&PathBuf::from(version.to_string()), talk).unwrap(),
                _ => catalogue.remove_file(&PathBuf::from(version.to_string())),
            }
            match action {
                0 => drop(present.insert((id, "own".to_owned()))),
                1 => drop(present.remove(&(id, "own".to_owned()))),
                _ => {
                    present.retain(|(_, source)| *source != version.to_string());
                    if action == 2 {
                        present.insert((id, version.to_string()));
                    }
                }
            }
            let snapshot = catalogue.snapshot(wall());
            prop_assert_eq!(snapshot.iter().map(|entry| entry.sources.len()).sum::<usize>(), present.len());
            prop_assert!(snapshot.iter().all(|entry| entry.disagreements.len() < entry.sources.len()));
        }
    }
}
