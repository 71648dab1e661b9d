//! The newest messages, at hand for those who have nearly caught up. Knows nothing of who they are.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::log::Entry;

/// How many messages are kept at hand at least, where there are so many: more than are said while a page
/// is looked up.
const LEAST: usize = 4096;

/// Messages whose ids follow each other, up to the newest.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    /// As they were stored together; none is empty.
    blocks: VecDeque<Arc<[Entry]>>,
    messages: usize,
}

impl Recent {
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

    /// Those after one and up to another, if all of them are at hand and no more than `most`.
    pub(crate) fn range(&self, after: u64, upto: u64, most: usize) -> Option<impl Iterator<Item = &Entry>> {
        let first = self.blocks.front().map_or(u64::MAX, |block| block[0].id);
        let at_hand = after >= upto || (after + 1 >= first && upto - after <= most as u64);
        at_hand.then(|| {
            let start = self.blocks.partition_point(|block| block[block.len() - 1].id <= after);
            let entries = self.blocks.range(start..).flat_map(|block| block.iter());
            entries.skip_while(move |entry| entry.id <= after).take_while(move |entry| entry.id <= upto)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(ids: std::ops::RangeInclusive<u64>) -> Arc<[Entry]> {
        let entry = |id| Entry { id, time: 0, from: None, name: "ann".into(), text: "x".into() };
        ids.map(entry).collect()
    }

    fn ids(recent: &Recent, after: u64, upto: u64) -> Option<Vec<u64>> {
        Some(recent.range(after, upto, 100)?.map(|entry| entry.id).collect())
    }

    #[test]
    fn what_is_at_hand_is_given_whole_or_not_at_all() {
        let mut recent = Recent::default();
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
    fn the_oldest_are_forgotten() {
        let mut recent = Recent::default();
        let most = LEAST as u64;
        for id in 1..=3 * most {
            recent.push(entries(id..=id));
        }
        assert_eq!(recent.messages, LEAST);
        assert_eq!(ids(&recent, 2 * most - 1, 2 * most), None);
        assert_eq!(ids(&recent, 2 * most, 2 * most + 1), Some(vec![2 * most + 1]));
    }
}
