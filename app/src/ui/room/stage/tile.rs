//! One tile: a picture or initials, a name, and marks for what one should know.
use egui::{
    Align2, Color32, CursorIcon, FontId, Popup, PopupCloseBehavior, Rect, Response, Role, Sense,
    Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use super::cast;
use crate::model::{Command, Model, Person, Presence, Reach, Room, Whose};
use crate::ui::icons::{self, Icon};
use crate::ui::pictures::{Fit, Frame, Gallery};
use crate::ui::room::person;
use crate::ui::theme::{self, Type, space, tokens};
use crate::ui::view::{RoomView, StageLayout};
use crate::ui::widgets::{avatar, bars, one_line, ring};

/// Where somebody sits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Seat {
    /// Who; nobody where only the number of those without a seat stands.
    pub(super) whose: Option<Whose>,
    pub(super) place: Rect,
    pub(super) is_large: bool,
    /// Whether there is leave for a picture: not for more than the person wants to see at once.
    pub(super) has_picture: bool,
    pub(super) hidden: usize,
}

impl Seat {
    pub(super) const fn small(whose: Whose, place: Rect) -> Self {
        Self {
            whose: Some(whose),
            place,
            is_large: false,
            has_picture: true,
            hidden: 0,
        }
    }

    pub(super) const fn large(whose: Whose, place: Rect) -> Self {
        Self {
            is_large: true,
            ..Self::small(whose, place)
        }
    }

    /// So many more are there.
    pub(super) const fn more(place: Rect, hidden: usize) -> Self {
        Self {
            whose: None,
            hidden,
            ..Self::small(Whose::Mine, place)
        }
    }
}

/// What is needed to show tiles.
pub(super) struct Stage<'a> {
    pub(super) data: &'a Model,
    pub(super) room: &'a Room,
    pub(super) view: &'a mut RoomView,
    pub(super) gallery: &'a mut Gallery,
    pub(super) commands: &'a mut Vec<Command>,
}

/// What a tile shows of somebody.
#[derive(Clone, Debug, Default)]
struct Tile {
    name: String,
    initials: String,
    level_dbfs: f32,
    is_talking: bool,
    marks: Vec<Icon>,
    is_dim: bool,
    has_picture: bool,
}

