//! What outlives the program, of each room: the sessions, how far its log is known, and the own messages that
//! are not known to be in it. One small file for each room and each window that is open in it at a time. Knows
//! files; what is worth keeping is decided by the model.
//!
//! A message is given to the network only once the file holds it: whatever happens after that, the next
//! start sends it again under the same session and number, and the server tells it from a new one.
//!
//! | module | what it holds |
//! |---|---|
//! | `file` | the form of a file, and how it is written whole or not at all |
//! | `shelf` | which file is ours while other windows are open in the same room |
//! | `saver` | [`Saver`]: keeps, then gives orders, on a thread |

mod file;
mod saver;
mod shelf;

use std::path::{Path, PathBuf};

use chat_shared::SessionId;

use crate::address::Addresses;
use crate::link::Sessions;
use crate::model::Kept;
pub use saver::Saver;
pub use shelf::Shelf;

/// Said when so many windows are open in a room, or files cannot be locked where they would be.
const UNKEPT: &str = "What waits to be sent cannot be kept for this window. It is lost if this program ends before it is sent.";

/// What was kept of a room, or the beginnings of it.
#[derive(Debug)]
pub struct Opened {
    /// Whose messages are sent; secrets.
    pub sessions: Sessions,
    /// What was kept.
    pub kept: Kept,
    /// Where to keep it from now on; `None` where it cannot be kept.
    pub shelf: Option<Shelf>,
    /// What is wrong, in words.
    pub note: Option<String>,
}

impl Opened {
    /// Nothing is known, and nothing will be kept.
    pub fn new() -> Self {
        Self { sessions: draw_both(), kept: Kept::default(), shelf: None, note: None }
    }
}

impl Default for Opened {
    fn default() -> Self {
        Self::new()
    }
}

/// Takes what is kept in `folder` of the room at this address. It is written once right away: a file that
/// cannot be written any more must not be believed the next time.
pub fn open(folder: &Path, address: &Addresses) -> Opened {
    let words = |error: std::io::Error| {
        log::warn!("keeping {address}: {error}");
        format!("What waits to be sent cannot be kept in {}: {error}.", folder.display())
    };
    let mut shelf = match Shelf::take(folder, address) {
        Ok(Some(shelf)) => shelf,
        Ok(None) => return Opened { note: Some(UNKEPT.to_owned()), ..Opened::new() },
        Err(error) => return Opened { note: Some(words(error)), ..Opened::new() },
    };
    let (found, note) = shelf.found();
    let (sessions, kept) = found.unwrap_or_else(|| (draw_both(), Kept::default()));
    match shelf.keep(sessions, &kept) {
        Ok(()) => Opened { sessions, kept, shelf: Some(shelf), note },
        Err(error) => Opened { note: Some(words(error)), ..Opened::new() },
    }
}

/// Forgets what is kept in `folder` of the room at this address, save what an open window holds.
pub fn forget(folder: &Path, address: &Addresses) {
    shelf::forget(folder, address);
}

/// Where what waits to be sent is kept: the platform's folder for what programs need to know by themselves.
/// `None` when there is no home.
pub fn default_path() -> Option<PathBuf> {
    let folders = directories::ProjectDirs::from("", "", "oneroom")?;
    Some(folders.state_dir().unwrap_or(folders.data_local_dir()).join("outbox"))
}

fn draw_both() -> Sessions {
    Sessions { plain: draw(), sealed: draw() }
}

