//! The window over invented conferences and people: for looking at it, with no network behind it.
//!
//! `cargo run --example demo` shows the list, `cargo run --example demo room 40` a conference with 40 others.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    dead_code,
    unreachable_pub,
    reason = "shares its scenes with the tests"
)]
#[path = "../tests/window/scene.rs"]
mod scene;

use std::collections::VecDeque;
use std::time::Instant;

use rendezvous::model::{Command, Event, Room, Settings};
use rendezvous::ui::pictures::Pace;
use rendezvous::window::{self, Services};

/// Answers commands as a quiet network would.
struct Demo {
    events: VecDeque<Event>,
    room: Option<Room>,
    others: usize,
}

impl Services for Demo {
    fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    fn execute(&mut self, command: Command) {
        match command {
            Command::SaveSettings(settings) => self.events.push_back(Event::Settings(settings)),
            Command::Join { is_muted, .. } => self.join(is_muted),
            Command::Leave => {
                self.room = None;
                self.events.push_back(Event::Left);
            }
            Command::MuteMicrophone(is_muted) => self.change(|room| room.me.is_muted = is_muted),
            Command::SetVolume(volume) => self.change(|room| {
                for person in room.people.iter_mut().filter(|one| one.id == volume.person) {
                    person.gain_db = volume.gain_db;
                    person.is_muted = volume.is_muted;
                }
            }),
            _ => {}
        }
    }
}

impl Demo {
    fn join(&mut self, is_muted: bool) {
        self.room = Some(scene::room(self.others, Instant::now()));
        self.change(|room| room.me.is_muted = is_muted);
    }

    fn change(&mut self, change: impl FnOnce(&mut Room)) {
        if let Some(room) = &mut self.room {
            change(room);
            self.events.push_back(Event::Room(Box::new(room.clone())));
        }
    }
}

fn main() -> Result<(), eframe::Error> {
    let mut words = std::env::args().skip(1);
    let screen = words.next();
    let others = words.next().and_then(|word| word.parse().ok()).unwrap_or(5);
    let settings = match screen.as_deref() {
        Some("first") => Settings::default(),
        _ => scene::settings(),
    };
    window::run(settings, Pace::default(), move |_ctx| {
        let now = jiff::Timestamp::now();
        let events = VecDeque::from([
            Event::Network(scene::network()),
            Event::Devices(scene::devices()),
            Event::Catalogue(scene::shared(scene::catalogue(now))),
        ]);
        let mut demo = Demo {
            events,
            room: None,
            others,
        };
        if screen.as_deref() == Some("room") {
            demo.join(false);
        }
        Ok(demo)
    })
}
