//! Who is on the screen and how large: which sources are decoded, and whose groups are joined.
use std::collections::BTreeMap;

use media::video::{Layer, Size, SourceId, View};

use crate::conference::people::{PersonRecord, layer_of};
use crate::conference::{PersonId, Pictures, Tile};

/// What is to be seen.
#[derive(Debug)]
pub(super) struct Wanted {
    /// Said by the window; before it has, everybody is shown alike.
    tiles: Option<BTreeMap<(PersonId, Pictures), Size>>,
    default_view: View,
    /// The layer that each is worth, kept so that a border that is dragged does not make it change to and fro.
    layers: BTreeMap<PersonId, Layer>,
    /// Whether there are thumbnails beside the full size.
    is_layered: bool,
}

impl Wanted {
    pub(super) fn new(default_view: View, is_layered: bool) -> Self {
        Self {
            tiles: None,
            default_view,
            layers: BTreeMap::new(),
            is_layered,
        }
    }

    /// The window shows these from now on.
    pub(super) fn show(&mut self, tiles: &[Tile]) {
        let sized = tiles
            .iter()
            .map(|tile| ((tile.id, tile.pictures), tile.size));
        let sized: BTreeMap<_, _> = sized.collect();
        self.layers = sized
            .iter()
            .filter(|((_, pictures), _)| *pictures == Pictures::Camera)
            .map(|((id, _), size)| (*id, Layer::of_tile(*size, self.layers.get(id).copied())))
            .collect();
        self.tiles = Some(sized);
    }

    /// How somebody's camera is shown.
    pub(super) fn camera(&self, id: PersonId) -> View {
        match (&self.tiles, self.layers.get(&id)) {
            (None, _) => self.default_view,
            (Some(_), None) => View::Hidden,
            (Some(_), Some(Layer::Thumbnail)) => View::Small,
            (Some(_), Some(Layer::Full | Layer::Screen)) => View::Large,
        }
    }

    fn screen(&self, id: PersonId) -> View {
        match &self.tiles {
            None => self.default_view,
            Some(tiles) if tiles.contains_key(&(id, Pictures::Screen)) => View::Large,
            Some(_) => View::Hidden,
        }
    }

    /// How each of a person's sources is shown. Whoever is to be large is decoded small until the first large picture is
    /// there; from then on the thumbnail is kept ready, so that it is there at once when they become small again.
    pub(super) fn views(
        &self,
        id: PersonId,
        record: &PersonRecord,
        is_seen_large: bool,
    ) -> impl Iterator<Item = (SourceId, View)> {
        let camera = self.camera(id);
        let view = move |layer| match (layer, camera) {
            (Layer::Thumbnail, View::Large) if is_seen_large => View::Ready,
            (Layer::Thumbnail, view) => view.min(View::Small),
            (Layer::Full, View::Small) if self.is_layered => View::Hidden,
            (Layer::Full, view) => view,
            (Layer::Screen, _) => self.screen(id),
        };
        let sources = record.sources.iter().filter_map(|(medium, ssrc)| {
            let layer = layer_of(*medium)?;
            Some(SourceId::new(layer, *ssrc))
        });
        sources.map(move |source| (source, view(source.layer)))
    }
}
