//! What is selected of the messages: from one letter to another, whatever lies between them, in sight or
//! not. Pure; knows texts and the order of rows, and neither egui nor where anything is drawn.

#[cfg(test)]
mod tests;

use std::ops::Range;

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation as _};

/// The most that is copied, in bytes. It is millions of letters, and takes no time that anybody notices.
pub(super) const MOST: usize = 8 << 20;

/// What a press selects, and a drag after it goes on by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// One press: letters.
    Letter,
    /// Two: words.
    Word,
    /// Three: messages.
    Row,
}

/// Between two letters, for who comes back to it: in the text of this row, before this byte. A byte beyond
/// the text is its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Point<K> {
    pub(super) row: K,
    pub(super) byte: usize,
}

/// Where that is now. The order of the fields is that of what is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct At {
    pub(super) position: usize,
    pub(super) byte: usize,
}

/// What was selected first, what last, and all between them. Each of the two is a letter's edge, a word or a
/// message, from one point to another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Selection<K> {
    first: [Point<K>; 2],
    last: [Point<K>; 2],
}

impl<K: Copy> Selection<K> {
    /// This, of which a drag may go on.
    pub(super) fn of(unit: [Point<K>; 2]) -> Self {
        Self { first: unit, last: unit }
    }

    /// A whole message.
    pub(super) fn row(row: K) -> Self {
        Self::of(whole(row))
    }

    /// The messages from this one to that.
    pub(super) fn rows(first: K, last: K) -> Self {
        Self { first: whole(first), last: whole(last) }
    }

    /// Goes from what was selected first to here, and no longer to where it went.
    pub(super) fn extend(&mut self, unit: [Point<K>; 2]) {
        self.last = unit;
    }

    /// The message at which it was left off: that of the pointer, or of the keys.
    pub(super) fn end(&self) -> K {
        self.last[0].row
    }

    /// What is selected, where `at` says where the points are.
    pub(super) fn range(&self, at: impl Fn(Point<K>) -> At) -> Range<At> {
        let ends = [self.first, self.last];
        let begin = ends.map(|[begin, _]| at(begin));
        let end = ends.map(|[_, end]| at(end));
        begin[0].min(begin[1])..end[0].max(end[1])
    }
}

/// All of a message.
pub(super) fn whole<K: Copy>(row: K) -> [Point<K>; 2] {
    [Point { row, byte: 0 }, Point { row, byte: usize::MAX }]
}

/// What of `text`, that of the row at this position, is selected; between letters.
pub(super) fn part(range: &Range<At>, position: usize, text: &str) -> Option<Range<usize>> {
    if !(range.start.position..=range.end.position).contains(&position) {
        return None;
    }
    let begin = if position == range.start.position { range.start.byte } else { 0 };
    let end = if position == range.end.position { range.end.byte } else { usize::MAX };
    let part = text.floor_char_boundary(begin)..text.floor_char_boundary(end);
    (part.start < part.end).then_some(part)
}

/// What is selected by a press before this byte of `text`.
pub(super) fn unit(by: By, text: &str, byte: usize) -> Range<usize> {
    let byte = text.floor_char_boundary(byte);
    match by {
        By::Letter => {
            let edge = edge(text, byte);
            edge..edge
        }
        By::Word => word(text, byte),
        By::Row => 0..usize::MAX,
    }
}

/// The edge of a letter as people see them, at this byte or before it.
fn edge(text: &str, byte: usize) -> usize {
    let mut cursor = GraphemeCursor::new(byte, text.len(), true);
    // It fails only where it is given a part of the text.
    match cursor.is_boundary(text, 0) {
        Ok(false) => cursor.prev_boundary(text, 0).ok().flatten().unwrap_or(byte),
        _ => byte,
    }
}

/// The word at this byte, or the one that ends there; between words what is between them.
fn word(text: &str, byte: usize) -> Range<usize> {
    let begin = text[..byte].rfind('\n').map_or(0, |at| at + 1);
    let end = text[byte..].find('\n').map_or(text.len(), |at| byte + at);
    let pieces = text[begin..end].split_word_bound_indices();
    let pieces = pieces.map(|(at, piece)| begin + at..begin + at + piece.len());
    let mut found = byte..byte;
    for piece in pieces.skip_while(|piece| piece.end < byte) {
        let is_word = |piece: &Range<usize>| text[piece.clone()].contains(char::is_alphanumeric);
        if piece.start > byte || piece.start == byte && is_word(&found) && !is_word(&piece) {
            break;
        }
        found = piece;
    }
    found
}

/// What is copied of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Who says it, unless it is no person.
    pub(super) name: Option<String>,
    /// When, in words.
    pub(super) time: String,
    /// Its text as it is shown.
    pub(super) text: String,
}

/// What is selected, as text: of one message the letters, of several each as `[time] name: text`. `line`
/// gives what stands at a position. Where it is more than `most` bytes, the last line says what is missing.
pub(super) fn copy(range: &Range<At>, most: usize, mut line: impl FnMut(usize) -> Option<Line>) -> String {
    let (mut copied, mut lines) = (String::new(), 0);
    // The letters of the first message, until it is known to be the only one.
    let mut alone = None;
    for position in range.start.position..=range.end.position {
        let Some(Line { name, time, text }) = line(position) else { break };
        let Some(part) = part(range, position, &text) else { continue };
        let said = &text[part];
        let name = name.map_or_else(String::new, |name| format!("{name}: "));
        let next = format!("[{time}] {name}{said}");
        if lines > 0 && copied.len() + next.len() >= most {
            let left = range.end.position - position + 1;
            let messages = if left == 1 { "message is" } else { "messages are" };
            return format!("{copied}\n[{left} more {messages} too much to be copied at once]");
        }
        if lines > 0 {
            copied.push('\n');
        }
        copied.push_str(&next);
        alone = (lines == 0).then(|| said.to_owned());
        lines += 1;
    }
    alone.unwrap_or(copied)
}

/// Counts presses that follow each other at one place.
#[derive(Debug, Default)]
pub(super) struct Presses {
    count: u32,
    /// When the last one began or ended, in seconds, and where it was, in points.
    at: f64,
    place: [f32; 2],
}

impl Presses {
    /// How far two presses at one place are from each other at most, in points.
    const NEAR: f32 = 6.0;

    /// A press at this time and place. It goes with the last one if it begins no more than `delay` seconds after
    /// the end of that. Gives what it selects.
    pub(super) fn press(&mut self, at: f64, place: [f32; 2], delay: f64) -> By {
        let is_near = (0..2).all(|axis| (place[axis] - self.place[axis]).abs() <= Self::NEAR);
        let follows = self.count > 0 && is_near && at - self.at <= delay;
        self.count = if follows { self.count % 3 + 1 } else { 1 };
        (self.at, self.place) = (at, place);
        match self.count {
            1 => By::Letter,
            2 => By::Word,
            _ => By::Row,
        }
    }

    /// It ended now.
    pub(super) fn release(&mut self, at: f64) {
        self.at = at;
    }
}
