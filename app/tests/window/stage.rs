//! Pictures of people: arrangements, what is done with a picture, and what the core is told of it.
use std::time::Duration;

use conf_core::Size;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use rendezvous::model::{Command, Model, OnScreen, PersonId, VideoQuality, Whose};
use rendezvous::ui::View;
use rendezvous::ui::room::OwnWindow;
use rendezvous::ui::view::StageLayout;

use crate::faces::Faces;
use crate::{Stand, press, says, scene, stand_of};

fn they(number: u64) -> Whose {
    Whose::Theirs(PersonId(number))
}

/// A conference with pictures of these many others.
pub(crate) fn seen(others: usize, view: View, size: [f32; 2]) -> Harness<'static, Stand> {
    with(scene::in_video_room(others), Faces::of(others), view, size)
}

pub(crate) fn with(
    model: Model,
    faces: Faces,
    view: View,
    size: [f32; 2],
) -> Harness<'static, Stand> {
    let mut harness = stand_of(model, view, size);
    harness.state_mut().pictures = Some(faces.pictures());
    harness.run();
    harness
}

fn usual(others: usize) -> Harness<'static, Stand> {
    seen(others, View::default(), [1280.0, 800.0])
}

/// What the core was last told to be on the screen.
fn told(harness: &mut Harness<'_, Stand>) -> Vec<OnScreen> {
    let commands = harness.state_mut().take();
    let mut shown = commands
        .into_iter()
        .rev()
        .filter_map(|command| match command {
            Command::Show(shown) => Some(shown),
            _ => None,
        });
    shown.next().unwrap_or_default()
}

fn large(harness: &Harness<'_, Stand>) -> Whose {
    harness.state().view.room.stage.seats.order()[0]
}

#[test]
fn core_is_told_who_is_on_the_screen_and_how_large() {
    let mut harness = usual(5);
    let shown = told(&mut harness);
    let size = |whose| {
        let mut all = shown
            .iter()
            .filter(|shown: &&OnScreen| shown.whose == whose);
        all.next().map(|shown| shown.size).unwrap_or_default()
    };
    assert!(size(they(0)).width > 700, "{shown:?}");
    assert!((80..250).contains(&size(they(1)).width), "{shown:?}");
    assert_eq!(
        shown
            .iter()
            .filter(|shown| shown.whose == Whose::Mine)
            .count(),
        0
    );
}

#[test]
fn nobody_is_received_who_has_no_place_on_the_screen() {
    let mut harness = usual(60);
    assert!(told(&mut harness).len() < 16);
    press(&mut harness, "Show everybody alike (G)");
    let shown = told(&mut harness);
    assert!((20..30).contains(&shown.len()), "{}", shown.len());
    press(&mut harness, "Page on");
    let next = told(&mut harness);
    assert!(
        next.iter()
            .all(|one| !shown.iter().any(|before| before.whose == one.whose))
    );
}

#[test]
fn those_without_a_place_are_one_press_away() {
    let mut harness = usual(60);
    harness.get_by_label_contains("show everybody").click();
    harness.run();
    let stage = &harness.state().view.room.stage;
    assert_eq!(stage.layout, StageLayout::Grid);
}

#[test]
fn controls_of_the_full_screen_come_with_the_pointer_and_move_nobody() {
    let mut harness = usual(5);
    harness.key_press(egui::Key::F);
    harness.run();
    let before = told(&mut harness);
    assert!(!before.is_empty() && !says(&harness, "Leave the full screen"));
    harness.hover_at(egui::pos2(600.0, 300.0));
    harness.run_steps(3);
    assert!(says(&harness, "Mute me"));
    let after = told(&mut harness);
    assert!(after.is_empty() || after == before, "{before:?} {after:?}");
    press(&mut harness, "Leave the full screen (F)");
    assert!(!harness.state().view.room.stage.is_full_screen);
}

#[test]
fn no_more_pictures_than_the_person_wants() {
    let mut model = scene::in_video_room(12);
    model.settings.max_videos = 4;
    let mut view = View::default();
    view.room.stage.layout = StageLayout::Grid;
    let mut harness = with(model, Faces::of(12), view, [1280.0, 800.0]);
    assert_eq!(told(&mut harness).len(), 4);
    // Whoever is hidden makes room for another.
    let stage = &mut harness.state_mut().view.room.stage;
    stage.hidden.insert(PersonId(0));
    harness.run();
    let shown = told(&mut harness);
    let is_hidden = shown.iter().all(|shown| shown.whose != they(0));
    assert!(shown.len() == 4 && is_hidden, "{shown:?}");
}

#[test]
fn double_click_brings_somebody_to_the_fore_and_back() {
    let mut harness = usual(4);
    assert_eq!(large(&harness), they(0));
    let tile = harness.get_by_label("Chen Wei").rect().center();
    harness.hover_at(tile);
    harness.step();
    // In one frame: a frame of the test bed takes as long as a double click may.
    let clicks = [true, false, true, false].map(|pressed| egui::Event::PointerButton {
        pos: tile,
        button: egui::PointerButton::Primary,
        pressed,
        modifiers: egui::Modifiers::NONE,
    });
    harness.input_mut().events.extend(clicks);
    harness.run();
    assert_eq!(large(&harness), they(1));
    assert_eq!(
        harness.state().view.room.stage.seats.pinned(),
        Some(they(1))
    );
}

