//! What a message looks like, before anybody knows fonts: from what was said to the letters that are
//! shown, which of them are bold, italic, struck or code, where the links go, and who is meant. Bounded
//! and tame whatever comes. Knows neither egui nor who is in the room.
//!
//! | module | what it holds |
//! |---|---|
//! | `markup` | the little Markdown that is understood |
//! | [`links`] | addresses in a text, and where they truly lead |
//! | [`mention`] | who is meant |
//! | [`tame`] | letters that would break the layout; long messages |
//! | [`turned`] | which letters run from right to left |
//! | [`emoji`] | emoji by name |
//!
//! Nothing that is not understood disappears: all that was said is shown, less the signs of the markup
//! that took effect, and less letters that are no letters.

#[cfg(test)]
mod attacks;
pub mod emoji;
pub mod links;
mod markup;
pub mod mention;
pub mod tame;
#[cfg(test)]
mod tests;
pub mod turned;

use std::ops::{BitOr, Range};

use markup::Mark;
use unicode_segmentation::UnicodeSegmentation;

/// A text with more changes of style than this is shown as it was written.
pub const MAX_SPANS: usize = 256;

/// How letters are drawn, apart from the plain way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Style(u16);

impl Style {
    /// As ordinary letters are.
    pub const PLAIN: Self = Self(0);
    /// `**bold**`.
    pub const BOLD: Self = Self(1);
    /// `*italic*`.
    pub const ITALIC: Self = Self(1 << 1);
    /// `~~struck~~`.
    pub const STRUCK: Self = Self(1 << 2);
    /// `` `code` `` within a line.
    pub const CODE: Self = Self(1 << 3);
    /// A block of code, on lines of its own.
    pub const BLOCK: Self = Self(1 << 4);
    /// An address to go to.
    pub const LINK: Self = Self(1 << 5);
    /// Our own name.
    pub const ME: Self = Self(1 << 6);
    /// Somebody else's name, after an `@`.
    pub const NAME: Self = Self(1 << 7);
    /// Signs that were written as text or emoji, and here as emoji.
    pub const EMOJI: Self = Self(1 << 8);

    /// Whether it has all of `other`.
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Code of either kind, in which nothing else is looked for.
    fn is_code(self) -> bool {
        self.0 & (Self::CODE.0 | Self::BLOCK.0) != 0
    }
}

impl BitOr for Style {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Letters of one style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Where they stand in [`Shown::text`], in bytes.
    pub range: Range<usize>,
    /// Their style, which is not plain.
    pub style: Style,
}

/// A message as it is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    /// The letters.
    pub text: String,
    /// What of them is not plain, in order and apart from each other; at most [`MAX_SPANS`].
    pub spans: Vec<Span>,
    /// The links, in order; each is its own target, written out. At most [`links::MAX_LINKS`].
    pub links: Vec<Range<usize>>,
    /// It names us.
    pub names_us: bool,
}

/// What somebody said, as it is shown to a member called `own`. An empty name is nobody's.
pub fn show(source: &str, own: &str) -> Shown {
    let links = links::find(source);
    let marked = build(source, &markup::marks(source, &links), own);
    // A fence alone, or so many changes of style that drawing them would take its time.
    if marked.spans.len() > MAX_SPANS || marked.text.trim().is_empty() {
        let mut bare = build(source, &[], own);
        bare.spans.truncate(MAX_SPANS);
        return bare;
    }
    marked
}

/// What the server or this program has to say: links, and no markup.
pub fn remark(source: &str) -> Shown {
    let mut shown = build(source, &[], "");
    shown.spans.truncate(MAX_SPANS);
    shown
}

/// Carries out the marks, then looks for links and names in what is left to see.
fn build(source: &str, marks: &[Mark], own: &str) -> Shown {
    let mut styles = vec![Style::PLAIN; source.len()];
    let mut hidden = tame::hidden(source);
    for mark in marks {
        match mark {
            Mark::Hide(range) => hidden.push(range.clone()),
            Mark::Style(range, style) => styles[range.clone()].fill(*style),
        }
    }
    let mut seen = vec![true; source.len()];
    for range in hidden {
        seen[range].fill(false);
    }
    let mut text = String::with_capacity(source.len());
    let mut kept = Vec::with_capacity(source.len());
    for (at, letter) in source.char_indices().filter(|(at, _)| seen[*at]) {
        text.push(letter);
        kept.resize(text.len(), styles[at]);
    }
    let is_code = |range: &Range<usize>| kept[range.clone()].iter().any(|style| style.is_code());
    let links: Vec<_> = links::find(&text).into_iter().filter(|range| !is_code(range)).collect();
    let in_link = |range: &Range<usize>| links.iter().any(|l| l.start < range.end && range.start < l.end);
    let mut names = mention::find(&text, own);
    names.retain(|name| !is_code(&name.range) && !in_link(&name.range));
    let names_us = names.iter().any(|name| name.is_us);
    for range in &links {
        add(&mut kept[range.clone()], Style::LINK);
    }
    for name in names {
        add(&mut kept[name.range], if name.is_us { Style::ME } else { Style::NAME });
    }
    // It says of the sign before it, such as ❤, that an emoji is meant.
    if text.contains('\u{fe0f}') {
        for (at, sign) in text.grapheme_indices(true).filter(|(_, sign)| sign.contains('\u{fe0f}')) {
            add(&mut kept[at..at + sign.len()], Style::EMOJI);
        }
    }
    Shown { spans: runs(&kept, &links), text, links, names_us }
}

fn add(styles: &mut [Style], style: Style) {
    for one in styles {
        *one = *one | style;
    }
}

/// Bytes of one style, side by side; two links that touch stay two.
fn runs(styles: &[Style], links: &[Range<usize>]) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut begins = links.iter().map(|link| link.start).peekable();
    for (at, &style) in styles.iter().enumerate() {
        let begins_link = begins.next_if_eq(&at).is_some();
        match spans.last_mut() {
            Some(last) if last.range.end == at && last.style == style && !begins_link => {
                last.range.end = at + 1;
            }
            _ if style == Style::PLAIN => {}
            _ => spans.push(Span { range: at..at + 1, style }),
        }
    }
    spans
}
