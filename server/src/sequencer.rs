//! The one task that puts everything in order. It takes all that waits in its inbox, lets the room
//! write it into one batch, and hands that batch to every member's queue. It never awaits a member:
//! who does not keep up is disconnected. Knows no socket; a member is its queue and its task.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use async_channel::{Receiver, Sender};
use chat_shared::Notice;
use futures_lite::future;
use smol::{Executor, Task, Timer};

use crate::batch::{Batch, MemberId};
use crate::intake::Request;
use crate::room::Room;
use crate::{Config, DRAIN};

/// A batch is handed out when it has this many bytes, or when nothing more waits.
const BATCH: usize = 64 * 1024;

/// What sessions and doors put into the inbox.
pub(crate) enum Event {
    /// Somebody came. Its session is started here, once the room knows the member: a session that ran
    /// already could ask for something before it is in.
    Join(MemberId, Queue, Life),
    /// Somebody asks for something.
    Request(MemberId, Request),
    /// Somebody has nothing more to ask. What waits for it is still to be written.
    Leave(MemberId),
    /// Somebody's session is over.
    Gone(MemberId),
}

/// A session that has not begun.
pub(crate) type Life = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What the sequencer holds of a member. To drop it is to disconnect the member at once; to drop its
/// queue alone is to let it go once it has read what waits for it.
struct Member {
    queue: Queue,
    session: Task<()>,
}

/// The writing end of what waits for one member. The channel has no bound of its own, and so costs
/// nothing while it is empty; the bytes in it are counted instead.
#[derive(Debug)]
pub(crate) struct Queue {
    batches: Sender<Arc<Batch>>,
    waiting: Arc<AtomicUsize>,
}

/// The reading end.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) batches: Receiver<Arc<Batch>>,
    waiting: Arc<AtomicUsize>,
}

/// An empty queue.
pub(crate) fn queue() -> (Queue, Waiting) {
    let (sender, batches) = async_channel::unbounded();
    let waiting = Arc::new(AtomicUsize::new(0));
    (Queue { batches: sender, waiting: Arc::clone(&waiting) }, Waiting { batches, waiting })
}

impl Queue {
    /// Adds what `batch` has for `member`. False when more would wait then than may: one batch always
    /// may, however large.
    fn push(&self, member: MemberId, batch: &Arc<Batch>, most: usize) -> bool {
        let more = batch.len_for(member);
        if more == 0 {
            return true;
        }
        // What is counted is what the member gets; what it keeps alive must not be much more.
        let batch = match more * 4 < batch.size() {
            true => Arc::new(batch.copy_for(member)),
            false => Arc::clone(batch),
        };
        // Relaxed: a count that nothing else is read by.
        let before = self.waiting.fetch_add(more, Ordering::Relaxed);
        // Fails only when the session has ended, whose Leave is then on its way.
        let _ = self.batches.try_send(batch);
        before == 0 || before + more <= most
    }
}

impl Waiting {
    /// So many bytes wait no longer.
    pub(crate) fn written(&self, bytes: usize) {
        self.waiting.fetch_sub(bytes, Ordering::Relaxed);
    }
}

struct Sequencer {
    executor: Arc<Executor<'static>>,
    room: Room,
    members: HashMap<MemberId, Member>,
    /// Let go, but still reading what waits for them.
    leaving: HashMap<MemberId, Task<()>>,
    most_waiting: usize,
}

/// Runs until the inbox is closed and empty, then lets everybody out.
pub(crate) async fn run(executor: Arc<Executor<'static>>, inbox: Receiver<Event>, config: Config) {
    let mut sequencer = Sequencer {
        executor,
        room: Room::new(config.echo),
        members: HashMap::new(),
        leaving: HashMap::new(),
        most_waiting: config.queue,
    };
    let mut deadline = None;
    while let Ok(event) = inbox.recv().await {
        sequencer.take(event);
        while sequencer.room.pending() < BATCH {
            let Ok(event) = inbox.try_recv() else { break };
            sequencer.take(event);
        }
        sequencer.hand_out();
        // Under load the inbox is never empty. The sessions on this thread have their turn too.
        future::yield_now().await;
        if inbox.is_closed() && Instant::now() > *deadline.get_or_insert_with(|| Instant::now() + DRAIN) {
            log::warn!("more was said in the last moment than could be delivered in {DRAIN:?}");
            break;
        }
    }
    sequencer.finish(deadline.unwrap_or_else(|| Instant::now() + DRAIN)).await;
}

impl Sequencer {
    fn take(&mut self, event: Event) {
        match event {
            Event::Join(id, queue, life) => {
                // Who comes now is to read what is said from now on, and nothing that was said before.
                self.hand_out();
                self.room.join(id);
                let session = self.executor.spawn(life);
                self.members.insert(id, Member { queue, session });
            }
            Event::Request(id, Request::Say(lines)) => self.room.say(id, &lines),
            Event::Request(id, Request::Rename(name)) => self.room.rename(id, name),
            Event::Request(id, Request::BadName(why)) => self.room.refuse_name(id, why),
            Event::Request(id, Request::Tell(notice)) => self.room.tell(id, &notice),
            Event::Leave(id) => {
                // What it asked for last may have an answer yet.
                self.hand_out();
                self.room.leave(id);
                if let Some(member) = self.members.remove(&id) {
                    self.leaving.insert(id, member.session);
                }
            }
            Event::Gone(id) => {
                self.room.leave(id);
                self.members.remove(&id);
                self.leaving.remove(&id);
            }
        }
    }

    fn hand_out(&mut self) {
        let Some(batch) = self.room.take_batch() else { return };
        let batch = Arc::new(batch);
        let mut slow = Vec::new();
        for (&id, member) in &self.members {
            if !member.queue.push(id, &batch, self.most_waiting) {
                slow.push(id);
            }
        }
        for id in slow {
            self.room.leave(id);
            if let Some(member) = self.members.remove(&id) {
                let bytes = member.queue.waiting.load(Ordering::Relaxed);
                log::warn!(
                    "member {id} disconnected: it does not read; {bytes} bytes wait for it, --queue allows {}",
                    self.most_waiting
                );
            }
        }
    }

    /// Says good-bye, and waits until everybody has what waits for them, or for the deadline.
    async fn finish(mut self, deadline: Instant) {
        self.room.tell_all(&Notice::Stopping);
        self.hand_out();
        let everybody = self.members.len();
        // The queues go at once, so that all drain side by side.
        let sessions: Vec<_> = self.members.into_values().map(|member| member.session).collect();
        let drained = async {
            for session in sessions.into_iter().chain(self.leaving.into_values()) {
                session.await;
            }
            true
        };
        let in_time = async {
            Timer::at(deadline).await;
            false
        };
        if future::or(drained, in_time).await {
            log::info!("all {everybody} members have been let out");
        } else {
            log::warn!("not all of the {everybody} members have read to the end in {DRAIN:?}");
        }
    }
}
