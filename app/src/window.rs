//! The desktop window: reads the clock, passes events in and commands out; everything else is in `ui` and `model`.
use std::time::Instant;

use egui::{Context, ViewportBuilder, ViewportCommand, vec2};
use raw_window_handle::{HasWindowHandle as _, RawWindowHandle};

use crate::model::{Clock, Command, Event, Model, Pictures, Settings};
use crate::ui::dialogs::closing;
use crate::ui::pictures::{Gallery, Pace};
use crate::ui::view::{Front, View};
use crate::ui::{self, theme};

/// What stands behind the window: the network, the devices, the disk.
///
/// Neither method may wait; what takes time happens on threads that wake the window when they have an event.
pub trait Services {
    /// The next thing that happened, if any; called until there is none, before each frame.
    fn poll_event(&mut self) -> Option<Event>;

    /// Carries out what the person asked for; the outcome comes back as an event.
    fn execute(&mut self, command: Command);

    /// The pictures of the conference being taken part in.
    fn pictures(&self) -> Option<Pictures> {
        None
    }
}

/// The window's state; also drives the interface in tests and in the demonstration.
pub struct Window<S> {
    /// What is shown.
    pub model: Model,
    /// What is being looked at and typed.
    pub view: View,
    /// What stands behind it.
    pub services: S,
    gallery: Gallery,
    commands: Vec<Command>,
    is_quitting: bool,
}

impl<S: Services> Window<S> {
    /// A window that shows nothing yet.
    pub fn new(ctx: &Context, settings: Settings, services: S, gallery: Gallery) -> Self {
        theme::install(ctx);
        Self {
            gallery,
            model: Model::new(clock(), settings),
            view: View::default(),
            services,
            commands: Vec::new(),
            is_quitting: false,
        }
    }

    /// Takes in what happened since the last frame.
    fn take_events(&mut self) {
        self.model.clock = clock();
        while let Some(event) = self.services.poll_event() {
            self.view.apply(&event);
            self.model.apply(event);
        }
    }

    /// Asks before closing stops something.
    fn guard_close(&mut self, ctx: &Context) {
        let is_asked = ctx.input(|input| input.viewport().close_requested());
        if is_asked && !self.is_quitting && closing::stops_something(&self.model) {
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            self.view.front = Some(Front::Closing);
        }
    }

    fn execute_commands(&mut self, ctx: &Context) {
        for command in self.commands.drain(..) {
            if command == Command::Quit {
                self.is_quitting = true;
                ctx.send_viewport_cmd(ViewportCommand::Close);
            } else {
                self.services.execute(command);
            }
        }
    }
}

impl<S: Services> eframe::App for Window<S> {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        self.take_events();
        self.guard_close(ctx);
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        self.gallery.begin(self.services.pictures());
        ui::show(
            ui,
            &self.model,
            &mut self.view,
            &mut self.gallery,
            &mut self.commands,
        );
        let shown = self.gallery.end(ui.ctx(), Instant::now());
        self.commands.extend(shown.map(Command::Show));
        self.execute_commands(ui.ctx());
    }

    fn on_exit(&mut self, gl: Option<&eframe::glow::Context>) {
        if let Some(gl) = gl {
            self.gallery.destroy(gl);
        }
        self.services.execute(Command::Quit);
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        ui::ground(visuals, &self.model, &self.view).to_normalized_gamma_f32()
    }
}

/// Opens the window and stays until it is closed; `services` is made once the window can be woken.
pub fn run<S: Services + 'static>(
    settings: Settings,
    pace: Pace,
    services: impl FnOnce(&Context) -> std::io::Result<S> + 'static,
) -> Result<(), eframe::Error> {
    let viewport = ViewportBuilder::default()
        .with_title("Rendezvous")
        .with_app_id("rendezvous")
        .with_inner_size(vec2(1180.0, 760.0))
        .with_min_inner_size(vec2(480.0, 420.0))
        .with_drag_and_drop(true)
        .with_icon(icon());
    let options = eframe::NativeOptions {
        viewport,
        ..Default::default()
    };
    let create = move |creation: &eframe::CreationContext<'_>| {
        let ctx = &creation.egui_ctx;
        let services = services(ctx)?;
        let gallery = Gallery::new(creation.gl.is_some(), pace, x11_window(creation));
        let window: Box<dyn eframe::App> = Box::new(Window::new(ctx, settings, services, gallery));
        Ok(window)
    };
    eframe::run_native("rendezvous", options, Box::new(create))
}

