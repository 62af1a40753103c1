//! Pictures on the screen: the newest of everybody shown, painted by OpenGL or by the processor.
mod colour;
mod copies;
mod exact;
mod fit;
mod gl;
mod kernel;
mod known;
mod pace;
mod panes;
#[cfg(all(test, target_os = "linux"))]
mod read_back;
mod soft;
mod tally;
mod way;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use conf_core::{PanePlace, Picture, Size};
use eframe::egui_glow::{CallbackFn, Painter as GlPainter};
use eframe::glow;
use egui::{Color32, Context, CornerRadius, PaintCallbackInfo, Painter, Rect, ViewportId};

pub use fit::Fit;
pub use pace::Pace;
pub use soft::rgb;

use self::exact::Wanted;
use self::fit::{Placed, placed};
use self::gl::Draw;
use self::known::{Known, Painted};
use self::panes::{Host, Pane};
use self::soft::{Look, SoftPictures};
use self::tally::Tally;
use self::way::SharedGl;
use crate::model::{OnScreen, Pictures, Whose};

/// The pictures on the screen. Whoever wants one painted says so in each frame; what was not painted in a frame is not on
/// the screen, and need not be received.
#[derive(Default)]
pub struct Gallery {
    /// What is behind everything in this frame.
    pub(super) ground: Color32,
    feed: Option<Pictures>,
    renderer: Renderer,
    pace: Pace,
    frame: u64,
    known: BTreeMap<Whose, Known>,
    /// What was last told to be on the screen.
    told: Vec<OnScreen>,
    tally: Tally,
    host: Host,
}

/// How a picture is to look.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// The tile.
    pub tile: Rect,
    /// How it is made to fit.
    pub fit: Fit,
    /// Left and right change places.
    pub is_mirrored: bool,
    /// It stands still.
    pub is_frozen: bool,
    /// Of its corners, in points.
    pub radius: u8,
    /// Whether this is the one who is looked at.
    pub is_large: bool,
    /// What is behind its corners.
    pub ground: Color32,
}

#[derive(Default)]
enum Renderer {
    /// Where there is no OpenGL.
    #[default]
    None,
    Soft(SoftPictures),
    Gl(Arc<SharedGl>),
}

impl Gallery {
    /// Paints by OpenGL if the window does, else by the processor; `x11_window` is the window's number, if it has one.
    pub fn new(has_gl: bool, pace: Pace, x11_window: Option<u32>) -> Self {
        Self {
            renderer: if has_gl {
                Renderer::Gl(Arc::default())
            } else {
                Renderer::Soft(SoftPictures::default())
            },
            pace,
            host: Host::new(x11_window),
            ..Self::default()
        }
    }

    /// Whether the window is cleared before each frame, so that its ground need not be painted: where the processor runs
    /// OpenGL, each time that all of the window is painted costs as much as the pictures.
    pub const fn is_ground_clear(&self) -> bool {
        matches!(self.renderer, Renderer::Gl(_))
    }

    /// Begins a frame with the pictures of this conference.
    pub fn begin(&mut self, feed: Option<Pictures>) {
        let is_same = match (&self.feed, &feed) {
            (Some(before), Some(now)) => before.is_same(now),
            (None, None) => true,
            _ => false,
        };
        if !is_same {
            self.known.clear();
            self.told.clear();
        }
        self.feed = feed;
        self.frame += 1;
        self.known.values_mut().for_each(Known::begin);
        if matches!(&self.renderer, Renderer::Gl(gl) if gl.is_broken()) {
            tracing::warn!("OpenGL cannot paint pictures, so the processor does");
            self.renderer = Renderer::Soft(SoftPictures::default());
        }
    }

    /// Ends a frame, once all of the window is laid out: gives what is on the screen, if that is something new.
    pub fn end(&mut self, ctx: &Context, now: Instant) -> Option<Vec<OnScreen>> {
        self.known.retain(|_, known| known.is_kept());
        self.host.count(&mut self.known, &mut self.tally);
        if let Renderer::Gl(gl) = &self.renderer {
            let (feed, known) = (self.feed.as_ref(), &mut self.known);
            let in_panes = if gl.is_software() {
                self.host.end_frame(ctx, feed, known, &self.pace)
            } else {
                BTreeSet::new()
            };
            gl.leave_out(in_panes);
        }
        if let Renderer::Soft(soft) = &mut self.renderer {
            soft.keep(|whose| self.known.contains_key(&whose));
        }
        self.tally.note_frame(now);
        let watched = self.known.values().filter_map(Known::watched);
        self.pace.note_frame(now, watched.collect());
        let shown = self.known.iter().filter_map(|(whose, known)| {
            let (size, _) = known.shown.filter(|_| *whose != Whose::Mine)?;
            Some(OnScreen {
                whose: *whose,
                size,
            })
        });
        let shown: Vec<OnScreen> = shown.collect();
        if self.feed.is_none() || shown == self.told {
            return None;
        }
        self.told.clone_from(&shown);
        Some(shown)
    }

