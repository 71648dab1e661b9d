//! Where each entry stands in a list that is far too long to be laid out: an estimate until an entry
//! is first drawn, its true height from then on. Pure arithmetic; knows neither egui nor entries, only
//! their numbers and heights.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;

/// One row.
#[derive(Debug, Clone, Copy)]
struct Row {
    /// The number of its entry.
    number: u64,
    height: f32,
    /// What the height was measured for; `None` while it is an estimate.
    shape: Option<u8>,
    /// How far below the beginning of all time. Sums of a hundred thousand heights need an f64.
    top: f64,
}

impl Row {
    fn new(number: u64, height: f32) -> Self {
        Self { number, height, shape: None, top: 0.0 }
    }
}

/// The heights of all rows, and their sums. A row is called by its place, counted from the first.
#[derive(Debug, Default)]
pub(super) struct Rows {
    rows: VecDeque<Row>,
    /// Rows from this place on have wrong tops.
    stale: usize,
}

impl Rows {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Where the entry of this number stands, which stood at `place` when it was last seen.
    pub(super) fn find(&self, number: u64, place: usize) -> Option<usize> {
        match self.rows.get(place) {
            Some(row) if row.number == number => Some(place),
            _ => self.rows.iter().position(|row| row.number == number),
        }
    }

    /// The number of the entry at this place.
    pub(super) fn number(&self, place: usize) -> Option<u64> {
        self.rows.get(place).map(|row| row.number)
    }

    /// Makes the rows those of these entries: what is new is estimated, what has only moved keeps its
    /// height. Gives the places of what is new, save what was put before all there was.
    pub(super) fn sync(
        &mut self,
        numbers: impl DoubleEndedIterator<Item = u64> + ExactSizeIterator + Clone,
        estimate: impl Fn(usize) -> f32,
    ) -> Vec<usize> {
        self.align(numbers.clone(), &estimate);
        let same = |(row, number): &(&Row, u64)| row.number == *number;
        let start = self.rows.iter().zip(numbers.clone()).take_while(same).count();
        let most = self.rows.len().min(numbers.len()) - start;
        let end = self.rows.iter().rev().zip(numbers.clone().rev()).take(most).take_while(same).count();
        let tail = self.rows.split_off(self.rows.len() - end);
        let moved: HashMap<u64, Row> = self.rows.drain(start..).map(|row| (row.number, row)).collect();
        let between = numbers.len() - start - end;
        let mut new = Vec::new();
        for (place, number) in numbers.enumerate().skip(start).take(between) {
            self.rows.push_back(moved.get(&number).copied().unwrap_or_else(|| {
                new.push(place);
                Row::new(number, estimate(place))
            }));
        }
        self.rows.extend(tail);
        self.stale = self.stale.min(start);
        new
    }

    /// Drops rows at the beginning that are gone, or adds those that were put there: nearly all that changes
    /// there, and cheap in a list that is long.
    fn align(&mut self, numbers: impl Iterator<Item = u64> + Clone, estimate: &impl Fn(usize) -> f32) {
        let (Some(old), Some(new)) = (self.number(0), numbers.clone().next()) else { return };
        if old == new {
            return;
        }
        if let Some(gone) = self.rows.iter().position(|row| row.number == new) {
            self.rows.drain(..gone);
            self.stale = self.stale.saturating_sub(gone);
        } else if let Some(added) = numbers.clone().position(|number| number == old) {
            let numbers: Vec<_> = numbers.take(added).collect();
            for (place, number) in numbers.into_iter().enumerate().rev() {
                self.rows.push_front(Row::new(number, estimate(place)));
            }
            self.stale = 0;
        }
    }

    /// Forgets what was measured: the width has changed.
    pub(super) fn estimate_all(&mut self, estimate: impl Fn(usize) -> f32) {
        for (place, row) in self.rows.iter_mut().enumerate() {
            *row = Row::new(row.number, estimate(place));
        }
        self.stale = 0;
    }

    /// Whether the height of this row is true for this shape.
    pub(super) fn is_measured(&self, place: usize, shape: u8) -> bool {
        self.rows[place].shape == Some(shape)
    }

    /// Sets the true height of a row.
    pub(super) fn measure(&mut self, place: usize, shape: u8, height: f32) {
        let row = &mut self.rows[place];
        if row.height != height {
            self.stale = self.stale.min(place + 1);
        }
        *row = Row { height, shape: Some(shape), ..*row };
    }

