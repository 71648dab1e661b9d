//! The room and its herald together: what members get to read of what they and others ask for.

mod base;
mod catching_up;
mod full;
mod presence;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chat_shared::{History, Name, RoomId, SessionId};

use super::*;
use crate::batch::{Audience, Share};
use crate::inbox::Answer;
use crate::intake::Question;
use crate::log::Query;

const HOUR: Millis = 3_600_000;

/// A room whose clock stands still until it is turned, and what its members have read.
struct Scene {
    room: Room,
    herald: Herald,
    now: Instant,
    /// As a shard has it.
    audiences: HashMap<MemberId, Audience>,
    read: HashMap<MemberId, String>,
    stored: Vec<Entry>,
    errands: Vec<(MemberId, Errand)>,
    left: Vec<MemberId>,
}

impl Scene {
    fn new() -> Self {
        Self::with(false)
    }

    fn with(echo: bool) -> Self {
        let now = Instant::now();
        let mut room = Room::new(RoomId::from_bytes([7; 16]), 0, Sessions::default(), now);
        room.tick(now, HOUR);
        Self {
            room,
            herald: Herald::new(0, u64::MAX, echo, 1 << 16, Arc::default()),
            now,
            audiences: HashMap::new(),
            read: HashMap::new(),
            stored: Vec::new(),
            errands: Vec::new(),
            left: Vec::new(),
        }
    }

    /// A room with so many members who have said nothing.
    fn of(members: u64) -> Self {
        let mut scene = Self::new();
        (1..=members).for_each(|member| scene.room.join(member));
        scene
    }

    /// What was asked for happens, and is stored or cannot be.
    fn happens(&mut self, stored: bool) {
        self.room.tick(self.now, HOUR);
        let mut turn = self.room.take_turn();
        let entries: Arc<[Entry]> = std::mem::take(&mut turn.entries).into();
        if stored {
            self.stored.extend(entries.iter().cloned());
        } else {
            self.room.unsay(&entries);
        }
        let edition = self.herald.write(turn, &entries, stored);
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
        self.errands.extend(edition.errands);
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

    /// `member` opts in, as that session.
    fn hello(&mut self, member: MemberId, session: u8) {
        self.room.hello(member, SessionId::from_bytes([session; 16]));
    }

    /// `member` comes, opts in, and hears what is said live. Reads what it is told meanwhile.
    fn live(&mut self, member: MemberId, its_name: &str) {
        self.room.join(member);
        self.hello(member, u8::try_from(member).unwrap());
        self.room.rename(member, name(its_name));
        self.room.ask(member, Question::Last(0));
        self.happens(true);
        self.read.clear();
    }
}

fn name(name: &str) -> Name {
    Name::parse(name).unwrap()
}
