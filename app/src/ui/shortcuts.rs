//! What the keyboard does, and the files that are dropped on the window.
use egui::{Context, Event, Key, Modifiers};

use crate::model::{Command, Model, Room};
use crate::ui::dialogs::form::Form;
use crate::ui::home;
use crate::ui::view::{Front, Screen, StageLayout, StageView, View};

/// The shortcuts, for the sheet that `?` shows: keys and what they do.
pub const SHEET: [(&str, &str); 17] = [
    ("Tab, Shift+Tab", "Next or previous control"),
    ("Enter", "Press the control"),
    ("Esc", "Close what is in front"),
    ("Ctrl+K, then Enter", "Search conferences, open the first"),
    ("Ctrl+N", "New conference"),
    ("Ctrl+O", "Open a file"),
    ("Ctrl+,", "Settings"),
    ("M", "In a conference: mute or unmute me"),
    (
        "Space",
        "In a conference, while muted: talk as long as it is held",
    ),
    ("V", "In a conference: camera on or off"),
    (
        "G",
        "In a conference: the speaker large, or everybody alike",
    ),
    (
        "Z",
        "In a conference: small pictures fitted, or in full size",
    ),
    ("A", "In a conference: look around, at one after the other"),
    ("1, 2, 3", "In a picture’s own window: 50, 100 or 200 %"),
    ("F", "In a conference: full screen, and back"),
    ("Ctrl+L", "Leave the conference"),
    ("?", "This list"),
];

/// Takes the keys that belong to the whole window, before any control sees them.
pub fn handle(ctx: &Context, model: &Model, view: &mut View, commands: &mut Vec<Command>) {
    open_dropped(ctx, commands);
    release_to_mute(ctx, model, view, commands);
    if view.front.is_some() || view.screen(model) == Screen::Welcome {
        return;
    }
    anywhere(ctx, model, view);
    match &model.room {
        Some(room) => in_room(ctx, room, view, commands),
        None => at_home(ctx, model, view),
    }
}

fn open_dropped(ctx: &Context, commands: &mut Vec<Command>) {
    let paths = ctx.input(|input| {
        let files = input.raw.dropped_files.iter();
        files
            .map(|file| file.path().to_path_buf())
            .collect::<Vec<_>>()
    });
    commands.extend(paths.into_iter().map(Command::OpenFile));
}

fn anywhere(ctx: &Context, model: &Model, view: &mut View) {
    if pressed(ctx, Modifiers::COMMAND, Key::Comma) {
        view.front = Some(Front::settings(&model.settings));
    }
    if !is_typing(ctx) && typed(ctx, "?") {
        view.front = Some(Front::Shortcuts);
    }
}

fn at_home(ctx: &Context, model: &Model, view: &mut View) {
    if pressed(ctx, Modifiers::COMMAND, Key::K) {
        ctx.memory_mut(|memory| memory.request_focus(home::search_id()));
    }
    if pressed(ctx, Modifiers::COMMAND, Key::N) {
        view.front = Some(Front::Form(Form::create(&model.clock)));
    }
    if pressed(ctx, Modifiers::COMMAND, Key::O) {
        view.front = Some(Front::OpenFile {
            path: String::new(),
        });
    }
    if view.home.selected.is_some() && !is_typing(ctx) && pressed(ctx, Modifiers::NONE, Key::Escape)
    {
        view.home.selected = None;
    }
}

fn in_room(ctx: &Context, room: &Room, view: &mut View, commands: &mut Vec<Command>) {
    if pressed(ctx, Modifiers::COMMAND, Key::L) {
        commands.push(Command::Leave);
    }
    if is_typing(ctx) {
        return;
    }
    if room.has_video {
        with_pictures(ctx, room, &mut view.room.stage, commands);
    }
    if !room.me.may_send {
        return;
    }
    let is_toggling = pressed(ctx, Modifiers::NONE, Key::M);
    if is_toggling && !view.room.is_pushing_to_talk {
        commands.push(Command::MuteMicrophone(!room.me.is_muted));
    }
    // Space belongs to talking while muted; controls are pressed with Enter then.
    if room.me.is_muted
        && !view.room.is_pushing_to_talk
        && pressed(ctx, Modifiers::NONE, Key::Space)
    {
        view.room.is_pushing_to_talk = true;
        commands.push(Command::MuteMicrophone(false));
    }
    if view.room.is_pushing_to_talk {
        ctx.input_mut(|input| input.events.retain(|event| !is_space(event)));
    }
}

fn with_pictures(ctx: &Context, room: &Room, stage: &mut StageView, commands: &mut Vec<Command>) {
    if pressed(ctx, Modifiers::NONE, Key::G) {
        stage.layout = match stage.layout {
            StageLayout::Speaker => StageLayout::Grid,
            StageLayout::Grid => StageLayout::Speaker,
        };
    }
    if stage.layout == StageLayout::Speaker {
        with_speaker(ctx, stage);
    }
    if pressed(ctx, Modifiers::NONE, Key::F) {
        stage.is_full_screen = !stage.is_full_screen;
    }
    if stage.is_full_screen && pressed(ctx, Modifiers::NONE, Key::Escape) {
        stage.is_full_screen = false;
    }
    if let Some(camera) = &room.me.camera
        && pressed(ctx, Modifiers::NONE, Key::V)
    {
        commands.push(Command::SwitchCamera(!camera.is_on));
    }
}

fn with_speaker(ctx: &Context, stage: &mut StageView) {
    if pressed(ctx, Modifiers::NONE, Key::Z) {
        stage.is_small_full_size = !stage.is_small_full_size;
    }
    if pressed(ctx, Modifiers::NONE, Key::A) {
        let is_touring = stage.seats.is_looking_around();
        stage.seats.look_around(!is_touring);
    }
}

/// Mutes again when Space is let go, or when the window no longer sees the keyboard.
fn release_to_mute(ctx: &Context, model: &Model, view: &mut View, commands: &mut Vec<Command>) {
    if !view.room.is_pushing_to_talk {
        return;
    }
    let is_released = ctx.input(|input| !input.key_down(Key::Space) || !input.focused);
    if is_released || model.room.is_none() || view.front.is_some() {
        view.room.is_pushing_to_talk = false;
        commands.push(Command::MuteMicrophone(true));
    }
}

fn is_space(event: &Event) -> bool {
    match event {
        Event::Key { key, pressed, .. } => *key == Key::Space && *pressed,
        Event::Text(text) => text == " ",
        _ => false,
    }
}

fn pressed(ctx: &Context, modifiers: Modifiers, key: Key) -> bool {
    ctx.input_mut(|input| input.consume_key(modifiers, key))
}

fn typed(ctx: &Context, wanted: &str) -> bool {
    ctx.input(|input| {
        input
            .events
            .iter()
            .any(|event| matches!(event, Event::Text(text) if text == wanted))
    })
}

/// Whether the keyboard is in a text field.
fn is_typing(ctx: &Context) -> bool {
    ctx.text_edit_focused()
}
