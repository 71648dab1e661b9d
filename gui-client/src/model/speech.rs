//! What the person says and asks for: drafts become entries and go out in the language that the server
//! speaks. Knows all that the room is made of.

use chat_shared::Name;

use super::outbox::MAX_WAITING;
use super::{Delivery, DraftError, Entry, Kind, Outlook, Room, draft};
use crate::link::{Moment, Order};

impl Room {
    /// Says what was typed. It shows at once and goes out as soon as it can, in its turn. A draft with
    /// nothing visible in it is no message and does nothing.
    ///
    /// # Errors
    /// When it cannot be sent; nothing has changed then.
    pub fn say(&mut self, draft: &str, now: Moment) -> Result<Vec<Order>, DraftError> {
        let text = draft::tidy(draft);
        let lines = draft::lines(&text)?;
        if lines.is_empty() {
            return Ok(Vec::new());
        }
        if self.waiting() + lines.len() > MAX_WAITING {
            return Err(DraftError::TooMuch(MAX_WAITING));
        }
        if self.full {
            let bodies = draft::bodies(&text)?;
            self.unread.said();
            self.post(bodies, now.wall);
            return Ok(self.hand_out(now));
        }
        self.unread.said();
        self.outbox.settle(now.steady);
        let by = self.naming.name.clone();
        let kind = Kind::Own { by, text, delivery: Delivery::Waiting };
        let entry = match self.link {
            Some(_) => self.timeline.push(now.wall, kind),
            None => self.timeline.push_waiting(now.wall, kind),
        };
        for line in lines {
            self.outbox.push(entry, line);
        }
        Ok(self.hand_out(now))
    }

    /// How this draft would go out, were it sent now: in the base line by line.
    ///
    /// # Errors
    /// When it cannot be sent.
    pub fn outlook(&self, draft: &str) -> Result<Outlook, DraftError> {
        let text = draft::tidy(draft);
        let lines = draft::lines(&text)?;
        if self.waiting() + lines.len() > MAX_WAITING {
            return Err(DraftError::TooMuch(MAX_WAITING));
        }
        Ok(if self.full { Outlook::of(&draft::bodies(&text)?) } else { Outlook::of(&lines) })
    }

    /// Asks for another name.
    pub fn rename(&mut self, name: Name, now: Moment) -> Vec<Order> {
        self.outbox.renamed(now.steady);
        self.posts.spend(1);
        vec![self.naming.rename(name)]
    }

    /// The person makes do with the name that the server gave.
    pub fn keep_name(&mut self) {
        self.naming.keep();
    }

    /// Sends an unsure or refused message again.
    pub fn send_again(&mut self, entry: u64, now: Moment) -> Vec<Order> {
        if self.full {
            let mut lines = self.outbox.take_unsure(entry);
            if lines.is_empty() {
                // One that is on its way, or somebody else's, is not said once more.
                let open = |entry: &&Entry| {
                    let open = [Delivery::Unsure, Delivery::Refused];
                    matches!(entry.kind, Kind::Own { delivery, .. } if open.contains(&delivery))
                };
                let there = self.timeline.by_number(entry).filter(open);
                lines = there.and_then(|entry| draft::lines(entry.text()).ok()).unwrap_or_default();
            }
            self.repost(entry, &lines);
        } else {
            self.outbox.send_again(entry);
            self.refresh(&[entry]);
        }
        self.hand_out(now)
    }

    /// Takes an unsure message as sent.
    pub fn leave_it(&mut self, entry: u64) {
        self.outbox.leave(entry);
        self.refresh(&[entry]);
    }

    /// Says these as messages of the full language.
    fn post(&mut self, bodies: Vec<String>, at: i64) {
        for text in bodies {
            let by = self.naming.name.clone();
            let kind = Kind::Own { by, text: text.clone(), delivery: Delivery::Waiting };
            let entry = self.timeline.push_waiting(at, kind);
            self.posts.push(entry, text);
        }
        self.changes.must += 1;
    }

    /// These lines of an entry go out as messages of the full language: under the same entry if they are
    /// all of it.
    fn repost(&mut self, number: u64, lines: &[String]) {
        let Some(entry) = self.timeline.by_number(number) else { return };
        let (at, text) = (entry.at, entry.text().to_owned());
        let whole = draft::lines(&text).is_ok_and(|all| all == lines);
        let bodies = match whole {
            true => draft::bodies(&text),
            false => draft::bodies(&lines.join("\n")),
        };
        let bodies = bodies.unwrap_or_default();
        if let [body] = bodies.as_slice()
            && whole
        {
            self.set_delivery(number, Delivery::Waiting);
            self.timeline.set_waiting(number, true);
            self.posts.push(number, body.clone());
            self.changes.must += 1;
            return;
        }
        if whole {
            self.timeline.take(number);
        } else {
            self.refresh(&[number]);
        }
        self.post(bodies, at);
    }

    /// What waits to go out in lines of the base goes out as messages of the full language.
    pub(super) fn move_to_posts(&mut self) {
        for (entry, lines) in self.outbox.take_waiting() {
            self.repost(entry, &lines);
        }
    }

    /// What no server can have goes out in lines of the base. What one may have waits until that one is
    /// back: here nobody could tell it from its repetition.
    pub(super) fn move_to_lines(&mut self) {
        let unknown = self.posts.take_unknown();
        self.changes.must += u64::from(!unknown.is_empty());
        for (entry, text) in unknown {
            for line in draft::lines(&text).unwrap_or_default() {
                self.outbox.push(entry, line);
            }
        }
        for entry in self.outbox.entries() {
            self.timeline.set_waiting(entry, false);
        }
    }
}
