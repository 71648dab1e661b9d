//! What changes in the log beside what is said: whose names are whose, who was banned or silenced, and
//! which messages are taken back. The part that is the same wherever the log is kept: knows neither SQL nor
//! files, nor who may change what.

use std::net::IpAddr;
use std::sync::Arc;

use super::error::CommitError;

/// A name that belongs to somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Owned {
    /// The name, as it is written.
    pub(crate) name: String,
    /// What its key is checked against.
    pub(crate) hash: Vec<u8>,
}

/// Somebody who may not come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ban {
    /// Under which name it was banned.
    pub(crate) name: String,
    /// From where it came then, if that is kept from coming in too.
    pub(crate) address: Option<IpAddr>,
    /// The hash of the key that it had shown, if it had.
    pub(crate) key: Option<Vec<u8>>,
    /// By whom.
    pub(crate) by: String,
}

/// Somebody who is not to be heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mute {
    /// Its name.
    pub(crate) name: String,
    /// Where it came from; `None` for loopback, and where the name alone tells who it is.
    pub(crate) address: Option<IpAddr>,
    /// Until when, in milliseconds since 1970 UTC.
    pub(crate) until: u64,
}

/// What is to be changed. Times are in milliseconds since 1970 UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// This name belongs to somebody from now on; or it did before, and has another hash.
    Own(Owned, u64),
    /// Somebody may not come in any more.
    Ban(Ban, u64),
    /// All who were banned under these names may come in again.
    Unban(Vec<String>),
    /// Somebody is not to be heard.
    Mute(Mute),
    /// All who were silenced under these names are to be heard again.
    Unmute(Vec<String>),
    /// This message is taken back: its text goes from the log.
    Remove(u64),
}

/// What came of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Changed {
    /// It is in the log.
    Done,
    /// The message was that author's, and is gone.
    Removed(Arc<str>),
    /// There is no such message, or it was taken back before.
    NoMessage,
}

/// Who is told of it, on whatever thread knows first. It must not block.
pub(crate) type Told = Box<dyn FnOnce(Result<Changed, CommitError>) + Send>;

/// What a log knows beside what was said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct People {
    /// Whose names are whose.
    pub(crate) owned: Vec<Owned>,
    /// Who may not come in.
    pub(crate) bans: Vec<Ban>,
    /// Who is not to be heard, past times included.
    pub(crate) mutes: Vec<Mute>,
}
