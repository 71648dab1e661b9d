//! How many entries are kept, and room for older ones once there are so many: a stretch far from what is
//! wanted is taken out, and can be asked for again. Knows places; which ids are known is the history's
//! business.

use std::ops::RangeInclusive;

use chat_shared::MessageId;

use super::{MAX_ENTRIES, Place, Timeline, WAITING};

/// How much is kept.
#[derive(Debug)]
pub(in crate::model) struct Limits {
    /// The most entries.
    pub(in crate::model) most: usize,
    /// So many are taken out at once: pages enough that it is seldom done.
    pub(in crate::model) stretch: usize,
    /// So many of the newest stay, so that who goes back to them finds them there.
    pub(in crate::model) newest: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { most: MAX_ENTRIES, stretch: 10_000, newest: 1_000 }
    }
}

impl Timeline {
    /// Whether there is no room for so many more entries.
    pub(in crate::model) fn is_full(&self, more: usize) -> bool {
        self.entries.len() + more > self.limits.most
    }

    /// Takes out what is far from this message of this log: the oldest, or what stands before the newest. Gives
    /// the ids of this log that are not there any more.
    pub(in crate::model) fn make_room(&mut self, near: MessageId) -> RangeInclusive<MessageId> {
        let Limits { stretch, newest, .. } = self.limits;
        let near = self.after(Place::of_message(self.log, near));
        let log = self.after(Place::of_message(self.log, 0));
        let settled = self.after(Place { log: WAITING, id: 0, beside: false, number: 0 });
        let last = settled.saturating_sub(newest);
        let (begin, end) = if near < settled / 2 {
            (last.saturating_sub(stretch).max(log).max(near + newest).min(last), last)
        } else {
            (0, stretch.min(last))
        };
        // Remarks bear the id of the message before them.
        let before = (begin > log).then(|| self.entries[begin - 1].place.id);
        let upto = end.checked_sub(1).map(|at| self.entries[at].place).filter(|place| place.log == self.log);
        for gone in self.entries.drain(begin..end) {
            self.places.remove(&gone.number);
        }
        before.map_or(0, |id| id.saturating_add(1))..=upto.map_or(0, |place| place.id)
    }
}
