//! What stands at the right of the messages, or in a narrow window in their place: nothing, or one panel.
//! Knows the panels and the keys that open and close them.

use egui::{Key, KeyboardShortcut, Modifiers, Popup, Ui};

/// Ctrl+U, or ⌘U.
pub(super) const PEOPLE: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::U);

/// Ctrl+F, or ⌘F.
pub(super) const SEARCH: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::F);

/// The panel at the side.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// There is none.
    #[default]
    None,
    /// Who is in the room.
    People,
    /// What is searched for.
    Search,
}

/// Whether Escape is for what is in the window itself: nothing stands above it.
pub(super) fn has_escape(ui: &Ui) -> bool {
    !is_covered(ui) && !Popup::is_any_open(ui.ctx())
}

fn is_covered(ui: &Ui) -> bool {
    ui.memory(|memory| memory.top_modal_layer().is_some())
}

impl Side {
    /// Opens this panel, or closes it.
    pub(super) fn toggle(&mut self, side: Self) {
        *self = if *self == side { Self::None } else { side };
    }

    /// Does what keys ask for. Nothing while something stands above the window. Gives whether the person is
    /// about to type what to search for.
    pub(super) fn keys(&mut self, ui: &Ui) -> bool {
        if is_covered(ui) {
            return false;
        }
        for (shortcut, side) in [(PEOPLE, Self::People)] {
            if ui.input_mut(|input| input.consume_shortcut(&shortcut)) {
                self.toggle(side);
            }
        }
        // Who searches already may want to search for something else.
        let searches = ui.input_mut(|input| input.consume_shortcut(&SEARCH));
        if searches {
            *self = Self::Search;
        }
        searches
    }
}
