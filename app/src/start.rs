//! Starts the window, for whatever it was opened for.
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use conf_core::InterfaceChoice;
use egui::ViewportId;

use crate::cli::{Failure, FailureKind, JoinArguments, Lasting, Reference};
use crate::model::Settings;
use crate::services::{AppServices, Errand, JoinErrand, Wakers};
use crate::ui::pictures::Pace;
use crate::{paths, settings_file, window};

/// What the window is opened for.
#[derive(Debug)]
pub enum Opening {
    /// To show a conference: a file, or a link.
    Show(String),
    /// To take part in one.
    Join(Box<JoinArguments>),
}

/// Opens the window and stays until it is closed.
///
/// # Errors
/// When there is no screen to open it on.
pub fn window(opening: Option<Opening>) -> Result<(), Failure> {
    let mut settings = paths::data_dir()
        .map(|dir| settings_file::load(&dir))
        .unwrap_or_default();
    let errand = errand(opening, &mut settings)?;
    let for_services = settings.clone();
    let pace = Pace::default();
    let run = window::run(settings, pace.clone(), move |ctx| {
        let waker = |note: fn(&Pace, Instant) -> Option<Duration>| {
            let (ctx, pace) = (ctx.clone(), pace.clone());
            move || {
                if let Some(wait) = note(&pace, Instant::now()) {
                    // Nothing but once at once: that would be taken for two frames.
                    let wait = wait.max(Duration::from_micros(1));
                    ctx.request_repaint_after_for(wait, ViewportId::ROOT);
                }
            }
        };
        let wakers = Wakers {
            for_events: Arc::new(waker(Pace::note_event)),
            for_pictures: Arc::new(waker(Pace::note_picture)),
        };
        AppServices::start(for_services, errand, wakers)
    });
    run.map_err(|error| {
        let hint = "Without a screen, use the commands: rendezvous --help";
        Failure::new(
            FailureKind::Other,
            format!("the window cannot be opened: {error}. {hint}"),
        )
    })
}

fn errand(opening: Option<Opening>, settings: &mut Settings) -> Result<Errand, Failure> {
    match opening {
        None => Ok(Errand::None),
        Some(Opening::Show(text)) => match Reference::parse(&text, Path::exists) {
            Reference::File(path) => Ok(Errand::OpenFile(path)),
            Reference::Known(wanted) => Ok(Errand::Join(Box::new(JoinErrand {
                wanted,
                ..JoinErrand::default()
            }))),
            Reference::StandardInput => Err(no_standard_input()),
        },
        Some(Opening::Join(arguments)) => join_errand(*arguments, settings),
    }
}

fn join_errand(arguments: JoinArguments, settings: &mut Settings) -> Result<Errand, Failure> {
    if let Some(name) = arguments.name {
        settings.name = name;
    }
    if arguments.network.interface != InterfaceChoice::Default {
        settings.interface = Some(arguments.network.interface.to_string());
    }
    let (file, wanted) = match Reference::parse(&arguments.conference, Path::exists) {
        Reference::File(path) => (Some(path), String::new()),
        Reference::Known(wanted) => (None, wanted),
        Reference::StandardInput => return Err(no_standard_input()),
    };
    Ok(Errand::Join(Box::new(JoinErrand {
        file,
        wanted,
        microphone: Some(arguments.microphone)
            .filter(|terminal| *terminal != conf_core::Terminal::Default),
        speakers: arguments.speaker,
        camera: arguments.camera,
        share: arguments.share,
        limits: arguments.limits.into(),
        loopback: arguments.loopback.into(),
        lasting: arguments.lasting.and_then(Lasting::length),
    })))
}

fn no_standard_input() -> Failure {
    Failure::new(
        FailureKind::Usage,
        "the window does not read standard input; add --headless",
    )
}

impl Lasting {
    fn length(self) -> Option<Duration> {
        match self {
            Self::For(length) => Some(length),
            Self::Permanently => None,
        }
    }
}
