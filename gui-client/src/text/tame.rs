//! What hostile text may do: nothing. Letters that are no letters are left out, marks do not pile up,
//! and of a long message only the beginning is shown until it is asked for. Knows letters, and no fonts.

use std::ops::Range;

use chat_shared::limits::MAX_NAME_CHARS;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// So many marks may stand on one letter; what more there is would run into other lines.
pub const MAX_MARKS: usize = 4;

/// A message with more line breaks than this is long.
const LONG_BREAKS: usize = 16;

/// A message with more letters than this is long.
const LONG_LETTERS: usize = 1200;

/// So many rows of a long message are shown.
pub const FOLDED_ROWS: usize = 12;

/// At most so many bytes of a long message are laid out: as many as those rows can hold.
const FOLDED_BYTES: usize = 2000;

/// The letters of `text` that are not to be shown: controls, those that turn the writing around, and
/// marks beyond [`MAX_MARKS`] on one letter. In order, on the borders of letters.
pub fn hidden(text: &str) -> Vec<Range<usize>> {
    let mut hidden: Vec<Range<usize>> = Vec::new();
    let mut marks = 0;
    for (at, letter) in text.char_indices() {
        let hide = match letter {
            '\n' | '\t' => false,
            // They order runs of letters, which is not done here; what they do is hide what is said.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
            letter if letter.is_control() => true,
            letter if is_mark(letter) => {
                marks += 1;
                marks > MAX_MARKS
            }
            _ => false,
        };
        if !hide && !is_mark(letter) {
            marks = 0;
        }
        let end = at + letter.len_utf8();
        match hidden.last_mut() {
            _ if !hide => {}
            Some(last) if last.end == at => last.end = end,
            _ => hidden.push(at..end),
        }
    }
    hidden
}

/// A name as it can be drawn beside others: what no name may hold is not shown, and of one that is too long, the
/// beginning. A server that checks nothing passes such names on.
pub fn name(name: &str) -> String {
    let hidden = hidden(name);
    let mut parts = hidden.iter();
    let mut next = parts.next();
    let letters = name.char_indices().filter(|(at, _)| {
        while next.is_some_and(|part| part.end <= *at) {
            next = parts.next();
        }
        !next.is_some_and(|part| part.contains(at))
    });
    let mut letters =
        letters.map(|(_, letter)| if letter.is_whitespace() { char::REPLACEMENT_CHARACTER } else { letter });
    let mut shown: String = letters.by_ref().take(MAX_NAME_CHARS).collect();
    if shown.starts_with(is_mark) {
        shown.insert(0, char::REPLACEMENT_CHARACTER);
    }
    if letters.next().is_some() {
        shown.push('…');
    }
    if shown.is_empty() { char::REPLACEMENT_CHARACTER.to_string() } else { shown }
}

/// Whether it stands on the letter before it.
pub(super) fn is_mark(letter: char) -> bool {
    !letter.is_ascii()
        && matches!(
            letter.general_category(),
            GeneralCategory::NonspacingMark | GeneralCategory::EnclosingMark
        )
}

/// A long message: what of it is laid out while it is folded, and how long it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fold {
    /// The bytes that are laid out, up to the end of a letter.
    pub end: usize,
    /// The lines of the whole, as they were written.
    pub lines: usize,
    /// The letters of the whole.
    pub letters: usize,
}

impl Fold {
    /// How long the whole is, for a person.
    pub fn words(self) -> String {
        match self.lines {
            0..=FOLDED_ROWS => format!("{} letters", self.letters),
            lines => format!("{lines} lines"),
        }
    }
}

/// How `text` is folded, if it is long.
pub fn fold(text: &str) -> Option<Fold> {
    let lines = text.matches('\n').count() + 1;
    let letters = text.chars().count();
    if lines <= LONG_BREAKS + 1 && letters <= LONG_LETTERS {
        return None;
    }
    let mut end = text.floor_char_boundary(FOLDED_BYTES);
    // As many lines fill the rows even when each takes only one; one more tells that something is left.
    if let Some((at, _)) = text.match_indices('\n').nth(FOLDED_ROWS) {
        end = end.min(at + 1);
    }
    Some(Fold { end, lines, letters })
}
