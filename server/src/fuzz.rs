//! A room without sockets, threads or clock, for the fuzz targets in `tests/fuzz`: what members send goes
//! through the same intake, room and herald as in a server, and what each gets to read comes out. Knows
//! nothing of what ought to come out; that is checked there.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chat_shared::{Name, RoomId, ServerCommand};

use crate::allowance::Allowed;
use crate::batch::{Audience, MemberId, Share};
use crate::history::{Errand, Since, append_entries, push_line};
use crate::inbox::Answer;
use crate::intake::{Digest, Intake, Request};
use crate::keys::{Outcome, Work};
use crate::log::{Change, Changed, Entry, Numbering, People, Query, Sessions};
use crate::room::{Edition, Herald, Room, Turn};
use crate::sequencer::carry_out;
use crate::wish::Trial;

/// What may wait for one member.
const QUEUE: usize = 1 << 16;

/// A room whose clock stands still until it is turned.
#[derive(Debug)]
pub struct Stage {
    room: Room,
    herald: Herald,
    now: Instant,
    time: u64,
    members: BTreeMap<MemberId, Member>,
    numbering: Numbering,
    stored: Vec<Entry>,
}

/// One member's reading end, and what it has yet to read.
#[derive(Debug)]
struct Member {
    intake: Intake,
    /// As a shard has it, once it was told.
    audience: Option<Audience>,
    unread: Vec<u8>,
}

/// What became of some bytes: see the fields of the same name of what an intake gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// Bytes that are used up.
    pub used: usize,
    /// Lines that it was, each line of a message counted.
    pub lines: usize,
    /// About how many bytes of a batch they become.
    pub cost: usize,
    /// Requests that they became.
    pub requests: usize,
    /// The member is to be let go, and has left.
    pub hang_up: bool,
}

impl Default for Stage {
    fn default() -> Self {
        let now = Instant::now();
        let admin = Name::parse("ann").expect("a good name");
        let room = Room::new(RoomId::from_bytes([7; 16]), 0, now);
        let mut room = room.knowing(People::default(), vec![admin]);
        let time = 1_700_000_000_000;
        room.tick(now, time);
        let herald = Herald::new(0, u64::MAX, false, QUEUE, Arc::default());
        let numbering = Numbering::new(0, Sessions::default());
        Self { room, herald, now, time, members: BTreeMap::new(), numbering, stored: Vec::new() }
    }
}

impl Stage {
    /// Somebody comes. A number is never used again.
    pub fn join(&mut self, member: MemberId) {
        let newcomer = Member { intake: Intake::default(), audience: None, unread: Vec::new() };
        self.members.insert(member, newcomer);
        self.room.join(member, Ipv4Addr::LOCALHOST.into());
    }

    /// Its other end is closed.
    pub fn leave(&mut self, member: MemberId) {
        self.room.leave(member);
    }

    /// A member sends bytes, of which at most so many lines of at most that cost are taken, as
    /// its session would.
    pub fn hear(&mut self, member: MemberId, bytes: &[u8], allowed: usize, most: usize) -> Option<Taken> {
        let sender = self.members.get_mut(&member)?;
        let allowed = Allowed { lines: allowed, ..Allowed::ALL };
        let Digest { requests, used, cost, lines, hang_up, .. } = sender.intake.digest(bytes, allowed, most);
        let taken = Taken { used, lines, cost, requests: requests.len(), hang_up };
        for request in requests {
            carry_out(&mut self.room, member, request);
        }
        if hang_up {
            self.room.leave(member);
        }
        Some(taken)
    }

    /// Lets time pass.
    pub fn pass(&mut self, time: Duration) {
        self.now += time;
        self.time += u64::try_from(time.as_millis()).expect("a short time");
        self.room.tick(self.now, self.time);
    }

    /// Lets happen what was asked for, which is stored or cannot be, and gives what each has to read of it.
    /// What is to be looked up is answered before the next turn.
    pub fn turn(&mut self, stored: bool) -> Vec<(MemberId, Vec<u8>)> {
        self.room.tick(self.now, self.time);
        let mut turn = self.room.take_turn();
        self.see_to_the_rest(&mut turn, stored);
        let committed = self.numbering.number(std::mem::take(&mut turn.drafts));
        if stored {
            self.stored.extend(committed.entries.iter().cloned());
        } else {
            self.numbering.undo(&committed.entries);
        }
        let edition = self.herald.write(turn, committed, stored);
        self.room.told(edition.told);
        let gone = self.hand_out(edition);
        let unread = |(&id, member): (&MemberId, &mut Member)| (id, std::mem::take(&mut member.unread));
        self.members.iter_mut().map(unread).chain(gone).collect()
    }

