//! What a log on disk promises beyond that: it outlives its server, and recovers from what disks do.

use std::fs;

use futures_lite::future;
use rusqlite::hooks::Wal;

use super::*;

#[test]
fn a_log_goes_on_where_it_ended() {
    let mut room = Fixture::on_disk(ALL);
    let (name, salt) = (room.opened.room, room.opened.salt);
    for round in 1..4 {
        room.say_as(ANN, round, "hello");
        let said = room.read(after(0, u64::MAX, 99));
        room = room.reopened();
        let sessions = vec![(ANN, round)];
        assert_eq!(
            room.opened,
            Opened { room: name, first: 1, last: round, sessions, people: People::default(), salt }
        );
        assert_eq!(room.read(after(0, u64::MAX, 99)), said);
        assert_eq!(room.search("hello").len() as u64, round);
    }
}

#[test]
fn what_was_committed_survives_a_sudden_end() {
    let mut room = Fixture::on_disk(keep(10));
    room.say_as(ANN, 1, "ann 1");
    room.say(&["b", "c"]);
    room.settle();
    room.say_as(ANN, 2, "ann 2");
    // What is on disk at this moment is what a server finds that comes after `kill -9`.
    let crashed = tempfile::tempdir().unwrap();
    for name in ["room.db", "room.db-wal"] {
        fs::copy(room.file(name), crashed.path().join(name)).unwrap();
    }
    let again = Fixture::over(crashed, keep(10));
    assert_eq!(again.opened, Opened { first: 1, last: 4, sessions: vec![(ANN, 2)], ..room.opened.clone() });
    assert_eq!(again.read(after(0, 9, 9)), room.read(after(0, 9, 9)));
    assert_eq!(again.search("ann"), [1, 4]);
}

#[test]
fn a_closed_log_is_one_file() {
    let mut room = Fixture::on_disk(ALL);
    room.say_much(2000);
    block_on(room.log.close());
    let folder = room.folder.unwrap();
    let mut names: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["room.db", "room.lock"]);
    assert_eq!(Fixture::over(folder, ALL).opened.last, 2000);
}

#[test]
fn sessions_and_ids_outlive_their_messages() {
    let mut room = Fixture::on_disk(keep(1));
    room.say_as(ANN, 7, "ann");
    room.say_as(BOB, u64::MAX, "bob");
    room.say(&["c"]);
    room.settle();
    room = room.reopened();
    let Opened { first, last, mut sessions, .. } = room.opened.clone();
    sessions.sort_unstable();
    assert_eq!((first, last, sessions), (3, 3, vec![(ANN, 7), (BOB, u64::MAX)]));
    room.keep = keep(0);
    room = room.reopened();
    room.settle();
    room = room.reopened();
    assert_eq!((room.opened.first, room.opened.last), (4, 3));
    room.say(&["d"]);
}

#[test]
fn of_very_many_sessions_those_are_remembered_that_spoke_last() {
    let most = 100_000;
    let mut room = Fixture::on_disk(keep(10));
    let session = |number: u64| {
        let mut session = [0; 16];
        session[..8].copy_from_slice(&number.to_le_bytes());
        session
    };
    let from = |id: u64| entry(id, Some((session(id), id)), "");
    room.commit((1..=most + 2).map(from).collect()).unwrap();
    // The oldest comes back.
    room.say_as(session(1), 1_000_000, "");
    let sessions = room.reopened().opened.sessions;
    assert_eq!(sessions.len() as u64, most);
    assert!(sessions.contains(&(session(1), 1_000_000)));
    assert!(!sessions.iter().any(|&(its, _)| its == session(2) || its == session(3)));
    assert!(sessions.contains(&(session(4), 4)));
}

