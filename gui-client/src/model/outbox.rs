//! The own lines whose fate is open: what waits, what is on its way, what may have been lost. Its one
//! promise is that a line goes out once, in its turn, and again only when a person says so. It hands out
//! no faster than a server reads: what a server has not read is lost when it stops, and what still
//! waits here is not. Knows keys and texts; names, entries on a screen and connections are numbers and
//! words to it.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::Delivery;
use super::tempo::Tempo;
use crate::link::Order;

/// The most lines that may wait to be sent: what the memory of a long evening offline is worth.
pub(super) const MAX_WAITING: usize = 2_000;

/// A written line that no break has called into question for this long has arrived. Longer than the
/// longest doubt that a break can cast back.
const SETTLED_AFTER: Duration = Duration::from_secs(90);

/// How long after a rename a line that went out before it may come back under the old name, where the
/// server was not yet seen to echo. After that somebody else may bear the name.
const ECHO_AFTER: Duration = Duration::from_secs(10);

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
    /// When another name was last asked for on this connection.
    renamed: Option<Instant>,
    tempo: Tempo,
    /// When the next line that waits may go out.
    due: Option<Instant>,
}

impl Outbox {
    /// There is a connection, and a name was asked for on it.
    pub(super) fn connected(&mut self, now: Instant) {
        self.tempo.connected(1, now);
        self.renamed = None;
    }

    /// Another name is asked for.
    pub(super) fn renamed(&mut self, now: Instant) {
        self.renamed = Some(now);
        self.spend(1);
    }

    /// So many lines that are no messages go out too.
    pub(super) fn spend(&mut self, lines: usize) {
        self.tempo.spend(lines);
    }

    /// The server allows so many lines a second, and has let some of ours lie.
    pub(super) fn slow_down(&mut self, rate: u32, now: Instant) {
        self.tempo.slow_down(rate, now);
        self.set_due(now);
    }

    /// When [`Outbox::hand_out`] next has something to do.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    fn set_due(&mut self, now: Instant) {
        let waits = self.lines.iter().any(|line| line.state == State::Waiting);
        self.due = self.tempo.next(now).filter(|_| waits);
    }

    /// How many lines wait to be written.
    pub(super) fn waiting(&self) -> usize {
        self.lines.iter().filter(|line| matches!(line.state, State::Waiting | State::Handed { .. })).count()
    }

    /// The lines that have surely not been sent.
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

    /// Hands out what waits to the connection with this number, on which we bear this name, as much of
    /// it as may go out by now.
    pub(super) fn hand_out(&mut self, link: u64, name: &str, now: Instant) -> Vec<Order> {
        let waiting = self.lines.iter_mut().filter(|line| line.state == State::Waiting);
        let orders: Vec<_> = waiting
            .take(self.tempo.allowed(now))
            .map(|line| {
                line.state = State::Handed { name: name.to_owned() };
                Order::Send { link, key: line.key, text: line.text.clone() }
            })
            .collect();
        self.tempo.spend(orders.len());
        self.set_due(now);
        orders
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
    /// line is confirmed then. `name` is the one we bear: who bears another is somebody else, save for
    /// the name under which a line went out just before it was changed.
    pub(super) fn heard(&mut self, from: &str, text: &str, name: &str, now: Instant) -> Option<u64> {
        let just_renamed = self.renamed.is_some_and(|at| now.saturating_duration_since(at) < ECHO_AFTER);
        let may_be_ours = from == name || self.echoes || just_renamed;
        let ours = |line: &Line| match &line.state {
            State::Handed { name } | State::Written { name, .. } => name == from && may_be_ours,
            State::Waiting | State::Unsure => false,
        };
        // Some servers trim what they pass on.
        let same = |line: &Line| line.text.trim() == text.trim();
        let at = self.lines.iter().position(|line| same(line) && ours(line))?;
        self.echoes = true;
        self.lines.remove(at).map(|line| line.entry)
    }

    /// The server refused a name, and we are called `still`. What went out since that name was asked for
    /// went out under this one; and what was to come back under an earlier one came before the refusal.
    pub(super) fn refused(&mut self, still: &str) {
        for line in &mut self.lines {
            if let State::Handed { name } | State::Written { name, .. } = &mut line.state {
                still.clone_into(name);
            }
        }
        // What passed for an echo may have been said by the one who bears the refused name. The next
        // echo tells.
        self.echoes = false;
    }

    /// The connection broke then; what was written less than `doubt` before may not have arrived.
    /// Gives the entries concerned.
    pub(super) fn broke(&mut self, at: Instant, doubt: Duration) -> Vec<u64> {
        let echoes = std::mem::take(&mut self.echoes);
        self.tempo.broke();
        self.due = None;
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

    /// The entries of all lines, in order.
    pub(super) fn entries(&self) -> Vec<u64> {
        let mut entries: Vec<_> = self.lines.iter().map(|line| line.entry).collect();
        entries.dedup();
        entries
    }

    /// Takes out the lines of this entry that may have been lost.
    pub(super) fn take_unsure(&mut self, entry: u64) -> Vec<String> {
        let (taken, rest) = std::mem::take(&mut self.lines)
            .into_iter()
            .partition(|line| line.entry == entry && line.state == State::Unsure);
        self.lines = rest;
        let taken: VecDeque<Line> = taken;
        taken.into_iter().map(|line| line.text).collect()
    }

    /// Takes out what waits: entries and lines.
    pub(super) fn take_waiting(&mut self) -> Vec<(u64, Vec<String>)> {
        let (taken, rest) =
            std::mem::take(&mut self.lines).into_iter().partition(|line| line.state == State::Waiting);
        self.lines = rest;
        let taken: VecDeque<Line> = taken;
        let mut entries: Vec<(u64, Vec<String>)> = Vec::new();
        for line in taken {
            match entries.last_mut() {
                Some((entry, lines)) if *entry == line.entry => lines.push(line.text),
                _ => entries.push((line.entry, vec![line.text])),
            }
        }
        self.tempo.broke();
        self.due = None;
        entries
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
