//! The room's tests: a stage on which a test plays the network and the clock. Knows the room only by
//! its public face.
//!
//! | module | what it tests |
//! |---|---|
//! | `rules` | each rule by itself |
//! | `echoes` | whose message is whose |
//! | `pacing` | how fast lines go out |
//! | `sequences` | any sequence of events |
//! | `full` | each rule of the full language by itself |
//! | `log` | the same of the room's log |
//! | `unread` | what came while nobody looked |
//! | `ours` | what earlier runs said, and strangers under our name |
//! | `doors` | names that belong to us, questions, admins |
//! | `past` | reading back and searching, with holes in what is shown |
//! | `server` | a server of the full language to play with |
//! | `exactly_once` | any sequence of events with that server |

mod doors;
mod echoes;
mod exactly_once;
mod full;
mod log;
mod ours;
mod pacing;
mod past;
mod rules;
mod sequences;
mod server;
mod unread;

use std::time::Duration;

use chat_shared::Notice;

use super::outbox::MAX_WAITING;
use super::*;
use crate::link::{Event, Line, News};

const DOUBT: Duration = Duration::from_secs(10);

/// A room, a clock that only the test moves, and the orders given so far.
struct Scene {
    room: Room,
    start: Instant,
    now: Duration,
    link: u64,
    orders: Vec<Order>,
}

fn scene() -> Scene {
    scene_with(Kept::default())
}

/// A room of which something was kept.
fn scene_with(kept: Kept) -> Scene {
    let room = Room::new(Name::parse("ann").unwrap(), kept);
    Scene { room, start: Instant::now(), now: Duration::ZERO, link: 0, orders: Vec::new() }
}

impl Scene {
    fn at(&self) -> Moment {
        Moment { wall: self.now.as_millis() as i64, steady: self.start + self.now }
    }

    fn pass(&mut self, seconds: u64) -> &mut Self {
        self.now += Duration::from_secs(seconds);
        let orders = self.room.tick(self.at());
        self.orders.extend(orders);
        self
    }

    fn apply(&mut self, news: News) -> &mut Self {
        let orders = self.room.apply(Event { at: self.at(), news });
        self.orders.extend(orders);
        self
    }

    fn connect(&mut self) -> &mut Self {
        self.link += 1;
        let link = self.link;
        self.apply(News::Connecting { address: None }).apply(News::Connected { link, welcome: None })
    }

    fn break_off(&mut self) -> &mut Self {
        let retry_in = Duration::from_secs(1);
        self.apply(News::Lost { why: "the cat did it".into(), retry_in, doubt: DOUBT })
    }

    fn say(&mut self, draft: &str) -> &mut Self {
        let orders = self.room.say(draft, self.at()).unwrap();
        self.orders.extend(orders);
        self
    }

    fn rename(&mut self, name: &str) -> &mut Self {
        let orders = self.room.rename(Name::parse(name).unwrap(), self.at());
        self.orders.extend(orders);
        self
    }

    fn hear(&mut self, from: &str, text: &str) -> &mut Self {
        self.apply(News::Lines(vec![Line::Said { from: from.into(), text: text.into() }]))
    }

    fn notice(&mut self, text: &str) -> &mut Self {
        self.apply(News::Lines(vec![Line::Notice(text.into())]))
    }

    fn refuse(&mut self, still: &str) -> &mut Self {
        let why = chat_shared::notice::NameRefusal::Taken;
        self.notice(&format!("name refused: {why}. Your name is still {still}"))
    }

    /// The network reports every line handed out and not yet reported as written.
    fn write(&mut self) -> &mut Self {
        let keys = self.take_sends().into_iter().map(|(key, _)| key).collect();
        self.apply(News::Sent { keys })
    }

    /// The lines handed out since this was last asked, each for the present connection.
    fn take_sends(&mut self) -> Vec<(u64, String)> {
        let link = self.link;
        std::mem::take(&mut self.orders)
            .into_iter()
            .filter_map(|order| match order {
                Order::Send { link: meant, key, text } => {
                    assert_eq!(meant, link);
                    Some((key, text))
                }
                _ => None,
            })
            .collect()
    }

    fn sends(&mut self) -> Vec<String> {
        self.take_sends().into_iter().map(|(_, text)| text).collect()
    }

    fn entries(&self) -> impl Iterator<Item = (u64, &Entry)> {
        self.room.timeline().iter().map(|entry| (entry.number, entry))
    }

    fn next_tick(&self) -> Option<Instant> {
        self.room.next_tick(self.at().steady)
    }

    /// Who said what, own messages with how far they got; statuses and notices left out.
    fn talk(&self) -> Vec<String> {
        self.entries()
            .filter_map(|(_, entry)| match &entry.kind {
                Kind::Said { by, text } => Some(format!("{by}: {text}")),
                Kind::Own { text, delivery, .. } => Some(format!("{delivery:?}: {text}")),
                Kind::Notice(_) | Kind::Status(_) | Kind::Gap(_) | Kind::Hole => None,
            })
            .collect()
    }

    fn number_of(&self, text: &str) -> u64 {
        self.entries().find(|(_, entry)| entry.text() == text).unwrap().0
    }
}
