//! What is asked for after which connection, and what an answer means. Knows the history alone.

use std::time::Instant;

use super::*;

fn room(byte: u8) -> RoomId {
    RoomId::from_bytes([byte; 16])
}

/// A history that has seen the log up to this message.
fn shown(last: MessageId) -> History {
    let mut history = History::default();
    history.welcomed(room(1), 1);
    history.past(last);
    assert!(history.end(Asked::Last, false).caught_up);
    history
}

#[test]
fn the_first_page_then_what_came_since() {
    let mut history = History::default();
    let (found, order) = history.welcomed(room(1), 1);
    assert_eq!((found, order), (Found::Same, Order::Last { link: 1, n: PAGE }));
    for id in [7, 8, 9] {
        history.past(id);
    }
    assert_eq!((history.known(), history.is_live()), (None, false));
    // A confirmation before the page is whole says nothing of what lies between.
    history.live(20);
    assert!(history.end(Asked::Last, true).caught_up);
    assert_eq!((history.known(), history.is_live()), (Some((room(1), 9)), true));
    history.live(10);
    history.live(4);
    history.broke();
    let (_, order) = history.welcomed(room(1), 2);
    assert_eq!(order, Order::After { link: 2, room: room(1), id: 10 });
    history.live(30);
    history.past(11);
    assert_eq!(history.known(), Some((room(1), 11)), "a break in the answer loses nothing");
    assert!(history.end(Asked::After, false).caught_up);
    assert!(history.can_ask_older(), "that was said by the first page");
}

#[test]
fn half_a_first_page_is_asked_for_again() {
    let mut history = History::new(Some((room(1), 5)));
    history.welcomed(room(1), 1);
    history.past(99);
    history.broke();
    assert_eq!(history.known(), Some((room(1), 5)));
    assert_eq!(history.welcomed(room(1), 2).1, Order::Last { link: 2, n: PAGE });
}

#[test]
fn another_log_is_noticed() {
    let mut history = shown(50);
    history.broke();
    let (found, order) = history.welcomed(room(2), 2);
    assert_eq!((found, order), (Found::Other, Order::Last { link: 2, n: PAGE }));
    assert!(history.end(Asked::Last, false).caught_up);
    assert_eq!(history.known(), Some((room(2), 0)));
}

#[test]
fn another_log_is_noticed_once_though_neither_was_ever_caught_up_with() {
    let mut history = History::default();
    history.welcomed(room(1), 1);
    history.past(5);
    let last = |link| Order::Last { link, n: PAGE };
    for (log, link, found) in [(2, 2, Found::Other), (2, 3, Found::Same), (1, 4, Found::Other)] {
        history.broke();
        assert_eq!(history.welcomed(room(log), link), (found, last(link)));
        history.past(3);
    }
    // What is known of the log before says nothing of this one, met twice.
    let mut history = shown(50);
    for (link, found) in [(2, Found::Other), (3, Found::Same)] {
        history.broke();
        assert_eq!(history.welcomed(room(2), link), (found, last(link)));
    }
    // A gap may say it too.
    let mut history = shown(50);
    history.broke();
    history.welcomed(room(1), 2);
    assert_eq!(history.gap(room(2), 1), Missing::Log);
    history.broke();
    assert_eq!(history.welcomed(room(2), 3).0, Found::Same);
}

#[test]
fn the_last_numbers_there_are_can_be_asked_for() {
    let now = Instant::now();
    let mut history = History::default();
    history.welcomed(room(1), 1);
    history.past(u64::MAX);
    history.end(Asked::Last, true);
    history.ranges.add(u64::MAX - 9, u64::MAX - 9);
    history.want_hole(u64::MAX - 9, false);
    assert_eq!(history.ask(1, now), before(u64::MAX));
    history.end(Asked::Before, true);
    history.want_around(u64::MAX - 20);
    assert_eq!(history.ask(1, now), before(u64::MAX));
}