/// The number that X11 has for the window.
fn x11_window(creation: &eframe::CreationContext<'_>) -> Option<u32> {
    match creation.window_handle().ok()?.as_raw() {
        RawWindowHandle::Xlib(handle) => u32::try_from(handle.window).ok(),
        RawWindowHandle::Xcb(handle) => Some(handle.window.get()),
        _ => None,
    }
}

fn clock() -> Clock {
    Clock {
        wall: jiff::Timestamp::now(),
        steady: Instant::now(),
        zone: jiff::tz::TimeZone::system(),
    }
}

/// The icon in the task bar; an empty one only if the file in `assets` were broken, which a test excludes.
fn icon() -> egui::IconData {
    eframe::icon_data::from_png_bytes(include_bytes!("../../assets/icons/rendezvous.png"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use egui::{RawInput, ViewportEvent, ViewportId};

    use super::*;
    use crate::model::{EntryId, Me, Room, Stage};

    #[derive(Clone, Default)]
    struct Recorder(Rc<RefCell<Vec<Command>>>);

    impl Services for Recorder {
        fn poll_event(&mut self) -> Option<Event> {
            None
        }

        fn execute(&mut self, command: Command) {
            self.0.borrow_mut().push(command);
        }
    }

    fn room() -> Room {
        let name = "A".to_owned();
        Room {
            conference: EntryId(name.clone()),
            name: name.clone(),
            stage: Stage::Joined,
            since: Instant::now(),
            ends: None,
            has_video: false,
            me: Me {
                name,
                may_send: true,
                is_muted: true,
                level_dbfs: -60.0,
                is_talking: false,
                camera: None,
            },
            people: Vec::new(),
            problems: Vec::new(),
            details: Vec::new(),
        }
    }

    /// What the window tells the desktop when the person asks to close it.
    fn ask_to_close(ctx: &Context, window: &mut Window<Recorder>) -> Vec<ViewportCommand> {
        let mut input = RawInput::default();
        let root = input.viewports.entry(ViewportId::ROOT).or_default();
        root.events.push(ViewportEvent::Close);
        let mut output = ctx.run_ui(input, |ui| {
            window.guard_close(ui.ctx());
            window.execute_commands(ui.ctx());
        });
        output.textures_delta.clear();
        let root = output.viewport_output.remove(&ViewportId::ROOT);
        let is_about_closing = |command: &ViewportCommand| {
            matches!(
                command,
                ViewportCommand::Close | ViewportCommand::CancelClose
            )
        };
        let commands = root.into_iter().flat_map(|root| root.commands);
        commands.filter(is_about_closing).collect()
    }

    #[test]
    fn icon_can_be_read() {
        assert_eq!(icon().width, 256);
    }

    #[test]
    fn closing_asks_first_when_it_stops_something() {
        let ctx = Context::default();
        let services = Recorder::default();
        let mut window = Window::new(
            &ctx,
            Settings::default(),
            services.clone(),
            Gallery::default(),
        );
        window.model.room = Some(room());
        assert_eq!(
            ask_to_close(&ctx, &mut window),
            [ViewportCommand::CancelClose]
        );
        assert_eq!(window.view.front, Some(Front::Closing));
        window.commands.push(Command::Quit);
        assert!(ask_to_close(&ctx, &mut window).contains(&ViewportCommand::Close));
        assert_eq!(ask_to_close(&ctx, &mut window), [], "agreed already");
        assert_eq!(
            *services.0.borrow(),
            [],
            "the services hear of it when the window is gone"
        );
        eframe::App::on_exit(&mut window, None);
        assert_eq!(*services.0.borrow(), [Command::Quit]);
    }

    #[test]
    fn closing_just_closes_when_nothing_stops() {
        let ctx = Context::default();
        let mut window = Window::new(
            &ctx,
            Settings::default(),
            Recorder::default(),
            Gallery::default(),
        );
        assert_eq!(ask_to_close(&ctx, &mut window), []);
        assert_eq!(window.view.front, None);
    }
}
