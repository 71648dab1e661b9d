//! A crowd of members: their connections, and the loop that says and reads for all of them. Knows
//! sockets and readiness; what the bytes are is `dialect`'s and `order`'s business.

use std::collections::HashMap;
use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use hdrhistogram::Histogram;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use super::dialect::text;
use super::order::Order;
use super::{Outcome, Plan};

/// What one read takes at most.
const READ: usize = 256 * 1024;

/// How long nothing may come while something is awaited.
const PATIENCE: Duration = Duration::from_secs(20);

/// The members of one run.
#[derive(Debug)]
pub struct Crowd {
    plan: Plan,
    poll: Poll,
    /// The senders first, then the receivers.
    members: Vec<Member>,
    order: Order,
    buffer: Vec<u8>,
    numbers: Vec<u64>,
    next_sender: usize,
    said: u64,
}

#[derive(Debug)]
struct Member {
    stream: TcpStream,
    /// Where it is in the order.
    at: u64,
    /// What it has still to write, and whether it waits for the socket to take it.
    unsaid: Vec<u8>,
    role: Role,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Reads everything.
    Receiver,
    /// Reads everything but its own.
    Sender(usize),
    /// Reads answers that nobody needs.
    Publisher,
}

impl Crowd {
    /// Brings everybody in. When it returns, each of them has been shown to hear the others.
    pub fn join(plan: Plan) -> anyhow::Result<Self> {
        ensure!(plan.senders > 0 && plan.senders < 1000, "there must be 1 to 999 senders");
        ensure!(plan.size >= super::dialect::SHORTEST, "a message has too few bytes to be told apart");
        let order = Order::new(plan.dialect, plan.size, plan.senders);
        let mut crowd = Self {
            poll: Poll::new()?,
            members: Vec::with_capacity(plan.senders + plan.receivers),
            order,
            buffer: vec![0; READ],
            numbers: vec![0; plan.senders],
            next_sender: 0,
            said: 0,
            plan,
        };
        for number in 0..crowd.plan.senders + crowd.plan.receivers {
            crowd.add(number).with_context(|| format!("member {number} cannot join"))?;
        }
        crowd.synchronise()?;
        Ok(crowd)
    }

    fn add(&mut self, number: usize) -> anyhow::Result<()> {
        let stream = connect(self.plan.address)?;
        let dialect = self.plan.dialect;
        let (role, hello) = match number {
            sender if sender < self.plan.senders => {
                let role = if dialect.senders_receive() { Role::Sender(sender) } else { Role::Publisher };
                (role, dialect.join_as_sender(sender))
            }
            _ => (Role::Receiver, dialect.join()),
        };
        let mut member = Member { stream: TcpStream::from_std(stream), at: 0, unsaid: hello, role };
        member.flush()?;
        self.poll.registry().register(
            &mut member.stream,
            Token(number),
            Interest::READABLE | Interest::WRITABLE,
        )?;
        self.members.push(member);
        Ok(())
    }

    /// Lets one sender say something until everybody hears it: then all are in. What they read up to
    /// its end is no part of the run.
    fn synchronise(&mut self) -> anyhow::Result<()> {
        let mut heard: HashMap<usize, Vec<u8>> = HashMap::new();
        let mut marks = 0u32;
        let end = Instant::now() + 6 * PATIENCE;
        let everybody: Vec<usize> = (0..self.members.len())
            .filter(|&number| matches!(self.members[number].role, Role::Receiver | Role::Sender(1..)))
            .collect();
        // The mark that all have heard, and nobody another one after it.
        loop {
            ensure!(Instant::now() < end, "not everybody hears what is said");
            marks += 1;
            let mark = format!("mark {marks:08}.");
            let mut bytes = Vec::new();
            self.plan.dialect.say(mark.as_bytes(), &mut bytes);
            self.members[0].unsaid.extend(bytes);
            self.members[0].flush()?;
            let (_, tail) = self.plan.dialect.frame(self.plan.size);
            let wanted = [mark.as_bytes(), tail].concat();
            let patience = Instant::now() + Duration::from_millis(500);
            loop {
                self.read_raw(&mut heard, Duration::from_millis(20))?;
                let all = everybody
                    .iter()
                    .all(|number| heard.get(number).is_some_and(|bytes| bytes.ends_with(&wanted)));
                if all {
                    return Ok(());
                }
                if Instant::now() > patience {
                    break;
                }
            }
        }
    }