/// A session that nobody can guess.
fn draw() -> SessionId {
    let mut bytes = [0; 16];
    if let Err(error) = getrandom::fill(&mut bytes) {
        // What a browser would give up for is a chat here: dice that nobody needs to guess are good enough.
        log::warn!("the operating system gives no random numbers: {error}");
        bytes.fill_with(|| fastrand::u8(..));
    }
    SessionId::from_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{KeptName, KeptPost, Queue};
    use chat_shared::{Name, RoomId};

    fn address() -> Addresses {
        Addresses::parse("chat.example.org:5").unwrap()
    }

    fn some() -> Kept {
        let post = |txn, text: &str| KeptPost { txn, at: 7, text: text.to_owned() };
        Kept {
            next_txn: 9,
            posts: vec![post(7, "one\n“two”"), post(8, "three")],
            known: Some((RoomId::from_bytes([3; 16]), 77)),
            names: vec![KeptName { name: Name::parse("Ανν").unwrap(), since: 70 }],
            sealed: true,
            other: Queue { next_txn: 4, posts: vec![post(3, "four")] },
        }
    }

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep").join("rooms");
        (folder, path)
    }

    #[test]
    fn what_is_kept_is_found_again() {
        let (_folder, path) = folder();
        let mut first = open(&path, &address());
        assert_eq!((&first.kept, &first.note), (&Kept::default(), &None));
        first.shelf.as_mut().unwrap().keep(first.sessions, &some()).unwrap();
        let sessions = first.sessions;
        drop(first);
        let again = open(&path, &address());
        assert_eq!((again.sessions, &again.kept, &again.note), (sessions, &some(), &None));
        let other = open(&path, &Addresses::parse("chat.example.org:6").unwrap());
        assert_ne!(other.sessions, sessions);
        assert_eq!(other.kept, Kept::default());
    }

    #[test]
    fn two_windows_have_two_sessions_and_what_one_leaves_the_next_takes_over() {
        let (_folder, path) = folder();
        let first = open(&path, &address());
        let mut second = open(&path, &address());
        assert_ne!(first.sessions, second.sessions);
        second.shelf.as_mut().unwrap().keep(second.sessions, &some()).unwrap();
        let left = second.sessions;
        drop(second);
        drop(first);
        // The first place is free, but in the second something waits.
        let next = open(&path, &address());
        assert_eq!((next.sessions, &next.kept), (left, &some()));
    }

    #[test]
    fn a_broken_file_is_set_aside_and_said_so() {
        for broken in [&b"{"[..], b"", b"[1]", b"\xFF", br#"{"session": "x"}"#] {
            let (_folder, path) = folder();
            drop(open(&path, &address()));
            let file = std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path());
            let file =
                file.into_iter().find(|path| path.extension().is_some_and(|end| end == "json")).unwrap();
            std::fs::write(&file, broken).unwrap();
            let opened = open(&path, &address());
            assert_eq!(opened.kept, Kept::default());
            assert!(opened.note.unwrap().contains("broken.json"));
            assert_eq!(std::fs::read(file.with_extension("broken.json")).unwrap(), broken);
        }
    }

    #[test]
    fn where_nothing_can_be_written_nothing_old_is_believed() {
        let (folder, _) = folder();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let opened = open(&file.join("rooms"), &address());
        assert!(opened.shelf.is_none());
        assert!(opened.note.unwrap().contains("cannot be kept"));
    }

    #[test]
    fn a_room_is_forgotten_unless_it_is_open() {
        let (_folder, path) = folder();
        let first = open(&path, &address());
        let sessions = first.sessions;
        forget(&path, &address());
        drop(first);
        assert_eq!(open(&path, &address()).sessions, sessions);
        forget(&path, &address());
        assert_ne!(open(&path, &address()).sessions, sessions);
    }

    #[test]
    fn old_files_make_room_unless_something_waits_in_them() {
        let (_folder, path) = folder();
        let at = |number: u32| Addresses::parse(&format!("host-{number}")).unwrap();
        let mut first = open(&path, &at(0));
        first.shelf.as_mut().unwrap().keep(first.sessions, &some()).unwrap();
        drop(first);
        for number in 1..130 {
            drop(open(&path, &at(number)));
        }
        let files = std::fs::read_dir(&path).unwrap().map(|file| file.unwrap().file_name());
        let files = files.filter(|name| name.to_str().unwrap().ends_with(".json")).count();
        assert!((100..=102).contains(&files), "{files} files");
        assert_eq!(open(&path, &at(0)).kept, some());
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let (_folder, path) = folder();
        let _open = open(&path, &address());
        for entry in std::fs::read_dir(&path).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|end| end == "json") {
                assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            }
        }
    }
}
