//! One entry of the timeline: who says what, and how far it got. Knows nothing of the others.

use super::timeline::Place;

/// One entry of the timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number, which is its own for ever, wherever it stands.
    pub number: u64,
    /// When it was said, or happened, in milliseconds since 1970 UTC.
    pub at: i64,
    /// What it is.
    pub kind: Kind,
    pub(super) place: Place,
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Somebody else said something.
    Said {
        /// Who.
        by: String,
        /// What, in one line or several.
        text: String,
    },
    /// We said something.
    Own {
        /// The name we bore.
        by: String,
        /// What, in one line or several.
        text: String,
        /// How far it got.
        delivery: Delivery,
    },
    /// The server itself said something.
    Notice(String),
    /// This program has something to tell about the connection or the room.
    Status(String),
    /// Something is missing here.
    Gap(String),
    /// Messages are missing here that can be asked for.
    Hole,
}

/// What stands where messages are missing that can be asked for.
const HOLE: &str = "The messages in between are not loaded.";

/// How far an own message got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// It waits to be sent, or for the server to confirm it.
    Waiting,
    /// It was sent.
    Sent,
    /// It was sent shortly before the connection broke, and may not have arrived.
    Unsure,
    /// The server did not take it.
    Refused,
}

impl Entry {
    /// Who wrote it, unless it is the server's or this program's.
    pub fn author(&self) -> Option<&str> {
        match &self.kind {
            Kind::Said { by, .. } | Kind::Own { by, .. } => Some(by),
            Kind::Notice(_) | Kind::Status(_) | Kind::Gap(_) | Kind::Hole => None,
        }
    }

    /// What it says.
    pub fn text(&self) -> &str {
        match &self.kind {
            Kind::Said { text, .. }
            | Kind::Own { text, .. }
            | Kind::Notice(text)
            | Kind::Status(text)
            | Kind::Gap(text) => text,
            Kind::Hole => HOLE,
        }
    }

    /// Whether we wrote it.
    pub fn is_own(&self) -> bool {
        matches!(self.kind, Kind::Own { .. })
    }

    /// Its number in the room's log, once that is known.
    pub fn id(&self) -> Option<chat_shared::MessageId> {
        self.place.message_id()
    }
}
