//! One member's connection, and what goes out through it: straight into the socket while nothing waits,
//! else through a channel that a writer of its own drains. Counts what waits, in bytes. Knows neither
//! what is said nor who else is there.

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::io::{self, IoSlice, Write};
use std::net::{Shutdown, TcpStream};
use std::rc::{Rc, Weak};
use std::sync::Arc;

use async_channel::{Receiver, Sender};
use futures_lite::future;
use smol::{Async, LocalExecutor, Task};

use crate::batch::{Audience, Batch, MemberId, Share};
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
    executor: Weak<LocalExecutor<'static>>,
    /// Where what the socket did not take waits, and its writer. There is none before it is needed: most
    /// members always keep up, and then cost no channel and no task.
    backlog: RefCell<Option<(Sender<Rest>, Task<()>)>>,
}

/// What is still to be written of a batch.
#[derive(Debug)]
struct Rest {
    batch: Arc<Batch>,
    /// The audience that the member was in before it.
    audience: Audience,
    /// How much of the member's view has been written already.
    written: usize,
    /// Closed when all of it is written: somebody waits for that.
    _done: Option<Sender<Infallible>>,
}

impl Connection {
    pub(crate) fn new(id: MemberId, newcomer: Newcomer) -> Rc<Self> {
        let Newcomer { stream, seat, .. } = newcomer;
        Rc::new(Self { id, stream, waiting: Cell::new(0), _seat: seat })
    }

