//! The log on disk: its threads, and the way to them. One thread writes; one answers with pages and one
//! with searches, so that nobody who comes back waits for somebody else's search. Knows no SQL.

use std::convert::Infallible;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use futures_lite::future;
use rusqlite::ffi::SQLITE_CORRUPT_VTAB;
use smol::Timer;

use super::change::{Change, Told};
use super::entry::{Entry, Keep, Opened};
use super::error::{CommitError, OpenError, ReadError};
use super::folder::Folder;
use super::keeper::{self, Keeper};
use super::page::{MOST_SEARCH, Page, Query};
use super::people;
use super::reader::{self, Reader};
use super::schema;
use super::writer::Writer;

/// How long it may take to see what has become too old while no server ran: enough for some million messages.
const HIDING: Duration = Duration::from_millis(500);

/// A way to the log.
#[derive(Clone)]
pub(super) struct Disk {
    writer: Sender<keeper::Job>,
    pages: Sender<reader::Job>,
    searches: Sender<reader::Job>,
    indexed: Arc<AtomicU64>,
    /// Somebody has closed the log.
    closed: Arc<AtomicBool>,
    ended: async_channel::Receiver<Infallible>,
}

impl fmt::Debug for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Disk")
    }
}

/// The log in this folder. Makes both if need be.
pub(super) fn open(folder: &Path, keep: Keep) -> Result<(Disk, Opened), OpenError> {
    let folder = Folder::take(folder)?;
    if !folder.there {
        schema::create(&folder)?;
    }
    let file = folder.file.clone();
    let sqlite = |source| OpenError::Sqlite { file: file.clone(), source };
    let (connection, room) = schema::checked(&file)?;
    schema::modernize(&connection).map_err(sqlite)?;
    let sessions = schema::sessions(&connection).map_err(sqlite)?;
    let people = people::load(&connection).map_err(sqlite)?;
    let salt = people::salt(&connection).map_err(sqlite)?;
    let writer = Writer::new(file.clone(), connection, keep).map_err(sqlite)?;
    let opened = Opened { room, first: writer.marks.first, last: writer.marks.last, sessions, people, salt };
    let (indexed, young) = (Arc::clone(&writer.indexed), Arc::clone(&writer.young));
    let held = Arc::clone(&writer.held);
    let (writing, jobs) = channel();
    let mut keeper = Keeper::new(writer);

    let reading = |name: &str, cache| {
        let connection = schema::reading(&file, cache).map_err(sqlite)?;
        let (sender, jobs) = channel();
        let (young, held, keeper) = (Arc::clone(&young), Arc::clone(&held), writing.clone());
        let shorten = move || {
            let (reply, done) = async_channel::bounded(1);
            if keeper.send(keeper::Job::Checkpoint(reply)).is_ok() {
                // Nothing is ever sent there.
                let _ = done.recv_blocking();
            }
        };
        let mut reader = Reader::new(connection, young, held, Box::new(shorten));
        let run = move || reader.run(&jobs);
        let thread = thread::Builder::new().name(name.into()).spawn(run).map_err(OpenError::Thread)?;
        Ok((sender, thread))
    };
    let (pages, pages_thread) = reading("log-pages", schema::PAGES_CACHE)?;
    let (searches, searches_thread) = reading("log-search", schema::SEARCHES_CACHE)?;
    let (ending, ended) = async_channel::bounded(1);
    let run = move || {
        keeper.run(&jobs);
        // Who waits for it is told.
        drop(jobs);
        for thread in [pages_thread, searches_thread] {
            // One that has panicked has said so.
            let _ = thread.join();
        }
        // As the last connection closes, SQLite copies what is in the write-ahead log to the file, which then
        // is all there is. Only then may another server come.
        drop(keeper);
        drop(folder);
        drop(ending);
    };
    thread::Builder::new().name("log-writer".into()).spawn(run).map_err(OpenError::Thread)?;
    Ok((Disk { writer: writing, pages, searches, indexed, closed: Arc::default(), ended }, opened))
}

impl Disk {
    /// Where the outcome will be; closed when there will be none.
    pub(super) fn commit(&self, entries: Arc<[Entry]>) -> async_channel::Receiver<Result<(), CommitError>> {
        let (reply, answer) = async_channel::bounded(1);
        // Fails only when the log is closed. Then the other end is gone, which says the same.
        let _ = self.writer.send(keeper::Job::Commit(entries, reply));
        answer
    }

    pub(super) fn change(&self, change: Change, told: Told) {
        // Fails only when the log is closed. Then nobody waits for it.
        let _ = self.writer.send(keeper::Job::Change(change, told));
    }

    pub(super) fn trim(&self, now: u64) {
        let _ = self.trim_until(now, Instant::now());
    }

    pub(super) fn hide(&self, now: u64) {
        // Nothing is ever sent there.
        let _ = self.trim_until(now, Instant::now() + HIDING).recv_blocking();
    }

    /// Closed when what is too old is not given any more, or at that time.
    fn trim_until(&self, now: u64, until: Instant) -> async_channel::Receiver<()> {
        let (reply, done) = async_channel::bounded(1);
        // Fails only when the log is closed.
        let _ = self.writer.send(keeper::Job::Trim(now, until, reply));
        done
    }

    pub(super) async fn read(&self, query: Query) -> Result<Page, ReadError> {
        let thread = match query {
            Query::Search { upto, .. } => {
                self.indexed(upto).await;
                &self.searches
            }
            _ => &self.pages,
        };
        let (reply, answer) = async_channel::bounded(1);
        // Fails only when the thread has ended; then the other end is gone, too.
        let _ = thread.send(reader::Job::Read(query, reply));
        let page = answer.recv().await.unwrap_or_else(|_| {
            Err(if self.closed.load(Ordering::Relaxed) { ReadError::Closed } else { ReadError::Died })
        });
        if let Err(ReadError::Storage(error)) = &page
            && error.sqlite_extended_error_code() == Some(SQLITE_CORRUPT_VTAB)
        {
            // Who searches next may have more luck. Fails only when the log is closed.
            let _ = self.writer.send(keeper::Job::Heal);
        }
        page
    }

    /// Waits until the index has come to `upto`, but not for long.
    async fn indexed(&self, upto: u64) {
        if self.indexed.load(Ordering::Relaxed) >= upto {
            return;
        }
        let (reply, answer) = async_channel::bounded(1);
        if self.writer.send(keeper::Job::Index(upto, reply)).is_ok() {
            let indexed = async { _ = answer.recv().await };
            let enough = async { _ = Timer::after(MOST_SEARCH).await };
            future::or(indexed, enough).await;
        }
    }

    pub(super) async fn close(self) {
        self.closed.store(true, Ordering::Relaxed);
        // Fails only where a thread has ended.
        let _ = self.pages.send(reader::Job::Close);
        let _ = self.searches.send(reader::Job::Close);
        let _ = self.writer.send(keeper::Job::Close);
        let _ = self.ended.recv().await;
    }

    #[cfg(test)]
    pub(super) fn ended(&self) -> async_channel::Receiver<Infallible> {
        self.ended.clone()
    }

    #[cfg(test)]
    pub(super) fn probe(&self, probe: impl FnOnce(&mut Keeper) + Send + 'static) {
        self.writer.send(keeper::Job::Probe(Box::new(probe))).unwrap();
    }
}