#[test]
fn menu_of_a_person_does_all_with_their_picture() {
    let mut harness = usual(3);
    for (row, nth) in [
        ("Keep large", 1),
        ("Let it stand still", 1),
        ("Do not show it", 2),
    ] {
        press(&mut harness, "Volume and details of Chen Wei");
        press(&mut harness, row);
        assert!(nth > 0);
    }
    let stage = &harness.state().view.room.stage;
    assert_eq!(stage.seats.pinned(), Some(they(1)));
    assert!(stage.frozen.contains(&they(1)) && stage.hidden.contains(&PersonId(1)));
    press(&mut harness, "Volume and details of Bo Nilsson");
    press(&mut harness, "Save this picture");
    let commands = harness.state_mut().take();
    let is_saved = |command: &Command| matches!(command, Command::SavePicture(still) if still.name == "Bo Nilsson");
    assert!(commands.iter().any(is_saved), "{commands:?}");
}

/// How large somebody is on the screen, as the core was told.
fn size_of(harness: &mut Harness<'_, Stand>, whose: Whose) -> Option<Size> {
    let shown = told(harness);
    let mut of = shown.iter().filter(|shown| shown.whose == whose);
    of.next().map(|shown| shown.size)
}

#[test]
fn a_picture_in_its_own_window_takes_percent_of_its_size() {
    let mut harness = usual(3);
    let menu = "Volume and details of Chen Wei";
    press(&mut harness, menu);
    assert!(!says(&harness, "Size of its window"));
    press(&mut harness, "In a window of its own");
    // The faces have 640 by 360 pixels.
    for (percent, width, height) in [(100, 640, 360), (50, 320, 180), (200, 1152, 648)] {
        harness.state_mut().take();
        press(&mut harness, menu);
        press(&mut harness, &format!("{percent} %"));
        assert!(!says(&harness, "Size of its window"), "the menu closes");
        let size = size_of(&mut harness, they(1));
        assert_eq!(size, Some(Size::new(width, height)), "{percent} %");
        let window = harness.state().view.room.stage.windows[&they(1)];
        assert_eq!((window.percent, window.wanted), (Some(percent), None));
    }
    press(&mut harness, menu);
    press(&mut harness, "In a window of its own");
    assert!(harness.state().view.room.stage.windows.is_empty());
}

#[test]
fn its_own_window_has_the_sizes_in_a_menu() {
    let mut harness = usual(3);
    let stage = &mut harness.state_mut().view.room.stage;
    stage.windows.insert(they(1), OwnWindow::default());
    harness.run();
    harness
        .get_by_label_contains("Chen Wei in a window")
        .click_secondary();
    harness.run();
    press(&mut harness, "50 %");
    let window = harness.state().view.room.stage.windows[&they(1)];
    assert_eq!(window.percent, Some(50));
}

#[test]
fn small_pictures_are_shown_in_full_size_and_the_large_one_gives_way() {
    let mut harness = seen(5, View::default(), [1920.0, 1080.0]);
    let fitted = told(&mut harness);
    press(&mut harness, "Volume and details of Chen Wei");
    press(&mut harness, "Small pictures in full size");
    let full = told(&mut harness);
    let size = |shown: &[OnScreen], whose| {
        let mut of = shown.iter().filter(|shown| shown.whose == whose);
        of.next().map(|shown| shown.size).unwrap()
    };
    // The fifth shows no picture.
    for number in 1..4 {
        assert_eq!(size(&full, they(number)), Size::new(320, 180), "{full:?}");
    }
    let (before, now) = (size(&fitted, they(0)), size(&full, they(0)));
    assert!(
        now.width < before.width && now.width > 600,
        "{before:?} {now:?}"
    );
    harness.key_press(egui::Key::Z);
    harness.run();
    assert_eq!(told(&mut harness), fitted);
}

#[test]
fn full_size_is_that_of_pixels_on_a_fine_screen_too() {
    let mut view = View::default();
    view.room.stage.is_small_full_size = true;
    let mut harness = seen(5, view, [1280.0, 800.0]);
    harness.set_pixels_per_point(2.0);
    harness.run();
    assert_eq!(size_of(&mut harness, they(1)), Some(Size::new(320, 180)));
}

#[test]
fn looking_around_shows_one_after_the_other_until_it_ends() {
    let mut harness = usual(3);
    let after = |harness: &mut Harness<'_, Stand>, seconds| {
        harness.state_mut().model.clock.steady += Duration::from_secs(seconds);
        harness.run();
        large(harness)
    };
    press(&mut harness, "Volume and details of Chen Wei");
    press(&mut harness, "Look around");
    let turns: Vec<Whose> = (0..3).map(|_| after(&mut harness, 10)).collect();
    assert_eq!(turns, [they(1), they(2), they(0)]);
    assert_eq!(after(&mut harness, 9), they(0));
    harness.key_press(egui::Key::A);
    harness.run();
    assert!(!harness.state().view.room.stage.seats.is_looking_around());
    // Bo talks.
    assert_eq!(after(&mut harness, 60), they(0));
}

