//! Icons drawn with the painter on a grid of 20 by 20: sharp at every scale, coloured by the theme.
mod video;

use std::f32::consts::{PI, TAU};

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, pos2, vec2};

/// What to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// A microphone.
    Microphone,
    /// A microphone, struck through.
    MicrophoneOff,
    /// A loudspeaker.
    Speaker,
    /// A loudspeaker, struck through.
    SpeakerOff,
    /// A padlock.
    Lock,
    /// A magnifying glass.
    Search,
    /// A plus.
    Plus,
    /// A cross.
    Close,
    /// Points down: there is a list.
    ChevronDown,
    /// Points right: there is more.
    ChevronRight,
    /// Three dots.
    More,
    /// A door and an arrow out of it.
    Leave,
    /// A sheet of paper.
    File,
    /// Sliders.
    Settings,
    /// A question mark in a circle.
    Help,
    /// An i in a circle.
    Info,
    /// An exclamation mark in a triangle.
    Warning,
    /// Two heads.
    People,
    /// A tick.
    Check,
    /// Two sheets.
    Copy,
    /// A pencil.
    Edit,
    /// A dot with waves.
    Network,
    /// A dot with waves, struck through.
    NetworkOff,
    /// Points left: there was more.
    ChevronLeft,
    /// A camera.
    Camera,
    /// A camera, struck through.
    CameraOff,
    /// An arrow out of a screen.
    Share,
    /// Four tiles.
    Grid,
    /// One tile above three.
    SpeakerView,
    /// Four corners.
    FullScreen,
    /// A pin.
    Pin,
    /// A window before another.
    Window,
    /// Two strokes.
    Pause,
    /// A landscape.
    Picture,
}

/// Draws `icon` in the middle of `rect`, `size` points high.
pub fn paint(painter: &Painter, icon: Icon, rect: Rect, size: f32, color: Color32) {
    let scale = size / GRID;
    let pen = Pen {
        painter,
        origin: rect.center() - vec2(size, size) / 2.0,
        scale,
        stroke: Stroke::new((1.6 * scale).max(1.2), color),
    };
    pen.draw(icon);
}

const GRID: f32 = 20.0;

struct Pen<'a> {
    painter: &'a Painter,
    origin: Pos2,
    scale: f32,
    stroke: Stroke,
}

