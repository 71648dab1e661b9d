//! Where each entry stands in a list that is far too long to be laid out: an estimate until an entry
//! is first drawn, its true height from then on. Pure arithmetic; knows neither egui nor entries, only
//! their numbers and heights.

use std::collections::VecDeque;
use std::ops::Range;

/// One row.
#[derive(Debug, Clone, Copy)]
struct Row {
    height: f32,
    /// What the height was measured for; `None` while it is an estimate.
    shape: Option<u8>,
    /// How far below the beginning of all time. Sums of a hundred thousand heights need an f64.
    top: f64,
}

/// The heights of all rows, and their sums.
#[derive(Debug, Default)]
pub(super) struct Rows {
    rows: VecDeque<Row>,
    /// The number of the first row.
    first: u64,
    /// Rows from this place on have wrong tops.
    stale: usize,
}

impl Rows {
    /// The number of the first row.
    pub(super) fn first(&self) -> u64 {
        self.first
    }

    /// The number that the next row will have.
    pub(super) fn end(&self) -> u64 {
        self.first + self.rows.len() as u64
    }

    /// Adds and drops rows so that they are those from `first` to `end`, with estimates for the new.
    pub(super) fn sync(&mut self, first: u64, end: u64, estimate: impl Fn(u64) -> f32) {
        let gone = first.saturating_sub(self.first).min(self.rows.len() as u64) as usize;
        self.rows.drain(..gone);
        self.stale = self.stale.saturating_sub(gone);
        self.first = if self.rows.is_empty() { first } else { self.first + gone as u64 };
        for number in self.end()..end {
            self.rows.push_back(Row { height: estimate(number), shape: None, top: 0.0 });
        }
    }

    /// Forgets what was measured: the width has changed.
    pub(super) fn estimate_all(&mut self, estimate: impl Fn(u64) -> f32) {
        for (number, row) in (self.first..).zip(&mut self.rows) {
            *row = Row { height: estimate(number), shape: None, top: 0.0 };
        }
        self.stale = 0;
    }

    /// Whether the height of this row is true for this shape.
    pub(super) fn is_measured(&self, number: u64, shape: u8) -> bool {
        self.rows[self.place(number)].shape == Some(shape)
    }

    /// Sets the true height of a row.
    pub(super) fn measure(&mut self, number: u64, shape: u8, height: f32) {
        let place = self.place(number);
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
    pub(super) fn top(&mut self, number: u64) -> f64 {
        if number >= self.end() {
            return self.total();
        }
        self.settle();
        self.rows[self.place(number)].top - self.rows[0].top
    }

    /// The rows that touch the stretch from `from` to `to` below the first row.
    pub(super) fn between(&mut self, from: f64, to: f64) -> Range<u64> {
        self.settle();
        let base = self.rows.front().map_or(0.0, |row| row.top);
        let start = self.rows.partition_point(|row| row.top + f64::from(row.height) - base <= from);
        let end = self.rows.partition_point(|row| row.top - base < to);
        self.first + start as u64..self.first + end.max(start) as u64
    }

    fn place(&self, number: u64) -> usize {
        usize::try_from(number - self.first).expect("a row that is there")
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

    #[test]
    fn rows_are_found_by_place() {
        let mut rows = Rows::default();
        rows.sync(0, 4, |_| 10.0);
        rows.measure(1, 0, 30.0);
        assert_eq!((rows.top(0), rows.top(1), rows.top(2), rows.top(4)), (0.0, 10.0, 40.0, 60.0));
        assert_eq!(rows.between(10.0, 40.0), 1..2);
        assert_eq!(rows.between(9.0, 41.0), 0..3);
        assert_eq!(rows.between(60.0, 90.0), 4..4);
        rows.sync(2, 6, |_| 5.0);
        assert_eq!((rows.first(), rows.top(2), rows.top(4), rows.total()), (2, 0.0, 20.0, 30.0));
        rows.sync(9, 10, |_| 7.0);
        assert_eq!((rows.first(), rows.end(), rows.total()), (9, 10, 7.0));
    }

    proptest! {
        /// Whatever is added, dropped and measured, the sums are those of the heights.
        #[test]
        fn sums_are_right(steps in prop::collection::vec((0..4u64, 0..4u64, 0..20u64, 1..50u8), 0..40)) {
            let mut rows = Rows::default();
            let mut heights: Vec<f32> = Vec::new();
            let (mut first, mut end) = (0, 0);
            for (drop, add, which, height) in steps {
                first = (first + drop).min(end);
                end += add;
                rows.sync(first, end, |_| 20.0);
                heights.resize(end as usize, 20.0);
                if which >= first && which < end {
                    rows.measure(which, 1, f32::from(height));
                    heights[which as usize] = f32::from(height);
                }
                for number in first..=end {
                    let sum: f64 = heights[first as usize..number as usize].iter().map(|&h| f64::from(h)).sum();
                    prop_assert_eq!(rows.top(number), sum);
                }
            }
        }
    }
}
