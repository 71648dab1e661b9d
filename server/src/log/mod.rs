//! The log: what was said, under ids that grow by one. So far in memory, where it goes with the server.
//! Knows no member, no socket, no wire and no clock.
//!
//! | module | what it does |
//! |---|---|
//! | `error` | what can go wrong, in words for a person |
//! | `entry` | what the log holds, and how much |
//! | `page` | what it is asked, and what it answers |
//! | `words` | what a person searches for |
//! | `memory` | the log in memory |
//!
//! # Invariants
//!
//! - Ids have no holes, from the oldest held to the newest. What is trimmed is the oldest.

mod entry;
mod error;
mod memory;
mod page;
#[cfg(test)]
mod tests;
mod words;

use std::sync::Arc;

pub(crate) use entry::{Entry, Keep, Opened, SessionId};
pub(crate) use error::{CommitError, OpenError, ReadError};
pub(crate) use page::{MOST_ROWS, Page, Query};

/// Where a log is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Storage {
    /// In memory only.
    Memory,
}

/// A way to the log, cheap to clone. When the last one is dropped, what was asked for is still done, and
/// then the log closes by itself; [`Log::close`] waits for that.
#[derive(Debug, Clone)]
pub(crate) struct Log(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Memory(memory::Memory),
}

/// An empty log.
pub(crate) fn open(storage: Storage, keep: Keep) -> Result<(Log, Opened), OpenError> {
    match storage {
        Storage::Memory => memory::open(keep).map(|(log, opened)| (Log(Kind::Memory(log)), opened)),
    }
}

impl Log {
    /// Puts all of these into the log, or none. When this is `Ok` they are durable, and only then may
    /// anybody see them. Their ids go on from the newest, by one each.
    ///
    /// Once it has been polled, dropping the future changes nothing any more. Commits are done in the
    /// order in which they were polled first. In memory it is done at once.
    ///
    /// Fails when the disk does. Then the same may be tried again, or something else under the same ids:
    /// as soon as the disk is well, it works.
    pub(crate) async fn commit(&self, entries: Arc<[Entry]>) -> Result<(), CommitError> {
        match &self.0 {
            Kind::Memory(log) => log.commit(entries),
        }
    }

    /// Has all trimmed that is older than [`Keep::age`] at `now`, in milliseconds since 1970 UTC; on disk
    /// by and by. To be called now and then: nothing is too old before that. What is too much by
    /// [`Keep::messages`] needs no call.
    pub(crate) fn trim(&self, now: u64) {
        match &self.0 {
            Kind::Memory(log) => log.trim(now),
        }
    }

    /// Answers a question. A page does not wait for commits, nor for searches. In memory, the time that
    /// it takes is the caller's, except for [`Query::Search`] and [`Query::Find`].
    ///
    /// Dropping the future withdraws the question.
    pub(crate) async fn read(&self, query: Query) -> Result<Page, ReadError> {
        match &self.0 {
            Kind::Memory(log) => log.read(query).await,
        }
    }

    /// Does what was asked for before, puts the log in order, and ends its threads. What other handles
    /// ask for from now on is refused.
    pub(crate) async fn close(self) {
        match self.0 {
            Kind::Memory(log) => log.close().await,
        }
    }
}
