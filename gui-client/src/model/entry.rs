//! What stands in the timeline, and in which order. Knows how much is kept; what the entries say is
//! decided by the room, and how they look by the views.

use std::collections::VecDeque;

/// The most entries that are kept. The oldest make room for the newest.
pub const MAX_ENTRIES: usize = 200_000;

/// One entry of the timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When it came, in milliseconds since 1970 UTC.
    pub at: i64,
    /// What it is.
    pub kind: Kind,
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Somebody else said something.
    Said {
        /// Who.
        by: String,
        /// What: one line.
        text: String,
    },
    /// We said something.
    Own {
        /// The name we bore.
        by: String,
        /// What, in one line or several.
        text: String,
        /// How far it got.
        delivery: Delivery,
    },
    /// The server itself said something.
    Notice(String),
    /// This program has something to tell about the connection.
    Status(String),
}

/// How far an own message got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// It waits to be sent.
    Waiting,
    /// It was sent.
    Sent,
    /// It was sent shortly before the connection broke, and may not have arrived.
    Unsure,
}

impl Entry {
    /// Who wrote it, unless it is the server's or this program's.
    pub fn author(&self) -> Option<&str> {
        match &self.kind {
            Kind::Said { by, .. } | Kind::Own { by, .. } => Some(by),
            Kind::Notice(_) | Kind::Status(_) => None,
        }
    }

    /// What it says.
    pub fn text(&self) -> &str {
        match &self.kind {
            Kind::Said { text, .. } | Kind::Own { text, .. } | Kind::Notice(text) | Kind::Status(text) => {
                text
            }
        }
    }

    /// Whether we wrote it.
    pub fn is_own(&self) -> bool {
        matches!(self.kind, Kind::Own { .. })
    }
}

/// The entries of a room, oldest first, each under a number that it keeps for ever.
#[derive(Debug, Default)]
pub struct Timeline {
    entries: VecDeque<Entry>,
    first: u64,
}

impl Timeline {
    /// The number of the oldest entry that is kept.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// The number that the next entry will get.
    pub fn end(&self) -> u64 {
        self.first + self.entries.len() as u64
    }

    /// The entry of this number, unless it is gone or has yet to come.
    pub fn get(&self, number: u64) -> Option<&Entry> {
        self.entries.get(usize::try_from(number.checked_sub(self.first)?).ok()?)
    }

    pub(super) fn get_mut(&mut self, number: u64) -> Option<&mut Entry> {
        self.entries.get_mut(usize::try_from(number.checked_sub(self.first)?).ok()?)
    }

    pub(super) fn last(&self) -> Option<&Entry> {
        self.entries.back()
    }

    /// Adds an entry at the end, and gives its number.
    pub(super) fn push(&mut self, entry: Entry) -> u64 {
        if self.entries.len() == MAX_ENTRIES {
            self.entries.pop_front();
            self.first += 1;
        }
        self.entries.push_back(entry);
        self.end() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_make_room_and_the_rest_keep_their_numbers() {
        let mut timeline = Timeline::default();
        for number in 0..MAX_ENTRIES as u64 + 10 {
            let entry = Entry { at: 0, kind: Kind::Status(number.to_string()) };
            assert_eq!(timeline.push(entry), number);
        }
        assert_eq!(timeline.first(), 10);
        assert_eq!(timeline.end(), MAX_ENTRIES as u64 + 10);
        assert_eq!(timeline.get(9), None);
        assert_eq!(timeline.get(10).unwrap().text(), "10");
        assert_eq!(timeline.get(timeline.end()), None);
    }
}
