//! Where the letters of a text are on the screen, and which of them the pointer is at. Knows one text that
//! is laid out, and neither what it says nor who selects it.

use std::ops::Range;
use std::sync::Arc;

use egui::epaint::text::CharIndex;
use egui::layers::ShapeIdx;
use egui::{Color32, CornerRadius, Galley, Painter, Pos2, Rect, Shape};

/// How wide a line without letters is when it is selected, in points.
const EMPTY: f32 = 4.0;

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
        let letter = self.galley.cursor_from_pos(pointer - self.at).index.0;
        let text = self.galley.text();
        text.char_indices().nth(letter).map_or(text.len(), |(at, _)| at)
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

/// Where a part of a text is in one row of its galley.
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
    let text = galley.text();
    let (mut bytes, mut letters) = (0, 0);
    let mut letter_at = |byte: usize| {
        let byte = byte.min(text.len());
        letters += text[bytes..byte].chars().count();
        bytes = byte;
        letters
    };
    let parts: Vec<Range<usize>> = parts.map(|part| letter_at(part.start)..letter_at(part.end)).collect();
    let mut places = Vec::new();
    let (mut begin, mut first) = (0, 0);
    for row in &galley.rows {
        let glyphs = &row.row.glyphs;
        let end = begin + glyphs.len();
        while parts.get(first).is_some_and(|part| part.end <= begin) {
            first += 1;
        }
        for (part, letters) in parts.iter().enumerate().skip(first).take_while(|(_, one)| one.start <= end) {
            let (from, to) = (letters.start.max(begin) - begin, letters.end.min(end) - begin);
            // An empty line in a block of code is a part of it.
            if from < to || begin == end && letters.contains(&begin) {
                let x = |column: usize| row.pos.x + row.row.x_offset(CharIndex(column));
                let rect = Rect::from_x_y_ranges(x(from)..=x(to), row.rect().y_range());
                let baseline = glyphs.get(from).map_or(rect.bottom(), |glyph| row.pos.y + glyph.pos.y);
                places.push(Place { part, rect, baseline });
            }
        }
        begin += row.char_count_including_newline().0;
    }
    places
}
