//! Reading back and searching: what is shown of the log is in its order and each message once, and wherever
//! something is missing in between, that is said.

use chat_shared::{ErrorCode, History};
use proptest::prelude::*;

use super::server::{Server, message, room};
use super::*;
use crate::link::Message;
use crate::model::timeline::Limits;

impl Scene {
    fn search(&mut self, words: &str) -> &mut Self {
        let at = self.at();
        self.room.search(words, at);
        self.pass(1)
    }

    fn found(&self) -> Vec<&str> {
        self.room
            .finds()
            .map_or_else(Vec::new, |finds| finds.hits().iter().map(|hit| hit.line.as_str()).collect())
    }

    fn log(&self) -> Option<&Log> {
        self.room.finds().map(Finds::log)
    }

    /// The hit that is the nth from the newest on is gone to.
    fn see(&mut self, nth: usize) -> &mut Self {
        let (at, spot) = (self.at(), self.room.finds().unwrap().hits()[nth].spot);
        let orders = self.room.load_around(spot, at);
        self.orders.extend(orders);
        self
    }

    fn fill(&mut self, from_its_end: bool) -> &mut Self {
        let (at, holes) =
            (self.at(), self.room.timeline().holes().map(|(entry, _)| entry).collect::<Vec<_>>());
        for entry in holes {
            let orders = self.room.fill(entry, from_its_end, at);
            self.orders.extend(orders);
        }
        self
    }

    fn take_orders(&mut self) -> Vec<Order> {
        std::mem::take(&mut self.orders)
    }

    fn said(&mut self, id: u64, text: &str) -> &mut Self {
        self.line(Line::Past(message(id, "bob", text)))
    }
}

/// What stands in the timeline of the log, by id, and `None` where something is missing.
fn log(room: &Room) -> Vec<Option<u64>> {
    let entries = room.timeline().iter().filter(|entry| entry.id().is_some() || entry.kind == Kind::Hole);
    entries.map(Entry::id).collect()
}

fn search(words: &str) -> Order {
    Order::Search { link: 1, n: 500, words: words.to_owned() }
}

#[test]
fn what_is_found_in_the_log_is_not_shown_as_if_nothing_came_after_it() {
    let mut scene = scene();
    scene.show(900..1000, true).search("fox");
    assert_eq!(scene.take_orders(), [search("fox")]);
    scene.said(30, "a fox").said(500, "the fox").end(History::Search, true);
    assert_eq!((scene.found(), scene.log()), (vec!["the fox", "a fox"], Some(&Log::Done { more: true })));
    assert_eq!(log(&scene.room).len(), 100);
    scene.see(1);
    assert_eq!(scene.take_orders(), [Order::Before { link: 1, id: 81, n: 100 }]);
    scene.past(1..81).end(History::Before, false);
    let mut there: Vec<_> = (1..81).map(Some).chain([None]).chain((900..1000).map(Some)).collect();
    assert_eq!(log(&scene.room), there);
    assert_eq!(scene.words()[0], "The room keeps nothing older than this.");
    // From its beginning, then from its end.
    scene.fill(false);
    assert_eq!(scene.take_orders(), [Order::Before { link: 1, id: 181, n: 100 }]);
    scene.past(81..181).end(History::Before, true).fill(true);
    assert_eq!(scene.take_orders(), [Order::Before { link: 1, id: 900, n: 100 }]);
    scene.past(800..900).end(History::Before, true);
    there = (1..181).map(Some).chain([None]).chain((800..1000).map(Some)).collect();
    assert_eq!(log(&scene.room), there);
    assert!(!scene.room.can_show_older() && scene.room.can_fill());
}

#[test]
fn what_was_searched_for_before_is_not_mistaken_for_what_is_now() {
    let mut scene = scene();
    scene.show(1..3, false).search("f").search("fo").search("fox");
    assert_eq!(scene.take_orders(), [search("f")]);
    scene.said(1, "for").end(History::Search, false);
    assert_eq!((scene.found().len(), scene.take_orders()), (0, vec![search("fox")]));
    scene.said(2, "fox").end(History::Search, false);
    assert_eq!(scene.found(), ["fox"]);
    scene.search(" ");
    assert!(scene.room.finds().is_none() && scene.take_orders().is_empty() && scene.next_tick().is_none());
}

