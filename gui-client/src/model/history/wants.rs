//! What of the log is missing, and what of it is wanted; one thing after the other is asked for. Knows ids and
//! words; what the answers mean is decided beside it.

use std::ops::RangeInclusive;
use std::time::Instant;

use chat_shared::MessageId;

use super::{FOUND, History, PAGE};
use crate::link::Order;
use crate::model::asks::Ask;

impl History {
    /// What is missing in between: the last that is known before, and the first that is known after it.
    pub(in crate::model) fn holes(&self) -> impl Iterator<Item = (MessageId, MessageId)> {
        self.ranges.holes()
    }

    /// From this message on, all up to now is known.
    pub(in crate::model) fn reach(&self) -> Option<MessageId> {
        self.ranges.last_stretch()
    }

    /// What is up to this message is in the timeline no more; 0 for none.
    pub(in crate::model) fn forget(&mut self, upto: MessageId) {
        if upto > 0 {
            self.ranges.forget(upto);
        }
    }

    /// These are in the timeline no more.
    pub(in crate::model) fn forget_between(&mut self, gone: &RangeInclusive<MessageId>) {
        self.ranges.remove(*gone.start(), *gone.end());
    }

    /// Whether messages can be asked for, and nothing else is.
    pub(in crate::model) fn can_ask(&self) -> bool {
        self.is_live() && self.asks.is_free()
    }

    /// Whether there is something older than all that is shown, and it can be asked for.
    pub(in crate::model) fn can_ask_older(&self) -> bool {
        self.can_ask() && self.ranges.first().is_some_and(|first| first > 0)
    }

    /// What is older than all that is shown is wanted.
    pub(in crate::model) fn want_older(&mut self) {
        if let Some(first) = self.ranges.first().filter(|_| self.can_ask_older()) {
            self.asks.want(Ask::Before(first));
        }
    }

    /// What is missing right behind this message is wanted, or right before the next that is known.
    pub(in crate::model) fn want_hole(&mut self, after: MessageId, from_its_end: bool) {
        let hole = self.ranges.holes().find(|&(before, _)| before == after);
        if let Some((before, next)) = hole {
            let upto = if from_its_end { next } else { next.min(before.saturating_add(PAGE as u64 + 1)) };
            self.asks.want(Ask::Before(upto));
        }
    }

    /// This message and those around it are wanted.
    pub(in crate::model) fn want_around(&mut self, id: MessageId) {
        // What is newer than all that is known comes by itself.
        let newest = self.known.map_or(0, |(_, last)| last);
        if !self.ranges.has(id) && id <= newest {
            self.asks.want(Ask::Before(id.saturating_add(PAGE as u64 / 2 + 1).min(newest.saturating_add(1))));
        }
    }

    /// The newest messages with these words are wanted.
    pub(in crate::model) fn want_found(&mut self, words: &str) {
        self.asks.want(Ask::Search(words.to_owned()));
    }

    /// No words are searched for any more.
    pub(in crate::model) fn want_nothing_found(&mut self) {
        self.asks.want_no_search();
    }

    /// What is to be asked for by now.
    pub(in crate::model) fn ask(&mut self, link: u64, now: Instant) -> Option<Order> {
        if !self.is_live() {
            return None;
        }
        let ask = self.asks.take_due(now)?;
        self.page = None;
        Some(match ask {
            Ask::Before(id) => Order::Before { link, id, n: PAGE },
            Ask::Search(words) => Order::Search { link, n: FOUND, words },
        })
    }

    /// The server cannot do something now. Gives whether that was to answer us.
    pub(in crate::model) fn busy(&mut self, now: Instant) -> bool {
        self.asks.busy(now)
    }

    /// When something is to be asked for.
    pub(in crate::model) fn due(&self, now: Instant) -> Option<Instant> {
        self.asks.due(now).filter(|_| self.is_live())
    }
}
