//! The one task that puts everything in order. It takes all that waits in its inbox, lets the room
//! write it into one batch, and hands that batch to every shard. Knows no socket; a member is a number
//! and the shard it is in.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use async_channel::{Receiver, Sender};
use chat_shared::Notice;
use futures_lite::future;

use crate::DRAIN;
use crate::batch::MemberId;
use crate::inbox::Event;
use crate::intake::Request;
use crate::room::Room;
use crate::shard::Order;

/// A batch is handed out when it has this many bytes, or when nothing more waits. Twice as many as 64 KiB
/// were measured to be a tenth to a third faster under load: what the system does for each write is paid
/// half as often. Who speaks meanwhile waits that much longer.
const BATCH: usize = 128 * 1024;

/// A batch is at most this part of what may wait for one member: a member that reads must not be
/// disconnected for the few batches that come before its writer has had its turn.
const QUEUE_PER_BATCH: usize = 8;

/// A batch is also handed out after so many events: those that add nothing to it must not hold it back.
const MOST_EVENTS: usize = 256;

/// For so many members each, one shard more is used. One core alone hands a thousand members a lone
/// message in a few milliseconds, and a flood as fast as memory goes. Below that, a second core was
/// measured to take more from clients on the same machine than it gave them. A debug build, which is what
/// tests start, spreads its members sooner: a few dozen shall meet every way a message can take.
const WORTH_A_SHARD: usize = if cfg!(debug_assertions) { 10 } else { 1200 };

/// A shard, as the sequencer sees it.
struct Shard {
    orders: Sender<Order>,
    members: usize,
}

struct Sequencer {
    room: Room,
    shards: Vec<Shard>,
    /// In which shard each member is.
    homes: HashMap<MemberId, usize>,
    /// The bytes with which a batch is handed out.
    batch: usize,
}

/// Runs until the inbox is closed and empty, then has everybody seen off. `shards` are in the order in
/// which they fill; the first is this thread's own. For each member, `queue` bytes may wait.
pub(crate) async fn run(room: Room, inbox: Receiver<Event>, shards: Vec<Sender<Order>>, queue: usize) {
    let shards = shards.into_iter().map(|orders| Shard { orders, members: 0 }).collect();
    let batch = BATCH.min(queue / QUEUE_PER_BATCH);
    let mut sequencer = Sequencer { room, shards, homes: HashMap::new(), batch };
    let mut deadline = None;
    while let Ok(event) = inbox.recv().await {
        sequencer.take(event).await;
        sequencer.gather(&inbox).await;
        sequencer.hand_out().await;
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
    /// Takes all that waits, and what those have to say who are about to speak: sessions that are ready
    /// on this thread have had their turn when nothing more comes. So a flood travels in few large
    /// batches, to which every sender adds its piece in turn; a lone message waits for nobody.
    async fn gather(&mut self, inbox: &Receiver<Event>) {
        let (mut taken, mut before) = (1, 0);
        while taken > before {
            future::yield_now().await;
            before = taken;
            while self.room.pending() < self.batch
                && taken < MOST_EVENTS
                && let Ok(event) = inbox.try_recv()
            {
                self.take(event).await;
                taken += 1;
            }
        }
    }

    async fn take(&mut self, event: Event) {
        match event {
            Event::Join(id, newcomer) => {
                // Who comes now is to read what is said from now on, and nothing that was said before.
                self.hand_out().await;
                self.room.join(id);
                let home = self.emptiest();
                self.homes.insert(id, home);
                self.shards[home].members += 1;
                self.order(home, Order::Join(id, newcomer)).await;
            }
            Event::Request(id, Request::Say(lines)) => self.room.say(id, &lines),
            Event::Request(id, Request::Rename(name)) => self.room.rename(id, name),
            Event::Request(id, Request::BadName(why)) => self.room.refuse_name(id, why),
            Event::Request(id, Request::Tell(notice)) => self.room.tell(id, &notice),
            Event::Leave(id) => {
                // What it asked for last may have an answer yet.
                self.hand_out().await;
                self.room.leave(id);
                if let Some(home) = self.homes.remove(&id) {
                    self.shards[home].members -= 1;
                    self.order(home, Order::Leave(id)).await;
                }
            }
        }
    }

    /// Where the next member goes.
    fn emptiest(&self) -> usize {
        let in_use = (1 + self.homes.len() / WORTH_A_SHARD).min(self.shards.len());
        (0..in_use).min_by_key(|&shard| self.shards[shard].members).unwrap_or(0)
    }

    async fn hand_out(&mut self) {
        let Some(batch) = self.room.take_batch() else { return };
        let batch = Arc::new(batch);
        // The other threads first: they work while this one does its own share.
        for shard in (0..self.shards.len()).rev().filter(|&shard| self.shards[shard].members > 0) {
            self.order(shard, Order::Batch(Arc::clone(&batch))).await;
        }
    }

    /// Waits while the shard is still busy with what it has. It never waits for a member, so this is the
    /// time of one batch at most.
    async fn order(&self, shard: usize, order: Order) {
        // A thread that ended before it was told to has panicked. A room of which a part hears nothing is
        // worse than one that ends.
        self.shards[shard].orders.send(order).await.expect("a shard runs until it is told to finish");
    }

    /// Says good-bye.
    async fn finish(mut self, deadline: Instant) {
        self.room.tell_all(&Notice::Stopping);
        self.hand_out().await;
        for shard in 0..self.shards.len() {
            self.order(shard, Order::Finish(deadline)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chat_shared::Name;
    use smol::{LocalExecutor, Timer};

    use super::*;
    use crate::inbox::{INBOX, Newcomer};

    #[test]
    fn a_message_is_handed_out_however_much_else_is_asked() {
        let executor = LocalExecutor::new();
        let (inbox, events) = async_channel::bounded(INBOX);
        let (orders, shard) = async_channel::bounded(1);
        executor.spawn(run(Room::new(false), events, vec![orders], 1 << 20)).detach();
        let (newcomer, _theirs) = Newcomer::pair();
        let flood = async move {
            let _ = inbox.send(Event::Join(1, newcomer)).await;
            let _ = inbox.send(Event::Request(1, Request::Say("hello\n".into()))).await;
            let names = ["ann", "bob"].map(|name| Name::parse(name).unwrap());
            for name in names.iter().cycle() {
                let _ = inbox.send(Event::Request(1, Request::Rename(name.clone()))).await;
            }
        };
        executor.spawn(flood).detach();
        let handed_out = async { while !matches!(shard.recv().await, Ok(Order::Batch(_))) {} };
        let never = async {
            Timer::after(Duration::from_secs(10)).await;
            panic!("the batch is held back");
        };
        smol::block_on(executor.run(future::or(handed_out, never)));
    }
}
