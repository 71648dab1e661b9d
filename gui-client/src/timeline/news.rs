//! The line above what is new, and the ways to what is new from elsewhere. Knows how they are drawn; where the
//! line stands is the model's business.

use egui::{Align, Align2, Id, Layout, Rect, Role, Sense, Stroke, Ui, UiBuilder, WidgetInfo, vec2};

use crate::look::Look;
use crate::theme::{Metrics, palette, parts, small, space};

/// What it says.
const WORDS: &str = "New since you looked";

/// How high it is.
pub(super) fn height(metrics: Metrics) -> f32 {
    metrics.line_height(&small()) + metrics.row_gap
}

/// Draws it at the upper edge of `rect`, above the entry of this number.
pub(super) fn show(ui: &Ui, metrics: Metrics, number: u64, rect: Rect) {
    let rect = Rect::from_min_size(rect.min, vec2(rect.width(), height(metrics)));
    let accent = palette(ui).accent;
    let words = ui.painter().layout_no_wrap(WORDS.to_owned(), small(), accent);
    let at = Align2::CENTER_CENTER.align_size_within_rect(words.size(), rect);
    let stroke = Stroke::new(1.0, accent);
    ui.painter().hline(rect.left()..=at.left() - space::S, rect.center().y, stroke);
    ui.painter().hline(at.right() + space::S..=rect.right(), rect.center().y, stroke);
    ui.painter().galley(at.min, words, accent);
    let line = ui.interact(at, Id::unique(("news", number)), Sense::hover());
    line.widget_info(|| WidgetInfo::labeled(Role::Label, true, WORDS));
}

/// The way back to the newest, with how many nobody has looked at.
pub(super) fn offer_jump(ui: &mut Ui, view: Rect, look: &Look<'_>, new: usize) -> bool {
    let label = match new {
        0 => "Jump to latest".to_owned(),
        new => format!("Jump to latest ({new} new)"),
    };
    offer(ui, view, look, Align2::CENTER_BOTTOM, &label)
}

/// The way to where the news begin, when they begin above what is in sight.
pub(super) fn offer_missed(ui: &mut Ui, view: Rect, look: &Look<'_>) -> bool {
    offer(ui, view, look, Align2::CENTER_TOP, "Go to what is new")
}

fn offer(ui: &mut Ui, view: Rect, look: &Look<'_>, place: Align2, label: &str) -> bool {
    let size = vec2(space::FIELD, look.metrics().control);
    let rect = place.align_size_within_rect(size, view.shrink(space::M));
    let builder = UiBuilder::new().max_rect(rect).layout(Layout::top_down(Align::Center));
    ui.scope_builder(builder, |ui| parts::primary_button(ui, label).clicked()).inner
}
