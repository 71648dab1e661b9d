//! Small files that are whole at every moment, and that several programs change in turn. Knows bytes and
//! paths, and nothing of what is in them.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Writes the file at `path`: into a new one beside it, which then takes its place. On Unix only its owner
/// may read it.
///
/// # Errors
/// When the folder or the file cannot be written.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new().prefix(".unfinished").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// Keeps other programs from reading and changing the file at `path` in between. The lock is a file of its
/// own, because the file itself is another one after each change; it ends with the value returned.
///
/// # Errors
/// When the folder or the lock's file cannot be made.
pub fn lock(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let file = File::create(path.with_extension("lock"))?;
    if let Err(error) = file.lock() {
        // Some file systems have no locks. Saving is worth more than the rare clash.
        log::warn!("locking {}: {error}", path.display());
    }
    Ok(file)
}
