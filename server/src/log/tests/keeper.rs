//! What happens between commits, and what does not wait for a pause between them.

use std::fs;
use std::time::Instant;

use super::*;

#[test]
fn what_was_just_said_is_found() {
    let mut room = Fixture::on_disk(ALL);
    for _ in 0..5 {
        room.say_much(2000);
        let newest = format!("number {}", room.last);
        assert_eq!(room.search(&newest), [room.last]);
        assert_eq!(room.on_writer(|writer| writer.marks.indexed), room.last);
    }
}

#[test]
fn a_search_does_not_wait_for_an_index_that_will_not_come() {
    let mut room = Fixture::on_disk(ALL);
    room.say(&["one fox"]);
    room.settle();
    room.on_keeper(|keeper| {
        keeper.writer.commit(&[entry(2, None, "two foxes")]).unwrap();
        keeper.writer.connection.pragma_update(None, "query_only", true).unwrap();
        // The next time will be in eight seconds.
        (0..4).for_each(|_| keeper.tend());
    });
    let start = Instant::now();
    let search = Query::Search { words: "fox".into(), n: 9, upto: 2 };
    assert_eq!(room.ids(search), (vec![1], true));
    assert!(start.elapsed() < page::MOST_SEARCH, "{:?}", start.elapsed());
}

#[test]
fn while_somebody_waits_there_is_no_pause() {
    let room = Fixture::on_disk(ALL);
    room.on_keeper(|keeper| {
        keeper.writer.commit(&[entry(1, None, "fox")]).unwrap();
        let (reply, answer) = async_channel::bounded(1);
        keeper.wait_for_index(9, reply);
        assert_eq!(keeper.patience(), Duration::ZERO);
        keeper.tend();
        assert!(answer.try_recv().is_err_and(|error| error.is_closed()), "told by its end");
        // Who does not wait any more hurries nobody.
        keeper.writer.commit(&[entry(2, None, "fox")]).unwrap();
        let (reply, answer) = async_channel::bounded(1);
        drop(answer);
        keeper.calm = false;
        keeper.wait_for_index(9, reply);
        assert!(keeper.patience() > Duration::ZERO);
    });
}

#[test]
fn an_index_does_not_fall_into_pieces() {
    let room = Fixture::on_disk(ALL);
    let parts = room.on_keeper(|keeper| {
        for id in 1..=200 {
            keeper.writer.commit(&[entry(id, None, "fox")]).unwrap();
            keeper.tend();
        }
        let parts = "SELECT count(DISTINCT segid) FROM words_idx";
        keeper.writer.connection.query_row(parts, [], |row| row.get::<_, u32>(0)).unwrap()
    });
    assert!(parts < 40, "{parts}");
}

#[test]
fn a_search_says_when_it_could_not_see_all() {
    let mut room = Fixture::on_disk(ALL);
    room.say(&["one fox"]);
    room.settle();
    let (go, wait) = std::sync::mpsc::channel::<()>();
    room.say(&["two foxes"]);
    let Kind::Disk(disk) = &room.log.0 else { unreachable!() };
    disk.probe(move |Keeper { writer, .. }| {
        writer
            .connection
            .execute_batch("UPDATE log SET indexed = 1; DELETE FROM words WHERE rowid = 2")
            .unwrap();
        writer.indexed.store(1, std::sync::atomic::Ordering::Relaxed);
        wait.recv().unwrap();
    });
    let search = Query::Search { words: "fox".into(), n: 9, upto: 2 };
    assert_eq!(room.ids(search), (vec![1], true));
    go.send(()).unwrap();
}

#[test]
fn a_damaged_index_is_made_anew() {
    let mut room = Fixture::on_disk(keep(3000));
    room.say_much(3000);
    room.settle();
    room.on_writer(|writer| {
        let spoil = "UPDATE words_data SET block = x'ffffffffff' WHERE id > 10";
        writer.connection.execute_batch(spoil).unwrap();
    });
    let search = Query::Search { words: "number".into(), n: 9, upto: 3000 };
    assert!(matches!(block_on(room.log.read(search)), Err(ReadError::Storage(_))));
    room.say_much(100);
    room.settle();
    assert_eq!(room.search("101 of"), [101]);
    assert_eq!(room.search("100 of"), []);
    assert_eq!(room.search("3100 of"), [3100]);
}

