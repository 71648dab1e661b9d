//! One member's connection, and what goes out through it: straight into the socket while nothing waits,
//! else through a channel that a writer of its own drains. Counts what waits, in bytes. Knows neither
//! what is said nor who else is there.

use std::cell::Cell;
use std::io::{self, IoSlice, Write};
use std::net::{Shutdown, TcpStream};
use std::rc::Rc;
use std::sync::Arc;

use async_channel::{Receiver, Sender};
use smol::{Async, LocalExecutor, Task};

use crate::batch::{Batch, MemberId};
use crate::inbox::Newcomer;
use crate::pages::Pages;
use crate::quota::Seat;

/// The most batches that one write gathers.
const GATHER: usize = 64;

/// A member's socket and seat. Its reader, its shard and its writer share it, all on one thread.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) id: MemberId,
    pub(crate) stream: Async<TcpStream>,
    /// Bytes that have been queued and not yet been written.
    waiting: Cell<usize>,
    _seat: Seat,
}

/// The way out to one member. Dropping it cuts off what waits; [`Outgoing::drained`] does not.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) connection: Rc<Connection>,
    /// Where what the socket did not take waits, and its writer. There is none before it is needed: most
    /// members always keep up, and then cost no channel and no task.
    backlog: Option<(Sender<Rest>, Task<()>)>,
}

/// What is still to be written of a batch.
#[derive(Debug)]
struct Rest {
    batch: Arc<Batch>,
    /// How much of the member's view has been written already.
    written: usize,
}

impl Connection {
    pub(crate) fn new(id: MemberId, newcomer: Newcomer) -> Rc<Self> {
        let Newcomer { stream, seat } = newcomer;
        Rc::new(Self { id, stream, waiting: Cell::new(0), _seat: seat })
    }

    /// Writes what the channel gives until it is closed and empty, or the socket is broken.
    async fn drain(&self, rests: Receiver<Rest>) {
        while let Ok(first) = rests.recv().await {
            let mut gathered = vec![first];
            while gathered.len() < GATHER {
                let Ok(next) = rests.try_recv() else { break };
                gathered.push(next);
            }
            if let Err(error) = self.write(&gathered).await {
                log::debug!("member {}: cannot be written to: {error}", self.id);
                // Its reader finds the end, and takes the leave that is due.
                let _ = self.stream.get_ref().shutdown(Shutdown::Both);
                return;
            }
        }
    }

    /// Writes all of these, of which only the first can be written in part already.
    async fn write(&self, rests: &[Rest]) -> io::Result<()> {
        let mut slices: Vec<_> =
            rests.iter().flat_map(|rest| rest.batch.view(self.id)).map(IoSlice::new).collect();
        let mut left = &mut slices[..];
        IoSlice::advance_slices(&mut left, rests[0].written);
        while !left.is_empty() {
            let written = self.stream.write_with(|mut socket| socket.write_vectored(left)).await?;
            if written == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            self.waiting.set(self.waiting.get() - written);
            IoSlice::advance_slices(&mut left, written);
        }
        Ok(())
    }
}

impl Outgoing {
    pub(crate) fn new(connection: Rc<Connection>) -> Self {
        Self { connection, backlog: None }
    }

    /// Bytes that wait to be written.
    pub(crate) fn waiting(&self) -> usize {
        self.connection.waiting.get()
    }

    /// Hands the member what `batch` has for it; `pages` are what it has for almost everybody, if there
    /// are any. False when more would wait then than may: one batch always may, however large.
    pub(crate) fn push(
        &mut self,
        batch: &Arc<Batch>,
        pages: Option<&Pages>,
        most: usize,
        executor: &LocalExecutor<'static>,
    ) -> bool {
        let id = self.connection.id;
        let more = batch.len_for(id);
        if more == 0 {
            return true;
        }
        let before = self.waiting();
        // What waits already goes first.
        let written = if before == 0 { self.write_now(batch, pages) } else { 0 };
        if written == more {
            return true;
        }
        // What is counted is what the member gets; what it keeps alive must not be much more.
        let batch = match more * 4 < batch.size() {
            true => Arc::new(batch.copy_for(id)),
            false => Arc::clone(batch),
        };
        self.connection.waiting.set(before + more - written);
        let (rests, _) = self.backlog.get_or_insert_with(|| {
            let (sender, rests) = async_channel::unbounded();
            let connection = Rc::clone(&self.connection);
            (sender, executor.spawn(async move { connection.drain(rests).await }))
        });
        // Fails only when the socket is broken, which its reader notices.
        let _ = rests.try_send(Rest { batch, written });
        before == 0 || before + more <= most
    }

