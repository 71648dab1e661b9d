//! The reading end of one member, from its first byte to its last, and the good manners of closing a
//! socket. Knows its own connection and the inbox; what its requests mean is decided elsewhere.

use std::cell::RefCell;
use std::io::{self, Read};
use std::net::{Shutdown, TcpStream};
use std::rc::Rc;
use std::time::{Duration, Instant};

use async_channel::Sender;
use chat_shared::{Notice, Pace};
use futures_lite::future;
use smol::{Async, Timer};

use crate::connection::Connection;
use crate::inbox::Event;
use crate::intake::{Digest, Intake, Request};

/// The most that one read takes, in bytes. A flood is passed on in pieces of this size, so that nobody's
/// message waits behind more than that of each other member.
pub(crate) const READ: usize = 16 * 1024;

/// How long the other end may take to close after we have.
const LINGER: Duration = Duration::from_secs(2);

thread_local! {
    // One for each thread, not for each member: a member that is silent costs no buffer.
    static SCRATCH: RefCell<[u8; READ]> = const { RefCell::new([0; READ]) };
}

/// Reads a member until its other end closes, or it is to be let go; then it leaves.
pub(crate) async fn run(connection: Rc<Connection>, inbox: Sender<Event>, rate: u32) {
    let session = Session { connection, inbox, rate };
    if let Err(error) = session.read().await {
        log::debug!("member {}: cannot be read: {error}", session.connection.id);
    }
    let _ = session.inbox.send(Event::Leave(session.connection.id)).await;
}

struct Session {
    connection: Rc<Connection>,
    inbox: Sender<Event>,
    /// Lines a second, 0 for no limit.
    rate: u32,
}

impl Session {
    async fn read(&self) -> io::Result<()> {
        let mut intake = Intake::default();
        let mut pace = Pace::new(self.rate, Instant::now());
        let mut told = false;
        loop {
            let Some((digest, mut rest)) = self.read_once(&mut intake, &mut pace).await? else {
                return Ok(());
            };
            if self.pass_on(digest).await? {
                return Ok(());
            }
            while !rest.is_empty() {
                if !told {
                    told = true;
                    let notice = Notice::TooFast(self.rate);
                    self.send(Request::Tell(notice)).await?;
                }
                Timer::after(pace.wait()).await;
                let digest = intake.digest(&rest, pace.allowed(Instant::now()));
                pace.spend(digest.lines);
                rest.drain(..digest.used);
                if self.pass_on(digest).await? {
                    return Ok(());
                }
            }
            // A socket that always has more would keep this thread for itself.
            future::yield_now().await;
        }
    }

    /// One read: what came of it, and the bytes that came too early. `None` at the end.
    async fn read_once(&self, intake: &mut Intake, pace: &mut Pace) -> io::Result<Option<(Digest, Vec<u8>)>> {
        let read = |mut socket: &TcpStream| {
            SCRATCH.with_borrow_mut(|scratch| {
                let bytes = socket.read(scratch)?;
                let bytes = &scratch[..bytes];
                if bytes.is_empty() {
                    return Ok(None);
                }
                let digest = intake.digest(bytes, pace.allowed(Instant::now()));
                pace.spend(digest.lines);
                let rest = if digest.hang_up { Vec::new() } else { bytes[digest.used..].to_vec() };
                Ok(Some((digest, rest)))
            })
        };
        self.connection.stream.read_with(read).await
    }

    /// Puts requests into the inbox. True when the member is to be let go.
    async fn pass_on(&self, digest: Digest) -> io::Result<bool> {
        for request in digest.requests {
            self.send(request).await?;
        }
        Ok(digest.hang_up)
    }

    /// Waits while the inbox is full: this is what slows a sender that is faster than the room.
    async fn send(&self, request: Request) -> io::Result<()> {
        let closed = |_| io::Error::other("the room has closed");
        self.inbox.send(Event::Request(self.connection.id, request)).await.map_err(closed)
    }
}

/// Closes our end, then reads and throws away until the other end closes too, for two seconds at most.
///
/// A socket that is closed while unread bytes wait in it answers with a reset, and a reset makes the
/// system on the other side forget what it had not read yet: our last lines.
pub(crate) async fn linger(stream: &Async<TcpStream>) {
    if stream.get_ref().shutdown(Shutdown::Write).is_err() {
        return;
    }
    let drained = async {
        let discard = |mut socket: &TcpStream| SCRATCH.with_borrow_mut(|scratch| socket.read(scratch));
        while matches!(stream.read_with(discard).await, Ok(1..)) {}
    };
    finishes_by(Instant::now() + LINGER, drained).await;
}

/// Does `work` until it is done, or until `deadline`. True when it was done.
pub(crate) async fn finishes_by(deadline: Instant, work: impl Future<Output = ()>) -> bool {
    let done = async {
        work.await;
        true
    };
    let late = async {
        Timer::at(deadline).await;
        false
    };
    future::or(done, late).await
}
