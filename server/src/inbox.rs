//! What reaches the sequencer: the one place where doors, sessions and shards meet. Knows nothing of
//! what becomes of it.

use std::net::TcpStream;

use chat_shared::History;
use smol::Async;

use crate::batch::MemberId;
use crate::intake::Request;
use crate::quota::Seat;

/// How many events may wait for the sequencer. With what one read gives, [`crate::session::READ`],
/// this is less than one batch: nobody's message waits behind more of somebody else's flood.
pub(crate) const INBOX: usize = 4;

/// What doors, sessions and shards put into the inbox.
pub(crate) enum Event {
    /// Somebody came.
    Join(MemberId, Newcomer),
    /// Somebody asks for something.
    Request(MemberId, Request),
    /// Somebody's question about the past has been answered.
    Answered(MemberId, Answer),
    /// Somebody has nothing more to ask, or has been disconnected.
    Leave(MemberId),
}

/// What has been answered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// All of it.
    Done,
    /// All but the end: the member wants to hear what is said live, from the message after this one on.
    CaughtUp {
        /// Which way it came.
        history: History,
        /// The last message that it was given, or has.
        reached: u64,
        /// How many it was given.
        n: u64,
        /// Whether the log has older ones, of which it did not ask.
        more: bool,
    },
}

impl Event {
    /// About how many bytes a batch has of it.
    pub(crate) fn size(&self) -> usize {
        /// A line's command and name, a private line, a change of audience.
        const LINE: usize = 32;
        match self {
            Self::Request(_, Request::Say(lines)) => {
                lines.len() + LINE * memchr::memchr_iter(b'\n', lines.as_bytes()).count()
            }
            Self::Request(_, Request::Post(_, text)) => text.len() + 2 * LINE,
            _ => LINE,
        }
    }
}

/// A connection that has a seat.
pub(crate) struct Newcomer {
    pub(crate) stream: Async<TcpStream>,
    pub(crate) seat: Seat,
}

#[cfg(test)]
impl Newcomer {
    /// Somebody who comes from this machine, and the other end of its connection.
    pub(crate) fn pair() -> (Self, TcpStream) {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let theirs = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (ours, peer) = listener.accept().unwrap();
        let seat = crate::quota::Seats::new(1, 1).take(peer.ip()).unwrap();
        (Self { stream: Async::new(ours).unwrap(), seat }, theirs)
    }
}
