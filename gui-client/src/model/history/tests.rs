//! What is asked for after which connection, and what an answer means. Knows the history alone.

use super::*;

fn room(byte: u8) -> RoomId {
    RoomId::from_bytes([byte; 16])
}

/// A history that has seen the log up to this message.
fn shown(last: MessageId) -> History {
    let mut history = History::default();
    history.welcomed(room(1), 1);
    history.past(last);
    assert!(history.end(Asked::Last, false));
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
    assert!(history.end(Asked::Last, true));
    assert_eq!((history.known(), history.is_live()), (Some((room(1), 9)), true));
    history.live(10);
    history.live(4);
    history.broke();
    let (_, order) = history.welcomed(room(1), 2);
    assert_eq!(order, Order::After { link: 2, room: room(1), id: 10 });
    history.live(30);
    history.past(11);
    assert_eq!(history.known(), Some((room(1), 11)), "a break in the answer loses nothing");
    assert!(history.end(Asked::After, false));
    assert!(history.can_ask_older(Instant::now()), "that was said by the first page");
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
    assert!(history.end(Asked::Last, false));
    assert_eq!(history.known(), Some((room(2), 0)));
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

#[test]
fn older_pages_are_asked_for_one_at_a_time() {
    let now = Instant::now();
    let mut history = History::default();
    history.welcomed(room(1), 1);
    assert_eq!(history.ask_older(5, 1, now), None);
    history.end(Asked::Last, true);
    assert_eq!(history.ask_older(5, 1, now), Some(Order::Before { link: 1, id: 5, n: PAGE }));
    assert_eq!(history.ask_older(5, 1, now), None);
    assert!(history.busy(now) && !history.busy(now));
    assert_eq!(history.ask_older(5, 1, now), None);
    let later = history.due(now).unwrap();
    assert!(history.ask_older(5, 1, later).is_some());
    assert!(!history.end(Asked::Before, false));
    assert_eq!(history.ask_older(1, 1, later), None);
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
