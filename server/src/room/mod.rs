//! What happens in the room: who is here under which name, which messages there are under which ids, and
//! what each member has asked for. Pure: requests come in with the time, a [`Turn`] comes out, and the
//! [`Herald`] writes what everybody gets to read of it. Knows no socket, no log and no clock.
//!
//! | module | what it holds |
//! |---|---|
//! | `turn` | what happened, in its order, before anybody is told |
//! | `registry` | whose names are whose |
//! | `wardens` | who is an admin, who may not come in, who is not to be heard |
//! | `presence` | who has been announced |
//! | `naming` | who bears which name |
//! | `deeds` | what admins do to others |
//! | `questions` | what members ask of the past |
//! | `recent` | the newest messages, at hand |
//! | `herald` | what each member gets to read of a turn, in its language |

mod deeds;
mod herald;
mod naming;
mod presence;
mod questions;
mod recent;
mod registry;
#[cfg(test)]
mod tests;
mod turn;
mod wardens;

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chat_shared::limits::VERSION;
use chat_shared::notice::NameRefusal;
use chat_shared::{
    ErrorCode, MessageId, Millis, Name, NameKey, Notice, RoomId, ServerCommand, SessionId, Text, Txn,
};

use crate::allowance::Bucket;
use crate::batch::MemberId;
use crate::history::Errand;
use crate::intake::Question;
use crate::log::{Draft, Mute, People};
use crate::quota::countable;
pub(crate) use herald::{Edition, Herald};
use presence::Presence;
use registry::Registry;
use turn::CaughtUp;
pub(crate) use turn::{Item, Turn};
use wardens::Wardens;

/// Who says nothing is announced this long after it came. Who does is announced then, under its name.
const SILENT_NEWCOMER: Duration = Duration::from_secs(1);

/// Those whose time comes this soon after another's are announced with the next of them: thousands who come
/// at once wake a silent room a few times, and not thousands of times.
const TOGETHER: Duration = Duration::from_millis(250);

/// Who drops out without a good-bye counts as here for so long, and keeps its name: many come back.
const COMES_BACK: Duration = Duration::from_secs(10);

/// The most who may have dropped out and count as here.
const MOST_ABSENT: usize = 10_000;

/// The room's members, and what has happened since the last turn was taken.
#[derive(Debug)]
pub(crate) struct Room {
    id: RoomId,
    members: HashMap<MemberId, Member>,
    /// Whose every key is. A name's three keys are held and given up together.
    names: HashMap<NameKey, MemberId>,
    /// Whose each session is that is here.
    live: HashMap<SessionId, MemberId>,
    /// Who has dropped out and may come back.
    absent: HashMap<SessionId, Absent>,
    /// When those are given up who dropped out, and those are announced who have said nothing.
    given_up: VecDeque<(Instant, SessionId, MemberId)>,
    newcomers: VecDeque<(Instant, MemberId)>,
    /// When silent newcomers were last announced.
    announced: Option<Instant>,
    registry: Registry,
    wardens: Wardens,
    presence: Presence,
    guests: u64,
    /// The newest message that members were told.
    last: u64,
    now: Instant,
    time: Millis,
    turn: Turn,
    /// Who is to hear what is said live from the end of this turn on.
    catching_up: Vec<(MemberId, CaughtUp)>,
}

#[derive(Debug)]
struct Member {
    name: Name,
    /// The name, as each of its messages has it.
    author: Arc<str>,
    /// It has the key of its name.
    owner: bool,
    /// The hash of the key that it has shown last, which it has when it goes by another name too.
    key: Option<Arc<[u8]>>,
    /// It has said a key, which is being looked at.
    has_said_key: bool,
    /// How many it may say yet, once it has said one.
    tries: Option<Box<Bucket>>,
    /// Where it comes from, as addresses count; `None` for this machine.
    address: Option<IpAddr>,
    /// It is not to be heard, or was not.
    muted: Option<Box<Mute>>,
    /// Its session, if it has opted in.
    session: Option<SessionId>,
    announced: bool,
    /// It has said good-bye.
    quit: bool,
    /// It has asked to hear what is said live.
    live: bool,
    /// Its questions that have no answer yet. The first is being seen to.
    asked: VecDeque<Question>,
    /// What was taken back since the first of them was asked.
    removed: Vec<MessageId>,
}

/// Who dropped out.
#[derive(Debug)]
struct Absent {
    id: MemberId,
    name: Name,
    owner: bool,
    key: Option<Arc<[u8]>>,
    /// Where it came from.
    address: Option<IpAddr>,
    muted: Option<Box<Mute>>,
}

impl Member {
    fn new(name: Name, address: Option<IpAddr>) -> Self {
        let author = name.as_str().into();
        Self {
            name,
            author,
            owner: false,
            key: None,
            has_said_key: false,
            tries: None,
            address,
            muted: None,
            session: None,
            announced: false,
            quit: false,
            live: false,
            asked: VecDeque::new(),
            removed: Vec::new(),
        }
    }

    fn bear(&mut self, name: Name) -> Name {
        self.author = name.as_str().into();
        std::mem::replace(&mut self.name, name)
    }
}

