//! What the file of a log holds, how one is made, and how connections to it are set up. Knows nothing of
//! what is written when.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::entry::{SessionId, draw_room};
use super::error::{OpenError, sqlite_advice};
use super::folder::{APPLICATION, Folder, VERSION, beside, check_owner};
use super::people;

/// - `log`: one row. Which log this is, its oldest id (which trimming moves), and up to which id the
///   words are indexed.
/// - `message`: `earlier` is the message before in the same session. So one of some messages ago is found
///   in as many steps, from the newest on or from a milestone.
/// - `session`: the newest message of each, which outlives the message.
/// - `words`: the text is looked up in `message`. The merging of what it is made of is left to us: by
///   itself it may take tens of milliseconds at any time.
const SCHEMA: &str = "
    CREATE TABLE log (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        room BLOB NOT NULL,
        first INTEGER NOT NULL,
        indexed INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE message (
        id INTEGER PRIMARY KEY,
        time INTEGER NOT NULL,
        session BLOB,
        txn INTEGER,
        earlier INTEGER,
        name TEXT NOT NULL,
        text TEXT NOT NULL
    ) STRICT;
    CREATE TABLE session (
        session BLOB PRIMARY KEY,
        txn INTEGER NOT NULL,
        last INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE VIRTUAL TABLE words USING fts5 (
        text,
        content = 'message',
        content_rowid = 'id',
        columnsize = 0,
        tokenize = 'unicode61 remove_diacritics 2'
    );
    INSERT INTO words (words, rank) VALUES ('automerge', 0), ('crisismerge', 1000);
";

/// Each 256th message of a session, as its numbers go: so any message of the longest session is found in at
/// most so many steps. An index of all would have to be changed in another place for each session that
/// speaks, which makes commits four times as slow; this one is hardly ever changed. It is made where a server
/// has been that did not have it. That one can still use the file: so this is no new version.
const MILESTONE: &str = "CREATE INDEX milestone ON message (session, txn) WHERE txn & 255 = 0";

/// How long a connection waits for another one.
pub(super) const BUSY: Duration = Duration::from_secs(5);

/// Up to this size a file's messages are looked through before it is used, in bytes: about half a second.
/// In a larger one, damage is found when it is read, and then is an error there.
const CHECKED: u64 = 256 << 20;

/// How many sessions are remembered across a restart. They are the ones that spoke last.
const REMEMBERED: i64 = 100_000;

/// How many the file need have: as many as a server may remember while it runs, which is twice as many.
pub(super) const MOST_SESSIONS: u64 = 2 * REMEMBERED.cast_unsigned();

/// How far a log goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Marks {
    /// The oldest id held; one more than `last` when none is.
    pub(super) first: u64,
    /// The newest id, held or trimmed.
    pub(super) last: u64,
    /// The newest id that can be searched for.
    pub(super) indexed: u64,
}

/// How much of the file each connection may keep in memory, in KiB.
const WRITER_CACHE: i32 = 16 << 10;
pub(super) const PAGES_CACHE: i32 = 4 << 10;
/// Searches look into the index again and again.
pub(super) const SEARCHES_CACHE: i32 = 16 << 10;

/// Makes an empty log.
pub(super) fn create(folder: &Folder) -> Result<(), OpenError> {
    folder.create(|file| fill(file).map_err(|source| OpenError::Sqlite { file: file.to_owned(), source }))
}

/// Fills an empty file.
pub(super) fn fill(file: &Path) -> rusqlite::Result<()> {
    let mut connection = open(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // Neither can be changed any more once there is a table.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    let transaction = Transaction::new(&mut connection, TransactionBehavior::Immediate)?;
    transaction.execute_batch(SCHEMA)?;
    transaction.execute_batch(MILESTONE)?;
    people::modernize(&transaction, 0)?;
    transaction.execute("INSERT INTO log VALUES (1, ?1, 1, 0)", [draw_room()])?;
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    connection.close().map_err(|(_, error)| error)
}

/// A connection that writes, to a log that is known to be sound.
pub(super) fn writing(file: &Path) -> rusqlite::Result<Connection> {
    let connection = open(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // On macOS, what fsync has written is not yet safe from a loss of power.
    connection.pragma_update(None, "fullfsync", true)?;
    // Upkeep is as durable as a commit. If only commits were synced, a sync that fails could lose what
    // upkeep wrote before, the next one would not say so, and with it all that follows would be lost.
    connection.pragma_update(None, "synchronous", "FULL")?;
    // What was deleted is overwritten: what is taken back, or too old, is nobody's business any more.
    connection.pragma_update(None, "secure_delete", "ON")?;
    // By itself it would come between a commit and its answer.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    // What the write-ahead log is cut back to once it has been larger, in bytes.
    connection.pragma_update(None, "journal_size_limit", 16 << 20)?;
    connection.pragma_update(None, "cache_size", -WRITER_CACHE)?;
    Ok(connection)
}

/// Brings a log that an older server has left to what this one needs. It looks at all messages, once.
pub(super) fn modernize(connection: &Connection) -> rusqlite::Result<()> {
    let there = "SELECT count(*) FROM sqlite_schema WHERE name = 'milestone'";
    if connection.query_row(there, [], |row| row.get::<_, i64>(0))? == 0 {
        log::info!(
            "the log is being prepared for this version, once; with a large one this takes some seconds"
        );
        connection.execute_batch(MILESTONE)?;
    }
    let version: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version < VERSION {
        let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
        people::modernize(&transaction, version)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
        transaction.commit()?;
        log::info!("the log is of version {VERSION} from now on; older servers cannot use it any more");
    }
    Ok(())
}

/// A connection that only reads. It neither waits for the one that writes, nor does that one for it.
pub(super) fn reading(file: &Path, cache: i32) -> rusqlite::Result<Connection> {
    let connection = open(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.pragma_update(None, "cache_size", -cache)?;
    Ok(connection)
}

fn open(file: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    // Each connection stays on one thread.
    let connection = Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

/// The connection that writes, to a log of which only the head has been seen, and which log it is. A log
/// that is not sound, or not for us, is left as it was.
pub(super) fn checked(file: &Path) -> Result<(Connection, [u8; 16]), OpenError> {
    let extra = ["-wal", "-shm"].map(|end| beside(file, end)).into_iter().filter(|file| !file.exists());
    let extra: Vec<_> = extra.collect();
    look(file).inspect_err(|_| {
        for file in extra {
            // It would do no harm.
            let _ = std::fs::remove_file(file);
        }
    })
}

fn look(file: &Path) -> Result<(Connection, [u8; 16]), OpenError> {
    let refused = |source| refusal(file, source);
    let connection = writing(file).map_err(refused)?;
    // Until we know better, what is in the write-ahead log is to stay there.
    let stays = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
    connection.set_db_config(stays, true).map_err(refused)?;
    ours(&connection, file)?;
    let room = sound(&connection, file).map_err(refused)?;
    connection.set_db_config(stays, false).map_err(refused)?;
    Ok((connection, room))
}

/// The head of a log may be older than the log: what a server wrote last that came to a sudden end is in
/// the write-ahead log only.
fn ours(connection: &Connection, file: &Path) -> Result<(), OpenError> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let number = |name| number(name).map(|number| number as u32).map_err(|source| refusal(file, source));
    check_owner(file, number("application_id")?, number("user_version")?)
}

/// What an error of `SQLite` says of a log.
fn refusal(file: &Path, source: rusqlite::Error) -> OpenError {
    let file = file.to_owned();
    match sqlite_advice(&source) {
        Some(_) => OpenError::Sqlite { file, source },
        None => OpenError::Damaged { file, why: source.to_string() },
    }
}

/// The log's name, if the log is sound.
fn sound(connection: &Connection, file: &Path) -> rusqlite::Result<[u8; 16]> {
    let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    if mode != "wal" {
        return Err(unsound(format!("its journal is of the kind {mode}")));
    }
    if std::fs::metadata(file).is_ok_and(|file| file.len() <= CHECKED) {
        let found: String = connection.query_row("PRAGMA quick_check (message)", [], |row| row.get(0))?;
        if found != "ok" {
            return Err(unsound(found));
        }
    }
    let marks = marks(connection)?;
    if marks.first > marks.last + 1 || marks.indexed > marks.last {
        return Err(unsound(format!("its marks do not agree: {marks:?}")));
    }
    connection.query_row("SELECT room FROM log", [], |row| row.get(0))
}

fn unsound(why: String) -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT), Some(why))
}

/// How far the log goes, as it is now.
pub(super) fn marks(connection: &Connection) -> rusqlite::Result<Marks> {
    let sql = "SELECT first, coalesce((SELECT max(id) FROM message), first - 1), indexed FROM log";
    connection.prepare_cached(sql)?.query_row([], |row| {
        let number = |column| row.get(column).map(i64::cast_unsigned);
        Ok(Marks { first: number(0)?, last: number(1)?, indexed: number(2)? })
    })
}

/// The sessions that spoke last, the latest of them at the end, each with its highest number.
pub(super) fn sessions(connection: &Connection) -> rusqlite::Result<Vec<(SessionId, u64)>> {
    let mut sessions = connection.prepare("SELECT session, txn FROM session ORDER BY last DESC LIMIT ?1")?;
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1).map(i64::cast_unsigned)?));
    let mut sessions: Vec<_> = sessions.query_map([REMEMBERED], row)?.collect::<rusqlite::Result<_>>()?;
    sessions.reverse();
    Ok(sessions)
}
