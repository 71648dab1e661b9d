//! How the list is moved: wheel, finger, keys, and what a screen reader asks for instead of them. egui's
//! scroll area takes a frame to believe that its content has grown, and lays all of it out; a list that must
//! stay at its end through a flood, and is a million rows long, moves itself. Knows input, and nothing of
//! what is in the list.

use egui::{Event, Id, Key, Popup, Rect, Response, Role, Sense, Ui, accesskit};

use super::anchor::Move;

/// How much of the old page is still to be seen on the next.
const PAGE: f32 = 0.9;

/// What the list is called on the screen.
pub(super) fn id() -> Id {
    Id::unique("messages")
}

/// Whether keys are meant for the list: nothing is in front of it.
pub(super) fn has_keys(ui: &Ui) -> bool {
    ui.memory(|memory| memory.allows_interaction(ui.layer_id())) && !Popup::is_any_open(ui.ctx())
}

/// Where the person moved the list in this frame; and the list, for what else is done with it.
pub(super) fn moved(ui: &Ui, view: Rect) -> (Response, Move) {
    // Before the list is there, which would take what a screen reader asks for without doing it.
    let in_field = ui.ctx().text_edit_focused();
    let keys = has_keys(ui).then(|| ui.input(|input| keys(&input.events, in_field, view.height() * PAGE)));
    let list = ui.interact(view, id(), Sense::click_and_drag());
    let mut by = 0.0;
    if ui.rect_contains_pointer(view) {
        by -= ui.input(egui::InputState::smooth_scroll_delta).y;
    }
    // With a mouse, dragging selects text.
    if ui.input(egui::InputState::any_touches) {
        by -= list.drag_delta().y;
    }
    let moved = match keys {
        None => Move::By(by),
        Some(Move::By(keys)) => Move::By(keys + by),
        Some(end) => end,
    };
    (list, moved)
}

/// Tells assistive technology that this is where new messages appear, how many there are, and that they can
/// be moved.
pub(super) fn announce(list: &Response, len: usize, can_move: bool) {
    list.ctx.accesskit_node_builder(list.id, |node| {
        node.set_role(Role::Log);
        node.set_label("Messages");
        node.set_live(accesskit::Live::Polite);
        node.set_size_of_set(len);
        if can_move {
            node.add_action(accesskit::Action::ScrollUp);
            node.add_action(accesskit::Action::ScrollDown);
        }
    });
}

/// The keys of one frame: pages, and the ends, which in a field are the field's own unless they are commanded.
fn keys(events: &[Event], in_field: bool, page: f32) -> Move {
    let (mut end, mut by) = (None, 0.0);
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
            (Key::PageDown, none, true, Move::By(90.0)),
            (Key::PageUp, none, false, Move::By(-90.0)),
            (Key::Home, none, false, Move::Start),
            (Key::End, none, false, Move::End),
            (Key::Home, none, true, Move::By(0.0)),
            (Key::End, shift, false, Move::By(0.0)),
            (Key::Home, command, true, Move::Start),
            (Key::ArrowUp, none, false, Move::By(0.0)),
        ] {
            assert_eq!(keys(&[press(key, modifiers)], in_field, 90.0), expected, "{key:?}");
        }
        let twice = [press(Key::PageUp, none), press(Key::PageUp, none)];
        assert_eq!(keys(&twice, true, 90.0), Move::By(-180.0));
    }
}
