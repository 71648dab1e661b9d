//! The folder that a log is kept in: made for its owner only, held by one server at a time, and looked
//! at before anything in it is touched. Knows the head of an `SQLite` file, but leaves `SQLite` itself to
//! others: it would mend, or spoil, what it opens.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use super::error::OpenError;

/// The log.
const FILE: &str = "room.db";

/// Locked for as long as a server uses the folder. Never removed: who waits for a lock on a file that
/// has been removed would get it.
const LOCK: &str = "room.lock";

/// Says in an `SQLite` file whose it is.
pub(super) const APPLICATION: u32 = u32::from_be_bytes(*b"1rom");

/// The schema's version. A newer one is refused, and an older one is brought to this one: 1 had messages
/// only, 2 has names, bans and mutes too, and messages that were taken back, 3 has banned keys and a salt for all.
pub(super) const VERSION: u32 = 3;

/// How an `SQLite` file begins.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// The length of its head.
const HEAD: usize = 100;

/// A folder that is ours until this is dropped.
#[derive(Debug)]
pub(super) struct Folder {
    /// The log, which may not be there yet.
    pub(super) file: PathBuf,
    /// It is there, and as far as its head tells it is sound.
    pub(super) there: bool,
    _lock: File,
}

impl Folder {
    /// Makes the folder if it is not there, and takes it.
    pub(super) fn take(folder: &Path) -> Result<Self, OpenError> {
        let unusable = |source| OpenError::Folder { folder: folder.to_owned(), source };
        // A path that begins with `file:` would be read as a URI.
        let folder = &std::path::absolute(folder).map_err(unusable)?;
        private_folder().create(folder).map_err(unusable)?;
        let file = folder.join(FILE);
        let lock = folder.join(LOCK);
        if !lock.exists() {
            // No server was ever here, and a file that is somebody else's gets no lock beside it. Where one
            // was, the look that counts is the one under the lock.
            check(&file)?;
        }
        let lock = private_file().create(true).open(lock).map_err(unusable)?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => OpenError::InUse { folder: folder.clone() },
            TryLockError::Error(source) => unusable(source),
        })?;
        let there = check(&file)?;
        Ok(Self { file, there, _lock: lock })
    }

    /// Makes the log with `fill`, whole or not at all.
    pub(super) fn create<T>(&self, fill: impl FnOnce(&Path) -> Result<T, OpenError>) -> Result<T, OpenError> {
        let unusable = |source| OpenError::Folder { folder: self.folder().to_owned(), source };
        let new = beside(&self.file, "-new");
        // What an attempt left that came to a sudden end. What it left beside it, SQLite removes when it
        // finds the file empty.
        match fs::remove_file(&new) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(unusable(error)),
            _ => {}
        }
        private_file().create_new(true).open(&new).map_err(unusable)?;
        let filled = fill(&new)?;
        fs::rename(&new, &self.file).map_err(unusable)?;
        // The name, too, must survive a loss of power. Windows cannot open a folder, and needs not.
        #[cfg(unix)]
        File::open(self.folder()).and_then(|folder| folder.sync_all()).map_err(unusable)?;
        Ok(filled)
    }

    fn folder(&self) -> &Path {
        self.file.parent().expect("a file that was joined to a folder")
    }
}

/// Whether there is a log, or why it is none that we could use. Only reads.
fn check(file: &Path) -> Result<bool, OpenError> {
    let unusable = |source| OpenError::Folder { folder: file.to_owned(), source };
    let wal = match fs::metadata(beside(file, "-wal")) {
        Ok(wal) => wal.len(),
        Err(error) if error.kind() == ErrorKind::NotFound => 0,
        Err(error) => return Err(unusable(error)),
    };
    let opened = match File::open(file) {
        Ok(opened) => opened,
        // SQLite would take what that file has for a part of the new one.
        Err(error) if error.kind() == ErrorKind::NotFound && wal > 0 => {
            let why = "it is missing, and its end is there: room.db-wal".to_owned();
            return Err(OpenError::Damaged { file: file.to_owned(), why });
        }
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(unusable(error)),
    };
    let size = opened.metadata().map_err(unusable)?.len();
    let mut head = Vec::new();
    opened.take(HEAD as u64).read_to_end(&mut head).map_err(unusable)?;
    if !head.starts_with(&MAGIC[..head.len().min(MAGIC.len())]) {
        return Err(OpenError::Foreign { file: file.to_owned(), why: "it is no SQLite file" });
    }
    if head.len() < HEAD {
        return Err(OpenError::Torn { file: file.to_owned(), size, needed: HEAD as u64 });
    }
    let number = |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    check_owner(file, number(68), number(60))?;
    let page = match u64::from(number(16) >> 16) {
        1 => 1 << 16,
        page @ 512..=0x8000 if page.is_power_of_two() => page,
        page => {
            let why = format!("its pages have {page} bytes, it says");
            return Err(OpenError::Damaged { file: file.to_owned(), why });
        }
    };
    // The number of pages counts only if who changed the file last wrote it. And until all that waits
    // in the write-ahead log has been copied into the file, it may be shorter.
    let pages = if number(24) == number(92) { u64::from(number(28)) } else { 1 };
    let waiting = wal.saturating_sub(32) / (page + 24);
    let needed = pages.saturating_sub(waiting) * page;
    if size < needed {
        return Err(OpenError::Torn { file: file.to_owned(), size, needed });
    }
    Ok(true)
}

/// Whether a file is ours and not newer than we are, as the two numbers say that `SQLite` keeps for that.
pub(super) fn check_owner(file: &Path, application: u32, version: u32) -> Result<(), OpenError> {
    let file = file.to_owned();
    if application != APPLICATION {
        return Err(OpenError::Foreign { file, why: "it is an SQLite file of another program" });
    }
    if version > VERSION {
        return Err(OpenError::Newer { file, version, known: VERSION });
    }
    Ok(())
}

/// The file whose name is that of `file` with this end.
pub(super) fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// What is said here is nobody's business but the owner's. `SQLite` gives the files that it puts beside
/// the log the rights of the log.
fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn private_folder() -> DirBuilder {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}
