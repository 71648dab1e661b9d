//! The room as one person sees it: what was said, who we are, how the connection stands, and what is
//! still to be sent. Pure: events and commands come in, orders go out, and the time comes along as an
//! argument. Knows neither egui nor sockets.
//!
//! | module | what it holds |
//! |---|---|
//! | `entry` | [`Timeline`]: the entries, and how many are kept |
//! | `draft` | from a draft to lines |
//! | `outbox` | the own lines whose fate is open |
//! | `naming` | what we are called, and refusals |

mod draft;
mod entry;
mod naming;
mod outbox;
#[cfg(test)]
mod tests;

use std::time::Instant;

use chat_shared::{Name, Notice};

use crate::link::{Event, Line, Moment, News, Order};
pub use draft::DraftError;
pub use entry::{Delivery, Entry, Kind, MAX_ENTRIES, Timeline};
pub use naming::Refused;
use naming::{Naming, Reaction};
use outbox::{MAX_WAITING, Outbox};

/// How the connection stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Connection {
    /// An attempt is under way.
    Connecting {
        /// Why the one before failed or the connection broke, if there was one.
        why: Option<String>,
    },
    /// Everything said goes out, as fast as one may speak.
    Online,
    /// There is none.
    Offline {
        /// Why, in words, without a full stop.
        why: String,
        /// When the next attempt begins.
        retry_at: Instant,
    },
}

/// A room as one person sees it.
#[derive(Debug)]
pub struct Room {
    timeline: Timeline,
    outbox: Outbox,
    naming: Naming,
    connection: Connection,
    /// The number of the connection, while there is one.
    link: Option<u64>,
    /// There was a connection before.
    met: bool,
}

impl Room {
    /// A room that we are about to enter under this name.
    pub fn new(name: Name) -> Self {
        Self {
            timeline: Timeline::default(),
            outbox: Outbox::default(),
            naming: Naming::new(name),
            connection: Connection::Connecting { why: None },
            link: None,
            met: false,
        }
    }

    /// What was said, oldest first.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// How the connection stands.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// What we are called, as far as we know.
    pub fn name(&self) -> &str {
        &self.naming.name
    }

    /// The name to ask for when we enter the next time.
    pub fn wanted_name(&self) -> &Name {
        &self.naming.wanted
    }

    /// The name that was refused, until another is asked for or [`Room::keep_name`].
    pub fn refused(&self) -> Option<&Refused> {
        self.naming.refused.as_ref()
    }

    /// How many own lines wait to be sent.
    pub fn waiting(&self) -> usize {
        self.outbox.waiting()
    }

    /// What was said and has surely not been sent, in lines: what to keep when the room is left now.
    pub fn unsent(&self) -> String {
        self.outbox.unsent().collect::<Vec<_>>().join("\n")
    }

    /// Something happened on the network.
    pub fn apply(&mut self, event: Event) -> Vec<Order> {
        let Event { at, news } = event;
        match news {
            News::Connecting => {
                let before = std::mem::replace(&mut self.connection, Connection::Online);
                let why = match before {
                    Connection::Offline { why, .. } => Some(why),
                    Connection::Connecting { why } => why,
                    Connection::Online => None,
                };
                self.connection = Connection::Connecting { why };
                Vec::new()
            }
            News::Connected { link } => {
                self.link = Some(link);
                self.connection = Connection::Online;
                self.naming.connected(at.steady);
                self.outbox.connected(at.steady);
                self.status(at, if self.met { "Connected again." } else { "Connected." });
                self.met = true;
                self.hand_out(at)
            }
            News::Lost { why, retry_in, doubt } => {
                if self.link.take().is_some() {
                    self.status(at, &format!("Connection lost: {why}."));
                    self.naming.broke();
                    let entries = self.outbox.broke(at.steady, doubt);
                    self.refresh(&entries);
                }
                self.connection = Connection::Offline { why, retry_at: at.steady + retry_in };
                Vec::new()
            }
            News::Sent { keys } => {
                let entries = self.outbox.written(&keys, at.steady);
                self.refresh(&entries);
                Vec::new()
            }
            News::Lines(lines) => {
                self.outbox.settle(at.steady);
                lines.into_iter().flat_map(|line| self.hear(line, at)).collect()
            }
        }
    }

