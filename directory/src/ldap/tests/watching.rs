//! What is told of a directory's changes: each once, whoever tells.
use proptest::prelude::*;

use super::super::watch::Known;
use super::person;
use crate::directory::Change;
use crate::object::{Entry, Found, PersonEntry, Published};

fn found(name: &str, revision: u8) -> Found {
    Found {
        entry: Entry::Person(person()),
        published: Published {
            name: name.to_owned(),
            lifetime: None,
            revision: Some(revision.to_string()),
        },
        owner: None,
        is_mine: None,
    }
}

fn text(change: &Change) -> String {
    match change {
        Change::Present(found) => format!("+{}", found.published.name),
        Change::Gone(name) => format!("-{name}"),
        other => format!("{other:?}"),
    }
}

fn telling(known: &mut Known, all: &[(&str, u8)]) -> Vec<String> {
    known.begin();
    let mut told: Vec<Change> = Vec::new();
    for (name, revision) in all {
        told.extend(known.present(found(name, *revision)).unwrap());
    }
    told.extend(known.end());
    told.iter().map(text).collect()
}

#[test]
fn a_second_telling_tells_what_changed_meanwhile() {
    let mut known = Known::default();
    assert_eq!(
        telling(&mut known, &[("cn=a", 1), ("cn=b", 1)]),
        ["+cn=a", "+cn=b"]
    );
    // Another server of the same directory writes names its own way.
    assert_eq!(
        telling(&mut known, &[("CN=A", 1), ("cn=c", 1)]),
        ["+cn=c", "-cn=b"]
    );
    assert_eq!(telling(&mut known, &[("cn=a", 2), ("cn=c", 1)]), ["+cn=a"]);
    assert_eq!(telling(&mut known, &[]), ["-cn=a", "-cn=c"]);
}

#[test]
fn a_lifetime_that_runs_is_no_change() {
    let mut known = Known::default();
    known.begin();
    let mut entry = found("cn=a", 1);
    assert!(known.present(entry.clone()).unwrap().is_some());
    entry.published.lifetime = Some(std::time::Duration::from_secs(1));
    assert!(known.present(entry).unwrap().is_none());
}

#[test]
fn what_was_not_known_is_not_gone() {
    let mut known = Known::default();
    assert!(known.gone("cn=a").is_none());
    assert!(known.present(found("cn=a", 1)).unwrap().is_some());
    assert!(known.gone("CN=a").is_some());
    assert!(known.gone("cn=a").is_none());
}

proptest! {
    /// Whoever applies all that is told has what the last telling had.
    #[test]
    fn changes_add_up(tellings in proptest::collection::vec(
        proptest::collection::btree_map("[a-e]", 0u8..3, 0..5), 1..6,
    )) {
        let mut known = Known::default();
        let mut held = std::collections::BTreeMap::new();
        for telling in tellings {
            known.begin();
            let mut told: Vec<Change> = Vec::new();
            for (name, revision) in &telling {
                told.extend(known.present(found(name, *revision)).unwrap());
            }
            told.extend(known.end());
            for change in told {
                match change {
                    Change::Present(found) => {
                        let revision = found.published.revision.unwrap().parse::<u8>().unwrap();
                        prop_assert_ne!(held.insert(found.published.name, revision), Some(revision));
                    }
                    Change::Gone(name) => prop_assert!(held.remove(&name).is_some()),
                    _ => {}
                }
            }
            prop_assert_eq!(&held, &telling);
        }
    }
}

#[test]
fn a_person_who_says_something_else_is_a_change() {
    let mut known = Known::default();
    assert!(known.present(found("cn=a", 1)).unwrap().is_some());
    let mut changed = found("cn=a", 1);
    changed.entry = Entry::Person(PersonEntry {
        comment: None,
        ..person()
    });
    assert!(known.present(changed).unwrap().is_some());
}