#[test]
fn keys_switch_camera_arrangement_and_full_screen() {
    let mut harness = usual(3);
    harness.state_mut().take();
    harness.key_press(egui::Key::V);
    harness.run();
    assert_eq!(harness.state_mut().take(), [Command::SwitchCamera(false)]);
    harness.key_press(egui::Key::G);
    harness.run();
    assert_eq!(harness.state().view.room.stage.layout, StageLayout::Grid);
    harness.key_press(egui::Key::F);
    harness.run();
    assert!(harness.state().view.is_full_screen);
    assert!(harness.query_by_label("People").is_none());
    harness.key_press(egui::Key::Escape);
    harness.run();
    assert!(!harness.state().view.is_full_screen);
}

#[test]
fn screen_and_film_are_shared_and_withdrawn() {
    let mut harness = usual(2);
    let open = "Share a screen, a window or a film";
    press(&mut harness, open);
    let commands = harness.state_mut().take();
    assert!(commands.contains(&Command::ListShareables));
    harness.state_mut().model.shareables = scene::shareables();
    // The dialog grows, and is then put in the middle.
    harness.run();
    harness.run();
    press(&mut harness, "The whole screen");
    let shared = Command::Share(Some("screen".to_owned()));
    assert!(harness.state_mut().take().contains(&shared));
    press(&mut harness, open);
    press(&mut harness, "Crane 4: plan of the yard");
    let shared = Command::Share(Some("window:0x1a00007".to_owned()));
    assert!(harness.state_mut().take().contains(&shared));
    press(&mut harness, open);
    press(&mut harness, "A film…");
    crate::fill(&mut harness, "File", "/tmp/a.y4m");
    press(&mut harness, "Share this film");
    let shared = Command::Share(Some("file:/tmp/a.y4m".to_owned()));
    assert!(harness.state_mut().take().contains(&shared));
    let room = harness.state_mut().model.room.as_mut().unwrap();
    room.me.camera.as_mut().unwrap().share = Some("screen".to_owned());
    harness.run();
    press(&mut harness, "Stop sharing");
    assert!(harness.state_mut().take().contains(&Command::Share(None)));
}

#[test]
fn one_sees_oneself_in_the_settings_only_when_asked_to_and_until_they_close() {
    let mut harness = usual(2);
    press(&mut harness, "Settings");
    press(&mut harness, "See myself");
    let commands = harness.state_mut().take();
    assert!(commands.contains(&Command::Preview(true)));
    press(&mut harness, "Stop the camera");
    let commands = harness.state_mut().take();
    assert!(commands.contains(&Command::Preview(false)));
    press(&mut harness, "See myself");
    harness.state_mut().take();
    press(&mut harness, "Done");
    let commands = harness.state_mut().take();
    assert!(commands.contains(&Command::Preview(false)));
}

#[test]
fn each_limit_of_what_is_sent_is_automatic_until_one_is_chosen() {
    let mut harness = usual(2);
    press(&mut harness, "Settings");
    let choices = [
        ("Largest size sent", "640 × 360"),
        ("Most data sent", "300 kbit/s"),
    ];
    for (list, choice) in choices {
        // Its label has the same name.
        harness
            .get_by_role_and_label(egui::Role::ComboBox, list)
            .click();
        harness.run();
        press(&mut harness, choice);
        let saved = harness.state_mut().take().into_iter();
        let mut saved = saved.filter_map(|command| match command {
            Command::SaveSettings(settings) => Some(settings),
            _ => None,
        });
        harness.state_mut().model.settings = saved.next().unwrap();
        harness.run();
    }
    let expected = VideoQuality {
        max_kbits: Some(300),
        max_frame_rate: None,
        max_height: Some(360),
    };
    assert_eq!(harness.state().model.settings.video_quality, expected);
}

#[test]
fn camera_is_chosen_and_oneself_hidden() {
    let mut harness = usual(2);
    press(&mut harness, "Choose a camera");
    press(&mut harness, "A test picture");
    let chosen = Command::SetCamera(Some("test".to_owned()));
    assert!(harness.state_mut().take().contains(&chosen));
    press(&mut harness, "Choose a camera");
    press(&mut harness, "Do not show me to myself");
    let saved = harness
        .state_mut()
        .take()
        .into_iter()
        .find_map(|command| match command {
            Command::SaveSettings(settings) => Some(settings),
            _ => None,
        });
    let settings = saved.unwrap();
    assert!(settings.is_self_hidden);
    harness.state_mut().model.settings = settings;
    harness.run();
    let order = harness.state().view.room.stage.seats.order();
    assert!(!order.contains(&Whose::Mine));
}
