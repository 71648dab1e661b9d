//! How much of the room's log we have: what to ask for, and what an answer means. Knows ids and logs; the
//! messages themselves stand in the timeline.

#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use chat_shared::{History as Asked, MessageId, RoomId};

use crate::link::Order;

/// So many messages are asked for at once.
pub(super) const PAGE: usize = 100;

/// How long a server that cannot give older messages now is left alone.
const PATIENCE: Duration = Duration::from_secs(2);

/// What we have of the log.
#[derive(Debug, Default)]
pub(super) struct History {
    /// Up to where all of which log is known.
    known: Option<(RoomId, MessageId)>,
    /// The log of this connection.
    room: Option<RoomId>,
    /// This run has shown the log from some message on.
    shown: bool,
    /// What was asked for when the connection came about, until it is answered.
    catching_up: Option<Asked>,
    /// The newest message of a page that is still coming.
    page: MessageId,
    /// What was known when the program began.
    before: Option<MessageId>,
    older: Older,
}

/// What is older than all that is shown.
#[derive(Debug, Default)]
struct Older {
    /// There is some.
    more: bool,
    /// It was asked for.
    asked: bool,
    /// Not before then.
    not_before: Option<Instant>,
}

/// What a connection finds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The log that we know, or the first one ever.
    Same,
    /// Another log than the one we know.
    Other,
}

/// What is missing.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// Nothing.
    Nothing,
    /// What came before this message is no longer kept.
    Before(MessageId),
    /// The log is another one.
    Log,
    /// The log has lost its newest messages, and gives their numbers to others.
    Newest,
}

impl History {
    pub(super) fn new(known: Option<(RoomId, MessageId)>) -> Self {
        Self { known, before: known.map(|(_, id)| id), ..Self::default() }
    }

    /// Up to where all of which log is known.
    pub(super) fn known(&self) -> Option<(RoomId, MessageId)> {
        self.known
    }

    /// There is a connection to a server with this log. Gives what to ask it.
    pub(super) fn welcomed(&mut self, room: RoomId, link: u64) -> (Found, Order) {
        self.room = Some(room);
        self.page = 0;
        self.older.asked = false;
        let (found, known) = match self.known {
            Some((known, id)) if known == room => (Found::Same, self.shown.then_some(id)),
            Some(_) => (Found::Other, None),
            None => (Found::Same, None),
        };
        if found == Found::Other {
            (self.shown, self.before) = (false, None);
        }
        let (asked, order) = match known {
            Some(id) => (Asked::After, Order::After { link, room, id }),
            None => (Asked::Last, Order::Last { link, n: PAGE }),
        };
        self.catching_up = Some(asked);
        (found, order)
    }

    /// The connection is gone.
    pub(super) fn broke(&mut self) {
        (self.room, self.catching_up) = (None, None);
        self.older.asked = false;
    }

    /// All up to now is known, and what is said comes as it is said.
    pub(super) fn is_live(&self) -> bool {
        self.room.is_some() && self.catching_up.is_none()
    }

    /// A message came live, or one of ours was confirmed.
    pub(super) fn live(&mut self, id: MessageId) {
        // Before the log is caught up with, what lies between is still to come.
        if let (true, Some((_, last))) = (self.is_live(), &mut self.known) {
            *last = (*last).max(id);
        }
    }

    /// A message of the history came.
    pub(super) fn past(&mut self, id: MessageId) {
        match (self.catching_up, &mut self.known) {
            (Some(Asked::After), Some((_, last))) => *last = (*last).max(id),
            // Half a page has an end, but no beginning that is known: it counts once it is whole.
            (Some(Asked::Last), _) => self.page = self.page.max(id),
            _ => {}
        }
    }

    /// An answer has ended. Gives whether we have caught up by that.
    pub(super) fn end(&mut self, history: Asked, more: bool) -> bool {
        match history {
            Asked::Before => {
                self.older.asked = false;
                self.older.more = more;
            }
            Asked::Last if self.catching_up == Some(Asked::Last) => {
                self.older.more = more;
                self.known = self.room.map(|room| (room, self.page));
                self.shown = true;
            }
            _ => {}
        }
        let caught_up = self.catching_up == Some(history);
        if caught_up {
            self.catching_up = None;
        }
        caught_up
    }

    /// The log cannot give all that was asked for; what follows begins with this message.
    pub(super) fn gap(&mut self, room: RoomId, id: MessageId) -> Missing {
        let (Some(Asked::After), Some((known, last))) = (self.catching_up, &mut self.known) else {
            return Missing::Nothing;
        };
        let before = id.saturating_sub(1);
        let missing = if *known != room {
            Missing::Log
        } else if id <= *last {
            Missing::Newest
        } else if before == *last {
            Missing::Nothing
        } else {
            Missing::Before(id)
        };
        (*known, *last) = (room, before);
        if matches!(missing, Missing::Log | Missing::Newest) {
            // What follows is all there is of it, or all that is not shown already.
            self.older.more = false;
        }
        missing
    }

    /// Whether there is more to ask for, and nobody has asked.
    pub(super) fn can_ask_older(&self, now: Instant) -> bool {
        let Older { more, asked, not_before } = self.older;
        self.is_live() && more && !asked && not_before.is_none_or(|until| now >= until)
    }

    /// Asks for what is older than this message, if there is more and nobody has asked.
    pub(super) fn ask_older(&mut self, oldest: MessageId, link: u64, now: Instant) -> Option<Order> {
        if !self.can_ask_older(now) {
            return None;
        }
        self.older.asked = true;
        self.older.not_before = None;
        Some(Order::Before { link, id: oldest, n: PAGE })
    }

    /// The server cannot do something now. Gives whether that was to answer us.
    pub(super) fn busy(&mut self, now: Instant) -> bool {
        if self.older.asked {
            self.older = Older { asked: false, not_before: Some(now + PATIENCE), ..self.older };
            return true;
        }
        false
    }

    /// When older messages can be asked for again, if the server was busy.
    pub(super) fn due(&self, now: Instant) -> Option<Instant> {
        self.older.not_before.filter(|&until| until > now)
    }

    /// Where the news begin since the program was used last, once both sides of that place are shown: the
    /// last message from before. Given once.
    pub(super) fn news_after(&mut self, oldest: MessageId, newest: MessageId) -> Option<MessageId> {
        let before = self.before?;
        if newest <= before {
            self.before = None;
            return None;
        }
        (oldest <= before).then(|| self.before.take()).flatten()
    }
}
