//! How large a picture's own window is: percent of the picture's pixels, as far as the screen goes.
use conf_core::Size;
use egui::{Vec2, vec2};

/// The window of a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct OwnWindow {
    /// The picture in all its pixels. While the window is small, smaller pictures may come than there are.
    pub full: Option<Size>,
    /// So many percent of it were asked for since the last frame.
    pub wanted: Option<u16>,
    /// So many percent it has now, unless it was made another size by hand.
    pub percent: Option<u16>,
}

/// What can be asked for.
pub(super) const PERCENTS: [u16; 3] = [50, 100, 200];

impl OwnWindow {
    /// A picture came; `has_layers` if others of the same may be larger.
    pub(super) fn note_picture(&mut self, size: Size, has_layers: bool) {
        let is_smaller = self.full.is_some_and(|full| size.area() < full.area());
        if !(has_layers && is_smaller) {
            self.full = Some(size);
        }
    }

    /// How large the window is in points with so many percent; nothing before there is a picture.
    pub(super) fn size(&self, percent: u16, surroundings: Surroundings) -> Option<Vec2> {
        let full = self.full?;
        let pixels = vec2(full.width as f32, full.height as f32).max(Vec2::splat(1.0));
        // The picture keeps its shape, whatever bounds it.
        let least = (LEAST / pixels).max_elem();
        let screen = surroundings.screen.unwrap_or(Vec2::INFINITY);
        let most = (screen * SCREEN_SHARE / pixels).min_elem();
        let factor = f32::from(percent) / 100.0 / surroundings.pixels_per_point;
        Some((pixels * factor.max(least).min(most)).round())
    }

    /// Notes how large the window has become.
    pub(super) fn note_inner(&mut self, inner: Vec2, surroundings: Surroundings) {
        let is_now = |percent: &u16| {
            let size = self.size(*percent, surroundings);
            size.is_some_and(|size| (size - inner).abs().max_elem() <= 1.0)
        };
        self.percent = PERCENTS.into_iter().find(is_now);
    }
}

/// Where a window is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surroundings {
    pub(super) pixels_per_point: f32,
    /// Of its screen, in points, where the desktop tells.
    pub(super) screen: Option<Vec2>,
}

/// Of a window, in points.
pub(super) const LEAST: Vec2 = vec2(160.0, 90.0);
/// The rest is left to the window's title and the bars of the desktop.
const SCREEN_SHARE: f32 = 0.9;

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Surroundings = Surroundings {
        pixels_per_point: 1.0,
        screen: Some(vec2(1920.0, 1080.0)),
    };

    fn of(width: u32, height: u32) -> OwnWindow {
        OwnWindow {
            full: Some(Size::new(width, height)),
            ..OwnWindow::default()
        }
    }

    #[test]
    fn a_hundred_percent_is_a_pixel_for_a_pixel() {
        let fine = Surroundings {
            pixels_per_point: 2.0,
            ..USUAL
        };
        let window = of(640, 360);
        assert_eq!(window.size(100, USUAL), Some(vec2(640.0, 360.0)));
        assert_eq!(window.size(200, USUAL), Some(vec2(1280.0, 720.0)));
        assert_eq!(window.size(100, fine), Some(vec2(320.0, 180.0)));
        assert_eq!(OwnWindow::default().size(100, USUAL), None);
    }

    #[test]
    fn no_window_is_larger_than_its_screen_or_too_small_to_be_seen() {
        assert_eq!(of(1280, 720).size(200, USUAL), Some(vec2(1728.0, 972.0)));
        assert_eq!(of(160, 120).size(50, USUAL), Some(vec2(160.0, 120.0)));
        let unknown = Surroundings {
            screen: None,
            ..USUAL
        };
        assert_eq!(of(1280, 720).size(200, unknown), Some(vec2(2560.0, 1440.0)));
    }

    #[test]
    fn smaller_pictures_of_a_camera_are_layers_and_those_of_a_screen_are_its_size() {
        let (small, large) = (Size::new(320, 180), Size::new(1280, 720));
        for (has_layers, full) in [(true, large), (false, small)] {
            let mut window = OwnWindow::default();
            window.note_picture(large, has_layers);
            window.note_picture(small, has_layers);
            assert_eq!(window.full, Some(full));
        }
    }

    #[test]
    fn percent_is_known_until_the_window_is_made_another_size_by_hand() {
        let mut window = of(640, 360);
        window.note_inner(vec2(320.0, 180.0), USUAL);
        assert_eq!(window.percent, Some(50));
        window.note_inner(vec2(500.0, 300.0), USUAL);
        assert_eq!(window.percent, None);
    }
}
