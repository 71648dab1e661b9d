//! The tokens, told to egui: one style for dark and one for light, so that buttons and fields look
//! right wherever a view puts them. Knows egui's style and nothing of what is drawn with it.

use egui::style::{ScrollFadeStyle, ScrollStyle, Spacing, TextCursorStyle, WidgetVisuals};
use egui::{
    Color32, CornerRadius, FontFamily, FontId, Margin, Shadow, Stroke, Style, TextStyle, Theme, vec2,
};

use super::{Metrics, Palette, palette_of, round, space, text};
use crate::settings::Density;

/// Sets both styles; egui follows the system from one to the other.
pub fn install(ctx: &egui::Context, density: Density) {
    for theme in [Theme::Dark, Theme::Light] {
        ctx.set_style_of(theme, style(theme, Metrics::of(density)));
    }
}

fn style(theme: Theme, metrics: Metrics) -> Style {
    let palette = palette_of(theme == Theme::Dark);
    let mut style = theme.default_style();
    style.text_styles = [
        (TextStyle::Small, text::SMALL, FontFamily::Proportional),
        (TextStyle::Body, text::BODY, FontFamily::Proportional),
        (TextStyle::Button, text::BODY, FontFamily::Proportional),
        (TextStyle::Heading, text::HEADING, FontFamily::Proportional),
        (TextStyle::Monospace, text::BODY, FontFamily::Monospace),
    ]
    .into_iter()
    .map(|(name, size, family)| (name, FontId::new(size, family)))
    .collect();
    style.spacing = spacing(style.spacing, metrics);
    style.animation_time = 0.08;
    colour(&mut style, palette);
    style
}

fn spacing(defaults: Spacing, metrics: Metrics) -> Spacing {
    let Metrics { control, gap, padding, .. } = metrics;
    Spacing {
        item_spacing: vec2(gap, gap),
        button_padding: vec2(padding[0], padding[1]),
        interact_size: vec2(control, control),
        window_margin: Margin::same(space::M as i8),
        menu_margin: Margin::same(space::S as i8),
        // What the font leaves between two lines, and this, make text::LINE.
        extra_text_line_spacing: 4.0,
        scroll: ScrollStyle {
            foreground_color: false,
            // What is being typed must not look faded because it is at an edge.
            fade: ScrollFadeStyle { strength: 0.0, ..ScrollFadeStyle::default() },
            ..ScrollStyle::floating()
        },
        ..defaults
    }
}

fn colour(style: &mut Style, palette: &Palette) {
    let visuals = &mut style.visuals;
    let widget = |fill: Color32, border: Color32, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, border),
        corner_radius: CornerRadius::same(round::CONTROL),
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    };
    visuals.widgets.noninteractive = widget(palette.ground, palette.line, palette.text);
    visuals.widgets.inactive = widget(palette.control, palette.line, palette.text);
    visuals.widgets.hovered = widget(palette.hover, palette.quiet, palette.text);
    visuals.widgets.active = widget(palette.hover, palette.accent, palette.text);
    visuals.widgets.open = widget(palette.control, palette.accent, palette.text);
    visuals.weak_text_color = Some(palette.quiet);
    visuals.hyperlink_color = palette.accent;
    visuals.selection.bg_fill = palette.selection;
    // Around the field that has the focus.
    visuals.selection.stroke = Stroke::new(1.5, palette.accent);
    visuals.text_cursor = TextCursorStyle {
        stroke: Stroke::new(2.0, palette.accent),
        // A blinking cursor would draw the whole window twice a second for ever.
        blink: false,
        ..TextCursorStyle::default()
    };
    visuals.text_edit_bg_color = Some(palette.field);
    visuals.extreme_bg_color = palette.field;
    visuals.faint_bg_color = palette.raised;
    visuals.code_bg_color = palette.control;
    visuals.panel_fill = palette.ground;
    visuals.window_fill = palette.raised;
    visuals.window_stroke = Stroke::new(1.0, palette.line);
    visuals.window_corner_radius = CornerRadius::same(round::CARD);
    visuals.menu_corner_radius = CornerRadius::same(round::CONTROL);
    visuals.popup_shadow =
        Shadow { offset: [0, 4], blur: 12, spread: 0, color: Color32::from_black_alpha(60) };
    visuals.warn_fg_color = palette.warn;
    visuals.error_fg_color = palette.bad;
}
