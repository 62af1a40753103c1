//! Directories in the list: where a conference was seen, publishing, withdrawing, and what goes wrong.
use egui_kittest::kittest::Queryable as _;
use rendezvous::model::{
    Command, Directory, DirectoryProblem, DirectoryState, EntryId, Event, Failure,
};

use crate::{press, scene, stand};

#[test]
fn own_conference_is_published_in_the_directory_of_the_organisation() {
    let mut harness = stand(scene::with_directories());
    press(&mut harness, "Ana’s stand-up, until 09:10, Site");
    press(&mut harness, "Publish in directory.example");
    let own = EntryId("own".to_owned());
    let wanted = Command::PublishIn(own, scene::DIRECTORY.to_owned());
    assert_eq!(harness.state_mut().take(), [wanted]);
    let is_ours = |text: &str| harness.query_by_label_contains(text).is_some();
    assert!(!is_ours("Publish in 127.0.0.1"), "our own needs no button");
}

#[test]
fn conference_that_is_mine_in_a_directory_is_withdrawn_from_there() {
    let mut harness = stand(scene::with_directories());
    press(&mut harness, "Shift handover, until 09:00, Site");
    let whose = "In directory.example, published by you";
    assert!(harness.query_by_label(whose).is_some());
    press(&mut harness, "Withdraw from directory.example");
    let id = EntryId("shift-handover".to_owned());
    let wanted = Command::WithdrawFrom(id, scene::DIRECTORY.to_owned());
    assert_eq!(harness.state_mut().take(), [wanted]);
}

#[test]
fn all_is_listed_in_one_tab_and_mine_has_what_is_mine_anywhere() {
    let mut harness = stand(scene::with_directories());
    press(&mut harness, "Mine 3");
    let shift = "Shift handover, until 09:00, Site";
    assert!(harness.query_by_label(shift).is_some());
    press(&mut harness, "All 7");
    for row in [shift, "Weekly safety, in 5 min, Site"] {
        assert!(harness.query_by_label(row).is_some(), "{row}");
    }
}

#[test]
fn directory_that_is_away_and_what_waits_for_it_are_said() {
    let mut harness = stand(scene::with_directories());
    let status = |harness: &egui_kittest::Harness<'_, crate::Stand>, text: &str| {
        harness.query_by_label_contains(text).is_some()
    };
    assert!(status(&harness, "directory.example: 132"));
    let away = Directory {
        url: scene::DIRECTORY.to_owned(),
        name: "directory.example".to_owned(),
        state: DirectoryState::Away("connection refused".to_owned()),
        conferences: 132,
        waiting: 1,
        is_ours: false,
    };
    harness.state_mut().happen(Event::Directories(vec![away]));
    harness.run();
    assert!(status(
        &harness,
        "directory.example: not reached, 1 change waits"
    ));
}

#[test]
fn conflict_with_somebody_else_tells_what_differs_and_what_to_do() {
    let mut harness = stand(scene::with_directories());
    harness
        .state_mut()
        .happen(Event::Failed(Failure::Directory {
            name: "Shift handover".to_owned(),
            directory: "directory.example".to_owned(),
            problem: DirectoryProblem::Conflict("name, times".to_owned()),
        }));
    harness.run();
    let title = "Somebody else changed “Shift handover” in directory.example first";
    assert!(harness.query_by_label(title).is_some());
    assert!(
        harness
            .query_by_label("It differs in: name, times.")
            .is_some()
    );
}