    fn hear(&mut self, line: Line, at: Moment) -> Vec<Order> {
        match line {
            Line::Said { from, text } => {
                match self.outbox.heard(&from, &text, &self.naming.name, at.steady) {
                    Some(entry) => self.refresh(&[entry]),
                    None => self.add(at, Kind::Said { by: from, text }),
                }
            }
            Line::Notice(notice) => {
                if let Some((why, still)) = Notice::read_name_refused(&notice) {
                    self.outbox.refused(still);
                    match self.naming.was_refused(why, still, at.steady) {
                        Reaction::Tell(orders) => {
                            self.add(at, Kind::Notice(notice));
                            return orders;
                        }
                        Reaction::Patience { first: true } => {
                            let (wanted, name) = (&self.naming.wanted, &self.naming.name);
                            let words = format!(
                                "The lost connection still holds your name {wanted}. You are {name} until it is free."
                            );
                            self.status(at, &words);
                        }
                        Reaction::Patience { first: false } => {}
                    }
                } else {
                    if let Some(rate) = Notice::read_too_fast(&notice) {
                        self.outbox.slow_down(rate, at.steady);
                    }
                    self.add(at, Kind::Notice(notice));
                }
            }
            Line::Unreadable(why) => {
                let words = format!("The server sent something that could not be read: {why}.");
                // A server of another kind may send nothing else; once is enough to know.
                if self.timeline.last().is_none_or(|last| last.text() != words) {
                    self.status(at, &words);
                }
            }
        }
        Vec::new()
    }

    /// Does what has become due by `now`; see [`Room::next_tick`].
    pub fn tick(&mut self, now: Moment) -> Vec<Order> {
        if self.link.is_none() {
            return Vec::new();
        }
        let (is_back, order) = self.naming.tick(now.steady);
        if is_back {
            self.status(now, &format!("You are {} again.", self.naming.name));
        }
        let mut orders: Vec<_> = order.into_iter().collect();
        self.outbox.spend(orders.len());
        orders.extend(self.hand_out(now));
        orders
    }

    /// When [`Room::tick`] next has something to do.
    pub fn next_tick(&self) -> Option<Instant> {
        self.link?;
        [self.naming.next_tick(), self.outbox.due()].into_iter().flatten().min()
    }

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
        if self.outbox.waiting() + lines.len() > MAX_WAITING {
            return Err(DraftError::TooMuch(MAX_WAITING));
        }
        self.outbox.settle(now.steady);
        let by = self.naming.name.clone();
        let kind = Kind::Own { by, text, delivery: Delivery::Waiting };
        let entry = self.timeline.push(Entry { at: now.wall, kind });
        for line in lines {
            self.outbox.push(entry, line);
        }
        Ok(self.hand_out(now))
    }

    /// Asks for another name.
    pub fn rename(&mut self, name: Name, now: Moment) -> Vec<Order> {
        self.outbox.renamed(now.steady);
        vec![self.naming.rename(name)]
    }

    /// The person makes do with the name that the server gave.
    pub fn keep_name(&mut self) {
        self.naming.refused = None;
    }

    /// Sends an unsure message again.
    pub fn send_again(&mut self, entry: u64, now: Moment) -> Vec<Order> {
        self.outbox.send_again(entry);
        self.refresh(&[entry]);
        self.hand_out(now)
    }

    /// Takes an unsure message as sent.
    pub fn leave_it(&mut self, entry: u64) {
        self.outbox.leave(entry);
        self.refresh(&[entry]);
    }

    fn hand_out(&mut self, now: Moment) -> Vec<Order> {
        let Some(link) = self.link else { return Vec::new() };
        self.outbox.hand_out(link, &self.naming.name, now.steady)
    }

    fn add(&mut self, at: Moment, kind: Kind) {
        self.timeline.push(Entry { at: at.wall, kind });
    }

    fn status(&mut self, at: Moment, words: &str) {
        self.add(at, Kind::Status(words.to_owned()));
    }

    /// Shows how far these entries got by now.
    fn refresh(&mut self, entries: &[u64]) {
        for &number in entries {
            let now = self.outbox.delivery(number);
            if let Some(Entry { kind: Kind::Own { delivery, .. }, .. }) = self.timeline.get_mut(number) {
                *delivery = now;
            }
        }
    }
}
