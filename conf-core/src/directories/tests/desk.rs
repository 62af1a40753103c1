//! What is published stays, what is changed arrives, and nobody's change is lost: in virtual time.
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant, UNIX_EPOCH};

use directory::catalogue::Field;
use directory::ledger::Basis;
use directory::{ConferenceEntry, DirectoryError, Entry, ObjectId, PersonEntry};
use proptest::prelude::*;

use super::super::desk::{Desk, Subject, Wish};
use super::super::event::{Conflict, Happening};
use super::super::job::perform;
use super::server::{Client, Server, conference, conference_until};
use crate::conference::Moment;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

/// Somebody with a desk, who does what is due.
struct Person {
    desk: Desk,
    client: Client,
    server: Server,
    moment: Moment,
    told: Vec<Happening>,
}

impl Person {
    #[expect(clippy::disallowed_methods, reason = "a test needs one epoch")]
    fn new(server: &Server, who: &'static str) -> Self {
        Self {
            desk: Desk::default(),
            client: server.client(who),
            server: server.clone(),
            moment: Moment {
                now: Instant::now(),
                wall: UNIX_EPOCH + Duration::from_secs(1_800_000_000),
            },
            told: Vec::new(),
        }
    }

    fn put(&mut self, entry: ConferenceEntry, basis: Basis) {
        let subject = Subject::Conference(entry.description.id());
        self.desk.wish(
            subject,
            Wish::Put(Box::new(Entry::Conference(entry)), basis),
        );
        self.work();
    }

    fn withdraw(&mut self) {
        self.desk.wish(subject(), Wish::Withdraw(id()));
        self.work();
    }

    fn work(&mut self) {
        while let Some((subject, job)) = self.desk.next(self.moment) {
            let result = at_once(perform(&mut self.client, &job));
            self.told
                .extend(self.desk.finish(self.moment, subject, job, result));
        }
    }

    /// Time passes for everybody.
    fn pass(&mut self, span: Duration) {
        let end = self.moment.now + span;
        while let Some(due) = self.desk.due().filter(|due| *due <= end) {
            let step = due.saturating_duration_since(self.moment.now);
            self.advance(step);
            self.work();
        }
        self.advance(end - self.moment.now);
        self.work();
    }

    fn advance(&mut self, span: Duration) {
        self.moment.now += span;
        self.moment.wall += span;
        self.server.pass(span);
    }

    /// The lid is closed: the wall clock goes on, this computer's other clock does not.
    fn sleep(&mut self, span: Duration) {
        self.moment.wall += span;
        self.server.pass(span);
        self.work();
    }

    /// What the directory has of ours, as a watch tells it after a connection was made anew.
    fn resync(&mut self) {
        self.desk.reconnected();
        match self.server.found("ann", &id()) {
            Some(found) => self.desk.present(subject(), &found),
            None => drop(self.desk.gone(self.moment, subject(), false)),
        }
        self.work();
    }
}

fn at_once<T>(work: impl Future<Output = T>) -> T {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("it waits"),
    }
}

fn id() -> ObjectId {
    Entry::Conference(conference(1, "x")).id()
}

fn subject() -> Subject {
    Subject::Conference(conference(1, "x").description.id())
}

fn revision(server: &Server) -> Basis {
    Basis::Revision(
        server
            .found("ann", &id())
            .unwrap()
            .published
            .revision
            .unwrap(),
    )
}

#[test]
fn entry_is_refreshed_and_outlives_its_lifetime_by_far() {
    let server = Server::default();
    server.state().max_lifetime = Some(5 * MINUTE);
    let mut ann = Person::new(&server, "ann");
    ann.put(conference(1, "Talk"), Basis::New);
    ann.pass(24 * HOUR);
    assert_eq!(server.names(), ["Talk"]);
    let (requests, halves) = (server.state().requests, 24 * 60 * 2 / 5);
    assert!((halves..halves + 3).contains(&requests), "{requests}");
}