impl Room {
    /// A room whose newest message is `last`.
    pub(crate) fn new(id: RoomId, last: u64, now: Instant) -> Self {
        Self {
            id,
            members: HashMap::new(),
            names: HashMap::new(),
            live: HashMap::new(),
            absent: HashMap::new(),
            given_up: VecDeque::new(),
            newcomers: VecDeque::new(),
            announced: None,
            registry: Registry::default(),
            wardens: Wardens::default(),
            presence: Presence::default(),
            guests: 0,
            last,
            now,
            time: 0,
            turn: Turn::default(),
            catching_up: Vec::new(),
        }
    }

    /// The same room, which knows these people, and of which those are admins who have the key of one of these
    /// names.
    pub(crate) fn knowing(mut self, people: People, admins: Vec<Name>) -> Self {
        let People { owned, bans, mutes } = people;
        self.registry = Registry::new(owned);
        admins.iter().filter_map(|admin| self.registry.doubt(admin)).for_each(|words| log::warn!("{words}"));
        self.wardens = Wardens::new(admins, bans, mutes, &self.registry);
        self.turn.banned = Some(self.wardens.addresses());
        self
    }

    /// When the next turn is due, if nothing comes before.
    pub(crate) fn due(&self) -> Option<Instant> {
        if !self.turn.is_empty() || !self.catching_up.is_empty() {
            return Some(self.now);
        }
        let given_up = self.given_up.front().map(|&(due, ..)| due);
        [given_up, self.newcomers_due(), self.presence.due(self.now)].into_iter().flatten().min()
    }

    fn newcomers_due(&self) -> Option<Instant> {
        let &(due, _) = self.newcomers.front()?;
        Some(self.announced.map_or(due, |announced| due.max(announced + TOGETHER)))
    }

    /// It is now that time, and does what is due.
    pub(crate) fn tick(&mut self, now: Instant, time: Millis) {
        (self.now, self.time) = (now, time);
        while let Some(&(due, session, id)) = self.given_up.front()
            && (due <= now || self.given_up.len() > MOST_ABSENT)
        {
            self.given_up.pop_front();
            if self.absent.get(&session).is_some_and(|absent| absent.id == id)
                && let Some(Absent { id, name, .. }) = self.absent.remove(&session)
            {
                self.gone(id, &name, true);
            }
        }
        if self.newcomers_due().is_some_and(|due| due <= now) {
            self.announced = Some(now);
            while let Some(&(due, id)) = self.newcomers.front()
                && due <= now
            {
                self.newcomers.pop_front();
                self.announce(id);
            }
        }
        if self.presence.tick(&mut self.turn.items, now) {
            let users = self.users();
            self.turn.items.push(Item::News(users.trim_end().to_owned(), None));
        }
    }

    /// Lets `member` in, as a guest.
    pub(crate) fn join(&mut self, member: MemberId, from: IpAddr) {
        self.turn.items.push(Item::Joined(member));
        let address = countable(from);
        if address.is_some_and(|address| self.wardens.keep_out_from(address)) {
            // It was on its way in.
            self.tell(member, Notice::AddressBanned);
            self.turn.items.push(Item::Left(member));
            return;
        }
        self.guests += 1;
        self.members.insert(member, Member::new(Name::guest(self.guests), address));
        self.newcomers.push_back((self.now + SILENT_NEWCOMER, member));
    }

    /// Forgets `member`; its name is free again, unless it may come back.
    pub(crate) fn leave(&mut self, member: MemberId) {
        let Some(left) = self.members.remove(&member) else { return };
        self.turn.items.push(Item::Left(member));
        let Member { name, owner, key, address, muted, session, announced, quit, .. } = left;
        if let Some(session) = session {
            self.live.remove(&session);
            if announced && !quit {
                self.absent.insert(session, Absent { id: member, name, owner, key, address, muted });
                self.given_up.push_back((self.now + COMES_BACK, session, member));
                return;
            }
        }
        self.gone(member, &name, announced);
    }

    /// `member` leaves for good when it leaves.
    pub(crate) fn quit(&mut self, member: MemberId) {
        if let Some(member) = self.members.get_mut(&member) {
            member.quit = true;
        }
    }

