//! In which size and how often a camera gives pictures: what is wanted, and which of its offers comes nearest.
use std::fmt;

use crate::video::{MAX_SIDE, Size};

/// What a person wants of a camera; written as `?size=640x360&rate=15` behind its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CameraForm {
    /// The largest picture; 1280x720 unless said otherwise.
    pub size: Option<Size>,
    /// Most pictures per second; 30 unless said otherwise.
    pub frame_rate: Option<u32>,
}

impl CameraForm {
    /// The largest picture.
    #[must_use]
    pub fn bounds(self) -> Size {
        self.size.unwrap_or(Size::new(1_280, 720))
    }

    /// Most pictures per second.
    #[must_use]
    pub fn most_per_second(self) -> u32 {
        self.frame_rate.unwrap_or(30)
    }

    /// Takes the form off the end of a text; a text that ends otherwise has none.
    pub(super) fn split(text: &str) -> (&str, Self) {
        let parted = text
            .rsplit_once('?')
            .and_then(|(rest, form)| Some((rest, Self::parse(form)?)));
        parted.unwrap_or_else(|| (text, Self::default()))
    }

    fn parse(text: &str) -> Option<Self> {
        let mut form = Self::default();
        for word in text.split('&') {
            let is_new = match word.split_once('=')? {
                ("size", size) => form.size.replace(parse_size(size)?).is_none(),
                ("rate", rate) => {
                    let rate = rate.parse().ok().filter(|rate| (1..=120).contains(rate))?;
                    form.frame_rate.replace(rate).is_none()
                }
                _ => false,
            };
            is_new.then_some(())?;
        }
        Some(form)
    }

    /// Which of a camera's offers comes nearest; the first of equals.
    #[cfg(any(test, feature = "camera"))]
    pub(super) fn choose(self, offers: &[Offer]) -> Option<usize> {
        let bounds = self.bounds();
        let key = |offer: &Offer| {
            let used = u64::from(offer.size.width.min(bounds.width))
                * u64::from(offer.size.height.min(bounds.height));
            let rate = u64::from(offer.frame_rate.min(self.most_per_second()));
            // Smooth and small is better than large and jerky.
            let worth = used * rate * rate;
            let waste = offer.size.area() * u64::from(offer.frame_rate);
            (std::cmp::Reverse(worth), waste, offer.is_compressed)
        };
        let best = offers
            .iter()
            .enumerate()
            .min_by_key(|(_, offer)| key(offer));
        best.map(|(index, _)| index)
    }
}

impl fmt::Display for CameraForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut sign = '?';
        if let Some(size) = self.size {
            write!(f, "{sign}size={size}")?;
            sign = '&';
        }
        match self.frame_rate {
            Some(rate) => write!(f, "{sign}rate={rate}"),
            None => Ok(()),
        }
    }
}

/// One of the forms that a camera offers.
#[cfg(any(test, feature = "camera"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Offer {
    pub(super) size: Size,
    pub(super) frame_rate: u32,
    /// It has to be decoded, and has lost something.
    pub(super) is_compressed: bool,
}

/// An even size that can be shown, such as `640x360`.
pub(super) fn parse_size(text: &str) -> Option<Size> {
    let (width, height) = text.split_once('x')?;
    let side = |text: &str| {
        let length = text.parse().ok();
        length.filter(|length: &u32| {
            (MIN_SIDE..=MAX_SIDE).contains(length) && length.is_multiple_of(2)
        })
    };
    Some(Size::new(side(width)?, side(height)?))
}

/// Smaller, nothing can be recognised.
const MIN_SIDE: u32 = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(width: u32, height: u32, frame_rate: u32, is_compressed: bool) -> Offer {
        Offer {
            size: Size::new(width, height),
            frame_rate,
            is_compressed,
        }
    }

    #[test]
    fn of_a_usual_webcam_the_smooth_hd_form_is_taken() {
        let offers = [
            offer(640, 480, 30, false),
            offer(1_280, 720, 10, false),
            offer(1_280, 720, 30, true),
            offer(1_920, 1_080, 30, true),
        ];
        assert_eq!(CameraForm::default().choose(&offers), Some(2));
        assert_eq!(CameraForm::default().choose(&offers[..2]), Some(0));
        assert_eq!(CameraForm::default().choose(&offers[3..]), Some(0));
        assert_eq!(CameraForm::default().choose(&[]), None);
    }

    #[test]
    fn what_is_asked_for_is_taken_with_as_little_waste_as_can_be() {
        let offers = [
            offer(1_280, 720, 30, true),
            offer(640, 480, 30, true),
            offer(640, 480, 15, true),
            offer(640, 480, 15, false),
            offer(320, 240, 15, false),
        ];
        let form = CameraForm {
            size: Some(Size::new(640, 480)),
            frame_rate: Some(15),
        };
        assert_eq!(form.choose(&offers), Some(3));
    }

    #[test]
    fn only_a_whole_form_is_one() {
        let form = |size, frame_rate| CameraForm { size, frame_rate };
        let vga = Some(Size::new(640, 480));
        let table = [
            ("a?size=640x480&rate=15", "a", form(vga, Some(15))),
            ("?rate=15", "", form(None, Some(15))),
            ("really?", "really?", form(None, None)),
            ("a?size=641x480", "a?size=641x480", form(None, None)),
            ("a?rate=5&rate=6", "a?rate=5&rate=6", form(None, None)),
        ];
        for (text, rest, form) in table {
            assert_eq!(CameraForm::split(text), (rest, form), "{text}");
        }
    }
}
