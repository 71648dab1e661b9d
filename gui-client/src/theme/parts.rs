//! Small pieces that more than one view is made of: the button that stands out, texts in the quiet
//! and the alarming tone, a field under its label, a banner. Knows the tokens, and no view.

use std::sync::Arc;

use egui::style::{ScrollFadeStyle, ScrollStyle};
use egui::text::{LayoutJob, TextWrapping};
use egui::{
    Button, Color32, CornerRadius, FontId, Frame, Galley, Id, Label, Margin, Panel, Rect, Response, RichText,
    Stroke, TextEdit, Ui, Vec2,
};

use super::{body, line_height, palette, round, small, space};

/// The one button of a group that does what most people came for.
pub fn primary_button(ui: &mut Ui, label: &str) -> Response {
    primary_button_of(ui, label, Vec2::ZERO)
}

/// The same, of this size at least.
pub fn primary_button_of(ui: &mut Ui, label: &str, size: Vec2) -> Response {
    ui.scope(|ui| {
        let palette = palette(ui);
        let widgets = &mut ui.visuals_mut().widgets;
        let states =
            [(&mut widgets.inactive, false), (&mut widgets.hovered, true), (&mut widgets.active, true)];
        for (visuals, lit) in states {
            visuals.weak_bg_fill = if lit { palette.accent_hover } else { palette.accent };
            visuals.bg_stroke = Stroke::new(1.0, visuals.weak_bg_fill);
            visuals.fg_stroke.color = palette.on_accent;
        }
        // The focus must show on a button that is as bright as a focus ring.
        widgets.active.bg_stroke = Stroke::new(2.0, palette.text);
        ui.add(Button::new(label).min_size(size))
    })
    .inner
}

/// A button that looks like text, in the colour that stands out, until the pointer is on it.
pub fn plain_button(ui: &mut Ui, label: &str) -> Response {
    let label = RichText::new(label).color(palette(ui).accent);
    ui.add(Button::new(label).frame_when_inactive(false))
}

/// A button for what may be regretted.
pub fn grave(ui: &mut Ui, label: &str) -> Response {
    ui.button(RichText::new(label).color(palette(ui).bad))
}

/// What a menu is for, in its first row.
pub fn menu_head(ui: &mut Ui, words: &str) {
    let shown: String = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let head = cut(ui, shown, palette(ui).quiet, space::FIELD);
    ui.add(Label::new(head)).accessible_name(words);
}

/// Asks in a menu whether that is to be done which may be regretted: `None` until it is answered. The way back is
/// what a second click and Enter find; it gets the keyboard while this `is_new`.
pub fn ask_once_more(ui: &mut Ui, question: &str, yes: &str, is_new: &mut bool) -> Option<bool> {
    ui.set_max_width(space::FIELD);
    words(ui, question);
    let yes = grave(ui, yes).clicked();
    let no = ui.button("Leave it");
    if *is_new && !ui.is_sizing_pass() {
        *is_new = false;
        no.request_focus();
    }
    (yes || no.clicked()).then_some(yes)
}

/// Text in the quiet tone, small.
pub fn quiet(ui: &mut Ui, words: impl Into<String>) -> Response {
    let colour = palette(ui).quiet;
    ui.add(Label::new(spaced(RichText::new(words), small()).color(colour)).wrap())
}

/// Words in one row of which the end is left out where it would be wider than this.
pub fn cut(ui: &Ui, words: String, colour: Color32, width: f32) -> Arc<Galley> {
    let mut job = LayoutJob::simple_singleline(words, body(), colour);
    job.wrap = TextWrapping::truncate_at_width(width.max(1.0));
    ui.fonts_mut(|fonts| fonts.layout_job(job))
}

/// Words that may run over several lines.
pub fn words(ui: &mut Ui, words: impl Into<String>) -> Response {
    ui.add(Label::new(spaced(RichText::new(words), body())).wrap())
}

fn spaced(words: RichText, font: FontId) -> RichText {
    words.line_height(Some(line_height(&font))).font(font)
}

/// Words about something that went wrong.
pub fn alarm(ui: &mut Ui, words: impl Into<String>) -> Response {
    let colour = palette(ui).bad;
    ui.add(Label::new(spaced(RichText::new(words), body()).color(colour)).wrap())
}

/// A field of one line under its label, as wide as there is room.
pub fn field(ui: &mut Ui, id: Id, label: &str, value: &mut String, hint: &str) -> Response {
    let label = quiet(ui, label);
    ui.add_space(space::XS - ui.spacing().item_spacing.y);
    let hint = self::hint(ui, hint);
    let field = TextEdit::singleline(value).id(id).hint_text(hint).desired_width(f32::INFINITY);
    ui.add(field.margin(field_margin())).labelled_by(label.id)
}

