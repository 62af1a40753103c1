//! Content synchronisation (RFC 4533): what a replica holds after any changes is what the server holds.
use std::collections::BTreeMap;
use std::sync::Arc;

use ldap3_proto::control::LdapControl;
use ldap3_proto::proto::{LdapIntermediateResponse as Said, SyncStateValue};

use super::super::protocol::{ber, control};
use super::super::tree::change::Change;
use super::*;

/// What a client that follows RFC 4533 holds.
#[derive(Default)]
struct Replica {
    names: BTreeMap<String, String>,
    cookie: Vec<u8>,
}

impl Replica {
    fn take(&mut self, answers: &[LdapMsg]) {
        let before = std::mem::take(&mut self.names);
        let mut present = BTreeMap::new();
        let mut keeps_others = false;
        let mut gone = Vec::new();
        for answer in answers {
            match &answer.op {
                LdapOp::SearchResultEntry(entry) => {
                    let (state, uuid) = self.state(answer);
                    match state {
                        SyncStateValue::Delete => gone.push(uuid),
                        _ => drop(present.insert(uuid, entry.dn.clone())),
                    }
                }
                LdapOp::IntermediateResponse(Said::SyncInfoIdSet {
                    syncuuids,
                    refresh_deletes,
                    ..
                }) => {
                    assert!(refresh_deletes);
                    gone.extend(syncuuids.iter().map(ToString::to_string));
                }
                LdapOp::IntermediateResponse(Said::SyncInfoRefreshDelete { cookie, done }) => {
                    assert!(done);
                    keeps_others = true;
                    self.cookie = cookie.clone().unwrap();
                }
                LdapOp::IntermediateResponse(Said::SyncInfoRefreshPresent { cookie, done }) => {
                    assert!(done);
                    // ldap3_proto loses the cookie where refreshDone is left out, as its default is.
                    self.cookie = cookie.clone().unwrap_or_default();
                }
                LdapOp::SearchResultDone(done) => {
                    assert_eq!(done.code, Code::Success);
                    let [
                        LdapControl::SyncDone {
                            cookie,
                            refresh_deletes,
                        },
                    ] = answer.ctrl.as_slice()
                    else {
                        panic!("{answer:?}")
                    };
                    keeps_others = *refresh_deletes;
                    self.cookie = cookie.clone().unwrap();
                }
                other => panic!("{other:?}"),
            }
        }
        if keeps_others {
            self.names = before;
        }
        self.names.extend(present);
        self.names.retain(|uuid, _| !gone.contains(uuid));
    }

    fn take_change(&mut self, answers: &[LdapMsg]) {
        for answer in answers {
            let LdapOp::SearchResultEntry(entry) = &answer.op else {
                panic!("{answer:?}")
            };
            match self.state(answer) {
                (SyncStateValue::Delete, uuid) => drop(self.names.remove(&uuid).unwrap()),
                (SyncStateValue::Add, uuid) => {
                    assert_eq!(self.names.insert(uuid, entry.dn.clone()), None);
                }
                (_, uuid) => assert!(self.names.insert(uuid, entry.dn.clone()).is_some()),
            }
        }
    }

    fn state(&mut self, answer: &LdapMsg) -> (SyncStateValue, String) {
        let [
            LdapControl::SyncState {
                state,
                entry_uuid,
                cookie,
            },
        ] = answer.ctrl.as_slice()
        else {
            panic!("{answer:?}")
        };
        self.cookie = cookie.clone().unwrap_or_else(|| self.cookie.clone());
        (state.clone(), entry_uuid.to_string())
    }

    fn names(&self) -> Vec<&String> {
        let mut names: Vec<_> = self.names.values().collect();
        names.sort();
        names
    }
}

fn sync(mode: u32, cookie: &[u8]) -> Control {
    let mut value = Vec::new();
    ber::wrap(&mut value, ber::SEQUENCE, |out| {
        ber::put_number(out, ber::ENUMERATED, mode);
        if !cookie.is_empty() {
            ber::put(out, ber::OCTETS, cookie);
        }
    });
    Control {
        oid: control::SYNC_REQUEST.into(),
        is_critical: true,
        value: Some(value),
    }
}

fn request() -> LdapOp {
    search(CONFERENCES, Scope::OneLevel, "(cn=a*)")
}

/// A few changes, some of which concern the search.
fn change_some(desk: &mut Desk, client: &mut Session, round: usize) {
    let name = |number: usize| conference_dn(&(round * 10 + number).to_string());
    for number in 0..4 {
        let uid = (round * 10 + number).to_string();
        let cn = if number % 2 == 0 { "apple" } else { "pear" };
        desk.code(client, add_conference(&uid, cn, &[]));
    }
    let rename = |cn| [change(LdapModifyType::Replace, "cn", &[cn])];
    desk.code(client, modify(&name(0), &rename("plum")));
    desk.code(client, modify(&name(1), &rename("apricot")));
    desk.code(client, LdapOp::DelRequest(name(2)));
    desk.code(client, add_person(&format!("{round}"), "anna", &[]));
}

#[test]
fn polling_replica_follows() {
    let mut desk = Desk::new();
    let mut client = local();
    let mut replica = Replica::default();
    for round in 0..5 {
        change_some(&mut desk, &mut client, round);
        let answers = desk.ask(&mut client, request(), &[sync(1, &replica.cookie)]);
        replica.take(&answers);
        let names = desk.names(&mut client, CONFERENCES, "(cn=a*)");
        assert_eq!(replica.names(), names.iter().collect::<Vec<_>>(), "{round}");
    }
    let answers = desk.ask(&mut client, request(), &[sync(1, &replica.cookie)]);
    assert_eq!(answers.len(), 1, "nothing has changed, nothing is told");
}