#[test]
fn a_busy_server_is_asked_again_and_a_break_delays_the_search() {
    let mut scene = scene();
    scene.show(1..3, false).search("fox");
    let busy = Line::Error { code: Some(ErrorCode::Busy), txn: None, words: "later".to_owned() };
    scene.take_orders();
    scene.line(busy).end(History::Search, true);
    assert_eq!((scene.take_orders(), scene.log()), (vec![], Some(&Log::Asked)));
    scene.pass(2);
    assert_eq!(scene.take_orders(), [search("fox")]);
    assert!(!scene.words().contains(&"later"));
    scene.break_off().welcome();
    scene.take_orders();
    scene.end(History::After, false);
    assert_eq!(scene.take_orders(), [Order::Search { link: 2, n: 500, words: "fox".to_owned() }]);
}

#[test]
fn what_is_loaded_is_searched_where_there_is_no_log() {
    let mut scene = scene();
    scene.connect();
    for number in 0..9000 {
        scene.hear("bob", &format!("line {number}"));
    }
    scene.say("my line 42");
    scene.take_orders();
    scene.search("LINE 42");
    while scene.room.finds().unwrap().is_scanning() {
        assert!(scene.next_tick().is_some());
        scene.pass(0);
    }
    let found = scene.found();
    assert_eq!((found.len(), found[0], found.last().copied()), (112, "my line 42", Some("line 42")));
    assert!(
        !scene.room.has_log() && scene.take_orders().iter().all(|order| matches!(order, Order::Send { .. }))
    );
    scene.search(&"x".repeat(300));
    assert!(matches!(scene.log(), Some(Log::Refused(_))));
}

#[test]
fn an_own_message_of_long_ago_stands_by_itself() {
    let mut scene = scene();
    scene.show(900..1000, true).say("mine").ack(1, 1000).break_off();
    // It was said before a crash, and is confirmed only now.
    scene.say("late").welcome().end(History::After, false).ack(2, 50);
    let there: Vec<_> = [Some(50), None].into_iter().chain((900..1001).map(Some)).collect();
    assert_eq!(log(&scene.room), there);
    scene.orders.clear();
    assert_eq!(scene.older(), [Order::Before { link: 2, id: 50, n: 100 }]);
}

/// Room for a few pages only.
const FEW: Limits = Limits { most: 600, stretch: 150, newest: 20 };

#[test]
fn the_log_can_be_read_to_its_beginning_however_long_it_is() {
    let mut scene = scene();
    scene.room.timeline.limits = FEW;
    scene.show(1901..2001, true);
    for end in (1..=19).rev().map(|page| page * 100 + 1) {
        assert_eq!(scene.older(), [Order::Before { link: 1, id: end, n: 100 }]);
        scene.past(end - 100..end).end(History::Before, end > 101);
        assert!(scene.room.timeline().len() <= FEW.most);
    }
    let there = log(&scene.room);
    assert_eq!((there.first(), there.last()), (Some(&Some(1)), Some(&Some(2000))));
    let hole = there.iter().position(Option::is_none).expect("what was far away made room");
    // And back again.
    let (before, after) = (there[hole - 1].unwrap(), there[hole + 1].unwrap());
    assert!(after > 1980, "the newest have stayed");
    scene.orders.clear();
    assert_eq!(scene.fill(false).take_orders(), [Order::Before { link: 1, id: before + 101, n: 100 }]);
    scene.past(before + 1..before + 101).end(History::Before, true);
    let there = log(&scene.room);
    assert!(there.len() <= FEW.most && there.contains(&Some(before + 100)), "{there:?}");
}

