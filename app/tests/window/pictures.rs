//! Each screen and state as a picture, in `app/tests/snapshots`; `UPDATE_SNAPSHOTS=1` takes them anew.
use conf_core::Size;
use egui_kittest::{Harness, SnapshotOptions, SnapshotResults};
use rendezvous::model::{
    Done, EntryId, Event, Failure, Lock, Model, PersonId, Presence, Problem, Settings, Stage,
    ThemeChoice, Whose,
};
use rendezvous::ui::View;
use rendezvous::ui::dialogs::form::Form;
use rendezvous::ui::room::OwnWindow;
use rendezvous::ui::view::{Filter, Front, StageLayout};

use crate::faces::{self, Faces};
use crate::{Stand, press, scene, stage, stand, stand_of};

/// The pictures of one test, judged together at its end.
struct Album(SnapshotResults);

impl Album {
    fn new() -> Self {
        Self(SnapshotResults::new())
    }

    fn take(&mut self, harness: &mut Harness<'_, Stand>, name: &str) {
        // Software and hardware renderers round differently at edges.
        let options = SnapshotOptions::new().threshold(1.0).max_failed_pixels(40);
        harness.snapshot_options(name, &options);
        self.0.extend_harness(harness);
    }
}

fn themed(mut model: Model, theme: ThemeChoice) -> Model {
    model.settings.theme = theme;
    model
}

fn dark(model: Model) -> Model {
    themed(model, ThemeChoice::Dark)
}

fn light(model: Model) -> Model {
    themed(model, ThemeChoice::Light)
}

fn selecting(id: &str) -> View {
    let mut view = View::default();
    view.home.selected = Some(EntryId(id.to_owned()));
    view
}

fn in_front(front: Front) -> View {
    View {
        front: Some(front),
        ..View::default()
    }
}

const SIZE: [f32; 2] = [1280.0, 800.0];

#[test]
fn welcome() {
    let mut album = Album::new();
    let model = Model::new(scene::clock(), Settings::default());
    album.take(&mut stand(dark(model.clone())), "welcome_dark");
    album.take(&mut stand(light(model)), "welcome_light");
}

#[test]
fn home_now() {
    let mut album = Album::new();
    album.take(&mut stand(dark(scene::home())), "home_dark");
    album.take(&mut stand(light(scene::home())), "home_light");
}

#[test]
fn home_with_details() {
    let mut album = Album::new();
    let view = selecting("shift-handover");
    album.take(
        &mut stand_of(dark(scene::home()), view.clone(), SIZE),
        "home_details_dark",
    );
    album.take(
        &mut stand_of(light(scene::home()), view, SIZE),
        "home_details_light",
    );
}

#[test]
fn home_with_directories() {
    let mut album = Album::new();
    let mut view = selecting("shift-handover");
    view.home.filter = Filter::All;
    let model = dark(scene::with_directories());
    album.take(&mut stand_of(model, view, SIZE), "home_directories");
}

#[test]
fn home_with_the_source_of_ones_own() {
    let mut album = Album::new();
    let mut view = selecting("own");
    view.home.filter = Filter::Mine;
    view.home.is_sdp_open = true;
    album.take(&mut stand_of(dark(scene::home()), view, SIZE), "home_own");
}

#[test]
fn home_with_an_encrypted_one() {
    let mut album = Album::new();
    album.take(
        &mut stand_of(dark(scene::home()), selecting("board-meeting"), SIZE),
        "home_encrypted",
    );
}

#[test]
fn home_upcoming_with_many() {
    let mut album = Album::new();
    let mut model = scene::home();
    let now = model.clock.wall;
    let mut entries = scene::catalogue(now);
    for index in 0..1000 {
        let mut entry = scene::heard(&format!("Lecture {index}"), entries[4].when, now);
        entry.id = EntryId(format!("lecture {index}"));
        entries.push(entry);
    }
    model.apply(Event::Catalogue(scene::shared(entries)));
    let mut view = View::default();
    view.home.filter = Filter::Upcoming;
    album.take(&mut stand_of(dark(model), view, SIZE), "home_many");
}

