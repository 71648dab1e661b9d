//! One connection: what it still has to say, what it hears, and its place in the order. Knows its own
//! socket; when it speaks and what it should hear are decided elsewhere.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::time::Duration;

use mio::{Interest, Registry, Token};
use socket2::SockRef;

use super::dialect::{Aside, Dialect};
use super::order::{Fault, Order, View};
use super::stream::Stream;

/// What a member does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Reads everything.
    Receiver,
    /// Reads everything but its own.
    Sender(usize),
    /// Reads answers that nobody needs.
    Publisher,
    /// Came later: it reads everything from the first message on that it hears.
    Newcomer,
}

/// What a read gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// So many bytes, which have been checked.
    Bytes(usize),
    /// Nothing has come.
    Nothing,
    /// The server has closed the connection.
    End,
}

/// A member.
#[derive(Debug)]
pub(super) struct Member {
    stream: Stream,
    dialect: Dialect,
    role: Role,
    /// What the socket has not taken yet.
    unsaid: Vec<u8>,
    /// What it reads next, and is no message.
    aside: Aside,
    /// What a newcomer has heard before its place was known.
    unplaced: Option<Vec<u8>>,
    /// How far what a sender hears has been compared, and what it has heard beyond that.
    view: Option<View>,
    ahead: Vec<u8>,
    at: u64,
    /// The polite sender's messages that it has read.
    pub(super) polite: u64,
}

impl Member {
    /// A member on this connection, which may not be there yet. It says `hello` first.
    pub(super) fn new(mut stream: Stream, dialect: Dialect, role: Role, hello: Vec<u8>) -> io::Result<Self> {
        if matches!(role, Role::Sender(_) | Role::Publisher) {
            // Who speaks wants to be heard at once. The others have nothing to say that could wait.
            stream.socket().set_nodelay(true)?;
        }
        let newcomer = role == Role::Newcomer;
        let mut member = Self {
            stream,
            dialect,
            role,
            unsaid: hello,
            aside: if newcomer { dialect.welcome() } else { Aside::Nothing },
            unplaced: newcomer.then(Vec::new),
            view: match role {
                Role::Sender(sender) => Some(View::new(sender)),
                _ => None,
            },
            ahead: Vec::new(),
            at: 0,
            polite: 0,
        };
        member.flush()?;
        Ok(member)
    }

