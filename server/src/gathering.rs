//! What will be the next batch, while it gathers: how much that is, and how much of it is anybody's. Knows
//! the inbox; what the events mean is decided elsewhere.

use std::convert::Infallible;
use std::future::pending;

use async_channel::{Receiver, Sender};
use futures_lite::future;

use crate::inbox::{Event, Ration};

/// A batch is made when this many bytes have come for it, or when nothing more waits. Twice as many as 64 KiB
/// were measured to be a tenth to a third faster under load: what the system does for each write is paid
/// half as often. Who speaks meanwhile waits that much longer.
const BATCH: usize = 128 * 1024;

/// A batch is at most this part of what may wait for one member: a member that reads must not be
/// disconnected for the few batches that come before its writer has had its turn.
const QUEUE_PER_BATCH: usize = 8;

/// A batch is also made of so many events: those that add nothing to it must not hold it back.
const MOST_EVENTS: usize = 256;

/// From so many pieces in one batch on, each speaker has one in a batch, and the batches are made one after
/// the other: so nobody's message waits longer than until the batch is out that is being written. It
/// costs a fifth of what fifty senders reach without it.
const MANY: usize = 8;

/// What has been taken out of the inbox and has not happened yet.
pub(crate) struct Gathering {
    events: Vec<Event>,
    bytes: usize,
    /// How many of them are pieces of what somebody says.
    pieces: usize,
    /// Whoever handed them in, and waits to hand in more.
    waiting: Vec<Sender<Infallible>>,
    ration: Ration,
    /// Many spoke for the last batch.
    loaded: bool,
    /// The bytes of a full batch.
    most: usize,
}

impl Gathering {
    /// Nothing yet, of at most so many bytes that may wait for one member.
    pub(crate) fn new(ration: Ration, queue: usize) -> Self {
        let most = BATCH.min(queue / QUEUE_PER_BATCH);
        Self { events: Vec::new(), bytes: 0, pieces: 0, waiting: Vec::new(), ration, loaded: false, most }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Whether many spoke for the last batch.
    pub(crate) fn is_loaded(&self) -> bool {
        self.loaded
    }

    /// Takes one event.
    pub(crate) fn push(&mut self, mut event: Event) {
        self.bytes += event.cost();
        if let Event::Piece(_, piece) = &mut event {
            self.pieces += 1;
            // Of many, each adds one piece to a batch. Few may add another one: large batches are faster.
            let waits = piece.waits.take();
            self.waiting.extend(waits.filter(|_| self.loaded));
        }
        self.events.push(event);
    }

    fn is_full(&self) -> bool {
        self.events.len() >= MOST_EVENTS || self.bytes >= self.most
    }

    /// Takes all that waits, and what those have to say who are about to speak: sessions that are ready
    /// on this thread have had their turn when nothing more comes. So a flood travels in few large
    /// batches, to which every sender adds its piece in turn; a lone message waits for nobody.
    pub(crate) async fn gather(&mut self, inbox: &Receiver<Event>) {
        let mut before = 0;
        while self.events.len() > before {
            future::yield_now().await;
            before = self.events.len();
            while !self.is_full()
                && let Ok(event) = inbox.try_recv()
            {
                self.push(event);
            }
        }
    }

    /// Takes what comes until there is enough for a batch, for as long as it is waited for something
    /// else.
    pub(crate) async fn gather_meanwhile<T>(&mut self, inbox: &Receiver<Event>) -> T {
        self.go_on();
        while !self.is_full()
            && let Ok(event) = inbox.recv().await
        {
            self.push(event);
        }
        pending().await
    }

    /// What was taken becomes a batch. As many as spoke now are expected to speak again, and all of that is
    /// to fit into one.
    pub(crate) fn close(&mut self, inbox: &Receiver<Event>) -> Vec<Event> {
        let speakers = std::mem::take(&mut self.pieces).max(inbox.len());
        self.loaded = speakers >= MANY;
        self.ration.tell(if self.loaded { self.most / (1 + speakers) } else { usize::MAX });
        self.bytes = 0;
        std::mem::take(&mut self.events)
    }

    /// The batch is on its way, or is being stored: whoever handed something in may hand in more.
    pub(crate) fn go_on(&mut self) {
        self.waiting.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbox::Piece;

    /// What so many speakers hand in who always have more, and how much that is.
    fn speak(gathering: &mut Gathering, speakers: u64) -> usize {
        let most = gathering.ration.ask().min(64 * 1024);
        for member in 0..speakers {
            assert!(!gathering.is_full(), "there is room for all of them");
            gathering.push(Event::Piece(
                member,
                Piece { requests: Vec::new(), cost: most, waits: None, key: None },
            ));
        }
        most
    }

    #[test]
    fn a_batch_has_room_for_all_who_speak_and_one_more() {
        let (_sender, inbox) = async_channel::unbounded();
        for speakers in [MANY as u64, 49, MOST_EVENTS as u64 - 1] {
            let mut gathering = Gathering::new(Ration::default(), 1 << 20);
            for member in 0..speakers {
                gathering.push(Event::Piece(
                    member,
                    Piece { requests: Vec::new(), cost: 1, waits: None, key: None },
                ));
            }
            assert_eq!(gathering.close(&inbox).len() as u64, speakers);
            for _ in 0..3 {
                speak(&mut gathering, speakers);
                assert!(gathering.is_loaded() && !gathering.is_full());
                gathering.close(&inbox);
            }
        }
    }

    #[test]
    fn few_are_not_limited() {
        let (_sender, inbox) = async_channel::unbounded();
        let mut gathering = Gathering::new(Ration::default(), 1 << 20);
        assert_eq!(speak(&mut gathering, 1), 64 * 1024);
        gathering.close(&inbox);
        assert_eq!(speak(&mut gathering, 2), 64 * 1024);
        assert!(gathering.is_full() && !gathering.is_loaded());
    }

    #[test]
    fn of_many_nobody_goes_on_before_the_batch_is_on_its_way() {
        let (_sender, inbox) = async_channel::unbounded();
        let mut gathering = Gathering::new(Ration::default(), 1 << 20);
        for hears in [true, false] {
            let waits = (0..MANY as u64).map(|member| {
                let (waits, taken) = async_channel::bounded(1);
                gathering.push(Event::Piece(
                    member,
                    Piece { requests: Vec::new(), cost: 1, waits: Some(waits), key: None },
                ));
                taken
            });
            let waits: Vec<_> = waits.collect();
            gathering.close(&inbox);
            assert!(waits.iter().all(|taken| taken.is_closed() == hears), "the first time they were few");
            gathering.go_on();
            assert!(waits.iter().all(async_channel::Receiver::is_closed));
        }
    }
}
