//! What reaches the sequencer: the one place where doors, sessions and shards meet. Knows nothing of
//! what becomes of it.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_channel::Sender;
use chat_shared::History;
use smol::lock::SemaphoreGuardArc;

use crate::batch::MemberId;
use crate::intake::{LINE, Request};
use crate::keys::Outcome;
use crate::log::Changed;
use crate::quota::Seat;
use crate::wire::Wire;
use crate::wish::{Ticket, Wish};

/// What doors, sessions and shards put into the inbox. What is rare is boxed: every session has room for one.
pub(crate) enum Event {
    /// Somebody came.
    Join(MemberId, Box<Newcomer>),
    /// Somebody asks for something.
    Piece(MemberId, Piece),
    /// Somebody's question about the past has been answered.
    Answered(MemberId, Answer),
    /// A key that somebody has said has been looked at.
    Tried(Ticket, Outcome),
    /// Something has been stored, or could not be: `None`.
    Changed(Box<Wish>, Option<Changed>),
    /// Somebody has nothing more to ask, or has been disconnected.
    Leave(MemberId),
}

/// What one member asks for in one go. It hands in the next piece only when this one is on its way: so a
/// flood waits with who makes it, and nobody's message behind more than one piece of each other member.
#[derive(Debug)]
pub(crate) struct Piece {
    /// In the order of their lines.
    pub(crate) requests: Vec<Request>,
    /// What they cost, as [`crate::intake::Digest::cost`] counts it.
    pub(crate) cost: usize,
    /// Its other end closes when this is dropped.
    pub(crate) waits: Option<Sender<Infallible>>,
    /// The last request says a key: the same when that has been looked at.
    pub(crate) key: Option<Sender<Infallible>>,
}

/// How much each piece may have, in bytes, so that the next batch has room for one of everybody who speaks.
/// The sequencer tells, the sessions ask.
#[derive(Debug, Clone)]
pub(crate) struct Ration(Arc<AtomicUsize>);

impl Default for Ration {
    /// Nobody has spoken yet: it is not limited.
    fn default() -> Self {
        Self(Arc::new(AtomicUsize::new(usize::MAX)))
    }
}

impl Ration {
    pub(crate) fn tell(&self, bytes: usize) {
        self.0.store(bytes, Ordering::Relaxed);
    }

    pub(crate) fn ask(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// What has been answered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// All of it.
    Done,
    /// All but the end: the member wants to hear what is said live, from the message after this one on.
    CaughtUp {
        /// Which way it came.
        history: History,
        /// The last message that it was given, or has.
        reached: u64,
        /// How many it was given.
        n: u64,
        /// Whether the log has older ones, of which it did not ask.
        more: bool,
    },
}

impl Event {
    /// About how many bytes a batch has of it.
    pub(crate) fn cost(&self) -> usize {
        if let Self::Piece(_, piece) = self { piece.cost } else { LINE }
    }
}

/// Somebody who was let in at the door.
pub(crate) struct Newcomer {
    pub(crate) wire: Wire,
    pub(crate) seat: Seat,
    /// Where it comes from.
    pub(crate) address: IpAddr,
    /// What was read of it already.
    pub(crate) said: Vec<u8>,
    /// Held on the way from the door to its seat, which only so many may be on at a time.
    pub(crate) _way: Option<SemaphoreGuardArc>,
}

#[cfg(test)]
impl Newcomer {
    /// Somebody who comes from this machine, and the other end of its connection.
    pub(crate) fn pair() -> (Self, std::net::TcpStream) {
        let (ours, theirs) = crate::wire::pair();
        (Self::from_here(Wire::Plain(ours)), theirs)
    }

    pub(crate) fn from_here(wire: Wire) -> Self {
        let address = IpAddr::from([127, 0, 0, 1]);
        let seat = crate::quota::Seats::new(1, 1).take(address).unwrap();
        Self { wire, seat, address, said: Vec::new(), _way: None }
    }
}
