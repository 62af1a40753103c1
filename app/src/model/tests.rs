//! Events change the model as they should, and nothing else.
use std::time::Duration;

use super::*;

fn clock() -> Clock {
    Clock {
        wall: at("2026-03-12T08:00:00Z"),
        steady: Instant::now(),
        zone: jiff::tz::TimeZone::UTC,
    }
}

fn at(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

fn model() -> Model {
    Model::new(clock(), Settings::default())
}

fn entry(id: &str, when: Activity) -> Entry {
    Entry {
        id: EntryId(id.to_owned()),
        name: format!("Conference {id}"),
        description: "Weekly meeting".to_owned(),
        when,
        repeats: None,
        next: Vec::new(),
        originator: None,
        rate: Rate::default(),
        scope: Scope::Site,
        media: Vec::new(),
        contacts: vec!["ana@example.org".to_owned()],
        seen: vec![Seen {
            source: Source::Own,
            at: None,
            differs: None,
        }],
        lock: None,
        refusal: None,
        draft: None,
        sdp: String::new(),
    }
}

fn room(talking: bool) -> Room {
    let person = Person {
        video: None,
        has_screen: false,
        id: PersonId(1),
        name: "Bo".to_owned(),
        presence: Presence::Here,
        is_talking: talking,
        level_dbfs: -20.0,
        is_muted: false,
        gain_db: 0.0,
        details: Vec::new(),
        last_talked: None,
    };
    Room {
        conference: EntryId("a".to_owned()),
        name: "A".to_owned(),
        stage: Stage::Joined,
        since: Instant::now(),
        ends: None,
        has_video: false,
        me: Me {
            camera: None,
            name: "Ana".to_owned(),
            may_send: true,
            is_muted: false,
            level_dbfs: -60.0,
            is_talking: false,
        },
        people: vec![person],
        problems: Vec::new(),
        details: Vec::new(),
    }
}

#[test]
fn upcoming_conference_begins_and_ends_by_itself() {
    let (start, end) = (at("2026-03-12T09:00:00Z"), Some(at("2026-03-12T10:00:00Z")));
    let entry = entry("a", Activity::Upcoming { start, end });
    assert_eq!(entry.activity(at("2026-03-12T08:59:59Z")), entry.when);
    assert_eq!(entry.activity(start), Activity::Now { until: end });
    assert_eq!(entry.activity(at("2026-03-12T10:00:00Z")), Activity::Past);
}

#[test]
fn catalogue_replaces_the_list_and_ends_loading() {
    let mut model = model();
    assert!(!model.is_catalogue_loaded);
    model.apply(Event::Catalogue(vec![Arc::new(entry(
        "a",
        Activity::Now { until: None },
    ))]));
    assert!(model.is_catalogue_loaded);
    assert!(model.conference(&EntryId("a".to_owned())).is_some());
    model.apply(Event::Catalogue(Vec::new()));
    assert!(model.conferences.is_empty());
}

#[test]
fn only_own_conferences_that_are_not_over_stop_with_the_window() {
    let mut model = model();
    let mut foreign = entry("b", Activity::Now { until: None });
    foreign.seen.clear();
    let entries = vec![
        entry("a", Activity::Now { until: None }),
        foreign,
        entry("c", Activity::Past),
    ];
    model.apply(Event::Catalogue(
        entries.into_iter().map(Arc::new).collect(),
    ));
    let ids: Vec<&str> = model.announced().map(|entry| entry.id.0.as_str()).collect();
    assert_eq!(ids, ["a"]);
}

#[test]
fn talker_stays_a_talker_for_ten_seconds() {
    let mut model = model();
    model.apply(Event::Room(Box::new(room(true))));
    let spoke = model.clock.steady;
    model.clock.steady += Duration::from_secs(5);
    model.apply(Event::Room(Box::new(room(false))));
    let talked_lately = |seconds| {
        let person = &model.room.as_ref().unwrap().people[0];
        person.talked_lately(spoke + Duration::from_secs(seconds))
    };
    assert!(talked_lately(9));
    assert!(!talked_lately(10));
}

#[test]
fn failed_join_closes_the_room_and_says_why() {
    let mut model = model();
    model.apply(Event::Room(Box::new(room(false))));
    let failure = Failure::Join {
        name: "A".to_owned(),
        problem: Problem::NoNetwork,
    };
    model.apply(Event::Failed(failure.clone()));
    assert_eq!(model.room, None);
    assert_eq!(model.message.unwrap().0, Message::Failed(failure));
}

#[test]
fn lost_people_do_not_count() {
    let mut room = room(false);
    assert_eq!(room.head_count(), 2);
    room.people[0].presence = Presence::Lost;
    assert_eq!(room.head_count(), 1);
}

#[test]
fn search_finds_all_words_in_any_order_and_place() {
    let entry = entry("a", Activity::Past);
    assert!(entry.matches("weekly conf"));
    assert!(entry.matches("ana@ meeting"));
    assert!(!entry.matches("weekly xyz"));
    assert!(entry.matches(""));
}

#[test]
fn encryption_is_the_first_reason_of_refusal() {
    let mut entry = entry("a", Activity::Past);
    let now = clock().wall;
    assert_eq!(entry.refusal(now), Some(Problem::ConferenceOver));
    entry.refusal = Some(Problem::NoAudio);
    assert_eq!(entry.refusal(now), Some(Problem::NoAudio));
    entry.lock = Some(Lock::Key);
    assert_eq!(entry.refusal(now), Some(Problem::Encrypted(Lock::Key)));
}

#[test]
fn draft_is_refused_with_the_first_fault() {
    let now = at("2026-03-12T08:00:00Z");
    let mut draft = Draft {
        has_video: true,
        has_repair: false,
        name: "  ".to_owned(),
        description: String::new(),
        start: now,
        end: at("2026-03-12T09:00:00Z"),
        scope: Scope::Site,
    };
    assert_eq!(draft.fault(now), Some(DraftFault::NoName));
    draft.name = "A".repeat(121);
    assert_eq!(draft.fault(now), Some(DraftFault::LongName));
    draft.name = "Standup".to_owned();
    assert_eq!(draft.fault(now), None);
    assert_eq!(draft.fault(draft.end), Some(DraftFault::AlreadyOver));
    draft.end = now;
    assert_eq!(draft.fault(now), Some(DraftFault::EndsBeforeStart));
}
