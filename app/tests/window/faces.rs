//! Pictures to show: people drawn with circles, the same on every run.
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use conf_core::{Picture, PicturePool, PictureSlot, Plane, Size};
use rendezvous::model::{PersonId, PictureFeed, Pictures, Whose};

/// Stills of everybody.
pub struct Faces(BTreeMap<Whose, PictureSlot>);

impl Faces {
    /// Of oneself and these many others.
    pub fn of(others: usize) -> Self {
        let people = (0..others).map(|index| Whose::Theirs(PersonId(index as u64)));
        let all = std::iter::once(Whose::Mine).chain(people);
        let slots = all.zip(0..).map(|(whose, number)| {
            let slot = PictureSlot::default();
            slot.put(face(Size::new(640, 360), number));
            (whose, slot)
        });
        Self(slots.collect())
    }

    /// With another picture of somebody.
    pub fn with(mut self, whose: Whose, picture: Picture) -> Self {
        let slot = PictureSlot::default();
        slot.put(picture);
        self.0.insert(whose, slot);
        self
    }

    /// As the window gets them.
    pub fn pictures(self) -> Pictures {
        Pictures(Arc::new(self))
    }
}

impl PictureFeed for Faces {
    fn slot(&self, whose: Whose) -> Option<PictureSlot> {
        self.0.get(&whose).cloned()
    }
}

/// Somebody in front of a wall.
pub fn face(size: Size, number: u32) -> Picture {
    let mut buffer = PicturePool::default().take(size, Instant::now());
    for (index, plane) in Plane::ALL.into_iter().enumerate() {
        let of = buffer.plane_size(plane);
        let bytes = buffer.plane_mut(plane);
        let (width, height) = (of.width as usize, of.height as usize);
        for (place, sample) in bytes.iter_mut().enumerate() {
            let x = (place % width) as f32 / width as f32;
            let y = (place / width) as f32 / height as f32;
            *sample = colour(x, y, number)[index];
        }
    }
    buffer.finish()
}

/// Light, blue and red of a point.
fn colour(x: f32, y: f32, number: u32) -> [u8; 3] {
    let turn = number as f32 * 2.399;
    let (u, v) = (turn.cos(), turn.sin());
    let shade = |light: f32, strength: f32| {
        let chroma = |part: f32| (128.0 + part * strength) as u8;
        [light as u8, chroma(u), chroma(v)]
    };
    let lean = (number % 3) as f32 * 0.03 - 0.03;
    let across = (x - 0.5 - lean) * 16.0 / 9.0;
    let is_within = |dx: f32, dy: f32, wide: f32, high: f32| {
        ((across - dx) / wide).powi(2) + ((y - dy) / high).powi(2) < 1.0
    };
    if is_within(0.0, 0.40, 0.125, 0.175) {
        // Skin, lit from the left.
        let light = 150.0 - 60.0 * (number % 4) as f32 / 3.0 - 90.0 * across;
        return [light as u8, 112, 150];
    }
    if is_within(0.0, 0.34, 0.15, 0.20) || is_within(0.0, 0.36, 0.14, 0.19) {
        return [38 + (number % 5) as u8 * 9, 124, 134];
    }
    if is_within(0.0, 1.02, 0.36, 0.44) {
        return shade(92.0 - 50.0 * across, 46.0);
    }
    // A wall with a window.
    let is_window = (0.06..0.24).contains(&x) && (0.10..0.55).contains(&y);
    if is_window {
        return [206, 132, 124];
    }
    shade(134.0 - 46.0 * y - 30.0 * x, 12.0)
}

/// A sheet with lines, as somebody would share it.
pub fn sheet(size: Size) -> Picture {
    let mut buffer = PicturePool::default().take(size, Instant::now());
    for plane in [Plane::U, Plane::V] {
        buffer.plane_mut(plane).fill(128);
    }
    let width = size.width as usize;
    for (place, sample) in buffer.plane_mut(Plane::Y).iter_mut().enumerate() {
        let (x, y) = (place % width, place / width);
        let is_line = y % 24 < 8 && y > 60 && x > 60 && x < width - 80 - (y * 7) % 190;
        let is_head = y < 40;
        *sample = match (is_head, is_line) {
            (true, _) => 70,
            (_, true) => 110,
            _ => 232,
        };
    }
    buffer.finish()
}
