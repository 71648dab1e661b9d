//! What the network thread and the model say to each other: orders one way, events the other. Knows
//! neither of the two; these are plain values, so that each can be tested without the other.

use std::time::{Duration, Instant};

use chat_shared::Name;

/// One point in time, on both of the clocks that matter.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// Milliseconds since 1970 UTC, for showing. It may jump when somebody sets the clock.
    pub wall: i64,
    /// For measuring how long something took. It never jumps.
    pub steady: Instant,
}

impl Moment {
    /// This very moment.
    pub fn now() -> Self {
        Self { wall: jiff::Timestamp::now().as_millisecond(), steady: Instant::now() }
    }
}

/// What the network is told to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Send one line of text.
    Send {
        /// The connection it is meant for. On any other it is dropped: its author learns of the break
        /// by [`News::Lost`] and sends it anew, so that it goes out once.
        link: u64,
        /// Names the line in [`News::Sent`].
        key: u64,
        /// The text: a valid one, without a line's end.
        text: String,
    },
    /// Bear this name, on the next connections at least.
    Name {
        /// The name.
        name: Name,
        /// Tell the server now, if there is a connection.
        say: bool,
    },
    /// Stop waiting and try to connect at once.
    RetryNow,
}

/// Something that happened on the network, and when.
#[derive(Debug, Clone)]
pub struct Event {
    /// When it happened, not when it was noticed.
    pub at: Moment,
    /// What happened.
    pub news: News,
}

/// What happened on the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// An attempt to connect begins.
    Connecting,
    /// There is a connection, and `NAME` was said on it.
    Connected {
        /// Its number; each connection has a higher one than the last.
        link: u64,
    },
    /// There is no connection, and there will be another attempt.
    Lost {
        /// Why, in words.
        why: String,
        /// When the next attempt begins, counted from now.
        retry_in: Duration,
        /// How long ago a line may have been written and yet not have arrived.
        doubt: Duration,
    },
    /// Every byte of these lines was handed to the operating system, in this order.
    Sent {
        /// The keys given with [`Order::Send`].
        keys: Vec<u64>,
    },
    /// The lines of one read.
    Lines(Vec<Line>),
}

/// One line from the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// A message from a member, or from ourselves where the server echoes.
    Said {
        /// Who says it.
        from: String,
        /// What is said, harmless to show.
        text: String,
    },
    /// The server itself says something.
    Notice(String),
    /// A line that could not be read; carries why.
    Unreadable(String),
}
