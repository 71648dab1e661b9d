//! The newest messages, at hand for those who have nearly caught up. Knows nothing of who they are.

use std::collections::VecDeque;
use std::sync::Arc;

use chat_shared::Millis;

use crate::log::Entry;

/// How many messages are kept at hand at least, where there are so many: more than are said while a page
/// is looked up.
const LEAST: usize = 4096;

/// Messages whose ids follow each other, up to the newest.
#[derive(Debug)]
pub(crate) struct Recent {
    /// As they were stored together; none is empty.
    blocks: VecDeque<Arc<[Entry]>>,
    messages: usize,
    /// How many the log keeps: what it has no longer is not given from here either.
    keep: u64,
    /// All before this one may be too old.
    young: u64,
}

impl Recent {
    /// None. The log keeps so many messages.
    pub(crate) fn new(keep: u64) -> Self {
        Self { blocks: VecDeque::new(), messages: 0, keep, young: 1 }
    }

    /// What was said before this time is too old to be kept, and what comes before that in the order may be:
    /// a clock may have been ahead. The log knows.
    pub(crate) fn forget(&mut self, before: Millis) {
        let newest_first = self.blocks.iter().rev().flat_map(|block| block.iter().rev());
        if let Some(old) = newest_first.into_iter().find(|entry| entry.time < before) {
            self.young = old.id + 1;
        }
        while let Some(oldest) = self.blocks.front()
            && oldest[oldest.len() - 1].id < self.young
        {
            self.messages -= oldest.len();
            self.blocks.pop_front();
        }
    }

    /// The oldest that may be given; more than any if none may.
    fn first(&self) -> u64 {
        let Some((oldest, newest)) = self.blocks.front().zip(self.blocks.back()) else { return u64::MAX };
        let kept = (newest[newest.len() - 1].id + 1).saturating_sub(self.keep);
        oldest[0].id.max(self.young).max(kept)
    }

    /// Adds the next ones.
    pub(crate) fn push(&mut self, entries: Arc<[Entry]>) {
        if entries.is_empty() {
            return;
        }
        self.messages += entries.len();
        self.blocks.push_back(entries);
        while let Some(oldest) = self.blocks.front()
            && self.messages - oldest.len() >= LEAST
        {
            self.messages -= oldest.len();
            self.blocks.pop_front();
        }
    }

    /// This one has been taken back.
    pub(crate) fn remove(&mut self, id: u64) {
        let place = self.blocks.partition_point(|block| block[block.len() - 1].id < id);
        let Some(block) = self.blocks.get_mut(place).filter(|block| block[0].id <= id) else { return };
        let mut entries = block.to_vec();
        for entry in entries.iter_mut().filter(|entry| entry.id == id) {
            entry.text = String::new();
        }
        *block = entries.into();
    }

    /// Those after one and up to another, if all of them are at hand and have no more than `most` bytes.
    pub(crate) fn range(&self, after: u64, upto: u64, most: usize) -> Option<Vec<&Entry>> {
        if after >= upto {
            return Some(Vec::new());
        }
        if after + 1 < self.first() {
            return None;
        }
        let start = self.blocks.partition_point(|block| block[block.len() - 1].id <= after);
        let entries = self.blocks.range(start..).flat_map(|block| block.iter());
        let wanted = entries.skip_while(|entry| entry.id <= after).take_while(|entry| entry.id <= upto);
        let mut left = most;
        wanted
            .map(|entry| {
                left = left.checked_sub(size(entry))?;
                Some(entry)
            })
            .collect()
    }
}

/// About how many bytes a message has as a line.
pub(crate) fn size(entry: &Entry) -> usize {
    /// Its command, id and time.
    const REST: usize = 32;
    REST + entry.name.len() + entry.text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(ids: std::ops::RangeInclusive<u64>) -> Arc<[Entry]> {
        let entry = |id| Entry { id, time: 0, from: None, name: "ann".into(), text: "x".into() };
        ids.map(entry).collect()
    }

    fn ids(recent: &Recent, after: u64, upto: u64) -> Option<Vec<u64>> {
        Some(recent.range(after, upto, 100 * 36)?.iter().map(|entry| entry.id).collect())
    }

    #[test]
    fn what_is_at_hand_is_given_whole_or_not_at_all() {
        let mut recent = Recent::new(u64::MAX);
        assert_eq!(ids(&recent, 0, 0), Some(vec![]));
        assert_eq!(ids(&recent, 0, 1), None);
        for block in [5..=5, 6..=9, 10..=11] {
            recent.push(entries(block));
        }
        recent.push(Arc::default());
        assert_eq!(ids(&recent, 4, 11), Some((5..=11).collect()));
        assert_eq!(ids(&recent, 6, 10), Some(vec![7, 8, 9, 10]));
        assert_eq!(ids(&recent, 11, 11), Some(vec![]));
        assert_eq!(ids(&recent, 3, 11), None);
        recent.push(entries(12..=200));
        assert_eq!(ids(&recent, 99, 200), None, "too many");
        assert_eq!(ids(&recent, 100, 200).unwrap().len(), 100);
    }

    #[test]
    fn what_was_taken_back_has_no_text() {
        let mut recent = Recent::new(u64::MAX);
        recent.push(entries(5..=9));
        recent.push(entries(10..=12));
        for id in [4, 9, 11, 13] {
            recent.remove(id);
        }
        let texts = recent.range(4, 12, usize::MAX).unwrap().into_iter().map(|entry| entry.text.as_str());
        assert_eq!(texts.collect::<Vec<_>>(), ["x", "x", "x", "x", "", "x", "", "x"]);
    }

    #[test]
    fn what_the_log_keeps_no_longer_is_not_given() {
        let mut recent = Recent::new(10);
        recent.push(entries(1..=20));
        assert_eq!(ids(&recent, 9, 20), None);
        assert_eq!(ids(&recent, 10, 20), Some((11..=20).collect()));
        recent.push(entries(21..=22).iter().map(|entry| Entry { time: 5, ..entry.clone() }).collect());
        recent.forget(5);
        assert_eq!(ids(&recent, 19, 22), None);
        assert_eq!(ids(&recent, 20, 22), Some(vec![21, 22]));
        assert_eq!(recent.messages, 2);
        recent.forget(6);
        assert_eq!((ids(&recent, 21, 22), ids(&recent, 22, 22)), (None, Some(vec![])));
    }

    #[test]
    fn a_time_that_is_still_to_come_holds_nothing() {
        let mut recent = Recent::new(u64::MAX);
        let at = |id, time| Entry { time, ..entries(id..=id)[0].clone() };
        recent.push([at(1, 99), at(2, 4)].into());
        recent.push([at(3, 99), at(4, 4), at(5, 6)].into());
        recent.forget(5);
        assert_eq!((ids(&recent, 3, 5), ids(&recent, 4, 5)), (None, Some(vec![5])));
        assert_eq!(recent.messages, 3);
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let mut recent = Recent::new(u64::MAX);
        let most = LEAST as u64;
        for id in 1..=3 * most {
            recent.push(entries(id..=id));
        }
        assert_eq!(recent.messages, LEAST);
        assert_eq!(ids(&recent, 2 * most - 1, 2 * most), None);
        assert_eq!(ids(&recent, 2 * most, 2 * most + 1), Some(vec![2 * most + 1]));
    }
}