#[test]
fn entry_that_died_while_the_computer_slept_is_published_again() {
    let server = Server::default();
    server.state().max_lifetime = Some(5 * MINUTE);
    let mut ann = Person::new(&server, "ann");
    ann.put(conference(1, "Talk"), Basis::New);
    ann.sleep(8 * HOUR);
    assert!(server.names().is_empty());
    ann.pass(3 * MINUTE);
    assert_eq!(server.names(), ["Talk"], "by the next refresh");
    ann.sleep(8 * HOUR);
    assert!(ann.desk.gone(ann.moment, subject(), true).is_none());
    ann.work();
    assert_eq!(server.names(), ["Talk"], "by the watch, at once");
}

#[test]
fn refresh_that_is_lost_is_repeated_before_the_entry_dies() {
    let server = Server::default();
    server.state().max_lifetime = Some(5 * MINUTE);
    let mut ann = Person::new(&server, "ann");
    ann.put(conference(1, "Talk"), Basis::New);
    ann.pass(2 * MINUTE);
    server.state().is_down = true;
    ann.pass(MINUTE + MINUTE / 2);
    server.come_back();
    ann.pass(10 * MINUTE);
    assert_eq!(server.names(), ["Talk"]);
    assert_eq!(ann.told.len(), 1, "nobody is bothered: {:?}", ann.told);
}

#[test]
fn change_waits_for_a_dead_server_and_is_told_once() {
    let server = Server::default();
    server.state().is_down = true;
    let mut ann = Person::new(&server, "ann");
    ann.put(conference(1, "Talk"), Basis::New);
    ann.pass(2 * HOUR);
    assert!(matches!(ann.told[..], [Happening::Queued(..)]));
    assert_eq!(ann.desk.waiting(), 1);
    let requests = server.state().requests;
    assert!(requests < 140, "a dead server is left in peace: {requests}");
    server.come_back();
    ann.pass(MINUTE);
    assert!(matches!(ann.told[..], [_, Happening::Published(..)]));
    assert_eq!(
        (server.names(), ann.desk.waiting()),
        (vec!["Talk".to_owned()], 0)
    );
}

#[test]
fn only_the_last_of_several_changes_is_made_when_it_is_back() {
    let server = Server::default();
    server.state().is_down = true;
    let mut ann = Person::new(&server, "ann");
    ann.put(conference(1, "One"), Basis::New);
    ann.put(conference(2, "Two"), Basis::New);
    server.come_back();
    ann.pass(MINUTE);
    assert_eq!(server.names(), ["Two"]);
    server.state().is_down = true;
    ann.put(conference(3, "Three"), revision(&server));
    ann.withdraw();
    server.come_back();
    ann.pass(MINUTE);
    assert!(server.names().is_empty());
}

#[test]
fn server_that_was_replaced_by_an_empty_one_gets_everything_again() {
    let server = Server::default();
    let mut ann = Person::new(&server, "ann");
    ann.put(conference(1, "Talk"), Basis::New);
    server.state().entries.clear();
    ann.resync();
    assert_eq!(server.names(), ["Talk"]);
}

#[test]
fn edit_reaches_the_server_that_replaced_the_one_it_was_meant_for() {
    let server = Server::default();
    let mut ann = Person::new(&server, "ann");
    ann.put(conference(1, "Talk"), Basis::New);
    let basis = revision(&server);
    server.state().is_down = true;
    ann.put(conference(2, "Talk, moved"), basis);
    server.state().entries.clear();
    server.come_back();
    ann.pass(MINUTE);
    assert_eq!(server.names(), ["Talk, moved"]);
}

