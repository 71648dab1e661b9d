//! What a log holds, and how much of it: the part that is the same wherever the log is kept. Knows
//! neither SQL nor files.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;

use super::change::People;
use super::error::CommitError;

/// Tells a client's sessions apart.
pub(crate) type SessionId = [u8; 16];

/// A message in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// One more than that of the message before. The first one is 1.
    pub(crate) id: u64,
    /// Milliseconds since 1970 UTC.
    pub(crate) time: u64,
    /// The author's session, and the message's number in it, which is higher than all before in that
    /// session. `None` for a base member.
    pub(crate) from: Option<(SessionId, u64)>,
    /// The author's name at that time.
    pub(crate) name: Arc<str>,
    /// What was said, unescaped: it may have line breaks. Empty when it was taken back.
    pub(crate) text: String,
}

/// A message that is to be put into the log, which gives it its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Draft {
    /// As [`Entry::time`].
    pub(crate) time: u64,
    /// As [`Entry::from`]. The number may have been said before, or not be due yet: the log knows.
    pub(crate) from: Option<(SessionId, u64)>,
    /// As [`Entry::name`].
    pub(crate) name: Arc<str>,
    /// As [`Entry::text`], and never empty.
    pub(crate) text: String,
}

/// What became of a [`Draft`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is in the log, under this id.
    Said(u64),
    /// The log had it already: it was sent again.
    Repeated,
    /// Others of its session are to come before it.
    Early,
}

/// What a commit brought.
#[derive(Debug, Clone, Default)]
pub(crate) struct Committed {
    /// All that is new in the log since the commit before, in the order of ids: what was committed, and what
    /// other servers of the same room did.
    pub(crate) entries: Arc<[Entry]>,
    /// What became of each draft, in their order.
    pub(crate) fates: Vec<Fate>,
}

impl Entry {
    /// What a page counts, in bytes.
    pub(super) fn size(&self) -> usize {
        self.name.len() + self.text.len()
    }
}

/// How much the log keeps. What is over is trimmed, the oldest first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Keep {
    /// The newest so many; `None` for all.
    pub messages: Option<u64>,
    /// What is not older than this; `None` for all.
    pub age: Option<Duration>,
}

impl Keep {
    /// What was said before this time is too old; in milliseconds since 1970 UTC.
    pub(crate) fn cutoff(&self, now: u64) -> Option<u64> {
        let age = self.age?.as_millis();
        Some(now.saturating_sub(u64::try_from(age).unwrap_or(u64::MAX)))
    }

    /// Up to which id a log whose newest is `last` holds too many.
    pub(super) fn surplus(&self, last: u64) -> u64 {
        self.messages.map_or(0, |most| last.saturating_sub(most))
    }
}

/// What a log was when it was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Opened {
    /// Which log this is. Drawn at random when it was made, so it changes only when a log was lost.
    pub(crate) room: [u8; 16],
    /// The oldest id held; one more than `last` when none is.
    pub(crate) first: u64,
    /// The newest id; 0 when nothing was ever said.
    pub(crate) last: u64,
    /// Sessions, and the highest number of each. The 100,000 that spoke last, the latest at the end.
    pub(crate) sessions: Vec<(SessionId, u64)>,
    /// Whose names are whose, who was banned, and who was silenced.
    pub(crate) people: People,
    /// What keys are hashed with. Drawn at random once, like `room`, but told to nobody.
    pub(crate) salt: [u8; 16],
}

/// Whether these may come right after `last`.
pub(super) fn check_ids(entries: &[Entry], last: u64) -> Result<(), CommitError> {
    let mut due = (last + 1..).zip(entries);
    match due.find(|(expected, entry)| *expected != entry.id) {
        Some((expected, entry)) => Err(CommitError::Ids { expected, given: entry.id }),
        None => Ok(()),
    }
}

/// A salt for a log that has none. Nobody may guess it before the log is stolen.
pub(super) fn draw_salt() -> [u8; 16] {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).expect("the operating system has random bytes");
    salt
}

/// A name for a new log. It needs not be secret, only new: the keys of std's hasher are drawn at random.
pub(super) fn draw_room() -> [u8; 16] {
    let half = || RandomState::new().hash_one(0).to_be_bytes();
    let mut room = [0; 16];
    room[..8].copy_from_slice(&half());
    room[8..].copy_from_slice(&half());
    room
}
