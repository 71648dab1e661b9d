//! The client fed by a server that sends anything in any pieces, while the person says and asks for things and
//! connections break. What is shown is in order, what was said is not lost, and nothing is due for ever. Knows the
//! client's model and its way from bytes to news; knows nothing of windows.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use chat_client::link::{Event, Moment, News, Order};
use chat_client::model::{Eyes, Kept, Kind, Room};
use chat_client::net::fuzz::Wire;
use chat_client::text;
use chat_shared::Name;

use crate::steps::Steps;

/// Does what the bytes say.
pub fn run(bytes: &[u8]) {
    let mut scene = Scene::new();
    let mut steps = Steps(bytes);
    scene.connect();
    while let Some((step, which)) = steps.step(8) {
        match (step, which) {
            // Most of all, lines.
            (0..=9, _) => scene.hear(steps.line()),
            (10, _) => scene.hear(steps.some()),
            (11, 0) => scene.lose(),
            (11, 1) => scene.connect(),
            (11, _) => scene.write(),
            (12, _) => scene.pass(steps.byte()),
            (13, _) => scene.say(&steps.text()),
            (14, _) => scene.ask(which, &mut steps),
            (_, 0) => scene.rename(&steps.text()),
            (_, _) => scene.look(which),
        }
        scene.check();
    }
    scene.lose();
    scene.check();
    scene.check_texts();
}

/// A person's room, and the connection that it has.
struct Scene {
    room: Room,
    start: Instant,
    now: Duration,
    wire: Option<Wire>,
    link: u64,
    orders: Vec<Order>,
}

impl Scene {
    fn new() -> Self {
        let room = Room::new(Name::parse("ann").expect("a good name"), Kept::default());
        Self { room, start: Instant::now(), now: Duration::ZERO, wire: None, link: 0, orders: Vec::new() }
    }

    fn at(&self) -> Moment {
        Moment { wall: self.now.as_millis() as i64, steady: self.start + self.now }
    }

    fn apply(&mut self, news: News) {
        let orders = self.room.apply(Event { at: self.at(), news });
        self.give(orders);
    }

    /// Orders are for the connection there is.
    fn give(&mut self, orders: Vec<Order>) {
        for order in &orders {
            let link = match order {
                Order::Send { link, .. } | Order::Post { link, .. } | Order::After { link, .. } => link,
                Order::Last { link, .. } | Order::Before { link, .. } | Order::Search { link, .. } => link,
                _ => continue,
            };
            assert!(self.wire.is_some() && *link == self.link, "{order:?} on connection {}", self.link);
        }
        self.orders.extend(orders);
    }

    fn connect(&mut self) {
        if self.wire.is_none() {
            self.link += 1;
            self.wire = Some(Wire::new(self.link));
            self.apply(News::Connecting { address: None });
            self.apply(News::Connected { link: self.link, welcome: None });
        }
    }

    fn lose(&mut self) {
        if self.wire.take().is_some() {
            self.orders.clear();
            let (retry_in, doubt) = (Duration::from_secs(1), Duration::from_secs(10));
            self.apply(News::Lost { why: "it broke".to_owned(), retry_in, doubt });
        }
    }

    fn hear(&mut self, bytes: &[u8]) {
        let Some(wire) = &mut self.wire else { return };
        for news in wire.hear(bytes) {
            self.apply(news);
        }
    }

    /// All that was ordered is written.
    fn write(&mut self) {
        let key = |order| if let Order::Send { key, .. } = order { Some(key) } else { None };
        let keys = std::mem::take(&mut self.orders).into_iter().filter_map(key).collect();
        self.apply(News::Sent { keys });
    }

    fn pass(&mut self, tenths: u8) {
        self.now += Duration::from_millis(100) * u32::from(tenths);
        // What is due is done, and then not due any more.
        for _ in 0..100 {
            let now = self.at();
            if self.room.next_tick(now.steady).is_none_or(|due| due > now.steady) {
                return;
            }
            let orders = self.room.tick(now);
            self.give(orders);
        }
        panic!("something is due for ever at {:?}", self.now);
    }

    fn say(&mut self, text: &str) {
        let now = self.at();
        if let Ok(orders) = self.room.say(text, now) {
            self.give(orders);
        }
    }

    fn rename(&mut self, name: &str) {
        let now = self.at();
        if let Ok(name) = Name::parse(name) {
            let orders = self.room.rename(name, now);
            self.give(orders);
        }
    }

    fn ask(&mut self, what: usize, steps: &mut Steps<'_>) {
        let (now, number) = (self.at(), u64::from(steps.byte()));
        let spot = self.room.timeline().spot(number as usize);
        let orders = match what {
            0 => self.room.near_oldest(now),
            1 => self.room.fill(number, number % 2 == 0, now),
            2 => spot.map_or(Vec::new(), |spot| self.room.load_around(spot, now)),
            3 => self.room.send_again(number, now),
            4 => {
                self.room.leave_it(number);
                Vec::new()
            }
            _ => {
                self.room.search(&steps.text(), now);
                Vec::new()
            }
        };
        self.give(orders);
    }

    fn look(&mut self, where_to: usize) {
        self.room.look([Eyes::Newest, Eyes::Elsewhere, Eyes::Away][where_to % 3]);
        let _ = self.room.take_calls();
    }

    /// What is shown is in order, and what waits is shown.
    fn check(&self) {
        let timeline = self.room.timeline();
        let mut newest = 0;
        let mut numbers = HashMap::new();
        for (position, entry) in timeline.iter().enumerate() {
            assert_eq!(numbers.insert(entry.number, position), None, "two have number {}", entry.number);
            if let Kind::Gap(words) = &entry.kind
                && words.contains("has lost")
            {
                // Another log, which counts anew.
                newest = 0;
            }
            if let Some(id) = entry.id() {
                assert!(newest < id || (newest == 0 && id == 0), "{id} after {newest}");
                newest = id;
            }
        }
        let kept = self.room.kept();
        for pair in kept.posts.windows(2) {
            assert!(pair[0].txn < pair[1].txn, "messages go out in the order of their numbers");
        }
        assert!(kept.posts.iter().all(|post| post.txn < kept.next_txn));
        let own = timeline.iter().filter(|entry| entry.is_own()).count();
        assert!(own >= kept.posts.len(), "what waits is shown");
        let finds = self.room.finds();
        assert!(finds.is_none_or(|finds| finds.hits().windows(2).all(|pair| pair[0] != pair[1])));
    }

    /// What was said can be drawn: spans stand on letters, in their order, and nothing hidden is left.
    fn check_texts(&self) {
        for entry in self.room.timeline().iter() {
            let shown = match &entry.kind {
                Kind::Said { text, .. } | Kind::Own { text, .. } => text::show(text, self.room.name()),
                _ => text::remark(entry.text()),
            };
            assert_eq!(text::tame::hidden(&shown.text), [], "of {:?}", entry.text());
            let mut at = 0;
            for span in &shown.spans {
                assert!(span.range.start >= at && !shown.text[span.range.clone()].is_empty());
                at = span.range.end;
            }
            if let Some(fold) = text::tame::fold(&shown.text) {
                assert!(shown.text.is_char_boundary(fold.end));
            }
        }
    }
}