    /// `member` opts in. If its session was here already, it goes on as that one.
    pub(crate) fn hello(&mut self, member: MemberId, session: SessionId) {
        if !self.members.contains_key(&member) {
            return;
        }
        let before = match self.live.insert(session, member) {
            Some(old) => self.members.remove(&old).map(|before| {
                let why = Text::parse("your session goes on in another connection").expect("a valid text");
                self.turn.items.push(Item::Line(old, ServerCommand::Bye { wait: 0, why }.to_string()));
                self.turn.items.push(Item::Left(old));
                let Member { name, owner, key, address, muted, announced, .. } = before;
                (Absent { id: old, name, owner, key, address, muted }, announced)
            }),
            None => self.absent.remove(&session).map(|absent| (absent, true)),
        };
        let (banned, before) = match before {
            Some((before, announced)) => match self.why_not_back(&before) {
                Some(why) => {
                    self.gone(before.id, &before.name, announced);
                    (Some(why), None)
                }
                None => (None, Some((before, announced))),
            },
            None => (None, None),
        };
        if let Some((Absent { id: old, name, owner, key, muted, .. }, announced)) = before {
            for key in name.keys() {
                if let Some(holder) = self.names.get_mut(&key).filter(|holder| **holder == old) {
                    *holder = member;
                }
            }
            let newcomer = self.members.get_mut(&member).expect("it is here");
            let guest = newcomer.bear(name);
            (newcomer.owner, newcomer.key, newcomer.muted) = (owner, key, muted);
            if std::mem::replace(&mut newcomer.announced, announced) {
                self.presence.went(&mut self.turn.items, &guest);
            }
        }
        let newcomer = self.members.get_mut(&member).expect("it is here");
        newcomer.session = Some(session);
        let name = newcomer.name.clone();
        self.turn.items.push(Item::OptedIn(member));
        let welcome = ServerCommand::Welcome { version: VERSION, room: self.id, name };
        self.turn.items.push(Item::Line(member, welcome.to_string()));
        self.tell_admin(member);
        if let Some(why) = banned {
            self.refuse(member, why);
        }
    }

    /// Why somebody who comes back with its session is not who it was, if that is so: it was banned meanwhile. The
    /// name of a guest is a number that another may have had.
    fn why_not_back(&self, before: &Absent) -> Option<NameRefusal> {
        let Absent { name, key, .. } = before;
        if self.may_stay(before) {
            None
        } else if key.as_ref().is_some_and(|key| self.wardens.keep_out_key(key)) {
            Some(NameRefusal::KeyBanned)
        } else {
            let is_banned = Name::parse(name.as_str()).is_ok() && self.wardens.keep_out(&name.keys());
            is_banned.then_some(NameRefusal::Banned)
        }
    }

    /// `member` says these lines, each ended by LF and each a valid text.
    pub(crate) fn say(&mut self, member: MemberId, lines: &str) {
        self.announce(member);
        if let Some(seconds) = self.silenced(member) {
            return self.tell(member, Notice::Muted(seconds));
        }
        let Some(author) = self.members.get(&member) else { return };
        for line in lines.split_terminator('\n') {
            self.turn.drafts.push(Draft {
                time: self.time,
                from: None,
                name: Arc::clone(&author.author),
                text: line.to_owned(),
            });
            self.turn.items.push(Item::Said { author: member, txn: None });
        }
    }

    /// `member`, which has opted in, says this, a valid body, as this message of its session.
    pub(crate) fn post(&mut self, member: MemberId, txn: Txn, text: String) {
        self.announce(member);
        let silenced = self.silenced(member);
        let Some(Member { session: Some(session), author, .. }) = self.members.get(&member) else { return };
        if let Some(seconds) = silenced {
            // What it had said before is still acknowledged when it is sent again. What is new stays due.
            let otherwise = ErrorCode::NotPermitted.to_line(Some(txn), Notice::Muted(seconds));
            self.turn.items.push(Item::Ask(member, Errand::Find { session: *session, txn, otherwise }));
            return;
        }
        let (from, name) = (Some((*session.as_bytes(), txn)), Arc::clone(author));
        self.turn.drafts.push(Draft { time: self.time, from, name, text });
        self.turn.items.push(Item::Said { author: member, txn: Some((*session, txn)) });
    }

    /// Members have been told all messages up to this one.
    pub(crate) fn told(&mut self, last: u64) {
        self.last = last;
    }

    /// Tells one member something, in its place in the order.
    pub(crate) fn tell(&mut self, member: MemberId, notice: Notice) {
        self.turn.items.push(Item::Tell(member, notice));
    }

    /// Answers one member that has opted in with a line.
    pub(crate) fn reply(&mut self, member: MemberId, line: String) {
        self.turn.items.push(Item::Line(member, line));
    }

    /// Tells everybody something.
    pub(crate) fn tell_all(&mut self, notice: Notice) {
        self.turn.items.push(Item::TellAll(notice));
    }

    /// Takes what has happened since the last time.
    pub(crate) fn take_turn(&mut self) -> Turn {
        self.let_catch_up();
        std::mem::take(&mut self.turn)
    }

    /// Says that `member` is here, if that has not been said.
    fn announce(&mut self, member: MemberId) {
        let Some(newcomer) = self.members.get_mut(&member) else { return };
        if !std::mem::replace(&mut newcomer.announced, true) {
            self.presence.came(&mut self.turn.items, member, &newcomer.name);
        }
    }

    /// Who is here, as it is told.
    fn users(&mut self) -> Arc<str> {
        let here = self.members.values().filter(|member| member.announced).map(|member| &member.name);
        let absent = self.absent.values().map(|absent| &absent.name);
        self.presence.users(here.chain(absent).map(Name::as_str))
    }

    /// Somebody does not count as here any more.
    fn gone(&mut self, member: MemberId, name: &Name, announced: bool) {
        self.free(name, member);
        if announced {
            self.presence.went(&mut self.turn.items, name);
        }
    }
}
