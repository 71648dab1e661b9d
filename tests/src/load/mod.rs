//! The load generator: joins a room as many, says much, reads everything, and checks that everybody
//! reads the same. One thread, so that it takes at most one core from the server it measures. Knows
//! servers from outside only.
//!
//! | module | what it holds |
//! |---|---|
//! | [`dialect`] | how a server is spoken to |
//! | `order` | what everybody must read, and the check that they do |
//! | `crowd` | the connections and the loop that serves them |

mod crowd;
pub mod dialect;
mod order;

use std::net::SocketAddr;
use std::time::Duration;

use hdrhistogram::Histogram;

pub use crowd::Crowd;
pub use dialect::Dialect;
pub use order::Fault;

/// What to do to a server.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Where it listens.
    pub address: SocketAddr,
    /// What it speaks.
    pub dialect: Dialect,
    /// Members who only listen.
    pub receivers: usize,
    /// Members who speak.
    pub senders: usize,
    /// Messages that may be on their way at a time: said, and not yet read by everybody.
    pub window: usize,
    /// Bytes of one message's text, at least [`dialect::SHORTEST`].
    pub size: usize,
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// Messages said and read by everybody.
    pub messages: u64,
    /// Lines read, all members together.
    pub deliveries: u64,
    /// For how long.
    pub elapsed: Duration,
    /// From the message being said to a member having read it, in nanoseconds: of every read, its last
    /// message.
    pub latency: Histogram<u64>,
}

impl Outcome {
    /// Lines read per second.
    pub fn rate(&self) -> f64 {
        self.deliveries as f64 / self.elapsed.as_secs_f64()
    }
}