    /// Writes what the socket takes at once, and says how much that was. What is wrong with a socket
    /// that takes nothing is found out by the writer.
    fn write_now(&self, batch: &Batch, pages: Option<&Pages>) -> usize {
        let Connection { id, stream, .. } = &*self.connection;
        let written = match (batch.common_for(*id), pages) {
            // Nearly always. One piece needs no list of pieces, and has a shorter way through the system.
            (Some(_), Some(pages)) => pages.send(stream.get_ref()),
            (Some(bytes), None) => stream.get_ref().write(bytes),
            (None, _) => {
                let slices: Vec<_> = batch.view(*id).map(IoSlice::new).collect();
                stream.get_ref().write_vectored(&slices)
            }
        };
        written.unwrap_or(0)
    }

    /// Waits until everything is written, or cannot be.
    pub(crate) async fn drained(self) {
        if let Some((rests, writer)) = self.backlog {
            drop(rests);
            writer.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_lite::{AsyncReadExt as _, future};

    use super::*;

    const ID: MemberId = 7;
    const OTHER: MemberId = 8;
    const MUCH: usize = 64 * 1024;

    /// A member's way out, and the other end.
    fn pair() -> (Outgoing, Async<TcpStream>) {
        let (newcomer, theirs) = Newcomer::pair();
        (Outgoing::new(Connection::new(ID, newcomer)), Async::new(theirs).unwrap())
    }

    /// A batch of `MUCH` bytes of this letter, and of one line that is not for this member.
    fn batch(letter: char, but: MemberId) -> Arc<Batch> {
        let mut batch = Batch::default();
        let lines = letter.to_string().repeat(MUCH / 2 - 1);
        batch.tell_all([lines.as_bytes(), b""], None);
        batch.tell_all([b"ITS OWN", b""], Some(but));
        batch.tell_all([lines.as_bytes(), b""], None);
        Arc::new(batch)
    }

    /// Pushes batches, in which one line is not for `but`, to a member that at times does not read.
    fn check_order(but: MemberId) {
        let executor = LocalExecutor::new();
        let (mut outgoing, mut theirs) = pair();
        let size = batch('a', but).len_for(ID);
        let push = |outgoing: &mut Outgoing, letter| {
            let batch = batch(letter, but);
            let pages = Pages::of(batch.common(), 100);
            assert!(outgoing.push(&batch, pages.as_ref(), 100 * MUCH, &executor));
        };
        future::block_on(executor.run(async {
            for round in 0..3 {
                push(&mut outgoing, 'a');
                assert_eq!((outgoing.waiting(), outgoing.backlog.is_some()), (0, round > 0), "kept up");
                let mut letters = vec!['a'];
                let mut read = Vec::new();
                while outgoing.waiting() < 4 * MUCH {
                    let letter = char::from(b'a' + (letters.len() % 26) as u8);
                    push(&mut outgoing, letter);
                    letters.push(letter);
                    assert!(letters.len() < 10_000, "a socket's buffer has an end");
                    if outgoing.waiting() > 0 {
                        // Now the socket would take something, though the writer has not had its turn.
                        let mut some = [0; MUCH];
                        let count = io::Read::read(&mut theirs.get_ref(), &mut some).unwrap();
                        read.extend_from_slice(&some[..count]);
                    }
                }
                let before = read.len();
                read.resize(letters.len() * size, 0);
                theirs.read_exact(&mut read[before..]).await.unwrap();
                for (batch, letter) in read.chunks(size).zip(letters) {
                    let lines = batch.iter().filter(|&&byte| byte == letter as u8).count();
                    assert_eq!(lines, MUCH - 2, "in the place of {letter}");
                }
                assert_eq!(outgoing.waiting(), 0);
            }
            outgoing.drained().await;
            assert_eq!(theirs.read(&mut [0]).await.unwrap(), 0, "nothing came twice");
        }));
    }

    #[test]
    fn what_the_socket_does_not_take_comes_later_and_in_order() {
        check_order(ID);
    }

    #[test]
    fn so_it_is_with_what_almost_everybody_gets() {
        check_order(OTHER);
    }

    #[test]
    fn more_may_not_wait_than_allowed_but_one_batch_always_may() {
        let executor = LocalExecutor::new();
        let (mut outgoing, _theirs) = pair();
        let push = |outgoing: &mut Outgoing, most| outgoing.push(&batch('x', ID), None, most, &executor);
        let mut pushed = 0;
        while outgoing.waiting() == 0 {
            assert!(push(&mut outgoing, 0), "something always may");
            pushed += 1;
            assert!(pushed < 10_000, "a socket's buffer has an end");
        }
        let most = outgoing.waiting() + MUCH;
        assert!(push(&mut outgoing, most));
        assert!(!push(&mut outgoing, most + MUCH - 1));
    }
}
