//! Where the letters of a text are on the screen, and which of them the pointer is at. Knows one text that
//! is laid out, and neither what it says nor who selects it.
//!
//! egui gives a list of glyphs for each row, and counts on one for each `char`, in the order of what is said.
//! Where words run from right to left that does not hold: their glyphs come as they stand on the screen, and
//! after them more than there are letters. So each of the [`turned`] parts of a text is laid out apart from
//! what is around it, is known again by its glyphs, and is read from its end.

use std::ops::Range;
use std::sync::Arc;

use egui::epaint::text::{Glyph, LayoutJob, PlacedRow, TextFormat};
use egui::layers::ShapeIdx;
use egui::{Color32, CornerRadius, Galley, Painter, Pos2, Rect, Shape};
use unicode_segmentation::UnicodeSegmentation as _;

use crate::text::turned;

/// How wide a line without letters is when it is selected, in points.
const EMPTY: f32 = 4.0;

/// How far above and below a text the pointer is still in its first and last row, in points.
const MARGIN: f32 = 5.0;

/// Letters that are no further apart than this, in points, stand side by side.
const NEAR: f32 = 1.5;

/// Adds `text` to what is to be laid out, in sections of which each runs in one direction.
///
/// egui makes one of sections of one format, and a glyph does not tell its section, but how high its line is:
/// that is what sections are kept apart and known by. They are higher than their neighbours by the least there
/// is, which is far less than can be drawn.
pub(super) fn append(job: &mut LayoutJob, text: &str, format: &TextFormat) {
    for part in turned::parts(text) {
        let mut format = format.clone();
        if turned::is_apart(&text[part.clone()]) {
            let before = job.sections.last().and_then(|section| section.format.line_height);
            let higher = format.line_height.map(f32::next_up);
            format.line_height = if higher == before { higher.map(f32::next_up) } else { higher };
        }
        job.append(&text[part], 0.0, format);
    }
}

/// A text in sight.
pub(super) struct Laid {
    pub(super) galley: Arc<Galley>,
    /// Its upper left corner.
    pub(super) at: Pos2,
    /// Where, among what is drawn, the mark behind selected letters goes.
    pub(super) mark: ShapeIdx,
}

impl Laid {
    /// The byte before which the pointer is, or is nearest to.
    pub(super) fn byte(&self, pointer: Pos2) -> usize {
        let (text, pointer) = (self.galley.text(), pointer - self.at.to_vec2());
        let rows = &self.galley.rows;
        if rows.first().is_some_and(|row| pointer.y < row.min_y() - MARGIN) {
            return 0;
        }
        if rows.last().is_none_or(|row| row.max_y() + MARGIN < pointer.y) {
            return text.len();
        }
        let far = |row: &PlacedRow| (row.min_y() - pointer.y).max(pointer.y - row.max_y());
        let nearest = rows.iter().enumerate().min_by(|(_, a), (_, b)| far(a).total_cmp(&far(b)));
        let Some((nearest, _)) = nearest else { return text.len() };
        let letters = letters(&self.galley);
        let row = || letters.iter().filter(|letter| letter.row == nearest);
        // Beyond the ends of a row is its beginning or its end, whichever way the words there run.
        let left = row().map(|letter| letter.left).fold(f32::INFINITY, f32::min);
        let right = row().map(|letter| letter.right).fold(f32::NEG_INFINITY, f32::max);
        // Where there is no letter, there is nothing to be beyond.
        let byte = if pointer.x <= left || right <= left {
            row().map(|letter| letter.bytes.start).min()
        } else if pointer.x >= right {
            row().map(|letter| letter.bytes.end).max()
        } else {
            let far = |letter: &Letter| (letter.left - pointer.x).max(pointer.x - letter.right);
            row().min_by(|a, b| far(a).total_cmp(&far(b))).map(|letter| letter.edge(pointer.x))
        };
        byte.unwrap_or(text.len())
    }

    /// Marks these letters as selected.
    pub(super) fn select(&self, painter: &Painter, range: Range<usize>, colour: Color32) {
        let marks = places(&self.galley, std::iter::once(range)).into_iter().map(|place| {
            let rect = place.rect.translate(self.at.to_vec2());
            let rect = rect.with_max_x(rect.right().max(rect.left() + EMPTY));
            Shape::rect_filled(rect, CornerRadius::ZERO, colour)
        });
        painter.set(self.mark, Shape::Vec(marks.collect()));
    }
}

