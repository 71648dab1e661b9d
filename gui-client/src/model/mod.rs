//! The room as one person sees it: what was said, who we are, how the connection stands, and what is
//! still to be sent. Pure: events and commands come in, orders go out, and the time comes along as an
//! argument. Knows neither egui nor sockets.
//!
//! | module | what it holds |
//! |---|---|
//! | `entry` | [`Entry`]: who says what |
//! | `timeline` | [`Timeline`]: the entries, in their order, and how many are kept |
//! | `draft` | from a draft to lines, or to messages of several |
//! | `tempo` | how fast own messages may go out |
//! | `outbox` | in the base: the own lines whose fate is open |
//! | `posts` | in the full language: the own messages that are not confirmed yet |
//! | `history` | how much of the room's log we have |
//! | `known` | which stretches of it |
//! | `asks` | what is asked of it, one question at a time |
//! | `finds` | [`Finds`]: what a search has found |
//! | `presence` | who is in the room |
//! | `unread` | what came while nobody looked |
//! | `kept` | [`Kept`]: what must outlive the program |
//! | `naming` | what we are called, and refusals |
//! | `ours` | [`Ours`]: which messages are ours, whichever run said them |
//! | `deeds` | what an admin does, and what becomes of it |
//! | `speech` | what the person says and asks for |
//! | `past` | what the person wants to see of what was said before |
//! | `events` | what the room does about what happens on the network |
//! | `base`, `full` | what the room does about each line, in either language |

mod asks;
mod base;
mod deeds;
mod draft;
mod entry;
mod events;
mod finds;
mod full;
mod history;
mod kept;
mod known;
mod naming;
mod ours;
mod outbox;
mod past;
mod posts;
mod presence;
mod speech;
mod tempo;
#[cfg(test)]
mod tests;
mod timeline;
mod unread;

use std::time::Instant;

use chat_shared::{Name, Txn};

use crate::address::Address;
use crate::link::{Moment, Order, Question};
pub use draft::{DraftError, Outlook};
pub use entry::{Delivery, Entry, Kind};
pub use finds::{Finds, Hit, Log};
use history::History;
pub use kept::{Changes, Kept, KeptName, KeptPost, Queue};
use naming::Naming;
pub use naming::Refused;
pub use ours::{MAX_NAMES, Ours};
use outbox::Outbox;
use posts::Posts;
use presence::{Passage, Presence};
pub use timeline::{MAX_ENTRIES, Spot, Timeline};
pub use unread::{Calls, Eyes, Tally, Unread};

/// How the connection stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Connection {
    /// An attempt is under way.
    Connecting {
        /// Why the one before failed or the connection broke, if there was one.
        why: Option<String>,
        /// Where, when the room has several addresses.
        address: Option<Address>,
        /// Since when, through all of its addresses; `None` before anything was tried.
        since: Option<Instant>,
    },
    /// The room's password was given, and the server has yet to say what it thinks of it.
    CheckingPassword {
        /// Since when.
        since: Instant,
    },
    /// Everything said goes out, as fast as one may speak.
    Online,
    /// There is none before the person has answered.
    Asking(Question),
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
    /// What goes out in the base.
    outbox: Outbox,
    /// What goes out in the full language.
    posts: Posts,
    history: History,
    /// What the last search has found, while it is of interest.
    finds: Option<Finds>,
    presence: Presence,
    /// Who came and went last.
    passage: Option<Passage>,
    naming: Naming,
    ours: Ours,
    connection: Connection,
    /// The number of the connection, while there is one.
    link: Option<u64>,
    /// There was a connection before.
    met: bool,
    /// The connection of which the person was told.
    told: Option<u64>,
    /// The server speaks the full language, or did when it last spoke.
    full: bool,
    /// What is to be told once the log is caught up with, which it comes after.
    held_back: Vec<(i64, Kind)>,
    changes: Changes,
    unread: Unread,
    calls: Calls,
    /// The server has said that we may send others out.
    admin: bool,
    /// Others on the way can read what is said on this connection.
    open: bool,
}

