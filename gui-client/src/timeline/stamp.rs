//! The time of an entry, and the day and the second of it for whoever rests the pointer there. Knows one time
//! and where it stands; what was said then is the row's.

use std::sync::Arc;

use egui::{Frame, Galley, Id, Margin, Pos2, Rect, RectAlign, RichText, Sense, Tooltip, Ui};

use crate::look::Look;
use crate::model::Entry;
use crate::theme::{palette, small, space};

/// Where the day is told, so as not to cover what was said: beside the time where nothing else is, or above.
const BESIDE: [RectAlign; 2] = [RectAlign::RIGHT_END, RectAlign::TOP_START];

/// Draws the time of `entry` at `at`, to the right of which is nothing if it stands `alone`.
pub(super) fn show(ui: &Ui, entry: &Entry, (at, time): (Pos2, Arc<Galley>), alone: bool, look: &Look<'_>) {
    let rect = Rect::from_min_size(at, time.size());
    ui.painter().galley(at, time, palette(ui).quiet);
    tell(ui, entry, rect, alone, look);
}

/// Tells day and time of an entry when the pointer rests on `rect`: on its time, or where that would stand if
/// the entry had it.
pub(super) fn tell(ui: &Ui, entry: &Entry, rect: Rect, alone: bool, look: &Look<'_>) {
    let time = ui.interact(rect, Id::unique(("time", entry.number)), Sense::hover());
    let mut tip = Tooltip::for_enabled(&time);
    let places = if alone { &BESIDE[..] } else { &BESIDE[1..] };
    // No higher than the row, or it would be over the next one.
    let frame = Frame::popup(ui.style()).inner_margin(Margin::symmetric(space::S as i8, 0));
    tip.popup = tip.popup.align(places[0]).align_alternatives(places).frame(frame).gap(space::XS);
    tip.show(|ui| ui.label(RichText::new(look.clock.full(entry.at)).font(small())));
}
