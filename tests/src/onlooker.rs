//! Somebody who looks at the players of a conference and says nothing, for the benchmarks.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Instant, SystemTime};

use conf_core::conference::Pictures;
use conf_core::{
    Conference, Description, Information, InterfaceChoice, JoinOptions, Layer, Loopback, Moment,
    Person, Size, Station, StationOptions, Terminal, Tile, VideoOptions, View,
};

/// Somebody in a conference.
pub struct Onlooker {
    _station: Station,
    /// What they take part in.
    pub conference: Conference,
    /// Told when there is something new to look at.
    pub woken: Receiver<()>,
}

impl Onlooker {
    /// Joins what a file describes, and shows everybody so until it is told whom.
    pub fn join(file: &Path, view: View) -> Self {
        let text = std::fs::read(file).unwrap();
        let description = Arc::new(Description::parse(&text).unwrap());
        let options = StationOptions {
            interface: InterfaceChoice::Default,
            data_dir: None,
            is_host: false,
            wake: Arc::new(|| {}),
            seed: 1,
            directories: Vec::new(),
            madcap: None,
        };
        let station = Station::start(options, moment()).unwrap();
        let options = JoinOptions {
            information: Information::default(),
            microphone: Terminal::None,
            speakers: vec![Terminal::None],
            video: VideoOptions {
                view,
                ..VideoOptions::default()
            },
            loopback: Loopback::None,
            is_muted: true,
            seed: std::process::id().into(),
        };
        let (wake, woken) = sync_channel(1);
        let wake = Arc::new(move || wake.try_send(()).unwrap_or_default());
        let conference = station.join(description, options, moment(), wake).unwrap();
        Self {
            _station: station,
            conference,
            woken,
        }
    }
}

/// The players whose names have come, in order.
pub fn players(people: &[Person]) -> Vec<&Person> {
    let mut named: Vec<&Person> = people
        .iter()
        .filter(|person| person.display_name().starts_with("Person"))
        .collect();
    named.sort_by_key(|person| person.display_name());
    named
}

/// The first of these large, the others small.
pub fn tiles(people: &[&Person]) -> Vec<Tile> {
    let tile = |(at, person): (usize, &&Person)| Tile {
        id: person.id,
        pictures: Pictures::Camera,
        size: if at == 0 {
            Layer::Full.bounds()
        } else {
            Size::new(224, 126)
        },
    };
    people.iter().enumerate().map(tile).collect()
}

fn moment() -> Moment {
    Moment {
        now: Instant::now(),
        wall: SystemTime::now(),
    }
}
