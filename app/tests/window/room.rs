//! In a conference: mute, volume, devices, problems, leave.
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use rendezvous::model::{Command, PersonId, PersonVolume, Problem};

use crate::{press, scene, stand};

fn volume(person: u64, gain_db: f32, is_muted: bool) -> Command {
    Command::SetVolume(PersonVolume {
        person: PersonId(person),
        gain_db,
        is_muted,
    })
}

#[test]
fn header_tells_how_long_and_how_many() {
    let harness = stand(scene::in_room(5));
    assert!(harness.query_by_label("00:12:41").is_some());
    // One of the six has not been heard for a while.
    assert!(harness.query_by_label("5 people").is_some());
}

#[test]
fn i_mute_myself_and_leave() {
    let mut harness = stand(scene::in_room(2));
    press(&mut harness, "Mute me");
    harness.state_mut().model.room.as_mut().unwrap().me.is_muted = true;
    harness.run();
    press(&mut harness, "Unmute me");
    press(&mut harness, "Leave the conference");
    let wanted = [
        Command::MuteMicrophone(true),
        Command::MuteMicrophone(false),
        Command::Leave,
    ];
    assert_eq!(harness.state_mut().take(), wanted);
}

#[test]
fn anyone_is_muted_and_heard_again() {
    let mut harness = stand(scene::in_room(5));
    press(&mut harness, "Mute Bo Nilsson for me");
    press(&mut harness, "Hear Dia Fofana again");
    assert_eq!(
        harness.state_mut().take(),
        [volume(0, 0.0, true), volume(2, 0.0, false)]
    );
}

#[test]
fn anyone_is_turned_down_with_the_keyboard_and_with_a_screen_reader() {
    let mut harness = stand(scene::in_room(5));
    press(&mut harness, "Volume and details of Chen Wei");
    assert!(harness.query_by_label("Loss").is_some());
    harness.get_by_label("Volume of Chen Wei").focus();
    harness.run();
    harness.key_press(egui::Key::ArrowLeft);
    harness.run();
    harness
        .get_by_label("Volume of Chen Wei")
        .increment_accesskit();
    harness.run();
    assert_eq!(
        harness.state_mut().take(),
        [volume(1, -13.0, false), volume(1, -9.0, false)]
    );
    press(&mut harness, "Reset the volume");
    assert_eq!(harness.state_mut().take(), [volume(1, 0.0, false)]);
}

#[test]
fn slider_stops_at_its_ends() {
    let mut model = scene::in_room(1);
    model.room.as_mut().unwrap().people[0].gain_db = 12.0;
    let mut harness = stand(model);
    press(&mut harness, "Volume and details of Bo Nilsson");
    harness
        .get_by_label("Volume of Bo Nilsson")
        .increment_accesskit();
    harness.run();
    assert_eq!(harness.state_mut().take(), []);
}

#[test]
fn microphone_and_speaker_are_chosen() {
    let mut harness = stand(scene::in_room(1));
    press(&mut harness, "Choose a microphone");
    press(&mut harness, "Built-in microphone");
    press(&mut harness, "Choose a speaker");
    press(&mut harness, "Built-in speakers");
    let pci = || Some("device:pci".to_owned());
    let mut commands = harness.state_mut().take();
    commands.retain(|command| *command != Command::ListDevices);
    assert_eq!(
        commands,
        [Command::SetMicrophone(pci()), Command::SetSpeaker(pci())]
    );
}

#[test]
fn problem_comes_with_its_remedy() {
    let mut model = scene::in_room(1);
    let room = model.room.as_mut().unwrap();
    room.me.is_muted = true;
    room.problems = vec![Problem::TalkingWhileMuted];
    let mut harness = stand(model);
    assert!(
        harness
            .query_by_label("You are muted, so nobody hears you")
            .is_some()
    );
    assert!(harness.query_by_label_contains("hold Space").is_some());
    harness
        .get_by_label("Unmute me, since you are talking")
        .click();
    harness.run();
    assert_eq!(harness.state_mut().take(), [Command::MuteMicrophone(false)]);
}

#[test]
fn only_those_in_view_are_laid_out() {
    let harness = stand(scene::in_room(1000));
    let buttons = harness
        .query_all_by_label_contains("Volume and details of")
        .count();
    assert!((10..30).contains(&buttons), "{buttons}");
}

#[test]
fn people_are_found_by_name() {
    let mut harness = stand(scene::in_room(1000));
    harness.get_by_label("Search people").focus();
    harness.run();
    harness
        .get_by_label("Search people")
        .type_text("station 77");
    harness.run();
    assert!(harness.query_by_label("Mute Station 777 for me").is_some());
    assert!(harness.query_by_label("Mute Bo Nilsson for me").is_none());
}

#[test]
fn talkers_come_first_in_a_crowd_only() {
    let top = |others| {
        let harness = stand(scene::in_room(others));
        let bottom = |name: &str| harness.get_by_label(name).rect().top();
        bottom("Mute Goran Ilić for me") < bottom("Mute Chen Wei for me")
    };
    assert!(!top(8));
    assert!(top(40));
}

#[test]
fn listener_is_not_offered_to_speak() {
    let mut model = scene::in_room(1);
    model.room.as_mut().unwrap().me.may_send = false;
    let harness = stand(model);
    assert!(harness.query_by_label("Listening only").is_some());
    assert!(
        harness
            .get_by_label("Mute me")
            .accesskit_node()
            .is_disabled()
    );
}

#[test]
fn controls_do_not_claim_that_a_missing_microphone_is_heard() {
    let mut model = scene::in_room(1);
    let reason = "busy".to_owned();
    assert!(
        stand(model.clone())
            .query_by_label("Microphone on")
            .is_some()
    );
    model.room.as_mut().unwrap().problems = vec![Problem::NoMicrophone { reason }];
    let harness = stand(model);
    assert!(harness.query_by_label("Not heard").is_some());
    assert!(harness.query_by_label("Microphone on").is_none());
}
