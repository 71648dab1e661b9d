//! Changes to the file beside what is said: names and their hashes, bans, mutes, messages that are taken
//! back. Knows SQL; knows nothing of who may change what.

use std::net::IpAddr;

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};

use super::change::{Ban, Change, Changed, Mute, Owned, People};
use super::entry::draw_salt;
use super::error::CommitError;
use super::writer::Writer;

/// - `name`: what belongs to somebody. The hash is a salted one.
/// - `mute`: an empty address stands for none.
///
/// Which names look alike is not kept: what a newer Unicode says of that holds for all names alike.
const SCHEMA: &str = "
    CREATE TABLE name (
        name TEXT PRIMARY KEY,
        hash BLOB NOT NULL,
        since INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE mute (
        name TEXT NOT NULL,
        address TEXT NOT NULL,
        until INTEGER NOT NULL,
        PRIMARY KEY (name, address)
    ) STRICT, WITHOUT ROWID;
";

/// - `ban`: an empty address stands for none, and so does an empty key, which otherwise is a hash like those of
///   names.
/// - `salt`: one row. What all of these are made with, but for those of names that are older than it.
const BANS: &str = "
    CREATE TABLE ban (
        name TEXT NOT NULL,
        address TEXT NOT NULL,
        key BLOB NOT NULL,
        by TEXT NOT NULL,
        since INTEGER NOT NULL,
        PRIMARY KEY (name, address, key)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE salt (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        salt BLOB NOT NULL
    ) STRICT;
";

/// Makes the tables, out of those that a log of that version has; 0 is an empty one.
pub(super) fn modernize(transaction: &Transaction<'_>, version: u32) -> rusqlite::Result<()> {
    if version < 2 {
        transaction.execute_batch(SCHEMA)?;
        transaction.execute_batch(BANS)?;
    } else {
        transaction.execute_batch("ALTER TABLE ban RENAME TO older")?;
        transaction.execute_batch(BANS)?;
        let copy = "INSERT INTO ban SELECT name, address, x'', by, since FROM older; DROP TABLE older";
        transaction.execute_batch(copy)?;
    }
    transaction.execute("INSERT INTO salt VALUES (1, ?1)", [draw_salt()])?;
    Ok(())
}

/// What keys are hashed with.
pub(super) fn salt(connection: &Connection) -> rusqlite::Result<[u8; 16]> {
    connection.query_row("SELECT salt FROM salt", [], |row| row.get(0))
}

/// All that the file knows of them.
pub(super) fn load(connection: &Connection) -> rusqlite::Result<People> {
    let all = |sql| connection.prepare(sql);
    let owned = all("SELECT name, hash FROM name ORDER BY since, name")?
        .query_map([], |row| Ok(Owned { name: row.get(0)?, hash: row.get(1)? }))?
        .collect::<rusqlite::Result<_>>()?;
    let bans = all("SELECT name, address, key, by FROM ban ORDER BY since, name")?
        .query_map([], |row| {
            let key = Some(row.get(2)?).filter(|key: &Vec<u8>| !key.is_empty());
            Ok(Ban { name: row.get(0)?, address: address(row.get(1)?), key, by: row.get(3)? })
        })?
        .collect::<rusqlite::Result<_>>()?;
    let mutes = all("SELECT name, address, until FROM mute ORDER BY name")?
        .query_map([], |row| {
            let until = row.get(2).map(i64::cast_unsigned)?;
            Ok(Mute { name: row.get(0)?, address: address(row.get(1)?), until })
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(People { owned, bans, mutes })
}

fn address(written: String) -> Option<IpAddr> {
    written.parse().ok()
}

fn written(address: Option<IpAddr>) -> String {
    address.map(|address| address.to_string()).unwrap_or_default()
}

impl Writer {
    /// Changes something, and has it on the disk when this returns.
    pub(super) fn change(&mut self, change: &Change) -> Result<Changed, CommitError> {
        if self.unsure {
            self.refresh().map_err(CommitError::Storage)?;
        }
        self.try_change(change).map_err(|error| {
            // Which side of it the commit was on is not known. Done again, each change is the same.
            self.unsure = true;
            CommitError::Storage(error)
        })
    }

    fn try_change(&self, change: &Change) -> rusqlite::Result<Changed> {
        if let Change::Remove(id) = change {
            return self.remove(id.cast_signed());
        }
        let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?;
        match change {
            Change::Own(Owned { name, hash }, since) => {
                let sql = "INSERT INTO name VALUES (?1, ?2, ?3)
                    ON CONFLICT (name) DO UPDATE SET hash = excluded.hash";
                transaction.execute(sql, params![name, hash, since.cast_signed()])?;
            }
            Change::Ban(Ban { name, address, key, by }, since) => {
                let sql = "INSERT OR REPLACE INTO ban VALUES (?1, ?2, ?3, ?4, ?5)";
                let key = key.as_deref().unwrap_or_default();
                transaction.execute(sql, params![name, written(*address), key, by, since.cast_signed()])?;
            }
            Change::Unban(names) => {
                for name in names {
                    transaction.execute("DELETE FROM ban WHERE name = ?1", [name])?;
                }
            }
            Change::Mute(Mute { name, address, until }) => {
                let sql = "INSERT OR REPLACE INTO mute VALUES (?1, ?2, ?3)";
                transaction.execute(sql, params![name, written(*address), until.cast_signed()])?;
            }
            Change::Unmute(names) => {
                for name in names {
                    transaction.execute("DELETE FROM mute WHERE name = ?1", [name])?;
                }
            }
            Change::Remove(_) => unreachable!("it has gone its own way"),
        }
        transaction.commit()?;
        Ok(Changed::Done)
    }

    /// Takes the text of a message out of the log and out of the index, so that the file has it nowhere.
    fn remove(&self, id: i64) -> rusqlite::Result<Changed> {
        let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?;
        let sql = "SELECT name FROM message WHERE id = ?1 AND text <> ''";
        let Some(author) = transaction.query_row(sql, [id], |row| row.get::<_, String>(0)).optional()? else {
            return Ok(Changed::NoMessage);
        };
        let indexed = self.marks.indexed.cast_signed();
        if id <= indexed {
            // Not marked as gone and merged away some time, but taken out of each part of the index; and the
            // message stays in the index without a word, so that it still has as many messages as the log.
            secure_delete(&transaction, true)?;
            let unindex = "INSERT INTO words (words, rowid, text) SELECT 'delete', id, text FROM message
                WHERE id = ?1";
            transaction.execute(unindex, [id])?;
            transaction.execute("INSERT INTO words (rowid, text) VALUES (?1, '')", [id])?;
        }
        transaction.execute("UPDATE message SET text = '' WHERE id = ?1", [id])?;
        transaction.commit()?;
        if id <= indexed {
            // Trimming would be slower with it. It must not be off before the commit, which does the work.
            secure_delete(&self.connection, false)?;
        }
        Ok(Changed::Removed(author.into()))
    }

    /// Copies all of the write-ahead log to the file, and empties it: what was taken back is in neither any
    /// more. False when somebody is reading just now, and it is to be tried again.
    pub(super) fn scrub(&mut self) -> rusqlite::Result<bool> {
        // Commits must not wait for readers.
        self.connection.busy_timeout(std::time::Duration::ZERO)?;
        let busy =
            self.connection.query_row("PRAGMA wal_checkpoint (TRUNCATE)", [], |row| row.get::<_, i64>(0));
        self.connection.busy_timeout(super::schema::BUSY)?;
        let all = busy? == 0;
        if all {
            self.saved(true);
        }
        Ok(all)
    }
}

fn secure_delete(connection: &Connection, on: bool) -> rusqlite::Result<()> {
    connection.execute("INSERT INTO words (words, rank) VALUES ('secure-delete', ?1)", [i64::from(on)])?;
    Ok(())
}
