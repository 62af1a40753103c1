//! Colours, sizes and type: the one place they are decided (the contrast of each pair is tested below).
use std::sync::Arc;

use egui::{
    Color32, Context, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Stroke, Style,
    TextStyle, Theme, ThemePreference, Ui, Visuals, style::ScrollAnimation,
};

use crate::model::{Settings, ThemeChoice};

/// The colours of one theme.
#[derive(Debug, PartialEq, Eq)]
pub struct Tokens {
    /// The window.
    pub ground: Color32,
    /// Panels.
    pub surface: Color32,
    /// Cards, fields, quiet buttons.
    pub raised: Color32,
    /// Under the pointer.
    pub hover: Color32,
    /// Edges of what can be focused.
    pub line: Color32,
    /// Edges that only divide.
    pub hairline: Color32,
    /// Text.
    pub text: Color32,
    /// Text of the second rank.
    pub muted: Color32,
    /// Primary action, selection, focus ring.
    pub accent: Color32,
    /// Text on accent, talking, warning and danger.
    pub on_accent: Color32,
    /// Behind what is selected.
    pub selection: Color32,
    /// Talking, live, good.
    pub talking: Color32,
    /// Needs attention.
    pub warning: Color32,
    /// Leave, failed, refused.
    pub danger: Color32,
    /// Behind a dialog.
    pub backdrop: Color32,
}

/// Dark.
pub const DARK: Tokens = Tokens {
    ground: Color32::from_rgb(0x12, 0x15, 0x1A),
    surface: Color32::from_rgb(0x1A, 0x1F, 0x26),
    raised: Color32::from_rgb(0x25, 0x2C, 0x36),
    hover: Color32::from_rgb(0x2E, 0x37, 0x43),
    line: Color32::from_rgb(0x7A, 0x87, 0x94),
    hairline: Color32::from_rgb(0x30, 0x37, 0x40),
    text: Color32::from_rgb(0xE9, 0xED, 0xF2),
    muted: Color32::from_rgb(0xA3, 0xAF, 0xBC),
    accent: Color32::from_rgb(0x7A, 0xA2, 0xFF),
    on_accent: Color32::from_rgb(0x12, 0x15, 0x1A),
    selection: Color32::from_rgb(0x23, 0x2F, 0x49),
    talking: Color32::from_rgb(0x43, 0xD1, 0x7F),
    warning: Color32::from_rgb(0xFF, 0xC1, 0x5A),
    danger: Color32::from_rgb(0xFF, 0x80, 0x78),
    backdrop: Color32::from_black_alpha(150),
};

/// Light.
pub const LIGHT: Tokens = Tokens {
    ground: Color32::from_rgb(0xF5, 0xF7, 0xFA),
    surface: Color32::from_rgb(0xFF, 0xFF, 0xFF),
    raised: Color32::from_rgb(0xE9, 0xED, 0xF3),
    hover: Color32::from_rgb(0xDD, 0xE3, 0xEB),
    line: Color32::from_rgb(0x76, 0x82, 0x90),
    hairline: Color32::from_rgb(0xD6, 0xDB, 0xE1),
    text: Color32::from_rgb(0x12, 0x15, 0x1A),
    muted: Color32::from_rgb(0x54, 0x5F, 0x6B),
    accent: Color32::from_rgb(0x2A, 0x55, 0xD9),
    on_accent: Color32::from_rgb(0xFF, 0xFF, 0xFF),
    selection: Color32::from_rgb(0xE2, 0xE9, 0xFB),
    talking: Color32::from_rgb(0x0B, 0x7A, 0x45),
    warning: Color32::from_rgb(0x8A, 0x56, 0x00),
    danger: Color32::from_rgb(0xB3, 0x26, 0x1E),
    backdrop: Color32::from_black_alpha(90),
};

/// Behind words on a picture, whatever the theme.
pub const PLATE: Color32 = Color32::from_black_alpha(168);
/// Words on a plate.
pub const ON_PLATE: Color32 = Color32::from_rgb(0xFF, 0xFF, 0xFF);
/// Needs attention, on a plate.
pub const PLATE_MARK: Color32 = DARK.warning;
/// Talking, on a plate.
pub const PLATE_TALKING: Color32 = DARK.talking;
/// Around a picture that has a window of its own, and on the full screen.
pub const PICTURE_GROUND: Color32 = Color32::from_rgb(0x00, 0x00, 0x00);

