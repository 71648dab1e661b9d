//! The room and its herald together: what members get to read of what they and others ask for.

mod admins;
mod bans;
mod base;
mod catching_up;
mod full;
mod keys;
mod presence;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chat_shared::{History, Key, Name, NameError, RoomId, SessionId};

use super::*;
use crate::batch::{Audience, Share};
use crate::inbox::Answer;
use crate::intake::Question;
use crate::keys::{Outcome, Secret, Work};
use crate::log::{Change, Changed, Entry, Numbering, Query, Sessions};
use crate::wish::{Trial, Wish};

const HOUR: Millis = 3_600_000;

/// Where everybody comes from, unless it matters.
const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

/// A room whose clock stands still until it is turned, and what its members have read.
struct Scene {
    room: Room,
    herald: Herald,
    now: Instant,
    /// As a shard has it.
    audiences: HashMap<MemberId, Audience>,
    read: HashMap<MemberId, String>,
    numbering: Numbering,
    /// What others say on other servers, before what is said here.
    elsewhere: Vec<Draft>,
    stored: Vec<Entry>,
    errands: Vec<(MemberId, Errand)>,
    left: Vec<MemberId>,
    /// The addresses that the doors keep out.
    banned: Option<Vec<IpAddr>>,
    /// What is being looked at, and what is being stored.
    trials: Vec<Trial>,
    wishes: Vec<(Wish, Change)>,
}

impl Scene {
    fn new() -> Self {
        Self::with(false)
    }

    fn with(echo: bool) -> Self {
        let now = Instant::now();
        let mut room = Room::new(RoomId::from_bytes([7; 16]), 0, now);
        room.tick(now, HOUR);
        Self {
            room,
            herald: Herald::new(0, u64::MAX, echo, 1 << 16, Arc::default()),
            now,
            audiences: HashMap::new(),
            read: HashMap::new(),
            numbering: Numbering::new(0, Sessions::default()),
            elsewhere: Vec::new(),
            stored: Vec::new(),
            errands: Vec::new(),
            left: Vec::new(),
            banned: None,
            trials: Vec::new(),
            wishes: Vec::new(),
        }
    }

    /// A room with so many members who have said nothing.
    fn of(members: u64) -> Self {
        let mut scene = Self::new();
        (1..=members).for_each(|member| scene.room.join(member, HERE));
        scene
    }

    /// What was asked for happens, and is stored or cannot be.
    fn happens(&mut self, stored: bool) {
        self.room.tick(self.now, HOUR);
        let mut turn = self.room.take_turn();
        let elsewhere = self.numbering.number(std::mem::take(&mut self.elsewhere)).entries;
        let mut committed = self.numbering.number(std::mem::take(&mut turn.drafts));
        committed.entries = elsewhere.iter().chain(&*committed.entries).cloned().collect();
        if stored {
            self.stored.extend(committed.entries.iter().cloned());
        } else {
            self.numbering.undo(&committed.entries);
        }
        self.trials.append(&mut turn.trials);
        self.wishes.append(&mut turn.wishes);
        self.banned = turn.banned.take().or(self.banned.take());
        let edition = self.herald.write(turn, committed, stored);
        self.room.told(edition.told);
        self.audiences.extend(edition.joined);
        for (member, audience) in &mut self.audiences {
            let bytes: Vec<u8> = edition.batch.view(*member, *audience).flatten().copied().collect();
            self.read.entry(*member).or_default().push_str(&String::from_utf8(bytes).unwrap());
            if let Share::Own { then, .. } = edition.batch.share(*member, *audience) {
                *audience = then;
            }
        }
        edition.caught_up.iter().for_each(|&id| self.room.next_question(id));
        self.left.extend(edition.left);
        for (member, errand) in edition.errands {
            match errand {
                Errand::Find { session, txn, otherwise }
                    if !self.stored.iter().any(|entry| entry.from == Some((*session.as_bytes(), txn))) =>
                {
                    *self.read.entry(member).or_default() += &format!("{otherwise}\n");
                }
                errand => self.errands.push((member, errand)),
            }
        }
    }

    /// What `member` has read since the last time, once everything has happened.
    fn reads(&mut self, member: MemberId) -> String {
        self.happens(true);
        self.read.remove(&member).unwrap_or_default()
    }

    /// Lets time pass.
    fn passes(&mut self, time: Duration) {
        self.now += time;
    }

    /// What is waited for comes: keys are looked at, where the hash of a key is the key, or as [`older`] makes
    /// it, and what is to be stored is, or cannot be.
    fn settle(&mut self, stored: bool) {
        loop {
            let turn = &mut self.room.turn;
            self.trials.append(&mut turn.trials);
            self.wishes.append(&mut turn.wishes);
            let (trials, wishes) = (std::mem::take(&mut self.trials), std::mem::take(&mut self.wishes));
            if trials.is_empty() && wishes.is_empty() {
                return;
            }
            for Trial { ticket, secret, work } in trials {
                let hash = secret.as_bytes().to_vec();
                let outcome = match work {
                    Work::Hash => Outcome::Hashed(hash),
                    Work::Check(other) if other == hash || other == older(&hash) => Outcome::Right(hash),
                    Work::Check(_) => Outcome::Wrong,
                };
                self.room.tried(ticket, outcome);
            }
            for (wish, change) in wishes {
                let changed = match change {
                    Change::Remove(id) => match self.stored.iter().find(|entry| entry.id == id) {
                        Some(entry) => Changed::Removed(Arc::clone(&entry.name)),
                        None => Changed::NoMessage,
                    },
                    _ => Changed::Done,
                };
                self.room.changed(wish, stored.then_some(changed));
            }
        }
    }

    /// `member` says that this name is its own, with a key of that letter.
    fn login(&mut self, member: MemberId, its_name: &str, key: char) {
        let key = key.to_string().repeat(16);
        self.room.login(member, name(its_name), Secret::of(Key::parse(&key).unwrap()));
    }

    /// `member` opts in, as that session.
    fn hello(&mut self, member: MemberId, session: u8) {
        self.room.hello(member, SessionId::from_bytes([session; 16]));
    }

    /// `member` comes, opts in, and hears what is said live. Reads what it is told meanwhile.
    fn live(&mut self, member: MemberId, its_name: &str) {
        self.room.join(member, HERE);
        self.hello(member, u8::try_from(member).unwrap());
        self.room.rename(member, name(its_name));
        self.room.ask(member, Question::Last(0));
        self.happens(true);
        self.read.clear();
    }
}

/// The hash that an older server made of the key with this one.
fn older(hash: &[u8]) -> Vec<u8> {
    [b"older ", hash].concat()
}

fn name(name: &str) -> Name {
    Name::parse(name).unwrap()
}
