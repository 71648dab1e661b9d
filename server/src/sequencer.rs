//! The one task that puts everything in order. It takes all that waits in its inbox, lets the room make a
//! turn of it, has the turn's messages stored, and only then hands what the herald writes of it to every
//! shard. Knows no socket; a member is a number and the shard it is in.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;
use std::time::Instant;

use async_channel::{Receiver, Sender, WeakSender};
use chat_shared::Notice;
use futures_lite::future;
use smol::Timer;

use crate::DRAIN;
use crate::bans::Bans;
use crate::batch::MemberId;
use crate::gathering::Gathering;
use crate::history::Errand;
use crate::inbox::{Event, Newcomer, Ration};
use crate::intake::Request;
use crate::keys::Keys;
use crate::ledger::{Ledger, wall_clock};
use crate::log::Committed;
use crate::room::{Edition, Herald, Room, Turn};
use crate::shard::Order;
use crate::wish::Trial;

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
    herald: Herald,
    ledger: Ledger,
    shards: Vec<Shard>,
    /// In which shard each member is.
    homes: HashMap<MemberId, usize>,
    /// Who has come and is not in a shard yet.
    newcomers: HashMap<MemberId, Box<Newcomer>>,
    /// Who waits until its key has been looked at.
    said_keys: HashMap<MemberId, Sender<Infallible>>,
    keys: Keys,
    bans: Bans,
    /// Where it is said that something has been looked at or stored. Weak: it is open for as long as the
    /// doors are.
    outside: WeakSender<Event>,
    gathering: Gathering,
}

/// What a sequencer puts in order, and where it comes from.
pub(crate) struct Affairs {
    pub(crate) room: Room,
    pub(crate) herald: Herald,
    pub(crate) ledger: Ledger,
    pub(crate) keys: Keys,
    /// The addresses that the doors keep out.
    pub(crate) bans: Bans,
    pub(crate) inbox: Receiver<Event>,
    /// The other end of the inbox.
    pub(crate) outside: WeakSender<Event>,
    pub(crate) ration: Ration,
    /// In the order in which they fill; the first is this thread's own.
    pub(crate) shards: Vec<Sender<Order>>,
    /// How many bytes may wait for one member.
    pub(crate) queue: usize,
}

/// Runs until the inbox is closed and empty, then has everybody seen off, and the log closed.
pub(crate) async fn run(affairs: Affairs) {
    let Affairs { room, herald, ledger, keys, bans, inbox, outside, ration, shards, queue } = affairs;
    let shards = shards.into_iter().map(|orders| Shard { orders, members: 0 }).collect();
    let gathering = Gathering::new(ration, queue);
    let mut sequencer = Sequencer {
        room,
        herald,
        ledger,
        shards,
        homes: HashMap::new(),
        newcomers: HashMap::new(),
        said_keys: HashMap::new(),
        keys,
        bans,
        outside,
        gathering,
    };
    let mut deadline = None;
    // Written, and handed out as soon as what came meanwhile is being stored.
    let mut edition = None;
    loop {
        if sequencer.gathering.is_empty() {
            if !sequencer.wait(&inbox).await {
                break;
            }
            sequencer.gathering.gather(&inbox).await;
        }
        edition = sequencer.turn(edition, &inbox).await;
        // Under load the inbox is never empty. The sessions on this thread have their turn too, once its
        // shard has written what it was given: what comes meanwhile shall be part of the next batch.
        future::yield_now().await;
        while sequencer.gathering.is_loaded() && !sequencer.shards[0].orders.is_empty() {
            future::yield_now().await;
        }
        if inbox.is_closed() && Instant::now() > *deadline.get_or_insert_with(|| Instant::now() + DRAIN) {
            log::warn!("more was said in the last moment than could be delivered in {DRAIN:?}");
            break;
        }
    }
    let deadline = deadline.unwrap_or_else(|| Instant::now() + DRAIN);
    sequencer.finish(edition, deadline).await;
}