impl Room {
    /// A room that we are about to enter under this name, with what was kept of it.
    pub fn new(name: Name, kept: Kept) -> Self {
        let mut room = Self {
            timeline: Timeline::default(),
            outbox: Outbox::default(),
            posts: Posts::new(kept.sealed, kept.next_txn, kept.other.next_txn),
            full: kept.known.is_some(),
            history: History::new(kept.known),
            finds: None,
            presence: Presence::default(),
            passage: None,
            naming: Naming::new(name),
            ours: Ours::new(kept.names),
            connection: Connection::Connecting { why: None, address: None, since: None },
            link: None,
            met: false,
            told: None,
            held_back: Vec::new(),
            changes: Changes::default(),
            unread: Unread::default(),
            calls: Calls::default(),
            admin: false,
            open: false,
        };
        let of_last = kept.posts.into_iter().map(|post| (post, true));
        for (KeptPost { txn, at, text }, is_of_last) in
            kept.other.posts.into_iter().map(|post| (post, false)).chain(of_last)
        {
            let by = room.naming.name.clone();
            let kind = Kind::Own { by, text: text.clone(), delivery: Delivery::Waiting };
            let entry = room.timeline.push_waiting(at, kind);
            room.posts.restore(is_of_last, txn, entry, text);
        }
        room
    }

    /// What must outlive the program.
    pub fn kept(&self) -> Kept {
        let keep = |(txn, entry, text): (Txn, u64, &str)| KeptPost {
            txn,
            at: self.timeline.by_number(entry).map_or(0, |entry| entry.at),
            text: text.to_owned(),
        };
        let (posts, parked) = (self.posts.all().map(keep).collect(), self.posts.parked().map(keep).collect());
        let (next_txn, other_txn) = self.posts.next_txns();
        Kept {
            sealed: self.posts.is_sealed(),
            next_txn,
            posts,
            other: Queue { next_txn: other_txn, posts: parked },
            known: self.history.known(),
            names: self.ours.kept(self.timeline.place_of(0)),
        }
    }

    /// Whether these words are a message that is [kept](Room::kept).
    pub fn is_kept(&self, words: &str) -> bool {
        let words = draft::tidy(words);
        self.posts.all().chain(self.posts.parked()).any(|(_, _, text)| text == words)
    }

    /// How often [`Room::kept`] has changed.
    pub fn changes(&self) -> Changes {
        self.changes
    }

    /// What was said, oldest first.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// How the connection stands.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Whether there is a connection, and others on the way can read what is said on it.
    pub fn is_in_plain_text(&self) -> bool {
        self.open && self.link.is_some()
    }

    /// Whether there was a connection.
    pub fn was_reached(&self) -> bool {
        self.met || self.link.is_some()
    }

    /// What the person has to decide before there is a connection.
    pub fn question(&self) -> Option<&Question> {
        match &self.connection {
            Connection::Asking(question) => Some(question),
            _ => None,
        }
    }

    /// What we are called, as far as we know.
    pub fn name(&self) -> &str {
        &self.naming.name
    }

    /// Whether the server keeps that name for us.
    pub fn name_is_own(&self) -> bool {
        self.naming.is_own()
    }

    /// Which messages are ours.
    pub fn ours(&self) -> &Ours {
        &self.ours
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
        self.outbox.waiting() + self.posts.lines()
    }

    /// Whether all that waits goes out when the room is entered again, should the program end before: as it does
    /// where the server is known to tell a message from its repetition. What does not is [a draft](Room::unsent)
    /// then.
    pub fn keeps_waiting(&self) -> bool {
        self.outbox.waiting() == 0
    }

    /// What was said and has surely not been sent, in lines: what to write anew when the room is left now.
    /// It holds nothing of what is [kept](Room::kept).
    pub fn unsent(&self) -> String {
        self.outbox.unsent().collect::<Vec<_>>().join("\n")
    }

    /// Does what has become due by `now`; see [`Room::next_tick`].
    pub fn tick(&mut self, now: Moment) -> Vec<Order> {
        self.go_on_searching(now.steady);
        if self.link.is_none() {
            return Vec::new();
        }
        let (is_back, order) = self.naming.tick(now.steady);
        if is_back {
            self.status(now, &format!("You are {} again.", self.naming.name));
        }
        let mut orders: Vec<_> = order.into_iter().collect();
        self.outbox.spend(orders.len());
        self.posts.spend(orders.len());
        orders.extend(self.hand_out(now));
        orders.extend(self.ask(now));
        orders
    }

    /// When [`Room::tick`] next has something to do.
    pub fn next_tick(&self, now: Instant) -> Option<Instant> {
        let search = self.search_due(now);
        if self.link.is_none() {
            return search;
        }
        let due =
            [self.naming.next_tick(), self.outbox.due(), self.posts.due(), self.history.due(now), search];
        due.into_iter().flatten().min()
    }

    fn hand_out(&mut self, now: Moment) -> Vec<Order> {
        let Some(link) = self.link else { return Vec::new() };
        let mut orders = self.posts.hand_out(link, now.steady);
        orders.extend(self.outbox.hand_out(link, &self.naming.name, now.steady));
        orders
    }
}