/// The tokens in force.
pub fn tokens(ui: &Ui) -> &'static Tokens {
    of(ui.visuals().dark_mode)
}

/// The tokens of one theme.
pub fn of(is_dark: bool) -> &'static Tokens {
    if is_dark { &DARK } else { &LIGHT }
}

/// Steps of distance, in points.
pub mod space {
    /// Between an icon and its word.
    pub const XS: f32 = 4.0;
    /// Between things of one group.
    pub const S: f32 = 8.0;
    /// Inside controls and cards.
    pub const M: f32 = 12.0;
    /// Between groups.
    pub const L: f32 = 16.0;
    /// Around panels.
    pub const XL: f32 = 24.0;
    /// Between sections.
    pub const XXL: f32 = 32.0;
}

/// Corners of controls, in points.
pub const RADIUS: u8 = 6;
/// Corners of cards and tiles, in points.
pub const RADIUS_CARD: u8 = 10;
/// Height of a control, in points: the least that a finger or an unsteady hand hits.
pub const CONTROL_HEIGHT: f32 = 34.0;
/// Width of the focus ring, in points.
pub const FOCUS_WIDTH: f32 = 2.0;

/// The sizes of type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// 12: notes.
    Small,
    /// 14: nearly everything.
    Body,
    /// 16: names.
    Large,
    /// 20: titles.
    Title,
    /// 28: the first thing on a screen.
    Hero,
}

impl Type {
    const fn points(self) -> f32 {
        match self {
            Self::Small => 12.0,
            Self::Body => 14.0,
            Self::Large => 16.0,
            Self::Title => 20.0,
            Self::Hero => 28.0,
        }
    }

    /// Weight 400.
    pub const fn regular(self) -> FontId {
        FontId::new(self.points(), FontFamily::Proportional)
    }

    /// Weight 600.
    pub fn strong(self) -> FontId {
        FontId::new(self.points(), FontFamily::Name(STRONG.into()))
    }
}

const STRONG: &str = "strong";

/// Installs the fonts and both styles; once, before the first frame.
pub fn install(ctx: &Context) {
    ctx.set_fonts(fonts());
    ctx.set_style_of(Theme::Dark, style(&DARK, true));
    ctx.set_style_of(Theme::Light, style(&LIGHT, false));
}

/// Makes the person's choices take effect; cheap, so each frame may ask.
pub fn follow(ctx: &Context, settings: &Settings) {
    let preference = match settings.theme {
        ThemeChoice::System => ThemePreference::System,
        ThemeChoice::Dark => ThemePreference::Dark,
        ThemeChoice::Light => ThemePreference::Light,
    };
    if ctx.options(|options| options.theme_preference) != preference {
        ctx.set_theme(preference);
    }
    let scale = f32::from(settings.text_scale_percent.clamp(100, 200)) / 100.0;
    if (ctx.zoom_factor() - scale).abs() > f32::EPSILON {
        ctx.set_zoom_factor(scale);
    }
    let fade_secs = if settings.is_motion_reduced {
        0.0
    } else {
        FADE_SECS
    };
    if (ctx.global_style().animation_time - fade_secs).abs() > f32::EPSILON {
        ctx.all_styles_mut(|style| style.animation_time = fade_secs);
    }
}

/// How long a change fades in, in seconds.
const FADE_SECS: f32 = 0.1;

fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let files: [(&str, &'static [u8]); 2] = [
        (
            "Inter",
            include_bytes!("../../../assets/fonts/Inter-Regular.otf"),
        ),
        (
            "Inter SemiBold",
            include_bytes!("../../../assets/fonts/Inter-SemiBold.otf"),
        ),
    ];
    for (name, bytes) in files {
        let data = Arc::new(FontData::from_static(bytes));
        fonts.font_data.insert(name.to_owned(), data);
    }
    let regular = fonts.families.entry(FontFamily::Proportional).or_default();
    regular.insert(0, "Inter".to_owned());
    let mut strong = regular.clone();
    strong.insert(0, "Inter SemiBold".to_owned());
    fonts
        .families
        .insert(FontFamily::Name(STRONG.into()), strong);
    fonts
}

