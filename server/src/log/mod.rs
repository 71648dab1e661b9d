//! The log: what was said, under ids that grow by one. What is committed is on disk when the answer
//! comes, and survives `kill -9` and a loss of power; or it is in memory, and goes with the server. Knows
//! no member, no socket, no wire and no clock.
//!
//! | module | what it does |
//! |---|---|
//! | `error` | what can go wrong, in words for a person |
//! | `entry` | what the log holds, and how much |
//! | `age` | which messages are too old |
//! | `change` | what changes beside what is said: names, bans, messages taken back |
//! | `page` | what it is asked, and what it answers |
//! | `sessions` | which message of each session is due |
//! | `numbering` | ids, and what was sent twice |
//! | `pen` | the one hand that writes |
//! | `words` | what a person searches for |
//! | `memory` | the log in memory |
//! | `folder` | the log's folder: one server at a time, and nothing foreign is touched |
//! | `schema` | what is in the file, and connections to it |
//! | `reader` | answers from the file |
//! | `sweep` | forgets sessions, when there are too many |
//! | `writer` | commits to the file |
//! | `people` | the same in the file: names, bans, messages taken back |
//! | `steps` | what the file needs besides: trimming, an index of the words, a bounded size |
//! | `pace` | how large such a step is |
//! | `keeper` | the thread that does both |
//! | `disk` | the log on disk: these threads |
//!
//! # Invariants
//!
//! - Ids have no holes, from the oldest held to the newest. What is trimmed is the oldest.
//! - One thread changes the file. Readers have connections of their own, and neither waits for the other.
//! - After an error nothing of a commit is in the log; an answer that is uncertain is looked up first.
//!   There is one exception, which nobody can rule out: the disk failed in the very moment of a commit,
//!   and the machine or the server dies before the next attempt. What was refused may be in the log then.
//! - What an admin has taken back has no text any more, and neither has the file, once there was a moment
//!   without a reader; its id stays.
//! - A message is found by its words as soon as there was a moment to index it, and a search gives the log
//!   that moment.

mod age;
mod change;
mod disk;
mod entry;
mod error;
mod folder;
mod keeper;
mod memory;
mod numbering;
mod pace;
mod page;
mod pen;
mod people;
mod reader;
mod schema;
mod sessions;
mod steps;
mod sweep;
#[cfg(test)]
mod tests;
mod words;
mod writer;

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

pub(crate) use change::{Ban, Change, Changed, Mute, Owned, People, Told};
pub use entry::Keep;
pub(crate) use entry::{Committed, Draft, Entry, Fate, Opened};
pub use error::OpenError;
pub(crate) use error::{CommitError, ReadError};
pub(crate) use numbering::Numbering;
pub(crate) use page::{Page, Query};
pub(crate) use pen::{Committing, Failed, Pen};
pub(crate) use sessions::Sessions;

/// Where a log is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Storage {
    /// In this folder, which is made if it is not there.
    Disk(PathBuf),
    /// In memory only.
    Memory,
}

/// Entries on their way to where they are kept.
type Storing = Pin<Box<dyn Future<Output = Result<(), CommitError>> + Send>>;

/// A way to the log, cheap to clone. When the last one is dropped, what was asked for is still done, and
/// then the log closes by itself; [`Log::close`] waits for that.
#[derive(Debug, Clone)]
pub(crate) struct Log(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Disk(disk::Disk),
    Memory(memory::Memory),
}

/// Opens a log, or makes an empty one where there is none. Blocks: for half a second at most with a log of
/// up to 256 MiB, whose messages are looked through, and not at all to speak of with a larger one; longer
/// after a crash, when there is much to be put in order, and once where an older server has been.
///
/// Fails when the folder is not usable or another server has it, and when what is there is not the log of
/// a chat-server of this version or an older one, or is damaged. Then nothing has been changed.
pub(crate) fn open(storage: Storage, keep: Keep) -> Result<(Log, Opened), OpenError> {
    match storage {
        Storage::Disk(folder) => {
            disk::open(&folder, keep).map(|(log, opened)| (Log(Kind::Disk(log)), opened))
        }
        Storage::Memory => memory::open(keep).map(|(log, opened)| (Log(Kind::Memory(log)), opened)),
    }
}

impl Log {
    /// Puts all of these into the log, or none. When this is `Ok` they are durable, and only then may
    /// anybody see them. Their ids go on from the newest, by one each.
    ///
    /// Commits are done in the order of these calls; dropping the future changes nothing. In memory it is
    /// done at once.
    ///
    /// Fails when the disk does. Then the same may be tried again, or something else under the same ids:
    /// as soon as the disk is well, it works.
    fn commit(&self, entries: Arc<[Entry]>) -> Storing {
        let outcome = match &self.0 {
            Kind::Disk(log) => Err(log.commit(entries)),
            Kind::Memory(log) => Ok(log.commit(entries)),
        };
        Box::pin(async move {
            match outcome {
                Ok(done) => done,
                Err(answer) => answer.recv().await.unwrap_or(Err(CommitError::Closed)),
            }
        })
    }

    /// Changes something beside what is said. It is durable when `told` is called with it, which may be on
    /// another thread; in memory it is done at once, and there is nothing to be kept but what is taken back.
    /// Done in the order of these calls and of [`Log::commit`]. Not called when the log closes first.
    ///
    /// Fails when the disk does. Then it may be in the log or not, and doing it again does no harm.
    pub(crate) fn change(&self, change: Change, told: Told) {
        match &self.0 {
            Kind::Disk(log) => log.change(change, told),
            Kind::Memory(log) => told(log.change(&change)),
        }
    }

    /// Has all trimmed that is older than [`Keep::age`] at `now`, in milliseconds since 1970 UTC, and was
    /// said before what is younger; on disk by and by. To be called now and then: nothing is too old before that. What is too much by
    /// [`Keep::messages`] needs no call.
    pub(crate) fn trim(&self, now: u64) {
        match &self.0 {
            Kind::Disk(log) => log.trim(now),
            Kind::Memory(log) => log.trim(now),
        }
    }

    /// The same at a start: what has become too old while no server ran is not given any more when this
    /// returns. Blocks, but for half a second at most; in a log of many millions that are too old, the rest
    /// follows by and by.
    pub(crate) fn hide(&self, now: u64) {
        match &self.0 {
            Kind::Disk(log) => log.hide(now),
            Kind::Memory(log) => log.trim(now),
        }
    }

    /// Answers a question. A page does not wait for commits, nor for searches. In memory, the time that
    /// it takes is the caller's, except for [`Query::Search`] and [`Query::Find`].
    ///
    /// Dropping the future withdraws the question.
    pub(crate) async fn read(&self, query: Query) -> Result<Page, ReadError> {
        match &self.0 {
            Kind::Disk(log) => log.read(query).await,
            Kind::Memory(log) => log.read(query).await,
        }
    }

    /// Does what was asked for before, puts the log in order, and ends its threads. What other handles
    /// ask for from now on is refused.
    pub(crate) async fn close(self) {
        match self.0 {
            Kind::Disk(log) => log.close().await,
            Kind::Memory(log) => log.close().await,
        }
    }
}