    /// Paints somebody's newest picture; gives whether there is one. Either way they are on the screen from now on.
    pub fn paint(&mut self, painter: &Painter, whose: Whose, frame: Frame) -> bool {
        let scale = painter.ctx().pixels_per_point();
        let Some(picture) = self.newest(whose, frame, scale) else {
            return false;
        };
        let placed = placed(picture.size(), frame.tile, frame.fit);
        let radius = if placed.place == frame.tile {
            frame.radius
        } else {
            0
        };
        if radius == 0 && frame.radius > 0 {
            painter.rect_filled(frame.tile, frame.radius, Color32::BLACK);
        }
        let pixels = placed.place.size() * scale;
        let whole = self.frame;
        match &mut self.renderer {
            Renderer::None => {}
            Renderer::Soft(soft) => {
                let step = step(picture.size(), placed, pixels.x);
                let radius = CornerRadius::same(radius);
                let look = Look {
                    step,
                    is_mirrored: frame.is_mirrored,
                    radius,
                };
                soft.paint(painter, whose, &picture, placed, look);
            }
            Renderer::Gl(gl) => {
                let draw = Draw {
                    whose,
                    picture,
                    part: placed.part,
                    is_mirrored: frame.is_mirrored,
                    size: [pixels.x, pixels.y],
                    radius: f32::from(radius) * scale,
                    ground: [frame.ground.r(), frame.ground.g(), frame.ground.b()],
                    may_be_in_pane: painter.ctx().viewport_id() == ViewportId::ROOT,
                };
                let pane = pane(painter, &draw, placed.place, frame);
                let gl = Arc::clone(gl);
                let paint = move |info: PaintCallbackInfo, painter: &GlPainter| {
                    gl.paint(painter.gl(), &info, &draw, whole);
                };
                let shape = painter.add(egui::PaintCallback {
                    rect: placed.place,
                    callback: Arc::new(CallbackFn::new(paint)),
                });
                if let (Some(known), Some(pane)) = (self.known.get_mut(&whose), pane) {
                    known.pane = Some(Painted {
                        layer: painter.layer_id(),
                        shape,
                        place: placed.place,
                        pane,
                    });
                }
            }
        }
        true
    }

    /// Somebody's picture as it is shown.
    pub fn still(&self, whose: Whose) -> Option<Picture> {
        let known = self.known.get(&whose)?;
        known.frozen.as_ref().or(known.newest.as_ref()).cloned()
    }

    /// Pictures of somebody that came and were never painted.
    pub fn dropped(&self, whose: Whose) -> u64 {
        self.known.get(&whose).map_or(0, |known| known.dropped)
    }

    /// Gives back what OpenGL holds, before its context goes.
    pub fn destroy(&mut self, gl: &glow::Context) {
        if let Renderer::Gl(shared) = &self.renderer
            && let Some(mut state) = shared.lock().take()
        {
            state.destroy(gl);
        }
        self.renderer = Renderer::None;
    }

    fn newest(&mut self, whose: Whose, frame: Frame, scale: f32) -> Option<Picture> {
        let known = self.known.entry(whose).or_default();
        let pixels = |points: f32| (points * scale).round().clamp(0.0, 16_384.0) as u32;
        let size = Size::new(pixels(frame.tile.width()), pixels(frame.tile.height()));
        known.show(size, frame.is_large);
        if let Some(overtaken) = known.take(self.feed.as_ref(), whose) {
            self.tally.note_pictures(1, overtaken, frame.is_large);
        }
        if frame.is_frozen {
            known.frozen = known.frozen.take().or_else(|| known.newest.clone());
            return known.frozen.clone();
        }
        known.frozen = None;
        known.newest.clone()
    }
}

/// The pane that a picture of the first window may be in, if all of it is to be seen there.
fn pane(painter: &Painter, draw: &Draw, place: Rect, frame: Frame) -> Option<Pane> {
    let scale = painter.ctx().pixels_per_point();
    if !draw.may_be_in_pane || !painter.clip_rect().contains_rect(place) {
        return None;
    }
    // As OpenGL's callbacks round it.
    let [left, right, top, bottom] =
        [place.left(), place.right(), place.top(), place.bottom()].map(|at| (at * scale).round());
    let pixels = |count: f32| (1.0..=16_384.0).contains(&count).then_some(count as u16);
    let (width, height) = (pixels(right - left)?, pixels(bottom - top)?);
    let from = |at: f32| (0.0..=16_384.0).contains(&at).then_some(at as i16);
    Some(Pane {
        whose: draw.whose,
        place: PanePlace {
            left: from(left)?,
            top: from(top)?,
            width,
            height,
        },
        wanted: Wanted {
            part: draw.part,
            is_mirrored: draw.is_mirrored,
            size: [width.into(), height.into()],
            radius: draw.radius,
            ground: draw.ground,
        },
        size: draw.picture.size(),
        still: frame.is_frozen.then(|| draw.picture.clone()),
    })
}

/// How many pixels of the picture become one where it is shown much smaller.
fn step(picture: Size, placed: Placed, pixels: f32) -> usize {
    let seen = picture.width as f32 * placed.part.width();
    (seen / pixels.max(1.0)).clamp(1.0, 64.0) as usize
}