/// What may happen, in any order.
#[derive(Debug, Clone)]
enum Step {
    Say(u64),
    Break,
    Down(usize),
    Search(u64),
    See(usize),
    Older,
    Fill(bool),
    Pass,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => (1..40u64).prop_map(Step::Say),
        1 => Just(Step::Break),
        6 => prop_oneof![(1..150usize), Just(usize::MAX)].prop_map(Step::Down),
        2 => (0..10u64).prop_map(Step::Search),
        4 => (0..40usize).prop_map(Step::See),
        1 => Just(Step::Older),
        2 => prop::bool::ANY.prop_map(Step::Fill),
        2 => Just(Step::Pass),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Wherever one jumps to, whatever is loaded in between, and whatever breaks meanwhile.
    #[test]
    fn each_message_is_there_once_and_in_its_order_and_holes_are_said(
        steps in prop::collection::vec(step(), 0..60),
        begun in 0..1500u64,
        few: bool,
    ) {
        let (mut scene, mut server) = (scene(), Server::new());
        if few {
            scene.room.timeline.limits = FEW;
        }
        (0..begun).for_each(|number| server.say(&format!("some {}", number % 10)));
        let welcome = |scene: &mut Scene, server: &mut Server| {
            scene.link += 1;
            let (link, welcome) = (scene.link, Some(server.welcome()));
            scene.apply(News::Connected { link, welcome });
        };
        let give = |scene: &mut Scene, server: &mut Server| {
            server.up.extend(scene.take_orders());
            (0..server.up.len()).for_each(|_| server.take());
        };
        let hear = |scene: &mut Scene, server: &mut Server, count: usize| {
            let lines = server.down.drain(..count.min(server.down.len())).collect();
            scene.apply(News::Lines(lines));
        };
        welcome(&mut scene, &mut server);
        for step in steps {
            let at = scene.at();
            match step {
                Step::Say(count) => (0..count).for_each(|number| server.say(&format!("more {number}"))),
                Step::Break => {
                    server.cut();
                    scene.break_off();
                    scene.take_orders();
                    welcome(&mut scene, &mut server);
                }
                Step::Down(count) => hear(&mut scene, &mut server, count),
                Step::Search(number) => drop(scene.search(&number.to_string())),
                Step::See(nth) => {
                    if nth < scene.found().len() {
                        scene.see(nth);
                    }
                }
                Step::Older => {
                    let orders = scene.room.near_oldest(at);
                    scene.orders.extend(orders);
                }
                Step::Fill(from_its_end) => drop(scene.fill(from_its_end)),
                Step::Pass => drop(scene.pass(1)),
            }
            give(&mut scene, &mut server);
        }
        give(&mut scene, &mut server);
        while !server.down.is_empty() {
            hear(&mut scene, &mut server, usize::MAX);
            give(&mut scene, &mut server);
        }
        let there = log(&scene.room);
        prop_assert!(there.first().is_none_or(Option::is_some) && there.last().is_none_or(Option::is_some));
        for pair in there.windows(2) {
            match pair {
                [Some(one), Some(next)] => prop_assert_eq!(*next, one + 1, "of {:?}", there),
                [None, None] => prop_assert!(false, "two holes side by side in {:?}", there),
                _ => {}
            }
        }
        for triple in there.windows(3) {
            if let [Some(one), None, Some(next)] = triple {
                prop_assert!(one + 1 < *next, "a hole between {} and {}", one, next);
            }
        }
        let ids: Vec<_> = there.iter().flatten().collect();
        prop_assert_eq!(ids.last().copied(), server.log.last().map(|last: &Message| &last.id));
        prop_assert!(!few || scene.room.timeline().len() <= FEW.most, "{} entries", scene.room.timeline().len());
        for entry in scene.room.timeline().iter() {
            if let Some(id) = entry.id() {
                prop_assert_eq!(entry.text(), &server.log[id as usize - 1].text);
            }
        }
        if few {
            // All of it can never be there.
            return Ok(());
        }
        // From here on, what is missing can be filled to the end.
        for round in 0..200 {
            if scene.room.timeline().holes().next().is_none() {
                break;
            }
            scene.fill(round % 2 == 0);
            give(&mut scene, &mut server);
            hear(&mut scene, &mut server, usize::MAX);
            give(&mut scene, &mut server);
        }
        prop_assert!(log(&scene.room).iter().all(Option::is_some));
        prop_assert_eq!(scene.room.kept().known, server.log.last().map(|last| (room(1), last.id)).or(Some((room(1), 0))));
    }
}
