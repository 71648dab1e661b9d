//! Whatever breaks, on whichever side and when: each own message is in the log once, in the order in which they
//! were said; and the timeline is the log, from some message on, with nothing missing and nothing double.

use proptest::prelude::*;

use super::server::{ANN, Server};
use super::*;

/// What may happen, in any order.
#[derive(Debug, Clone)]
enum Step {
    Say,
    SayBad,
    OtherSays,
    Connect,
    Break,
    /// The program is killed, and started anew with what its file holds.
    Crash,
    /// The server takes up so much.
    Up(usize),
    /// The client hears so much.
    Down(usize),
    Busy,
    Pass(u64),
    ReadBack,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Say),
        1 => Just(Step::SayBad),
        4 => Just(Step::OtherSays),
        2 => Just(Step::Connect),
        1 => Just(Step::Break),
        1 => Just(Step::Crash),
        4 => (1..6usize).prop_map(Step::Up),
        4 => (1..8usize).prop_map(Step::Down),
        1 => Just(Step::Busy),
        1 => (0..12u64).prop_map(Step::Pass),
        1 => Just(Step::ReadBack),
    ]
}

struct Play {
    scene: Scene,
    server: Server,
    /// What the file holds.
    file: Kept,
    saved: Changes,
    said: Vec<String>,
}

impl Play {
    fn is_online(&self) -> bool {
        self.scene.room.connection() == &Connection::Online
    }

    /// What the store does: what must be kept is, before any order is given on.
    fn give(&mut self) {
        let changes = self.scene.room.changes();
        if changes.must != self.saved.must {
            self.file = self.scene.room.kept();
        }
        self.saved = changes;
        let link = self.scene.link;
        let orders = std::mem::take(&mut self.scene.orders);
        self.server.up.extend(orders.into_iter().filter(|order| match order {
            Order::Post { link: meant, .. }
            | Order::After { link: meant, .. }
            | Order::Last { link: meant, .. } => *meant == link,
            _ => true,
        }));
    }

    fn connect(&mut self) {
        self.scene.link += 1;
        let (link, welcome) = (self.scene.link, Some(self.server.welcome()));
        self.scene.apply(News::Connecting { address: None }).apply(News::Connected { link, welcome });
        self.give();
    }

    fn hear(&mut self, count: usize) {
        let count = count.min(self.server.down.len());
        let lines: Vec<_> = self.server.down.drain(..count).collect();
        self.scene.apply(News::Lines(lines));
        self.give();
    }

    fn say(&mut self, text: String) {
        self.scene.say(&text);
        self.said.push(text);
        self.give();
    }

    fn step(&mut self, step: &Step) {
        let number = self.said.len() + self.server.log.len();
        match step {
            Step::Say => self.say(format!("mine {number}")),
            Step::SayBad => self.say(format!("bad {number}")),
            Step::OtherSays => self.server.say(&format!("his {number}")),
            Step::Connect if !self.is_online() => self.connect(),
            Step::Break if self.is_online() => {
                self.server.cut();
                self.scene.break_off();
                self.give();
            }
            Step::Crash => {
                self.server.cut();
                let link = self.scene.link;
                self.scene = scene_with(self.file.clone());
                self.scene.link = link;
                self.saved = Changes::default();
            }
            Step::Up(count) => (0..*count).for_each(|_| self.server.take()),
            Step::Down(count) => self.hear(*count),
            Step::Busy => self.server.busy = 2,
            Step::Pass(seconds) => {
                self.scene.pass(*seconds);
                self.give();
            }
            Step::ReadBack => {
                let at = self.scene.at();
                let orders = self.scene.room.near_oldest(at);
                self.scene.orders.extend(orders);
                self.give();
            }
            Step::Connect | Step::Break => {}
        }
    }

    /// Until nothing is left to do.
    fn finish(&mut self) {
        if !self.is_online() {
            self.connect();
        }
        for _ in 0..1000 {
            while !self.server.up.is_empty() || !self.server.down.is_empty() {
                self.server.take();
                self.hear(usize::MAX);
            }
            if self.scene.next_tick().is_none() {
                return;
            }
            self.scene.pass(1);
            self.give();
        }
        panic!("it never comes to rest");
    }
}

/// A file of a client that has spoken the full language in this room before.
fn file() -> Kept {
    Kept { known: Some((server::room(1), 0)), ..Kept::default() }
}

proptest! {
    #[test]
    fn each_message_is_there_once_and_the_timeline_is_the_log(
        steps in prop::collection::vec(step(), 0..80),
        met_before: bool,
    ) {
        let kept = if met_before { file() } else { Kept::default() };
        let scene = scene_with(kept.clone());
        let mut play =
            Play { scene, server: Server::new(), file: kept, saved: Changes::default(), said: Vec::new() };
        for step in &steps {
            // Before a room is known to speak the full language, what waits is a draft, which is kept elsewhere.
            let drafts = !play.scene.room.unsent().is_empty();
            if !(drafts && matches!(step, Step::Crash)) {
                play.step(step);
            }
        }
        play.finish();
        let own: Vec<_> = play.server.log.iter().filter(|there| there.from == ANN).map(|there| &there.text).collect();
        let good: Vec<_> = play.said.iter().filter(|text| !text.starts_with("bad")).collect();
        prop_assert_eq!(own, good);
        let room = &play.scene.room;
        prop_assert_eq!((room.waiting(), room.kept().posts.len()), (0, 0));
        let shown: Vec<_> = room.timeline().iter().filter_map(|entry| Some((entry.id()?, entry.text()))).collect();
        let log: Vec<_> = play.server.log.iter().map(|there| (there.id, there.text.as_str())).collect();
        prop_assert!(log.ends_with(&shown), "{:?} of {:?}", shown, log);
        prop_assert_eq!(shown.is_empty(), log.is_empty());
        let last = log.last().map_or(0, |&(id, _)| id);
        prop_assert_eq!(room.kept().known, Some((server::room(1), last)));
        for entry in room.timeline().iter() {
            if let Kind::Own { delivery, text, .. } = &entry.kind {
                let refused = text.starts_with("bad");
                prop_assert_eq!(*delivery, if refused { Delivery::Refused } else { Delivery::Sent });
                prop_assert_eq!(entry.id().is_none(), refused);
            }
        }
    }
}
