//! What stands behind the window: one thread that owns the station and the conference, so that the window never waits.
mod convert;
mod drafts;
mod feed;
mod listed;
mod outbox;
mod worker;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};

use conf_core::queue::DropOldest;
use conf_core::signal::{Signal, signal};

use self::outbox::Outbox;
use self::worker::Worker;
use crate::model::{Command, EntryId, Event, Pictures, Settings};
use crate::window;

/// What the window was opened for.
#[derive(Clone, Debug)]
pub enum Errand {
    /// Nothing in particular.
    None,
    /// To show the conference of a file.
    OpenFile(PathBuf),
    /// To take part in a conference, by name, id or file.
    Join(Box<JoinErrand>),
}

/// How to take part in the conference that the window was opened for.
#[derive(Clone, Debug, Default)]
pub struct JoinErrand {
    /// Its file, if it has one.
    pub file: Option<PathBuf>,
    /// Its name or id otherwise.
    pub wanted: String,
    /// Where our sound comes from, if that was said.
    pub microphone: Option<conf_core::Terminal>,
    /// Where theirs goes, if that was said.
    pub speakers: Vec<conf_core::Terminal>,
    /// Where our pictures come from, if that was said.
    pub camera: conf_core::VideoTerminal,
    /// What we show instead, if anything.
    pub share: conf_core::VideoTerminal,
    /// What is sent of our camera at most; what is not set follows from the settings.
    pub limits: conf_core::VideoLimits,
    /// Who on this computer hears us.
    pub loopback: conf_core::Loopback,
    /// Leave after so long.
    pub lasting: Option<std::time::Duration>,
}

/// Where the thread leaves the pictures for the window.
type PictureCell = Arc<Mutex<Option<Pictures>>>;

/// What the services need of the window.
#[derive(Clone)]
pub struct Wakers {
    /// Has the window take the events.
    pub for_events: Arc<dyn Fn() + Send + Sync>,
    /// Has the window look for newer pictures.
    pub for_pictures: Arc<dyn Fn() + Send + Sync>,
}

/// The window's side of the services.
pub struct AppServices {
    commands: Arc<DropOldest<Command>>,
    outbox: Arc<Outbox>,
    pictures: PictureCell,
    signal: Signal,
    thread: Option<JoinHandle<()>>,
}

impl AppServices {
    /// More than a person can ask for between two turns of the thread.
    const COMMANDS: usize = 256;

    /// Starts the thread.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(settings: Settings, errand: Errand, wakers: Wakers) -> std::io::Result<Self> {
        let commands = Arc::new(DropOldest::new(Self::COMMANDS));
        let outbox = Arc::new(Outbox::new(wakers.for_events));
        let pictures = PictureCell::default();
        let (signal, waiting) = signal();
        let worker = Worker::new(
            settings,
            errand,
            Arc::clone(&commands),
            Arc::clone(&outbox),
            signal.clone(),
            worker::Screen {
                pictures: Arc::clone(&pictures),
                wake: wakers.for_pictures,
            },
        );
        let thread = Builder::new()
            .name("services".to_owned())
            .spawn(move || worker.run(&waiting))?;
        Ok(Self {
            commands,
            outbox,
            pictures,
            signal,
            thread: Some(thread),
        })
    }
}

impl window::Services for AppServices {
    fn poll_event(&mut self) -> Option<Event> {
        self.outbox.take()
    }

    fn execute(&mut self, command: Command) {
        self.commands.push(command);
        self.signal.raise();
    }

    fn pictures(&self) -> Option<Pictures> {
        let pictures = self.pictures.lock();
        pictures.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for AppServices {
    /// The window is gone by now: this waits for the goodbye and for what is still to be written.
    fn drop(&mut self) {
        window::Services::execute(self, Command::Quit);
        let result = self.thread.take().map(JoinHandle::join);
        if matches!(result, Some(Err(_))) {
            tracing::error!("the services thread panicked");
        }
    }
}

/// The model's name of a conference.
fn entry_id(id: conf_core::ConferenceId) -> EntryId {
    EntryId(id.to_string())
}
