//! Which file is ours. A session must have one speaker: a window takes a file that no other window holds, by
//! a lock that ends with the program however it ends, and prefers one in which something waits. Knows names
//! of files and locks.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::file;
use crate::address::Addresses;
use crate::link::Sessions;
use crate::model::Kept;

/// So many windows can be open in one room at a time and keep what they send.
const MAX_WINDOWS: usize = 16;

/// Beyond so many files, the oldest in which nothing waits make room.
const MAX_FILES: usize = 100;

/// So much of an address is still to be read in the name of its file.
const READABLE: usize = 60;

/// A file that is ours for as long as this is held.
#[derive(Debug)]
pub struct Shelf {
    path: PathBuf,
    address: String,
    found: Option<(Sessions, Kept)>,
    note: Option<String>,
    _lock: File,
}

impl Shelf {
    /// Takes a file in `folder` for the room at this address. `None` when every one is taken, or nobody can
    /// say whether it is.
    pub(super) fn take(folder: &Path, address: &Addresses) -> io::Result<Option<Self>> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
        if let Err(error) = prune(folder) {
            log::warn!("{}: {error}", folder.display());
        }
        let mut first = None;
        for path in paths(folder, address) {
            // Beyond the first free place, only what was left in others is of interest.
            if first.is_some() && !path.exists() {
                continue;
            }
            let Some(lock) = try_lock(&path)? else { continue };
            let mut shelf = Self { path, address: address.to_string(), found: None, note: None, _lock: lock };
            shelf.read()?;
            if shelf.found.as_ref().is_some_and(|(_, kept)| !kept.is_idle()) {
                return Ok(Some(shelf));
            }
            first.get_or_insert(shelf);
        }
        Ok(first)
    }

    fn read(&mut self) -> io::Result<()> {
        match file::read(&self.path, &self.address) {
            Ok(found) => self.found = found,
            Err(error) if file::is_broken(&error) => {
                log::warn!("{}: {error}", self.path.display());
                let aside = self.path.with_extension("broken.json");
                fs::rename(&self.path, &aside)?;
                self.note = Some(format!(
                    "What waited to be sent in {} could not be understood. The old file is kept as {}.",
                    self.address,
                    aside.display()
                ));
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// What the file held, and what is wrong with it in words.
    pub(super) fn found(&mut self) -> (Option<(Sessions, Kept)>, Option<String>) {
        (self.found.take(), self.note.take())
    }

    /// Keeps this. When it cannot, the file is taken away: an old one would have numbers given out twice.
    pub(super) fn keep(&mut self, sessions: Sessions, kept: &Kept) -> io::Result<()> {
        file::write(&self.path, &self.address, sessions, kept).inspect_err(|_| {
            if let Err(error) = fs::remove_file(&self.path)
                && error.kind() != ErrorKind::NotFound
            {
                log::error!("{} is out of date, and cannot be removed: {error}", self.path.display());
            }
        })
    }
}

/// Removes the oldest files in which nothing waits and which no window holds, where there are too many.
fn prune(folder: &Path) -> io::Result<()> {
    let mut files: Vec<_> = fs::read_dir(folder)?
        .map_while(Result::ok)
        .filter(|file| file.file_name().to_str().is_some_and(is_ours))
        .filter_map(|file| Some((file.metadata().ok()?.modified().ok()?, file.path())))
        .collect();
    files.sort();
    for (_, path) in files.iter().take(files.len().saturating_sub(MAX_FILES)) {
        if let Some(_lock) = try_lock(path)?
            && file::is_idle(path)
        {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

fn is_ours(name: &str) -> bool {
    name.ends_with(".json") && !name.ends_with(".broken.json")
}

/// Removes the files of the room at this address that no window holds.
pub(super) fn forget(folder: &Path, address: &Addresses) {
    for path in paths(folder, address).filter(|path| path.exists()) {
        if let Ok(Some(_lock)) = try_lock(&path)
            && let Err(error) = fs::remove_file(&path)
        {
            log::warn!("{} cannot be removed: {error}", path.display());
        }
    }
}

/// The lock is a file of its own, because the file itself is another one after each change.
fn try_lock(path: &Path) -> io::Result<Option<File>> {
    let lock = File::create(path.with_extension("lock"))?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => {
            // Some file systems have no locks. Without one, two windows could speak as one session.
            log::warn!("locking {}: {error}", path.display());
            Ok(None)
        }
    }
}

fn paths(folder: &Path, address: &Addresses) -> impl Iterator<Item = PathBuf> {
    let name = file_name(&address.to_string());
    (0..MAX_WINDOWS).map(move |number| folder.join(format!("{name}-{number}.json")))
}

/// The address as far as a file may be called so, and a number by which it differs from others.
fn file_name(address: &str) -> String {
    let fits = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '_' };
    let readable: String = address.chars().take(READABLE).map(fits).collect();
    // FNV-1a: the same in every version of this program.
    let number = address.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{readable}-{number:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_has_a_file_of_its_own() {
        assert_eq!(file_name("chat.example.org"), "chat_example_org-f33dc01db2897887");
        assert_ne!(file_name("a.b"), file_name("a_b"));
        assert!(file_name(&"ü".repeat(253)).len() < 100);
        assert!(!file_name("[::1]:5/../x").contains(['/', ':', '.']));
    }
}