#[test]
fn home_empty() {
    let mut album = Album::new();
    album.take(&mut stand(dark(scene::empty())), "home_empty_dark");
    album.take(&mut stand(light(scene::empty())), "home_empty_light");
}

#[test]
fn home_loading() {
    let mut album = Album::new();
    let model = Model::new(scene::clock(), scene::settings());
    album.take(&mut stand(dark(model)), "home_loading");
}

#[test]
fn home_offline() {
    let mut album = Album::new();
    let mut model = scene::empty();
    model.network.interface = None;
    model.network.choices.clear();
    model.network.problem = Some(Problem::NoNetwork);
    album.take(&mut stand(dark(model)), "home_offline");
}

#[test]
fn home_search_without_a_match() {
    let mut album = Album::new();
    let mut view = View::default();
    view.home.search = "training".to_owned();
    album.take(
        &mut stand_of(dark(scene::home()), view, SIZE),
        "home_search",
    );
}

#[test]
fn home_refused() {
    let mut album = Album::new();
    let mut model = scene::home();
    model.apply(Event::Failed(Failure::Join {
        name: "Board meeting".to_owned(),
        problem: Problem::Encrypted(Lock::Crypto),
    }));
    album.take(&mut stand(dark(model)), "home_refused");
}

#[test]
fn home_announced() {
    let mut album = Album::new();
    let mut model = scene::home();
    model.apply(Event::Done(Done::Published(EntryId("own".to_owned()))));
    album.take(&mut stand(light(model)), "home_announced");
}

#[test]
fn home_narrow_and_at_double_size() {
    let mut album = Album::new();
    let view = selecting("shift-handover");
    album.take(
        &mut stand_of(dark(scene::home()), View::default(), [480.0, 640.0]),
        "home_narrow",
    );
    album.take(
        &mut stand_of(dark(scene::home()), view, [480.0, 640.0]),
        "home_narrow_details",
    );
    let mut model = scene::home();
    model.settings.text_scale_percent = 200;
    album.take(
        &mut stand_of(light(model), View::default(), SIZE),
        "home_double",
    );
}

#[test]
fn form_new() {
    let mut album = Album::new();
    let form = Front::Form(Form::create(&scene::clock()));
    album.take(
        &mut stand_of(dark(scene::home()), in_front(form.clone()), SIZE),
        "form_dark",
    );
    album.take(
        &mut stand_of(light(scene::home()), in_front(form), SIZE),
        "form_light",
    );
}

#[test]
fn form_with_too_little_bandwidth() {
    let mut album = Album::new();
    let mut form = Form::create(&scene::clock());
    let plan = form.plan(&scene::clock()).unwrap();
    form.clashes = vec![crate::planning::clash(&plan)];
    form.asked = Some(plan);
    let view = in_front(Front::Form(form));
    album.take(&mut stand_of(dark(scene::home()), view, SIZE), "form_clash");
}

#[test]
fn home_people() {
    let mut album = Album::new();
    let mut view = View::default();
    view.home.filter = Filter::People;
    let model = dark(scene::with_directories());
    album.take(&mut stand_of(model, view, SIZE), "home_people");
}

#[test]
fn form_with_faults() {
    let mut album = Album::new();
    let mut form = Form::create(&scene::clock());
    form.is_tried = true;
    form.is_starting_now = false;
    form.start.date = "tomorrow".to_owned();
    form.length = rendezvous::ui::dialogs::form::Length::Until;
    form.end.date = "2026-03-11".to_owned();
    let view = in_front(Front::Form(form));
    album.take(
        &mut stand_of(dark(scene::home()), view, SIZE),
        "form_faults",
    );
}

