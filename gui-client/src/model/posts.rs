//! The own messages that the server has yet to confirm, in the full language. Its promise: each goes out
//! in its turn and under its number until it is confirmed, over breaks and crashes, so that the server can
//! tell a message from its repetition. Knows numbers and texts; entries on a screen, connections and files
//! are numbers and words to it.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use chat_shared::{Body, ErrorCode, Txn};

use super::tempo::Tempo;
use crate::link::Order;

/// So many may be on their way at once: enough to keep a connection busy, few enough to send again.
pub(super) const MAX_ON_THEIR_WAY: usize = 32;

/// How long a server that is busy is left alone, at first and at most.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

#[derive(Debug)]
struct Post {
    txn: Txn,
    /// The entry it belongs to.
    entry: u64,
    text: String,
    /// How many lines it counts for.
    lines: usize,
    /// The network has it, on this connection.
    handed: bool,
    /// A server may have it, from this connection or an earlier one.
    maybe_known: bool,
}

/// What the refusal of a message leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It goes out again by itself, or is none of ours.
    Nothing,
    /// It was said long ago.
    Sent { entry: u64 },
    /// It will never be taken.
    Refused { entry: u64 },
}

/// The own messages that the server has yet to confirm, in the order in which they were said.
#[derive(Debug)]
pub(super) struct Posts {
    /// We speak for the session of sealed connections.
    sealed: bool,
    posts: VecDeque<Post>,
    next_txn: Txn,
    /// What the other session has begun to say, and the number of its next. A server may have these, and only
    /// under that session can it tell each from its repetition: they wait until that one may be said again.
    parked: VecDeque<Post>,
    other_txn: Txn,
    tempo: Tempo,
    due: Option<Instant>,
    /// The server is busy and is left alone until then.
    paused: Option<Instant>,
    next_pause: Duration,
}

impl Posts {
    /// None yet; the next of this session will have this number, and of the other one that.
    pub(super) fn new(sealed: bool, next_txn: Txn, other_txn: Txn) -> Self {
        Self {
            sealed,
            posts: VecDeque::new(),
            next_txn,
            parked: VecDeque::new(),
            other_txn,
            tempo: Tempo::default(),
            due: None,
            paused: None,
            next_pause: PAUSE,
        }
    }

    /// One that was left from before, of this session or of the other, whose number is the lowest yet to come or
    /// follows the one before.
    pub(super) fn restore(&mut self, is_of_this: bool, txn: Txn, entry: u64, text: String) {
        let (posts, next_txn) = match is_of_this {
            true => (&mut self.posts, &mut self.next_txn),
            false => (&mut self.parked, &mut self.other_txn),
        };
        *next_txn = (*next_txn).max(txn + 1);
        let lines = count(&text);
        posts.push_back(Post { txn, entry, text, lines, handed: false, maybe_known: true });
    }

    /// From here on we speak for the session of sealed connections, or for the other one. What no server may have
    /// goes out under that; what one may have waits, and what waited of that session goes out first. Gives whether
    /// that is another session than before.
    pub(super) fn speak_for(&mut self, sealed: bool) -> bool {
        if sealed == self.sealed {
            return false;
        }
        let unknown = self.take_unknown();
        self.recall();
        std::mem::swap(&mut self.posts, &mut self.parked);
        std::mem::swap(&mut self.next_txn, &mut self.other_txn);
        self.sealed = sealed;
        for (entry, text) in unknown {
            self.push(entry, text);
        }
        true
    }

    /// Whether we speak for the session of sealed connections.
    pub(super) fn is_sealed(&self) -> bool {
        self.sealed
    }

    /// Adds the message of this entry.
    pub(super) fn push(&mut self, entry: u64, text: String) {
        let (txn, lines) = (self.next_txn, count(&text));
        self.next_txn += 1;
        self.posts.push_back(Post { txn, entry, text, lines, handed: false, maybe_known: false });
    }

    /// The number of the next message, and of that of the other session.
    pub(super) fn next_txns(&self) -> (Txn, Txn) {
        (self.next_txn, self.other_txn)
    }

    /// The number of the next message that no server may have yet.
    pub(super) fn next_unknown(&self) -> Txn {
        self.posts.iter().find(|post| !post.maybe_known).map_or(self.next_txn, |post| post.txn)
    }

    /// Number, entry and text of each, in order.
    pub(super) fn all(&self) -> impl Iterator<Item = (Txn, u64, &str)> {
        self.posts.iter().map(|post| (post.txn, post.entry, post.text.as_str()))
    }

    /// The same of those that wait for the other session.
    pub(super) fn parked(&self) -> impl Iterator<Item = (Txn, u64, &str)> {
        self.parked.iter().map(|post| (post.txn, post.entry, post.text.as_str()))
    }

