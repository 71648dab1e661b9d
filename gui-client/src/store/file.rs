//! The form of a file, and how it is written: whole or not at all, for its owner alone. Knows JSON and what
//! makes sense; whose file it is, is decided elsewhere.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;

use chat_shared::{Body, Name, RoomId, SessionId};
use serde::{Deserialize, Serialize};

use crate::link::Sessions;
use crate::model::{Kept, KeptName, KeptPost, MAX_NAMES, Queue};

/// The longest file that is read: twice what can wait to be sent, since some letters are written as two.
const MAX_FILE: u64 = 32 * 1024 * 1024;

/// It holds a secret: there is no way to print it.
#[derive(Serialize, Deserialize)]
struct Stored {
    address: String,
    /// The session that is said in plain text. In files of older programs there is no other: it was said through
    /// TLS too, and may have been read on the way.
    session: String,
    #[serde(default)]
    sealed_session: Option<String>,
    /// What follows is about the sealed one.
    #[serde(default)]
    is_sealed: bool,
    next_txn: u64,
    #[serde(default)]
    room: Option<String>,
    #[serde(default)]
    last_id: u64,
    #[serde(default)]
    waiting: Vec<StoredPost>,
    #[serde(default = "first_txn")]
    other_txn: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    other_waiting: Vec<StoredPost>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    names: Vec<StoredName>,
}

fn first_txn() -> u64 {
    1
}

#[derive(Serialize, Deserialize)]
struct StoredName {
    name: String,
    since: u64,
}

#[derive(Serialize, Deserialize)]
struct StoredPost {
    txn: u64,
    at: i64,
    text: String,
}

/// Whether the file at `path` can be read and holds nothing that waits.
pub(super) fn is_idle(path: &Path) -> bool {
    matches!(load(path), Ok(Some(stored)) if stored.waiting.is_empty() && stored.other_waiting.is_empty())
}

/// Reads the file at `path`; `None` if there is none.
pub(super) fn read(path: &Path, address: &str) -> io::Result<Option<(Sessions, Kept)>> {
    let Some(stored) = load(path)? else { return Ok(None) };
    if stored.address != address {
        return Err(invalid("it is about another room"));
    }
    check(stored).map(Some).ok_or_else(|| invalid("it makes no sense"))
}

fn load(path: &Path) -> io::Result<Option<Stored>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut text = String::new();
    if file.take(MAX_FILE + 1).read_to_string(&mut text)? as u64 > MAX_FILE {
        return Err(invalid("it is too long"));
    }
    Ok(Some(serde_json::from_str(&text)?))
}

fn check(stored: Stored) -> Option<(Sessions, Kept)> {
    let Stored { session, sealed_session, is_sealed, next_txn, room, last_id, waiting, .. } = stored;
    let Stored { other_txn, other_waiting, names, .. } = stored;
    let sealed = match sealed_session {
        Some(sealed) => SessionId::parse(&sealed).ok()?,
        None => super::draw(),
    };
    let sessions = Sessions { plain: SessionId::parse(&session).ok()?, sealed };
    let known = match room {
        Some(room) => Some((RoomId::parse(&room).ok()?, last_id)),
        None => None,
    };
    let Queue { next_txn, posts } = queue(next_txn, waiting)?;
    let other = queue(other_txn, other_waiting)?;
    // Without a log they say nothing.
    let names = names.into_iter().filter(|_| known.is_some()).take(MAX_NAMES);
    let name = |StoredName { name, since }| Some(KeptName { name: Name::parse(&name).ok()?, since });
    let names = names.filter_map(name).collect();
    Some((sessions, Kept { sealed: is_sealed, next_txn, known, posts, other, names }))
}

fn queue(next_txn: u64, waiting: Vec<StoredPost>) -> Option<Queue> {
    // What waits has the numbers right before the next.
    let first = next_txn.checked_sub(waiting.len() as u64)?;
    let in_turn = (first..).zip(&waiting).all(|(txn, post)| post.txn == txn);
    let sound = waiting.iter().all(|post| Body::parse(post.text.as_str()).is_ok());
    if first == 0 || !in_turn || !sound {
        return None;
    }
    let posts = waiting.into_iter().map(|StoredPost { txn, at, text }| KeptPost { txn, at, text }).collect();
    Some(Queue { next_txn, posts })
}

fn invalid(words: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, words)
}

/// Whether a file that could not be read is there and cannot be understood, however often it is read.
pub(super) fn is_broken(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::InvalidData | ErrorKind::UnexpectedEof)
}

/// Writes the file at `path`: into one beside it, which takes its place once the disk has it. Nobody else may
/// write there meanwhile.
pub(super) fn write(path: &Path, address: &str, sessions: Sessions, kept: &Kept) -> io::Result<()> {
    let stored = |post: &KeptPost| StoredPost { txn: post.txn, at: post.at, text: post.text.clone() };
    let stored = Stored {
        address: address.to_owned(),
        session: sessions.plain.to_string(),
        sealed_session: Some(sessions.sealed.to_string()),
        is_sealed: kept.sealed,
        next_txn: kept.next_txn,
        room: kept.known.map(|(room, _)| room.to_string()),
        last_id: kept.known.map_or(0, |(_, id)| id),
        waiting: kept.posts.iter().map(stored).collect(),
        other_txn: kept.other.next_txn,
        other_waiting: kept.other.posts.iter().map(stored).collect(),
        names: kept
            .names
            .iter()
            .map(|KeptName { name, since }| StoredName { name: name.to_string(), since: *since })
            .collect(),
    };
    let beside = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(&serde_json::to_vec(&stored)?)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&beside, path)?;
    // On other systems a folder cannot be opened.
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(next_txn: u64, txns: &[u64], text: &str) -> Stored {
        let post = |&txn: &u64| StoredPost { txn, at: 0, text: text.to_owned() };
        let session = SessionId::from_bytes([1; 16]).to_string();
        let waiting = txns.iter().map(post).collect();
        Stored {
            address: String::new(),
            session,
            sealed_session: None,
            is_sealed: false,
            next_txn,
            room: None,
            last_id: 0,
            waiting,
            other_txn: 1,
            other_waiting: Vec::new(),
            names: Vec::new(),
        }
    }

    #[test]
    fn numbers_must_follow_one_another() {
        assert!(check(stored(1, &[], "x")).is_some());
        assert!(check(stored(4, &[2, 3], "x")).is_some());
        for (next, txns) in [(0, &[][..]), (4, &[3, 2]), (5, &[2, 3]), (2, &[0, 1]), (1, &[1, 2])] {
            assert!(check(stored(next, txns, "x")).is_none(), "{next} {txns:?}");
        }
        assert!(check(stored(2, &[1], "\u{202E}")).is_none());
    }

    #[test]
    fn what_an_older_program_has_said_in_both_ways_is_said_in_plain_text_only() {
        let read = || check(stored(4, &[2, 3], "x")).unwrap();
        let ((one, kept), (other, _)) = (read(), read());
        assert_eq!((one.plain, kept.sealed), (SessionId::from_bytes([1; 16]), false));
        assert!(one.sealed != one.plain && one.sealed != other.sealed);
    }
}
