//! What holds of every log.

use super::*;

#[test]
fn a_new_log_is_empty_and_has_a_name_of_its_own() {
    each(ALL, |room| {
        let Opened { room: name, first, last, ref sessions, .. } = room.opened;
        assert_eq!((first, last, sessions.len()), (1, 0, 0));
        assert_ne!(name, Fixture::in_memory(ALL).opened.room);
        assert_ne!(name[..8], name[8..]);
        let empty = Page { entries: Vec::new(), more: false, first: 1 };
        let search = |words: &str| Query::Search { words: words.into(), n: 9, upto: 9 };
        let find = Query::Find { session: ANN, txn: 1 };
        let queries = [after(0, 9, 9), Query::Last { n: 9, upto: 9 }, Query::Before { id: 9, n: 9 }];
        for query in queries.into_iter().chain([search("word"), search("!"), find]) {
            assert_eq!(room.read(query), empty);
        }
        room.say(&[]);
        assert_eq!(room.read(after(0, 9, 9)), empty);
    });
}

#[test]
fn what_was_said_is_given_back_as_it_was() {
    each(ALL, |room| {
        let said: Arc<[Entry]> = [
            entry(1, None, "one\ntwo\\three \u{1F600} \0"),
            Entry { time: u64::MAX, ..entry(2, Some((ANN, u64::MAX)), "") },
            Entry { name: "näme".into(), ..entry(3, Some((BOB, 0)), &"long ".repeat(1000)) },
        ]
        .into();
        room.commit(Arc::clone(&said)).unwrap();
        assert_eq!(room.read(after(0, u64::MAX, 9)), Page { entries: said.to_vec(), more: false, first: 1 });
    });
}

#[test]
fn after_comes_in_pages_that_are_bounded_in_rows_and_bytes() {
    each(ALL, |room| {
        room.say(&["a", "b", "c"]);
        room.say(&["d"]);
        room.say(&["e", "f"]);
        assert_eq!(room.ids(after(0, 6, 9)), (vec![1, 2, 3, 4, 5, 6], false));
        assert_eq!(room.ids(after(0, 6, 6)), (vec![1, 2, 3, 4, 5, 6], false));
        assert_eq!(room.ids(after(0, 6, 5)), (vec![1, 2, 3, 4, 5], true));
        assert_eq!(room.ids(after(1, 6, 3)), (vec![2, 3, 4], true));
        assert_eq!(room.ids(after(4, 6, 3)), (vec![5, 6], false));
        assert_eq!(room.ids(after(6, 6, 3)), (vec![], false));
        assert_eq!(room.ids(after(9, 6, 3)), (vec![], false));
        assert_eq!(room.ids(after(u64::MAX, u64::MAX, 3)), (vec![], false));
        assert_eq!(room.ids(after(1, 4, 9)), (vec![2, 3, 4], false));
        assert_eq!(room.ids(after(2, 1, 9)), (vec![], false));
        assert_eq!(room.ids(after(0, 6, 0)), (vec![], true));
        // Each has a name of three bytes and a text of one.
        let bytes = |most_bytes| Query::After { id: 1, upto: 6, most_rows: 9, most_bytes };
        assert_eq!(room.ids(bytes(12)), (vec![2, 3, 4], true));
        assert_eq!(room.ids(bytes(11)), (vec![2, 3], true));
        assert_eq!(room.ids(bytes(20)), (vec![2, 3, 4, 5, 6], false));
        assert_eq!(room.ids(bytes(0)), (vec![2], true), "else nobody would ever get further");
    });
}

#[test]
fn the_newest_come_in_the_order_of_ids() {
    each(ALL, |room| {
        room.say(&["a", "b", "c"]);
        room.say(&["d"]);
        let last = |n, upto| Query::Last { n, upto };
        assert_eq!(room.ids(last(2, 4)), (vec![3, 4], true));
        assert_eq!(room.ids(last(2, u64::MAX)), (vec![3, 4], true));
        assert_eq!(room.ids(last(2, 3)), (vec![2, 3], true));
        assert_eq!(room.ids(last(4, 4)), (vec![1, 2, 3, 4], false));
        assert_eq!(room.ids(last(usize::MAX, 4)), (vec![1, 2, 3, 4], false));
        assert_eq!(room.ids(last(0, 4)), (vec![], true));
        assert_eq!(room.ids(last(4, 0)), (vec![], false));
        let before = |id, n| Query::Before { id, n };
        assert_eq!(room.ids(before(4, 2)), (vec![2, 3], true));
        assert_eq!(room.ids(before(3, 2)), (vec![1, 2], false));
        assert_eq!(room.ids(before(99, 1)), (vec![4], true));
        assert_eq!(room.ids(before(1, 2)), (vec![], false));
        assert_eq!(room.ids(before(0, 2)), (vec![], false));
    });
}

