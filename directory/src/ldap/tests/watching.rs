//! What is told of a directory's changes: each once, whoever tells.
use proptest::prelude::*;

use super::super::pending::Pending;
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

/// What a listener has who was told so.
fn apply(listed: &mut Vec<String>, change: &Change) {
    match change {
        Change::Present(found) => {
            let name = found.published.name.clone();
            listed.retain(|listed| *listed != name);
            listed.push(name);
        }
        Change::Gone(name) => listed.retain(|listed| listed != name),
        _ => {}
    }
}

#[test]
fn of_an_entry_only_the_newest_change_waits() {
    let mut pending = Pending::default();
    for revision in 0..100 {
        let change = Change::Present(Box::new(found("cn=a", revision)));
        pending.put(change, revision == 0);
    }
    pending.put(Change::Present(Box::new(found("cn=b", 1))), true);
    pending.put(Change::Gone("CN=b".to_owned()), false);
    pending.put(Change::Gone("cn=c".to_owned()), false);
    assert_eq!((pending.len(), pending.overtaken), (2, 100));
    let Some(Change::Present(newest)) = pending.take() else {
        panic!("the entry");
    };
    assert_eq!(newest.published.revision.as_deref(), Some("99"));
    assert_eq!(pending.take().as_ref().map(text).as_deref(), Some("-cn=c"));
    assert!(pending.is_empty());
}

proptest! {
    /// However slow the listener is, it has in the end what the server has, and no more waits than there are names.
    #[test]
    fn a_slow_listener_has_all_in_the_end(
        steps in proptest::collection::vec((0u8..4, "[a-e]", 0u8..3), 0..60),
    ) {
        let (mut known, mut pending, mut listed) = (Known::default(), Pending::default(), Vec::new());
        let mut there = std::collections::BTreeSet::new();
        for (what, name, revision) in steps {
            match what {
                0 | 1 => {
                    let is_new = there.insert(name.clone());
                    if let Some(change) = known.present(found(&name, revision)).unwrap() {
                        pending.put(change, is_new);
                    }
                }
                2 => {
                    there.remove(&name);
                    if let Some(gone) = known.gone(&name) {
                        pending.put(gone, false);
                    }
                }
                _ => if let Some(change) = pending.take() {
                    apply(&mut listed, &change);
                },
            }
            prop_assert!(pending.len() <= 5);
        }
        while let Some(change) = pending.take() {
            apply(&mut listed, &change);
        }
        listed.sort();
        prop_assert_eq!(listed, there.into_iter().collect::<Vec<_>>());
    }
}