    /// Looks at keys, in a way that is fast, and stores what is to be stored, or cannot.
    fn see_to_the_rest(&mut self, turn: &mut Turn, stored: bool) {
        for Trial { ticket, secret, work } in turn.trials.drain(..) {
            let hash = secret.as_bytes().to_vec();
            let outcome = match work {
                Work::Hash => Outcome::Hashed(hash),
                Work::Check(other) if hash == other => Outcome::Right(hash),
                Work::Check(_) => Outcome::Wrong,
            };
            self.room.tried(ticket, outcome);
        }
        for (wish, change) in turn.wishes.drain(..) {
            let changed = match change {
                Change::Remove(id) => self.remove(id),
                _ => Changed::Done,
            };
            self.room.changed(wish, stored.then_some(changed));
        }
    }

    fn remove(&mut self, id: u64) -> Changed {
        match self.stored.iter_mut().find(|entry| entry.id == id && !entry.text.is_empty()) {
            Some(entry) => {
                entry.text.clear();
                Changed::Removed(Arc::clone(&entry.name))
            }
            None => Changed::NoMessage,
        }
    }

    /// Gives what those read last who have gone.
    fn hand_out(&mut self, edition: Edition) -> Vec<(MemberId, Vec<u8>)> {
        for (id, audience) in edition.joined {
            if let Some(member) = self.members.get_mut(&id) {
                member.audience = Some(audience);
            }
        }
        for (&id, member) in &mut self.members {
            let Some(audience) = &mut member.audience else { continue };
            member.unread.extend(edition.batch.view(id, *audience).flatten());
            if let Share::Own { then, .. } = edition.batch.share(id, *audience) {
                *audience = then;
            }
        }
        edition.caught_up.iter().for_each(|&id| self.room.next_question(id));
        for (id, errand) in edition.errands {
            let Some(member) = self.members.get_mut(&id) else { continue };
            let answer = look_up(&self.stored, errand, &mut member.unread);
            if let Some(answer) = answer {
                self.room.answered(id, answer);
            }
        }
        let left = edition.left.into_iter();
        left.filter_map(|id| self.members.remove(&id).map(|gone| (id, gone.unread))).collect()
    }
}

/// Does what an errand does, with a log that is a list.
fn look_up(log: &[Entry], errand: Errand, lines: &mut Vec<u8>) -> Option<Answer> {
    let (history, entries, live, before, more) = match errand {
        Errand::Since(Since { history, after, upto, n, more, live, .. }) => {
            let since = log.iter().filter(|entry| after < entry.id && entry.id <= upto).collect();
            (history, since, live, n, more)
        }
        Errand::Page { history, query, live } => {
            let (entries, more) = page(log, &query);
            (history, entries, live, 0, more)
        }
        Errand::Find { session, txn, otherwise } => {
            let wanted = Some((*session.as_bytes(), txn));
            let line = match log.iter().find(|entry| entry.from == wanted) {
                Some(entry) => ServerCommand::Ack { txn, id: entry.id, time: entry.time }.to_string(),
                None => otherwise,
            };
            lines.extend_from_slice(line.as_bytes());
            lines.push(b'\n');
            return None;
        }
    };
    let n = before + entries.len() as u64;
    append_entries(lines, entries.iter().copied());
    if live {
        let newest = log.last().map_or(0, |entry| entry.id);
        let reached = entries.last().map_or(newest, |entry| entry.id);
        return Some(Answer::CaughtUp { history, reached, n, more });
    }
    push_line(lines, &ServerCommand::End { history, n, more });
    Some(Answer::Done)
}

fn page<'a>(log: &'a [Entry], query: &Query) -> (Vec<&'a Entry>, bool) {
    let (upto, n) = match query {
        Query::Last { n, upto } | Query::Search { n, upto, .. } => (*upto, *n),
        Query::Before { id, n } => (id.saturating_sub(1), *n),
        Query::After { .. } | Query::Find { .. } => (0, 0),
    };
    let mut entries: Vec<_> = log.iter().filter(|entry| entry.id <= upto).collect();
    let more = entries.len() > n;
    entries.drain(..entries.len().saturating_sub(n));
    (entries, more)
}

/// What bytes become that come in pieces of that size and are taken so many lines at a time: in words, with
/// neighbouring messages as one.
///
/// # Panics
/// When an intake takes more than it may.
pub fn requests(bytes: &[u8], piece: usize, allowed: usize) -> Vec<String> {
    let mut intake = Intake::default();
    let mut requests: Vec<Request> = Vec::new();
    let mut pieces = bytes.chunks(piece);
    let mut rest = Vec::new();
    loop {
        if rest.is_empty() {
            let Some(piece) = pieces.next() else { break };
            rest = piece.to_vec();
        }
        let allowed = Allowed { lines: allowed, ..Allowed::ALL };
        let digest = intake.digest(&rest, allowed, usize::MAX);
        assert!(digest.used > 0, "it goes on");
        for request in digest.requests {
            match (requests.last_mut(), request) {
                (Some(Request::Say(before)), Request::Say(lines)) => {
                    before.push_str(&lines);
                }
                (_, request) => requests.push(request),
            }
        }
        if digest.hang_up {
            break;
        }
        rest.drain(..digest.used);
    }
    requests.iter().map(|request| format!("{request:?}")).collect()
}
