//! The little Markdown that is understood: `**bold**`, `*italic*`, `~~struck~~`, `` `code` ``, fenced
//! blocks. A chat is no document: headings, lists, quotes, tables, HTML and named links stay as they were
//! written. Knows where the signs stand in the source; shows nothing.
//!
//! Absent on purpose: `_italic_` and `__bold__`. They would eat the signs of `__init__`, of file names and
//! of the shrug. And `2*3*4` is a product. A `\` before a sign keeps it from taking effect and is shown all the
//! same: whoever writes `C:\*.txt` means a path.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::Style;

/// What is to be done with a part of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mark {
    /// Signs that took effect are not shown.
    Hide(Range<usize>),
    /// Letters have a style; of two marks for the same letter the later one counts.
    Style(Range<usize>, Style),
}

/// The marks of `source`; none is in one of these `links`. In bytes, on the borders of letters.
pub(super) fn marks(source: &str, links: &[Range<usize>]) -> Vec<Mark> {
    // Most messages have none, and this is cheaper than to parse.
    if !source.contains(['*', '~', '`']) {
        return Vec::new();
    }
    let mut reader = Reader { source, links, marks: Vec::new(), open: Vec::new(), nested: 0 };
    let mut block: Option<Block> = None;
    for (event, range) in Parser::new_ext(source, Options::ENABLE_STRIKETHROUGH).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))) => {
                block = Some(Block { range, content: None });
            }
            Event::End(TagEnd::CodeBlock) => {
                if let Some(block) = block.take() {
                    reader.block(&block);
                }
            }
            Event::Text(_) if block.is_some() => {
                if let Some(block) = &mut block {
                    block.add(range);
                }
            }
            Event::Start(Tag::BlockQuote(_) | Tag::Item) => reader.nested += 1,
            Event::End(TagEnd::BlockQuote(_) | TagEnd::Item) => reader.nested -= 1,
            Event::Start(Tag::Strong) => reader.start(range, "**", Style::BOLD),
            Event::Start(Tag::Emphasis) => reader.start(range, "*", Style::ITALIC),
            Event::Start(Tag::Strikethrough) => reader.start(range, "~~", Style::STRUCK),
            Event::End(TagEnd::Strong | TagEnd::Emphasis | TagEnd::Strikethrough) => {
                reader.open.pop();
            }
            Event::Text(_) => reader.letters(range),
            Event::Code(_) => reader.code(range),
            _ => {}
        }
    }
    reader.marks
}

struct Reader<'a> {
    source: &'a str,
    links: &'a [Range<usize>],
    marks: Vec<Mark>,
    /// The style within each pair of signs that is open.
    open: Vec<Style>,
    /// How many quotes and list items are open.
    nested: usize,
}

/// A fenced block: the whole, and what is within.
struct Block {
    range: Range<usize>,
    content: Option<Range<usize>>,
}

impl Block {
    fn add(&mut self, range: Range<usize>) {
        let start = self.content.as_ref().map_or(range.start, |content| content.start);
        self.content = Some(start..range.end);
    }
}

impl Reader<'_> {
    fn style(&self) -> Style {
        self.open.last().copied().unwrap_or_default()
    }

    /// A pair of signs around `range` opens.
    fn start(&mut self, range: Range<usize>, sign: &str, style: Style) {
        let within = self.style();
        let signs = [range.start..range.start + sign.len(), range.end - sign.len()..range.end];
        let is_sign = |at: &Range<usize>| self.source.get(at.clone()) == Some(sign);
        let in_link = |at: &Range<usize>| self.links.iter().any(|l| l.start < at.end && at.start < l.end);
        let good = range.len() > 2 * sign.len() && signs.iter().all(|at| is_sign(at) && !in_link(at));
        if !good || sign == "*" && self.is_product(&range) {
            return self.open.push(within);
        }
        self.marks.extend(signs.map(Mark::Hide));
        self.open.push(within | style);
    }

    /// Whether a word stands right before and right after, as in `2*3*4`.
    fn is_product(&self, range: &Range<usize>) -> bool {
        let before = self.source[..range.start].chars().next_back();
        let after = self.source[range.end..].chars().next();
        [before, after].iter().all(|letter| letter.is_some_and(|letter| letter.is_ascii_alphanumeric()))
    }

    fn letters(&mut self, range: Range<usize>) {
        let style = self.style();
        if style != Style::PLAIN {
            self.marks.push(Mark::Style(range, style));
        }
    }

    fn code(&mut self, range: Range<usize>) {
        let whole = &self.source[range.clone()];
        let ticks = whole.len() - whole.trim_start_matches('`').len();
        let inner = range.start + ticks..range.end - ticks;
        self.marks.push(Mark::Style(inner.clone(), self.style() | Style::CODE));
        self.marks.push(Mark::Hide(range.start..inner.start));
        self.marks.push(Mark::Hide(inner.end..range.end));
    }

    /// Of a fenced block the fences go, with their lines. Within a quote or a list they stay: there the
    /// signs of those stand between the lines.
    fn block(&mut self, block: &Block) {
        let Some(mut content) = block.content.clone() else { return };
        if self.nested > 0 {
            return self.marks.push(Mark::Style(content, Style::BLOCK));
        }
        let indent = self.source[..block.range.start].trim_end_matches(' ').len();
        self.marks.push(Mark::Hide(indent..content.start));
        let after = &self.source[block.range.end..];
        let closed = block.range.end > content.end;
        let mut end = block.range.end;
        if closed && after.starts_with('\n') && !self.source[..end].ends_with('\n') {
            end += 1;
        }
        self.marks.push(Mark::Hide(content.end..end));
        if self.source[content.clone()].ends_with('\n') {
            content.end -= 1;
            // The last line of the message needs no end.
            if end == self.source.len() {
                self.marks.push(Mark::Hide(content.end..content.end + 1));
            }
        }
        self.marks.push(Mark::Style(content, Style::BLOCK));
    }
}