#[test]
fn commits_are_done_in_their_order_whoever_waits() {
    let mut room = Fixture::on_disk(ALL);
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let Kind::Disk(disk) = &room.log.0 else { unreachable!() };
    disk.probe(move |_| wait.recv().unwrap());
    let mut commits = Vec::new();
    for _ in 0..3 {
        let entries = room.entries(&["x", "y"]);
        room.last += 2;
        let log = room.log.clone();
        let mut commit = Box::pin(async move { log.commit(entries).await });
        assert!(block_on(future::poll_once(&mut commit)).is_none());
        commits.push(commit);
    }
    // Who does not wait any more has said it all the same.
    drop(commits.remove(1));
    go.send(()).unwrap();
    for commit in commits.into_iter().rev() {
        block_on(commit).unwrap();
    }
    assert_eq!(room.ids(after(0, 9, 9)), (vec![1, 2, 3, 4, 5, 6], false));
}

#[test]
fn a_full_disk_takes_nothing_and_later_all() {
    let mut room = Fixture::on_disk(ALL);
    room.say_as(ANN, 1, "before");
    let pages = |room: &Fixture, more: i64| {
        room.on_writer(move |writer| {
            let query = |sql: &str| writer.connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
            let pages = query("PRAGMA page_count") + more;
            assert_eq!(query(&format!("PRAGMA max_page_count = {pages}")), pages);
        });
    };
    pages(&room, 3);
    let much: Arc<[Entry]> =
        (2..1000).map(|id| entry(id, Some((ANN, id)), "a text that takes its room")).collect();
    for _ in 0..3 {
        let refused = room.commit(Arc::clone(&much));
        let Err(CommitError::Storage(error)) = refused else { panic!("{refused:?}") };
        assert_eq!(error.sqlite_error_code(), Some(rusqlite::ErrorCode::DiskFull));
        assert_eq!(room.ids(after(0, u64::MAX, 9)), (vec![1], false));
        assert_eq!(room.ids(Query::Find { session: ANN, txn: 2 }).0, []);
    }
    room.say_as(ANN, 2, "what fits is still taken");
    pages(&room, 1_000_000);
    room.commit(much).expect_err("its first id is gone");
    room.say_much(1000);
    room = room.reopened();
    assert_eq!((room.opened.last, &room.opened.sessions[..]), (1002, &[(ANN, 2)][..]));
    let (ids, _) = room.ids(after(0, u64::MAX, 9999));
    assert!(ids.into_iter().eq(1..=1002));
}

#[test]
fn a_commit_that_fails_at_its_very_end_is_not_in_the_log() {
    let mut room = Fixture::on_disk(ALL);
    room.on_writer(|writer| writer.connection.commit_hook(Some(|| true)).unwrap());
    let entries = room.entries(&["a", "b"]);
    assert!(matches!(room.commit(entries), Err(CommitError::Storage(_))));
    assert_eq!(room.ids(after(0, 9, 9)), (vec![], false));
    room.on_writer(|writer| writer.connection.commit_hook(None::<fn() -> bool>).unwrap());
    room.say(&["c"]);
    assert_eq!(room.ids(after(0, 9, 9)), (vec![1], false));
}

#[test]
fn a_commit_that_is_in_the_log_has_not_failed_whatever_it_says() {
    let mut room = Fixture::on_disk(ALL);
    // SQLite reports what a hook of this kind reports, after all is done.
    let fail = |_: &mut Wal, _| Err(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(10), None));
    room.on_writer(move |writer| writer.connection.wal_hook(Some(fail)).unwrap());
    room.say(&["a", "b"]);
    room.say(&["c"]);
    assert_eq!(room.ids(after(0, 9, 9)), (vec![1, 2, 3], false));
    assert_eq!(room.reopened().opened.last, 3);
}

#[test]
fn a_connection_that_is_of_no_more_use_is_replaced() {
    let mut room = Fixture::on_disk(ALL);
    room.say(&["a"]);
    room.on_writer(|writer| writer.connection = rusqlite::Connection::open_in_memory().unwrap());
    assert!(matches!(room.commit(room.entries(&["b"])), Err(CommitError::Storage(_))));
    room.say(&["b"]);
    // One that does not come out of its transaction.
    room.on_writer(|writer| writer.connection.execute_batch("BEGIN").unwrap());
    assert!(matches!(room.commit(room.entries(&["c"])), Err(CommitError::Storage(_))));
    room.say(&["c"]);
    assert_eq!(room.search("c"), [3]);
    assert_eq!(room.ids(after(0, 9, 9)), (vec![1, 2, 3], false));
}

