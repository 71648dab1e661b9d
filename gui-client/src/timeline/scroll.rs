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

/// Where the person moved the list in this frame; and the list, for what else is done with it. The person
/// `writes` if there is a text in which the keys to its ends have a meaning of their own.
pub(super) fn moved(ui: &Ui, view: Rect, writes: bool) -> (Response, Move) {
    // Before the list is there, which would take what a screen reader asks for without doing it.
    let in_field = ui.ctx().text_edit_focused();
    let field = match (in_field, writes) {
        (false, _) => Field::None,
        (true, false) => Field::Empty,
        (true, true) => Field::Written,
    };
    let keys = has_keys(ui).then(|| ui.input(|input| keys(&input.events, field, view.height() * PAGE)));
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

/// What has the keyboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    /// No field.
    None,
    /// A field, and nothing is written.
    Empty,
    /// A field, and something is written.
    Written,
}

/// The keys of one frame: pages, and the ends, which in a field are the field's own unless they are commanded
/// and nothing is written.
fn keys(events: &[Event], field: Field, page: f32) -> Move {
    let (mut end, mut by) = (None, 0.0);
    for event in events {
        match event {
            Event::Key { key, pressed: true, modifiers, .. } => {
                let is_ours = match field {
                    Field::None => true,
                    Field::Empty => modifiers.command,
                    Field::Written => false,
                };
                let to_end = !modifiers.shift && is_ours;
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
        for (key, modifiers, field, expected) in [
            (Key::PageDown, none, Field::Written, Move::By(90.0)),
            (Key::PageUp, none, Field::None, Move::By(-90.0)),
            (Key::Home, none, Field::None, Move::Start),
            (Key::End, none, Field::None, Move::End),
            (Key::Home, none, Field::Empty, Move::By(0.0)),
            (Key::End, shift, Field::None, Move::By(0.0)),
            (Key::Home, command, Field::Empty, Move::Start),
            (Key::Home, command, Field::Written, Move::By(0.0)),
            (Key::End, command, Field::None, Move::End),
            (Key::ArrowUp, none, Field::None, Move::By(0.0)),
        ] {
            assert_eq!(keys(&[press(key, modifiers)], field, 90.0), expected, "{key:?}");
        }
        let twice = [press(Key::PageUp, none), press(Key::PageUp, none)];
        assert_eq!(keys(&twice, Field::Empty, 90.0), Move::By(-180.0));
    }
}
