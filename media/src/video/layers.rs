//! Which layers there are, who sends where, and which of them are wanted: pure functions of what is on the screen.
use std::collections::BTreeSet;

use super::Size;

/// What a sender offers of its pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// Small, for everybody at once: all senders share a group.
    Thumbnail,
    /// Large, for the one who is looked at: each sender has its group of a range. Also the only one, where there is one.
    #[default]
    Full,
    /// A screen or window that is shared, where sharpness goes before movement; for everybody at once.
    Screen,
}

impl Layer {
    /// All of them, the smaller first.
    pub const ALL: [Self; 3] = [Self::Thumbnail, Self::Full, Self::Screen];

    /// The largest picture of the layer.
    #[must_use]
    pub const fn bounds(self) -> Size {
        match self {
            Self::Thumbnail => Size::new(320, 180),
            Self::Full => Size::new(1_280, 720),
            Self::Screen => Size::new(1_920, 1_080),
        }
    }

    /// Most pictures per second.
    #[must_use]
    pub const fn frame_rate(self) -> f32 {
        match self {
            Self::Thumbnail => 15.0,
            Self::Full => 30.0,
            Self::Screen => 15.0,
        }
    }

    /// Bits per second of the pictures of a source, made to fit the layer.
    #[must_use]
    pub fn bit_rate(self, source: Size) -> u32 {
        usual_bit_rate(source.fitted(self.bounds()), self.frame_rate())
    }

    /// The layer that a tile of this size is worth; `before` is what it shows now, so that a border that is dragged
    /// does not make it change to and fro.
    #[must_use]
    pub const fn of_tile(tile: Size, before: Option<Self>) -> Self {
        let least = match before {
            Some(Self::Full) => Self::Thumbnail.bounds().height * 5 / 4,
            _ => Self::Thumbnail.bounds().height * 3 / 2,
        };
        if tile.height >= least {
            Self::Full
        } else {
            Self::Thumbnail
        }
    }
}

/// Bits per second that pictures of a size and rate are worth: fewer for each the larger and the more often they come.
#[must_use]
pub fn usual_bit_rate(size: Size, frame_rate: f32) -> u32 {
    let pixels = size.area() as f32 * frame_rate;
    // H.264 of people before a wall: 640x360 at 30 takes 670 kbit/s, 1280x720 1.6 Mbit/s, 320x180 at 15 190 kbit/s.
    let bits = (45.0 * pixels.powf(0.61)) as u32;
    bits.clamp(LEAST_BIT_RATE, MOST_BIT_RATE)
}

/// Which group of a range a sender sends to: every member works it out of the sender's CNAME alone (FNV-1a, 32 bits).
#[must_use]
pub fn group_index(cname: &str, groups: u32) -> u32 {
    let hash = cname.bytes().fold(FNV_OFFSET, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(FNV_PRIME)
    });
    hash.checked_rem(groups).unwrap_or(0)
}

/// Someone who is on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OnScreen<'a> {
    /// Who.
    pub cname: &'a str,
    /// In which layer.
    pub layer: Layer,
}

/// What to be a member of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WantedGroups {
    /// The group of all thumbnails: wanted while anybody is shown, for it bridges the time until a larger picture comes.
    pub thumbnails: bool,
    /// Groups of the range, by their place in it.
    pub full: BTreeSet<u32>,
}

/// The groups that bring what is on the screen, of a range of so many.
#[must_use]
pub fn wanted_groups<'a>(
    shown: impl IntoIterator<Item = OnScreen<'a>>,
    groups: u32,
) -> WantedGroups {
    let mut wanted = WantedGroups::default();
    for one in shown {
        wanted.thumbnails = true;
        if one.layer == Layer::Full {
            wanted.full.insert(group_index(one.cname, groups));
        }
    }
    wanted
}

const FNV_OFFSET: u32 = 0x811C_9DC5;
const FNV_PRIME: u32 = 0x0100_0193;
/// Bits per second; with fewer, no size can be recognised.
pub const LEAST_BIT_RATE: u32 = 60_000;
/// Bits per second; more is not seen at 720p.
pub const MOST_BIT_RATE: u32 = 2_500_000;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_hash_is_fnv_1a() {
        // Its authors' test vectors.
        for (text, hash) in [
            ("", 0x811C_9DC5),
            ("a", 0xE40C_292C),
            ("foobar", 0xBF9C_F968),
        ] {
            assert_eq!(group_index(text, u32::MAX), hash % u32::MAX);
        }
        assert_eq!(group_index("anybody", 0), 0);
    }

    #[test]
    fn only_those_who_are_large_cost_a_group() {
        let on = |cname, layer| OnScreen { cname, layer };
        let nobody = wanted_groups([], 16);
        assert_eq!(nobody, WantedGroups::default());
        let small = wanted_groups(
            [on("ana", Layer::Thumbnail), on("bo", Layer::Thumbnail)],
            16,
        );
        assert!(small.thumbnails && small.full.is_empty());
        let one = wanted_groups([on("ana", Layer::Full), on("bo", Layer::Thumbnail)], 16);
        assert!(one.thumbnails);
        assert_eq!(Vec::from_iter(one.full), [group_index("ana", 16)]);
    }

    #[test]
    fn a_tile_changes_its_layer_late_in_both_directions() {
        let of = |height, before| Layer::of_tile(Size::new(height * 16 / 9, height), before);
        assert_eq!(of(180, None), Layer::Thumbnail);
        assert_eq!(of(250, Some(Layer::Thumbnail)), Layer::Thumbnail);
        assert_eq!(of(250, Some(Layer::Full)), Layer::Full);
        assert_eq!(of(270, None), Layer::Full);
        assert_eq!(of(220, Some(Layer::Full)), Layer::Thumbnail);
    }

    #[test]
    fn bit_rates_follow_the_size() {
        let full = |width, height| Layer::Full.bit_rate(Size::new(width, height)) / 10_000;
        assert_eq!((full(1_920, 1_080), full(640, 360)), (155, 66));
        let small = |width, height| Layer::Thumbnail.bit_rate(Size::new(width, height)) / 10_000;
        assert_eq!((small(1_280, 720), small(64, 64)), (18, 6));
    }

    proptest! {
        #[test]
        fn everybody_has_a_group_of_the_range(cname in ".{0,20}", groups in 1_u32..256) {
            prop_assert!(group_index(&cname, groups) < groups);
        }
    }
}