/// Where a part of a text is in one row of its galley, or some of it, where others stand in between.
pub(super) struct Place {
    /// Which part.
    pub(super) part: usize,
    pub(super) rect: Rect,
    /// What its letters stand on.
    pub(super) baseline: f32,
}

/// Where these parts of a text are in its galley, in every row that they have letters in. The parts are in
/// order and apart from each other.
pub(super) fn places(galley: &Galley, parts: impl Iterator<Item = Range<usize>>) -> Vec<Place> {
    let mut parts = parts.enumerate().peekable();
    let mut places: Vec<Place> = Vec::new();
    if parts.peek().is_none() {
        return places;
    }
    let mut last = None;
    for Letter { bytes, row, left, right, baseline, .. } in letters(galley) {
        while parts.next_if(|(_, part)| part.end <= bytes.start).is_some() {}
        let Some((part, _)) = parts.peek().filter(|(_, part)| part.start <= bytes.start) else { continue };
        let is_beside =
            |place: &Place| left <= place.rect.right() + NEAR && right >= place.rect.left() - NEAR;
        match places.last_mut().filter(|_| last == Some((*part, row))) {
            Some(place) if is_beside(place) => {
                place.rect.min.x = place.rect.min.x.min(left);
                place.rect.max.x = place.rect.max.x.max(right);
            }
            _ => {
                let rect = Rect::from_x_y_ranges(left..=right, galley.rows[row].rect().y_range());
                places.push(Place { part: *part, rect, baseline });
            }
        }
        last = Some((*part, row));
    }
    places
}

/// A letter as people see it, with the marks on it; or the end of a line on which there is none.
#[derive(Debug)]
struct Letter {
    bytes: Range<usize>,
    row: usize,
    left: f32,
    right: f32,
    baseline: f32,
    /// It is read from its right side to its left.
    turned: bool,
}

impl Letter {
    /// The byte at its edge that is nearer to `x`.
    fn edge(&self, x: f32) -> usize {
        let ends = x > (self.left + self.right) / 2.0;
        if ends == self.turned { self.bytes.start } else { self.bytes.end }
    }
}

/// A glyph in its galley.
#[derive(Debug, Clone, Copy)]
struct Drawn<'a> {
    glyph: &'a Glyph,
    row: usize,
    left: f32,
    /// Where the next one is.
    right: f32,
    baseline: f32,
}

/// The glyphs of a row.
fn drawn(row: usize, placed: &PlacedRow) -> impl DoubleEndedIterator<Item = Drawn<'_>> {
    let mut right = placed.row.size.x;
    let glyphs = placed.row.glyphs.iter().rev().map(move |glyph| {
        let (left, end) = (glyph.pos.x, right);
        // Marks, and what egui puts where it counts on more glyphs, take no room.
        if glyph.advance_width > 0.0 {
            right = left;
        }
        let (left, right, baseline) = (placed.pos.x + left, placed.pos.x + end, placed.pos.y + glyph.pos.y);
        Drawn { glyph, row, left, right, baseline }
    });
    glyphs.collect::<Vec<_>>().into_iter().rev()
}

/// Where all letters are that are drawn, in the order of what is said.
fn letters(galley: &Galley) -> Vec<Letter> {
    let text = galley.text();
    let mut letters = Vec::with_capacity(text.len());
    let mut rows = galley.rows.iter().enumerate();
    let mut begin = 0;
    for line in text.split('\n') {
        let end = begin + line.len();
        let mut glyphs = Vec::new();
        let Some((first, _)) = rows.clone().next() else { break };
        for (nth, placed) in rows.by_ref() {
            glyphs.extend(drawn(nth, placed));
            if placed.ends_with_newline {
                break;
            }
        }
        if line.is_empty() && end < text.len() {
            let Rect { min, max } = galley.rows[first].rect();
            letters.push(Letter {
                bytes: end..end + 1,
                row: first,
                left: min.x,
                right: min.x,
                baseline: max.y,
                turned: false,
            });
        }
        let mut glyphs = &glyphs[..];
        let sections = &galley.job.sections;
        let first = sections.partition_point(|section| section.byte_range.end.0 <= begin);
        let here =
            sections[first..].iter().take_while(|section| section.byte_range.start.0 < end && begin < end);
        let mut sections = here
            .map(|section| {
                let range = section.byte_range.start.0.max(begin)..section.byte_range.end.0.min(end);
                (range, section.format.line_height)
            })
            .peekable();
        while let Some((mut range, height)) = sections.next() {
            // Those of one direction that are side by side are as one.
            while let Some((more, _)) = sections.next_if(|(_, other)| *other == height) {
                range.end = more.end;
            }
            let is_own = |drawn: &&Drawn<'_>| Some(drawn.glyph.line_height) == height;
            let (own, others) = glyphs.split_at(glyphs.iter().take_while(is_own).count());
            glyphs = others;
            join(&mut letters, (range.start, &text[range]), own, galley.elided);
        }
        begin = end + 1;
    }
    letters
}

