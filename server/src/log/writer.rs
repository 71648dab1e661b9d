//! Commits, and how far the log goes. What is committed is on the disk and not just in the system's
//! memory. Knows neither threads nor questions.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::hooks::Wal;
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};

use super::age::Sieve;
use super::entry::{Entry, Keep, check_ids};
use super::error::CommitError;
use super::schema::{self, Marks};
use super::sweep::Sweep;

/// The log, as the thread has it that changes it.
pub(super) struct Writer {
    pub(super) file: PathBuf,
    pub(super) connection: Connection,
    pub(super) keep: Keep,
    pub(super) marks: Marks,
    /// Which messages are too old, and the first that is not, for who reads.
    pub(super) sieve: Sieve,
    pub(super) young: Arc<AtomicU64>,
    /// About how many sessions are in the file, and how many need be there.
    pub(super) sessions: u64,
    pub(super) most_sessions: u64,
    /// Some are being forgotten.
    pub(super) sweep: Option<Sweep>,
    /// A transaction failed, and the marks have not been read since.
    pub(super) unsure: bool,
    /// The mark of that name, for who searches.
    pub(super) indexed: Arc<AtomicU64>,
    /// Pages that have been written to the write-ahead log since the last checkpoint.
    unsaved: Arc<AtomicU64>,
    /// Pages that it holds, for who reads; 0 once it can begin anew.
    pub(super) held: Arc<AtomicU64>,
}

impl Writer {
    /// Over a connection to a sound log.
    pub(super) fn new(file: PathBuf, connection: Connection, keep: Keep) -> rusqlite::Result<Self> {
        let marks = schema::marks(&connection)?;
        let indexed = Arc::new(AtomicU64::new(marks.indexed));
        let unsaved = Arc::default();
        let (sieve, young) = (Sieve::new(marks.first), Arc::new(AtomicU64::new(marks.first)));
        let count = "SELECT count(*) FROM session";
        let sessions: i64 = connection.query_row(count, [], |row| row.get(0))?;
        let mut writer = Self {
            file,
            connection,
            keep,
            marks,
            sieve,
            young,
            sessions: sessions.cast_unsigned(),
            most_sessions: schema::MOST_SESSIONS,
            sweep: None,
            unsure: false,
            indexed,
            unsaved,
            held: Arc::default(),
        };
        writer.watch()?;
        Ok(writer)
    }

    /// All of these, or none.
    pub(super) fn commit(&mut self, entries: &[Entry]) -> Result<(), CommitError> {
        if self.unsure {
            self.refresh().map_err(CommitError::Storage)?;
        }
        check_ids(entries, self.marks.last)?;
        let Some(newest) = entries.last() else { return Ok(()) };
        let error = match self.insert(entries) {
            Ok(newcomers) => {
                self.sessions += newcomers;
                self.marks.last = newest.id;
                return Ok(());
            }
            Err(error) => error,
        };
        // An error of the commit itself does not say on which side of it it was. What other connections
        // see does.
        self.unsure = true;
        match self.refresh() {
            Ok(()) if self.marks.last >= newest.id => {
                log::warn!("the log has what was said, although: {error}");
                Ok(())
            }
            _ => Err(CommitError::Storage(error)),
        }
    }

    /// Says how many sessions have spoken for the first time.
    fn insert(&self, entries: &[Entry]) -> rusqlite::Result<u64> {
        // Rolled back unless it comes to its end.
        let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?;
        let mut insert =
            transaction.prepare_cached("INSERT INTO message VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
        let mut last = transaction.prepare_cached("SELECT last FROM session WHERE session = ?1")?;
        let (mut sessions, mut newcomers) = (HashMap::new(), 0);
        for Entry { id, time, from, name, text } in entries {
            let (id, time) = (id.cast_signed(), time.cast_signed());
            let (session, txn) = from.map(|(session, txn)| (session, txn.cast_signed())).unzip();
            let earlier: Option<i64> = match session.zip(txn) {
                Some((session, txn)) => match sessions.insert(session, (id, txn)) {
                    Some((earlier, _)) => Some(earlier),
                    None => {
                        let last = last.query_row([session], |row| row.get(0)).optional()?;
                        newcomers += u64::from(last.is_none());
                        last
                    }
                },
                None => None,
            };
            insert.execute(params![id, time, session, txn, earlier, name, text])?;
        }
        let sql = "INSERT INTO session VALUES (?1, ?2, ?3)
            ON CONFLICT (session) DO UPDATE SET txn = excluded.txn, last = excluded.last";
        let mut update = transaction.prepare_cached(sql)?;
        for (session, (id, txn)) in sessions {
            update.execute(params![session, txn, id])?;
        }
        drop((insert, last, update));
        transaction.commit()?;
        Ok(newcomers)
    }

    /// Sees how far the log goes, after something failed. With a new connection if the old one is of no
    /// more use.
    pub(super) fn refresh(&mut self) -> rusqlite::Result<()> {
        let usable = self.connection.is_autocommit();
        let marks = usable.then(|| schema::marks(&self.connection)).and_then(Result::ok);
        self.marks = match marks {
            Some(marks) => marks,
            None => {
                let connection = schema::writing(&self.file)?;
                let marks = schema::marks(&connection)?;
                self.connection = connection;
                self.watch()?;
                marks
            }
        };
        self.unsure = false;
        self.indexed.store(self.marks.indexed, Ordering::Relaxed);
        Ok(())
    }

    /// Counts what the connection writes.
    fn watch(&mut self) -> rusqlite::Result<()> {
        let (unsaved, held) = (Arc::clone(&self.unsaved), Arc::clone(&self.held));
        let mut before = 0;
        let count = move |_: &mut Wal, pages| {
            // It starts again once all of it has been copied.
            let more = if pages > before { pages - before } else { pages };
            before = pages;
            unsaved.fetch_add(u64::try_from(more).unwrap_or(0), Ordering::Relaxed);
            held.store(u64::try_from(pages).unwrap_or(0), Ordering::Relaxed);
            Ok(())
        };
        self.connection.wal_hook(Some(count))
    }

    /// Pages that wait for a checkpoint.
    pub(super) fn unsaved(&self) -> u64 {
        self.unsaved.load(Ordering::Relaxed)
    }

    /// A checkpoint has been made, of all that the write-ahead log holds, or of what no reader kept it from.
    pub(super) fn saved(&self, all: bool) {
        self.unsaved.store(0, Ordering::Relaxed);
        if all {
            self.held.store(0, Ordering::Relaxed);
        }
    }

    /// How many more are held than are to be kept.
    pub(super) fn surplus(&self) -> u64 {
        (self.keep.surplus(self.marks.last) + 1).saturating_sub(self.marks.first)
    }
}
