//! What must outlive the program, so that a message is sent once and nothing goes missing. Plain values; knows
//! neither files nor the session's secret.

use chat_shared::{MessageId, RoomId, Txn};

/// What must outlive the program, of one room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The number of the session's next message.
    pub next_txn: Txn,
    /// Up to where all of which log is known, if the room speaks the full language.
    pub known: Option<(RoomId, MessageId)>,
    /// The own messages that are not known to be in the log, in their order.
    pub posts: Vec<KeptPost>,
}

/// An own message that is not known to be in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPost {
    /// Its number in the session.
    pub txn: Txn,
    /// When it was said, in milliseconds since 1970 UTC.
    pub at: i64,
    /// The text.
    pub text: String,
}

impl Default for Kept {
    fn default() -> Self {
        Self { next_txn: 1, known: None, posts: Vec::new() }
    }
}

/// How often what is kept has changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Changes {
    /// In a way that must be kept before anything is sent.
    pub must: u64,
    /// In a way that the server would make good.
    pub may: u64,
}
