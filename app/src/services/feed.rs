//! The pictures of the conference being taken part in, by person.
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use conf_core::{Conference, ConferenceSnapshot, PictureSlot, SourceId, VideoHandle};

use crate::model::{OnScreen, PersonId, PictureFeed, Whose};

/// What the window shows pictures from.
pub(super) struct Feed {
    pictures: VideoHandle,
    preview: Option<PictureSlot>,
    /// Whose pictures come from which source.
    sources: Mutex<BTreeMap<Whose, SourceId>>,
}

impl Feed {
    /// That of a conference, if it has pictures.
    pub(super) fn new(conference: &Conference) -> Option<Self> {
        Some(Self {
            pictures: conference.pictures()?,
            preview: conference.preview(),
            sources: Mutex::default(),
        })
    }

    /// Follows who sends from which source.
    pub(super) fn follow(&self, snapshot: &ConferenceSnapshot) {
        let sources = snapshot.people.iter().flat_map(|person| {
            let id = PersonId(person.id.0);
            let camera = person.video.map(|video| (Whose::Theirs(id), video.id));
            let screen = person.screen.map(|screen| (Whose::Screen(id), screen.id));
            camera.into_iter().chain(screen)
        });
        let mut known = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        *known = sources.collect();
    }
}

impl PictureFeed for Feed {
    fn slot(&self, whose: Whose) -> Option<PictureSlot> {
        if whose == Whose::Mine {
            return self.preview.clone();
        }
        let sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        let source = *sources.get(&whose)?;
        self.pictures.slot(source)
    }
}

/// What is on the screen, as the core is told.
pub(super) fn tiles(shown: &[OnScreen]) -> Vec<conf_core::Tile> {
    let tile = |shown: &OnScreen| {
        let (id, pictures) = match shown.whose {
            Whose::Mine => return None,
            Whose::Theirs(person) => (person, conf_core::Pictures::Camera),
            Whose::Screen(person) => (person, conf_core::Pictures::Screen),
        };
        Some(conf_core::Tile {
            id: conf_core::PersonId(id.0),
            pictures,
            size: shown.size,
        })
    };
    shown.iter().filter_map(tile).collect()
}
