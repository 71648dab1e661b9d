//! Members who want to know what was said, and then to hear what is said.

use super::*;
use crate::history::Since;

const ROOM: RoomId = RoomId::from_bytes([7; 16]);

/// A room in which so much was said.
fn talked(messages: u64) -> Scene {
    let mut scene = Scene::of(1);
    (1..=messages).for_each(|id| scene.room.say(1, &format!("said {id}\n")));
    scene.room.join(2, HERE);
    scene.hello(2, 2);
    scene.happens(true);
    scene.read.clear();
    scene
}

fn ids(read: &str, command: &str) -> Vec<u64> {
    let entries = read.lines().filter_map(|line| line.strip_prefix(command)?.split(' ').nth(1));
    entries.map(|id| id.parse().unwrap()).collect()
}

fn since(after: u64, upto: u64, other_log: bool) -> Errand {
    let history = History::After;
    Errand::Since(Since { history, after, upto, n: 0, more: false, other_log, live: true })
}

#[test]
fn what_is_at_hand_is_given_at_once_and_then_what_is_said() {
    let mut scene = talked(5);
    scene.room.say(1, "said 6\n");
    scene.room.ask(2, Question::After(ROOM, 3));
    // What is said in the rest of the turn is still past.
    scene.room.say(1, "said 7\n");
    scene.happens(true);
    scene.room.say(1, "said 8\n");
    let read = scene.reads(2);
    assert_eq!((ids(&read, "PAST"), ids(&read, "POST")), (vec![4, 5, 6, 7], vec![8]));
    let words: Vec<_> = read.lines().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(words, ["PAST", "PAST", "PAST", "PAST", "END", "USERS", "END", "POST"]);
    assert!(read.contains("END AFTER 4 done\n"));
    assert!(scene.errands.is_empty());
}

#[test]
fn what_is_not_at_hand_is_looked_up_and_what_was_said_meanwhile_follows() {
    let mut scene = talked(1000);
    scene.room.ask(2, Question::After(ROOM, 10));
    assert_eq!(scene.reads(2), "");
    scene.room.say(1, "said 1001\n");
    assert_eq!(scene.reads(2), "");
    assert_eq!(scene.errands, [(2, since(10, 1000, false))]);
    scene.errands.clear();
    scene.room.say(1, "said 1002\n");
    scene.happens(true);
    scene.room.answered(2, Answer::CaughtUp { history: History::After, reached: 1000, n: 990, more: false });
    scene.happens(true);
    scene.room.say(1, "said 1003\n");
    let read = scene.reads(2);
    assert_eq!((ids(&read, "PAST"), ids(&read, "POST")), (vec![1001, 1002], vec![1003]));
    assert!(read.contains("END AFTER 992 done\n"), "{read}");
    // Who is far behind again by then is given the rest in the same way.
    let mut scene = talked(1);
    scene.room.ask(2, Question::Last(1));
    (2..=1000).for_each(|id| scene.room.say(1, &format!("said {id}\n")));
    scene.happens(true);
    scene.room.answered(2, Answer::CaughtUp { history: History::Last, reached: 1, n: 1, more: true });
    assert_eq!(scene.reads(2), "");
    let Some((2, Errand::Since(rest))) = scene.errands.pop() else { panic!("{:?}", scene.errands) };
    assert_eq!((rest.history, rest.after, rest.upto, rest.n, rest.more), (History::Last, 1, 1000, 1, true));
}

