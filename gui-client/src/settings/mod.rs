//! What the program remembers from one time to the next: the name, the rooms used before, and drafts
//! that were not sent, and how the person likes the program. A small JSON file in the platform's folder for settings. Knows files, and
//! nothing of rooms that are open: what is worth remembering it is told.
//!
//! | module | what it holds |
//! |---|---|
//! | `prefs` | [`Prefs`]: how a person likes the program |
//! | `saver` | [`Saver`]: edits, written into the file by a thread |

mod prefs;
mod saver;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::files;
pub use prefs::{Density, Hours, Notify, Pref, Prefs, ThemeChoice, Zoom};
pub use saver::Saver;

/// The most rooms that are remembered, and the most drafts.
pub const MAX_ROOMS: usize = 20;

/// The most bytes of one remembered draft: the most that can wait to be sent, and as much again.
const MAX_DRAFT: usize = 16 * 1024 * 1024;

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
    /// How the person likes the program.
    #[serde(deserialize_with = "prefs::lossy")]
    pub prefs: Prefs,
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

/// One change to what is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// The name used last.
    Name(String),
    /// A room was entered.
    Entered {
        /// Its address.
        address: String,
        /// The name used in it, which is the name used last from now on.
        name: String,
        /// When, in milliseconds since 1970 UTC.
        at: i64,
    },
    /// A room, and what was typed for it, shall be forgotten.
    Forget {
        /// Its address.
        address: String,
    },
    /// What is typed for a room and not sent.
    Draft {
        /// The room's address.
        address: String,
        /// All of it; nothing visible forgets it.
        draft: String,
    },
    /// The person likes something else. Only what was changed, so that another program's change to something
    /// else stays.
    Pref(Pref),
}

impl Edit {
    /// Whether this can be remembered: a draft beyond the bound cannot.
    pub fn fits(&self) -> bool {
        !matches!(self, Self::Draft { draft, .. } if draft.len() > MAX_DRAFT)
    }
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
                settings.bound();
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

    /// Reads the file at `path` again, if it is there and can be understood.
    fn read(path: &Path) -> Option<Self> {
        let mut settings: Self = serde_json::from_str(&fs::read_to_string(path).ok()?).ok()?;
        settings.bound();
        Some(settings)
    }

    /// Writes the file at `path`, so that it is whole at every moment: into a new file beside it, which
    /// then takes its place. On Unix only its owner may read it.
    ///
    /// # Errors
    /// When the folder or the file cannot be written.
    pub fn save_to(&self, path: &Path) -> io::Result<()> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        files::write_whole(path, &bytes)
    }

    /// Makes this change. One that does not [fit](Edit::fits) changes nothing.
    pub fn apply(&mut self, edit: Edit) {
        if !edit.fits() {
            return;
        }
        match edit {
            Edit::Name(name) => self.name = name,
            Edit::Entered { address, name, at } => {
                self.name.clone_from(&name);
                self.rooms.retain(|room| room.address != address);
                self.rooms.insert(0, RoomUsed { address, name, last_used: at });
            }
            Edit::Forget { address } => {
                self.rooms.retain(|room| room.address != address);
                self.drafts.remove(&address);
            }
            Edit::Draft { address, draft } if draft.trim().is_empty() => {
                self.drafts.remove(&address);
            }
            Edit::Draft { address, draft } => {
                self.drafts.insert(address, draft);
            }
            Edit::Pref(pref) => self.prefs.set(pref),
        }
        self.bound();
    }

    /// The oldest rooms make room for the newest, and take their drafts along.
    fn bound(&mut self) {
        for room in self.rooms.drain(self.rooms.len().min(MAX_ROOMS)..) {
            self.drafts.remove(&room.address);
        }
        if self.drafts.len() > MAX_ROOMS {
            let rooms = &self.rooms;
            self.drafts.retain(|address, _| rooms.iter().any(|room| room.address == *address));
        }
    }
}

/// Where this user's settings are: the platform's folder for them. `None` when there is no home.
pub fn default_path() -> Option<PathBuf> {
    let folders = directories::ProjectDirs::from("", "", "oneroom")?;
    Some(folders.config_dir().join("settings.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep").join("settings.json");
        (folder, path)
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

    fn entered(address: String, name: &str, at: i64) -> Edit {
        Edit::Entered { address, name: name.to_owned(), at }
    }

    fn draft(address: &str, draft: &str) -> Edit {
        Edit::Draft { address: address.to_owned(), draft: draft.to_owned() }
    }

    #[test]
    fn rooms_are_newest_first_and_bounded() {
        let mut settings = Settings::default();
        for number in 0..30 {
            settings.apply(entered(format!("host-{number}"), "ann", number));
            settings.apply(draft(&format!("host-{number}"), "draft"));
        }
        settings.apply(entered("host-15".to_owned(), "eve", 99));
        let addresses: Vec<_> = settings.rooms.iter().map(|room| room.address.as_str()).collect();
        assert_eq!(addresses[..3], ["host-15", "host-29", "host-28"]);
        assert_eq!((addresses.len(), settings.rooms[0].name.as_str()), (MAX_ROOMS, "eve"));
        assert_eq!(settings.drafts.len(), MAX_ROOMS, "drafts go with their rooms");
        settings.apply(draft("nowhere", "draft"));
        assert_eq!(settings.drafts.len(), MAX_ROOMS, "there are no more drafts than rooms");
        settings.apply(Edit::Forget { address: "host-29".to_owned() });
        assert_eq!((settings.rooms.len(), settings.drafts.len()), (MAX_ROOMS - 1, MAX_ROOMS - 1));
        settings.apply(draft("host-15", "  "));
        assert!(!settings.drafts.contains_key("host-15"));
    }

    #[test]
    fn the_most_that_can_wait_is_remembered_and_more_leaves_what_was() {
        let mut settings = Settings::default();
        let most = draft("x", &format!("{}\n", "x".repeat(4096)).repeat(2_000));
        assert!(most.fits());
        settings.apply(most);
        let kept = settings.clone();
        assert!(kept.drafts["x"].len() > 8_000_000);
        let too_much = draft("x", &"x".repeat(MAX_DRAFT + 1));
        assert!(!too_much.fits());
        settings.apply(too_much);
        assert_eq!(settings, kept);
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
