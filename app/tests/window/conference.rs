//! Creating, editing, withdrawing and opening conferences, and closing the window.
use std::path::PathBuf;

use egui_kittest::kittest::Queryable as _;
use jiff::SignedDuration;
use rendezvous::model::{Command, Done, EntryId, Event, Failure, Scope};
use rendezvous::ui::view::{Filter, Front};

use crate::{field_named, fill, press, scene, stand};

fn own() -> EntryId {
    EntryId("own".to_owned())
}

#[test]
fn conference_is_created_with_a_name_alone() {
    let mut harness = stand(scene::home());
    press(&mut harness, "New conference");
    fill(&mut harness, "Name", "Fire drill");
    press(&mut harness, "Announce it");
    let commands = harness.state_mut().take();
    let [Command::Publish(draft)] = commands.as_slice() else {
        panic!("{commands:?}");
    };
    assert_eq!(draft.name, "Fire drill");
    assert_eq!(draft.start, harness.state().model.clock.wall);
    assert_eq!(draft.end, draft.start + SignedDuration::from_hours(1));
    assert_eq!(draft.scope, Scope::Site);
}

#[test]
fn published_conference_closes_the_form_and_is_shown() {
    let mut harness = stand(scene::home());
    press(&mut harness, "New conference");
    fill(&mut harness, "Name", "Fire drill");
    press(&mut harness, "Announce it");
    harness
        .state_mut()
        .happen(Event::Done(Done::Published(own())));
    harness.run();
    let view = &harness.state().view;
    assert_eq!(
        (view.home.filter, view.home.selected.clone()),
        (Filter::Mine, Some(own()))
    );
    assert_eq!(view.front, None);
    assert!(
        harness
            .query_by_label("Ana’s stand-up is announced")
            .is_some()
    );
}

#[test]
fn form_points_out_what_is_wrong_and_sends_nothing() {
    let mut harness = stand(scene::home());
    press(&mut harness, "New conference");
    press(&mut harness, "Announce it");
    assert!(
        harness
            .query_by_label("Give it a name, so that others find it.")
            .is_some()
    );
    fill(&mut harness, "Name", "Fire drill");
    press(&mut harness, "At…");
    press(&mut harness, "Until…");
    let end = field_named(&harness, "End date");
    assert_eq!(end.value().as_deref(), Some("2026-03-12"));
    fill(&mut harness, "Start date", "x");
    press(&mut harness, "Announce it");
    assert!(
        harness
            .query_by_label_contains("Write the date as")
            .is_some()
    );
    assert_eq!(harness.state_mut().take(), []);
}

#[test]
fn failed_announcement_keeps_what_was_typed() {
    let mut harness = stand(scene::home());
    press(&mut harness, "New conference");
    fill(&mut harness, "Name", "Fire drill");
    press(&mut harness, "Announce it");
    harness
        .state_mut()
        .happen(Event::Failed(Failure::Publish("disk full".to_owned())));
    harness.run();
    assert!(
        harness
            .query_by_label_contains("could not be announced: disk full")
            .is_some()
    );
    assert_eq!(
        field_named(&harness, "Name").value().as_deref(),
        Some("Fire drill")
    );
    harness.state_mut().take();
    press(&mut harness, "Announce it");
    assert_eq!(harness.state_mut().take().len(), 1);
}

#[test]
fn own_conference_is_edited() {
    let mut harness = stand(scene::home());
    press(&mut harness, "Mine 2");
    press(&mut harness, "Ana’s stand-up, until 09:10, Site");
    press(&mut harness, "Edit");
    press(&mut harness, "Room");
    press(&mut harness, "Save changes");
    let commands = harness.state_mut().take();
    let [Command::Edit(id, draft)] = commands.as_slice() else {
        panic!("{commands:?}");
    };
    assert_eq!(
        (id, draft.scope, draft.name.as_str()),
        (&own(), Scope::Room, "Ana’s stand-up")
    );
}

#[test]
fn own_conference_is_withdrawn_after_asking() {
    let mut harness = stand(scene::home());
    press(&mut harness, "Mine 2");
    press(&mut harness, "Ana’s stand-up, until 09:10, Site");
    press(&mut harness, "Withdraw");
    press(&mut harness, "Keep it");
    assert_eq!(harness.state_mut().take(), []);
    press(&mut harness, "Withdraw");
    press(&mut harness, "Withdraw now");
    assert_eq!(harness.state_mut().take(), [Command::Withdraw(own())]);
    assert_eq!(harness.state().view.front, None);
}

#[test]
fn foreign_conference_cannot_be_edited_or_withdrawn() {
    let mut harness = stand(scene::home());
    press(&mut harness, "Shift handover, until 09:00, Site");
    assert!(harness.query_by_label("Edit").is_none());
    assert!(harness.query_by_label("Withdraw").is_none());
}

#[test]
fn file_is_opened_by_its_path() {
    let mut harness = stand(scene::home());
    press(&mut harness, "Open file");
    fill(&mut harness, "File", " /tmp/a.sdp ");
    press(&mut harness, "Open");
    let path = PathBuf::from("/tmp/a.sdp");
    assert_eq!(harness.state_mut().take(), [Command::OpenFile(path)]);
}

#[test]
fn opened_file_is_taken_off_the_list() {
    let mut harness = stand(scene::home());
    press(&mut harness, "Mine 2");
    press(&mut harness, "Harbour radio, on all the time, Site");
    press(&mut harness, "Remove from the list");
    let file = EntryId("file".to_owned());
    assert_eq!(harness.state_mut().take(), [Command::CloseFile(file)]);
}

#[test]
fn closing_says_what_stops() {
    let mut harness = stand(scene::in_room(2));
    harness.state_mut().view.front = Some(Front::Closing);
    harness.run();
    assert!(
        harness
            .query_by_label("You leave “Shift handover”.")
            .is_some()
    );
    assert!(harness.query_by_label_contains("Ana’s stand-up").is_some());
    assert!(
        harness
            .query_by_label_contains("no longer announced")
            .is_some()
    );
    press(&mut harness, "Stay");
    assert_eq!(harness.state().view.front, None);
    assert_eq!(harness.state_mut().take(), []);
    harness.state_mut().view.front = Some(Front::Closing);
    harness.run();
    press(&mut harness, "Close Rendezvous now");
    assert_eq!(harness.state_mut().take(), [Command::Quit]);
}
