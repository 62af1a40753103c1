//! Whose pictures are decoded without a window, where they are to be few: those who came first.
use conf_core::{ConferenceEvent, PersonId, Pictures, Size, Tile};

/// Who sends pictures, in the order in which they began to.
#[derive(Debug)]
pub(super) struct Watch {
    most: usize,
    sending: Vec<(PersonId, Pictures)>,
}

impl Watch {
    /// Looks at so many at once.
    pub(super) const fn new(most: usize) -> Self {
        Self {
            most,
            sending: Vec::new(),
        }
    }

    /// Follows who sends; gives whether that changes who is looked at.
    pub(super) fn follow(&mut self, event: &ConferenceEvent) -> bool {
        let before = self.tiles();
        match event {
            ConferenceEvent::VideoJoined { id } => self.add(*id, Pictures::Camera),
            ConferenceEvent::ScreenShared { id } => self.add(*id, Pictures::Screen),
            ConferenceEvent::VideoLeft { id } => self.remove(*id, Pictures::Camera),
            ConferenceEvent::ScreenEnded { id } => self.remove(*id, Pictures::Screen),
            ConferenceEvent::PersonLeft { id, .. } => self.sending.retain(|(who, _)| who != id),
            _ => {}
        }
        self.tiles() != before
    }

    /// Those who are looked at.
    pub(super) fn tiles(&self) -> Vec<Tile> {
        let shown = self.sending.iter().take(self.most);
        let tile = |(id, pictures): &(PersonId, Pictures)| Tile {
            id: *id,
            pictures: *pictures,
            size: AS_THEY_COME,
        };
        shown.map(tile).collect()
    }

    fn add(&mut self, id: PersonId, pictures: Pictures) {
        if !self.sending.contains(&(id, pictures)) {
            self.sending.push((id, pictures));
        }
    }

    fn remove(&mut self, id: PersonId, pictures: Pictures) {
        self.sending.retain(|one| *one != (id, pictures));
    }
}

/// Large enough for large pictures, as all are decoded where no bound is given.
const AS_THEY_COME: Size = Size::new(1_280, 720);

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(number: u64) -> ConferenceEvent {
        ConferenceEvent::VideoJoined {
            id: PersonId(number),
        }
    }

    fn shown(watch: &Watch) -> Vec<(u64, Pictures)> {
        let tiles = watch.tiles().into_iter();
        tiles.map(|tile| (tile.id.0, tile.pictures)).collect()
    }

    #[test]
    fn the_first_are_looked_at_until_one_of_them_leaves() {
        let mut watch = Watch::new(2);
        assert!(watch.follow(&joined(1)));
        assert!(watch.follow(&ConferenceEvent::ScreenShared { id: PersonId(1) }));
        assert!(!watch.follow(&joined(2)) && !watch.follow(&joined(2)));
        assert_eq!(
            shown(&watch),
            [(1, Pictures::Camera), (1, Pictures::Screen)]
        );
        assert!(watch.follow(&ConferenceEvent::VideoLeft { id: PersonId(1) }));
        assert_eq!(
            shown(&watch),
            [(1, Pictures::Screen), (2, Pictures::Camera)]
        );
        assert!(!watch.follow(&ConferenceEvent::TalkingStarted { id: PersonId(2) }));
    }
}
