//! How the list is moved: wheel, finger, keys, and the bar at the side. egui's scroll area takes a
//! frame to believe that its content has grown, and counts in f32; a list that must stay at its end
//! through a flood, and is a million points long, moves itself. Knows lengths and input, and nothing
//! of what is in the list.

use egui::{CornerRadius, Event, Id, Key, Modifiers, Pos2, Rect, Sense, Ui, pos2, vec2};

use crate::theme::{palette, space};

/// How much of the old page is still to be seen on the next.
const PAGE: f64 = 0.9;

/// How far the person moved the list in this frame, in points; down the list is positive.
pub(super) fn moved(ui: &Ui, view: Rect) -> f64 {
    let mut by = pages(ui) * f64::from(view.height()) * PAGE;
    if ui.rect_contains_pointer(view) {
        by -= f64::from(ui.input(egui::InputState::smooth_scroll_delta).y);
    }
    // With a mouse, dragging selects text.
    if ui.input(egui::InputState::has_touch_screen) {
        let finger = ui.interact(view, Id::unique("finger on the messages"), Sense::drag());
        by -= f64::from(finger.drag_delta().y);
    }
    by
}

/// The keys that no field wants, and what a screen reader asks for instead of them.
fn pages(ui: &Ui) -> f64 {
    let count = |events: &[Event]| {
        events.iter().fold(0.0, |pages, event| match event {
            Event::Key { key: Key::PageDown, pressed: true, .. } => pages + 1.0,
            Event::Key { key: Key::PageUp, pressed: true, .. } => pages - 1.0,
            Event::Key {
                key: Key::End, pressed: true, modifiers: Modifiers { command: true, .. }, ..
            } => f64::INFINITY,
            Event::Key {
                key: Key::Home, pressed: true, modifiers: Modifiers { command: true, .. }, ..
            } => f64::NEG_INFINITY,
            Event::AccessKitActionRequest(request) => match request.action {
                egui::accesskit::Action::ScrollDown => pages + 1.0,
                egui::accesskit::Action::ScrollUp => pages - 1.0,
                _ => pages,
            },
            _ => pages,
        })
    };
    ui.input(|input| count(&input.events))
}

/// Draws the bar at the side of a list of this length that is seen from `offset` on. Gives where the
/// list is to be seen from when the bar is moved.
pub(super) fn bar(ui: &Ui, view: Rect, offset: f64, length: f64) -> Option<f64> {
    let height = f64::from(view.height());
    if length <= height {
        return None;
    }
    let lane = Rect::from_min_max(pos2(view.right() - space::BAR_LANE, view.top()), view.max);
    let response = ui.interact(lane, Id::unique("scroll bar of the messages"), Sense::click_and_drag());
    let handle_height = (height * height / length).max(f64::from(space::BAR_MIN)).min(height);
    let way = (height - handle_height).max(1.0);
    let most = length - height;
    let top = view.top() + (offset / most * way) as f32;
    let wide = response.hovered() || response.dragged();
    let width = if wide { space::BAR_WIDE } else { space::BAR };
    let corner: Pos2 = pos2(lane.right() - width - space::XS / 2.0, top);
    let handle = Rect::from_min_size(corner, vec2(width, handle_height as f32));
    let colour = if response.dragged() { palette(ui).quiet } else { palette(ui).hover };
    ui.painter().rect_filled(handle, CornerRadius::same((width / 2.0) as u8), colour);
    if response.dragged() {
        return Some((offset + f64::from(response.drag_delta().y) / way * most).clamp(0.0, most));
    }
    // A click beside the handle goes there.
    let at = response.interact_pointer_pos().filter(|at| response.clicked() && !handle.contains(*at))?;
    let share = (f64::from(at.y - view.top()) - handle_height / 2.0) / way;
    Some((share * most).clamp(0.0, most))
}