impl Stage<'_> {
    /// Shows them: all pictures before anything that lies over one, since each change between the two takes time.
    pub(super) fn show(&mut self, ui: &Ui, seats: &[Seat]) {
        let painted: Vec<_> = seats.iter().map(|seat| self.begin(ui, *seat)).collect();
        for (seat, painted) in seats.iter().zip(painted) {
            let Some((whose, tile, is_painted)) = painted else {
                self.more(ui, *seat);
                continue;
            };
            paint(ui, *seat, &tile, is_painted, self.room.has_video);
            self.interact(ui, whose, *seat, &tile.name);
        }
    }

    /// Paints the picture; gives who it is, what else the tile shows, and whether there was one.
    fn begin(&mut self, ui: &Ui, seat: Seat) -> Option<(Whose, Tile, bool)> {
        let whose = seat.whose?;
        let mut tile = self.tile(whose);
        let is_wanted = seat.has_picture && tile.has_picture;
        if !is_wanted {
            // Nothing is received, hence nothing is wrong with it.
            let is_network = |mark: &Icon| matches!(mark, Icon::Network | Icon::NetworkOff);
            tile.marks.retain(|mark| !is_network(mark));
        }
        let is_painted = is_wanted && self.picture(ui, whose, seat, theme::RADIUS_CARD);
        Some((whose, tile, is_painted))
    }

    /// Paints somebody's picture, if there is one.
    pub(super) fn picture(&mut self, ui: &Ui, whose: Whose, seat: Seat, radius: u8) -> bool {
        let is_mine = whose == Whose::Mine;
        let is_shared = matches!(whose, Whose::Screen(_))
            || is_mine && self.camera().is_some_and(|camera| camera.is_replaced);
        let frame = Frame {
            tile: seat.place,
            fit: if is_shared || seat.is_large {
                Fit::Whole
            } else {
                Fit::Filled
            },
            is_mirrored: is_mine && !is_shared && self.data.settings.is_mirrored,
            is_frozen: self.view.stage.frozen.contains(&whose),
            radius,
            is_large: seat.is_large,
            ground: self.gallery.ground,
        };
        self.gallery.paint(ui.painter(), whose, frame)
    }

    fn camera(&self) -> Option<&crate::model::Camera> {
        self.room.me.camera.as_ref()
    }

    fn tile(&self, whose: Whose) -> Tile {
        let mut tile = match whose {
            Whose::Mine => self.mine(),
            Whose::Theirs(id) => self.room.person(&id).map(theirs).unwrap_or_default(),
            Whose::Screen(id) => Tile {
                name: cast::name(self.room, whose),
                has_picture: self.room.person(&id).is_some(),
                ..Tile::default()
            },
        };
        let stage = &self.view.stage;
        if let Whose::Theirs(id) = whose
            && stage.hidden.contains(&id)
            && tile.has_picture
        {
            tile.has_picture = false;
            tile.marks.push(Icon::CameraOff);
        }
        if stage.frozen.contains(&whose) {
            tile.marks.push(Icon::Pause);
        }
        if stage.seats.pinned() == Some(whose) && stage.layout == StageLayout::Speaker {
            tile.marks.push(Icon::Pin);
        }
        tile
    }

    fn mine(&self) -> Tile {
        let me = &self.room.me;
        Tile {
            name: format!("{} (you)", me.name),
            initials: me.name.clone(),
            level_dbfs: me.level_dbfs,
            is_talking: me.is_talking && !me.is_muted,
            marks: me
                .is_muted
                .then_some(Icon::MicrophoneOff)
                .into_iter()
                .collect(),
            is_dim: false,
            has_picture: cast::has_my_picture(self.room),
        }
    }

    /// So many have no place on the screen; pressed, it shows everybody in pages.
    fn more(&mut self, ui: &Ui, seat: Seat) {
        let t = tokens(ui);
        let (painter, place) = (ui.painter(), seat.place);
        let id = ui.scope_id().with("more");
        let response = ui.interact(place, id, Sense::click());
        let name = format!("{} more people: show everybody", seat.hidden);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
        let (fill, ink) = if response.hovered() || response.has_focus() {
            (t.raised, t.text)
        } else {
            (t.surface, t.muted)
        };
        painter.rect_filled(place, theme::RADIUS_CARD, fill);
        let edge = Stroke::new(1.0, t.hairline);
        painter.rect_stroke(place, theme::RADIUS_CARD, edge, StrokeKind::Inside);
        let words = format!("+{}", seat.hidden);
        let font = Type::Large.strong();
        painter.text(place.center(), Align2::CENTER_CENTER, &words, font, ink);
        ring(ui, &response, place, theme::RADIUS_CARD);
        if response.clicked() {
            self.view.stage.layout = StageLayout::Grid;
        }
    }

    /// For the pointer only: the keyboard finds the same menu in the list of people.
    fn interact(&mut self, ui: &Ui, whose: Whose, seat: Seat, name: &str) {
        if whose == Whose::Mine && !self.room.has_video {
            return;
        }
        let id = ui.scope_id().with(("tile", whose));
        let response = ui.interact(seat.place, id, Sense::CLICK);
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
        if self.room.has_video && response.double_clicked() {
            self.swap(whose, seat);
        }
        self.menu(&response, whose);
        if self.room.has_video {
            response.on_hover_cursor(CursorIcon::Default);
        }
    }

    /// A small one is looked at from now on; the large one fills the screen, or gives its place back.
    fn swap(&mut self, whose: Whose, seat: Seat) {
        let stage = &mut self.view.stage;
        if stage.layout == StageLayout::Grid || !seat.is_large {
            stage.layout = StageLayout::Speaker;
            stage.seats.pin(Some(whose));
        } else if stage.seats.pinned().is_some() {
            stage.seats.pin(None);
        } else {
            stage.is_full_screen = !stage.is_full_screen;
        }
    }

    fn menu(&mut self, response: &Response, whose: Whose) {
        let (room, view, commands) = (self.room, &mut *self.view, &mut *self.commands);
        Popup::context_menu(response)
            .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
            .show(|ui| match whose {
                Whose::Theirs(id) => {
                    if let Some(one) = room.person(&id) {
                        person::menu(ui, room, one, &mut view.stage, commands);
                    }
                }
                Whose::Mine | Whose::Screen(_) => {
                    let name = cast::name(room, whose);
                    person::picture_menu(ui, &name, whose, &mut view.stage);
                }
            });
    }
}

fn theirs(one: &Person) -> Tile {
    let reach = match one.video {
        Some(Reach::Stopped) => Some(Icon::NetworkOff),
        Some(Reach::Weak) => Some(Icon::Network),
        Some(Reach::Good) | None => None,
    };
    let muted = one.is_muted.then_some(Icon::SpeakerOff);
    Tile {
        name: one.name.clone(),
        initials: one.name.clone(),
        level_dbfs: one.level_dbfs,
        is_talking: one.is_talking && !one.is_muted,
        marks: muted.into_iter().chain(reach).collect(),
        is_dim: one.presence == Presence::Lost,
        has_picture: one.video.is_some(),
    }
}

