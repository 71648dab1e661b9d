//! Which keys the composer takes before its field sees them, and which belong to an input method. Knows
//! events; what the keys do is decided by the composer.

use egui::{Event, ImeEvent, Key, Modifiers};

/// Some input methods pass on the Enter that ended a composition; one within so many seconds of the
/// end is theirs.
const IME_GRACE: f64 = 0.06;

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Press {
    /// Enter: send.
    Send,
    /// Up: what was sent before.
    Older,
    /// Down: what was sent after it.
    Newer,
    /// Tab: complete the word.
    Complete,
    /// Shift+Tab: go to what is before the composer.
    Back,
}

/// Follows the input method.
#[derive(Debug)]
pub(super) struct Keys {
    composing: bool,
    /// When it last composed, on egui's clock.
    composed_at: f64,
}

impl Default for Keys {
    fn default() -> Self {
        Self { composing: false, composed_at: f64::NEG_INFINITY }
    }
}

impl Keys {
    /// Whether an input method is composing: keys are its own.
    pub(super) fn are_composing(&self) -> bool {
        self.composing
    }

    /// The first of these events that asks for something, and what. There is a list that has the keys for
    /// itself if it is `listing`. An Enter ends its frame, so nothing comes after it; see `turns`.
    pub(super) fn find(&mut self, events: &[Event], time: f64, listing: bool) -> Option<(usize, Press)> {
        let mut found = None;
        for (at, event) in events.iter().enumerate() {
            let press = self.press(event, time).filter(|press| !listing || *press == Press::Back);
            found = found.or(press.map(|press| (at, press)));
        }
        found
    }

    fn press(&mut self, event: &Event, time: f64) -> Option<Press> {
        match event {
            Event::Ime(ImeEvent::Preedit { text, .. }) => {
                self.composing = !text.is_empty();
                self.composed_at = time;
            }
            Event::Ime(ImeEvent::Commit(_)) => {
                self.composing = false;
                self.composed_at = time;
            }
            Event::Key { key, pressed: true, repeat, modifiers, .. } if !self.composing => {
                let is_late = time - self.composed_at >= IME_GRACE;
                return match (*key, *modifiers) {
                    (Key::Enter, Modifiers::NONE) if !repeat && is_late => Some(Press::Send),
                    (Key::ArrowUp, Modifiers::NONE) => Some(Press::Older),
                    (Key::ArrowDown, Modifiers::NONE) => Some(Press::Newer),
                    (Key::Tab, Modifiers::NONE) => Some(Press::Complete),
                    (Key::Tab, Modifiers::SHIFT) => Some(Press::Back),
                    _ => None,
                };
            }
            _ => {}
        }
        None
    }
}

/// Whether this is a key by which an input method is told what to do, while it composes. Not all of them keep
/// such keys to themselves.
pub(super) fn is_of_input_method(event: &Event) -> bool {
    let keys = [Key::Enter, Key::ArrowUp, Key::ArrowDown, Key::Tab, Key::Escape];
    matches!(event, Event::Key { key, .. } if keys.contains(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(key: Key) -> Event {
        Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers: Modifiers::NONE }
    }

    fn preedit(text: &str) -> Event {
        Event::Ime(ImeEvent::Preedit { text: text.to_owned(), active_range_chars: None })
    }

    fn commit() -> Event {
        Event::Ime(ImeEvent::Commit("你".to_owned()))
    }

    #[test]
    fn keys_of_an_input_method_are_its_own() {
        let ours = [Key::Enter, Key::ArrowUp, Key::ArrowDown, Key::Tab];
        for ours in ours {
            let mut keys = Keys::default();
            assert!(keys.find(&[key(ours)], 0.0, false).is_some(), "{ours:?}");
            assert_eq!(keys.find(&[preedit("ni"), key(ours)], 1.0, false), None, "{ours:?}");
            assert_eq!(keys.find(&[key(ours)], 5.0, false), None, "{ours:?}");
            assert!(keys.are_composing());
            assert_eq!(keys.find(&[commit()], 6.0, false), None);
            assert!(!keys.are_composing());
            assert!(keys.find(&[key(ours)], 7.0, false).is_some(), "{ours:?}");
        }
    }

    #[test]
    fn the_enter_that_ended_a_composition_is_not_ours() {
        let mut keys = Keys::default();
        assert_eq!(keys.find(&[preedit("ni"), commit(), key(Key::Enter)], 1.0, false), None);
        assert_eq!(keys.find(&[key(Key::Enter)], 1.05, false), None);
        assert_eq!(keys.find(&[key(Key::Enter)], 1.1, false), Some((0, Press::Send)));
        // Given up instead of ended.
        assert_eq!(keys.find(&[preedit("ni"), preedit(""), key(Key::Enter)], 2.0, false), None);
        assert_eq!(keys.find(&[key(Key::Enter)], 2.1, false), Some((0, Press::Send)));
    }

    #[test]
    fn a_list_has_the_keys_for_itself() {
        let mut keys = Keys::default();
        for theirs in [Key::Enter, Key::ArrowUp, Key::ArrowDown, Key::Tab] {
            assert_eq!(keys.find(&[key(theirs)], 0.0, true), None, "{theirs:?}");
        }
    }
}