#[test]
fn no_answer_but_after_is_longer_than_500() {
    each(ALL, |room| {
        room.say_much(MOST_ROWS as u64 + 1);
        let n = usize::MAX;
        let search = Query::Search { words: "many".into(), n, upto: room.last };
        for query in [Query::Last { n, upto: room.last }, Query::Before { id: 999, n }, search] {
            let (ids, more) = room.ids(query);
            assert_eq!((ids[0], ids.len(), more), (2, MOST_ROWS, true));
        }
    });
}

#[test]
fn ids_that_are_not_the_next_ones_are_refused_and_nothing_is_kept() {
    each(ALL, |room| {
        room.say(&["a"]);
        for (ids, due, came) in
            [(&[1][..], 2, 1), (&[3], 2, 3), (&[2, 4], 3, 4), (&[2, 2], 3, 2), (&[0], 2, 0)]
        {
            let entries = ids.iter().map(|&id| entry(id, None, "x")).collect();
            let refused = room.commit(entries);
            let Err(CommitError::Ids { expected, given }) = refused else { panic!("{refused:?}") };
            assert_eq!((expected, given), (due, came));
        }
        room.say(&["b"]);
        assert_eq!(room.ids(after(0, 9, 9)), (vec![1, 2], false));
    });
}

#[test]
fn too_many_are_trimmed_and_after_shows_it() {
    each(keep(3), |room| {
        room.say(&["a", "b", "c"]);
        room.settle();
        assert_eq!(room.read(after(0, 9, 9)).first, 1);
        room.say(&["d", "e"]);
        room.settle();
        let page = room.read(after(1, room.last, 2));
        assert_eq!((page.entries[0].id, page.entries.len(), page.more, page.first), (3, 2, true, 3));
        assert_eq!(room.ids(Query::Last { n: 9, upto: 9 }), (vec![3, 4, 5], false));
        assert_eq!(room.ids(Query::Last { n: 9, upto: 2 }), (vec![], false));
        assert_eq!(room.ids(Query::Before { id: 4, n: 9 }), (vec![3], false));
        assert_eq!(room.search("b"), vec![]);
        assert_eq!(room.search("c"), vec![3]);
        // A batch that is too large by itself, and part of the one before.
        room.say(&["f", "g", "h", "i"]);
        room.settle();
        assert_eq!(room.ids(after(0, 9, 9)), (vec![7, 8, 9], false));
    });
}

#[test]
fn nothing_need_be_kept() {
    each(keep(0), |room| {
        room.say(&["a", "b"]);
        room.settle();
        assert_eq!(room.read(after(0, 9, 9)), Page { entries: Vec::new(), more: false, first: 3 });
        room.say(&["c"]);
        room.settle();
        assert_eq!(room.read(after(0, 9, 9)).first, 4);
    });
}

#[test]
fn a_search_finds_words_as_people_mean_them() {
    each(ALL, |room| {
        room.say(&["Hello there, Wörld", "say hello to the WORLD", "hell is elsewhere"]);
        room.say(&["I don't know", "donut", "a\"b OR c*", "text: x-ray", "дом Élan 42"]);
        assert_eq!(room.search("hello"), [1, 2]);
        assert_eq!(room.search("HELLO world"), [1, 2]);
        assert_eq!(room.search("wörld"), [1, 2]);
        assert_eq!(room.search("hel"), [1, 2, 3], "the last word goes on");
        assert_eq!(room.search("hel world"), [], "the others do not");
        assert_eq!(room.search("  world \t hell "), [1, 2]);
        assert_eq!(room.search("don't"), [4]);
        assert_eq!(room.search("don"), [4, 5]);
        assert_eq!(room.search("a\"b OR c*"), [6]);
        assert_eq!(room.search("hello OR donut"), []);
        assert_eq!(room.search("NOT hello"), []);
        assert_eq!(room.search("(hello"), [1, 2]);
        assert_eq!(room.search("hello\""), [1, 2]);
        assert_eq!(room.search("text:x"), [7]);
        assert_eq!(room.search("x-ra"), [7]);
        assert_eq!(room.search("-ray"), [7]);
        assert_eq!(room.search("ДО elan"), []);
        assert_eq!(room.search("ДОМ elan 4"), [8]);
        assert_eq!(room.search("hello\0there"), [1]);
        assert_eq!(room.search("!? - hello"), [1, 2]);
        assert_eq!(room.search("hello *"), [1, 2]);
        assert_eq!(room.search("\" \" ()"), []);
        assert_eq!(room.search("nowhere"), []);
    });
}

