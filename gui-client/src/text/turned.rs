//! Which letters run from right to left. Whoever draws text shapes them apart from all others: what is
//! shaped together runs in one direction, and one such letter would turn the words around it. Knows letters,
//! and neither fonts nor where anything stands.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation as _;

use super::tame;

/// How letters that stand together are shaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// From left to right, or as their neighbours are.
    Plain,
    /// From right to left.
    Turned,
    /// Each by itself: digits and signs of scripts that run from right to left. Their digits run from left to
    /// right, and with their signs one cannot tell.
    Alone,
}

/// Whether this letter is in the part of Unicode that is set aside for scripts from right to left.
fn is_foreign(letter: char) -> bool {
    matches!(
        letter,
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}'
            | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}'
    )
}

/// How a letter, with the marks on it, is shaped.
fn way(cluster: &str) -> Way {
    match cluster.chars().next() {
        Some(letter) if is_foreign(letter) && letter.is_alphabetic() && !tame::is_mark(letter) => Way::Turned,
        _ if cluster.contains(is_foreign) => Way::Alone,
        _ => Way::Plain,
    }
}

/// Whether this, which is one of the [`parts`] of a text, runs from right to left.
pub fn is_turned(part: &str) -> bool {
    part.graphemes(true).next().is_some_and(|cluster| way(cluster) == Way::Turned)
}

/// Whether this, which is one of the [`parts`] of a text, is to be shaped apart from what is before and after.
pub fn is_apart(part: &str) -> bool {
    part.contains(is_foreign)
}

/// The parts of `text` that are to be shaped apart from each other, in order, in bytes. Together they are
/// the whole of it.
pub fn parts(text: &str) -> Vec<Range<usize>> {
    // Most texts have none, and this is cheaper than to look closely.
    if !text.contains(is_foreign) {
        return (!text.is_empty()).then_some(0..text.len()).into_iter().collect();
    }
    let mut parts: Vec<Range<usize>> = Vec::new();
    let mut before = Way::Alone;
    for (at, cluster) in text.grapheme_indices(true) {
        let (way, end) = (way(cluster), at + cluster.len());
        match parts.last_mut() {
            Some(part) if way == before && way != Way::Alone => part.end = end,
            _ => parts.push(at..end),
        }
        before = way;
    }
    parts
}
