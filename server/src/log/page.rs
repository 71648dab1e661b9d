//! What is asked of the log and what it answers: the part that is the same wherever the log is kept.
//! Knows neither SQL nor files.

use std::time::Duration;

use super::entry::{Entry, SessionId};

/// A question to the log. All answers are in the order of ids, and none goes beyond `upto`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Query {
    /// The oldest after `id`: at most `most_rows`, and at most `most_bytes` of names and texts, but at
    /// least one message if there is one, so that who asks again and again comes to the end.
    After {
        /// All after this one.
        id: u64,
        /// And up to this one.
        upto: u64,
        /// Messages.
        most_rows: usize,
        /// Bytes of names and texts.
        most_bytes: usize,
    },
    /// The newest `n`.
    Last {
        /// At most [`MOST_ROWS`].
        n: usize,
        /// Of those up to this one.
        upto: u64,
    },
    /// The newest `n` before `id`.
    Before {
        /// Those before this one.
        id: u64,
        /// At most [`MOST_ROWS`].
        n: usize,
    },
    /// The newest `n` that have all of these words. The last one may be the beginning of a word. Case and
    /// accents do not matter, nor does what is neither letter nor digit, and words past
    /// [`chat_shared::limits::MAX_WORDS`] are not looked at.
    Search {
        /// As a person typed them, between white space.
        words: String,
        /// At most [`MOST_ROWS`].
        n: usize,
        /// Of those up to this one.
        upto: u64,
    },
    /// The one message of this session and number, if the log still has it.
    Find {
        /// The author's session.
        session: SessionId,
        /// The message's number in it.
        txn: u64,
    },
}

/// What the log has to a [`Query`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    /// In the order of ids.
    pub(crate) entries: Vec<Entry>,
    /// There is more than this page could hold, or there may be: a search was cut short after about a
    /// second, or went over a log of which the newest part is not indexed yet.
    pub(crate) more: bool,
    /// The oldest id that the log held then (one more than the newest when it held none). When it is
    /// larger than what was asked for, the rest has been trimmed.
    pub(crate) first: u64,
}

/// The most messages in an answer to anything but [`Query::After`].
pub(super) const MOST_ROWS: usize = chat_shared::limits::MAX_HISTORY;

/// The most bytes of names and texts there: half of what may wait for one member.
const MOST_BYTES: usize = 512 << 10;

/// How long a search may take, and how long it may wait beforehand for the index.
pub(super) const MOST_SEARCH: Duration = Duration::from_secs(1);

/// A page while it is being filled.
#[derive(Debug)]
pub(super) struct Gather {
    entries: Vec<Entry>,
    rows: usize,
    bytes: usize,
    more: bool,
}

impl Gather {
    /// For a page of so many messages and bytes.
    pub(super) fn new(most_rows: usize, most_bytes: usize) -> Self {
        Self { entries: Vec::new(), rows: most_rows, bytes: most_bytes, more: false }
    }

    /// For a page of `n` messages, within bounds.
    pub(super) fn newest(n: usize) -> Self {
        Self::new(n.min(MOST_ROWS), MOST_BYTES)
    }

    /// Whether a name and a text of so many bytes in all may come too. When not, the page is full, and
    /// there is more.
    pub(super) fn takes(&mut self, bytes: usize) -> bool {
        let fits = self.entries.is_empty() || bytes <= self.bytes;
        self.more |= self.rows == 0 || !fits;
        !self.more
    }

    /// Adds what [`Gather::takes`] lets in.
    pub(super) fn add(&mut self, entry: Entry) {
        self.rows -= 1;
        self.bytes = self.bytes.saturating_sub(entry.size());
        self.entries.push(entry);
    }

    /// How many messages may still come.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Says that there may be more, whatever was found.
    pub(super) fn cut_short(&mut self) {
        self.more = true;
    }

    /// The page, of entries that came in the order of ids or against it.
    pub(super) fn page(mut self, first: u64) -> Page {
        if self.entries.first().map(|entry| entry.id) > self.entries.last().map(|entry| entry.id) {
            self.entries.reverse();
        }
        Page { entries: self.entries, more: self.more, first }
    }
}
