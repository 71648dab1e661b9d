//! AFTER: all since an id, and then what is said from the very next id on. When the log cannot give that,
//! it says so.

use std::sync::Arc;
#[cfg(unix)]
use std::thread;

use chat_shared::RoomId;
use chat_tests::full::{Answer, Full, Ledger, Resident, draw_session};
use chat_tests::{Client, Place, Server, until};
use rusqlite::Connection;

use crate::check::on_both;

/// A room in which ann has said so many things: their own numbers.
fn ann_says(server: &Server, upto: u64) -> Full {
    let mut ann = Full::join(server, "ann");
    ann.say_all((1..=upto).map(|n| n.to_string()));
    ann
}

/// What a newcomer is answered who has seen everything up to `id` of `room`, or of the room that is there.
fn after(server: &Server, room: Option<RoomId>, id: u64) -> (Full, Answer) {
    let mut newcomer = Full::hello(server.address(), draw_session());
    let question = format!("AFTER {} {id}", room.unwrap_or(newcomer.room));
    let answer = newcomer.ask(&question);
    (newcomer, answer)
}

#[test]
fn all_since_an_id_and_then_live_from_the_next() {
    on_both([], |server| {
        let mut ann = ann_says(server, 5);
        let (mut bob, answer) = after(server, None, 2);
        assert_eq!((answer.gap, answer.more), (None, false));
        assert_eq!(answer.past, [3, 4, 5].map(|n: u64| (n, "ann".to_owned(), n.to_string())));
        assert!(bob.arrive().is_ok());
        ann.say("six");
        assert_eq!(bob.heard(), ["POST 6 ann six"]);
        // Asked once more, it is answered once more, and who is here is not told again.
        let again = bob.ask(&format!("AFTER {} 4", bob.room));
        assert_eq!(again.ids(), [5, 6]);
        assert_eq!(again.others, [] as [&str; 0]);
        ann.say("seven");
        assert_eq!(bob.heard(), ["POST 7 ann seven"]);
    });
}

#[test]
fn own_messages_are_part_of_it() {
    on_both([], |server| {
        let session = draw_session();
        let mut ann = Full::join_as(server.address(), "ann", session);
        ann.say("mine");
        ann.drop_out();
        let mut ann = Full::hello(server.address(), session);
        let answer = ann.ask(&format!("AFTER {} 0", ann.room));
        assert_eq!(answer.past, [(1, "ann".to_owned(), "mine".to_owned())]);
    });
}

#[test]
fn nothing_since_the_end_is_no_gap() {
    on_both([], |server| {
        assert_eq!(after(server, None, 0).1, Answer::default());
        ann_says(server, 3);
        assert_eq!(after(server, None, 3).1, Answer::default());
    });
}

#[test]
fn of_another_room_everything_follows() {
    on_both([], |server| {
        ann_says(server, 3);
        let other = RoomId::from_bytes([7; 16]);
        let (bob, answer) = after(server, Some(other), 2);
        assert_eq!(answer.gap, Some((bob.room, 1)));
        assert_eq!(answer.ids(), [1, 2, 3]);
    });
}

#[test]
fn beyond_the_end_nothing_follows_until_something_is_said() {
    on_both([], |server| {
        let mut ann = ann_says(server, 3);
        for beyond in [4, 1000, u64::MAX] {
            let (mut bob, answer) = after(server, None, beyond);
            assert_eq!(answer.gap, Some((bob.room, 4)));
            assert_eq!((answer.past, answer.more), (vec![], false));
            assert!(bob.arrive().is_ok());
        }
        let (mut bob, _) = after(server, None, 9);
        bob.arrive().unwrap();
        assert_eq!(ann.say("four"), 4);
        assert_eq!(bob.heard(), ["POST 4 ann four"]);
    });
}

#[test]
fn of_what_is_trimmed_the_gap_is_told_and_the_rest_follows() {
    on_both(["--keep", "10"], |server| {
        ann_says(server, 30);
        // On disk, the log is trimmed by and by.
        let (bob, answer) = until(|| Some(after(server, None, 5)).filter(|(_, answer)| answer.gap.is_some()))
            .expect("the log is trimmed");
        let (room, first) = answer.gap.unwrap();
        assert_eq!(room, bob.room);
        assert!((7..=21).contains(&first), "{first}");
        assert!(answer.ids().into_iter().eq(first..=30), "{:?} after {first}", answer.ids());
        // Who has seen the last one that is gone misses nothing, unless more is gone by now.
        let (_, answer) = after(server, None, 20);
        assert_eq!((answer.gap, answer.ids().len()), (None, 10));
    });
}

#[test]
fn what_became_too_old_while_no_server_ran_is_not_shown_by_the_next() {
    let place = Place::new(["--keep", "1h", "--keep", "100"]);
    let server = place.open();
    ann_says(&server, 20);
    server.end();
    // What was said two hours ago, had there been time.
    let log = Connection::open(place.folder().join("room.db")).unwrap();
    log.execute("UPDATE message SET time = time - 2 * 3600 * 1000 WHERE id <= 12", []).unwrap();
    log.close().unwrap();
    let server = place.open();
    // From the first page on.
    let (bob, rest) = after(&server, None, 3);
    assert_eq!(rest.gap, Some((bob.room, 13)));
    assert!(rest.ids().into_iter().eq(13..=20), "{:?}", rest.ids());
}