    /// The height of all rows.
    pub(super) fn total(&mut self) -> f64 {
        self.settle();
        match (self.rows.front(), self.rows.back()) {
            (Some(first), Some(last)) => last.top + f64::from(last.height) - first.top,
            _ => 0.0,
        }
    }

    /// How far below the first row this one begins. Beyond the last row it is [`Rows::total`].
    pub(super) fn top(&mut self, place: usize) -> f64 {
        if place >= self.rows.len() {
            return self.total();
        }
        self.settle();
        self.rows[place].top - self.rows[0].top
    }

    /// The rows that touch the stretch from `from` to `to` below the first row.
    pub(super) fn between(&mut self, from: f64, to: f64) -> Range<usize> {
        self.settle();
        let base = self.rows.front().map_or(0.0, |row| row.top);
        let start = self.rows.partition_point(|row| row.top + f64::from(row.height) - base <= from);
        let end = self.rows.partition_point(|row| row.top - base < to);
        start..end.max(start)
    }

    /// Makes the tops right again, from the first wrong one on.
    fn settle(&mut self) {
        let mut top = match self.stale.checked_sub(1).and_then(|before| self.rows.get(before)) {
            Some(before) => before.top + f64::from(before.height),
            None => 0.0,
        };
        for row in self.rows.range_mut(self.stale.min(self.rows.len())..) {
            row.top = top;
            top += f64::from(row.height);
        }
        self.stale = self.rows.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sync(rows: &mut Rows, numbers: &[u64], height: f32) -> Vec<usize> {
        rows.sync(numbers.iter().copied(), |_| height)
    }

    #[test]
    fn rows_are_found_by_place() {
        let mut rows = Rows::default();
        sync(&mut rows, &[0, 1, 2, 3], 10.0);
        rows.measure(1, 0, 30.0);
        assert_eq!((rows.top(0), rows.top(1), rows.top(2), rows.top(4)), (0.0, 10.0, 40.0, 60.0));
        assert_eq!(rows.between(10.0, 40.0), 1..2);
        assert_eq!(rows.between(9.0, 41.0), 0..3);
        assert_eq!(rows.between(60.0, 90.0), 4..4);
        assert_eq!(sync(&mut rows, &[2, 3, 4, 5], 5.0), [2, 3]);
        assert_eq!((rows.number(0), rows.top(0), rows.top(2), rows.total()), (Some(2), 0.0, 20.0, 30.0));
        sync(&mut rows, &[9], 7.0);
        assert_eq!((rows.number(0), rows.len(), rows.total()), (Some(9), 1, 7.0));
    }

    #[test]
    fn what_moves_keeps_its_height_and_what_is_put_before_is_no_news() {
        let mut rows = Rows::default();
        sync(&mut rows, &[5, 6, 7], 10.0);
        rows.measure(2, 0, 33.0);
        assert_eq!(sync(&mut rows, &[1, 2, 5, 7, 8, 6], 10.0), [4]);
        assert_eq!((rows.top(3), rows.top(4), rows.find(7, 2)), (30.0, 63.0, Some(3)));
    }

    proptest! {
        /// Whatever comes, goes, moves and is measured, the sums are those of the heights.
        #[test]
        fn sums_are_right(
            steps in prop::collection::vec((prop::collection::vec(0..12u64, 0..12), 0..12usize, 21..50u8), 0..20),
        ) {
            let mut rows = Rows::default();
            let mut heights: HashMap<u64, f32> = HashMap::new();
            for (numbers, which, height) in steps {
                let mut numbers = numbers;
                let mut seen = std::collections::HashSet::new();
                numbers.retain(|number| seen.insert(*number));
                sync(&mut rows, &numbers, 20.0);
                // What was put before all there was may be estimated anew.
                for (place, number) in numbers.iter().enumerate() {
                    if !(rows.is_measured(place, 1)) {
                        heights.insert(*number, 20.0);
                    }
                }
                if let Some(number) = numbers.get(which) {
                    rows.measure(which, 1, f32::from(height));
                    heights.insert(*number, f32::from(height));
                }
                prop_assert_eq!(rows.len(), numbers.len());
                for place in 0..=numbers.len() {
                    let sum: f64 = numbers[..place].iter().map(|number| f64::from(heights[number])).sum();
                    prop_assert_eq!(rows.top(place), sum);
                    prop_assert_eq!(rows.number(place), numbers.get(place).copied());
                }
            }
        }
    }
}
