//! What came while nobody looked: where it begins, how much it is, and what of it is worth a call. Knows
//! where the person's eyes are, and nothing of how it is told.

#[cfg(test)]
mod tests;

use super::{Entry, Kind, Room, Spot};
use crate::link::Message;
use crate::text;

/// So many letters of a name, and so many of a text, are told outside of the window.
const NAME_LETTERS: usize = 64;
const TEXT_LETTERS: usize = 200;

/// Where the person's eyes are.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Eyes {
    /// On the newest messages.
    #[default]
    Newest,
    /// Elsewhere in the window: on older messages, or on something that hides them all.
    Elsewhere,
    /// Not on the window.
    Away,
}

/// What others have said that nobody has looked at, and the line above what was new when somebody looked
/// again. The line never stands below something that was not looked at.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Unread {
    eyes: Eyes,
    /// The first message that was not looked at.
    first: Option<Spot>,
    messages: usize,
    line: Option<Spot>,
    /// The newest was looked at since the line is there.
    line_seen: bool,
}

impl Unread {
    /// The message above which the line stands.
    pub fn line(&self) -> Option<Spot> {
        self.line
    }

    /// How many messages of others nobody has looked at.
    pub fn messages(&self) -> usize {
        self.messages
    }

    /// Whether the person looks at the window.
    pub fn is_looked_at(&self) -> bool {
        self.eyes != Eyes::Away
    }

    /// Whether whatever comes is looked at as it comes.
    fn is_watched(&self) -> bool {
        self.eyes == Eyes::Newest
    }

    /// The eyes are there from now on. The line goes when one turns away from what it marked, and not yet when
    /// one reads back: that may be to find it.
    fn look(&mut self, eyes: Eyes) {
        if self.eyes == eyes {
            return;
        }
        self.eyes = eyes;
        match eyes {
            Eyes::Newest => {
                (self.first, self.messages) = (None, 0);
                self.line_seen = self.line.is_some();
            }
            Eyes::Elsewhere => {}
            Eyes::Away => {
                if self.line_seen {
                    (self.line, self.line_seen) = (self.first, false);
                }
            }
        }
    }

    /// Somebody else said this.
    fn came(&mut self, spot: Spot) {
        if self.is_watched() {
            return;
        }
        self.messages += 1;
        let earlier = |than: Option<Spot>| Some(than.map_or(spot, |than| than.min(spot)));
        self.first = earlier(self.first);
        self.line = earlier(self.line);
    }

    /// What others have said from here on is new since the program was used last. It was there when one came:
    /// it is marked, and not counted.
    pub(super) fn begin(&mut self, spot: Spot) {
        self.line = Some(self.line.map_or(spot, |line| line.min(spot)));
        self.line_seen |= self.is_watched();
    }

    /// We said something, and so have seen what is there.
    pub(super) fn said(&mut self) {
        *self = Self { eyes: self.eyes, ..Self::default() };
    }
}

/// What is said while nobody looks at the window: how often, and what last.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Calls {
    /// All of it.
    pub all: Tally,
    /// What names us.
    pub mentions: Tally,
}

/// Messages: how many, and the last of them.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Tally {
    /// How many.
    pub count: usize,
    /// Who said the last one; the end of a long name is left out.
    pub by: String,
    /// What it says, as it is shown, on one line; the end of a long text is left out.
    pub text: String,
}

impl Tally {
    fn add(&mut self, by: &str, text: &str) {
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        *self = Self { count: self.count + 1, by: cut(by, NAME_LETTERS), text: cut(&words, TEXT_LETTERS) };
    }

    /// These come behind.
    pub fn extend(&mut self, later: Self) {
        if later.count > 0 {
            *self = Self { count: self.count + later.count, ..later };
        }
    }
}

/// The beginning of a text, with a sign where the end is left out.
fn cut(text: &str, letters: usize) -> String {
    match text.char_indices().nth(letters) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

impl Room {
    /// What came while nobody looked.
    pub fn unread(&self) -> &Unread {
        &self.unread
    }

    /// The person's eyes are there from now on.
    pub fn look(&mut self, eyes: Eyes) {
        self.unread.look(eyes);
        if eyes != Eyes::Away {
            self.calls = Calls::default();
        }
    }

    /// What was said, since this was last asked, while nobody looked at the window.
    pub fn take_calls(&mut self) -> Calls {
        std::mem::take(&mut self.calls)
    }

    /// Puts a message of the log, which is newer than all before, in its place; `live` if it is said now.
    pub(super) fn take_in(&mut self, message: Message, live: bool) {
        if self.unread.is_watched() || message.from == self.naming.name {
            self.timeline.insert(message);
            return;
        }
        let (id, by, text) = (message.id, message.from.clone(), message.text.clone());
        if self.timeline.insert(message) {
            self.heard(self.timeline.spot_of(id), &by, &text, live);
        }
    }

    /// Somebody else said what stands last.
    pub(super) fn heard_last(&mut self) {
        let (false, Some(spot)) = (self.unread.is_watched(), self.timeline.last_spot()) else { return };
        let last = self.timeline.last_settled().cloned();
        if let Some(Entry { kind: Kind::Said { by, text }, .. }) = last {
            self.heard(spot, &by, &text, true);
        }
    }

    /// Somebody else said this.
    fn heard(&mut self, spot: Spot, by: &str, text: &str, live: bool) {
        self.unread.came(spot);
        if live && self.unread.eyes == Eyes::Away {
            let shown = text::show(text, &self.naming.name);
            self.calls.all.add(by, &shown.text);
            if shown.names_us {
                self.calls.mentions.add(by, &shown.text);
            }
        }
    }
}
