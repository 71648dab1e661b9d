//! The reading end of one member, from its first byte to its last, and the good manners of closing a
//! socket. Knows its own connection and the inbox; what its requests mean is decided elsewhere.

use std::cell::RefCell;
use std::io::{self, Read};
use std::net::TcpStream;
use std::rc::Rc;
use std::time::{Duration, Instant};

use async_channel::Sender;
use futures_lite::future;
use smol::Timer;
use zeroize::Zeroize as _;

use crate::allowance::Allowance;
use crate::connection::Connection;
use crate::inbox::{Event, Piece, Ration};
use crate::intake::{Digest, Intake, Request};
use crate::wire::Wire;

/// The most that one piece has, in bytes: of what is read, and of what that becomes in a batch. It is half
/// a batch. The more have spoken lately, and the more pieces wait, the smaller is the next one.
const PIECE: usize = 64 * 1024;

/// The least: a line or two.
const LEAST: usize = 128;

/// How long the other end may take to close after we have.
const LINGER: Duration = Duration::from_secs(2);

thread_local! {
    // One for each thread, not for each member: a member that is silent costs no buffer.
    static SCRATCH: RefCell<[u8; PIECE]> = const { RefCell::new([0; PIECE]) };
}

/// Reads a member until its other end closes, or it is to be let go; then it leaves. What was read of it at
/// the door, `said`, comes first.
pub(crate) async fn run(
    connection: Rc<Connection>,
    said: Vec<u8>,
    inbox: Sender<Event>,
    ration: Ration,
    rate: u32,
) {
    let session = Session { connection, inbox, ration, rate };
    if let Err(error) = session.read(said).await {
        log::debug!("member {}: cannot be read: {error}", session.connection.id);
    }
    let _ = session.inbox.send(Event::Leave(session.connection.id)).await;
}

struct Session {
    connection: Rc<Connection>,
    inbox: Sender<Event>,
    ration: Ration,
    /// Lines a second, 0 for no limit.
    rate: u32,
}

impl Session {
    async fn read(&self, mut rest: Vec<u8>) -> io::Result<()> {
        let mut intake = Intake::default();
        let mut allowance = Allowance::new(self.rate, Instant::now());
        let mut told = Vec::new();
        loop {
            while !rest.is_empty() {
                if allowance.allowed(Instant::now()).lines == 0 {
                    let notice = allowance.notice();
                    // Once for each way of being too fast.
                    if !told.contains(&notice) {
                        told.push(notice.clone());
                        let requests = vec![Request::Tell(notice)];
                        self.hand_in(Digest { requests, ..Digest::default() }).await?;
                    }
                    Timer::after(allowance.wait()).await;
                }
                let digest = intake.digest(&rest, allowance.allowed(Instant::now()), self.most());
                allowance.spend(digest.lines, digest.names, digest.questions);
                if digest.key {
                    rest[..digest.used].zeroize();
                }
                rest.drain(..digest.used);
                if self.hand_in(digest).await? {
                    return Ok(());
                }
            }
            let Some((digest, early)) = self.read_once(&mut intake, &mut allowance).await? else {
                return Ok(());
            };
            if self.hand_in(digest).await? {
                return Ok(());
            }
            rest = early;
        }
    }

    /// One read: what came of it, and the bytes that came too early. `None` at the end.
    async fn read_once(
        &self,
        intake: &mut Intake,
        allowance: &mut Allowance,
    ) -> io::Result<Option<(Digest, Vec<u8>)>> {
        let read = |mut wire: &Wire| {
            SCRATCH.with_borrow_mut(|scratch| {
                let most = self.most();
                let bytes = wire.read(&mut scratch[..most])?;
                let bytes = &scratch[..bytes];
                if bytes.is_empty() {
                    return Ok(None);
                }
                let digest = intake.digest(bytes, allowance.allowed(Instant::now()), most);
                allowance.spend(digest.lines, digest.names, digest.questions);
                let rest = if digest.hang_up { Vec::new() } else { bytes[digest.used..].to_vec() };
                if digest.key {
                    scratch.zeroize();
                }
                Ok(Some((digest, rest)))
            })
        };
        self.connection.wire.read_with(read).await
    }

    /// How much the next piece may have.
    fn most(&self) -> usize {
        (PIECE / (1 + self.inbox.len())).min(self.ration.ask()).max(LEAST)
    }

    /// Puts a piece into the inbox, and waits until it is on its way: this is what slows a sender that is
    /// faster than the room. True when the member is to be let go.
    async fn hand_in(&self, digest: Digest) -> io::Result<bool> {
        let Digest { requests, cost, hang_up, key, .. } = digest;
        if requests.is_empty() {
            // A socket that always has more would keep this thread for itself.
            future::yield_now().await;
        } else {
            let (waits, taken) = async_channel::bounded(1);
            let (says_key, looked_at) = key.then(|| async_channel::bounded(1)).unzip();
            let piece = Piece { requests, cost, waits: Some(waits), key: says_key };
            let closed = |_| io::Error::other("the room has closed");
            self.inbox.send(Event::Piece(self.connection.id, piece)).await.map_err(closed)?;
            // Nothing is ever sent: it ends when the other end is dropped.
            let _ = taken.recv().await;
            if let Some(looked_at) = looked_at {
                // What it says next, it says under the name that it may get.
                let _ = looked_at.recv().await;
            }
        }
        Ok(hang_up)
    }
}

/// Closes our end, then reads and throws away until the other end closes too, for two seconds at most.
///
/// A socket that is closed while unread bytes wait in it answers with a reset, and a reset makes the
/// system on the other side forget what it had not read yet: our last lines.
pub(crate) async fn linger(wire: &Wire) {
    if wire.finish().is_err() {
        return;
    }
    let drained = async {
        let discard = |mut socket: &TcpStream| SCRATCH.with_borrow_mut(|scratch| socket.read(scratch));
        while matches!(wire.read_raw(discard).await, Ok(1..)) {}
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
