//! The own lines whose fate is open: what waits, what is on its way, what may have been lost. Its one
//! promise is that a line goes out once, in its turn, and again only when a person says so. Knows
//! keys and texts; names, entries on a screen and connections are numbers and words to it.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::Delivery;
use crate::link::Order;

/// The most lines that may wait to be sent: what the memory of a long evening offline is worth.
pub(super) const MAX_WAITING: usize = 2_000;

/// A written line that no break has called into question for this long has arrived. Longer than the
/// longest doubt that a break can cast back.
const SETTLED_AFTER: Duration = Duration::from_secs(90);

/// One line, for as long as its fate is open.
#[derive(Debug)]
struct Line {
    key: u64,
    /// The entry it belongs to.
    entry: u64,
    text: String,
    state: State,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// It has yet to be handed out, or came back unwritten.
    Waiting,
    /// The network has it, under this name of ours.
    Handed { name: String },
    /// All its bytes were written, then, under this name of ours.
    Written { at: Instant, name: String },
    /// The connection broke before it can be said to have arrived.
    Unsure,
}

/// The own lines whose fate is open, in the order in which they were said.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    lines: VecDeque<Line>,
    next_key: u64,
    /// This connection's server sends our messages back to us, so each of them will be confirmed.
    echoes: bool,
}

impl Outbox {
    /// How many lines wait to be written.
    pub(super) fn waiting(&self) -> usize {
        self.lines.iter().filter(|line| matches!(line.state, State::Waiting | State::Handed { .. })).count()
    }

    /// The lines that have surely not been sent, when there is no connection.
    pub(super) fn unsent(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().filter(|line| line.state == State::Waiting).map(|line| line.text.as_str())
    }

    /// Adds a line of the entry with this number.
    pub(super) fn push(&mut self, entry: u64, text: String) {
        let key = self.new_key();
        self.lines.push_back(Line { key, entry, text, state: State::Waiting });
    }

    fn new_key(&mut self) -> u64 {
        self.next_key += 1;
        self.next_key
    }

    /// Hands out all that waits to the connection with this number, on which we bear this name.
    pub(super) fn hand_out(&mut self, link: u64, name: &str) -> Vec<Order> {
        let waiting = self.lines.iter_mut().filter(|line| line.state == State::Waiting);
        waiting
            .map(|line| {
                line.state = State::Handed { name: name.to_owned() };
                Order::Send { link, key: line.key, text: line.text.clone() }
            })
            .collect()
    }

    /// These lines were written then. Gives the entries concerned.
    pub(super) fn written(&mut self, keys: &[u64], at: Instant) -> Vec<u64> {
        let mut entries = Vec::new();
        for line in self.lines.iter_mut().filter(|line| keys.contains(&line.key)) {
            if let State::Handed { name } = &mut line.state {
                line.state = State::Written { at, name: std::mem::take(name) };
                entries.push(line.entry);
            }
        }
        entries
    }

    /// A message came from `from`. When it is our own, sent back, gives the entry it belongs to; that
    /// line is confirmed then. `names` are the names that we may bear by now.
    pub(super) fn heard(&mut self, from: &str, text: &str, names: [&str; 2]) -> Option<u64> {
        let ours = |line: &Line| match &line.state {
            State::Handed { name } | State::Written { name, .. } => name == from || names.contains(&from),
            State::Waiting | State::Unsure => false,
        };
        // Some servers trim what they pass on.
        let same = |line: &Line| line.text.trim() == text.trim();
        let at = self.lines.iter().position(|line| same(line) && ours(line))?;
        self.echoes = true;
        self.lines.remove(at).map(|line| line.entry)
    }

    /// The connection broke then; what was written less than `doubt` before may not have arrived.
    /// Gives the entries concerned.
    pub(super) fn broke(&mut self, at: Instant, doubt: Duration) -> Vec<u64> {
        let echoes = std::mem::take(&mut self.echoes);
        let entries = self.lines.iter().map(|line| line.entry).collect();
        self.lines.retain_mut(|line| match &line.state {
            State::Written { at: written, .. } => {
                let open = echoes || at.saturating_duration_since(*written) < doubt;
                line.state = State::Unsure;
                open
            }
            State::Handed { .. } => {
                line.state = State::Waiting;
                true
            }
            State::Waiting | State::Unsure => true,
        });
        entries
    }

    /// Forgets lines that have surely arrived. Where the server echoes, only its echo makes sure.
    pub(super) fn settle(&mut self, now: Instant) {
        if !self.echoes {
            let settled = |at: Instant| now.saturating_duration_since(at) >= SETTLED_AFTER;
            self.lines.retain(|line| !matches!(line.state, State::Written { at, .. } if settled(at)));
        }
    }

    /// The lines of this entry that may have been lost shall be sent again, behind all that waits.
    pub(super) fn send_again(&mut self, entry: u64) {
        let (again, rest) = std::mem::take(&mut self.lines)
            .into_iter()
            .partition(|line| line.entry == entry && line.state == State::Unsure);
        self.lines = rest;
        let again: VecDeque<Line> = again;
        for line in again {
            self.push(entry, line.text);
        }
    }

    /// The lines of this entry that may have been lost shall count as sent.
    pub(super) fn leave(&mut self, entry: u64) {
        self.lines.retain(|line| line.entry != entry || line.state != State::Unsure);
    }

    /// How far the entry with this number got.
    pub(super) fn delivery(&self, entry: u64) -> Delivery {
        let mut delivery = Delivery::Sent;
        for line in self.lines.iter().filter(|line| line.entry == entry) {
            match line.state {
                State::Unsure => return Delivery::Unsure,
                State::Waiting | State::Handed { .. } => delivery = Delivery::Waiting,
                State::Written { .. } => {}
            }
        }
        delivery
    }
}