impl Pen<'_> {
    fn draw(&self, icon: Icon) {
        match icon {
            Icon::Microphone => self.microphone(),
            Icon::MicrophoneOff => self.struck(Self::microphone),
            Icon::Speaker => self.speaker(),
            Icon::SpeakerOff => self.speaker_off(),
            Icon::Lock => self.lock(),
            Icon::Search => self.search(),
            Icon::Plus => self.lines(&[&[(10., 4.), (10., 16.)], &[(4., 10.), (16., 10.)]]),
            Icon::Close => self.lines(&[&[(5., 5.), (15., 15.)], &[(15., 5.), (5., 15.)]]),
            Icon::ChevronDown => self.lines(&[&[(5., 8.), (10., 13.), (15., 8.)]]),
            Icon::ChevronRight => self.lines(&[&[(8., 5.), (13., 10.), (8., 15.)]]),
            Icon::More => self.more(),
            Icon::Leave => self.leave(),
            Icon::File => self.file(),
            Icon::Settings => self.settings(),
            Icon::Help => self.help(),
            Icon::Info => self.info(),
            Icon::Warning => self.warning(),
            Icon::People => self.people(),
            Icon::Check => self.lines(&[&[(4., 10.5), (8.5, 15.), (16., 6.)]]),
            Icon::Copy => self.copy(),
            Icon::Edit => self.edit(),
            Icon::Network => self.network(),
            Icon::NetworkOff => self.struck(Self::network),
            Icon::ChevronLeft => self.lines(&[&[(12., 5.), (7., 10.), (12., 15.)]]),
            Icon::Camera => self.camera(),
            Icon::CameraOff => self.struck(Self::camera),
            Icon::Share => self.share(),
            Icon::Grid => self.grid(),
            Icon::SpeakerView => self.speaker_view(),
            Icon::FullScreen => self.full_screen(),
            Icon::Pin => self.pin(),
            Icon::Window => self.window(),
            Icon::Pause => self.pause(),
            Icon::Picture => self.picture(),
        }
    }

    fn microphone(&self) {
        self.rounded((7.2, 2.0), (12.8, 12.0), 2.8);
        self.arc((10., 9.5), 5.6, 0.0, PI);
        self.lines(&[&[(10., 15.1), (10., 18.)], &[(7., 18.), (13., 18.)]]);
    }

    fn speaker(&self) {
        self.horn();
        self.arc((10.5, 10.), 3.4, -0.8, 0.8);
        self.arc((10.5, 10.), 6.6, -0.8, 0.8);
    }

    fn speaker_off(&self) {
        self.horn();
        self.lines(&[&[(13., 7.5), (18., 12.5)], &[(18., 7.5), (13., 12.5)]]);
    }

    fn horn(&self) {
        self.closed(&[
            (2.5, 7.5),
            (5.5, 7.5),
            (10., 3.8),
            (10., 16.2),
            (5.5, 12.5),
            (2.5, 12.5),
        ]);
    }

    fn lock(&self) {
        self.rounded((4.5, 9.0), (15.5, 17.0), 1.8);
        self.arc((10., 9.), 3.6, PI, TAU);
        self.lines(&[&[(10., 12.), (10., 14.)]]);
    }

    fn search(&self) {
        self.circle((8.8, 8.8), 5.2);
        self.lines(&[&[(12.7, 12.7), (17., 17.)]]);
    }

    fn more(&self) {
        for x in [4.5, 10.0, 15.5] {
            self.dot((x, 10.), 1.5);
        }
    }

    fn leave(&self) {
        self.lines(&[
            &[
                (12., 6.),
                (12., 3.),
                (3.5, 3.),
                (3.5, 17.),
                (12., 17.),
                (12., 14.),
            ],
            &[(8., 10.), (17.5, 10.)],
            &[(14.5, 7.), (17.5, 10.), (14.5, 13.)],
        ]);
    }

    fn file(&self) {
        self.closed(&[
            (4.5, 2.5),
            (11.5, 2.5),
            (15.5, 6.5),
            (15.5, 17.5),
            (4.5, 17.5),
        ]);
        self.lines(&[
            &[(11.5, 2.5), (11.5, 6.5), (15.5, 6.5)],
            &[(7.5, 11.), (12.5, 11.)],
            &[(7.5, 14.), (12.5, 14.)],
        ]);
    }

    fn settings(&self) {
        for (y, x) in [(5.0, 13.0), (10.0, 7.0), (15.0, 12.0)] {
            self.lines(&[&[(3., y), (x - 2.2, y)], &[(x + 2.2, y), (17., y)]]);
            self.circle((x, y), 2.0);
        }
    }

    fn help(&self) {
        self.circle((10., 10.), 7.5);
        self.arc((10., 8.), 2.3, PI, TAU + 0.6);
        self.lines(&[&[(11.8, 9.4), (10., 10.8), (10., 11.8)]]);
        self.dot((10., 14.), 0.9);
    }

    fn info(&self) {
        self.circle((10., 10.), 7.5);
        self.lines(&[&[(10., 9.2), (10., 14.)]]);
        self.dot((10., 6.4), 1.0);
    }

    fn warning(&self) {
        self.closed(&[(10., 2.8), (18., 16.8), (2., 16.8)]);
        self.lines(&[&[(10., 8.), (10., 12.)]]);
        self.dot((10., 14.3), 0.9);
    }

    fn people(&self) {
        self.circle((7.5, 6.8), 2.9);
        self.arc((7.5, 16.6), 5.2, PI, TAU);
        self.arc((12.8, 6.8), 2.9, -1.3, 1.3);
        self.arc((13.0, 16.6), 5.0, -1.1, 0.0);
    }

    fn copy(&self) {
        self.rounded((7., 7.), (17., 17.), 1.5);
        self.lines(&[&[(13., 7.), (13., 3.), (3., 3.), (3., 13.), (7., 13.)]]);
    }

    fn edit(&self) {
        self.closed(&[
            (3.5, 16.5),
            (4.3, 12.7),
            (13.3, 3.7),
            (16.3, 6.7),
            (7.3, 15.7),
        ]);
        self.lines(&[&[(11.3, 5.7), (14.3, 8.7)]]);
    }

    fn network(&self) {
        self.dot((10., 15.), 1.5);
        self.arc((10., 15.), 5.0, PI * 1.25, PI * 1.75);
        self.arc((10., 15.), 9.2, PI * 1.25, PI * 1.75);
    }

    fn struck(&self, draw: fn(&Self)) {
        draw(self);
        self.lines(&[&[(3., 3.), (17., 17.)]]);
    }

    fn at(&self, (x, y): (f32, f32)) -> Pos2 {
        pos2(
            self.origin.x + x * self.scale,
            self.origin.y + y * self.scale,
        )
    }

    fn lines(&self, lines: &[&[(f32, f32)]]) {
        for line in lines {
            let points = line.iter().map(|&point| self.at(point)).collect();
            self.painter.add(Shape::line(points, self.stroke));
        }
    }

    fn closed(&self, points: &[(f32, f32)]) {
        let points = points.iter().map(|&point| self.at(point)).collect();
        self.painter.add(Shape::closed_line(points, self.stroke));
    }

    fn circle(&self, center: (f32, f32), radius: f32) {
        self.painter
            .circle_stroke(self.at(center), radius * self.scale, self.stroke);
    }

    fn dot(&self, center: (f32, f32), radius: f32) {
        self.painter
            .circle_filled(self.at(center), radius * self.scale, self.stroke.color);
    }

    fn rounded(&self, min: (f32, f32), max: (f32, f32), radius: f32) {
        let rect = Rect::from_min_max(self.at(min), self.at(max));
        let radius = radius * self.scale;
        self.painter
            .rect_stroke(rect, radius, self.stroke, egui::StrokeKind::Middle);
    }

    /// Angles in radians, clockwise from three o'clock.
    fn arc(&self, center: (f32, f32), radius: f32, from: f32, to: f32) {
        const STEPS: u8 = 16;
        let point = |step: u8| {
            let angle = from + (to - from) * f32::from(step) / f32::from(STEPS);
            let (sin, cos) = angle.sin_cos();
            self.at((center.0 + radius * cos, center.1 + radius * sin))
        };
        let points = (0..=STEPS).map(point).collect();
        self.painter.add(Shape::line(points, self.stroke));
    }
}
