//! What the log needs besides commits, in single steps: trimming, an index of the words, files of a bounded
//! size. Each is a transaction of a few milliseconds. Knows nothing of when they are due.

use std::sync::atomic::Ordering;

use std::time::{Duration, Instant};

use rusqlite::{Transaction, TransactionBehavior};

use super::schema::{self, Marks};
use super::sweep::Sweep;
use super::writer::Writer;

/// How many messages one step looks at to see whether they are too old: about a millisecond.
const SIFTED: u64 = 2048;

/// Pages of the index that one step merges.
const MERGE: i64 = 16;

/// Pages that one step gives back to the system.
const VACUUM: i64 = 64;

/// Free pages that the file may keep for what comes: 4 MiB.
const SPARE: i64 = 1024;

impl Writer {
    /// Copies what is in the write-ahead log to the file, as far as no reader needs the file as it is.
    pub(super) fn checkpoint(&mut self) -> rusqlite::Result<()> {
        let all = self.connection.query_row("PRAGMA wal_checkpoint (PASSIVE)", [], |row| {
            // How many pages there are, and how many of these have been copied by now.
            Ok(row.get::<_, i64>(1)? == row.get::<_, i64>(2)?)
        })?;
        self.saved(all);
        Ok(())
    }

    /// It is now that time, in milliseconds since 1970 UTC: what is too old by then is to be looked for.
    pub(super) fn look_for_old_ones(&mut self, now: u64) {
        self.sieve.begin(self.keep, now, self.marks.last);
    }

    /// It is being looked for what is too old.
    pub(super) fn is_sifting(&self) -> bool {
        self.sieve.next().is_some()
    }

    /// There are messages that are too old, or there may be.
    pub(super) fn has_old_ones(&self) -> bool {
        let Marks { first, last, .. } = self.marks;
        self.is_sifting() || first < self.sieve.first() && first <= last
    }

    /// Looks at some more messages to see whether they are too old. Changes nothing, but what is, nobody is
    /// given any more.
    pub(super) fn sift(&mut self) -> rusqlite::Result<()> {
        let Some(next) = self.sieve.next() else { return Ok(()) };
        let sql = "SELECT id, time FROM message WHERE id >= ?1 ORDER BY id LIMIT ?2";
        let mut messages = self.connection.prepare_cached(sql)?;
        let mut rows = messages.query(numbers([next, SIFTED]))?;
        for _ in 0..SIFTED {
            let Some(row) = rows.next()? else {
                self.sieve.end();
                break;
            };
            let (id, time) = (row.get::<_, i64>(0)?, row.get::<_, i64>(1)?);
            if !self.sieve.look(id.cast_unsigned(), time.cast_unsigned()) {
                break;
            }
        }
        self.young.store(self.sieve.first(), Ordering::Relaxed);
        Ok(())
    }

    /// Forgets of the oldest `rows`, of which there must be one at least, what is too much, or was found to
    /// be too old. Says how long that took without the commit: on a slow disk, smaller steps would only be
    /// more of them.
    pub(super) fn trim(&mut self, rows: u64) -> rusqlite::Result<Duration> {
        let start = Instant::now();
        let from = self.marks.first;
        let end = (from + rows - 1).min(self.marks.last);
        let to = end.min(self.keep.surplus(self.marks.last).max(self.sieve.first() - 1));
        let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?;
        let unindex = "INSERT INTO words (words, rowid, text)
            SELECT 'delete', id, text FROM message WHERE id BETWEEN ?1 AND ?2 ORDER BY id";
        if from <= self.marks.indexed {
            transaction.prepare_cached(unindex)?.execute(numbers([from, to.min(self.marks.indexed)]))?;
        }
        let delete = "DELETE FROM message WHERE id BETWEEN ?1 AND ?2";
        transaction.prepare_cached(delete)?.execute(numbers([from, to]))?;
        let mark = "UPDATE log SET first = ?1, indexed = max(indexed, ?1 - 1)";
        transaction.prepare_cached(mark)?.execute(numbers([to + 1]))?;
        let time = start.elapsed();
        transaction.commit()?;
        self.marks = schema::marks(&self.connection)?;
        self.sieve.gone(self.marks.first);
        self.indexed.store(self.marks.indexed, Ordering::Relaxed);
        Ok(time)
    }

    /// Brings the next `rows` messages into the index. Says how long that took without the commit.
    pub(super) fn index(&mut self, rows: u64) -> rusqlite::Result<Duration> {
        let start = Instant::now();
        let from = self.marks.indexed + 1;
        let to = (self.marks.indexed + rows).min(self.marks.last);
        let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?;
        let index = "INSERT INTO words (rowid, text)
            SELECT id, text FROM message WHERE id BETWEEN ?1 AND ?2 ORDER BY id";
        transaction.prepare_cached(index)?.execute(numbers([from, to]))?;
        transaction.prepare_cached("UPDATE log SET indexed = ?1")?.execute(numbers([to]))?;
        let time = start.elapsed();
        transaction.commit()?;
        self.marks.indexed = to;
        self.indexed.store(to, Ordering::Relaxed);
        Ok(time)
    }

    /// There are more sessions than it is worth to remember.
    pub(super) fn is_sweeping(&self) -> bool {
        self.sweep.is_some() || self.sessions > self.most_sessions + self.most_sessions / 8
    }

    /// Forgets some sessions, or sees which may be forgotten.
    pub(super) fn sweep(&mut self) -> rusqlite::Result<()> {
        let sweep = self.sweep.get_or_insert_with(|| Sweep::new(self.most_sessions));
        if let Some(left) = sweep.step(&self.connection)? {
            self.sessions = left;
            self.sweep = None;
        }
        Ok(())
    }

    /// Makes larger parts of many small ones; the index gets one with each step. False when nothing was
    /// left to be done.
    pub(super) fn merge(&self) -> rusqlite::Result<bool> {
        let before = self.connection.total_changes();
        self.connection
            .prepare_cached("INSERT INTO words (words, rank) VALUES ('merge', ?1)")?
            .execute([MERGE])?;
        // FTS5 says so by how much it has changed.
        Ok(self.connection.total_changes() - before >= 2)
    }

    /// Gives some of the file back to the system. False when it is small enough, or cannot be smaller.
    pub(super) fn vacuum(&self) -> rusqlite::Result<bool> {
        let free: i64 = self.connection.pragma_query_value(None, "freelist_count", |row| row.get(0))?;
        if free <= SPARE {
            return Ok(false);
        }
        let mut vacuum = self.connection.prepare(&format!("PRAGMA incremental_vacuum ({VACUUM})"))?;
        let mut pages = vacuum.query([])?;
        // Each row is a page.
        let some = pages.next()?.is_some();
        while pages.next()?.is_some() {}
        Ok(some)
    }

    /// Has the index made anew. All that it knows is in the messages.
    pub(super) fn heal(&mut self) -> rusqlite::Result<()> {
        log::warn!("the index of the log is damaged, and is made anew");
        let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?;
        transaction.execute("INSERT INTO words (words) VALUES ('delete-all')", [])?;
        transaction.execute("UPDATE log SET indexed = first - 1", [])?;
        transaction.commit()?;
        self.refresh()
    }
}

/// Ids and times, as `SQLite` has them. It has no larger ones.
fn numbers<const N: usize>(numbers: [u64; N]) -> [i64; N] {
    numbers.map(|number| i64::try_from(number).unwrap_or(i64::MAX))
}
