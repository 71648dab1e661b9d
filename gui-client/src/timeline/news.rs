//! The line above what is new. Knows how high it is and how it is drawn; where it stands is the model's
//! business.

use egui::{Align2, Id, Rect, Role, Sense, Stroke, Ui, WidgetInfo, vec2};

use crate::theme::{Metrics, palette, small, space};

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
