//! Small pieces that more than one view is made of: the button that stands out, texts in the quiet
//! and the alarming tone, a field under its label, a banner. Knows the tokens, and no view.

use egui::{
    Button, Color32, CornerRadius, FontId, Frame, Id, Label, Margin, Panel, Rect, Response, RichText, Stroke,
    TextEdit, Ui, Vec2,
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

/// Text in the quiet tone, small.
pub fn quiet(ui: &mut Ui, words: impl Into<String>) -> Response {
    let colour = palette(ui).quiet;
    ui.add(Label::new(spaced(RichText::new(words), small()).color(colour)).wrap())
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
    let hint = RichText::new(hint).color(palette(ui).quiet);
    let field = TextEdit::singleline(value).id(id).hint_text(hint).desired_width(f32::INFINITY);
    ui.add(field.margin(field_margin())).labelled_by(label.id)
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
