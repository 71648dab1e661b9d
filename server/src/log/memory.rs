//! The log in memory: the newest messages, gone with the server. Commits and pages are a short look under
//! a lock, on the caller's thread; what has to look at many messages has a thread of its own, and holds
//! the lock for a few of them at a time. Knows no file.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::fmt;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use super::age::Sieve;
use super::change::{Change, Changed, People};
use super::entry::{Entry, Keep, Opened, SessionId, check_ids, draw_room, draw_salt};
use super::error::{CommitError, OpenError, ReadError};
use super::page::{Gather, MOST_SEARCH, Page, Query};
use super::words::Words;

/// How many commits the searching thread takes out under one lock. They are shared, not copied.
const BLOCKS: usize = 64;

/// A way to the log.
#[derive(Clone)]
pub(super) struct Memory {
    // A std mutex: held to add a reference or to take some, never across an await.
    store: Arc<Mutex<Store>>,
    scans: Sender<Scan>,
    ended: async_channel::Receiver<Infallible>,
}

/// Something that the searching thread has to do.
enum Scan {
    Search { words: Words, n: usize, upto: u64, reply: async_channel::Sender<Page> },
    Find { session: SessionId, txn: u64, reply: async_channel::Sender<Page> },
    Close,
}

/// What is remembered.
#[derive(Debug)]
struct Store {
    /// What one commit brought, as it came; none is empty. Of the oldest, some may be trimmed already.
    blocks: VecDeque<Arc<[Entry]>>,
    first: u64,
    last: u64,
    keep: Keep,
    /// Which messages are too old.
    sieve: Sieve,
    closed: bool,
}

/// An empty log.
pub(super) fn open(keep: Keep) -> Result<(Memory, Opened), OpenError> {
    let store =
        Store { blocks: VecDeque::new(), first: 1, last: 0, keep, sieve: Sieve::new(1), closed: false };
    let store = Arc::new(Mutex::new(store));
    let (scans, work) = channel();
    let (ending, ended) = async_channel::bounded(1);
    let searched = Arc::clone(&store);
    let run = move || {
        scan(&searched, &work);
        drop(ending);
    };
    thread::Builder::new().name("log-search".into()).spawn(run).map_err(OpenError::Thread)?;
    let (room, sessions, people, salt) = (draw_room(), Vec::new(), People::default(), draw_salt());
    Ok((Memory { store, scans, ended }, Opened { room, first: 1, last: 0, sessions, people, salt }))
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory")
    }
}

impl Memory {
    pub(super) fn commit(&self, entries: Arc<[Entry]>) -> Result<(), CommitError> {
        let mut store = lock(&self.store);
        if store.closed {
            return Err(CommitError::Closed);
        }
        check_ids(&entries, store.last)?;
        let Some(newest) = entries.last() else { return Ok(()) };
        store.last = newest.id;
        store.blocks.push_back(entries);
        store.trim();
        Ok(())
    }

    pub(super) fn change(&self, change: &Change) -> Result<Changed, CommitError> {
        let mut store = lock(&self.store);
        if store.closed {
            return Err(CommitError::Closed);
        }
        Ok(match change {
            Change::Remove(id) => store.remove(*id).map_or(Changed::NoMessage, Changed::Removed),
            // Who is who goes with the server too, and has that by heart.
            _ => Changed::Done,
        })
    }

    pub(super) fn trim(&self, now: u64) {
        let mut store = lock(&self.store);
        store.sift(now);
        store.trim();
    }

    pub(super) async fn read(&self, query: Query) -> Result<Page, ReadError> {
        let (reply, answer) = async_channel::bounded(1);
        let scan = match query {
            Query::After { id, upto, most_rows, most_bytes } => {
                return self.range(id.saturating_add(1), upto, true, Gather::new(most_rows, most_bytes));
            }
            Query::Last { n, upto } => return self.range(0, upto, false, Gather::newest(n)),
            Query::Before { id, n } => {
                return self.range(0, id.saturating_sub(1), false, Gather::newest(n));
            }
            Query::Search { words, n, upto } => match Words::parse(&words) {
                Some(words) => Scan::Search { words, n, upto, reply },
                None => return self.range(1, 0, true, Gather::newest(0)),
            },
            Query::Find { session, txn } => Scan::Find { session, txn, reply },
        };
        // Fails only when the thread has ended; then the other end is gone, too.
        let _ = self.scans.send(scan);
        answer
            .recv()
            .await
            .map_err(|_| if lock(&self.store).closed { ReadError::Closed } else { ReadError::Died })
    }

    pub(super) async fn close(self) {
        lock(&self.store).closed = true;
        // Fails only when the thread has ended.
        let _ = self.scans.send(Scan::Close);
        let _ = self.ended.recv().await;
    }

    #[cfg(test)]
    pub(super) fn ended(&self) -> async_channel::Receiver<Infallible> {
        self.ended.clone()
    }

    /// The entries from `low` to `high`, or from `high` down to `low`, as many as fit. Copied once the
    /// lock is free.
    fn range(&self, low: u64, high: u64, upwards: bool, mut gather: Gather) -> Result<Page, ReadError> {
        let store = lock(&self.store);
        if store.closed {
            return Err(ReadError::Closed);
        }
        let first = store.first;
        let (low, high) = (low.max(first), high.min(store.last));
        let mut blocks = Vec::new();
        let mut rows = 0;
        let mut next = if upwards { low } else { high };
        // One row more than may come says that there is more.
        while low <= next && next <= high && rows <= gather.rows() {
            let block = store.block_of(next);
            let ids = (block[0].id, block[0].id + block.len() as u64 - 1);
            rows += (if upwards { ids.1 - next } else { next - ids.0 } + 1) as usize;
            next = if upwards { ids.1 + 1 } else { ids.0 - 1 };
            blocks.push(Arc::clone(block));
        }
        drop(store);
        let mut take = |entry: &Entry| {
            let taken = gather.takes(entry.size());
            if taken {
                gather.add(entry.clone());
            }
            taken
        };
        let wanted = |entry: &&Entry| (low..=high).contains(&entry.id);
        if upwards {
            blocks.iter().flat_map(|block| block.iter()).filter(wanted).all(&mut take);
        } else {
            blocks.iter().flat_map(|block| block.iter().rev()).filter(wanted).all(&mut take);
        }
        Ok(gather.page(first))
    }
}

