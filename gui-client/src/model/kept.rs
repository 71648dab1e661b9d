//! What must outlive the program, so that a message is sent once and nothing goes missing. Plain values; knows
//! neither files nor the session's secret.

use chat_shared::{MessageId, Name, RoomId, Txn};

/// What must outlive the program, of one room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The session that was spoken for last is that of sealed connections.
    pub sealed: bool,
    /// The number of that session's next message.
    pub next_txn: Txn,
    /// Up to where all of which log is known, if the room speaks the full language.
    pub known: Option<(RoomId, MessageId)>,
    /// Its messages that are not known to be in the log, in their order.
    pub posts: Vec<KeptPost>,
    /// The same of the other session.
    pub other: Queue,
    /// The names under which messages of that log are ours, whichever run said them: few.
    pub names: Vec<KeptName>,
}

/// What one session has yet to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// The number of its next message.
    pub next_txn: Txn,
    /// Its messages that are not known to be in the log, in their order.
    pub posts: Vec<KeptPost>,
}

impl Kept {
    /// Whether nothing waits to be sent.
    pub fn is_idle(&self) -> bool {
        self.posts.is_empty() && self.other.posts.is_empty()
    }
}

/// A name that the server keeps for us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptName {
    /// The name.
    pub name: Name,
    /// From this message on, what is said under it is ours.
    pub since: MessageId,
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
        let Queue { next_txn, posts } = Queue::default();
        Self { sealed: false, next_txn, known: None, posts, other: Queue::default(), names: Vec::new() }
    }
}

impl Default for Queue {
    fn default() -> Self {
        Self { next_txn: 1, posts: Vec::new() }
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
