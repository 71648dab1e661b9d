//! Which stretches of the room's log we have. Knows ids, and neither messages nor how they are asked for.

use chat_shared::MessageId;

/// The stretches of a log that are known, each from a first id to a last. What has no message is known too:
/// from 0 on, when nothing older is to be had.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Known {
    /// In order, and apart: between two of them at least one id is missing.
    ranges: Vec<(MessageId, MessageId)>,
}

impl Known {
    /// All from `first` to `last` is known now.
    pub(super) fn add(&mut self, first: MessageId, last: MessageId) {
        if first > last {
            return;
        }
        let from = self.ranges.partition_point(|&(_, end)| end < first.saturating_sub(1));
        let to = self.ranges.partition_point(|&(begin, _)| begin <= last.saturating_add(1));
        let touched = self.ranges[from..to].iter();
        let whole =
            touched.fold((first, last), |(first, last), &(begin, end)| (first.min(begin), last.max(end)));
        self.ranges.splice(from..to, [whole]);
    }

    /// Nothing up to this one is known any more.
    pub(super) fn forget(&mut self, upto: MessageId) {
        self.ranges.retain(|&(_, end)| end > upto);
        if let Some((begin, _)) = self.ranges.first_mut() {
            *begin = (*begin).max(upto + 1);
        }
    }

    /// Nothing from `first` to `last` is known any more.
    pub(super) fn remove(&mut self, first: MessageId, last: MessageId) {
        if first > last {
            return;
        }
        let cut = |&(begin, end): &(MessageId, MessageId)| {
            let before = (begin < first).then(|| (begin, end.min(first - 1)));
            let after = (end > last).then(|| (begin.max(last + 1), end));
            [before, after].into_iter().flatten()
        };
        self.ranges = self.ranges.iter().flat_map(cut).collect();
    }

    /// Nothing at all is known any more.
    pub(super) fn clear(&mut self) {
        self.ranges.clear();
    }

    pub(super) fn has(&self, id: MessageId) -> bool {
        self.ranges.iter().any(|(first, last)| (first..=last).contains(&&id))
    }

    /// Where what is known begins; 0 when there is nothing before it.
    pub(super) fn first(&self) -> Option<MessageId> {
        self.ranges.first().map(|&(first, _)| first)
    }

    /// Where the newest stretch begins.
    pub(super) fn last_stretch(&self) -> Option<MessageId> {
        self.ranges.last().map(|&(first, _)| first)
    }

    /// What is missing in between: the last that is known before, and the first that is known after it.
    pub(super) fn holes(&self) -> impl Iterator<Item = (MessageId, MessageId)> {
        self.ranges.windows(2).map(|pair| (pair[0].1, pair[1].0))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn stretches_that_touch_become_one() {
        let mut known = Known::default();
        known.add(100, 200);
        known.add(5, 5);
        assert_eq!((known.first(), known.last_stretch()), (Some(5), Some(100)));
        assert_eq!(known.holes().collect::<Vec<_>>(), [(5, 100)]);
        known.add(6, 99);
        assert_eq!(known.holes().count(), 0);
        known.add(0, 4);
        assert_eq!((known.first(), known.has(0), known.has(201)), (Some(0), true, false));
        known.forget(150);
        assert_eq!((known.first(), known.has(150), known.has(151)), (Some(151), false, true));
        known.add(u64::MAX, u64::MAX);
        known.add(0, u64::MAX);
        assert_eq!(known.holes().count(), 0);
    }

    #[derive(Debug, Clone)]
    enum Step {
        Add(u64, u64),
        Forget(u64),
        Remove(u64, u64),
    }

    proptest! {
        /// It is a set of ids, whatever is done to it, and its holes are what lies between.
        #[test]
        fn it_is_a_set(
            steps in prop::collection::vec(
                prop_oneof![
                    8 => (0..60u64, 0..12u64).prop_map(|(first, more)| Step::Add(first, first + more)),
                    1 => (0..60u64).prop_map(Step::Forget),
                    2 => (0..60u64, 0..12u64).prop_map(|(first, more)| Step::Remove(first, first + more)),
                ],
                0..40,
            ),
        ) {
            let (mut known, mut set) = (Known::default(), BTreeSet::new());
            for step in steps {
                match step {
                    Step::Add(first, last) => {
                        known.add(first, last);
                        set.extend(first..=last);
                    }
                    Step::Forget(upto) => {
                        known.forget(upto);
                        set.retain(|id| *id > upto);
                    }
                    Step::Remove(first, last) => {
                        known.remove(first, last);
                        set.retain(|id| !(first..=last).contains(id));
                    }
                }
                for id in 0..80 {
                    prop_assert_eq!(known.has(id), set.contains(&id), "{} in {:?}", id, known);
                }
                prop_assert_eq!(known.first(), set.first().copied());
                let ids: Vec<_> = set.iter().copied().collect();
                let holes = ids.windows(2).filter(|pair| pair[0] + 1 < pair[1]).map(|pair| (pair[0], pair[1]));
                prop_assert_eq!(known.holes().collect::<Vec<_>>(), holes.collect::<Vec<_>>());
            }
        }
    }
}
