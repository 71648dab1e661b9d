//! One core's share of the members: writes each batch to all of them, disconnects who does not keep up,
//! and sees off who leaves. Lives on one thread, and its members' sessions with it, so that nothing here
//! is locked. Knows no other shard; what the batches hold, and who comes and goes, is decided above.

use std::convert::Infallible;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use async_channel::{Receiver, Sender, TrySendError};
use chat_shared::RoomId;
use futures_lite::future;
use smol::{LocalExecutor, Task};

use crate::Config;
use crate::batch::{Audience, Batch, MemberId, Share};
use crate::connection::{Connection, Outgoing};
use crate::history::{Errand, Errands, MOST_ERRANDS};
use crate::inbox::{Event, Newcomer, Ration};
use crate::log::Log;
use crate::pages::Pages;
use crate::session::{self, finishes_by, linger};
use crate::turns::Turns;

/// How long a member that has closed its end may take to read what still waits for it.
const FAREWELL: Duration = Duration::from_secs(5);

/// How many members are looked at before they are written to.
const TOGETHER: usize = 16;

/// What the sequencer tells its shards.
pub(crate) enum Order {
    /// Let somebody in: from the next batch on it gets everything that this audience gets.
    Join(MemberId, Box<Newcomer>, Audience),
    /// Write this to everybody.
    Batch(Arc<Batch>),
    /// Look these up, each for somebody.
    Errands(Vec<(MemberId, Errand)>),
    /// Somebody has nothing more to ask. What waits for it is still to be written.
    Leave(MemberId),
    /// See everybody off, until then at most.
    Finish(Instant),
}

/// What a shard needs of the rest.
pub(crate) struct Surroundings {
    pub(crate) orders: Receiver<Order>,
    pub(crate) inbox: Sender<Event>,
    pub(crate) ration: Ration,
    pub(crate) log: Log,
    pub(crate) room: RoomId,
    /// The newest message that may be given to those who catch up.
    pub(crate) told: Arc<AtomicU64>,
    pub(crate) config: Config,
}

/// How a shard's end went.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Ending {
    /// How many members there were to see off.
    pub(crate) members: usize,
    /// Not all of them have read to the end in time.
    pub(crate) cut_short: bool,
}

/// What is held of a member. Dropping it disconnects the member at once.
struct Member {
    id: MemberId,
    audience: Audience,
    outgoing: Rc<Outgoing>,
    /// What is to be looked up for it, and who does so. There is none before it first asks.
    errands: Option<(Sender<Errand>, Task<()>)>,
    _session: Task<()>,
}

struct Shard {
    executor: Rc<LocalExecutor<'static>>,
    inbox: Sender<Event>,
    ration: Ration,
    log: Log,
    room: RoomId,
    told: Arc<AtomicU64>,
    /// Whose turn it is to be given a page of what was said.
    turns: Rc<Turns>,
    config: Config,
    /// In the order in which they came, which is that of their ids.
    members: Vec<Member>,
    /// Held by everybody who is being seen off. Closed when all are gone.
    leaving: Sender<Infallible>,
}

/// Runs on `executor`, this thread's, until told to finish.
pub(crate) async fn run(executor: Rc<LocalExecutor<'static>>, surroundings: Surroundings) -> Ending {
    let Surroundings { orders, inbox, ration, log, room, told, config } = surroundings;
    let (leaving, all_gone) = async_channel::bounded(1);
    let mut shard = Shard {
        executor,
        inbox,
        ration,
        log,
        room,
        told,
        turns: Rc::default(),
        config,
        members: Vec::new(),
        leaving,
    };
    while let Ok(order) = orders.recv().await {
        match order {
            Order::Join(id, newcomer, audience) => shard.join(id, *newcomer, audience),
            Order::Batch(batch) => {
                shard.hand_out(&batch);
                // Under load there is always another batch. The sessions have their turn too.
                future::yield_now().await;
            }
            Order::Errands(errands) => errands.into_iter().for_each(|(id, errand)| shard.look_up(id, errand)),
            Order::Leave(id) => shard.leave(id),
            Order::Finish(deadline) => return shard.finish(&all_gone, deadline).await,
        }
    }
    Ending::default()
}

impl Shard {
    fn join(&mut self, id: MemberId, newcomer: Newcomer, audience: Audience) {
        let (connection, said) = Connection::new(id, newcomer);
        let (inbox, ration) = (self.inbox.clone(), self.ration.clone());
        let session = session::run(Rc::clone(&connection), said, inbox, ration, self.config.rate);
        let session = self.executor.spawn(session);
        let outgoing = Rc::new(Outgoing::new(connection, &self.executor));
        let member = Member { id, audience, outgoing, errands: None, _session: session };
        // Almost always the last; with several doors, a later one may have been quicker.
        let place = self.members.partition_point(|other| other.id < id);
        self.members.insert(place, member);
    }

