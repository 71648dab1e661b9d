//! One member's connection, and what goes out through it: straight into the socket while nothing waits,
//! else through a channel that a writer of its own drains. Counts what waits, in bytes. Knows neither
//! what is said nor who else is there.

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::io::{self, IoSlice, Write};
use std::rc::{Rc, Weak};
use std::sync::Arc;

use async_channel::{Receiver, Sender};
use futures_lite::future;
use smol::{LocalExecutor, Task};

use crate::batch::{Audience, Batch, MemberId, Share};
use crate::inbox::Newcomer;
use crate::pages::Pages;
use crate::quota::Seat;
use crate::wire::Wire;

/// The most batches that one write gathers.
const GATHER: usize = 64;

/// A member's wire and seat. Its reader, its shard and its writer share it, all on one thread.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) id: MemberId,
    pub(crate) wire: Wire,
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
    /// The connection, and what was read of it already.
    pub(crate) fn new(id: MemberId, newcomer: Newcomer) -> (Rc<Self>, Vec<u8>) {
        let Newcomer { wire, seat, said, .. } = newcomer;
        (Rc::new(Self { id, wire, waiting: Cell::new(0), _seat: seat }), said)
    }

    /// Breaks the connection off. Its reader finds the end, and takes the leave that is due.
    pub(crate) fn break_off(&self) {
        self.wire.break_off();
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

    /// Writes all of these, and what the wire holds.
    async fn write(&self, rests: &[Rest]) -> io::Result<()> {
        let mut slices = Vec::new();
        for rest in rests {
            let mut skip = rest.written;
            for piece in rest.batch.view(self.id, rest.audience) {
                if skip < piece.len() {
                    slices.push(IoSlice::new(&piece[skip..]));
                }
                skip = skip.saturating_sub(piece.len());
            }
        }
        let mut left = &mut slices[..];
        while !left.is_empty() {
            let written = self.wire.write_with(|mut wire| wire.write_vectored(left)).await?;
            if written == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            self.waiting.set(self.waiting.get() - written);
            IoSlice::advance_slices(&mut left, written);
        }
        self.wire.write_with(|mut wire| wire.flush()).await
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

    /// Whether it can be given pages: what is in them reaches the other end as it is.
    pub(crate) fn takes_pages(&self) -> bool {
        self.connection.wire.plain().is_some()
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
        let (written, all) = self.write_now(batch, audience, share, pages);
        if all {
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
        let (written, all) = self.write_now(&batch, audience, share, None);
        if all {
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

    /// Writes what the socket takes at once, unless something waits already, which goes first. Says how much
    /// that was, and whether it is all and has left the wire. What is wrong with a socket that takes nothing
    /// is found out by the writer.
    fn write_now(
        &self,
        batch: &Batch,
        audience: Audience,
        share: Share<'_>,
        pages: Option<&Pages>,
    ) -> (usize, bool) {
        let Connection { id, wire, .. } = &*self.connection;
        if self.waiting() > 0 || wire.unsent() {
            return (0, false);
        }
        let written = match (share, pages, wire.plain()) {
            // Nearly always. One piece needs no list of pieces, and has a shorter way through the system.
            (Share::Common(_), Some(pages), Some(socket)) => pages.send(socket),
            (Share::Common(bytes), ..) => (&mut &*wire).write(bytes),
            (Share::Own { .. }, ..) => {
                let slices: Vec<_> = batch.view(*id, audience).map(IoSlice::new).collect();
                (&mut &*wire).write_vectored(&slices)
            }
        };
        let written = written.unwrap_or(0);
        (written, written == share.len() && !wire.unsent())
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
mod tests;