#[test]
fn what_is_asked_at_once_is_answered_in_its_order() {
    let mut scene = talked(1000);
    let ask = |scene: &mut Scene| {
        scene.room.ask(2, Question::Last(3));
        scene.room.ask(2, Question::Before(5, 2));
    };
    // Far behind, and nearly there: the others wait either way.
    scene.room.ask(2, Question::After(ROOM, 10));
    ask(&mut scene);
    scene.happens(true);
    assert_eq!(scene.errands, [(2, since(10, 1000, false))]);
    scene.errands.clear();
    scene.room.answered(2, Answer::CaughtUp { history: History::After, reached: 999, n: 989, more: false });
    assert!(scene.room.due().is_some_and(|due| due <= scene.now), "nothing else need come");
    assert!(scene.reads(2).contains("END AFTER 990 done\n") && scene.errands.is_empty());
    for (history, asked) in [(History::Last, 3), (History::Before, 2)] {
        assert!(scene.room.due().is_some_and(|due| due <= scene.now));
        scene.happens(true);
        let Some((2, Errand::Page { history: found, .. })) = scene.errands.pop() else { panic!("{asked}") };
        assert_eq!((found, scene.errands.len()), (history, 0));
        scene.room.answered(2, Answer::Done);
    }
    scene.happens(true);
    assert!(scene.errands.is_empty());
    ask(&mut scene);
    ask(&mut scene);
    scene.room.ask(2, Question::Last(1));
    assert_eq!(scene.reads(2), "", "the answer to the first may be out already");
    scene.room.ask(2, Question::Last(1));
    assert!(scene.reads(2).starts_with("ERROR busy - wait for the answers"));
}

#[test]
fn the_newest_are_those_of_the_moment_and_the_next_are_live() {
    let mut scene = talked(3);
    scene.room.ask(2, Question::Last(2));
    scene.happens(true);
    let page = Errand::Page { history: History::Last, query: Query::Last { n: 2, upto: 3 }, live: true };
    assert_eq!(scene.errands, [(2, page)]);
    scene.room.say(1, "said 4\n");
    scene.happens(true);
    scene.room.answered(2, Answer::CaughtUp { history: History::Last, reached: 3, n: 2, more: true });
    scene.room.say(1, "said 5\n");
    let read = scene.reads(2);
    assert_eq!(ids(&read, "POST"), [4, 5]);
    assert!(read.starts_with("END LAST 2 more\n"), "{read}");
}

#[test]
fn an_id_that_the_log_does_not_have_is_looked_up_as_a_gap() {
    for (room, id, expected) in [
        (RoomId::from_bytes([8; 16]), 2, since(0, 5, true)),
        (ROOM, 6, since(5, 5, true)),
        (ROOM, u64::MAX, since(5, 5, true)),
    ] {
        let mut scene = talked(5);
        scene.room.ask(2, Question::After(room, id));
        assert_eq!(scene.reads(2), "");
        assert_eq!(scene.errands, [(2, expected)]);
    }
}

#[test]
fn who_hears_what_is_said_may_ask_on_but_not_for_everything_at_once() {
    let mut scene = talked(5);
    scene.room.ask(2, Question::Last(0));
    scene.happens(true);
    scene.read.clear();
    for _ in 0..3 {
        scene.room.ask(2, Question::Before(u64::MAX, 2));
    }
    scene.room.ask(2, Question::After(ROOM, 2));
    scene.room.ask(2, Question::Search(3, "said".into()));
    assert_eq!(scene.reads(2), "", "one is being answered, and four may wait");
    scene.room.ask(2, Question::Search(3, "said".into()));
    assert!(scene.reads(2).starts_with("ERROR busy - wait for"));
    for _ in 0..3 {
        let query = Query::Before { id: 6, n: 2 };
        let page = Errand::Page { history: History::Before, query, live: false };
        assert_eq!(std::mem::take(&mut scene.errands), [(2, page)]);
        scene.room.answered(2, Answer::Done);
        assert_eq!(scene.reads(2), "");
    }
    assert!(matches!(scene.errands[..], [(2, Errand::Since(Since { live: false, upto: 5, .. }))]));
    scene.room.ask(2, Question::Search(3, "said".into()));
    assert_eq!(scene.reads(2), "", "there is room for it again");
    scene.room.answered(2, Answer::Done);
    scene.happens(true);
    assert!(matches!(scene.errands[1..], [(2, Errand::Page { history: History::Search, .. })]));
}

#[test]
fn of_a_turn_that_cannot_be_stored_nothing_is_caught_up_with() {
    let mut scene = talked(2);
    scene.room.say(1, "lost\n");
    scene.room.ask(2, Question::Last(0));
    scene.room.say(1, "lost too\n");
    scene.happens(false);
    scene.room.say(1, "said 3\n");
    let read = scene.reads(2);
    assert!(read.starts_with("END LAST 0 more\n"), "{read}");
    assert_eq!(ids(&read, "POST"), [3]);
}