fn style(tokens: &Tokens, is_dark: bool) -> Style {
    let mut style = Style {
        visuals: visuals(tokens, is_dark),
        animation_time: FADE_SECS,
        scroll_animation: ScrollAnimation::none(),
        ..Style::default()
    };
    style.text_styles = [
        (TextStyle::Small, Type::Small.regular()),
        (TextStyle::Body, Type::Body.regular()),
        (TextStyle::Button, Type::Body.regular()),
        (TextStyle::Heading, Type::Title.strong()),
        (TextStyle::Monospace, FontId::monospace(12.0)),
    ]
    .into();
    style.spacing.item_spacing = egui::vec2(space::S, space::S);
    style.spacing.button_padding = egui::vec2(space::M, space::S);
    style.spacing.interact_size = egui::vec2(CONTROL_HEIGHT, CONTROL_HEIGHT);
    style.spacing.window_margin = egui::Margin::same(24);
    style.spacing.menu_margin = egui::Margin::same(8);
    style.spacing.scroll = egui::style::ScrollStyle::floating();
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = 0.6;
    style
}

fn visuals(tokens: &Tokens, is_dark: bool) -> Visuals {
    let mut visuals = if is_dark {
        Visuals::dark()
    } else {
        Visuals::light()
    };
    visuals.panel_fill = tokens.ground;
    visuals.window_fill = tokens.surface;
    visuals.window_stroke = Stroke::new(1.0, tokens.hairline);
    visuals.window_corner_radius = CornerRadius::same(RADIUS_CARD);
    visuals.menu_corner_radius = CornerRadius::same(RADIUS_CARD);
    visuals.extreme_bg_color = tokens.raised;
    visuals.text_edit_bg_color = Some(tokens.raised);
    visuals.code_bg_color = tokens.raised;
    visuals.faint_bg_color = tokens.surface;
    visuals.hyperlink_color = tokens.accent;
    visuals.warn_fg_color = tokens.warning;
    visuals.error_fg_color = tokens.danger;
    visuals.weak_text_color = Some(tokens.muted);
    visuals.selection.bg_fill = tokens.accent.gamma_multiply(0.35);
    visuals.selection.stroke = Stroke::new(1.0, tokens.text);
    visuals.text_cursor.stroke = Stroke::new(2.0, tokens.accent);
    visuals.text_cursor.blink = false;
    let widgets = &mut visuals.widgets;
    for state in [
        &mut widgets.noninteractive,
        &mut widgets.inactive,
        &mut widgets.hovered,
        &mut widgets.active,
        &mut widgets.open,
    ] {
        state.corner_radius = CornerRadius::same(RADIUS);
        state.bg_fill = tokens.raised;
        state.weak_bg_fill = tokens.raised;
        state.bg_stroke = Stroke::new(1.0, tokens.hairline);
        state.fg_stroke = Stroke::new(1.0, tokens.text);
        state.expansion = 0.0;
    }
    visuals
}

#[cfg(test)]
mod tests {
    use super::*;

    /// WCAG 2.2 relative luminance.
    fn luminance(color: Color32) -> f32 {
        let linear = |byte: u8| {
            let c = f32::from(byte) / 255.0;
            if c <= 0.040_45 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(color.r()) + 0.7152 * linear(color.g()) + 0.0722 * linear(color.b())
    }

    fn contrast(a: Color32, b: Color32) -> f32 {
        let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
        a.max(b) / a.min(b)
    }

    #[test]
    fn words_and_marks_stand_out_on_every_ground() {
        for tokens in [&DARK, &LIGHT] {
            for ground in [
                tokens.ground,
                tokens.surface,
                tokens.raised,
                tokens.selection,
            ] {
                for text in [tokens.text, tokens.muted] {
                    assert!(contrast(text, ground) >= 4.5, "{text:?} on {ground:?}");
                }
                for mark in [
                    tokens.line,
                    tokens.accent,
                    tokens.talking,
                    tokens.warning,
                    tokens.danger,
                ] {
                    assert!(contrast(mark, ground) >= 3.0, "{mark:?} on {ground:?}");
                }
            }
            for fill in [tokens.accent, tokens.talking, tokens.danger, tokens.warning] {
                assert!(contrast(tokens.on_accent, fill) >= 4.5, "on {fill:?}");
            }
        }
    }
}
