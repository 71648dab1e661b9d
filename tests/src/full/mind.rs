//! What an opted-in member makes of what it is told, and what it says to it. Every line is checked against
//! the promises: ids without gap and double, one message under one id for all, acknowledgements that stay
//! what they were. Knows no socket, no thread and no clock.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use chat_shared::full::{Entry, History};
use chat_shared::{
    Body, Code, ErrorCode, MessageId, Millis, Name, RoomId, ServerCommand, SessionId, Speaker, Txn,
};

use super::WINDOW;
use super::ledger::{Ledger, Row};
use super::outbox::Outbox;

/// A member, from its first connection to its last.
#[derive(Debug)]
pub(super) struct Mind {
    session: SessionId,
    name: Name,
    ledger: Arc<Ledger>,
    room: Option<RoomId>,
    /// Everything up to here has been shown to it, without gap.
    last: MessageId,
    phase: Phase,
    outbox: Outbox,
    /// What has a higher txn was sent for the first time on this connection, and by a member that was live.
    fresh: Txn,
    /// Its own messages that were acknowledged before their place in the order was shown.
    early: BTreeSet<MessageId>,
    /// It says what waits as soon as it knows the room, and not once it has caught up.
    hasty: bool,
    window: usize,
}

/// How far a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// WELCOME has not come.
    Greeting,
    /// The answer to AFTER has not ended.
    CatchingUp,
    Live,
    /// BYE has come.
    Over,
}

/// What is to be done after a line.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Reply {
    /// Lines to send.
    pub(super) lines: Vec<String>,
    /// The server is busy: what waits is to be sent again a little later.
    pub(super) busy: bool,
}

impl Mind {
    pub(super) fn new(session: SessionId, name: Name, ledger: Arc<Ledger>) -> Self {
        Self {
            session,
            name,
            ledger,
            room: None,
            last: 0,
            phase: Phase::Over,
            outbox: Outbox::default(),
            fresh: Txn::MAX,
            early: BTreeSet::new(),
            hasty: false,
            window: WINDOW,
        }
    }

    /// There is a new connection. What to say first. A `hasty` member sends what waits at once; at most
    /// `window` are then on their way.
    pub(super) fn greet(&mut self, hasty: bool, window: usize) -> Vec<String> {
        self.phase = Phase::Greeting;
        (self.hasty, self.window) = (hasty, window);
        self.fresh = Txn::MAX;
        self.outbox.again();
        vec![format!("HELLO 1 {}", self.session), format!(" NAME {}", self.name)]
    }

    /// The connection is broken.
    pub(super) fn part(&mut self) {
        self.phase = Phase::Over;
    }

    /// Something new is to be said.
    pub(super) fn say(&mut self, text: String) {
        self.outbox.add(text);
    }

    /// What can be sent by now of what is to be said.
    pub(super) fn posts(&mut self) -> Vec<String> {
        let ready = self.phase == Phase::Live || self.hasty && self.phase == Phase::CatchingUp;
        if !ready {
            return Vec::new();
        }
        let post = |(txn, text): (Txn, &str)| {
            let body = Body::parse(text).expect("only valid texts are said");
            format!("POST {txn} {}", body.escaped())
        };
        self.outbox.send(self.window).into_iter().map(post).collect()
    }

    /// The server has had time: what waits is sent again.
    pub(super) fn again(&mut self) {
        self.outbox.again();
    }

    /// Whether it is live, and all that it said has been acknowledged.
    pub(super) fn is_at_rest(&self) -> bool {
        self.phase == Phase::Live && self.outbox.waiting() == 0 && self.early.is_empty()
    }

    pub(super) fn waiting(&self) -> usize {
        self.outbox.waiting()
    }

    pub(super) fn last(&self) -> MessageId {
        self.last
    }

    pub(super) fn is_live(&self) -> bool {
        self.phase == Phase::Live
    }

    /// What it said, from txn 1 on, and under which ids and when.
    pub(super) fn into_parts(self) -> (Vec<String>, BTreeMap<Txn, (MessageId, Millis)>) {
        self.outbox.into_parts()
    }