    /// How many lines they are.
    pub(super) fn lines(&self) -> usize {
        self.posts.iter().chain(&self.parked).map(|post| post.lines).sum()
    }

    /// There is a connection, and a name was asked for on it.
    pub(super) fn connected(&mut self, now: Instant) {
        self.recall();
        self.tempo.connected(2, now);
        self.paused = None;
    }

    /// The connection is gone.
    pub(super) fn broke(&mut self) {
        self.recall();
        self.tempo.broke();
        (self.due, self.paused) = (None, None);
    }

    /// So many lines that are no messages go out too.
    pub(super) fn spend(&mut self, lines: usize) {
        self.tempo.spend(lines);
    }

    /// The server allows so many lines a second.
    pub(super) fn slow_down(&mut self, rate: u32, now: Instant) {
        self.tempo.slow_down(rate, now);
        self.set_due(now);
    }

    /// What no server may have, taken out from the end: entries and texts in order.
    pub(super) fn take_unknown(&mut self) -> Vec<(u64, String)> {
        let known = self.posts.iter().take_while(|post| post.maybe_known).count();
        let unknown: Vec<_> = self.posts.drain(known..).collect();
        if let Some(first) = unknown.first() {
            self.next_txn = first.txn;
        }
        unknown.into_iter().map(|post| (post.entry, post.text)).collect()
    }

    /// Hands out, to the connection with this number, as much as may go out by now.
    pub(super) fn hand_out(&mut self, link: u64, now: Instant) -> Vec<Order> {
        if self.paused.is_some_and(|until| now >= until) {
            self.paused = None;
        }
        let mut orders = Vec::new();
        let mut on_their_way = self.posts.iter().filter(|post| post.handed).count();
        if self.paused.is_none() {
            for post in self.posts.iter_mut().filter(|post| !post.handed) {
                if on_their_way >= MAX_ON_THEIR_WAY || self.tempo.allowed(now) == 0 {
                    break;
                }
                self.tempo.spend(post.lines);
                on_their_way += 1;
                (post.handed, post.maybe_known) = (true, true);
                orders.push(Order::Post { link, txn: post.txn, text: post.text.clone() });
            }
        }
        self.set_due(now);
        orders
    }

    /// When [`Posts::hand_out`] next has something to do.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    fn set_due(&mut self, now: Instant) {
        let handed = self.posts.iter().filter(|post| post.handed).count();
        let waits = handed < self.posts.len() && handed < MAX_ON_THEIR_WAY;
        let due = self.tempo.next(now).filter(|_| waits);
        self.due = due.map(|due| self.paused.map_or(due, |until| due.max(until)));
    }

    /// The message of this number is in the log. Gives its entry.
    pub(super) fn acked(&mut self, txn: Txn) -> Option<u64> {
        let at = self.posts.iter().position(|post| post.txn == txn)?;
        self.next_pause = PAUSE;
        self.posts.remove(at).map(|post| post.entry)
    }

    /// The server refused the message of this number.
    pub(super) fn refused(&mut self, txn: Txn, code: Option<ErrorCode>, now: Instant) -> Verdict {
        let Some(at) = self.posts.iter().position(|post| post.txn == txn && post.handed) else {
            return Verdict::Nothing;
        };
        match code {
            Some(ErrorCode::Busy | ErrorCode::RateLimited) => {
                if self.paused.is_none() {
                    self.paused = Some(now + self.next_pause);
                    self.next_pause = (self.next_pause * 2).min(LONGEST_PAUSE);
                }
                self.recall();
                self.set_due(now);
                Verdict::Nothing
            }
            // Those before it must go out first, and do: their own refusals say when.
            Some(ErrorCode::TxnOrder) if at > 0 => Verdict::Nothing,
            // The server knows it, and has forgotten since what it was.
            Some(ErrorCode::TxnOrder) => match self.posts.pop_front() {
                Some(post) => Verdict::Sent { entry: post.entry },
                None => Verdict::Nothing,
            },
            // Its number is still to be had, and without it none behind can be taken.
            _ => {
                self.next_txn -= 1;
                for post in self.posts.range_mut(at + 1..) {
                    post.txn -= 1;
                    post.handed = false;
                }
                let refused = self.posts.remove(at);
                self.set_due(now);
                refused.map_or(Verdict::Nothing, |post| Verdict::Refused { entry: post.entry })
            }
        }
    }

    /// All of them shall go out again.
    fn recall(&mut self) {
        for post in &mut self.posts {
            post.handed = false;
        }
    }
}

/// How many lines a message counts for with a server.
pub(super) fn count(text: &str) -> usize {
    Body::parse(text).map_or(1, |body| body.base_lines().count())
}
