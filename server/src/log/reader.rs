//! Questions to the log on disk. Each is answered from one state of the log, while commits go on. Knows
//! SQL, and nothing of what changes the log.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Receiver;
use std::time::Instant;

use async_channel::Sender;
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Row, Rows, Transaction, params};

use super::entry::{Entry, SessionId};
use super::error::ReadError;
use super::page::{Gather, MOST_SEARCH, Page, Query};
use super::words::Words;

/// After so many of `SQLite`'s instructions it is seen whether a search has taken too long: some tens of
/// microseconds.
const INSTRUCTIONS: i32 = 1000;

/// From so many pages on, the write-ahead log is too long: 8 MiB. The file is cut back to twice that.
const LONG: u64 = 2000;

/// What a thread that reads is given to do.
pub(super) enum Job {
    /// A question, and who wants to know.
    Read(Query, Sender<Result<Page, ReadError>>),
    /// Nothing more comes.
    Close,
}

/// A connection for questions, and what is not in the answers though it may be in the file.
pub(super) struct Reader {
    connection: Connection,
    /// What is before this one is too old.
    young: Arc<AtomicU64>,
    /// Pages that the write-ahead log holds, and from how many on it is too long.
    held: Arc<AtomicU64>,
    too_long: u64,
    /// Has it shortened, and waits for that.
    shorten: Box<dyn Fn() + Send>,
}

impl Reader {
    /// Over a connection of its own.
    pub(super) fn new(
        connection: Connection,
        young: Arc<AtomicU64>,
        held: Arc<AtomicU64>,
        shorten: Box<dyn Fn() + Send>,
    ) -> Self {
        Self { connection, young, held, too_long: LONG, shorten }
    }

    /// Answers until nobody can ask any more.
    pub(super) fn run(&mut self, jobs: &Receiver<Job>) {
        while let Ok(Job::Read(query, reply)) = jobs.recv() {
            // Who asked may have left meanwhile.
            if reply.is_closed() {
                continue;
            }
            self.make_way();
            let page = self.answer(query).map_err(ReadError::Storage);
            let _ = reply.try_send(page);
        }
    }

    /// The write-ahead log can begin anew only when nobody reads what it holds. With one question right after
    /// the other, there would be no such moment: then there is one before this question.
    fn make_way(&mut self) {
        let held = self.held.load(Ordering::Relaxed);
        if held < LONG {
            self.too_long = LONG;
        } else if held >= self.too_long {
            // The other reader may keep it from that. Then not before each question.
            self.too_long = held + LONG / 8;
            (self.shorten)();
        }
    }

    fn answer(&mut self, query: Query) -> rusqlite::Result<Page> {
        match query {
            Query::After { id, upto, most_rows, most_bytes } => {
                let sql = "SELECT id, time, session, txn, name, text FROM message
                    WHERE id >= ?1 AND id <= ?2 ORDER BY id";
                self.range(sql, id.saturating_add(1), upto, Gather::new(most_rows, most_bytes))
            }
            Query::Last { n, upto } => self.newest(upto, n),
            Query::Before { id, n } => self.newest(id.saturating_sub(1), n),
            Query::Search { words, n, upto } => self.search(&words, n, upto, Instant::now() + MOST_SEARCH),
            Query::Find { session, txn } => self.find(session, txn),
        }
    }

    fn newest(&self, upto: u64, n: usize) -> rusqlite::Result<Page> {
        let sql = "SELECT id, time, session, txn, name, text FROM message
            WHERE id >= ?1 AND id <= ?2 ORDER BY id DESC";
        self.range(sql, 1, upto, Gather::newest(n))
    }

    fn range(&self, sql: &str, from: u64, upto: u64, mut gather: Gather) -> rusqlite::Result<Page> {
        let (state, first) = self.state()?;
        let mut range = state.prepare_cached(sql)?;
        fill(&mut gather, range.query(params![number(from.max(first)), number(upto)])?)?;
        Ok(gather.page(first))
    }

    fn search(&mut self, words: &str, n: usize, upto: u64, deadline: Instant) -> rusqlite::Result<Page> {
        self.connection.progress_handler(INSTRUCTIONS, Some(move || Instant::now() > deadline))?;
        let found = self.found(words, n, upto);
        self.connection.progress_handler(0, None::<fn() -> bool>)?;
        found
    }

    fn found(&self, words: &str, n: usize, upto: u64) -> rusqlite::Result<Page> {
        let (state, first) = self.state()?;
        let Some(words) = Words::parse(words) else { return Ok(Gather::newest(0).page(first)) };
        let mut gather = Gather::newest(n);
        let sql = "SELECT message.id, time, session, txn, name, message.text
            FROM words CROSS JOIN message ON message.id = words.rowid
            WHERE words MATCH ?1 AND words.rowid >= ?2 AND words.rowid <= ?3 ORDER BY words.rowid DESC";
        let mut search = state.prepare_cached(sql)?;
        let rows = search.query(params![words.to_match(), number(first), number(upto)])?;
        match fill(&mut gather, rows) {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => {
                gather.cut_short();
            }
            filled => filled?,
        }
        let behind = "SELECT indexed < min(?1, (SELECT max(id) FROM message)) FROM log";
        let mut behind = state.prepare_cached(behind)?;
        if behind.query_row([number(upto)], |row| row.get::<_, Option<bool>>(0))? == Some(true) {
            gather.cut_short();
        }
        Ok(gather.page(first))
    }