    /// Reads whatever comes into `heard`, of which the last bytes are kept.
    fn read_raw(&mut self, heard: &mut HashMap<usize, Vec<u8>>, wait: Duration) -> anyhow::Result<()> {
        let mut events = Events::with_capacity(1024);
        poll(&mut self.poll, &mut events, Some(wait))?;
        for event in &events {
            let number = event.token().0;
            self.members[number].flush()?;
            loop {
                match self.members[number].stream.read(&mut self.buffer) {
                    Ok(0) => bail!("the server has closed member {number}'s connection"),
                    Ok(count) => {
                        let heard = heard.entry(number).or_default();
                        heard.extend_from_slice(&self.buffer[..count]);
                        heard.drain(..heard.len().saturating_sub(200));
                    }
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(())
    }

    /// Talks for so long. What is on its way at the end is waited for, and counted.
    pub fn talk(&mut self, duration: Duration) -> anyhow::Result<Outcome> {
        let mut latency = Histogram::new(3).expect("3 digits are allowed");
        let mut events = Events::with_capacity(4096);
        let start = Instant::now();
        let (first, mut deliveries) = (self.said, 0);
        let mut last_heard = start;
        loop {
            let now = Instant::now();
            let read = self.slowest();
            self.order.forget(read * self.order.unit());
            let over = now - start >= duration;
            if !over {
                self.say(self.plan.window as u64 - (self.said - read))?;
            } else if read == self.said && self.senders_have_read() {
                break;
            }
            ensure!(
                now - last_heard < PATIENCE,
                "{} messages were never read by everybody",
                self.said - read
            );
            poll(&mut self.poll, &mut events, Some(Duration::from_millis(100)))?;
            for event in &events {
                let number = event.token().0;
                if event.is_writable() {
                    self.members[number].flush()?;
                }
                let units = self.read(number, &mut latency)?;
                if units > 0 {
                    deliveries += units;
                    last_heard = Instant::now();
                }
            }
        }
        Ok(Outcome { messages: self.said - first, deliveries, elapsed: start.elapsed(), latency })
    }

    /// Says so many messages, one sender after the other.
    fn say(&mut self, messages: u64) -> anyhow::Result<()> {
        if messages == 0 {
            return Ok(());
        }
        let now = Instant::now();
        for _ in 0..messages {
            let sender = self.next_sender;
            self.next_sender = (sender + 1) % self.plan.senders;
            let text = text(sender, self.numbers[sender], self.plan.size);
            self.numbers[sender] += 1;
            self.plan.dialect.say(&text, &mut self.members[sender].unsaid);
            self.order.sent(sender, now);
        }
        self.said += messages;
        for sender in 0..self.plan.senders {
            self.members[sender].flush()?;
        }
        Ok(())
    }

    /// How many messages everybody has read.
    fn slowest(&self) -> u64 {
        let receivers = self.members.iter().filter(|member| member.role == Role::Receiver);
        let slowest = receivers.map(|member| member.at).min().unwrap_or(0);
        slowest / self.order.unit()
    }

    /// Whether those who talk have read all that the others said.
    fn senders_have_read(&self) -> bool {
        self.members.iter().all(|member| match member.role {
            Role::Sender(sender) => member.at / self.order.unit() == self.said - self.numbers[sender],
            Role::Receiver | Role::Publisher => true,
        })
    }

    /// Reads all that a member's socket has, and gives the deliveries in it.
    fn read(&mut self, number: usize, latency: &mut Histogram<u64>) -> anyhow::Result<u64> {
        let unit = self.order.unit();
        let mut units = 0;
        loop {
            let member = &mut self.members[number];
            let count = match member.stream.read(&mut self.buffer) {
                Ok(0) => bail!("the server has closed member {number}'s connection"),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(units),
                Err(error) => return Err(error.into()),
            };
            let bytes = &self.buffer[..count];
            match member.role {
                Role::Publisher => {}
                Role::Sender(_) => {
                    // Its own view: counted here, and compared by the receivers who read all of it.
                    let before = member.at / unit;
                    member.at += count as u64;
                    units += member.at / unit - before;
                }
                Role::Receiver => {
                    let before = member.at / unit;
                    self.order.check(member.at, bytes)?;
                    member.at += count as u64;
                    units += member.at / unit - before;
                    if let Some(sent) = self.order.sent_before(member.at) {
                        let _ = latency.record(sent.elapsed().as_nanos() as u64);
                    }
                }
            }
            // A short read has taken all there was; what comes later is told anew.
            if count < READ {
                return Ok(units);
            }
        }
    }
}

impl Member {
    fn flush(&mut self) -> io::Result<()> {
        while !self.unsaid.is_empty() {
            match self.stream.write(&self.unsaid) {
                Ok(count) => drop(self.unsaid.drain(..count)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

fn connect(address: SocketAddr) -> anyhow::Result<std::net::TcpStream> {
    let stream = std::net::TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_nodelay(true)?;
    stream.set_nonblocking(true)?;
    Ok(stream)
}

fn poll(poll: &mut Poll, events: &mut Events, wait: Option<Duration>) -> io::Result<()> {
    match poll.poll(events, wait) {
        Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
        polled => polled,
    }
}
