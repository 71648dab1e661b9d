//! The rules of the room's log, one by one: what is shown, what is missing, and who is there.

use chat_shared::History;

use super::full::post;
use super::server::{message, room};
use super::*;

#[test]
fn what_is_told_of_the_connection_stands_where_it_happened() {
    let mut scene = scene();
    scene.show(1..3, false).break_off().welcome().past(3..5).end(History::After, false).post(5);
    assert_eq!(
        scene.words(),
        [
            "The room keeps nothing older than this.",
            "1",
            "2",
            "Connected.",
            "Connection lost: the cat did it.",
            "3",
            "4",
            "Connected again.",
            "5"
        ]
    );
}

#[test]
fn what_is_missing_is_said_in_its_place() {
    let missing = |line: Line, first: u64| {
        let mut scene = scene();
        scene.show(1..4, false).break_off().welcome().line(line).past(first..first + 2);
        scene.end(History::After, false).post(first + 2);
        let kinds = scene.entries().map(|(_, entry)| match &entry.kind {
            Kind::Gap(words) => format!("GAP {words}"),
            Kind::Said { text, .. } => text.clone(),
            _ => String::new(),
        });
        kinds.filter(|words| !words.is_empty()).collect::<Vec<_>>()
    };
    let trimmed = missing(Line::Gap { room: room(1), id: 80 }, 80);
    assert_eq!(trimmed[..3], ["1", "2", "3"]);
    assert!(trimmed[3].contains("no longer keeps them"), "{trimmed:?}");
    assert_eq!(trimmed[4..], ["80", "81", "82"]);
    let other = missing(Line::Gap { room: room(2), id: 1 }, 1);
    assert!(other[3].contains("a new one begins"), "{other:?}");
    assert_eq!(other[4..], ["1", "2", "3"]);
    let newest = missing(Line::Gap { room: room(1), id: 3 }, 3);
    assert!(newest[3].contains("lost the last"), "{newest:?}");
    assert_eq!(newest[4..], ["3", "4", "5"]);
}

#[test]
fn a_room_that_has_lost_its_log_begins_anew_below() {
    let mut scene = scene();
    scene.show(7..9, false).break_off();
    scene.orders.clear();
    scene.welcome_to(2);
    assert!(matches!(scene.orders[..], [Order::Last { .. }]));
    scene.past(1..3).end(History::Last, false);
    assert_eq!(scene.talk(), ["bob: 7", "bob: 8", "bob: 1", "bob: 2"]);
    assert_eq!(scene.words().iter().filter(|words| words.contains("has lost its log")).count(), 1);
}

#[test]
fn what_was_shown_before_the_log_was_caught_up_with_is_not_mixed_with_another_log() {
    let mut scene = scene();
    scene.welcome().past(5..7).post(10).break_off();
    scene.welcome_to(2).past(0..6).break_off();
    scene.welcome_to(2).past(4..8).end(History::Last, true);
    let ids: Vec<_> = scene.entries().filter_map(|(_, entry)| entry.id()).collect();
    assert_eq!(ids, [5, 6, 10, 0, 1, 2, 3, 4, 5, 6, 7]);
    let lost = |words: &&str| words.contains("has lost its log");
    assert_eq!(scene.words().into_iter().filter(lost).count(), 1);
    let at = |words| scene.words().iter().position(|there| *there == words).unwrap();
    let remark = scene.words().iter().position(lost).unwrap();
    assert!(at("10") < remark && remark < at("0"), "{:?}", scene.words());
}

#[test]
fn older_messages_come_on_demand_and_once() {
    let mut scene = scene();
    assert_eq!(scene.older(), []);
    scene.show(100..200, true);
    assert_eq!(scene.older(), [Order::Before { link: 1, id: 100, n: 100 }]);
    assert_eq!(scene.older(), []);
    scene.post(200).past(50..100).end(History::Before, true);
    assert_eq!(scene.older(), [Order::Before { link: 1, id: 50, n: 100 }]);
    scene.past(1..50).end(History::Before, false);
    assert_eq!(scene.older(), []);
    let talk = scene.talk();
    assert_eq!((talk.len(), talk[0].as_str(), talk[199].as_str()), (200, "bob: 1", "bob: 200"));
    assert_eq!(scene.words()[0], "The room keeps nothing older than this.");
}