    fn find(&self, session: SessionId, txn: u64) -> rusqlite::Result<Page> {
        let (state, first) = self.state()?;
        let mut gather = Gather::newest(1);
        let mut next = Self::at_or_after(&state, session, txn)?;
        let sql = "SELECT id, time, session, txn, name, text, earlier FROM message
            WHERE id = ?1 AND id >= ?2";
        let mut message = state.prepare_cached(sql)?;
        while let Some(id) = next.take() {
            let mut rows = message.query([id, number(first)])?;
            // Trimmed, and with it all before.
            let Some(row) = rows.next()? else { break };
            let its: i64 = row.get(3)?;
            if its.cast_unsigned() == txn {
                gather.add(entry(row)?);
            } else if its.cast_unsigned() > txn {
                next = row.get(6)?;
            }
        }
        Ok(gather.page(first))
    }

    /// A message of this session that is the one with this number or not many after it.
    fn at_or_after(state: &Transaction<'_>, session: SessionId, txn: u64) -> rusqlite::Result<Option<i64>> {
        // Numbers of the upper half are negative in SQLite.
        let txn = txn.cast_signed();
        let most = if txn < 0 { -1 } else { i64::MAX };
        let milestone = "SELECT id FROM message INDEXED BY milestone
            WHERE session = ?1 AND txn >= ?2 AND txn <= ?3 AND txn & 255 = 0 ORDER BY txn LIMIT 1";
        let mut milestone = state.prepare_cached(milestone)?;
        let id = milestone.query_row(params![session, txn, most], |row| row.get(0)).optional()?;
        if id.is_some() {
            return Ok(id);
        }
        let mut last = state.prepare_cached("SELECT last FROM session WHERE session = ?1")?;
        last.query_row([session], |row| row.get(0)).optional()
    }

    /// What the log is now, and the oldest message that it gives.
    fn state(&self) -> rusqlite::Result<(Transaction<'_>, u64)> {
        // Looked at before: of what it knows, the state below has all.
        let young = self.young.load(Ordering::Relaxed);
        let state = self.connection.unchecked_transaction()?;
        let held: i64 = state.prepare_cached("SELECT first FROM log")?.query_row([], |row| row.get(0))?;
        Ok((state, held.cast_unsigned().max(young)))
    }
}

/// Takes what fits.
fn fill(gather: &mut Gather, mut rows: Rows<'_>) -> rusqlite::Result<()> {
    while let Some(row) = rows.next()? {
        let entry = entry(row)?;
        if !gather.takes(entry.size()) {
            break;
        }
        gather.add(entry);
    }
    Ok(())
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let number = |column| row.get(column).map(i64::cast_unsigned);
    let session: Option<SessionId> = row.get(2)?;
    let from = session.map(|session| Ok::<_, rusqlite::Error>((session, number(3)?))).transpose()?;
    Ok(Entry { id: number(0)?, time: number(1)?, from, name: row.get(4)?, text: row.get(5)? })
}

/// An id, or the largest that `SQLite` has.
fn number(id: u64) -> i64 {
    i64::try_from(id).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::schema;
    use super::*;

    #[test]
    fn a_search_that_takes_too_long_gives_what_it_has() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("room.db");
        std::fs::write(&file, "").unwrap();
        schema::fill(&file).unwrap();
        let connection = Connection::open(&file).unwrap();
        let many = "WITH RECURSIVE ids (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM ids WHERE id < 5000)
            INSERT INTO message SELECT id, 0, NULL, NULL, NULL, 'ann', 'a fox' FROM ids;
            INSERT INTO words (words) VALUES ('rebuild');
            UPDATE log SET indexed = 5000";
        connection.execute_batch(many).unwrap();
        let mut reader = Reader::new(connection, Arc::default(), Arc::default(), Box::new(|| {}));
        let long_ago = Instant::now();
        for _ in 0..2 {
            let page = reader.search("fox", 500, 5000, long_ago).unwrap();
            assert!(page.more && page.entries.len() < 400, "{}", page.entries.len());
            let enough = long_ago + MOST_SEARCH * 600;
            let page = reader.search("fox", 400, 5000, enough).unwrap();
            assert_eq!((page.entries.len(), page.entries[0].id), (400, 4601));
            let page = reader.newest(5000, 500).unwrap();
            assert_eq!(page.entries.len(), 500, "a page is not cut short");
        }
    }
}
