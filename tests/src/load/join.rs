//! Brings everybody in, and shows that they are: something is said until all of them have heard it. It
//! is part of what is measured how long a server takes for that, so it must not be this side that takes
//! long.

use std::io;
use std::ops::Range;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use mio::{Events, Poll, Token};

use super::Plan;
use super::member::{Heard, Member, Role};
use super::order::Fault;
use super::socket::connect;
use super::stream::Stream;

/// How many connect before the server is waited for. Connections that nobody has accepted wait in a
/// queue of the system, in which there is room for 4096 on a usual Linux, and for 128 elsewhere. Who
/// finds no room is tried again by the system only after a second.
const ROW: usize = if cfg!(target_os = "linux") { 4000 } else { 100 };

/// So many begin to shake hands before they are looked after.
const TOGETHER: usize = 32;

/// Without anybody having heard it for so long, it is said again.
const AGAIN: Duration = Duration::from_millis(100);

/// How long everybody may need to hear it.
const PATIENCE: Duration = Duration::from_secs(60);

/// The bytes of what a member heard last that are remembered.
const TAIL: usize = 64;

/// Those who are in, and what they have heard.
pub(super) struct Entrance<'a> {
    plan: &'a Plan,
    poll: Poll,
    members: Vec<Member>,
    /// What each has heard last.
    tails: Vec<Vec<u8>>,
    marks: u32,
    buffer: Vec<u8>,
}

/// Brings in the receivers, then the senders, the last one last. Everybody has then heard the same, and
/// nothing after it.
pub(super) fn join(plan: &Plan, poll: Poll) -> anyhow::Result<(Poll, Vec<Member>)> {
    let senders = plan.senders + usize::from(plan.polite > 0.0);
    let everybody = plan.receivers + senders;
    let mut entrance = Entrance {
        plan,
        poll,
        members: Vec::with_capacity(everybody),
        tails: vec![Vec::new(); everybody],
        marks: 0,
        buffer: vec![0; 64 * 1024],
    };
    while entrance.members.len() + ROW < everybody {
        let first = entrance.members.len();
        entrance.admit(first..first + ROW)?;
        // Somebody who comes after the row, and so is accepted after it, tells it so.
        let mut usher = entrance.connect(everybody, Role::Publisher, plan.dialect.join_as_sender(999))?;
        entrance.gather(first..first + ROW, &mut usher)?;
    }
    entrance.admit(entrance.members.len()..everybody)?;
    let mut last = entrance.members.pop().context("there is nobody")?;
    entrance.gather(0..everybody - 1, &mut last)?;
    entrance.members.push(last);
    Ok((entrance.poll, entrance.members))
}

impl Entrance<'_> {
    fn admit(&mut self, numbers: Range<usize>) -> anyhow::Result<()> {
        let dialect = self.plan.dialect;
        let mut events = Events::with_capacity(4096);
        for number in numbers {
            if self.plan.tls && number % TOGETHER == 0 {
                // Hands are shaken meanwhile: a server waits for that, but not for long.
                self.read_what_came(&mut events, Duration::ZERO)?;
            }
            let (role, hello) = match number.checked_sub(self.plan.receivers) {
                None => (Role::Receiver, dialect.join()),
                Some(sender) if dialect.senders_receive() => {
                    (Role::Sender(sender), dialect.join_as_sender(sender))
                }
                Some(sender) => (Role::Publisher, dialect.join_as_sender(sender)),
            };
            let mut member = self
                .connect(number, role, hello)
                .with_context(|| format!("member {} cannot join", number + 1))?;
            member.register(self.poll.registry(), Token(number))?;
            self.members.push(member);
        }
        Ok(())
    }

    fn connect(&self, number: usize, role: Role, hello: Vec<u8>) -> anyhow::Result<Member> {
        let stream = Stream::new(connect(self.plan.address, number)?, self.plan.tls);
        Ok(Member::new(stream, self.plan.dialect, role, hello)?)
    }

    /// Lets `usher` say something until all of `row` have heard it, and nothing after it.
    fn gather(&mut self, row: Range<usize>, usher: &mut Member) -> anyhow::Result<()> {
        let end = Instant::now() + PATIENCE;
        let row: Vec<usize> = row.filter(|&number| self.members[number].role() != Role::Publisher).collect();
        let mut events = Events::with_capacity(4096);
        loop {
            ensure!(Instant::now() < end, "not everybody hears what is said");
            self.marks += 1;
            let mark = format!("mark {:08}.", self.marks);
            usher.say(|bytes| self.plan.dialect.say(mark.as_bytes(), bytes));
            let (_, tail) = self.plan.dialect.frame(self.plan.size);
            let wanted = [mark.as_bytes(), tail].concat();
            let mut again = Instant::now() + AGAIN;
            while Instant::now() < again {
                usher.flush()?;
                if self.read_what_came(&mut events, AGAIN)? {
                    again = Instant::now() + AGAIN;
                }
                if row.iter().all(|&number| self.tails[number].ends_with(&wanted)) {
                    return Ok(());
                }
            }
        }
    }

    /// Waits so long until something comes for anybody, and reads that. True when there was something.
    fn read_what_came(&mut self, events: &mut Events, wait: Duration) -> anyhow::Result<bool> {
        self.poll.poll(events, Some(wait)).or_else(ignore_interruption)?;
        let mut heard = false;
        for event in &*events {
            heard |= self.read(event.token().0)?;
        }
        Ok(heard)
    }

    /// Reads what has come for a member. True when there was something.
    fn read(&mut self, number: usize) -> anyhow::Result<bool> {
        // The last one is not among the others while it speaks: what it is told has time.
        let Some(member) = self.members.get_mut(number) else { return Ok(false) };
        let who = || format!("member {} cannot join", number + 1);
        member.flush().with_context(who)?;
        let mut any = false;
        loop {
            match member.read_raw(&mut self.buffer).with_context(who)? {
                Heard::Bytes(count) => {
                    if let Some(words) = self.plan.dialect.notice(&self.buffer[..count]) {
                        return Err(Fault::Notice(words)).with_context(who);
                    }
                    let tail = &mut self.tails[number];
                    tail.extend_from_slice(&self.buffer[count.saturating_sub(TAIL)..count]);
                    tail.drain(..tail.len().saturating_sub(TAIL));
                    any = true;
                    if count < self.buffer.len() {
                        return Ok(any);
                    }
                }
                Heard::Nothing => return Ok(any),
                Heard::End => bail!("the server has closed the connection of member {}", number + 1),
            }
        }
    }
}

fn ignore_interruption(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::Interrupted { Ok(()) } else { Err(error) }
}
