//! What reaches the sequencer: the one place where doors, sessions and shards meet. Knows nothing of
//! what becomes of it.

use std::net::TcpStream;

use smol::Async;

use crate::batch::MemberId;
use crate::intake::Request;
use crate::quota::Seat;

/// How many events may wait for the sequencer. With what one read gives, [`crate::session::READ`],
/// this is about one batch: nobody's message waits behind more of somebody else's flood.
pub(crate) const INBOX: usize = 16;

/// What doors, sessions and shards put into the inbox.
pub(crate) enum Event {
    /// Somebody came.
    Join(MemberId, Newcomer),
    /// Somebody asks for something.
    Request(MemberId, Request),
    /// Somebody has nothing more to ask, or has been disconnected.
    Leave(MemberId),
}

/// A connection that has a seat.
pub(crate) struct Newcomer {
    pub(crate) stream: Async<TcpStream>,
    pub(crate) seat: Seat,
}