/// What stands in a field in which nothing is written: as high as what will be.
pub fn hint(ui: &Ui, words: &str) -> RichText {
    RichText::new(words).color(palette(ui).quiet).line_height(Some(field_row(ui)))
}

/// The space within a field.
pub fn field_margin() -> Margin {
    Margin::symmetric(space::M as i8, space::S as i8)
}

/// What is drawn around a field that draws no frame itself.
pub fn field_frame(ui: &Ui, focused: bool) -> Frame {
    let palette = palette(ui);
    let stroke = if focused { ui.visuals().selection.stroke } else { Stroke::new(1.0, palette.line) };
    // The outline takes room of its own, which the margin gives up.
    let margin = field_margin() - Margin::same(1);
    Frame::new().fill(palette.field).stroke(stroke).corner_radius(round::CONTROL).inner_margin(margin)
}

/// The height of one row within a field, as egui draws it.
pub fn field_row(ui: &Ui) -> f32 {
    ui.fonts_mut(|fonts| fonts.row_height(&body())) + ui.spacing().extra_text_line_spacing
}

/// A raised area with round corners.
pub fn card(ui: &Ui) -> Frame {
    let palette = palette(ui);
    Frame::new()
        .fill(palette.raised)
        .stroke(Stroke::new(1.0, palette.line))
        .corner_radius(CornerRadius::same(round::CARD))
        .inner_margin(Margin::same(space::L as i8))
}

/// How that is scrolled of which part may be out of sight: by a bar beside it, which is there whenever there is
/// more.
pub fn plain_to_see() -> ScrollStyle {
    ScrollStyle {
        bar_width: space::BAR_WIDE,
        bar_inner_margin: space::S,
        bar_outer_margin: 0.0,
        handle_min_length: space::BAR_MIN,
        fade: ScrollFadeStyle { strength: 0.0, ..ScrollFadeStyle::default() },
        ..ScrollStyle::solid()
    }
}

/// Brings what has just got the keyboard into sight.
pub fn follow_focus(control: &Response) {
    if control.gained_focus() {
        control.scroll_to_me(None);
    }
}

/// One of several of which one is chosen.
pub fn radio(ui: &mut Ui, is_chosen: bool, label: &str) -> Response {
    with_outline(ui, |ui| ui.radio(is_chosen, label))
}

/// Something to say yes to, or not.
pub fn checkbox(ui: &mut Ui, value: &mut bool, label: &str) -> Response {
    with_outline(ui, |ui| ui.checkbox(value, label))
}

/// What is an outline and little else while it is empty must be seen on everything that it stands on.
fn with_outline(ui: &mut Ui, add: impl FnOnce(&mut Ui) -> Response) -> Response {
    ui.scope(|ui| {
        let palette = palette(ui);
        let inactive = &mut ui.visuals_mut().widgets.inactive;
        inactive.bg_fill = palette.field;
        inactive.bg_stroke = Stroke::new(1.0, palette.outline);
        add(ui)
    })
    .inner
}

/// A small raised area in front of everything, in which something is said for a moment.
pub fn tip(ui: &Ui) -> Frame {
    let palette = palette(ui);
    Frame::new()
        .fill(palette.raised)
        .stroke(Stroke::new(1.0, palette.line))
        .corner_radius(round::CONTROL)
        .inner_margin(Margin::symmetric(space::M as i8, space::XS as i8))
}

/// A full-width area at the top or the bottom of the window.
pub fn bar(ui: &Ui) -> Frame {
    Frame::new().fill(palette(ui).raised).inner_margin(Margin::symmetric(space::L as i8, space::M as i8))
}

/// A full-width area that tells of something to do or to wait for.
pub fn banner(ui: &Ui) -> Frame {
    Frame::new().fill(palette(ui).banner).inner_margin(Margin::symmetric(space::L as i8, space::S as i8))
}

/// An area along an edge of the window that keeps its size.
pub fn panel(panel: Panel, frame: Frame) -> Panel {
    panel.resizable(false).show_separator_line(false).frame(frame)
}

/// A round dot.
pub fn dot(ui: &mut Ui, colour: Color32) {
    let (rect, _) = ui.allocate_exact_size(Vec2::splat(space::DOT), egui::Sense::hover());
    ui.painter().circle_filled(rect.center(), space::DOT / 2.0, colour);
}

/// A line along the lower edge of `area`.
pub fn underline(ui: &Ui, area: Rect) {
    let stroke = Stroke::new(1.0, palette(ui).line);
    ui.painter().hline(area.x_range(), area.bottom() - 0.5, stroke);
}