/// Lets the room do what a member asks for.
pub(crate) fn carry_out(room: &mut Room, id: MemberId, request: Request) {
    match request {
        Request::Say(lines) => room.say(id, &lines),
        Request::Post(txn, text) => room.post(id, txn, text),
        Request::Rename(name) => room.rename(id, name),
        Request::Login(name, secret) => room.login(id, name, secret),
        Request::Act(act) => room.act(id, act),
        Request::BadName(why) => room.refuse_name(id, why),
        Request::Tell(notice) => room.tell(id, notice),
        Request::Reply(line) => room.reply(id, line),
        Request::Ask(question) => room.ask(id, question),
        Request::Hello(session) => room.hello(id, session),
        Request::Quit => room.quit(id),
    }
}

impl Sequencer {
    /// Waits for the next event, or for something to be due. False when there will be no more events.
    async fn wait(&mut self, inbox: &Receiver<Event>) -> bool {
        let due = self.room.due();
        let time = async {
            match due {
                Some(due) => Timer::at(due).await,
                None => pending().await,
            };
            Ok(None)
        };
        match future::or(async { inbox.recv().await.map(Some) }, time).await {
            Ok(Some(event)) => self.gathering.push(event),
            Ok(None) => {}
            Err(_) => return false,
        }
        true
    }

