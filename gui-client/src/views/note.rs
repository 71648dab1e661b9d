//! Something to tell that belongs to no field: a banner above whatever screen is shown, until it is
//! dismissed. Knows words only.

use egui::{Panel, Ui};

use crate::action::Action;
use crate::theme::parts;

/// Draws `note`, if there is one.
pub fn show(ui: &mut Ui, note: Option<&str>) -> Vec<Action> {
    let Some(note) = note else { return Vec::new() };
    let frame = parts::banner(ui);
    let panel = Panel::top("note").resizable(false).show_separator_line(false).frame(frame);
    let row = |ui: &mut Ui| {
        parts::words(ui, note);
        ui.button("OK").clicked()
    };
    let dismissed = panel.show(ui, |ui| ui.horizontal_wrapped(row).inner).inner;
    dismissed.then_some(Action::DismissNote).into_iter().collect()
}