#[test]
fn a_search_gives_the_newest_of_those_asked_for() {
    each(ALL, |room| {
        room.say(&["fox", "dog", "fox dog", "Fox"]);
        room.say(&["fox"]);
        let search = |n, upto| Query::Search { words: "fox".into(), n, upto };
        assert_eq!(room.ids(search(2, 5)), (vec![4, 5], true));
        assert_eq!(room.ids(search(4, 5)), (vec![1, 3, 4, 5], false));
        assert_eq!(room.ids(search(2, 4)), (vec![3, 4], true));
        assert_eq!(room.ids(search(9, 2)), (vec![1], false));
        assert_eq!(room.ids(search(0, 5)), (vec![], true));
        assert_eq!(room.ids(search(9, u64::MAX)), (vec![1, 3, 4, 5], false));
        let Entry { from, text, .. } = room.read(search(1, 3)).entries.remove(0);
        assert_eq!((from, &*text), (None, "fox dog"));
    });
}

#[test]
fn a_message_is_found_by_its_session_and_number() {
    each(keep(6), |room| {
        room.say_as(ANN, 1, "ann 1");
        room.say_as(BOB, 1, "bob 1");
        room.say(&["nobody"]);
        let both = [entry(4, Some((ANN, 2)), "ann 2"), entry(5, Some((ANN, 5)), "ann 5")];
        room.commit(both.into()).unwrap();
        room.say_as(BOB, 2, "bob 2");
        let find = |session, txn| {
            let page = room.read(Query::Find { session, txn });
            assert!(!page.more);
            page.entries.into_iter().map(|entry| (entry.id, entry.text)).collect::<Vec<_>>()
        };
        for (session, txn, id, text) in [
            (ANN, 1, 1, "ann 1"),
            (ANN, 2, 4, "ann 2"),
            (ANN, 5, 5, "ann 5"),
            (BOB, 1, 2, "bob 1"),
            (BOB, 2, 6, "bob 2"),
        ] {
            assert_eq!(find(session, txn), [(id, text.to_owned())]);
        }
        for (session, txn) in [(ANN, 0), (ANN, 3), (ANN, 6), (BOB, 3), ([0; 16], 1)] {
            assert_eq!(find(session, txn), []);
        }
        room.say(&["newer", "newer"]);
        room.settle();
        let find = |session, txn| room.ids(Query::Find { session, txn }).0;
        assert_eq!((find(ANN, 1), find(BOB, 1)), (vec![], vec![]), "trimmed");
        assert_eq!((find(ANN, 2), find(BOB, 2)), (vec![4], vec![6]));
    });
}

#[test]
fn a_log_that_was_closed_has_done_what_was_asked_and_refuses_the_rest() {
    each(ALL, |room| {
        room.say(&["a"]);
        let other = room.log.clone();
        block_on(other.close());
        assert!(matches!(room.commit(room.entries(&["b"])), Err(CommitError::Closed)));
        let search = Query::Search { words: "a".into(), n: 1, upto: 1 };
        for query in [after(0, 9, 9), search, Query::Find { session: ANN, txn: 1 }] {
            assert!(matches!(block_on(room.log.read(query)), Err(ReadError::Closed)));
        }
        room.log.trim(1);
        block_on(room.log.clone().close());
    });
}

#[test]
fn a_log_that_nobody_has_ends_by_itself() {
    each(ALL, |room| {
        let (log, _) = match &room.folder {
            Some(folder) => open(Storage::Disk(folder.path().join("other")), ALL).unwrap(),
            None => open(Storage::Memory, ALL).unwrap(),
        };
        let (ended, other) = (ended(&log), log.clone());
        drop(log);
        assert!(!ended.is_closed());
        drop(other);
        assert!(block_on(ended.recv()).is_err());
    });
}