/// Brings the letters of `text`, which is of one section and begins at this byte, together with their glyphs.
/// `is_cut` says that those at the end may have none.
fn join(letters: &mut Vec<Letter>, (start, text): (usize, &str), glyphs: &[Drawn<'_>], is_cut: bool) {
    let is_turned = turned::is_turned(text);
    if !is_turned && text.chars().count() == glyphs.len() {
        return join_each(letters, start, text, glyphs);
    }
    let clusters: Vec<(usize, &str)> = text.grapheme_indices(true).collect();
    let begins = |nth: usize, glyph: &Glyph| clusters[nth].1.starts_with(glyph.chr);
    let mut visible: Vec<_> = glyphs.iter().filter(|drawn| drawn.glyph.advance_width > 0.0).collect();
    if is_turned {
        visible.reverse();
    }
    // From which letter on each is drawn, and where.
    let mut cells: Vec<(usize, Drawn<'_>)> = Vec::new();
    for drawn in visible {
        let Some((last, cell)) = cells.last_mut() else {
            cells.push((0, *drawn));
            continue;
        };
        let (last, next) = (*last, *last + 1);
        let is_more = !is_turned && begins(last, drawn.glyph);
        let found = match () {
            () if next < clusters.len() && begins(next, drawn.glyph) => Some(next),
            // Another piece of the same letter.
            () if is_more => None,
            () => (next..clusters.len()).find(|nth| begins(*nth, drawn.glyph)),
        };
        match found {
            Some(nth) => cells.push((nth, *drawn)),
            None if cell.row == drawn.row => {
                cell.left = cell.left.min(drawn.left);
                cell.right = cell.right.max(drawn.right);
            }
            None => {}
        }
    }
    // What is left out at the end has no room.
    let last = if is_cut { cells.last().map_or(0, |(first, _)| first + 1) } else { clusters.len() };
    for (nth, (first, cell)) in cells.iter().enumerate() {
        let end = cells.get(nth + 1).map_or(last, |(next, _)| *next);
        // Letters that are drawn as one share its room.
        let share = (cell.right - cell.left) / (end - first) as f32;
        for (column, (at, cluster)) in clusters[*first..end].iter().enumerate() {
            let column = if is_turned { end - first - 1 - column } else { column };
            let left = cell.left + share * column as f32;
            let at = start + at;
            letters.push(Letter {
                bytes: at..at + cluster.len(),
                row: cell.row,
                left,
                right: left + share,
                baseline: cell.baseline,
                turned: is_turned,
            });
        }
    }
}

/// The same where there is a glyph for each `char`, in the same order.
fn join_each(letters: &mut Vec<Letter>, start: usize, text: &str, mut glyphs: &[Drawn<'_>]) {
    for (at, cluster) in text.grapheme_indices(true) {
        let (own, others) = glyphs.split_at(cluster.chars().count().min(glyphs.len()));
        glyphs = others;
        let Some(first) = own.iter().find(|drawn| drawn.glyph.advance_width > 0.0).or(own.first()) else {
            return;
        };
        let same_row = own.iter().filter(|drawn| drawn.row == first.row);
        let right = same_row.map(|drawn| drawn.right).fold(first.right, f32::max);
        letters.push(Letter {
            bytes: start + at..start + at + cluster.len(),
            row: first.row,
            left: first.left,
            right,
            baseline: first.baseline,
            turned: false,
        });
    }
}

#[cfg(test)]
mod tests;
