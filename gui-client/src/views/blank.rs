//! What stands where the messages would be when there are none. Knows the model's public face; changes
//! nothing in it.

use egui::{Rect, Ui, UiBuilder, Vec2};

use super::room::Scene;
use crate::model::{Connection, Kind};
use crate::theme::{parts, space};

/// Draws it, if nothing was ever said here as far as we know.
pub(super) fn show(ui: &mut Ui, place: Rect, scene: Scene<'_>) {
    let room = scene.room;
    // Who is here is told once all that was said has been told.
    let is_known = *room.connection() == Connection::Online && room.member_count().is_some();
    let is_blank = || room.timeline().iter().all(|entry| matches!(entry.kind, Kind::Status(_)));
    if is_known && is_blank() && !room.can_show_older() {
        let words = Rect::from_center_size(place.center(), Vec2::new(place.width(), space::CONTROL));
        // It takes no room from the list.
        let mut ui = ui.new_child(UiBuilder::new().max_rect(words));
        ui.vertical_centered(|ui| parts::quiet(ui, "Nothing was said here yet. Say hello."));
    }
}
