//! What can go wrong with the log, in words for the person who runs the server. Knows the flags by name,
//! since each refusal says what to do; knows no SQL.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;

use rusqlite::ErrorCode;
use rusqlite::ffi::SQLITE_IOERR_SHMSIZE;

/// Why a log could not be opened. Nothing that was there has been changed.
#[derive(Debug)]
pub enum OpenError {
    /// The folder cannot be made, or not be used.
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Another server has it.
    InUse {
        /// The folder.
        folder: PathBuf,
    },
    /// The file is something else.
    Foreign {
        /// The file.
        file: PathBuf,
        /// What makes it so.
        why: &'static str,
    },
    /// A newer chat-server made it.
    Newer {
        /// The file.
        file: PathBuf,
        /// Its version.
        version: u32,
        /// The newest that this server knows.
        known: u32,
    },
    /// A part of the file is missing.
    Torn {
        /// The file.
        file: PathBuf,
        /// Bytes that are there.
        size: u64,
        /// Bytes that should be.
        needed: u64,
    },
    /// The file is ours, but not sound.
    Damaged {
        /// The file.
        file: PathBuf,
        /// What was found.
        why: String,
    },
    /// `SQLite` cannot use the file.
    Sqlite {
        /// The file.
        file: PathBuf,
        /// What it says.
        source: rusqlite::Error,
    },
    /// A thread could not be started.
    Thread(io::Error),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const OTHERWISE: &str = "or choose another folder with --data";
        match self {
            Self::Folder { folder, source } => {
                write!(f, "{} cannot be used: {}, {OTHERWISE}", folder.display(), advice(source))
            }
            Self::InUse { folder } => write!(
                f,
                "another server keeps its log in {}; nothing was changed. Stop that server, {OTHERWISE}",
                folder.display()
            ),
            Self::Foreign { file, why } => write!(
                f,
                "{} is not the log of a chat-server: {why}; nothing was changed. Move it away, {OTHERWISE}",
                file.display()
            ),
            Self::Newer { file, version, known } => write!(
                f,
                "{} is of version {version}, and this chat-server knows versions up to {known}; nothing was \
                 changed. Use a newer chat-server, {OTHERWISE}",
                file.display()
            ),
            Self::Torn { file, size, needed } => write!(
                f,
                "{} is torn: it has {size} bytes of at least {needed}; nothing was changed. Put a whole copy \
                 in its place, move it away (the room then starts with an empty log), {OTHERWISE}",
                file.display()
            ),
            Self::Damaged { file, why } => write!(
                f,
                "{} is damaged ({why}); nothing was changed. Put a sound copy in its place, move it away \
                 with the files beside it that begin with its name (the room then starts with an empty \
                 log), {OTHERWISE}",
                file.display()
            ),
            Self::Sqlite { file, source } => {
                write!(f, "{} cannot be used: {}, {OTHERWISE}", file.display(), sqlite_advice(source).unwrap_or(UNCLEAR))
            }
            Self::Thread(_) => f.write_str(
                "the log's threads cannot be started: there is not enough memory, or this user may have no more \
                 of them; end other programs, or raise that limit",
            ),
        }
    }
}

impl Error for OpenError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Folder { source, .. } | Self::Thread(source) => Some(source),
            Self::Sqlite { source, .. } => Some(source),
            _ => None,
        }
    }
}

const NO_ROOM: &str = "there is no room left on its disk, or none for this user; free some megabytes there";
const UNCLEAR: &str = "see to what is wrong there";
const NO_RIGHT: &str = "this user may not write there, or not to the files beside it that begin with its name; \
                        see to their rights";

/// What is wrong with a folder or a file in it, and what to do.
fn advice(error: &io::Error) -> &'static str {
    use io::ErrorKind::{AlreadyExists, NotADirectory, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem};
    match error.kind() {
        io::ErrorKind::StorageFull | QuotaExceeded => NO_ROOM,
        PermissionDenied | ReadOnlyFilesystem => NO_RIGHT,
        AlreadyExists | NotADirectory => "a file is where a folder should be; move it away",
        _ => "the system does not let us; see to what it says",
    }
}