    /// Lets happen what was taken, and has it stored. Hands out the edition before, now that the disk is
    /// busy with this one; and this one too, unless more has come while it was stored.
    async fn turn(&mut self, before: Option<Edition>, inbox: &Receiver<Event>) -> Option<Edition> {
        let (now, time) = (Instant::now(), wall_clock());
        self.room.tick(now, time);
        if let Some(before) = self.ledger.trim(now, time) {
            self.herald.forget(before);
        }
        for event in self.gathering.close(inbox) {
            self.happen(event);
        }
        let mut turn = self.room.take_turn();
        self.see_to_the_rest(&mut turn);
        let storing = self.ledger.store(std::mem::take(&mut turn.drafts), now);
        if let Some(before) = before {
            self.hand_out(before).await;
        }
        let stored = self.ledger.stored(storing);
        let stored = future::or(stored, self.gathering.gather_meanwhile(inbox)).await;
        let edition = self.herald.write(turn, stored.committed, stored.stored);
        self.room.told(edition.told);
        edition.caught_up.iter().for_each(|&id| self.room.next_question(id));
        if self.gathering.is_empty() {
            self.hand_out(edition).await;
            self.gathering.go_on();
            return None;
        }
        Some(edition)
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Join(id, newcomer) => {
                log::debug!("member {id} is let in, from {}", newcomer.address);
                self.room.join(id, newcomer.address);
                self.newcomers.insert(id, newcomer);
            }
            Event::Piece(id, piece) => {
                if let Some(waits) = piece.key {
                    self.said_keys.insert(id, waits);
                }
                for request in piece.requests {
                    carry_out(&mut self.room, id, request);
                }
            }
            Event::Answered(id, answer) => self.room.answered(id, answer),
            Event::Tried(ticket, outcome) => self.room.tried(ticket, outcome),
            Event::Changed(wish, changed) => self.room.changed(*wish, changed),
            Event::Leave(id) => self.room.leave(id),
        }
    }

    /// Has keys looked at and changes stored, of which the room hears later, and lets those go on whose keys
    /// have been looked at.
    fn see_to_the_rest(&mut self, turn: &mut Turn) {
        for Trial { ticket, secret, work } in turn.trials.drain(..) {
            let outside = self.outside.clone();
            self.keys.work(secret, work, move |outcome| tell(&outside, Event::Tried(ticket, outcome)));
        }
        for (wish, change) in turn.wishes.drain(..) {
            let (outside, wish) = (self.outside.clone(), Box::new(wish));
            self.ledger.change(change, move |changed| tell(&outside, Event::Changed(wish, changed)));
        }
        for member in turn.tried.drain(..) {
            self.said_keys.remove(&member);
        }
        if let Some(addresses) = turn.banned.take() {
            self.bans.publish(addresses);
        }
    }

    /// Where the next member goes.
    fn emptiest(&self) -> usize {
        let in_use = (1 + self.homes.len() / WORTH_A_SHARD).min(self.shards.len());
        (0..in_use).min_by_key(|&shard| self.shards[shard].members).unwrap_or(0)
    }

    async fn hand_out(&mut self, edition: Edition) {
        let Edition { joined, batch, left, errands, .. } = edition;
        for (id, audience) in joined {
            let Some(newcomer) = self.newcomers.remove(&id) else { continue };
            let home = self.emptiest();
            self.homes.insert(id, home);
            self.shards[home].members += 1;
            self.order(home, Order::Join(id, newcomer, audience)).await;
        }
        if !batch.is_empty() {
            let batch = Arc::new(batch);
            // The other threads first: they work while this one does its own ration.
            for shard in (0..self.shards.len()).rev().filter(|&shard| self.shards[shard].members > 0) {
                self.order(shard, Order::Batch(Arc::clone(&batch))).await;
            }
        }
        self.send_on_errands(errands).await;
        for id in left {
            if let Some(home) = self.homes.remove(&id) {
                self.shards[home].members -= 1;
                self.order(home, Order::Leave(id)).await;
            }
        }
    }

    async fn send_on_errands(&self, errands: Vec<(MemberId, Errand)>) {
        if errands.is_empty() {
            return;
        }
        let mut by_shard: Vec<_> = self.shards.iter().map(|_| Vec::new()).collect();
        for (id, errand) in errands {
            if let Some(&home) = self.homes.get(&id) {
                by_shard[home].push((id, errand));
            }
        }
        for (shard, errands) in by_shard.into_iter().enumerate().filter(|(_, errands)| !errands.is_empty()) {
            self.order(shard, Order::Errands(errands)).await;
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
    async fn finish(mut self, before: Option<Edition>, deadline: Instant) {
        if let Some(before) = before {
            self.hand_out(before).await;
        }
        self.room.tell_all(Notice::Stopping);
        let turn = self.room.take_turn();
        let edition = self.herald.write(turn, Committed::default(), true);
        self.hand_out(edition).await;
        for shard in 0..self.shards.len() {
            self.order(shard, Order::Finish(deadline)).await;
        }
        self.ledger.close(deadline).await;
    }
}

/// From another thread, perhaps. Fails only when the room has closed.
fn tell(outside: &WeakSender<Event>, event: Event) {
    if let Some(inbox) = outside.upgrade() {
        let _ = inbox.try_send(event);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chat_shared::{Name, RoomId};
    use smol::LocalExecutor;

    use super::*;
    use crate::inbox::Piece;
    use crate::log::{Keep, Pen, Storage};

    fn affairs(
        outside: WeakSender<Event>,
        inbox: Receiver<Event>,
        shards: Vec<Sender<Order>>,
        storage: Storage,
    ) -> Affairs {
        let (log, opened) = crate::log::open(storage, Keep::default()).unwrap();
        let (room, now) = (RoomId::from_bytes(opened.room), Instant::now());
        Affairs {
            room: Room::new(room, opened.last, now),
            herald: Herald::new(opened.last, u64::MAX, false, 1 << 20, Arc::default()),
            ledger: Ledger::new(Pen::new(log, &opened), Keep::default(), now),
            keys: Keys::start(opened.salt).unwrap(),
            bans: Bans::default(),
            inbox,
            outside,
            ration: Ration::default(),
            shards,
            queue: 1 << 20,
        }
    }

    #[test]
    fn a_message_is_handed_out_however_much_else_is_asked() {
        let executor = LocalExecutor::new();
        let (inbox, events) = async_channel::bounded(4);
        let (orders, shard) = async_channel::bounded(1);
        executor.spawn(run(affairs(inbox.downgrade(), events, vec![orders], Storage::Memory))).detach();
        let (newcomer, _theirs) = Newcomer::pair();
        let flood = async move {
            let _ = inbox.send(Event::Join(1, Box::new(newcomer))).await;
            let piece =
                |request| Event::Piece(1, Piece { requests: vec![request], cost: 0, waits: None, key: None });
            let _ = inbox.send(piece(Request::Say("hello\n".into()))).await;
            let names = ["ann", "bob"].map(|name| Name::parse(name).unwrap());
            for name in names.iter().cycle() {
                let _ = inbox.send(piece(Request::Rename(name.clone()))).await;
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