#[test]
fn dialogs() {
    let mut album = Album::new();
    let own = EntryId("own".to_owned());
    let model = || dark(scene::home());
    album.take(
        &mut stand_of(model(), in_front(Front::Withdraw(own)), SIZE),
        "dialog_withdraw",
    );
    album.take(
        &mut stand_of(model(), in_front(Front::Closing), SIZE),
        "dialog_closing",
    );
    let path = String::new();
    album.take(
        &mut stand_of(model(), in_front(Front::OpenFile { path }), SIZE),
        "dialog_file",
    );
    let settings = Front::settings(&scene::settings());
    album.take(
        &mut stand_of(model(), in_front(settings.clone()), SIZE),
        "settings_dark",
    );
    album.take(
        &mut stand_of(light(scene::home()), in_front(settings), SIZE),
        "settings_light",
    );
    album.take(
        &mut stand_of(model(), in_front(Front::Shortcuts), SIZE),
        "shortcuts",
    );
}

#[test]
fn room_with_a_few() {
    let mut album = Album::new();
    album.take(&mut stand(dark(scene::in_room(5))), "room_dark");
    album.take(&mut stand(light(scene::in_room(5))), "room_light");
}

#[test]
fn room_alone() {
    let mut album = Album::new();
    let mut model = scene::in_room(0);
    model.room.as_mut().unwrap().problems = vec![Problem::NobodyHeardYet];
    album.take(&mut stand(dark(model)), "room_alone");
}

#[test]
fn room_with_a_thousand() {
    let mut album = Album::new();
    album.take(&mut stand(dark(scene::in_room(1000))), "room_thousand");
}

#[test]
fn room_with_failing_devices() {
    let mut album = Album::new();
    let mut model = scene::in_room(3);
    let reason = "Device or resource busy".to_owned();
    let room = model.room.as_mut().unwrap();
    room.problems = vec![
        Problem::NoMicrophone {
            reason: reason.clone(),
        },
        Problem::NoSpeaker { reason },
        Problem::NetworkDropsMulticast,
    ];
    room.people[1].presence = Presence::Lost;
    album.take(&mut stand(dark(model)), "room_failing");
}

#[test]
fn room_talking_while_muted() {
    let mut album = Album::new();
    let mut model = scene::in_room(2);
    let room = model.room.as_mut().unwrap();
    room.me.is_muted = true;
    room.me.is_talking = true;
    room.me.level_dbfs = -14.0;
    room.problems = vec![Problem::TalkingWhileMuted];
    album.take(&mut stand(light(model)), "room_muted");
}

#[test]
fn room_joining() {
    let mut album = Album::new();
    let mut model = scene::in_room(0);
    model.room.as_mut().unwrap().stage = Stage::Joining;
    album.take(&mut stand(dark(model)), "room_joining");
}

#[test]
fn room_with_a_persons_menu() {
    let mut album = Album::new();
    let mut harness = stand(dark(scene::in_room(5)));
    press(&mut harness, "Volume and details of Bo Nilsson");
    album.take(&mut harness, "room_person");
}

#[test]
fn room_with_pictures() {
    let mut album = Album::new();
    for (theme, name) in [
        (ThemeChoice::Dark, "stage_speaker_dark"),
        (ThemeChoice::Light, "stage_speaker_light"),
    ] {
        let model = themed(scene::in_video_room(5), theme);
        album.take(
            &mut stage::with(model, Faces::of(5), View::default(), SIZE),
            name,
        );
    }
    let names = [
        (1, "stage_two"),
        (8, "stage_grid"),
        (24, "stage_twenty_five"),
    ];
    for (others, name) in names {
        let mut view = View::default();
        view.room.stage.layout = if others == 1 {
            StageLayout::Speaker
        } else {
            StageLayout::Grid
        };
        let model = dark(scene::in_video_room(others));
        album.take(&mut stage::with(model, Faces::of(others), view, SIZE), name);
    }
}

