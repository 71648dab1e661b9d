//! Which row the keys begin with, and which move brings one into sight. Pure arithmetic on what is in sight.

use super::anchor::{Move, Row, Seen};

/// The position of the lowest row that is in sight as a whole, or else of the highest.
pub(super) fn lowest(seen: &Seen, height: f32) -> Option<usize> {
    let whole = |row: &&Row| row.bottom() <= height + 0.5;
    seen.rows.iter().rev().find(whole).or(seen.rows.first()).map(|row| row.position)
}

/// The move that brings the row at this position into a view of this height, if it is not there. `whole` says
/// how high a row is.
pub(super) fn reveal(
    seen: &Seen,
    position: usize,
    height: f32,
    whole: impl FnOnce(usize) -> f32,
) -> Option<Move> {
    let (first, last) = (seen.rows.first()?, seen.rows.last()?);
    let (top, bottom) = match seen.rows.get(position.wrapping_sub(first.position)) {
        Some(row) => (row.top, row.bottom()),
        None if position == last.position + 1 => (last.bottom(), last.bottom() + whole(position)),
        None => return Some(Move::To { position, share: 0.0 }),
    };
    let by = if top < 0.0 { top } else { (bottom - height).clamp(0.0, top) };
    (by.abs() > 0.5).then_some(Move::By(by))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::anchor::Span;

    /// The rows 10 to 13: cut above, whole, whole, cut below by the lower edge of a view of 105 points.
    fn seen() -> Seen {
        let row = |(nth, top): (usize, &f32)| {
            let span = Span { lead: 0.0, body: 40.0, tail: 0.0 };
            Row { position: 10 + nth, top: *top, span }
        };
        let rows = [-20.0, 20.0, 60.0, 100.0].iter().enumerate().map(row).collect();
        Seen { rows, ..Seen::default() }
    }

    #[test]
    fn what_the_keys_go_to_is_brought_into_sight() {
        for (position, expected) in [
            (10, Some(Move::By(-20.0))),
            (11, None),
            (12, None),
            (13, Some(Move::By(35.0))),
            // As far down as its beginning, for it is higher than the view.
            (14, Some(Move::By(140.0))),
            (9, Some(Move::To { position: 9, share: 0.0 })),
            (900, Some(Move::To { position: 900, share: 0.0 })),
        ] {
            assert_eq!(reveal(&seen(), position, 105.0, |_| 300.0), expected, "{position}");
        }
        assert_eq!(reveal(&Seen::default(), 3, 100.0, |_| 1.0), None);
    }

    #[test]
    fn the_keys_begin_at_the_lowest_message_that_is_in_sight_as_a_whole() {
        assert_eq!(lowest(&seen(), 105.0), Some(12));
        assert_eq!(lowest(&seen(), 10.0), Some(10));
        assert_eq!(lowest(&Seen::default(), 10.0), None);
    }
}
