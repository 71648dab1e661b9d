//! Where messages are missing that can be asked for: each hole has an entry that says so. Knows behind which
//! messages; what is missing there is the history's business.

use chat_shared::MessageId;

use super::{Kind, Place, Timeline};

impl Timeline {
    /// Where messages are missing that can be asked for: the entries that say so, by number and position.
    pub fn holes(&self) -> impl Iterator<Item = (u64, usize)> {
        self.holes.iter().filter_map(|&(_, number)| Some((number, self.find(number)?)))
    }

    /// Behind which message the entry of this number says that some are missing.
    pub(in crate::model) fn hole(&self, number: u64) -> Option<MessageId> {
        self.holes.iter().find(|(_, entry)| *entry == number).map(|(after, _)| *after)
    }

    /// Behind these messages of this log, and nowhere else, some are missing.
    pub(in crate::model) fn set_holes(&mut self, after: &[MessageId]) {
        let (stay, go) = std::mem::take(&mut self.holes)
            .into_iter()
            .partition(|(id, number)| after.contains(id) && self.find(*number).is_some());
        self.holes = stay;
        let go: Vec<(MessageId, u64)> = go;
        for (_, number) in go {
            self.take(number);
        }
        for &id in after {
            if self.holes.iter().all(|(there, _)| *there != id) {
                // A remark about what was long ago begins no new day.
                let time =
                    self.position_of(Place::of_message(self.log, id)).map_or(0, |at| self.entries[at].at);
                let number = self.push_after(id, time, Kind::Hole);
                self.holes.push((id, number));
            }
        }
    }
}