    /// Has its events told under `token`.
    pub(super) fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        // A receiver that has said its hello writes no more.
        let silent = self.unsaid.is_empty() && matches!(self.role, Role::Receiver | Role::Newcomer);
        let interest = if silent { Interest::READABLE } else { Interest::READABLE | Interest::WRITABLE };
        registry.register(self.stream.socket(), token, interest)
    }

    /// Will break the connection off when it is dropped, and not close it. A closed one is remembered by
    /// the system for a minute, and of many thousands each makes it harder to find a port for the next.
    pub(super) fn leave_no_trace(&mut self) {
        // What is remembered instead does no harm but that.
        let _ = SockRef::from(&*self.stream.socket()).set_linger(Some(Duration::ZERO));
    }

    pub(super) fn role(&self) -> Role {
        self.role
    }

    /// Where it is in the order, in bytes; of a sender, which hears not all of it, what it has heard. A
    /// newcomer without a place is at the least it can be.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// What may not be forgotten: from here on it is still compared.
    pub(super) fn compared(&self) -> u64 {
        self.view.as_ref().map_or(self.at, View::at)
    }

    /// Whether it has heard so much and no more, and all of it has been compared.
    pub(super) fn has_heard_just(&self, bytes: u64) -> bool {
        self.at == bytes && self.ahead.is_empty()
    }

    /// A newcomer that comes when everybody has read up to `at` hears nothing from before that.
    pub(super) fn not_before(&mut self, at: u64) {
        self.at = at;
    }

    /// Whether it has heard something, and is at a place in the order.
    pub(super) fn has_heard(&self) -> bool {
        self.unplaced.is_none()
    }

    /// Whether it has heard something that has no place yet.
    pub(super) fn waits_for_place(&self) -> bool {
        self.unplaced.as_ref().is_some_and(|heard| !heard.is_empty())
    }

    /// Will say `bytes` when it is flushed.
    pub(super) fn say(&mut self, say: impl FnOnce(&mut Vec<u8>)) {
        say(&mut self.unsaid);
    }

    /// Writes what it has to say, as far as the socket takes it.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        while !self.unsaid.is_empty() {
            match self.stream.write(&self.unsaid) {
                Ok(count) => drop(self.unsaid.drain(..count)),
                // Not connected yet, on some systems: an event will tell.
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::NotConnected) => {
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
        match self.stream.flush() {
            Err(error) if error.kind() != ErrorKind::WouldBlock => Err(error),
            _ => Ok(()),
        }
    }

    /// Reads once, whatever it is, and gives the count of bytes.
    pub(super) fn read_raw(&mut self, buffer: &mut [u8]) -> io::Result<Heard> {
        let read = self.stream.read(buffer);
        if matches!(self.stream, Stream::Sealed(_)) && !self.unsaid.is_empty() {
            // Hands have perhaps just been shaken.
            self.flush()?;
        }
        match read {
            Ok(0) => Ok(Heard::End),
            Ok(count) => Ok(Heard::Bytes(count)),
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::NotConnected => Ok(Heard::Nothing),
                ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => Ok(Heard::End),
                _ => Err(error),
            },
        }
    }

    /// Reads once, checks what came against the order, and moves on in it.
    pub(super) fn read(&mut self, order: &mut Order, buffer: &mut [u8]) -> anyhow::Result<Heard> {
        let heard = self.read_raw(buffer)?;
        if let Heard::Bytes(count) = heard
            && self.role != Role::Publisher
        {
            self.hear(order, &buffer[..count])?;
        }
        Ok(heard)
    }

    fn hear(&mut self, order: &mut Order, mut bytes: &[u8]) -> anyhow::Result<()> {
        self.aside.skip(&mut bytes);
        if let Some((question, answer)) = self.dialect.question() {
            while let Some(place) = memchr::memchr(question[0], bytes) {
                self.follow(order, &bytes[..place])?;
                bytes = &bytes[place..];
                self.aside = Aside::Bytes(question.len());
                self.aside.skip(&mut bytes);
                self.unsaid.extend_from_slice(answer);
                self.flush()?;
            }
        }
        Ok(self.follow(order, bytes)?)
    }

    /// Hears these bytes of the stream. If they are wrong because the server has something to say, that
    /// is told.
    fn follow(&mut self, order: &mut Order, bytes: &[u8]) -> Result<(), Fault> {
        let before = self.at % order.unit();
        self.compare(order, bytes).map_err(|fault| self.notice(before, bytes).map_or(fault, Fault::Notice))
    }

    /// What the server says in these bytes, before which so many of a message had come.
    fn notice(&self, before: u64, bytes: &[u8]) -> Option<String> {
        // All that such a line can have in common with a message: more would have been found out.
        const COMMON: &[u8] = b"MESSAGE ";
        let before = &COMMON[..COMMON.len().min(before as usize)];
        let before = if self.unplaced.is_some() { &[] } else { before };
        self.dialect.notice(&[before, bytes].concat())
    }

    fn compare(&mut self, order: &mut Order, bytes: &[u8]) -> Result<(), Fault> {
        if let Some(unplaced) = &mut self.unplaced {
            unplaced.extend_from_slice(bytes);
            return self.find_place(order);
        }
        if self.view.is_some() {
            self.follow_others(order, bytes)?;
        } else {
            order.check(self.at, bytes)?;
        }
        self.at += bytes.len() as u64;
        Ok(())
    }

    /// A sender hears these bytes. It cannot teach others what it hears, since its own messages are not
    /// among that: what no receiver has read yet has to wait.
    fn follow_others(&mut self, order: &Order, mut bytes: &[u8]) -> Result<(), Fault> {
        self.catch_up(order)?;
        if let Some(view) = &mut self.view
            && self.ahead.is_empty()
        {
            bytes = &bytes[order.check_view(view, bytes)?..];
        }
        // It begins where a message does, and so does each of its messages.
        let unit = order.unit() as usize;
        let known = self.ahead.len() / unit * unit;
        self.ahead.extend_from_slice(bytes);
        self.ahead[known..].chunks(unit).try_for_each(|message| order.may_begin(message))
    }

    /// Compares what a sender has heard with what receivers have read since.
    pub(super) fn catch_up(&mut self, order: &Order) -> Result<(), Fault> {
        if let Some(view) = &mut self.view
            && !self.ahead.is_empty()
        {
            let compared = order.check_view(view, &self.ahead)?;
            self.ahead.drain(..compared);
        }
        Ok(())
    }

    /// Finds a newcomer's place in the order, if it can be told by now.
    pub(super) fn find_place(&mut self, order: &mut Order) -> Result<(), Fault> {
        let Some(heard) = &mut self.unplaced else { return Ok(()) };
        let Some(place) = order.place(heard)? else { return Ok(()) };
        let heard = std::mem::take(heard);
        self.unplaced = None;
        self.at = place;
        self.follow(order, &heard)
    }
}