#[test]
fn of_two_who_edit_one_entry_the_second_is_told_what_differs_and_loses_nothing() {
    let server = Server::default();
    let mut ann = Person::new(&server, "ann");
    let mut bob = Person::new(&server, "bob");
    ann.put(conference(1, "Talk"), Basis::New);
    let basis = revision(&server);
    bob.put(conference(2, "Talk by Bob"), basis.clone());
    ann.told.clear();
    ann.put(conference(2, "Talk by Ann"), basis);
    ann.pass(HOUR);
    let [Happening::Conflict(conflict)] = &ann.told[..] else {
        panic!("{:?}", ann.told);
    };
    let Conflict {
        mine,
        theirs,
        fields,
        ..
    } = &**conflict;
    assert_eq!(
        (mine.name(), theirs.entry.name()),
        ("Talk by Ann", "Talk by Bob")
    );
    assert_eq!(fields[..], [Field::Name]);
    assert_eq!(server.names(), ["Talk by Bob"]);
    assert_eq!(ann.desk.waiting(), 1, "it is kept until somebody decides");
    let theirs = theirs.published.revision.clone().unwrap();
    ann.put(conference(3, "Talk by both"), Basis::Revision(theirs));
    assert_eq!(
        (server.names(), ann.desk.waiting()),
        (vec!["Talk by both".to_owned()], 0)
    );
}

#[test]
fn answer_that_is_lost_makes_no_conflict_with_oneself() {
    for basis in [Basis::New, Basis::Any] {
        let server = Server::default();
        let mut ann = Person::new(&server, "ann");
        ann.put(conference(1, "Talk"), Basis::New);
        ann.told.clear();
        server.state().is_mute = true;
        let basis = match basis {
            Basis::Any => revision(&server),
            other => other,
        };
        ann.put(conference(2, "Talk, moved"), basis);
        server.state().is_mute = false;
        ann.pass(MINUTE);
        assert_eq!(server.names(), ["Talk, moved"]);
        assert!(
            matches!(
                ann.told[..],
                [Happening::Queued(..), Happening::Published(..)]
            ),
            "{:?}",
            ann.told
        );
    }
}

#[test]
fn what_is_not_allowed_is_told_and_not_tried_again() {
    let server = Server::default();
    server.state().is_strict = true;
    let mut ann = Person::new(&server, "ann");
    ann.put(conference(1, "Talk"), Basis::New);
    ann.pass(HOUR);
    assert!(matches!(
        ann.told[..],
        [Happening::Failed(_, DirectoryError::Refused(_))]
    ));
    assert_eq!(server.state().requests, 1);
}

#[test]
fn entry_of_somebody_else_is_never_replaced_unasked() {
    let server = Server::default();
    let (mut ann, mut bob) = (Person::new(&server, "ann"), Person::new(&server, "bob"));
    bob.put(conference(1, "Bob's"), Basis::New);
    ann.put(conference(2, "Ann's"), Basis::New);
    assert!(matches!(ann.told[..], [Happening::Conflict(_)]));
    assert_eq!(server.names(), ["Bob's"]);
}

#[test]
fn what_somebody_deleted_stays_deleted() {
    let server = Server::default();
    let (mut ann, mut administrator) = (Person::new(&server, "ann"), Person::new(&server, "root"));
    ann.put(conference(1, "Talk"), Basis::New);
    administrator.withdraw();
    let told = ann.desk.gone(ann.moment, subject(), true);
    assert!(matches!(told, Some(Happening::Removed(_))));
    ann.pass(48 * HOUR);
    assert!(server.names().is_empty());
    ann.put(conference(2, "Talk"), Basis::Revision("1".to_owned()));
    assert!(matches!(
        ann.told.last(),
        Some(Happening::Failed(_, DirectoryError::NotFound))
    ));
}

#[test]
fn clock_of_the_server_may_be_wrong_and_too_fast() {
    let server = Server::default();
    server.state().max_lifetime = Some(5 * MINUTE);
    server.pass(400 * 24 * HOUR);
    let mut ann = Person::new(&server, "ann");
    ann.put(conference(1, "Talk"), Basis::New);
    for _ in 0..200 {
        ann.pass(MINUTE);
        server.pass(2 * MINUTE);
    }
    ann.pass(3 * MINUTE);
    assert_eq!(
        server.names(),
        ["Talk"],
        "dead by its clock, alive by ours: published again"
    );
}

