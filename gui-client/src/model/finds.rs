//! What a search has found: in what is loaded, which is looked through a slice at a time, and in the server's
//! log. Knows entries and messages; what is asked of the server, and when, is the room's business.

use std::ops::Range;
use std::time::Instant;

use chat_shared::Pattern;

use super::entry::Entry;
use super::timeline::{Spot, Timeline};
use crate::link::Message;
use crate::text;

/// So many entries are looked through at once: little enough that nobody has to wait for it.
const SLICE: usize = 4000;

/// The most that are found in what is loaded.
const MOST: usize = 1000;

/// So many letters of a message are shown, and at most so many of them before the first that was found.
const LINE: usize = 160;
const BEFORE: usize = 16;

/// What the server's log is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Log {
    /// It is to be asked, not before then.
    Due(Instant),
    /// It was asked.
    Asked,
    /// All that it gives has come.
    Done {
        /// It has more, or may have.
        more: bool,
    },
    /// It cannot be asked for these words; carries why.
    Refused(String),
}

/// What a search has found.
#[derive(Debug)]
pub struct Finds {
    words: String,
    /// None when there is no letter and no digit in the words.
    pattern: Option<Pattern>,
    /// The newest first.
    hits: Vec<Hit>,
    scan: Scan,
    log: Log,
}

/// How far what is loaded was looked through.
#[derive(Debug)]
enum Scan {
    /// From its end on.
    Begin,
    /// Down to this entry.
    Down(Spot),
    Done,
}

/// A message that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Where it stands, or would.
    pub spot: Spot,
    /// The number of its entry, if it was loaded when it was found.
    pub number: Option<u64>,
    /// When it was said, in milliseconds since 1970 UTC.
    pub at: i64,
    /// Who said it.
    pub by: String,
    /// A piece of it, in one line.
    pub line: String,
    /// What was searched for, in bytes of the line.
    pub marks: Vec<Range<usize>>,
}

impl Finds {
    pub(super) fn new(words: &str, log: Log) -> Self {
        let pattern = Pattern::parse(words);
        let scan = if pattern.is_some() { Scan::Begin } else { Scan::Done };
        Self { words: words.to_owned(), pattern, hits: Vec::new(), scan, log }
    }

    /// What is searched for.
    pub fn words(&self) -> &str {
        &self.words
    }

    /// The messages that were found, newest first.
    pub fn hits(&self) -> &[Hit] {
        &self.hits
    }

    /// How the search of the server's log stands.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Whether what is loaded has yet to be looked through.
    pub fn is_scanning(&self) -> bool {
        !matches!(self.scan, Scan::Done)
    }

    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.due().is_some_and(|due| due <= now)
    }

    /// When the server is to be asked.
    pub(super) fn due(&self) -> Option<Instant> {
        match self.log {
            Log::Due(at) => Some(at),
            Log::Asked | Log::Done { .. } | Log::Refused(_) => None,
        }
    }

    pub(super) fn asked(&mut self) {
        self.log = Log::Asked;
    }

    /// There is another log: what was asked of the one before is asked of this.
    pub(super) fn another_log(&mut self, now: Instant) {
        if !matches!(self.log, Log::Refused(_)) {
            self.log = Log::Due(now);
        }
    }

    /// The server has found no more than that.
    pub(super) fn all_found(&mut self, more: bool) {
        self.log = Log::Done { more };
    }

    /// Looks through the next slice of what is loaded.
    pub(super) fn scan(&mut self, timeline: &Timeline) {
        let Some(pattern) = &self.pattern else { return };
        let end = match self.scan {
            Scan::Begin => timeline.len(),
            Scan::Down(spot) => timeline.position(spot),
            Scan::Done => return,
        };
        let begin = end.saturating_sub(SLICE);
        let mut hits = Vec::new();
        for position in (begin..end).rev() {
            let (Some(entry), Some(spot)) = (timeline.get(position), timeline.spot(position)) else {
                continue;
            };
            if entry.author().is_some() && pattern.is_in(entry.text()) {
                hits.push(Hit::loaded(entry, spot, pattern));
            }
        }
        for hit in hits {
            self.add(hit);
        }
        self.scan = match timeline.spot(begin) {
            Some(spot) if begin > 0 && self.hits.len() < MOST => Scan::Down(spot),
            _ => Scan::Done,
        };
    }

    /// What stood at this spot is no more.
    pub(super) fn remove(&mut self, spot: Spot) {
        self.hits.retain(|hit| hit.spot != spot);
    }

    /// The server has found this message, which belongs there.
    pub(super) fn add_from_log(&mut self, spot: Spot, message: Message) {
        let Message { at, from, text, .. } = message;
        let (line, marks) = excerpt(&text, self.pattern.as_ref());
        self.add(Hit { spot, number: None, at, by: from, line, marks });
    }

    fn add(&mut self, hit: Hit) {
        if let Err(at) = self.hits.binary_search_by(|there| hit.spot.cmp(&there.spot)) {
            self.hits.insert(at, hit);
        }
    }
}

impl Hit {
    fn loaded(entry: &Entry, spot: Spot, pattern: &Pattern) -> Self {
        let (line, marks) = excerpt(entry.text(), Some(pattern));
        let by = entry.author().unwrap_or_default().to_owned();
        Self { spot, number: Some(entry.number), at: entry.at, by, line, marks }
    }
}

/// One line of a message, around the first of what was searched for.
fn excerpt(source: &str, pattern: Option<&Pattern>) -> (String, Vec<Range<usize>>) {
    let shown = text::show(source, "").text.replace(['\n', '\t'], " ");
    let marks = pattern.map_or_else(Vec::new, |pattern| pattern.marks(&shown));
    let first = marks.first().map_or(0, |mark| mark.start);
    let back = shown[..first].char_indices().rev().nth(BEFORE - 1).map_or(0, |(at, _)| at);
    let length = shown[back..].char_indices().nth(LINE).map_or(shown.len() - back, |(at, _)| at);
    let begin = if back > 0 { "…" } else { "" };
    let end = if back + length < shown.len() { "…" } else { "" };
    let line = format!("{begin}{}{end}", &shown[back..back + length]);
    let within = marks.into_iter().filter(|mark| mark.end <= back + length);
    let moved = within.map(|mark| mark.start - back + begin.len()..mark.end - back + begin.len());
    (line, moved.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, words: &str, line: &str, marked: &[&str]) {
        let (there, marks) = excerpt(source, Pattern::parse(words).as_ref());
        assert_eq!(there, line);
        assert_eq!(marks.into_iter().map(|mark| &there[mark]).collect::<Vec<_>>(), marked);
    }

    #[test]
    fn a_line_is_cut_around_what_was_found() {
        check("one two", "two", "one two", &["two"]);
        check("one\n**two** three", "two thr", "one two three", &["two", "three"]);
        let long = format!("{}here it is {}", "ä ".repeat(60), "ö ".repeat(200));
        let (line, marks) = excerpt(&long, Pattern::parse("is").as_ref());
        assert_eq!(&line[marks[0].clone()], "is");
        assert!(line.starts_with('…') && line.ends_with('…') && line.chars().count() == LINE + 2, "{line}");
        check("nothing", "else", "nothing", &[]);
    }
}