    /// The server says this. An error is a promise that was broken.
    pub(super) fn hear(&mut self, line: &str) -> Result<Reply, String> {
        let command = ServerCommand::parse(line).map_err(|fault| fault.to_string())?;
        let mut reply = Reply::default();
        match (command, self.phase) {
            // What was said to a member of the base before the server read its HELLO.
            (ServerCommand::Message { from: Speaker::Member(_), .. }, Phase::Greeting) => {}
            (ServerCommand::Welcome { version: 1, room, .. }, Phase::Greeting) => {
                if *self.room.get_or_insert(room) != room {
                    return Err("the log was lost: the room is another".into());
                }
                self.phase = Phase::CatchingUp;
                reply.lines.push(format!("AFTER {room} {}", self.last));
            }
            (ServerCommand::You(name), Phase::CatchingUp | Phase::Live) if name == self.name => {}
            (ServerCommand::Past(entry), Phase::CatchingUp) => self.show(&entry)?,
            (ServerCommand::End { history: History::After, more: false, .. }, Phase::CatchingUp) => {
                // What was acknowledged and not shown can only come live now, and does so in its place.
                self.phase = Phase::Live;
                self.fresh = self.outbox.tried();
            }
            (ServerCommand::Post(entry), Phase::Live) => self.show(&entry)?,
            (ServerCommand::Ack { txn, id, time }, Phase::CatchingUp | Phase::Live) => {
                self.acknowledge(txn, id, time)?;
            }
            (
                ServerCommand::Users(_)
                | ServerCommand::EndUsers(_)
                | ServerCommand::Count(_)
                | ServerCommand::Join(_)
                | ServerCommand::Leave(_)
                | ServerCommand::Rename { .. },
                Phase::Live,
            ) => {}
            (ServerCommand::Ping(token), _) => reply.lines.push(format!("PONG {token}")),
            (ServerCommand::Bye { .. }, _) => self.phase = Phase::Over,
            (ServerCommand::Error { code: Code::Known(ErrorCode::Busy), txn: Some(txn), .. }, _)
                if txn <= self.outbox.tried() =>
            {
                reply.busy = true;
            }
            // It will be sent again, after one before it that the server could not take.
            (ServerCommand::Error { code: Code::Known(ErrorCode::TxnOrder), txn: Some(txn), .. }, _)
                if self.outbox.lowest().is_some_and(|lowest| lowest < txn) => {}
            (_, phase) => return Err(format!("this is not to be said to one who is {phase:?}")),
        }
        Ok(reply)
    }

    /// The next message is shown to it.
    fn show(&mut self, entry: &Entry<'_>) -> Result<(), String> {
        if entry.id != self.last + 1 {
            return Err(format!("{} comes after {}", entry.id, self.last));
        }
        self.ledger.shown(entry.id, Row::of(entry))?;
        self.last = entry.id;
        self.early.remove(&entry.id);
        Ok(())
    }

    /// Its own message is in the log. One that is new has its place in the order, and is shown by this.
    fn acknowledge(&mut self, txn: Txn, id: MessageId, time: Millis) -> Result<(), String> {
        let text = self.outbox.acknowledge(txn, (id, time))?.to_owned();
        self.ledger.shown(id, Row { time, name: self.name.to_string(), text })?;
        if txn > self.fresh && id != self.last + 1 {
            return Err(format!("a new message of its own has the id {id}, and comes after {}", self.last));
        }
        if id <= self.last {
            return Ok(());
        }
        if self.phase == Phase::Live && id == self.last + 1 {
            self.last = id;
            self.early.remove(&id);
            return Ok(());
        }
        // Said again, and looked up: this may come at any time, but what it is about comes in its place.
        self.early.insert(id);
        Ok(())
    }
}

impl fmt::Display for Mind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (waiting, lowest) = (self.outbox.waiting(), self.outbox.lowest());
        write!(
            f,
            "{} is {:?}, has been shown {}, and of its own messages ",
            self.name, self.phase, self.last
        )?;
        write!(f, "{waiting} wait, from {lowest:?} on; acknowledged early: {:?}", self.early)
    }
}

#[cfg(test)]
mod tests;