#[test]
fn a_gap_says_what_is_missing() {
    for (answer, id, missing, last) in [
        (room(1), 80, Missing::Before(80), 79),
        (room(1), 51, Missing::Nothing, 50),
        (room(1), 40, Missing::Newest, 39),
        (room(2), 1, Missing::Log, 0),
    ] {
        let mut history = shown(50);
        history.broke();
        history.welcomed(room(1), 2);
        assert_eq!(history.gap(answer, id), missing);
        assert_eq!(history.known(), Some((answer, last)));
    }
}

/// What is asked for when the person is at the oldest.
fn older(history: &mut History, now: Instant) -> Option<Order> {
    history.want_older();
    history.ask(1, now)
}

fn before(id: MessageId) -> Option<Order> {
    Some(Order::Before { link: 1, id, n: PAGE })
}

#[test]
fn older_pages_are_asked_for_one_at_a_time() {
    let now = Instant::now();
    let mut history = History::default();
    history.welcomed(room(1), 1);
    assert_eq!(older(&mut history, now), None);
    history.past(5);
    history.end(Asked::Last, true);
    assert_eq!(older(&mut history, now), before(5));
    assert_eq!(older(&mut history, now), None);
    assert!(history.busy(now) && !history.busy(now));
    assert!(!history.end(Asked::Before, true).beginning);
    assert_eq!(older(&mut history, now), None);
    let later = history.due(now).unwrap();
    assert_eq!(history.ask(1, later), before(5));
    history.past(3);
    assert!(history.end(Asked::Before, false).beginning);
    assert_eq!(older(&mut history, later), None);
}

#[test]
fn what_is_missing_in_between_is_asked_for_from_either_end() {
    let now = Instant::now();
    let mut history = History::default();
    history.welcomed(room(1), 1);
    for id in 901..=1000 {
        history.past(id);
    }
    history.end(Asked::Last, true);
    history.want_around(1001);
    history.want_around(950);
    assert_eq!(history.ask(1, now), None, "it is there, or comes by itself");
    history.want_around(300);
    assert_eq!(history.ask(1, now), before(351));
    for id in 251..=350 {
        assert_eq!(history.past(id), Belongs::Log);
    }
    assert_eq!(history.end(Asked::Before, true), Ended::default());
    assert_eq!(history.holes().collect::<Vec<_>>(), [(350, 901)]);
    history.want_hole(350, false);
    assert_eq!(history.ask(1, now), before(451));
    // The oldest of them were removed; they are no hole.
    for id in 355..=450 {
        history.past(id);
    }
    history.end(Asked::Before, true);
    history.want_hole(350, true);
    assert_eq!(history.ask(1, now), before(355), "who says so has to be asked for those");
    for id in 255..=350 {
        history.past(id);
    }
    history.end(Asked::Before, true);
    history.want_hole(450, true);
    assert_eq!(history.ask(1, now), before(901));
    assert_eq!(history.reach(), Some(901));
}

#[test]
fn what_a_search_finds_is_no_history() {
    let now = Instant::now();
    let mut history = shown(50);
    history.want_found("fox");
    let words = "fox".to_owned();
    assert_eq!(history.ask(1, now), Some(Order::Search { link: 1, n: FOUND, words: words.clone() }));
    let holes = |history: &History| history.holes().count();
    assert_eq!((history.past(7), holes(&history)), (Belongs::Search(words.clone()), 0));
    assert_eq!(history.end(Asked::Search, true), Ended { found: Some(words), ..Ended::default() });
    history.want_found("ox");
    history.ask(1, now);
    // The next connection catches up first, and then asks anew.
    history.broke();
    history.welcomed(room(1), 2);
    assert_eq!((history.past(51), history.ask(2, now)), (Belongs::Log, None));
    history.end(Asked::After, false);
    assert_eq!(history.ask(2, now), Some(Order::Search { link: 2, n: FOUND, words: "ox".to_owned() }));
}

#[test]
fn the_news_begin_once_both_sides_are_shown() {
    let mut history = History::new(Some((room(1), 50)));
    assert_eq!(history.news_after(101, 200), None);
    assert_eq!(history.news_after(1, 200), Some(50));
    assert_eq!(history.news_after(1, 200), None);
    let mut history = History::new(Some((room(1), 50)));
    assert_eq!(history.news_after(1, 50), None);
    assert_eq!(history.news_after(1, 51), None, "what is said from then on was seen coming");
}