#[test]
fn entry_that_lives_until_it_is_deleted_is_not_refreshed() {
    let server = Server::default();
    server.state().is_permanent = true;
    let mut ann = Person::new(&server, "ann");
    ann.put(conference(1, "Talk"), Basis::New);
    ann.pass(100 * HOUR);
    assert_eq!((server.names().len(), server.state().requests), (1, 1));
}

#[test]
fn what_is_over_is_let_die() {
    let server = Server::default();
    server.state().max_lifetime = Some(5 * MINUTE);
    let mut ann = Person::new(&server, "ann");
    let end = ann.moment.wall + HOUR;
    ann.put(conference_until(1, "Talk", Some(end)), Basis::New);
    ann.pass(HOUR - MINUTE);
    assert_eq!(server.names(), ["Talk"]);
    ann.pass(10 * MINUTE);
    assert!(server.names().is_empty());
    assert_eq!(ann.desk.due(), None);
}

#[test]
fn what_an_earlier_run_published_is_kept_alive() {
    let server = Server::default();
    server.state().max_lifetime = Some(5 * MINUTE);
    let mut before = Person::new(&server, "ann");
    before.put(conference(1, "Talk"), Basis::New);
    let until = before.desk.kept(subject()).unwrap().until;
    let mut after = Person::new(&server, "ann");
    let entry = Entry::Conference(conference(1, "Talk"));
    after.desk.keep(after.moment.now, subject(), entry, until);
    after.work();
    after.pass(HOUR);
    assert_eq!(server.names(), ["Talk"]);
}

#[test]
fn person_is_shown_while_there_and_no_longer() {
    let server = Server::default();
    let mut ann = Person::new(&server, "ann");
    let entry = Entry::Person(PersonEntry {
        uid: "ann".to_owned(),
        name: "Ann".to_owned(),
        ..PersonEntry::default()
    });
    ann.desk.introduce(Wish::Put(Box::new(entry), Basis::Any));
    ann.work();
    ann.pass(HOUR);
    assert_eq!(server.names(), ["Ann"]);
    ann.desk.withdraw_me();
    ann.work();
    assert!(server.names().is_empty());
    assert!(ann.told.is_empty() && ann.desk.waiting() == 0);
}

proptest! {
    #[test]
    fn in_the_end_the_directory_has_what_was_wanted_last(
        steps in prop::collection::vec((0..7u8, 1..400u64), 1..40),
    ) {
        let server = Server::default();
        server.state().max_lifetime = Some(5 * MINUTE);
        let mut ann = Person::new(&server, "ann");
        let (mut version, mut wanted) = (0, None);
        for (what, seconds) in steps {
            match what {
                0 | 1 => {
                    version += 1;
                    let name = format!("Talk {version}");
                    let basis = match server.found("ann", &id()) {
                        Some(found) if what == 1 => Basis::Revision(found.published.revision.unwrap()),
                        _ => Basis::New,
                    };
                    ann.put(conference(version, &name), basis);
                    wanted = Some(name);
                }
                2 => {
                    ann.withdraw();
                    wanted = None;
                }
                3 => server.state().is_down = true,
                4 => server.state().is_mute = true,
                5 => ann.sleep(Duration::from_secs(seconds)),
                _ => {
                    let mut state = server.state();
                    (state.is_down, state.is_mute) = (false, false);
                }
            }
            ann.pass(Duration::from_secs(seconds));
        }
        {
            let mut state = server.state();
            (state.is_down, state.is_mute) = (false, false);
        }
        ann.resync();
        ann.pass(5 * MINUTE);
        let there: Vec<String> = wanted.into_iter().collect();
        prop_assert_eq!(server.names(), there, "{:?}", ann.told);
    }
}