    /// Breaks the connection off. Its reader finds the end, and takes the leave that is due.
    pub(crate) fn break_off(&self) {
        let _ = self.stream.get_ref().shutdown(Shutdown::Both);
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
                self.break_off();
                return;
            }
        }
    }

    /// Writes all of these, of which only the first can be written in part already.
    async fn write(&self, rests: &[Rest]) -> io::Result<()> {
        let mut slices: Vec<_> =
            rests.iter().flat_map(|rest| rest.batch.view(self.id, rest.audience)).map(IoSlice::new).collect();
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
    pub(crate) fn new(connection: Rc<Connection>, executor: &Rc<LocalExecutor<'static>>) -> Self {
        // Weak: tasks on the executor hold this, and must not hold the executor they run on.
        Self { connection, executor: Rc::downgrade(executor), backlog: RefCell::default() }
    }

    /// Bytes that wait to be written.
    pub(crate) fn waiting(&self) -> usize {
        self.connection.waiting.get()
    }

    /// Hands the member, which was in this audience, its share of `batch`; `pages` are what almost everybody
    /// there gets, if there are any. False when more would wait then than may: one batch always may, however
    /// large.
    pub(crate) fn push(
        &self,
        batch: &Arc<Batch>,
        audience: Audience,
        share: Share<'_>,
        pages: Option<&Pages>,
        most: usize,
    ) -> bool {
        let id = self.connection.id;
        let more = share.len();
        if more == 0 {
            return true;
        }
        let before = self.waiting();
        // What waits already goes first.
        let written = if before == 0 { self.write_now(batch, audience, share, pages) } else { 0 };
        if written == more {
            return true;
        }
        // What is counted is what the member gets; what it keeps alive must not be much more.
        let (batch, audience) = match more * 4 < batch.size() {
            true => (Arc::new(batch.copy_for(id, audience)), Audience::Base),
            false => (Arc::clone(batch), audience),
        };
        self.connection.waiting.set(before + more - written);
        self.put_off(Rest { batch, audience, written, _done: None });
        before == 0 || before + more <= most
    }

    /// Writes a batch of [`Batch::of`], behind what waits already. Done when the socket has taken all of
    /// it, or is broken.
    pub(crate) async fn give(&self, batch: Arc<Batch>) {
        let (id, audience) = (self.connection.id, Audience::Base);
        let share = batch.share(id, audience);
        let (more, before) = (share.len(), self.waiting());
        let written = if before == 0 { self.write_now(&batch, audience, share, None) } else { 0 };
        if written == more {
            // A socket that always takes more would keep this thread for itself.
            return future::yield_now().await;
        }
        self.connection.waiting.set(before + more - written);
        let (done, written_all) = async_channel::bounded(1);
        self.put_off(Rest { batch, audience, written, _done: Some(done) });
        // Nothing is ever sent: it ends when the other end is dropped.
        let _ = written_all.recv().await;
    }

    fn put_off(&self, rest: Rest) {
        let mut backlog = self.backlog.borrow_mut();
        if backlog.is_none() {
            let Some(executor) = self.executor.upgrade() else { return };
            let (sender, rests) = async_channel::unbounded();
            let connection = Rc::clone(&self.connection);
            let writer = executor.spawn(async move { connection.drain(rests).await });
            *backlog = Some((sender, writer));
        }
        if let Some((rests, _)) = &*backlog {
            // Fails only when the socket is broken, which its reader notices.
            let _ = rests.try_send(rest);
        }
    }

    /// Writes what the socket takes at once, and says how much that was. What is wrong with a socket
    /// that takes nothing is found out by the writer.
    fn write_now(&self, batch: &Batch, audience: Audience, share: Share<'_>, pages: Option<&Pages>) -> usize {
        let Connection { id, stream, .. } = &*self.connection;
        let written = match (share, pages) {
            // Nearly always. One piece needs no list of pieces, and has a shorter way through the system.
            (Share::Common(_), Some(pages)) => pages.send(stream.get_ref()),
            (Share::Common(bytes), None) => stream.get_ref().write(bytes),
            (Share::Own { .. }, _) => {
                let slices: Vec<_> = batch.view(*id, audience).map(IoSlice::new).collect();
                stream.get_ref().write_vectored(&slices)
            }
        };
        written.unwrap_or(0)
    }

    /// Waits until everything is written, or cannot be. Nothing can be added meanwhile.
    pub(crate) async fn drained(&self) {
        let backlog = self.backlog.borrow_mut().take();
        if let Some((rests, writer)) = backlog {
            rests.close();
            writer.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_lite::AsyncReadExt as _;

    use super::Audience::Base;
    use super::*;

    const ID: MemberId = 7;
    const OTHER: MemberId = 8;
    const MUCH: usize = 64 * 1024;

    /// A member's way out, and the other end.
    fn pair(executor: &Rc<LocalExecutor<'static>>) -> (Outgoing, Async<TcpStream>) {
        let (newcomer, theirs) = Newcomer::pair();
        (Outgoing::new(Connection::new(ID, newcomer), executor), Async::new(theirs).unwrap())
    }

    /// A batch of `MUCH` bytes of this letter, and of one line that is not for this member.
    fn batch(letter: char, but: MemberId) -> Arc<Batch> {
        let mut batch = Batch::default();
        let lines = letter.to_string().repeat(MUCH / 2 - 1);
        let line = |out: &mut Vec<u8>| out.extend_from_slice(lines.as_bytes());
        batch.tell_all(Base, line);
        batch.tell_others(Base, but, |out| out.extend_from_slice(b"ITS OWN"));
        batch.tell_all(Base, line);
        Arc::new(batch)
    }

    /// Pushes batches, in which one line is not for `but`, to a member that at times does not read.
    fn check_order(but: MemberId) {
        let executor = Rc::new(LocalExecutor::new());
        let (outgoing, mut theirs) = pair(&executor);
        let size = batch('a', but).share(ID, Base).len();
        let push = |outgoing: &Outgoing, letter| {
            let batch = batch(letter, but);
            let pages = Pages::of(batch.stream(Base), || 100);
            assert!(outgoing.push(&batch, Base, batch.share(ID, Base), pages.as_ref(), 100 * MUCH));
        };
        future::block_on(executor.run(async {
            for round in 0..3 {
                push(&outgoing, 'a');
                assert_eq!(
                    (outgoing.waiting(), outgoing.backlog.borrow().is_some()),
                    (0, round > 0),
                    "kept up"
                );
                let mut letters = vec!['a'];
                let mut read = Vec::new();
                while outgoing.waiting() < 4 * MUCH {
                    let letter = char::from(b'a' + (letters.len() % 26) as u8);
                    push(&outgoing, letter);
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
            drop(outgoing);
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
        let executor = Rc::new(LocalExecutor::new());
        let (outgoing, _theirs) = pair(&executor);
        let batch = batch('x', ID);
        let push = |outgoing: &Outgoing, most| outgoing.push(&batch, Base, batch.share(ID, Base), None, most);
        let mut pushed = 0;
        while outgoing.waiting() == 0 {
            assert!(push(&outgoing, 0), "something always may");
            pushed += 1;
            assert!(pushed < 10_000, "a socket's buffer has an end");
        }
        let most = outgoing.waiting() + MUCH;
        assert!(push(&outgoing, most));
        assert!(!push(&outgoing, most + MUCH - 1));
    }
}
