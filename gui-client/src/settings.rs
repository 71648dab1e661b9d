//! What the program remembers from one time to the next: the name, the rooms used before, and drafts
//! that were not sent. A small JSON file in the platform's folder for settings. Knows files, and
//! nothing of rooms that are open: what is worth remembering it is told.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};

use async_channel::{Receiver, Sender};
use serde::{Deserialize, Serialize};

/// The most rooms that are remembered.
pub const MAX_ROOMS: usize = 20;

/// The most bytes of one remembered draft: a draft is a safety net, not an archive.
const MAX_DRAFT: usize = 64 * 1024;

/// What is remembered. Unknown fields in a file are passed over, missing ones are empty.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The name used last; empty before the first room.
    pub name: String,
    /// The rooms used before, newest first.
    pub rooms: Vec<RoomUsed>,
    /// What was typed and not sent, by the room's address.
    pub drafts: BTreeMap<String, String>,
}

/// A room that was used before.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RoomUsed {
    /// Its address, as [`Address`](crate::address::Address) writes it.
    pub address: String,
    /// The name used in it.
    pub name: String,
    /// When it was last entered, in milliseconds since 1970 UTC.
    pub last_used: i64,
}

impl Settings {
    /// Reads the file at `path`. A missing file is an empty one. A file that cannot be understood is
    /// set aside beside it, under a name with `.broken` in it; the second value says so in words.
    pub fn load_from(path: &Path) -> (Self, Option<String>) {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return (Self::default(), None),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => String::new(),
            Err(error) => {
                let words = format!("The settings in {} could not be read: {error}.", path.display());
                return (Self::default(), Some(words));
            }
        };
        match serde_json::from_str::<Self>(&text) {
            Ok(mut settings) => {
                settings.rooms.truncate(MAX_ROOMS);
                (settings, None)
            }
            Err(error) => {
                log::warn!("settings: {error}");
                let aside = path.with_extension("broken.json");
                let words = match fs::rename(path, &aside) {
                    Ok(()) => format!(
                        "The settings could not be understood, so this is a fresh start. The old file is kept as {}.",
                        aside.display()
                    ),
                    Err(error) => format!(
                        "The settings in {} could not be understood, nor set aside: {error}.",
                        path.display()
                    ),
                };
                (Self::default(), Some(words))
            }
        }
    }

    /// Writes the file at `path`, so that it is whole at every moment: into a new file beside it, which
    /// then takes its place. On Unix only its owner may read it.
    ///
    /// # Errors
    /// When the folder or the file cannot be written.
    pub fn save_to(&self, path: &Path) -> io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let mut file = tempfile::Builder::new().prefix(".settings").tempfile_in(folder)?;
        serde_json::to_writer_pretty(&mut file, self)?;
        file.write_all(b"\n")?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    }

    /// Remembers that this room was entered under this name.
    pub fn entered(&mut self, address: &str, name: &str, now: i64) {
        self.name = name.to_owned();
        self.rooms.retain(|room| room.address != address);
        self.rooms.insert(0, RoomUsed { address: address.to_owned(), name: name.to_owned(), last_used: now });
        for room in self.rooms.drain(self.rooms.len().min(MAX_ROOMS)..) {
            self.drafts.remove(&room.address);
        }
    }

    /// Forgets a room, and what was typed for it.
    pub fn forget(&mut self, address: &str) {
        self.rooms.retain(|room| room.address != address);
        self.drafts.remove(address);
    }

    /// Remembers what is typed for this room and not sent. A draft beyond the bound is not remembered.
    pub fn keep_draft(&mut self, address: &str, draft: &str) {
        if draft.trim().is_empty() || draft.len() > MAX_DRAFT {
            self.drafts.remove(address);
        } else {
            self.drafts.insert(address.to_owned(), draft.to_owned());
        }
    }
}

/// Where this user's settings are: the platform's folder for them. `None` when there is no home.
pub fn default_path() -> Option<PathBuf> {
    let folders = directories::ProjectDirs::from("", "", "oneroom")?;
    Some(folders.config_dir().join("settings.json"))
}

/// Saves settings on a thread of its own, so that a slow disk never holds up the window. Dropping it
/// waits until the last ones are saved.
#[derive(Debug)]
pub struct Saver {
    jobs: Option<Sender<Settings>>,
    errors: Receiver<String>,
    thread: Option<JoinHandle<()>>,
}

