//! The reading end of one member, from its first byte to its last, and the good manners of closing a
//! socket. Knows its own connection and the inbox; what its requests mean is decided elsewhere.

use std::cell::RefCell;
use std::io::{self, Read};
use std::net::TcpStream;
use std::rc::Rc;
use std::time::{Duration, Instant};

use async_channel::Sender;
use chat_shared::Notice;
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
// Not an async fn, which would hold all it is given twice. There is one of these for each member.
pub(crate) fn run(
    connection: Rc<Connection>,
    said: Vec<u8>,
    inbox: Sender<Event>,
    ration: Ration,
    rate: u32,
) -> impl Future<Output = ()> {
    let allowance = Allowance::new(rate, Instant::now());
    let mut session = Session {
        connection,
        inbox,
        ration,
        intake: Intake::default(),
        allowance,
        rest: said,
        told: Vec::new(),
    };
    async move {
        if let Err(error) = session.read().await {
            log::debug!("member {}: cannot be read: {error}", session.connection.id);
        }
        let _ = Box::pin(session.inbox.send(Event::Leave(session.connection.id))).await;
    }
}

/// What is kept of a member's reading end while it is silent.
struct Session {
    connection: Rc<Connection>,
    inbox: Sender<Event>,
    ration: Ration,
    intake: Intake,
    allowance: Allowance,
    /// What was read too early.
    rest: Vec<u8>,
    /// The ways of being too fast that it was told of.
    told: Vec<Notice>,
}

impl Session {
    async fn read(&mut self) -> io::Result<()> {
        loop {
            let digest = if self.rest.is_empty() {
                let connection = Rc::clone(&self.connection);
                match connection.wire.read_with(|wire| self.read_once(wire)).await? {
                    Some(digest) => digest,
                    None => return Ok(()),
                }
            } else if self.allowance.allowed(Instant::now()).lines > 0 {
                self.digest_rest()
            } else if let Some(digest) = self.too_fast() {
                digest
            } else {
                Timer::after(self.allowance.wait()).await;
                continue;
            };
            let hang_up = digest.hang_up;
            // Boxed: who is silent is to cost nothing for it.
            Box::pin(self.hand_in(digest)).await?;
            if hang_up {
                return Ok(());
            }
        }
    }

    /// What comes of one read. `None` at the end.
    fn read_once(&mut self, mut wire: &Wire) -> io::Result<Option<Digest>> {
        SCRATCH.with_borrow_mut(|scratch| {
            let most = self.most();
            let bytes = wire.read(&mut scratch[..most])?;
            let bytes = &scratch[..bytes];
            if bytes.is_empty() {
                return Ok(None);
            }
            let digest = self.digest(bytes, most);
            if !digest.hang_up {
                self.rest = bytes[digest.used..].to_vec();
            }
            if digest.key {
                scratch.zeroize();
            }
            Ok(Some(digest))
        })
    }

    /// What comes of what was read too early.
    fn digest_rest(&mut self) -> Digest {
        let mut rest = std::mem::take(&mut self.rest);
        let digest = self.digest(&rest, self.most());
        if digest.key {
            rest[..digest.used].zeroize();
        }
        rest.drain(..digest.used);
        if !rest.is_empty() {
            self.rest = rest;
        }
        digest
    }

    /// What comes of these bytes, as far as that is allowed now, and at most so much.
    fn digest(&mut self, bytes: &[u8], most: usize) -> Digest {
        let digest = self.intake.digest(bytes, self.allowance.allowed(Instant::now()), most);
        self.allowance.spend(digest.lines, digest.names, digest.questions);
        digest
    }

    /// Tells who has to wait why that is, once for each way of being too fast.
    fn too_fast(&mut self) -> Option<Digest> {
        let notice = self.allowance.notice();
        let new = !self.told.contains(&notice);
        new.then(|| {
            self.told.push(notice.clone());
            Digest { requests: vec![Request::Tell(notice)], ..Digest::default() }
        })
    }

    /// How much the next piece may have.
    fn most(&self) -> usize {
        (PIECE / (1 + self.inbox.len())).min(self.ration.ask()).max(LEAST)
    }

    /// Puts a piece into the inbox, and waits until it is on its way: this is what slows a sender that is
    /// faster than the room.
    async fn hand_in(&self, digest: Digest) -> io::Result<()> {
        if digest.requests.is_empty() {
            // A socket that always has more would keep this thread for itself.
            future::yield_now().await;
            return Ok(());
        }
        let (waits, taken) = async_channel::bounded(1);
        let (says_key, looked_at) = digest.key.then(|| async_channel::bounded(1)).unzip();
        let piece = Piece { requests: digest.requests, cost: digest.cost, waits: Some(waits), key: says_key };
        let event = Event::Piece(self.connection.id, piece);
        self.inbox.send(event).await.map_err(|_| io::Error::other("the room has closed"))?;
        // Nothing is ever sent: it ends when the other end is dropped.
        let _ = taken.recv().await;
        if let Some(looked_at) = looked_at {
            // What it says next, it says under the name that it may get.
            let _ = looked_at.recv().await;
        }
        Ok(())
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