#[test]
fn what_was_kept_is_sent_under_its_number_and_what_is_new_is_marked() {
    let mut scene = scene();
    scene.show(1..6, false).say("one").say("two").ack(1, 6);
    let kept = scene.room.kept();
    assert_eq!((kept.next_txn, kept.known, kept.posts.len()), (3, Some((room(1), 6)), 1));
    let mut scene = scene_with(kept);
    assert_eq!(scene.talk(), ["Waiting: two"]);
    scene.say("three").welcome();
    assert_eq!(scene.posts(), [post(2, "two"), post(3, "three")]);
    scene.past(3..10).end(History::Last, true).ack(2, 10).ack(3, 11);
    assert_eq!(scene.news(), Some("7"));
    assert_eq!(scene.talk()[7..], ["Sent: two", "Sent: three"]);
}

#[test]
fn what_one_has_said_oneself_is_no_news() {
    let kept = Kept { known: Some((room(1), 2)), ..Kept::default() };
    let news = |from: &str| {
        let mut scene = scene_with(kept.clone());
        scene.welcome().past(1..3).line(Line::Past(message(3, "ann", "mine")));
        scene.line(Line::Past(message(4, from, "last"))).end(History::Last, false);
        scene.news().map(str::to_owned)
    };
    assert_eq!(news("bob").as_deref(), Some("last"));
    assert_eq!(news("ann"), None);
}

#[test]
fn who_comes_and_goes_is_told_in_one_remark_until_somebody_speaks() {
    let name = |name| Name::parse(name).unwrap();
    let mut scene = scene();
    scene.show(1..2, false).line(Line::Users(vec![name("bob"), name("ann")])).line(Line::EndUsers);
    scene.line(Line::Join(name("cleo"))).line(Line::Join(name("dan"))).line(Line::Leave(name("bob")));
    assert_eq!(scene.words().last(), Some(&"cleo and dan came. bob left."));
    let members: Vec<_> = scene.room.members().iter().map(Name::as_str).collect();
    assert_eq!((members, scene.room.member_count()), (vec!["ann", "cleo", "dan"], Some(3)));
    scene.line(Line::Join(name("bob"))).line(Line::Leave(name("cleo"))).line(Line::Leave(name("dan")));
    assert_eq!(scene.words().last(), Some(&"Connected."));
    scene.line(Line::Join(name("zoe"))).post(2).line(Line::Leave(name("zoe")));
    assert_eq!(scene.words()[3..], ["zoe came.", "2", "zoe left."]);
    scene.break_off();
    assert_eq!((scene.room.members().len(), scene.room.member_count()), (0, None));
}

#[test]
fn a_crowd_that_comes_and_goes_is_counted_and_nobody_in_it_is_named() {
    let people: Vec<_> = (0..300).map(|n| Name::parse(&format!("user-{n:04}")).unwrap()).collect();
    let mut scene = scene();
    scene.show(1..2, false).line(Line::Users(vec![Name::parse("ann").unwrap()])).line(Line::EndUsers);
    let remarks = |scene: &Scene| scene.words()[3..].join(" ");
    scene.apply(News::Lines(people.iter().cloned().map(Line::Join).collect()));
    assert_eq!(remarks(&scene), "300 people came.");
    scene.apply(News::Lines(people[..5].iter().cloned().map(Line::Leave).collect()));
    assert_eq!(remarks(&scene), "295 people came.", "who did both is left out");
    scene.post(2);
    scene.apply(News::Lines(people[5..].iter().cloned().map(Line::Leave).collect()));
    assert_eq!(remarks(&scene), "295 people came. 2 295 people left.");
    let _ = scene.apply(News::Lines(people.iter().cloned().map(Line::Join).collect())).post(3);
    // In a crowd a few are not worth a word, until they are many.
    scene.line(Line::Leave(people[0].clone())).post(4).line(Line::Leave(people[1].clone()));
    assert_eq!(scene.words().last(), Some(&"4"));
    scene.apply(News::Lines(people[2..12].iter().cloned().map(Line::Leave).collect()));
    assert_eq!(scene.words().last(), Some(&"12 people left."));
}

#[test]
fn we_are_in_the_list_under_the_name_that_the_server_gives_us() {
    let mut scene = scene();
    scene.welcome().end(History::Last, false);
    scene.line(Line::You("guest-1".to_owned())).line(Line::Users(vec![Name::guest(1)])).line(Line::EndUsers);
    scene.line(Line::You("zoe".to_owned()));
    let members = |scene: &Scene| scene.room.members().iter().map(Name::to_string).collect::<Vec<_>>();
    assert_eq!((members(&scene), scene.room.name()), (vec!["zoe".to_owned()], "zoe"));
    // While the list is still coming.
    scene.line(Line::Users(vec![Name::parse("zoe").unwrap()])).line(Line::You("eve".to_owned()));
    assert_eq!(members(&scene), ["eve"]);
    scene.line(Line::EndUsers);
    assert_eq!((members(&scene), scene.room.member_count()), (vec!["eve".to_owned()], Some(1)));
}
