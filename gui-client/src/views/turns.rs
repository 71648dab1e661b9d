//! The order of keys and clicks. egui looks at the pointer before any field sees what was typed, so a
//! click takes the keyboard away from keys that were pressed before it in the same frame; and all the
//! keys of a frame go to one field, though an Enter among them may have emptied it, and a Tab or an Enter may
//! mean something else after what was typed before it. Here a frame ends between keys and a click, whichever
//! come first, between letters and a Tab or an Enter, and after an Enter; the rest waits for the next. Knows
//! events, and neither fields nor buttons.

use egui::{Context, Event, Key, Plugin, RawInput, Ui};

/// Keeps the order in this window from now on.
pub(super) fn keep(ctx: &Context) {
    ctx.plugin_or_default::<Turns>();
}

/// What has to wait for the next frame.
#[derive(Debug, Default)]
struct Turns {
    later: Vec<Event>,
}

impl Plugin for Turns {
    fn debug_name(&self) -> &'static str {
        "turns"
    }

    fn input_hook(&mut self, _ctx: &Context, input: &mut RawInput) {
        self.later.append(&mut input.events);
        let rest = self.later.split_off(end_of_turn(&self.later));
        input.events = std::mem::replace(&mut self.later, rest);
    }

    fn on_end_pass(&mut self, ui: &mut Ui) {
        if !self.later.is_empty() {
            ui.ctx().request_repaint();
        }
    }
}

/// How many of these events can be dealt with in one frame.
fn end_of_turn(events: &[Event]) -> usize {
    let (mut typed, mut clicked) = (false, false);
    // An input method's own Enter stays with what it composed.
    let (mut wrote, mut composed) = (false, false);
    for (at, event) in events.iter().enumerate() {
        match event {
            Event::PointerButton { pressed: true, .. } if typed => return at,
            Event::PointerButton { .. } => clicked = true,
            event if clicked && is_typed(event) => return at,
            Event::Key { key: Key::Enter | Key::Tab, pressed: true, .. } if wrote && !composed => return at,
            Event::Key { key: Key::Enter, pressed: true, .. } => return at + 1,
            event => {
                typed |= is_typed(event);
                wrote |= matches!(event, Event::Text(_) | Event::Paste(_));
                composed |= matches!(event, Event::Ime(_));
            }
        }
    }
    events.len()
}

/// Whether an event is for the field that has the focus.
fn is_typed(event: &Event) -> bool {
    matches!(
        event,
        Event::Key { pressed: true, .. }
            | Event::Text(_)
            | Event::Ime(_)
            | Event::Paste(_)
            | Event::Cut
            | Event::Copy
    )
}
