//! The load generator: joins a room as many, says much, reads everything, and checks that everybody
//! reads the same. One thread, so that it takes at most one core from the server it measures. Knows
//! servers from outside only.
//!
//! | module | what it holds |
//! |---|---|
//! | [`dialect`] | how a server is spoken to |
//! | `bounds` | what can be asked of a run |
//! | `order` | what everybody must read, and the check that they do |
//! | `member` | one connection: what it still has to say, what it hears, its place in the order |
//! | `join` | brings everybody in, and shows that they are |
//! | `crowd` | the loop that says and reads for all of them |
//! | `talk` | what is said on a timer, and what has come of a talk so far |
//! | `front` | how far everybody has read |
//! | `passing` | those who come and go, and those who read at a trickle |
//! | `pace` | when what is said on a timer is due |
//! | `alarm` | wakes the loop in time |
//! | `stream` | a connection's bytes, in plain text or sealed by TLS |
//! | `socket` | what the system is asked for: descriptors, addresses, buffers |

mod alarm;
mod bounds;
mod crowd;
pub mod dialect;
mod front;
mod join;
mod member;
mod order;
mod pace;
mod passing;
mod socket;
mod stream;
mod talk;

use std::net::SocketAddr;
use std::time::Duration;

use hdrhistogram::Histogram;

pub use crowd::Crowd;
pub use dialect::Dialect;
pub use order::Fault;
pub use socket::raise_limit;

/// What to do to a server.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Where it listens.
    pub address: SocketAddr,
    /// What it speaks.
    pub dialect: Dialect,
    /// Whether those who stay speak TLS. Those who come and go, or hardly read, speak plain text.
    pub tls: bool,
    /// Members who only listen.
    pub receivers: usize,
    /// Members who speak, in turn.
    pub senders: usize,
    /// When they speak.
    pub pace: Pace,
    /// Bytes of one message's text, at least [`dialect::SHORTEST`].
    pub size: usize,
    /// Messages a second that one more sender says on a timer of its own, whatever the others do; 0 is
    /// no such sender.
    pub polite: f64,
    /// Members a second who come, read for about a second, and go.
    pub churn: f64,
    /// Members who read at a trickle, so that more and more waits for them.
    pub slow: usize,
    /// How long nothing may come while something is awaited.
    pub patience: Duration,
}

impl Plan {
    /// One sender and a hundred receivers who speak Oneroom's language, 1024 messages of 64 bytes on
    /// their way at a time.
    pub fn at(address: SocketAddr) -> Self {
        Self {
            address,
            dialect: Dialect::Chat,
            tls: false,
            receivers: 100,
            senders: 1,
            pace: Pace::Window(1024),
            size: 64,
            polite: 0.0,
            churn: 0.0,
            slow: 0,
            patience: Duration::from_secs(20),
        }
    }
}

/// When the next message is said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pace {
    /// As soon as fewer than so many are on their way: said, and not yet read by every receiver.
    Window(usize),
    /// So many a second, on a timer, whether or not the server keeps up. A message counts from when it
    /// was due, not from when it could be said.
    Rate(f64),
}

/// How long to talk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// For so long. What is on its way at the end is waited for, and counted.
    Time(Duration),
    /// Until so many deliveries have been made, or as few more as make up a whole message.
    Deliveries(u64),
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// Messages said and read by everybody.
    pub messages: u64,
    /// Lines read, all senders and receivers together.
    pub deliveries: u64,
    /// For how long.
    pub elapsed: Duration,
    /// From a message being said (or being due, at [`Pace::Rate`]) to a receiver having read it, in
    /// nanoseconds. Of what one read gives, four messages stand for all.
    pub latency: Histogram<u64>,
    /// The same, of the polite sender's messages alone: from due to read, all of them.
    pub polite: Histogram<u64>,
    /// How long each of them waited for the server: from being handed to the system, which can be later than
    /// it was due, until the first receiver had read it.
    pub wait: Histogram<u64>,
    /// How many messages were said and read by no receiver yet, each time that the polite sender spoke:
    /// what stood before its own.
    pub before: Histogram<u64>,
    /// Those who came and went, and those who read at a trickle.
    pub passing: Passing,
}

impl Outcome {
    /// Lines read per second.
    pub fn rate(&self) -> f64 {
        self.deliveries as f64 / self.elapsed.as_secs_f64()
    }
}

/// What became of those who do not stay, or do not keep up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Passing {
    /// Members who came.
    pub came: u64,
    /// How many of these heard something.
    pub heard: u64,
    /// Lines that they and the slow members read, each of them checked.
    pub deliveries: u64,
    /// How often a slow member was disconnected, or gave up because it was megabytes behind, and came
    /// back.
    pub rejoined: u64,
    /// Bytes that the slow members were behind when the talk was over, the middle one of them.
    pub behind: u64,
}

/// How a talk is going.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// Since it began.
    pub elapsed: Duration,
    /// Lines read since it began.
    pub deliveries: u64,
    /// Members who are in now.
    pub members: usize,
    /// Messages said and not yet read by every receiver.
    pub in_flight: u64,
}
