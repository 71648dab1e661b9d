//! What happened in the room in one turn, in its order, before anybody is told: the turn is told only once
//! its messages are stored. Knows neither lines nor who gets to read what.

use std::sync::Arc;

use chat_shared::{History, Notice, Txn};

use crate::batch::MemberId;
use crate::history::Errand;
use crate::log::Entry;

/// What happened since the last turn.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    /// In the order in which everybody shall see it.
    pub(crate) items: Vec<Item>,
    /// The messages among it, in the order of their ids.
    pub(crate) entries: Vec<Entry>,
}

/// One thing that happened.
#[derive(Debug)]
pub(crate) enum Item {
    /// Somebody came, and hears what is said from here on.
    Joined(MemberId),
    /// Somebody went.
    Left(MemberId),
    /// The next of [`Turn::entries`] was said.
    Said {
        /// By whom.
        author: MemberId,
        /// As which message of its session, if as one.
        txn: Option<Txn>,
    },
    /// One member is told something, each in its language.
    Tell(MemberId, Notice),
    /// One member that has opted in gets this line.
    Line(MemberId, String),
    /// Everybody is told something.
    TellAll(Notice),
    /// All who have opted in get this line, but for one.
    News(String, Option<MemberId>),
    /// A member has opted in, and hears no more of the base.
    OptedIn(MemberId),
    /// A member has all messages up to one, and wants to hear what is said live.
    CaughtUp(MemberId, CaughtUp),
    /// A member wants to know something that has to be looked up.
    Ask(MemberId, Errand),
}

/// How far a member has got that comes back, or is new.
#[derive(Debug)]
pub(crate) struct CaughtUp {
    /// Which of the two ways it came.
    pub(crate) history: History,
    /// The last message that it was given, or has.
    pub(crate) reached: u64,
    /// How many it was given.
    pub(crate) n: u64,
    /// Whether the log has older ones, of which it did not ask.
    pub(crate) more: bool,
    /// Who is here: whole lines.
    pub(crate) users: Arc<str>,
}