#[test]
fn an_index_is_sound_however_it_was_filled_and_trimmed() {
    let mut room = Fixture::on_disk(keep(500));
    for round in 0..20 {
        room.say_much(100);
        if round % 3 == 0 {
            room.settle();
        }
    }
    room.settle();
    room.on_writer(|writer| {
        // With 1, it is compared with the messages.
        let check = "INSERT INTO words (words, rank) VALUES ('integrity-check', 1)";
        writer.connection.execute(check, []).unwrap();
    });
}

#[test]
fn trimming_does_not_wait_for_a_pause_without_end() {
    let mut room = Fixture::on_disk(keep(100));
    for _ in 0..60 {
        room.say_much(1000);
    }
    // No 20 ms have passed between these, unless the machine was busy: then all the better.
    let marks = room.on_writer(|writer| writer.marks);
    assert!(marks.first > 1000, "{marks:?}");
    assert!(marks.indexed + 1 >= marks.first, "what is gone is not indexed any more: {marks:?}");
}

#[test]
fn nor_does_what_waits_in_the_write_ahead_log() {
    let mut room = Fixture::on_disk(ALL);
    let text = "long ".repeat(800);
    for _ in 0..40 {
        // Half a MiB.
        room.say(&[&*text; 128]);
    }
    let size = fs::metadata(room.file("room.db-wal")).unwrap().len();
    assert!(size < 8 << 20, "{size}");
}

#[test]
fn upkeep_waits_until_it_is_worth_it() {
    let room = Fixture::on_disk(ALL);
    room.on_keeper(|keeper| {
        let mut patience = |last| {
            // As if so many had been said just now.
            keeper.writer.marks.last = last;
            keeper.patience()
        };
        let (none, some, many) = (patience(0), patience(1), patience(100));
        assert!(many < some && some < none && none == Duration::MAX, "{many:?} {some:?} {none:?}");
        keeper.writer.marks.last = 0;
    });
}

#[test]
fn a_file_does_not_stay_large() {
    let mut room = Fixture::on_disk(ALL);
    for _ in 0..15 {
        room.say_much(20_000);
    }
    room.keep = keep(100);
    room = room.reopened();
    let size = |room: &Fixture| {
        room.on_writer(|writer| {
            writer.connection.query_row("PRAGMA wal_checkpoint (TRUNCATE)", [], |_| Ok(())).unwrap();
            fs::metadata(&writer.file).unwrap().len()
        })
    };
    let large = size(&room);
    room.settle();
    let small = size(&room);
    assert!(large > 10 << 20, "{large}");
    assert!(small < 5 << 20, "{small}");
}

#[test]
fn upkeep_that_failed_rests_and_goes_on() {
    let mut room = Fixture::on_disk(ALL);
    room.say(&["one fox"]);
    room.on_keeper(|keeper| {
        keeper.writer.connection.pragma_update(None, "query_only", true).unwrap();
        keeper.tend();
        let rest = keeper.patience();
        assert!(rest > Duration::from_millis(500), "{rest:?}");
        keeper.tend();
        assert!(keeper.patience() > rest + Duration::from_millis(500), "longer each time");
        keeper.writer.connection.pragma_update(None, "query_only", false).unwrap();
        keeper.tend();
        assert_eq!(keeper.writer.marks.indexed, 1);
    });
    assert_eq!(room.search("fox"), [1]);
}

#[test]
fn sessions_that_have_long_been_silent_are_forgotten_while_the_server_runs() {
    let mut room = Fixture::on_disk(ALL);
    let session = |number: u64| u128::from(number).wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes();
    let says = |id: u64, number| entry(id, Some((session(number), id)), "");
    room.on_writer(|writer| writer.most_sessions = 4000);
    room.commit((1..=4400).map(|id| says(id, id)).collect()).unwrap();
    // The oldest come back.
    room.commit((4401..=4501).map(|id| says(id, id - 4400)).collect()).unwrap();
    room.settle();
    assert_eq!(room.on_writer(|writer| writer.sessions), 4400, "it is not worth it yet");
    room.commit((4502..=4602).map(|id| says(id, id)).collect()).unwrap();
    room.settle();
    let left = room.on_writer(|writer| {
        let mut left = writer.connection.prepare("SELECT session FROM session ORDER BY last").unwrap();
        let left: Vec<SessionId> =
            left.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert_eq!(writer.sessions, left.len() as u64);
        left
    });
    // 102 to 602 have been silent for longest.
    let stays: Vec<_> = (603..=4400).chain(1..=101).chain(4502..=4602).map(session).collect();
    assert!(left == stays, "{}", left.len());
    assert_eq!(room.reopened().opened.sessions.len(), 4000);
}
