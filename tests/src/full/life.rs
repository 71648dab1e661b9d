//! The life of a resident, on a thread of its own: one connection after the other, until it is told to
//! leave or a promise to it is broken. Knows sockets; what a line means is its mind's business.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use chat_shared::{MessageId, Millis, SessionId, Txn};

use super::WINDOW;
use super::ledger::Ledger;
use super::mind::Mind;
use crate::{DEADLINE, until};

/// How long it gives a server that is busy.
const BUSY: Duration = Duration::from_secs(1);

/// What became of it.
#[derive(Debug)]
pub struct Story {
    /// Its session.
    pub session: SessionId,
    /// Its name.
    pub name: String,
    /// What it said, from txn 1 on.
    pub said: Vec<String>,
    /// Under which ids, and when, that was acknowledged.
    pub places: BTreeMap<Txn, (MessageId, Millis)>,
    /// Everything up to here was shown to it.
    pub last: MessageId,
    /// How many connections it had.
    pub connections: usize,
}

/// How far it is.
#[derive(Debug, Default)]
pub(super) struct Progress {
    pub(super) last: MessageId,
    pub(super) live: bool,
    pub(super) at_rest: bool,
    pub(super) refusals: usize,
    /// Orders that were given to it, and those it has taken.
    pub(super) given: usize,
    pub(super) taken: usize,
    pub(super) fault: Option<String>,
}

/// What its thread waits for.
#[derive(Debug)]
pub(super) enum Event {
    /// A line came, on the connection of this number.
    Line(usize, String),
    /// That connection has ended.
    End(usize),
    /// Keep so many messages waiting; new ones are made up.
    Talk(usize),
    /// Say good-bye.
    Leave,
}

/// What it is made of.
pub(super) struct Life {
    pub(super) address: SocketAddr,
    pub(super) mind: Mind,
    pub(super) ledger: Arc<Ledger>,
    pub(super) random: fastrand::Rng,
    pub(super) events: Receiver<Event>,
    /// The other end of `events`, for those who read its connections.
    pub(super) orders: Sender<Event>,
    pub(super) progress: Arc<Shared>,
    pub(super) state: State,
}

/// How far it is, and that it has changed.
pub(super) type Shared = (Mutex<Progress>, Condvar);

/// What it remembers from one connection to the next, beside its mind.
#[derive(Debug, Default)]
pub(super) struct State {
    connections: usize,
    /// How many texts it has made up.
    made_up: usize,
    /// How many messages are to wait.
    talk: usize,
    /// When the server has had time.
    again_at: Option<Instant>,
    leaving: bool,
}

impl Life {
    /// From the first connection to the last.
    pub(super) fn live(mut self, session: SessionId, name: String) -> Story {
        while !self.state.leaving {
            if let Err(fault) = self.visit() {
                self.ledger.fail(&fault);
                self.tell(|progress| progress.fault = Some(fault));
                break;
            }
        }
        let (last, connections) = (self.mind.last(), self.state.connections);
        let (said, places) = self.mind.into_parts();
        Story { session, name, said, places, last, connections }
    }

    /// One connection, from its beginning to its end. An error is a promise that was broken.
    fn visit(&mut self) -> Result<(), String> {
        let mut dial = || TcpStream::connect(self.address).ok();
        let stream = until(&mut dial).ok_or("nobody answers")?;
        self.state.connections += 1;
        let number = self.state.connections;
        stream.set_nodelay(true).and_then(|()| stream.set_write_timeout(Some(DEADLINE))).map_err(words)?;
        let reading = stream.try_clone().map_err(words)?;
        let lines = self.orders.clone();
        let reader = thread::spawn(move || {
            let mut reading = BufReader::new(reading);
            let mut line = String::new();
            // A line that was cut off is none.
            while reading.read_line(&mut line).is_ok() && line.ends_with('\n') {
                line.pop();
                if lines.send(Event::Line(number, std::mem::take(&mut line))).is_err() {
                    return;
                }
            }
            // Nobody waits for it any more when this fails.
            let _ = lines.send(Event::End(number));
        });
        let visited = self.talk(&stream, number);
        // So that the reader ends, whatever the other side does.
        let _ = stream.shutdown(Shutdown::Both);
        let _ = reader.join();
        self.state.again_at = None;
        self.mind.part();
        self.tell(|_| {});
        visited
    }