#[cfg(unix)]
#[test]
fn a_stop_while_many_catch_up_is_a_good_bye_like_any_other() {
    let place = Place::new([]);
    place.open().end();
    let log = Connection::open(place.folder().join("room.db")).unwrap();
    let many = "WITH RECURSIVE ids (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM ids WHERE id < 50000)
        INSERT INTO message SELECT id, id, NULL, NULL, NULL, 'ann', 'number ' || id FROM ids";
    log.execute_batch(many).unwrap();
    log.close().unwrap();
    let mut server = place.open();
    let mut members: Vec<_> = (0..24).map(|_| Full::hello(server.address(), draw_session())).collect();
    for member in &mut members {
        let question = format!("AFTER {} 0", member.room);
        member.send(&question);
    }
    // Each has begun.
    members.iter_mut().for_each(|member| while !member.read().unwrap().starts_with("PAST ") {});
    server.terminate();
    let readers = members.into_iter().map(|mut member| {
        thread::spawn(move || {
            let lines = std::iter::from_fn(|| member.read());
            lines.filter(|line| !line.starts_with("PAST ")).collect::<Vec<_>>()
        })
    });
    for reader in readers.collect::<Vec<_>>() {
        let lines = reader.join().unwrap();
        assert!(lines.iter().all(|line| !line.starts_with("BYE 5000")), "{lines:?}");
        assert!(lines.iter().any(|line| line.starts_with("BYE 2000 ")), "{lines:?}");
    }
    assert_eq!(server.wait_for_exit().code(), Some(0));
    assert!(!server.log().contains("ERROR"), "{}", server.log());
}

#[test]
fn the_room_stays_the_same_for_as_long_as_its_log() {
    let place = Place::new([]);
    let server = place.open();
    let room = Full::hello(server.address(), draw_session()).room;
    server.kill();
    let server = place.open();
    assert_eq!(Full::hello(server.address(), draw_session()).room, room);
    server.end();
    std::fs::remove_file(place.folder().join("room.db")).unwrap();
    let server = place.open();
    assert_ne!(Full::hello(server.address(), draw_session()).room, room);
}

#[test]
fn before_it_asks_for_history_a_member_is_told_nothing() {
    on_both([], |server| {
        let mut silent = Full::hello(server.address(), draw_session());
        silent.take_name("silent");
        let mut ann = ann_says(server, 3);
        assert_eq!(silent.fence(), [] as [&str; 0]);
        // What it says is heard by others, and acknowledged.
        assert_eq!(silent.say("here"), 4);
        assert_eq!(ann.heard(), ["POST 4 silent here"]);
        assert_eq!(silent.ask("LAST 0").past, []);
        silent.arrive().unwrap();
        ann.say("five");
        assert_eq!(silent.heard(), ["POST 5 ann five"]);
    });
}

#[test]
fn among_a_flood_the_live_lines_go_on_where_the_history_ends() {
    const NEWCOMERS: u64 = 40;
    let check = |server: &Server| {
        let ledger = Arc::new(Ledger::default());
        let come = |n: u64| Resident::come(server.address(), &format!("r{n}"), &ledger, n);
        let talkers: Vec<_> = (0..5).map(come).collect();
        talkers.iter().for_each(|talker| talker.talk(16));
        ledger.wait_for(500);
        // They come while everybody talks, and enter in the ledger what they are shown.
        let newcomers: Vec<_> = (5..5 + NEWCOMERS).map(come).collect();
        for newcomer in &newcomers {
            newcomer.wait_until_live();
            newcomer.wait_for(ledger.last() + 50);
        }
        talkers.iter().for_each(|talker| talker.talk(0));
        talkers.iter().for_each(Resident::wait_until_at_rest);
        let last = ledger.last();
        for member in talkers.into_iter().chain(newcomers) {
            member.wait_for(last);
            let story = member.leave();
            assert_eq!((story.last, story.connections), (last, 1));
        }
    };
    on_both([], check);
}

#[test]
fn one_that_was_too_slow_resumes_where_it_was() {
    const MESSAGES: u64 = 6000;
    on_both(["--queue", "65536"], |server| {
        let mut slow = Client::connect_narrow(server.address());
        let session = draw_session();
        slow.send(&format!("HELLO 1 {session}\nLAST 0"));
        let mut ann = Full::join(server, "ann");
        // Far more than the queue and the system's buffers hold.
        ann.say_all((1..=MESSAGES).map(|n| format!("{n} {}", "x".repeat(2000))));
        server.wait_for_log("it does not keep up");
        let lines = std::iter::from_fn(|| slow.try_read());
        let shown: Vec<_> = lines.filter(|line| line.starts_with("POST ")).collect();
        let last = shown.len() as u64;
        assert!(
            last < MESSAGES && shown.last().is_none_or(|line| line.starts_with(&format!("POST {last} ")))
        );

        let mut slow = Full::hello(server.address(), session);
        let rest = slow.ask(&format!("AFTER {} {last}", slow.room));
        assert_eq!(rest.gap, None);
        assert!(rest.ids().into_iter().eq(last + 1..=MESSAGES));
        slow.arrive().unwrap();
        ann.say("slowly now");
        assert_eq!(slow.heard(), [format!("POST {} ann slowly now", MESSAGES + 1)]);
    });
}
