//! One member, from its first byte to its last. Reads top to bottom: read until the other end is
//! done, write until nothing is left, close without losing what was written. Knows its own socket and
//! the inbox; what its requests mean, and what it is given to write, is decided elsewhere.

use std::cell::RefCell;
use std::io::{self, IoSlice, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use async_channel::Sender;
use chat_shared::{Notice, Pace};
use futures_lite::future;
use smol::{Async, Timer};

use crate::batch::MemberId;
use crate::intake::{Digest, Intake, Request};
use crate::sequencer::{Event, Waiting};

/// The most that one read takes. A flood is passed on in pieces of this size, so that nobody's message
/// waits behind more than that of each other member.
const READ: usize = 64 * 1024;

/// The most that one read takes where lines are counted: what came too early waits here, not in the room.
const PACED_READ: usize = 4 * 1024;

/// The most batches that one write gathers.
const GATHER: usize = 64;

/// How long the other end may take to close after we have.
pub(crate) const LINGER: Duration = Duration::from_secs(2);

/// How long a member that has closed its end may take to read what still waits for it.
const FAREWELL: Duration = Duration::from_secs(5);

thread_local! {
    // One for each thread, not for each member: a member that is silent costs no buffer.
    static SCRATCH: RefCell<Box<[u8; READ]>> = RefCell::new(Box::new([0; READ]));
}

/// What a session is made of.
pub(crate) struct Session {
    pub(crate) id: MemberId,
    pub(crate) stream: Async<TcpStream>,
    pub(crate) inbox: Sender<Event>,
    pub(crate) waiting: Waiting,
    /// Lines a second, 0 for no limit.
    pub(crate) rate: u32,
}

impl Session {
    /// The whole life of a member.
    pub(crate) async fn run(self) {
        let reading = async {
            if let Err(error) = self.read().await {
                log::debug!("member {}: cannot be read: {error}", self.id);
            }
            // From here on nothing more is queued for it, and `write` ends when the queue is empty.
            let _ = self.inbox.send(Event::Leave(self.id)).await;
            Timer::after(FAREWELL).await;
            Ok(())
        };
        if let Err(error) = future::or(reading, self.write()).await {
            log::debug!("member {}: cannot be written to: {error}", self.id);
        } else {
            linger(&self.stream).await;
        }
        log::debug!("member {} has left", self.id);
        let _ = self.inbox.send(Event::Gone(self.id)).await;
    }

    /// Reads until the other end closes, or is told to go.
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
        let most = if self.rate == 0 { READ } else { PACED_READ };
        let read = |mut socket: &TcpStream| {
            SCRATCH.with_borrow_mut(|scratch| {
                let bytes = socket.read(&mut scratch[..most])?;
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
        self.stream.read_with(read).await
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
        self.inbox.send(Event::Request(self.id, request)).await.map_err(closed)
    }

    /// Writes what is queued until the queue is closed and empty.
    async fn write(&self) -> io::Result<()> {
        while let Ok(first) = self.waiting.batches.recv().await {
            let mut batches = vec![first];
            while batches.len() < GATHER {
                let Ok(next) = self.waiting.batches.try_recv() else { break };
                batches.push(next);
            }
            let view = batches.iter().flat_map(|batch| batch.view(self.id));
            let mut slices: Vec<_> = view.map(IoSlice::new).collect();
            let mut left = &mut slices[..];
            while !left.is_empty() {
                let written = self.stream.write_with(|mut socket| socket.write_vectored(left)).await?;
                if written == 0 {
                    return Err(io::ErrorKind::WriteZero.into());
                }
                self.waiting.written(written);
                IoSlice::advance_slices(&mut left, written);
            }
        }
        Ok(())
    }
}

/// Closes our end, then reads and throws away until the other end closes too, for at most [`LINGER`].
///
/// A socket that is closed while unread bytes wait in it answers with a reset, and a reset makes the
/// system on the other side forget what it had not read yet: our last lines.
pub(crate) async fn linger(stream: &Async<TcpStream>) {
    if stream.get_ref().shutdown(Shutdown::Write).is_err() {
        return;
    }
    let drained = async {
        let discard =
            |mut socket: &TcpStream| SCRATCH.with_borrow_mut(|scratch| socket.read(&mut scratch[..]));
        while matches!(stream.read_with(discard).await, Ok(1..)) {}
    };
    let enough = async {
        Timer::after(LINGER).await;
    };
    future::or(drained, enough).await;
}
