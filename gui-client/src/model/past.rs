//! What the person wants to see of what was said before: older messages, those that are missing in between,
//! and those with certain words. Knows all that the room is made of; how an answer is read is decided where
//! the language is.

use std::time::{Duration, Instant};

use chat_shared::Query;

use super::finds::{Finds, Log};
use super::{Room, Spot, history};
use crate::link::{Message, Moment, Order};

/// Whoever types goes on typing: the server is asked once the words have been there for so long.
const TYPING: Duration = Duration::from_millis(250);

impl Room {
    /// Whether older messages are to be had.
    pub fn can_show_older(&self) -> bool {
        self.history.can_ask_older()
    }

    /// Whether messages that are missing in between can be had.
    pub fn can_fill(&self) -> bool {
        self.history.can_ask()
    }

    /// Whether the server keeps what is said, so that all of it can be searched.
    pub fn has_log(&self) -> bool {
        self.full
    }

    /// The person has come near the oldest message that is shown: asks for those before it.
    pub fn near_oldest(&mut self, now: Moment) -> Vec<Order> {
        self.history.forget(self.timeline.dropped());
        self.history.want_older();
        self.ask(now)
    }

    /// The person has come near the entry of this number, which says that messages are missing: asks for
    /// those that come right behind it, or right before.
    pub fn fill(&mut self, entry: u64, from_its_end: bool, now: Moment) -> Vec<Order> {
        if let Some(after) = self.timeline.hole(entry) {
            self.history.want_hole(after, from_its_end);
        }
        self.ask(now)
    }

    /// The person wants to see the message that belongs at this spot: asks for it and those around it, unless
    /// they are there.
    pub fn load_around(&mut self, spot: Spot, now: Moment) -> Vec<Order> {
        if let Some(id) = self.timeline.id_at(spot) {
            self.history.want_around(id);
        }
        self.ask(now)
    }

    /// Searches for messages with these words: in what is loaded, and where the server keeps a log, in all of
    /// that. For blank words, searches no more.
    pub fn search(&mut self, words: &str, now: Moment) {
        self.history.want_nothing_found();
        if words.trim().is_empty() {
            self.finds = None;
            return;
        }
        let log = match Query::parse(words) {
            Ok(_) => Log::Due(now.steady + TYPING),
            Err(error) => Log::Refused(error.to_string()),
        };
        let mut finds = Finds::new(words, log);
        finds.scan(&self.timeline);
        self.finds = Some(finds);
    }

    /// What the last search has found, while it is of interest.
    pub fn finds(&self) -> Option<&Finds> {
        self.finds.as_ref()
    }

    /// Goes on searching.
    pub(super) fn go_on_searching(&mut self, now: Instant) {
        let Some(finds) = &mut self.finds else { return };
        finds.scan(&self.timeline);
        if self.full && self.history.is_live() && finds.is_due(now) {
            self.history.want_found(finds.words());
            finds.asked();
        }
    }

    /// When [`Room::go_on_searching`] has something to do.
    pub(super) fn search_due(&self, now: Instant) -> Option<Instant> {
        let finds = self.finds.as_ref()?;
        let log = finds.due().filter(|_| self.full && self.history.is_live());
        if finds.is_scanning() { Some(now) } else { log }
    }

    /// The server has found this message.
    pub(super) fn found(&mut self, words: &str, message: Message) {
        if let Some(finds) = self.finds.as_mut().filter(|finds| finds.words() == words) {
            finds.add_from_log(self.timeline.spot_of(message.id), message);
        }
    }

    /// The server has found no more than that.
    pub(super) fn all_found(&mut self, words: &str, more: bool) {
        if let Some(finds) = self.finds.as_mut().filter(|finds| finds.words() == words) {
            finds.all_found(more);
        }
    }

    /// Asks for what is to be asked for by now.
    pub(super) fn ask(&mut self, now: Moment) -> Vec<Order> {
        let Some(link) = self.link else { return Vec::new() };
        let order = self.history.ask(link, now.steady);
        self.posts.spend(usize::from(order.is_some()));
        if let Some(Order::Before { id, .. }) = order
            && self.timeline.is_full(history::PAGE)
        {
            let gone = self.timeline.make_room(id);
            self.history.forget_between(&gone);
            self.show_holes();
        }
        order.into_iter().collect()
    }
}
