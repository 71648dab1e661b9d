//! What a room that speaks the base says, and what follows from it; and what is told on the timeline in
//! either language. Knows all that the room is made of.

use chat_shared::Notice;
use chat_shared::notice::NameRefusal;

use super::naming::Reaction;
use super::{Delivery, Entry, Kind, Room};
use crate::link::{Moment, Order};

/// Why one cannot be called so.
const OWNED: &str = "this name belongs to somebody, or looks like one that does";
const OWNED_IN_PLAIN_TEXT: &str = "this name belongs to somebody, or looks like one that does; in plain text you cannot show that it is yours";

impl Room {
    /// There is a connection to a server that speaks only the base.
    pub(super) fn connected_in_base(&mut self, at: Moment) -> Vec<Order> {
        self.full = false;
        self.posts.broke();
        self.outbox.connected(at.steady);
        self.move_to_lines();
        self.tell_connected(at);
        self.hand_out(at)
    }

    pub(super) fn said(&mut self, from: String, text: String, at: Moment) {
        match self.outbox.heard(&from, &text, &self.naming.name, at.steady) {
            Some(entry) => self.refresh(&[entry]),
            None => self.add(at, Kind::Said { by: from, text }),
        }
    }

    pub(super) fn notice(&mut self, notice: String, at: Moment) -> Vec<Order> {
        if let Some((why, still)) = Notice::read_name_refused(&notice) {
            let (why, still) = (why.to_owned(), still.to_owned());
            self.outbox.refused(&still);
            return self.name_refused(&why, &still, at);
        }
        if let Some(rate) = Notice::read_too_fast(&notice) {
            self.outbox.slow_down(rate, at.steady);
        }
        match Notice::read_registered(&notice) {
            // The key that the server would have us keep is kept already.
            Some(name) => self.status(at, &format!("{name} is yours now: this computer keeps its key.")),
            None => self.add(at, Kind::Notice(notice)),
        }
        Vec::new()
    }

    /// A name was refused; we are still called by another. Where the person is asked what to do, that tells
    /// of it, and nothing else does.
    pub(super) fn name_refused(&mut self, why: &str, still: &str, at: Moment) -> Vec<Order> {
        // What is said to people who type lines themselves helps nobody here.
        let why = match why == NameRefusal::Owned.to_string() {
            true if self.open => OWNED_IN_PLAIN_TEXT,
            true => OWNED,
            false => why,
        };
        match self.naming.was_refused(why, still, at.steady) {
            Reaction::Ask(orders) => return orders,
            Reaction::Patience { first: true } => {
                let (wanted, name) = (&self.naming.wanted, &self.naming.name);
                let words = format!(
                    "The lost connection still holds your name {wanted}. You are {name} until it is free."
                );
                self.status(at, &words);
            }
            Reaction::Patience { first: false } => {}
        }
        Vec::new()
    }

    pub(super) fn unreadable(&mut self, why: &str, at: Moment) {
        let words = format!("The server sent something that could not be read: {why}.");
        // A server of another kind may send nothing else; once is enough to know.
        if self.timeline.last_settled().is_none_or(|last| last.text() != words) {
            self.status(at, &words);
        }
    }

    /// Tells that there is a connection, and then what had to wait for that: once for each connection.
    pub(super) fn tell_connected(&mut self, at: Moment) {
        if std::mem::replace(&mut self.told, self.link) != self.link {
            self.status(at, if self.met { "Connected again." } else { "Connected." });
            self.met = true;
        }
        self.release();
    }

    /// What was held back stands where we have come to by now.
    pub(super) fn release(&mut self) {
        for (at, kind) in std::mem::take(&mut self.held_back) {
            self.push(at, kind);
        }
    }

    pub(super) fn status(&mut self, at: Moment, words: &str) {
        self.add(at, Kind::Status(words.to_owned()));
    }

    pub(super) fn add(&mut self, at: Moment, kind: Kind) {
        let catching_up = self.full && self.link.is_some() && !self.history.is_live();
        if catching_up {
            self.held_back.push((at.wall, kind));
        } else {
            self.push(at.wall, kind);
        }
    }

    fn push(&mut self, at: i64, kind: Kind) {
        let is_said = matches!(kind, Kind::Said { .. });
        self.timeline.push(at, kind);
        if is_said {
            self.heard_last();
        }
    }

    /// Shows how far these entries of the outbox got by now.
    pub(super) fn refresh(&mut self, entries: &[u64]) {
        for &number in entries {
            self.set_delivery(number, self.outbox.delivery(number));
        }
    }

    pub(super) fn set_delivery(&mut self, number: u64, now: Delivery) {
        if let Some(Entry { kind: Kind::Own { delivery, .. }, .. }) = self.timeline.get_mut(number) {
            *delivery = now;
        }
    }
}