    fn hand_out(&mut self, batch: &Arc<Batch>) {
        let most = self.config.queue;
        let pages = |audience| {
            // What is sealed is different for each.
            let reads = |member: &&Member| member.audience == audience && member.outgoing.takes_pages();
            let readers = || self.members.iter().filter(reads).count();
            Pages::of(batch.stream(audience), readers)
        };
        let (base, full) = (pages(Audience::Base), pages(Audience::Full));
        let mut slow = Vec::new();
        for few in self.members.chunks_mut(TOGETHER) {
            // Looked at together, their memory is fetched together: with a thousand members, most of what
            // this loop adds to the system's own work is the wait for that.
            let waiting = few.iter().map(|member| member.outgoing.waiting()).sum::<usize>();
            std::hint::black_box(waiting);
            for member in few {
                let pages = if member.audience == Audience::Base { base.as_ref() } else { full.as_ref() };
                let share = batch.share(member.id, member.audience);
                if !member.outgoing.push(batch, member.audience, share, pages, most) {
                    slow.push(member.id);
                }
                if let Share::Own { then, .. } = share {
                    member.audience = then;
                }
            }
        }
        for id in slow {
            self.disconnect(id);
        }
    }

    fn place(&self, id: MemberId) -> Option<usize> {
        self.members.binary_search_by_key(&id, |member| member.id).ok()
    }

    fn look_up(&mut self, id: MemberId, errand: Errand) {
        let Some(place) = self.place(id) else { return };
        let member = &mut self.members[place];
        let (errands, _) = member.errands.get_or_insert_with(|| {
            let (sender, errands) = async_channel::bounded(MOST_ERRANDS);
            let (log, inbox) = (self.log.clone(), self.inbox.clone());
            let outgoing = Rc::clone(&member.outgoing);
            let (turns, told) = (Rc::clone(&self.turns), Arc::clone(&self.told));
            let worker = Errands { id, room: self.room, log, inbox, outgoing, turns, told };
            (sender, self.executor.spawn(worker.run(errands)))
        });
        if let Err(TrySendError::Full(_)) = errands.try_send(errand) {
            // Only messages that are sent again and again become so many.
            log::warn!("member {id} disconnected: {MOST_ERRANDS} of its questions wait for an answer");
            self.cut_off(id);
        }
    }

    fn remove(&mut self, id: MemberId) -> Option<Member> {
        self.place(id).map(|place| self.members.remove(place))
    }

    fn disconnect(&mut self, id: MemberId) {
        let Some(place) = self.place(id) else { return };
        let (bytes, most) = (self.members[place].outgoing.waiting(), self.config.queue);
        log::warn!(
            "member {id} disconnected: it does not keep up; {bytes} bytes wait for it, --queue allows {most}"
        );
        self.cut_off(id);
    }

    /// Drops a member at once, and what waits for it.
    fn cut_off(&mut self, id: MemberId) {
        self.remove(id);
        let inbox = self.inbox.clone();
        // Not awaited here: the sequencer may be waiting for this shard.
        let leave = async move {
            let _ = inbox.send(Event::Leave(id)).await;
        };
        self.executor.spawn(leave).detach();
    }

    fn leave(&mut self, id: MemberId) {
        if let Some(member) = self.remove(id) {
            self.see_off(member);
        }
    }

    /// Lets somebody go who may still read what waits for it.
    fn see_off(&self, member: Member) {
        let Member { id, outgoing, .. } = member;
        let leaving = self.leaving.clone();
        let farewell = async move {
            let connection = Rc::clone(&outgoing.connection);
            let drained = async {
                outgoing.drained().await;
                linger(&connection.wire).await;
            };
            finishes_by(Instant::now() + FAREWELL, drained).await;
            log::debug!("member {id} has left");
            drop(leaving);
        };
        self.executor.spawn(farewell).detach();
    }

    async fn finish(mut self, all_gone: &Receiver<Infallible>, deadline: Instant) -> Ending {
        let members = std::mem::take(&mut self.members);
        let count = members.len();
        members.into_iter().for_each(|member| self.see_off(member));
        drop(self.leaving);
        let gone = async {
            let _ = all_gone.recv().await;
        };
        Ending { members: count, cut_short: !finishes_by(deadline, gone).await }
    }
}