#[test]
fn in_doubt_the_log_is_asked_how_far_it_goes() {
    let mut room = Fixture::on_disk(ALL);
    room.say(&["a", "b"]);
    room.on_writer(|writer| {
        writer.unsure = true;
        writer.marks.last = 99;
    });
    room.say(&["c"]);
    assert_eq!(room.ids(after(0, 99, 9)), (vec![1, 2, 3], false));
}

#[test]
fn each_commit_is_synced() {
    let room = Fixture::on_disk(ALL);
    let full = |writer: &mut Writer| {
        let (mode, level) = ("PRAGMA journal_mode", "PRAGMA synchronous");
        let mode: String = writer.connection.query_row(mode, [], |row| row.get(0)).unwrap();
        let level: u8 = writer.connection.query_row(level, [], |row| row.get(0)).unwrap();
        assert_eq!((&*mode, level), ("wal", 2));
    };
    room.on_writer(full);
    // By the connection after it, too.
    room.on_writer(move |writer| {
        writer.connection = rusqlite::Connection::open_in_memory().unwrap();
        writer.refresh().unwrap();
        full(writer);
    });
}

#[test]
fn in_the_longest_session_each_message_is_found() {
    let mut room = Fixture::on_disk(ALL);
    let said = (1..=30_000).map(|id| entry(id, Some(([ANN, BOB][id as usize % 2], id / 2)), ""));
    room.commit(said.collect()).unwrap();
    let check = |room: &Fixture| {
        for txn in [1, 2, 255, 256, 257, 511, 512, 513, 4999, 14_848, 14_849, 14_999] {
            assert_eq!(room.ids(Query::Find { session: ANN, txn }), (vec![2 * txn], false));
            assert_eq!(room.ids(Query::Find { session: BOB, txn }), (vec![2 * txn + 1], false));
        }
        for txn in [15_001, 1 << 20, 1 << 63, u64::MAX] {
            assert_eq!(room.ids(Query::Find { session: ANN, txn }), (vec![], false));
        }
    };
    check(&room);
    // One that a server has left that knew no milestones.
    room.on_writer(|writer| writer.connection.execute_batch("DROP INDEX milestone").unwrap());
    check(&room.reopened());
}

#[test]
fn numbers_may_be_very_large() {
    let mut room = Fixture::on_disk(ALL);
    let numbers = [7, 512, (1 << 63) - 256, 1 << 63, (1 << 63) + 1, u64::MAX - 255, u64::MAX];
    let said = (1..).zip(numbers).map(|(id, txn)| entry(id, Some((ANN, txn)), ""));
    room.commit(said.collect()).unwrap();
    for (id, txn) in (1..).zip(numbers) {
        assert_eq!(room.ids(Query::Find { session: ANN, txn }), (vec![id], false));
        assert_eq!(
            room.ids(Query::Find { session: ANN, txn: txn - 1 }).0.len(),
            usize::from(txn == (1 << 63) + 1)
        );
    }
}

#[test]
fn a_page_comes_while_a_commit_does_not_end() {
    let mut room = Fixture::on_disk(ALL);
    room.say(&["a"]);
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let Kind::Disk(disk) = &room.log.0 else { unreachable!() };
    disk.probe(move |Keeper { writer, .. }| {
        writer
            .connection
            .execute_batch("BEGIN IMMEDIATE; INSERT INTO message VALUES (2, 0, NULL, NULL, NULL, '', '')")
            .unwrap();
        wait.recv().unwrap();
        writer.connection.execute_batch("ROLLBACK").unwrap();
    });
    assert_eq!(room.ids(after(0, 9, 9)), (vec![1], false));
    go.send(()).unwrap();
}

#[cfg(unix)]
#[test]
fn what_is_on_disk_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("new/folder");
    let (log, _) = open(Storage::Disk(folder.clone()), ALL).unwrap();
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(folder.clone()), 0o700);
    block_on(log.commit([entry(1, None, "x")].into())).unwrap();
    for name in ["room.db", "room.db-wal", "room.db-shm", "room.lock"] {
        assert_eq!(mode(folder.join(name)), 0o600, "{name}");
    }
    block_on(log.close());
}