impl Saver {
    /// A saver for the file at `path`.
    ///
    /// # Errors
    /// When the operating system has no thread to give.
    pub fn start(path: PathBuf) -> io::Result<Self> {
        let (jobs, queue) = async_channel::unbounded::<Settings>();
        let (complaints, errors) = async_channel::bounded(1);
        let thread = thread::Builder::new().name("settings".to_owned()).spawn(move || {
            while let Ok(mut settings) = queue.recv_blocking() {
                // Only the newest matter.
                while let Ok(newer) = queue.try_recv() {
                    settings = newer;
                }
                if let Err(error) = settings.save_to(&path) {
                    log::warn!("saving the settings: {error}");
                    let words = format!("The settings could not be saved in {}: {error}.", path.display());
                    // One complaint waits already: that will do.
                    let _ = complaints.try_send(words);
                }
            }
        })?;
        Ok(Self { jobs: Some(jobs), errors, thread: Some(thread) })
    }

    /// Saves these settings soon.
    pub fn save(&self, settings: &Settings) {
        if let Some(jobs) = &self.jobs {
            // It fails only when the thread is gone.
            let _ = jobs.try_send(settings.clone());
        }
    }

    /// Why saving failed since this was last asked, if it did.
    pub fn error(&self) -> Option<String> {
        self.errors.try_recv().ok()
    }
}

impl Drop for Saver {
    fn drop(&mut self) {
        self.jobs.take();
        if let Some(thread) = self.thread.take() {
            // It ends with an error only when it panicked, which it has said on stderr itself.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep").join("settings.json");
        (folder, path)
    }

    #[test]
    fn what_is_saved_is_loaded() {
        let (_folder, path) = folder();
        assert_eq!(Settings::load_from(&path), (Settings::default(), None));
        let mut settings = Settings::default();
        settings.entered("chat.example.org", "ann", 5);
        settings.keep_draft("chat.example.org", "half a\nthought");
        let saver = Saver::start(path.clone()).unwrap();
        saver.save(&Settings::default());
        saver.save(&settings);
        drop(saver);
        assert_eq!(Settings::load_from(&path), (settings, None));
        let left: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().collect();
        assert_eq!(left.len(), 1, "no temporary file is left behind");
    }

    #[test]
    fn a_broken_file_is_set_aside_and_said_so() {
        for broken in [&b"{"[..], b"", b"[1]", b"\xFF\xFE", b"{\"rooms\": 5}"] {
            let (_folder, path) = folder();
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, broken).unwrap();
            let (settings, words) = Settings::load_from(&path);
            assert_eq!(settings, Settings::default());
            assert!(words.unwrap().contains("settings.broken.json"));
            assert_eq!(fs::read(path.with_file_name("settings.broken.json")).unwrap(), broken);
            assert!(!path.exists());
        }
    }

    #[test]
    fn a_file_of_a_later_version_is_read_as_far_as_it_goes() {
        let (_folder, path) = folder();
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, r#"{"name": "ann", "later": true, "rooms": [{"address": "x", "colour": 1}]}"#)
            .unwrap();
        let (settings, words) = Settings::load_from(&path);
        assert_eq!((settings.name.as_str(), settings.rooms[0].address.as_str(), words), ("ann", "x", None));
    }

    #[test]
    fn rooms_are_newest_first_and_bounded() {
        let mut settings = Settings::default();
        for number in 0..30 {
            settings.entered(&format!("host-{number}"), "ann", number);
            settings.keep_draft(&format!("host-{number}"), "draft");
        }
        settings.entered("host-15", "eve", 99);
        let addresses: Vec<_> = settings.rooms.iter().map(|room| room.address.as_str()).collect();
        assert_eq!(addresses[..3], ["host-15", "host-29", "host-28"]);
        assert_eq!((addresses.len(), settings.rooms[0].name.as_str()), (MAX_ROOMS, "eve"));
        assert_eq!(settings.drafts.len(), MAX_ROOMS, "drafts go with their rooms");
        settings.forget("host-29");
        assert_eq!((settings.rooms.len(), settings.drafts.len()), (MAX_ROOMS - 1, MAX_ROOMS - 1));
        settings.keep_draft("host-15", "  ");
        assert!(!settings.drafts.contains_key("host-15"));
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_said_in_words() {
        let (folder, _) = folder();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let path = file.join("settings.json");
        let saver = Saver::start(path).unwrap();
        saver.save(&Settings::default());
        let words = saver.errors.recv_blocking().unwrap();
        assert!(words.contains("could not be saved"), "{words}");
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let (_folder, path) = folder();
        Settings::default().save_to(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
