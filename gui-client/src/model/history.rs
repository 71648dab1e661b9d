//! How much of the room's log we have: what to ask for, and what an answer means. Knows ids and logs; the
//! messages themselves stand in the timeline, or among what a search has found.

#[cfg(test)]
mod tests;
mod wants;

use chat_shared::{History as Asked, MessageId, RoomId};

use super::asks::{Ask, Asks};
use super::known::Known;
use crate::link::Order;

/// So many messages are asked for at once.
pub(super) const PAGE: usize = 100;

/// So many are searched for: as many as a server gives.
pub(super) const FOUND: usize = chat_shared::limits::MAX_HISTORY;

/// What we have of the log.
#[derive(Debug, Default)]
pub(super) struct History {
    /// Up to where all of which log is known.
    known: Option<(RoomId, MessageId)>,
    /// The log that this run has met last, which is that of this connection if there is one.
    room: Option<RoomId>,
    /// There is a connection.
    connected: bool,
    /// This run has shown the log from some message on.
    shown: bool,
    /// What was asked for when the connection came about, until it is answered.
    catching_up: Option<Asked>,
    /// The newest message of the answer that is still coming.
    page: Option<MessageId>,
    /// What was known when the program began.
    before: Option<MessageId>,
    /// What of the log is in the timeline.
    ranges: Known,
    asks: Asks,
}

/// What a message of the history belongs to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Belongs {
    /// What was said.
    Log,
    /// What a search for these words has found.
    Search(String),
}

/// What an answer that has ended means.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Ended {
    /// We have caught up with what is said.
    pub(super) caught_up: bool,
    /// The log is known from its beginning on, and was not before.
    pub(super) beginning: bool,
    /// All that is found of these words has come.
    pub(super) found: Option<String>,
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
        // Half an answer shows what it has, and counts as nothing known: what is shown may be of another log.
        let before = self.room.replace(room).or(self.known.map(|(known, _)| known));
        let found = if before.is_none_or(|before| before == room) { Found::Same } else { Found::Other };
        (self.connected, self.page) = (true, None);
        if found == Found::Other {
            (self.shown, self.before) = (false, None);
            self.ranges.clear();
            self.asks.clear();
        }
        let (asked, order) = match self.known {
            Some((known, id)) if known == room && self.shown => {
                self.page = Some(id);
                (Asked::After, Order::After { link, room, id })
            }
            _ => (Asked::Last, Order::Last { link, n: PAGE }),
        };
        self.catching_up = Some(asked);
        (found, order)
    }

    /// The connection is gone.
    pub(super) fn broke(&mut self) {
        (self.connected, self.catching_up, self.page) = (false, None, None);
        self.asks.broke();
    }

    /// All up to now is known, and what is said comes as it is said.
    pub(super) fn is_live(&self) -> bool {
        self.connected && self.catching_up.is_none()
    }

    /// A message came live, or one of ours was confirmed.
    pub(super) fn live(&mut self, id: MessageId) {
        self.ranges.add(id, id);
        // Before the log is caught up with, what lies between is still to come.
        if let (true, Some((_, last))) = (self.is_live(), &mut self.known) {
            self.ranges.add(*last, id);
            *last = (*last).max(id);
        }
    }

    /// A message of the history came. Gives what it belongs to.
    pub(super) fn past(&mut self, id: MessageId) -> Belongs {
        if let (None, Some(Ask::Search(words))) = (self.catching_up, self.asks.out()) {
            return Belongs::Search(words.clone());
        }
        // Answers come in the order of ids, and leave nothing out.
        self.ranges.add(self.page.unwrap_or(id), id);
        self.page = Some(id);
        // Half a first page has an end, but no beginning that is known: it counts once it is whole.
        if let (Some(Asked::After), Some((_, last))) = (self.catching_up, &mut self.known) {
            *last = (*last).max(id);
        }
        Belongs::Log
    }

    /// A message was taken back. Where an answer is on its way, it may stand there in the message's place.
    pub(super) fn removed(&mut self, id: MessageId) {
        match (self.catching_up, self.asks.out()) {
            // Nothing is said live before that is answered.
            (Some(_), _) if self.page.is_none_or(|page| page < id) => drop(self.past(id)),
            // Not as far as an answer has come: it may be one that was said long ago, and taken back just now.
            (None, Some(Ask::Before(_))) => self.ranges.add(id, id),
            _ => {}
        }
    }

    /// An answer has ended.
    pub(super) fn end(&mut self, history: Asked, more: bool) -> Ended {
        let was_whole = self.is_from_beginning();
        let mut ended = Ended::default();
        if self.catching_up == Some(history) {
            if history == Asked::Last {
                let newest = self.page.unwrap_or(0);
                self.known = self.room.map(|room| (room, newest));
                self.shown = true;
                if !more {
                    self.ranges.add(0, newest);
                }
            }
            self.catching_up = None;
            ended.caught_up = true;
        } else {
            match self.asks.end(history) {
                Some(Ask::Before(id)) => {
                    let from = if more { self.page } else { Some(0) };
                    self.ranges.add(from.unwrap_or(id), id.saturating_sub(1));
                }
                Some(Ask::Search(words)) => ended.found = Some(words),
                None => {}
            }
        }
        self.page = None;
        ended.beginning = !was_whole && self.is_from_beginning();
        ended
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
        match missing {
            // What follows is all there is of it, or all that is not shown already.
            Missing::Log | Missing::Newest => {
                self.ranges.clear();
                self.asks.clear();
                self.ranges.add(0, before);
            }
            // What is no longer kept cannot be asked for.
            Missing::Before(_) => self.ranges.add(*last, before),
            Missing::Nothing => {}
        }
        (*known, *last) = (room, before);
        (self.room, self.page) = (Some(room), Some(before));
        missing
    }

    /// Whether all from the log's beginning on is known.
    fn is_from_beginning(&self) -> bool {
        self.ranges.first() == Some(0)
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