impl Store {
    /// The block that has this entry, which the log must have.
    fn block_of(&self, id: u64) -> &Arc<[Entry]> {
        &self.blocks[self.blocks.partition_point(|block| block[0].id <= id) - 1]
    }

    /// Takes back a message, and says whose it was. `None` when it is not there or has been taken back.
    fn remove(&mut self, id: u64) -> Option<Arc<str>> {
        if !(self.first..=self.last).contains(&id) {
            return None;
        }
        let block = self.blocks.partition_point(|block| block[0].id <= id) - 1;
        let block = &mut self.blocks[block];
        let place = block.iter().position(|entry| entry.id == id && !entry.text.is_empty())?;
        let mut entries = block.to_vec();
        entries[place].text = String::new();
        *block = entries.into();
        Some(Arc::clone(&block[place].name))
    }

    /// Sees what is too old at this time.
    fn sift(&mut self, now: u64) {
        self.sieve.begin(self.keep, now, self.last);
        while let Some(next) = self.sieve.next() {
            let start = self.blocks.partition_point(|block| block[block.len() - 1].id < next);
            let Some(block) = self.blocks.get(start) else { return self.sieve.end() };
            let sieve = &mut self.sieve;
            let mut rest = block.iter().skip_while(|entry| entry.id < next);
            while rest.next().is_some_and(|entry| sieve.look(entry.id, entry.time)) {}
        }
    }

    /// Forgets what is too much or too old.
    fn trim(&mut self) {
        self.first = self.first.max(self.keep.surplus(self.last) + 1).max(self.sieve.first());
        self.sieve.gone(self.first);
        while self.blocks.front().is_some_and(|block| block[block.len() - 1].id < self.first) {
            self.blocks.pop_front();
        }
    }

    /// Some blocks, the newest first, that begin before `before` and are not wholly trimmed.
    fn blocks_before(&self, before: u64) -> (Vec<Arc<[Entry]>>, u64) {
        let end = self.blocks.partition_point(|block| block[0].id < before);
        let blocks = self.blocks.range(end.saturating_sub(BLOCKS)..end).rev().cloned().collect();
        (blocks, self.first)
    }
}

/// Searches until nobody can ask any more.
fn scan(store: &Mutex<Store>, work: &Receiver<Scan>) {
    while let Ok(scan) = work.recv() {
        // Fails when nobody waits for it any more, as does `is_closed` beforehand.
        match scan {
            Scan::Search { reply, .. } if reply.is_closed() => {}
            Scan::Search { words, n, upto, reply } => {
                let _ = reply.try_send(search(store, &words, n, upto, Instant::now() + MOST_SEARCH));
            }
            Scan::Find { session, txn, reply } => {
                let _ = reply.try_send(find(store, session, txn));
            }
            Scan::Close => return,
        }
    }
}

fn search(store: &Mutex<Store>, words: &Words, n: usize, upto: u64, deadline: Instant) -> Page {
    let mut gather = Gather::newest(n);
    let first = newest_first(store, |entry| {
        if Instant::now() > deadline {
            gather.cut_short();
            return false;
        }
        if entry.id > upto || !words.are_in(&entry.text) {
            return true;
        }
        let taken = gather.takes(entry.size());
        if taken {
            gather.add(entry.clone());
        }
        taken
    });
    gather.page(first)
}

fn find(store: &Mutex<Store>, session: SessionId, txn: u64) -> Page {
    let mut gather = Gather::newest(1);
    let first = newest_first(store, |entry| match entry.from {
        Some((its, number)) if its == session && number == txn => {
            gather.add(entry.clone());
            false
        }
        // Numbers grow: it will not come any more.
        Some((its, number)) if its == session => number > txn,
        _ => true,
    });
    gather.page(first)
}

/// Shows all entries, the newest first, for as long as `look` wants more. Says what the oldest is.
fn newest_first(store: &Mutex<Store>, mut look: impl FnMut(&Entry) -> bool) -> u64 {
    let mut before = u64::MAX;
    loop {
        let (blocks, first) = lock(store).blocks_before(before);
        let Some(oldest) = blocks.last() else { return first };
        before = oldest[0].id;
        let mut entries = blocks.iter().flat_map(|block| block.iter().rev());
        if !entries.all(|entry| entry.id < first || look(entry)) {
            return first;
        }
    }
}

fn lock(store: &Mutex<Store>) -> MutexGuard<'_, Store> {
    store.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_that_takes_too_long_gives_what_it_has() {
        let (log, _) = open(Keep::default()).unwrap();
        let entry = |id| Entry { id, time: 0, from: None, name: "ann".into(), text: "a fox".into() };
        log.commit((1..=100).map(entry).collect()).unwrap();
        let words = Words::parse("fox").unwrap();
        let now = Instant::now();
        let page = search(&log.store, &words, 500, 100, now + MOST_SEARCH * 600);
        assert_eq!((page.entries.len(), page.more), (100, false));
        let page = search(&log.store, &words, 500, 100, now);
        assert!(page.entries.len() < 100 && page.more);
    }
}
