//! What happened in the room in one turn, in its order, before anybody is told: the turn is told only once
//! its messages are stored. Knows neither lines nor who gets to read what.

use std::net::IpAddr;
use std::sync::Arc;

use chat_shared::{History, MessageId, Notice, SessionId, Txn};

use crate::batch::MemberId;
use crate::history::Errand;
use crate::log::{Change, Draft};
use crate::wish::{Trial, Wish};

/// What happened since the last turn.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    /// In the order in which everybody shall see it.
    pub(crate) items: Vec<Item>,
    /// The messages among it, in their order.
    pub(crate) drafts: Vec<Draft>,
    /// Keys that are to be looked at.
    pub(crate) trials: Vec<Trial>,
    /// Members whose keys have been, or are not to be: what they say next is heard.
    pub(crate) tried: Vec<MemberId>,
    /// What is to be stored before it happens.
    pub(crate) wishes: Vec<(Wish, Change)>,
    /// The addresses that are not to be let in, if they are others than before.
    pub(crate) banned: Option<Vec<IpAddr>>,
}

impl Turn {
    /// Whether there is nothing to be done of it.
    pub(super) fn is_empty(&self) -> bool {
        let Self { items, drafts, trials, tried, wishes, banned } = self;
        items.is_empty()
            && drafts.is_empty()
            && trials.is_empty()
            && tried.is_empty()
            && wishes.is_empty()
            && banned.is_none()
    }
}

/// One thing that happened.
#[derive(Debug)]
pub(crate) enum Item {
    /// Somebody came, and hears what is said from here on.
    Joined(MemberId),
    /// Somebody went.
    Left(MemberId),
    /// The next of [`Turn::drafts`] was said.
    Said {
        /// By whom.
        author: MemberId,
        /// As which message of its session, if as one.
        txn: Option<(SessionId, Txn)>,
    },
    /// One member is told something, each in its language.
    Tell(MemberId, Notice),
    /// One member that has opted in gets this line.
    Line(MemberId, String),
    /// Everybody is told something.
    TellAll(Notice),
    /// All who have opted in get this line, but for one.
    News(String, Option<MemberId>),
    /// A message was taken back.
    Removed(MessageId),
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
