//! Directories in the list: where a conference was seen, publishing, withdrawing, and what goes wrong.
use egui_kittest::kittest::Queryable as _;
use rendezvous::directories::DirectorySetting;
use rendezvous::model::{
    Command, Difference, Directory, DirectoryProblem, DirectoryState, EntryId, Event, Failure,
};

use crate::{fill, press, says, scene, stand};

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

#[test]
fn password_for_the_directory_goes_to_the_keyring_and_not_into_the_settings() {
    let mut harness = stand(scene::home());
    press(&mut harness, "Settings");
    let saved = |harness: &mut egui_kittest::Harness<'_, crate::Stand>| {
        let commands = harness.state_mut().take();
        for command in &commands {
            if let Command::SaveSettings(settings) = command {
                let settings = Event::Settings(settings.clone());
                harness.state_mut().happen(settings);
            }
        }
        harness.run();
        commands
    };
    assert!(harness.query_by_label("Password").is_none());
    fill(
        &mut harness,
        "Directory of your organisation",
        "ldaps://directory.example",
    );
    press(&mut harness, "Dark");
    saved(&mut harness);
    assert!(
        !harness.state().model.settings.directories.is_empty(),
        "it holds when its field is left"
    );
    fill(&mut harness, "Log in there as", "uid=ann");
    press(&mut harness, "Dark");
    let last = saved(&mut harness).pop();
    assert!(
        matches!(&last, Some(Command::SaveSettings(settings)) if settings.directories[0].bind.as_deref() == Some("uid=ann"))
    );
    fill(&mut harness, "Password", "swordfish");
    press(&mut harness, "Dark");
    let commands = saved(&mut harness);
    let kept = commands.iter().find_map(|command| match command {
        Command::KeepPassword {
            urls,
            name,
            password,
        } => Some((urls, name, password)),
        _ => None,
    });
    let (urls, name, password) = kept.unwrap();
    assert_eq!(
        (urls.as_str(), name.as_str(), password.reveal()),
        ("ldaps://directory.example", "uid=ann", "swordfish")
    );
    assert!(!format!("{commands:?}").contains("swordfish"));
    let refused = "there is no keyring here (no bus)".to_owned();
    let failure = Failure::Keyring("directory.example".to_owned(), refused);
    harness.state_mut().happen(Event::Failed(failure));
    press(&mut harness, "Done");
    assert!(says(&harness, "could not be kept"));
    assert!(says(
        &harness,
        "It is used until you close the window, and asked for again after that."
    ));
}

#[test]
fn a_password_that_would_cross_the_network_in_clear_is_said_and_can_be_encrypted() {
    let mut model = scene::home();
    model.settings.directories.push(DirectorySetting {
        urls: vec!["ldap://directory.example".to_owned()],
        bind: Some("uid=ann".to_owned()),
        ..DirectorySetting::default()
    });
    let mut harness = stand(model);
    press(&mut harness, "Settings");
    assert!(says(&harness, "The password crosses the network in clear."));
    press(&mut harness, "Encrypt the connection (StartTLS)");
    let saved = harness.state_mut().take().pop();
    assert!(
        matches!(saved, Some(Command::SaveSettings(settings)) if settings.directories[0].start_tls)
    );
}

#[test]
fn which_version_counts_and_what_is_told_otherwise_elsewhere_is_said() {
    let mut model = scene::with_directories();
    let mut entries: Vec<_> = model.conferences.iter().map(|e| (**e).clone()).collect();
    entries[0].seen[1].differs = Some(Difference {
        versions: Some(("1".to_owned(), "2".to_owned())),
        fields: vec!["name", "times"],
    });
    let row = format!("{}, until 09:00, Site", entries[0].name);
    model.apply(Event::Catalogue(scene::shared(entries)));
    let mut harness = stand(model);
    press(&mut harness, &row);
    assert!(says(
        &harness,
        "In directory.example, published by you: version 1, not 2 as shown here; another name, times"
    ));
}
