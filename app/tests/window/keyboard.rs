//! Everything by keyboard alone: order, shortcuts, and talking while Space is held.
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use rendezvous::model::Command;
use rendezvous::ui::view::Front;

use crate::{Stand, field_named, press, scene, stand};

fn key(harness: &mut Harness<'_, Stand>, key: Key) {
    harness.key_press(key);
    harness.run();
}

fn command_key(harness: &mut Harness<'_, Stand>, key: Key) {
    harness.key_press_modifiers(Modifiers::COMMAND, key);
    harness.run();
}

/// The names of the controls that Tab visits, until one comes again.
fn tab_order(harness: &mut Harness<'_, Stand>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for _ in 0..80 {
        key(harness, Key::Tab);
        let focused = harness
            .root()
            .children_recursive()
            .find(|node| node.is_focused());
        let Some(name) = focused.and_then(|node| node.accesskit_node().label()) else {
            continue;
        };
        if names.contains(&name) {
            break;
        }
        names.push(name);
    }
    names
}

/// Those of `wanted` that Tab visits, as it visits them.
fn in_tab_order<'a>(harness: &mut Harness<'_, Stand>, wanted: &[&'a str]) -> Vec<&'a str> {
    let names = tab_order(harness);
    let mut places: Vec<(usize, &str)> = wanted
        .iter()
        .filter_map(|wanted| Some((names.iter().position(|name| name == wanted)?, *wanted)))
        .collect();
    places.sort_unstable();
    places.into_iter().map(|(_, name)| name).collect()
}

#[test]
fn tab_visits_the_list_as_it_is_read() {
    let mut harness = stand(scene::home());
    press(&mut harness, "Crane 4 – talkback, on all the time, Room");
    let wanted = [
        "Search conferences",
        "Settings",
        "Keyboard shortcuts",
        "Now 5",
        "Upcoming 2",
        "Mine 2",
        "Open file",
        "New conference",
        "Shift handover, until 09:00, Site",
        "Join Shift handover",
        "Join this conference",
        "Network interface",
        "Ask the network for its conferences again",
    ];
    assert_eq!(in_tab_order(&mut harness, &wanted), wanted);
}

#[test]
fn tab_visits_the_room_as_it_is_read() {
    let mut harness = stand(scene::in_room(2));
    let wanted = [
        "About this conference",
        "Settings",
        "Keyboard shortcuts",
        "Mute me",
        "Choose a microphone",
        "Choose a speaker",
        "Leave the conference",
        "Mute Bo Nilsson for me",
        "Volume and details of Bo Nilsson",
    ];
    assert_eq!(in_tab_order(&mut harness, &wanted), wanted);
}

#[test]
fn focus_goes_back_to_what_opened_the_dialog() {
    let mut harness = stand(scene::home());
    harness.get_by_label("Open file").focus();
    harness.run();
    key(&mut harness, Key::Enter);
    assert!(field_named(&harness, "File").is_focused());
    key(&mut harness, Key::Escape);
    assert!(harness.get_by_label("Open file").is_focused());
}

#[test]
fn enter_in_the_name_announces() {
    let mut harness = stand(scene::home());
    command_key(&mut harness, Key::N);
    key(&mut harness, Key::Enter);
    assert_eq!(harness.state_mut().take(), [], "it has no name yet");
    field_named(&harness, "Name").focus();
    harness.run();
    field_named(&harness, "Name").type_text("Fire drill");
    harness.run();
    key(&mut harness, Key::Enter);
    let commands = harness.state_mut().take();
    assert!(
        matches!(commands.as_slice(), [Command::Publish(_)]),
        "{commands:?}"
    );
}

#[test]
fn settings_and_device_menus_ask_which_devices_there_are() {
    let mut harness = stand(scene::in_room(2));
    for control in ["Settings", "Choose a microphone", "Choose a speaker"] {
        press(&mut harness, control);
        let commands = harness.state_mut().take();
        assert_eq!(commands, [Command::ListDevices], "{control}");
        key(&mut harness, Key::Escape);
    }
}

#[test]
fn conference_is_created_without_touching_the_mouse() {
    let mut harness = stand(scene::home());
    command_key(&mut harness, Key::N);
    field_named(&harness, "Name").type_text("Fire drill");
    harness.run();
    command_key(&mut harness, Key::Enter);
    let commands = harness.state_mut().take();
    assert!(
        matches!(commands.as_slice(), [Command::Publish(draft)] if draft.name == "Fire drill"),
        "{commands:?}"
    );
}

#[test]
fn enter_joins_and_escape_closes_the_details() {
    let mut harness = stand(scene::home());
    harness
        .get_by_label("Shift handover, until 09:00, Site")
        .focus();
    harness.run();
    key(&mut harness, Key::Enter);
    assert!(harness.state().view.home.selected.is_some());
    key(&mut harness, Key::Escape);
    assert_eq!(harness.state().view.home.selected, None);
    harness.get_by_label("Join Shift handover").focus();
    harness.run();
    key(&mut harness, Key::Enter);
    assert!(matches!(
        harness.state_mut().take().as_slice(),
        [Command::Join { .. }]
    ));
}

#[test]
fn shortcuts_open_search_file_settings_and_the_sheet() {
    let mut harness = stand(scene::home());
    command_key(&mut harness, Key::O);
    assert!(matches!(
        harness.state().view.front,
        Some(Front::OpenFile { .. })
    ));
    key(&mut harness, Key::Escape);
    assert_eq!(harness.state().view.front, None);
    command_key(&mut harness, Key::Comma);
    assert!(matches!(
        harness.state().view.front,
        Some(Front::Settings(_))
    ));
    key(&mut harness, Key::Escape);
    harness.event(egui::Event::Text("?".to_owned()));
    harness.run();
    assert_eq!(harness.state().view.front, Some(Front::Shortcuts));
    key(&mut harness, Key::Escape);
    command_key(&mut harness, Key::K);
    assert!(harness.get_by_label("Search conferences").is_focused());
}

#[test]
fn letters_belong_to_the_field_while_typing() {
    let mut harness = stand(scene::in_room(20));
    harness.get_by_label("Search people").focus();
    harness.run();
    key(&mut harness, Key::M);
    assert_eq!(harness.state_mut().take(), []);
}

#[test]
fn m_mutes_and_ctrl_l_leaves() {
    let mut harness = stand(scene::in_room(2));
    key(&mut harness, Key::M);
    command_key(&mut harness, Key::L);
    assert_eq!(
        harness.state_mut().take(),
        [Command::MuteMicrophone(true), Command::Leave]
    );
}

#[test]
fn space_talks_only_while_it_is_held() {
    let mut model = scene::in_room(2);
    model.room.as_mut().unwrap().me.is_muted = true;
    let mut harness = stand(model);
    // Even with the focus on a button, which Space would otherwise press.
    harness.get_by_label("Leave the conference").focus();
    harness.run();
    harness.key_down(Key::Space);
    harness.run();
    assert_eq!(harness.state_mut().take(), [Command::MuteMicrophone(false)]);
    harness.state_mut().model.room.as_mut().unwrap().me.is_muted = false;
    harness.run();
    assert!(harness.query_by_label("Push to talk").is_some());
    harness.key_up(Key::Space);
    harness.run();
    assert_eq!(harness.state_mut().take(), [Command::MuteMicrophone(true)]);
}

#[test]
fn focus_stays_in_the_dialog() {
    let mut harness = stand(scene::home());
    press(&mut harness, "Open file");
    let names = tab_order(&mut harness);
    assert!(
        names
            .iter()
            .all(|name| ["File", "Open", "Cancel"].contains(&name.as_str())),
        "{names:?}"
    );
}

#[test]
fn search_and_enter_twice_join_the_first_match() {
    let mut harness = stand(scene::home());
    command_key(&mut harness, Key::K);
    field_named(&harness, "Search conferences").type_text("shift");
    harness.run();
    key(&mut harness, Key::Enter);
    assert!(harness.get_by_label("Join this conference").is_focused());
    key(&mut harness, Key::Enter);
    let commands = harness.state_mut().take();
    assert!(
        matches!(commands.as_slice(), [Command::Join { conference, is_muted: false }] if conference.0 == "shift-handover"),
        "{commands:?}"
    );
}