#[test]
fn cookie_of_another_server_means_all_anew() {
    let mut desk = Desk::new();
    let mut client = local();
    change_some(&mut desk, &mut client, 0);
    let mut replica = Replica::default();
    replica.names.insert("stale".into(), "stale".into());
    let foreign = b"rendezvous-00000000000000ff-3";
    for cookie in [
        &foreign[..],
        b"nonsense",
        b"rendezvous-0000000000000007-999999",
    ] {
        let answers = desk.ask(&mut client, request(), &[sync(1, cookie)]);
        replica.take(&answers);
        let names = desk.names(&mut client, CONFERENCES, "(cn=a*)");
        assert_eq!(replica.names(), names.iter().collect::<Vec<_>>());
    }
}

#[test]
fn deletions_that_are_forgotten_mean_all_anew() {
    let mut desk = Desk::new();
    let mut client = local();
    change_some(&mut desk, &mut client, 0);
    let mut replica = Replica::default();
    replica.take(&desk.ask(&mut client, request(), &[sync(1, b"")]));
    desk.code(&mut client, LdapOp::DelRequest(conference_dn("1")));
    for number in 0..=super::super::tree::GRAVES as u64 {
        let revision = desk.core.tree.revision() + 1;
        desk.core.tree.bury(super::super::tree::Grave {
            revision,
            uuid: u128::from(number).to_be_bytes(),
        });
    }
    replica.take(&desk.ask(&mut client, request(), &[sync(1, &replica.cookie.clone())]));
    let names = desk.names(&mut client, CONFERENCES, "(cn=a*)");
    assert_eq!(replica.names(), names.iter().collect::<Vec<_>>());
}

#[test]
fn watching_replica_follows() {
    let mut desk = Desk::new();
    let mut client = local();
    change_some(&mut desk, &mut client, 0);
    let (answers, watch) = desk.ask_and_watch(&mut client, request(), &[sync(3, b"")]);
    let watch = watch.unwrap();
    let mut replica = Replica::default();
    replica.take(&answers);
    let mailbox = desk.core.watchers.join(100);
    for round in 1..4 {
        change_some(&mut desk, &mut client, round);
        while let Some(change) = mailbox.take() {
            let mut out = Vec::new();
            watch.put(&desk.core, desk.now, &change, &mut out);
            replica.take_change(&decode(&out));
        }
        let names = desk.names(&mut client, CONFERENCES, "(cn=a*)");
        assert_eq!(replica.names(), names.iter().collect::<Vec<_>>());
    }
    // The cookie of the last change serves as well as one from a poll.
    change_some(&mut desk, &mut client, 9);
    replica.take(&desk.ask(&mut client, request(), &[sync(1, &replica.cookie.clone())]));
    let names = desk.names(&mut client, CONFERENCES, "(cn=a*)");
    assert_eq!(replica.names(), names.iter().collect::<Vec<_>>());
}

#[test]
fn who_may_no_longer_read_is_told_that_it_is_gone() {
    let mut desk = Desk::new();
    let mut owner = session(key('a'));
    desk.code(&mut owner, add_conference("1", "a", &[]));
    let mut reader = session(Identity::Anonymous);
    let (answers, watch) = desk.ask_and_watch(&mut reader, request(), &[sync(3, b"")]);
    let mut replica = Replica::default();
    replica.take(&answers);
    assert_eq!(replica.names().len(), 1);
    let mailbox = desk.core.watchers.join(100);
    let hide = [change(
        LdapModifyType::Add,
        "rendezvousReader",
        &["authenticated"],
    )];
    assert_eq!(
        desk.code(&mut owner, modify(&conference_dn("1"), &hide)),
        Code::Success
    );
    let mut out = Vec::new();
    watch
        .unwrap()
        .put(&desk.core, desk.now, &mailbox.take().unwrap(), &mut out);
    let answers = decode(&out);
    assert!(
        entries(&answers)[0].attributes.is_empty(),
        "and nothing else of it"
    );
    replica.take_change(&answers);
    assert_eq!(replica.names().len(), 0);
}

#[test]
fn keeping_alive_is_told_to_nobody() {
    let mut desk = Desk::new();
    let mut client = local();
    let dynamic = [attribute("entryTtl", &["60"])];
    desk.code(&mut client, add_conference("1", "a", &dynamic));
    let (_, watch) = desk.ask_and_watch(&mut client, request(), &[sync(3, b"")]);
    let mailbox = desk.core.watchers.join(100);
    let longer = [change(LdapModifyType::Replace, "entryTtl", &["90"])];
    assert_eq!(
        desk.code(&mut client, modify(&conference_dn("1"), &longer)),
        Code::Success
    );
    let mut out = Vec::new();
    watch
        .unwrap()
        .put(&desk.core, desk.now, &mailbox.take().unwrap(), &mut out);
    assert!(out.is_empty());
}

#[test]
fn watcher_that_falls_behind_has_to_begin_anew() {
    let mut desk = Desk::new();
    let mailbox = desk.core.watchers.join(2);
    let entry = desk.core.tree.find("o=rendezvous").cloned().unwrap();
    let change = Arc::new(Change::Gone {
        before: entry,
        revision: 9,
    });
    desk.core
        .watchers
        .publish(&[Arc::clone(&change), Arc::clone(&change)]);
    assert!(!mailbox.take_overrun());
    desk.core.watchers.publish(&[change]);
    assert_eq!(
        (mailbox.take().is_none(), mailbox.take_overrun()),
        (true, true)
    );
    assert!(!mailbox.take_overrun(), "it is told once");
}