    fn talk(&mut self, stream: &TcpStream, number: usize) -> Result<(), String> {
        let (hasty, window) = (self.random.bool(), self.random.usize(1..=WINDOW));
        let mut lines = self.mind.greet(hasty, window);
        loop {
            while self.mind.waiting() < self.state.talk {
                self.make_up();
            }
            if self.state.again_at.is_some_and(|at| at <= Instant::now()) {
                self.state.again_at = None;
                self.mind.again();
            }
            if self.state.again_at.is_none() {
                lines.extend(self.mind.posts());
            }
            if !write(stream, &mut lines) {
                return Ok(());
            }
            let wait =
                self.state.again_at.map_or(DEADLINE, |at| at.saturating_duration_since(Instant::now()));
            match self.events.recv_timeout(wait) {
                Ok(Event::Line(from, line)) if from == number => {
                    let reply = self.mind.hear(&line).map_err(|fault| self.blame(&line, &fault))?;
                    lines.extend(reply.lines);
                    if reply.busy {
                        self.state.again_at.get_or_insert(Instant::now() + BUSY);
                        self.tell(|progress| progress.refusals += 1);
                    }
                    self.tell(|_| {});
                }
                Ok(Event::End(from)) if from == number => return Ok(()),
                // Of a connection that is over.
                Ok(Event::Line(..) | Event::End(_)) => {}
                Ok(Event::Talk(waiting)) => {
                    self.state.talk = waiting;
                    self.tell(|progress| progress.taken += 1);
                }
                Ok(Event::Leave) => {
                    self.state.leaving = true;
                    write(stream, &mut vec!["QUIT".to_owned()]);
                    return Ok(());
                }
                Err(RecvTimeoutError::Timeout) if self.state.again_at.is_some() || self.mind.is_at_rest() => {
                }
                Err(_) => return Err(self.blame("nothing", "something is due")),
            }
        }
    }

    /// Something to say that nobody else says, at times with what a line must escape.
    fn make_up(&mut self) {
        self.state.made_up += 1;
        let rest = match self.random.u8(0..20) {
            0 => format!("\nof two lines, with {}", "\\ ".repeat(self.random.usize(1..10))),
            1 => "x".repeat(self.random.usize(1..2000)),
            2 => "grüße 你好 👩\u{200D}👧".to_owned(),
            _ => String::new(),
        };
        self.mind.say(format!("number {} {rest}", self.state.made_up).trim_end().to_owned());
    }

    /// Lets those see who wait how far it is, after a change.
    fn tell(&self, change: impl FnOnce(&mut Progress)) {
        let (progress, changed) = &*self.progress;
        let mut progress = progress.lock().expect("nobody panics with it");
        change(&mut progress);
        progress.last = self.mind.last();
        progress.live = self.mind.is_live();
        progress.at_rest = self.state.talk == 0 && self.mind.is_at_rest();
        changed.notify_all();
    }

    fn blame(&self, line: &str, fault: &str) -> String {
        format!("on connection {} came {line:?}: {fault}; {}", self.state.connections, self.mind)
    }
}

/// Sends the lines. False when the connection is broken.
fn write(mut stream: &TcpStream, lines: &mut Vec<String>) -> bool {
    let bytes: String = lines.drain(..).map(|line| line + "\n").collect();
    stream.write_all(bytes.as_bytes()).is_ok()
}

fn words(error: std::io::Error) -> String {
    error.to_string()
}
