//! How the list is moved: wheel, finger, keys, and what a screen reader asks for instead of them. egui's
//! scroll area takes a frame to believe that its content has grown, and lays all of it out; a list that must
//! stay at its end through a flood, and is a million rows long, moves itself. Knows input, and nothing of
//! what is in the list.

use egui::{Event, Id, Key, Popup, Rect, Sense, Ui, accesskit};

use super::anchor::Move;

/// How much of the old page is still to be seen on the next.
const PAGE: f32 = 0.9;

/// Where the person moved the list in this frame.
pub(super) fn moved(ui: &Ui, view: Rect) -> Move {
    let mut by = 0.0;
    if ui.rect_contains_pointer(view) {
        by -= ui.input(egui::InputState::smooth_scroll_delta).y;
    }
    // With a mouse, dragging selects text.
    if ui.input(egui::InputState::has_touch_screen) {
        let sense = Sense::drag() - Sense::FOCUSABLE;
        by -= ui.interact(view, Id::unique("finger on the messages"), sense).drag_delta().y;
    }
    // What is in front of the list has the keys for itself.
    let in_front = ui.memory(|memory| memory.allows_interaction(ui.layer_id()));
    if !in_front || Popup::is_any_open(ui.ctx()) {
        return Move::By(by);
    }
    let in_field = ui.ctx().text_edit_focused();
    ui.input(|input| keys(&input.events, in_field, view.height() * PAGE, by))
}

/// The keys of one frame, after a move by `by` points: pages, and the ends, which in a field are the field's
/// own unless they are commanded.
fn keys(events: &[Event], in_field: bool, page: f32, mut by: f32) -> Move {
    let mut end = None;
    for event in events {
        match event {
            Event::Key { key, pressed: true, modifiers, .. } => {
                let to_end = !modifiers.shift && (modifiers.command || !in_field);
                match key {
                    Key::PageDown => by += page,
                    Key::PageUp => by -= page,
                    Key::Home if to_end => end = Some(Move::Start),
                    Key::End if to_end => end = Some(Move::End),
                    _ => {}
                }
            }
            Event::AccessKitActionRequest(request) => match request.action {
                accesskit::Action::ScrollDown => by += page,
                accesskit::Action::ScrollUp => by -= page,
                _ => {}
            },
            _ => {}
        }
    }
    end.unwrap_or(Move::By(by))
}

#[cfg(test)]
mod tests {
    use egui::Modifiers;

    use super::*;

    fn press(key: Key, modifiers: Modifiers) -> Event {
        Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers }
    }

    #[test]
    fn keys_move_by_pages_and_to_the_ends() {
        let (none, command, shift) = (Modifiers::NONE, Modifiers::COMMAND, Modifiers::SHIFT);
        for (key, modifiers, in_field, expected) in [
            (Key::PageDown, none, true, Move::By(93.0)),
            (Key::PageUp, none, false, Move::By(-87.0)),
            (Key::Home, none, false, Move::Start),
            (Key::End, none, false, Move::End),
            (Key::Home, none, true, Move::By(3.0)),
            (Key::End, shift, false, Move::By(3.0)),
            (Key::Home, command, true, Move::Start),
            (Key::ArrowUp, none, false, Move::By(3.0)),
        ] {
            assert_eq!(keys(&[press(key, modifiers)], in_field, 90.0, 3.0), expected, "{key:?}");
        }
        let twice = [press(Key::PageUp, none), press(Key::PageUp, none)];
        assert_eq!(keys(&twice, true, 90.0, 0.0), Move::By(-180.0));
    }
}
