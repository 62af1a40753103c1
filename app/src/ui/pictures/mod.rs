//! Pictures on the screen: the newest of everybody shown, painted by OpenGL or by the processor.
mod colour;
mod copies;
mod exact;
mod fit;
mod gl;
mod pace;
#[cfg(all(test, target_os = "linux"))]
mod read_back;
mod soft;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use conf_core::{Picture, PictureSlot, Size};
use eframe::egui_glow::{CallbackFn, Painter as GlPainter};
use eframe::glow;
use egui::{Color32, CornerRadius, PaintCallbackInfo, Painter, Rect};

pub use fit::Fit;
pub use pace::Pace;
pub use soft::rgb;

use self::copies::Copies;
use self::fit::{Placed, placed};
use self::gl::{Draw, GlPictures};
use self::pace::Watched;
use self::soft::{Look, SoftPictures};
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
}

/// What was painted since it was last written to the log.
#[derive(Default)]
struct Tally {
    since: Option<Instant>,
    frames: u32,
    pictures: u64,
    /// Pictures that a newer one overtook before they were painted; of those, the ones of whoever is looked at.
    overtaken: [u64; 2],
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

/// The pictures of one source.
#[derive(Default)]
struct Known {
    slot: Option<PictureSlot>,
    seen: u64,
    newest: Option<Picture>,
    frozen: Option<Picture>,
    /// Pictures that a newer one overtook before they were painted.
    dropped: u64,
    /// Largest of this frame, if it is on the screen: how large, in pixels, and whether it is looked at.
    shown: Option<(Size, bool)>,
}

#[derive(Default)]
enum Renderer {
    /// Where there is no OpenGL.
    #[default]
    None,
    Soft(SoftPictures),
    Gl(Arc<SharedGl>),
}

/// What the painter's callbacks share.
#[derive(Default)]
struct SharedGl {
    state: Mutex<Option<Way>>,
    /// The shader cannot be had.
    is_broken: AtomicBool,
}

/// How OpenGL paints.
enum Way {
    /// By a shader.
    Shader(GlPictures),
    /// The processor is the graphics card.
    Copies(Box<Copies>),
}

impl Gallery {
    /// Paints by OpenGL if the window does, else by the processor.
    pub fn new(has_gl: bool, pace: Pace) -> Self {
        Self {
            renderer: if has_gl {
                Renderer::Gl(Arc::default())
            } else {
                Renderer::Soft(SoftPictures::default())
            },
            pace,
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
        for known in self.known.values_mut() {
            known.shown = None;
        }
        if matches!(&self.renderer, Renderer::Gl(gl) if gl.is_broken.load(Ordering::Relaxed)) {
            tracing::warn!("OpenGL cannot paint pictures, so the processor does");
            self.renderer = Renderer::Soft(SoftPictures::default());
        }
    }

    /// Ends a frame: gives what is on the screen, if that is something new.
    pub fn end(&mut self, now: Instant) -> Option<Vec<OnScreen>> {
        self.known.retain(|_, known| known.is_kept());
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
                };
                let gl = Arc::clone(gl);
                let paint = move |info: PaintCallbackInfo, painter: &GlPainter| {
                    gl.paint(painter.gl(), &info, &draw, whole);
                };
                painter.add(egui::PaintCallback {
                    rect: placed.place,
                    callback: Arc::new(CallbackFn::new(paint)),
                });
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
        let before = known.shown.unwrap_or_default();
        known.shown = Some(if size.area() > before.0.area() {
            (size, frame.is_large || before.1)
        } else {
            (before.0, frame.is_large || before.1)
        });
        let overtaken = known.take(self.feed.as_ref(), whose);
        self.tally.note_pictures(overtaken, frame.is_large);
        if frame.is_frozen {
            known.frozen = known.frozen.take().or_else(|| known.newest.clone());
            return known.frozen.clone();
        }
        known.frozen = None;
        known.newest.clone()
    }
}

impl Known {
    /// Takes the newest picture out of the slot; gives how many it overtook, if there is one.
    fn take(&mut self, feed: Option<&Pictures>, whose: Whose) -> Option<u64> {
        // The slot may be another one since the last frame: they come again, or in another layer.
        let Some(slot) = feed.and_then(|feed| feed.0.slot(whose)) else {
            (self.slot, self.newest) = (None, None);
            return None;
        };
        let is_same = self.slot.as_ref().is_some_and(|known| known.is_same(&slot));
        if !is_same {
            self.seen = slot.count().saturating_sub(1);
        }
        let slot = self.slot.insert(slot);
        let before = self.seen;
        if before == slot.count() {
            return None;
        }
        // What was painted stays until there is something newer.
        self.newest = slot.newer(&mut self.seen).or_else(|| self.newest.take());
        let overtaken = self.seen.saturating_sub(before).saturating_sub(1);
        self.dropped += overtaken;
        Some(overtaken)
    }

    /// One that stands still is kept while it is not shown.
    const fn is_kept(&self) -> bool {
        self.shown.is_some() || self.frozen.is_some()
    }

    fn watched(&self) -> Option<Watched> {
        let (_, is_large) = self.shown?;
        Some(Watched {
            slot: self.slot.clone()?,
            seen: self.seen,
            is_large,
        })
    }
}

impl Way {
    fn new(gl: &glow::Context) -> Result<Self, String> {
        if copies::is_software(gl) {
            Ok(Self::Copies(Box::default()))
        } else {
            GlPictures::new(gl).map(Self::Shader)
        }
    }

    fn destroy(&mut self, gl: &glow::Context) {
        match self {
            Self::Shader(pictures) => pictures.destroy(gl),
            Self::Copies(copies) => copies.destroy(gl),
        }
    }
}

impl Tally {
    /// A newer picture was taken, which overtook others.
    fn note_pictures(&mut self, overtaken: Option<u64>, is_large: bool) {
        let Some(overtaken) = overtaken else {
            return;
        };
        self.pictures += 1;
        self.overtaken[0] += overtaken;
        self.overtaken[1] += if is_large { overtaken } else { 0 };
    }

    fn note_frame(&mut self, now: Instant) {
        self.frames += 1;
        let since = *self.since.get_or_insert(now);
        if now.saturating_duration_since(since) < LOGGED_EVERY || self.pictures == 0 {
            return;
        }
        let [overtaken, large] = self.overtaken;
        let (frames, pictures) = (self.frames, self.pictures);
        tracing::debug!(frames, pictures, overtaken, large, "painted");
        *self = Self {
            since: Some(now),
            ..Self::default()
        };
    }
}

impl SharedGl {
    fn paint(&self, gl: &glow::Context, info: &PaintCallbackInfo, draw: &Draw, frame: u64) {
        let mut state = self.lock();
        if state.is_none() && !self.is_broken.load(Ordering::Relaxed) {
            match Way::new(gl) {
                Ok(made) => *state = Some(made),
                Err(reason) => {
                    tracing::warn!(reason, "the shader for pictures was refused");
                    self.is_broken.store(true, Ordering::Relaxed);
                }
            }
        }
        match &mut *state {
            Some(Way::Shader(pictures)) => pictures.paint(gl, draw, frame),
            Some(Way::Copies(copies)) => copies.paint(gl, info, draw, frame),
            None => {}
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Way>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const LOGGED_EVERY: std::time::Duration = std::time::Duration::from_secs(2);

/// How many pixels of the picture become one where it is shown much smaller.
fn step(picture: Size, placed: Placed, pixels: f32) -> usize {
    let seen = picture.width as f32 * placed.part.width();
    (seen / pixels.max(1.0)).clamp(1.0, 64.0) as usize
}
