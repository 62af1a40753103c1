//! The list: tabs, search, details, join, and what is refused.
use egui_kittest::kittest::Queryable as _;
use rendezvous::model::{Command, EntryId, Event, Failure, Problem, Settings};
use rendezvous::ui::Screen;

use crate::{fill, press, scene, stand};

fn id(text: &str) -> EntryId {
    EntryId(text.to_owned())
}

#[test]
fn first_start_asks_only_for_a_name() {
    let model = rendezvous::model::Model::new(scene::clock(), Settings::default());
    let mut harness = stand(model);
    fill(&mut harness, "Your name", "  Ana  ");
    press(&mut harness, "Continue");
    let settings = Settings {
        name: "Ana".to_owned(),
        ..Settings::default()
    };
    assert_eq!(
        harness.state_mut().take(),
        [Command::SaveSettings(settings.clone())]
    );
    harness.state_mut().happen(Event::Settings(settings));
    let stand = harness.state();
    assert_eq!(stand.view.screen(&stand.model), Screen::Home);
}

#[test]
fn tabs_divide_what_is_on_from_what_is_to_come() {
    let mut harness = stand(scene::home());
    assert!(
        harness
            .query_by_label_contains("Shift handover, until")
            .is_some()
    );
    assert!(harness.query_by_label_contains("Weekly safety").is_none());
    press(&mut harness, "Upcoming 2");
    assert!(
        harness
            .query_by_label_contains("Weekly safety, in 5 min, Site")
            .is_some()
    );
    assert!(harness.query_by_label_contains("Shift handover").is_none());
    press(&mut harness, "Mine 2");
    assert!(
        harness
            .query_by_label_contains("Ana’s stand-up, until 09:10")
            .is_some()
    );
    assert!(
        harness
            .query_by_label_contains("Harbour radio, on all the time")
            .is_some()
    );
}

#[test]
fn search_narrows_the_list_as_one_types_and_points_elsewhere() {
    let mut harness = stand(scene::home());
    fill(&mut harness, "Search conferences", "crane");
    assert!(
        harness
            .query_by_label_contains("Crane 4 – talkback, on")
            .is_some()
    );
    assert!(harness.query_by_label_contains("Shift handover").is_none());
    fill(&mut harness, "Search conferences", "training");
    harness.state_mut().view.home.search = "training".to_owned();
    harness.run();
    press(&mut harness, "Show them");
    assert!(
        harness
            .query_by_label_contains("Training, day 2, tomorrow")
            .is_some()
    );
}

#[test]
fn join_starts_with_the_microphone_open_or_muted() {
    let mut harness = stand(scene::home());
    press(&mut harness, "Join Shift handover");
    let conference = id("shift-handover");
    let join = |is_muted| Command::Join {
        conference: conference.clone(),
        is_muted,
    };
    assert_eq!(harness.state_mut().take(), [join(false)]);
    press(&mut harness, "Shift handover, until 09:00, Site");
    press(&mut harness, "Join muted");
    assert_eq!(harness.state_mut().take(), [join(true)]);
}

#[test]
fn encrypted_conference_cannot_be_joined_and_says_why() {
    let mut harness = stand(scene::home());
    assert!(harness.query_by_label("Join Board meeting").is_none());
    press(
        &mut harness,
        "Board meeting, until 09:30, Organisation, encrypted",
    );
    assert!(harness.query_by_label("Join this conference").is_none());
    assert!(harness.query_by_label_contains("is encrypted").is_some());
    assert!(
        harness
            .query_by_label_contains("never sends in clear")
            .is_some()
    );
}

#[test]
fn refused_join_says_why_and_can_be_closed() {
    let mut harness = stand(scene::home());
    let failure = Failure::Join {
        name: "Shift handover".to_owned(),
        problem: Problem::NoNetwork,
    };
    harness.state_mut().happen(Event::Failed(failure));
    harness.run();
    assert!(
        harness
            .query_by_label_contains("could not be joined. There is no network")
            .is_some()
    );
    press(&mut harness, "Close the message");
    assert!(
        harness
            .query_by_label_contains("could not be joined")
            .is_none()
    );
}

#[test]
fn details_tell_where_it_was_heard_and_show_the_source() {
    let mut harness = stand(scene::home());
    press(&mut harness, "Shift handover, until 09:00, Site");
    let heard = "On the network from 192.0.2.31 by eth0, 3 min ago";
    assert!(harness.query_by_label(heard).is_some());
    assert!(harness.query_by_label_contains("bo@site.example").is_some());
    assert!(harness.query_by_label_contains("v=0").is_none());
    let source = "Show the description’s source";
    harness.get_by_label(source).scroll_to_me();
    harness.run();
    press(&mut harness, source);
    assert!(harness.query_by_label_contains("v=0").is_some());
    press(&mut harness, "Close the details");
    assert!(harness.query_by_label(heard).is_none());
}

#[test]
fn network_is_asked_again_and_chosen() {
    let mut harness = stand(scene::home());
    press(&mut harness, "Ask the network for its conferences again");
    press(&mut harness, "Network interface");
    press(&mut harness, "wlan0, 198.51.100.23");
    let chosen = Command::SetInterface(Some("wlan0".to_owned()));
    assert_eq!(harness.state_mut().take(), [Command::Refresh, chosen]);
}

#[test]
fn looks_are_changed_in_the_settings() {
    let mut harness = stand(scene::home());
    press(&mut harness, "Settings");
    press(&mut harness, "Light");
    press(&mut harness, "150 %");
    press(&mut harness, "Show changes at once, without fading");
    let saved = harness.state_mut().take();
    let settings: Vec<&Settings> = saved
        .iter()
        .filter_map(|command| match command {
            Command::SaveSettings(settings) => Some(settings),
            Command::ListDevices => None,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(settings[0].theme, rendezvous::model::ThemeChoice::Light);
    assert_eq!(settings[1].text_scale_percent, 150);
    assert!(settings[2].is_motion_reduced);
}

#[test]
fn idle_is_still() {
    for model in [scene::home(), scene::empty(), scene::in_room(5)] {
        let harness = stand(model);
        let output = &harness.output().viewport_output[&egui::ViewportId::ROOT];
        assert!(
            output.repaint_delay >= std::time::Duration::from_millis(200),
            "{:?}",
            output.repaint_delay
        );
    }
}

#[test]
fn file_dropped_on_the_window_is_opened() {
    let mut harness = stand(scene::home());
    let path = std::path::PathBuf::from("/tmp/a.sdp");
    harness
        .input_mut()
        .dropped_files
        .push(std::sync::Arc::new(Dropped(path.clone())));
    harness.run();
    assert_eq!(harness.state_mut().take(), [Command::OpenFile(path)]);
}

#[derive(Debug)]
struct Dropped(std::path::PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &std::path::Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Ok(Vec::new())
    }
}