/// The same of `SQLite`'s errors: of those that lie not in what the file holds, but in what is around it.
pub(super) fn sqlite_advice(error: &rusqlite::Error) -> Option<&'static str> {
    use ErrorCode::{CannotOpen, DatabaseBusy, DatabaseLocked, DiskFull, FileLockingProtocolFailed};
    use ErrorCode::{OutOfMemory, PermissionDenied, ReadOnly, SystemIoFailure};
    Some(match error.sqlite_error_code()? {
        // The file beside it that readers and writer share could not be made as large as it has to be.
        _ if error.sqlite_extended_error_code() == Some(SQLITE_IOERR_SHMSIZE) => NO_ROOM,
        DiskFull => NO_ROOM,
        CannotOpen | PermissionDenied | ReadOnly => NO_RIGHT,
        DatabaseBusy | DatabaseLocked | FileLockingProtocolFailed => {
            "another program has it open; close that program"
        }
        OutOfMemory => "there is not enough memory; end other programs",
        SystemIoFailure => "its disk failed to read or to write; see what the system says of that disk",
        _ => return None,
    })
}

/// Why entries were not taken. None of them is in the log.
#[derive(Debug)]
pub(crate) enum CommitError {
    /// The ids are not the next ones, each one more than the one before: a defect of the caller. Or the disk
    /// was so broken at the last attempt that nobody could tell what it holds, and now it turns out that it
    /// has taken what was refused.
    Ids {
        /// The id that was due.
        expected: u64,
        /// The one that came in its place.
        given: u64,
    },
    /// The disk is full, or broken. The log has recovered: the next commit is a new try.
    Storage(rusqlite::Error),
    /// The log has been closed, or its thread has died.
    Closed,
}

impl fmt::Display for CommitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ids { expected, given } => {
                write!(f, "the log's next id is {expected}, and {given} was given")
            }
            Self::Storage(_) => f.write_str("the log cannot be written to"),
            Self::Closed => f.write_str("the log is closed"),
        }
    }
}

impl Error for CommitError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Storage(source) => Some(source),
            Self::Ids { .. } | Self::Closed => None,
        }
    }
}

/// Why a question has no answer.
#[derive(Debug)]
pub(crate) enum ReadError {
    /// The disk is broken, or what is on it.
    Storage(rusqlite::Error),
    /// The log has been closed: the server stops.
    Closed,
    /// The thread that reads has died: a defect of ours.
    Died,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Storage(_) => f.write_str("the log cannot be read"),
            Self::Closed => f.write_str("the log is closed"),
            Self::Died => f.write_str("the thread that reads the log has died"),
        }
    }
}

impl Error for ReadError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Storage(source) => Some(source),
            Self::Closed | Self::Died => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi::{self, Error};

    use super::*;

    #[test]
    fn each_refusal_says_what_to_do() {
        let sqlite = |code| rusqlite::Error::SqliteFailure(Error::new(code), None);
        for (code, says) in [
            (ffi::SQLITE_FULL, "free some megabytes"),
            (ffi::SQLITE_IOERR_SHMSIZE, "free some megabytes"),
            (ffi::SQLITE_CANTOPEN, "see to their rights"),
            (ffi::SQLITE_READONLY_DIRECTORY, "see to their rights"),
            (ffi::SQLITE_BUSY, "close that program"),
            (ffi::SQLITE_NOMEM, "not enough memory"),
            (ffi::SQLITE_IOERR_READ, "see what the system says of that disk"),
            (ffi::SQLITE_ERROR, "see to what is wrong"),
        ] {
            let error = OpenError::Sqlite { file: "room.db".into(), source: sqlite(code) }.to_string();
            assert!(error.contains(says) && error.contains("--data"), "{code}: {error}");
        }
        for (kind, says) in [
            (io::ErrorKind::StorageFull, "free some megabytes"),
            (io::ErrorKind::PermissionDenied, "see to their rights"),
            (io::ErrorKind::NotADirectory, "move it away"),
            (io::ErrorKind::Other, "see to what it says"),
        ] {
            let error = OpenError::Folder { folder: "rooms".into(), source: kind.into() }.to_string();
            assert!(error.contains(says) && error.contains("--data"), "{kind:?}: {error}");
        }
    }
}
