//! What reaches the sequencer: the one place where doors, sessions and shards meet. Knows nothing of
//! what becomes of it.

use std::net::TcpStream;

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
    /// Somebody has nothing more to ask, or has been disconnected.
    Leave(MemberId),
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