fn paint(ui: &Ui, seat: Seat, tile: &Tile, is_painted: bool, has_video: bool) {
    let t = tokens(ui);
    let (painter, place) = (ui.painter(), seat.place);
    if !is_painted {
        painter.rect_filled(place, theme::RADIUS_CARD, t.surface);
    }
    let edge = if tile.is_talking {
        Stroke::new(3.0, t.talking)
    } else {
        Stroke::new(1.0, t.hairline)
    };
    painter.rect_stroke(place, theme::RADIUS_CARD, edge, StrokeKind::Outside);
    if !is_painted {
        let radius = (place.height() * 0.24).min(if seat.is_large { 88.0 } else { 56.0 });
        let lift = if place.height() < SMALL_HEIGHT {
            8.0
        } else {
            12.0
        };
        let center = pos2(place.center().x, place.center().y - lift);
        avatar(ui, center, radius, &tile.initials, false);
    }
    if has_video && (is_painted || place.height() < SMALL_HEIGHT) {
        plate(ui, place, tile, is_painted);
    } else {
        caption(ui, place, tile);
    }
}

/// Below, a tile has a small plate for its name.
const SMALL_HEIGHT: f32 = 110.0;

/// The name under the initials.
fn caption(ui: &Ui, place: Rect, tile: &Tile) {
    let t = tokens(ui);
    let line = Rect::from_min_max(
        pos2(place.left() + space::M, place.bottom() - 36.0),
        pos2(place.right() - space::M, place.bottom() - 8.0),
    );
    let ink = if tile.is_dim { t.muted } else { t.text };
    let marks_width = 10.0 + MARK * count(tile.marks.len().max(1));
    let words = line.with_max_x(line.right() - marks_width);
    let width = one_line(ui, words, &tile.name, Type::Body.strong(), ink);
    if tile.is_talking && words.left() + width + 26.0 < line.right() - 20.0 {
        let meter = Rect::from_min_size(
            pos2(words.left() + width + space::S, line.center().y - 7.0),
            vec2(16.0, 14.0),
        );
        bars(ui, meter, tile.level_dbfs, t.talking);
    }
    marks(ui, line, &tile.marks, MARK, t.warning);
}

/// The name over a picture, on a dark plate, and the marks on another.
fn plate(ui: &Ui, place: Rect, tile: &Tile, is_painted: bool) {
    let (fill, ink, mark) = if is_painted {
        (theme::PLATE, theme::ON_PLATE, theme::PLATE_MARK)
    } else {
        let t = tokens(ui);
        (
            Color32::TRANSPARENT,
            if tile.is_dim { t.muted } else { t.text },
            t.warning,
        )
    };
    let is_small = place.height() < SMALL_HEIGHT;
    let (margin, height, size) = if is_small {
        (4.0, 20.0, 14.0)
    } else {
        (8.0, 26.0, MARK)
    };
    let font: FontId = if is_small {
        Type::Small.strong()
    } else {
        Type::Body.strong()
    };
    let right = Rect::from_min_max(
        pos2(
            place.right() - margin - (size + 4.0) * count(tile.marks.len()) - 6.0,
            place.bottom() - margin - height,
        ),
        pos2(place.right() - margin, place.bottom() - margin),
    );
    let left = pos2(place.left() + margin, right.top());
    let meter_width = if tile.is_talking { 22.0 } else { 0.0 };
    let most = if tile.marks.is_empty() {
        place.right() - margin
    } else {
        right.left() - 4.0
    };
    let room = (most - left.x - 16.0 - meter_width).max(0.0);
    let galley = ui
        .painter()
        .layout_no_wrap(tile.name.clone(), font.clone(), ink);
    let width = galley.size().x.min(room);
    let plate = Rect::from_min_size(left, vec2(width + 16.0 + meter_width, height));
    ui.painter().rect_filled(plate, theme::RADIUS, fill);
    let words = Rect::from_min_size(left + vec2(8.0, 0.0), vec2(width + 1.0, height));
    one_line(ui, words, &tile.name, font, ink);
    if tile.is_talking {
        let meter = Rect::from_center_size(
            pos2(plate.right() - 15.0, plate.center().y),
            vec2(14.0, size - 4.0),
        );
        bars(
            ui,
            meter,
            tile.level_dbfs,
            if is_painted {
                theme::PLATE_TALKING
            } else {
                tokens(ui).talking
            },
        );
    }
    if !tile.marks.is_empty() {
        ui.painter().rect_filled(right, theme::RADIUS, fill);
        let line = right.with_max_x(right.right() - 4.0);
        marks(ui, line, &tile.marks, size, mark);
    }
}

fn marks(ui: &Ui, line: Rect, marks: &[Icon], size: f32, ink: Color32) {
    let mut right = line.right();
    for mark in marks {
        let center = pos2(right - size / 2.0, line.center().y);
        let place = Rect::from_center_size(center, vec2(size, size));
        icons::paint(ui.painter(), *mark, place, size, ink);
        right -= size + 4.0;
    }
}

fn count(number: usize) -> f32 {
    f32::from(u8::try_from(number).unwrap_or(u8::MAX))
}

/// Of a mark, in points.
const MARK: f32 = 18.0;
