//! What is too old is forgotten, however clocks were, and is not given even before it is.

use super::*;

#[test]
fn what_is_too_old_is_trimmed_when_the_clock_says_so() {
    let hour = Duration::from_secs(3600);
    each(Keep { messages: None, age: Some(hour) }, |room| {
        let ids = |room: &Fixture| room.ids(after(0, u64::MAX, 9)).0;
        // They are said at 1 s, 2 s, and so on.
        room.say(&["a", "b"]);
        room.say(&["c"]);
        room.settle();
        assert_eq!(ids(room), [1, 2, 3], "nobody has said what time it is");
        room.log.trim(3_601_000);
        room.settle();
        assert_eq!(ids(room), [1, 2, 3]);
        room.log.trim(3_601_001);
        room.settle();
        assert_eq!(ids(room), [2, 3]);
        room.log.trim(u64::MAX);
        room.settle();
        let page = room.read(after(1, u64::MAX, 9));
        assert_eq!(page, Page { entries: Vec::new(), more: false, first: 4 });
        assert_eq!(room.search("c"), vec![]);
        // Time may go backwards, ids do not.
        room.log.trim(0);
        room.say(&["d"]);
        assert_eq!(ids(room), [4]);
    });
}

#[test]
fn a_clock_that_was_wrong_holds_nothing_and_takes_nothing_with_it() {
    let hour = Duration::from_secs(3600);
    let (noon, ahead, behind) = (12 * 3_600_000, 900_000_000, 0);
    each(Keep { messages: None, age: Some(hour) }, |room| {
        for time in [ahead, noon, ahead, noon + 1, behind, noon + 2] {
            let said = Entry { time, ..entry(room.last + 1, Some((ANN, room.last + 1)), "fox") };
            room.commit([said].into()).unwrap();
        }
        for (minutes, first) in [(60, 1), (61, 7)] {
            room.log.trim(noon + minutes * 60_000);
            room.settle();
            let (ids, _) = room.ids(after(0, u64::MAX, 9));
            assert!(ids.into_iter().eq(first..=6), "after {minutes} minutes");
        }
        assert_eq!(room.search("fox"), []);
    });
    each(Keep { messages: None, age: Some(hour) }, |room| {
        for time in [noon, behind, ahead, noon + 60_000] {
            let said = Entry { time, ..entry(room.last + 1, None, "fox") };
            room.commit([said].into()).unwrap();
        }
        for (later, first) in [(3_600_000, 1), (3_600_001, 3), (3_660_000, 3), (3_660_001, 5)] {
            room.log.trim(noon + later);
            room.settle();
            let (ids, _) = room.ids(after(0, u64::MAX, 9));
            assert!(ids.into_iter().eq(first..=4), "after {later} milliseconds");
        }
    });
}

#[test]
fn what_is_too_old_does_not_wait_for_a_pause() {
    let mut room = Fixture::on_disk(Keep { messages: None, age: Some(Duration::from_secs(1)) });
    room.say_much(100);
    room.log.trim(90_000);
    assert!(room.on_writer(|writer| writer.marks.first) > 1);
}

#[test]
fn what_became_too_old_while_no_server_ran_is_not_given_before_it_is_trimmed() {
    let mut room = Fixture::on_disk(Keep { messages: None, age: Some(Duration::from_secs(1000)) });
    room.say_as(ANN, 1, "ann 1");
    room.say_much(9_999);
    room.say_as(ANN, 2, "ann 2");
    room.settle();
    room = room.reopened();
    // The messages up to 9,999 were said more than a thousand seconds before.
    let (go, wait) = std::sync::mpsc::channel::<()>();
    room.log.hide(11_000_000);
    let Kind::Disk(disk) = &room.log.0 else { unreachable!() };
    // Most of it is still there.
    disk.probe(move |_| wait.recv().unwrap());
    let page = room.read(after(0, u64::MAX, 9));
    assert_eq!((page.entries[0].id, page.entries.len(), page.first), (10_000, 2, 10_000));
    assert_eq!(room.ids(Query::Last { n: 9, upto: u64::MAX }), (vec![10_000, 10_001], false));
    assert_eq!(room.ids(Query::Before { id: 10_001, n: 9 }), (vec![10_000], false));
    assert_eq!((room.search("number"), room.search("ann")), (vec![10_000], vec![10_001]));
    let find = |txn| room.ids(Query::Find { session: ANN, txn }).0;
    assert_eq!((find(1), find(2)), (vec![], vec![10_001]));
    go.send(()).unwrap();
    room.settle();
    assert_eq!(room.on_writer(|writer| writer.marks.first), 10_000);
}