#[test]
fn room_with_pictures_of_a_hundred() {
    let mut album = Album::new();
    let model = || dark(scene::in_video_room(100));
    album.take(
        &mut stage::with(model(), Faces::of(100), View::default(), SIZE),
        "stage_hundred",
    );
    let mut view = View::default();
    view.room.stage.layout = StageLayout::Grid;
    view.room.stage.list = Some(false);
    album.take(
        &mut stage::with(model(), Faces::of(100), view, SIZE),
        "stage_pages",
    );
}

#[test]
fn room_of_a_dozen_and_what_can_be_shared() {
    let mut album = Album::new();
    album.take(&mut stage::seen(11, View::default(), SIZE), "stage_dozen");
    let mut model = dark(scene::in_video_room(3));
    model.shareables = scene::shareables();
    album.take(
        &mut stage::with(model, Faces::of(3), in_front(Front::Share), SIZE),
        "dialog_share",
    );
    let Front::Settings(mut profile) = Front::settings(&scene::settings()) else {
        unreachable!("these are the settings");
    };
    profile.is_seeing_myself = true;
    let front = in_front(Front::Settings(profile));
    let model = dark(scene::in_video_room(3));
    album.take(
        &mut stage::with(model, Faces::of(3), front, SIZE),
        "settings_mirror",
    );
}

#[test]
fn room_with_a_shared_screen() {
    let mut album = Album::new();
    let mut model = dark(scene::in_video_room(4));
    model.room.as_mut().unwrap().people[1].has_screen = true;
    let screen = Whose::Screen(PersonId(1));
    let faces = Faces::of(4).with(screen, faces::sheet(Size::new(960, 600)));
    album.take(
        &mut stage::with(model, faces, View::default(), SIZE),
        "stage_screen",
    );
}

#[test]
fn room_with_pictures_in_every_size() {
    let mut album = Album::new();
    let mut view = View::default();
    view.room.stage.is_full_screen = true;
    let mut harness = stage::seen(5, view, SIZE);
    album.take(&mut harness, "stage_full");
    harness.hover_at(egui::pos2(600.0, 300.0));
    harness.run_steps(3);
    album.take(&mut harness, "stage_full_controls");
    album.take(
        &mut stage::seen(5, View::default(), [480.0, 640.0]),
        "stage_narrow",
    );
    let mut model = dark(scene::in_video_room(3));
    model.settings.text_scale_percent = 200;
    album.take(
        &mut stage::with(model, Faces::of(3), View::default(), SIZE),
        "stage_double",
    );
}

#[test]
fn room_with_small_pictures_in_full_size() {
    let mut album = Album::new();
    for (others, size, name) in [
        (5, [1920.0, 1080.0], "stage_full_size"),
        (11, SIZE, "stage_full_size_dozen"),
    ] {
        let mut view = View::default();
        view.room.stage.is_small_full_size = true;
        album.take(&mut stage::seen(others, view, size), name);
    }
    let mut view = View::default();
    let windows = &mut view.room.stage.windows;
    windows.insert(Whose::Theirs(PersonId(1)), OwnWindow::default());
    let mut harness = stage::seen(4, view, SIZE);
    press(&mut harness, "Volume and details of Chen Wei");
    album.take(&mut harness, "stage_own_window");
}

#[test]
fn room_with_a_menu_of_pictures() {
    let mut album = Album::new();
    let mut harness = stage::seen(4, View::default(), SIZE);
    press(&mut harness, "Volume and details of Bo Nilsson");
    album.take(&mut harness, "stage_person");
    let mut harness = stage::seen(4, View::default(), [900.0, 360.0]);
    press(&mut harness, "Volume and details of Bo Nilsson");
    album.take(&mut harness, "stage_person_low");
    let mut harness = stage::seen(4, View::default(), SIZE);
    press(&mut harness, "Choose a camera");
    album.take(&mut harness, "stage_camera");
}

#[test]
fn room_narrow() {
    let mut album = Album::new();
    album.take(
        &mut stand_of(dark(scene::in_room(5)), View::default(), [480.0, 640.0]),
        "room_narrow",
    );
}
