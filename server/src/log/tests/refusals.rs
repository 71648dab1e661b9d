//! What is not ours, or not whole, is left as it is, and the refusal says what to do.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::*;

/// All files of a folder.
fn listing(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

/// Opening must fail, change nothing, and say these.
fn check(folder: &Path, says: &[&str]) -> OpenError {
    let before = listing(folder);
    let error = open(Storage::Disk(folder.to_owned()), ALL).unwrap_err();
    // The bytes themselves would fill the screen.
    assert!(listing(folder) == before, "{error}");
    let message = error.to_string();
    for part in says.iter().chain(&["nothing was changed", "--data"]) {
        assert!(message.contains(part), "{message}");
    }
    error
}

/// A log that was closed well, with more than one page of messages.
fn closed() -> TempDir {
    let mut room = Fixture::on_disk(ALL);
    room.say_much(5000);
    block_on(room.log.close());
    room.folder.unwrap()
}

/// The same, but as a server left it that came to a sudden end.
fn crashed() -> TempDir {
    let mut room = Fixture::over(closed(), ALL);
    room.say_much(5000);
    let crashed = tempfile::tempdir().unwrap();
    for name in ["room.db", "room.db-wal", "room.lock"] {
        fs::copy(room.file(name), crashed.path().join(name)).unwrap();
    }
    crashed
}

fn overwrite(folder: &TempDir, at: usize, bytes: &[u8]) {
    let file = folder.path().join("room.db");
    let mut content = fs::read(&file).unwrap();
    content[at..at + bytes.len()].copy_from_slice(bytes);
    fs::write(file, content).unwrap();
}

fn shorten(folder: &TempDir, size: u64) {
    let file = fs::OpenOptions::new().write(true).open(folder.path().join("room.db")).unwrap();
    file.set_len(size).unwrap();
}

#[test]
fn a_folder_has_one_server_at_a_time() {
    let mut room = Fixture::on_disk(ALL);
    room.say(&["a"]);
    let folder = room.folder.as_ref().unwrap().path();
    let says = ["another server", folder.to_str().unwrap(), "Stop that server"];
    assert!(matches!(check(folder, &says), OpenError::InUse { .. }));
    assert_eq!(room.reopened().opened.last, 1);
}

#[test]
fn a_file_of_somebody_else_is_left_alone() {
    for content in [
        "no database",
        "a text that is longer than the head of an SQLite file, which has a hundred bytes: this one",
    ] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("room.db"), content).unwrap();
        assert!(matches!(
            check(folder.path(), &["no SQLite file", "Move it away"]),
            OpenError::Foreign { .. }
        ));
    }
    for sql in
        ["CREATE TABLE x (y)", "PRAGMA journal_mode = WAL; PRAGMA application_id = 7; CREATE TABLE x (y)"]
    {
        let folder = tempfile::tempdir().unwrap();
        Connection::open(folder.path().join("room.db")).unwrap().execute_batch(sql).unwrap();
        assert!(matches!(check(folder.path(), &["of another program"]), OpenError::Foreign { .. }));
    }
    // Where a server has been before, too.
    let folder = closed();
    fs::write(folder.path().join("room.db"), "no database").unwrap();
    check(folder.path(), &["no SQLite file"]);
}

#[test]
fn a_log_of_a_newer_server_is_refused() {
    let folder = closed();
    overwrite(&folder, 60, &[0, 0, 0, 4]);
    assert!(matches!(
        check(folder.path(), &["is of version 4", "up to 3", "newer chat-server"]),
        OpenError::Newer { version: 4, known: 3, .. }
    ));
}

#[test]
fn what_only_the_write_ahead_log_says_counts_too() {
    let head = |folder: &TempDir| fs::read(folder.path().join("room.db")).unwrap()[60..72].to_vec();
    for (sql, says) in [
        (
            "PRAGMA user_version = 4; ALTER TABLE message RENAME TO said",
            ["is of version 4", "newer chat-server"],
        ),
        ("PRAGMA application_id = 7", ["of another program", "Move it away"]),
    ] {
        let folder = crashed();
        let ours = head(&folder);
        // A newer server, which comes to a sudden end right after it has changed the log.
        let newer = Connection::open(folder.path().join("room.db")).unwrap();
        newer.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
        newer.execute_batch(sql).unwrap();
        newer.close().unwrap();
        assert_eq!(head(&folder), ours, "the head does not tell");
        // What its memory was is nobody's any more.
        fs::remove_file(folder.path().join("room.db-shm")).unwrap();
        check(folder.path(), &says);
        check(folder.path(), &says);
    }
}

#[test]
fn a_torn_log_is_refused() {
    let folder = closed();
    let size = fs::metadata(folder.path().join("room.db")).unwrap().len();
    for size in [size - 1, size - 4096, size / 2, 4096, 100, 99, 20, 3, 0] {
        shorten(&folder, size);
        assert!(matches!(check(folder.path(), &["torn", "whole copy"]), OpenError::Torn { .. }), "{size}");
    }
}

#[test]
fn a_log_is_whole_with_what_still_waits_beside_it() {
    let folder = crashed();
    let end = Fixture::over(folder, ALL);
    assert_eq!(end.opened.last, 10_000);
    let pages = end.on_writer(|writer| {
        writer.connection.pragma_query_value(None, "page_count", |row| row.get::<_, u32>(0)).unwrap()
    });
    // The end may come in the middle of a checkpoint: the head is new, and the pages are not there yet.
    let folder = crashed();
    overwrite(&folder, 28, &pages.to_be_bytes());
    assert!(fs::metadata(folder.path().join("room.db")).unwrap().len() < u64::from(pages) * 4096);
    assert_eq!(Fixture::over(folder, ALL).opened.last, 10_000);
    // It is torn if what is missing cannot be there.
    let folder = crashed();
    let wal = folder.path().join("room.db-wal");
    fs::write(&wal, &fs::read(&wal).unwrap()[..32 + 4120]).unwrap();
    shorten(&folder, 8192);
    assert!(matches!(check(folder.path(), &["torn"]), OpenError::Torn { .. }));
}

#[test]
fn a_log_whose_head_is_missing_is_refused() {
    let folder = crashed();
    fs::remove_file(folder.path().join("room.db")).unwrap();
    assert!(matches!(check(folder.path(), &["missing", "room.db-wal"]), OpenError::Damaged { .. }));
}

#[test]
fn a_damaged_log_is_refused() {
    let middle = fs::metadata(closed().path().join("room.db")).unwrap().len() as usize / 8192 * 4096;
    // Behind the head of the file, and at the beginning of a page.
    for (folder, at) in [(closed(), 100), (closed(), middle), (crashed(), middle)] {
        overwrite(&folder, at, &[0xee; 64]);
        let error = check(folder.path(), &["is damaged", "sound copy", "empty log"]);
        assert!(matches!(error, OpenError::Damaged { .. }), "{error:?}");
    }
    let folder = closed();
    overwrite(&folder, 16, &[3, 0]);
    check(folder.path(), &["768 bytes"]);
    // Ours by its head, but never filled.
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("room.lock"), "").unwrap();
    let connection = Connection::open(folder.path().join("room.db")).unwrap();
    connection.execute_batch("PRAGMA application_id = 0x31726f6d; PRAGMA journal_mode = WAL").unwrap();
    connection.close().unwrap();
    assert!(matches!(check(folder.path(), &["no such table"]), OpenError::Damaged { .. }));
}

#[test]
fn damage_that_is_met_later_is_an_error() {
    let mut room = Fixture::on_disk(ALL);
    room.say_much(5000);
    room.settle();
    let sql = "PRAGMA wal_checkpoint (TRUNCATE)";
    room.on_writer(move |writer| writer.connection.query_row(sql, [], |_| Ok(())).unwrap());
    let file = room.file("room.db");
    let size = fs::metadata(&file).unwrap().len() as usize;
    overwrite(room.folder.as_ref().unwrap(), 8 * 4096, &vec![0xee; size / 2]);
    let queries =
        [after(0, u64::MAX, 9999), Query::Before { id: 3000, n: 9 }, Query::Last { n: 999, upto: 9999 }];
    let damage = queries.into_iter().filter_map(|query| block_on(room.log.read(query)).err());
    let damage: Vec<_> = damage.collect();
    assert!(!damage.is_empty());
    for error in damage {
        let ReadError::Storage(error) = error else { panic!("{error}") };
        assert_eq!(error.sqlite_error_code(), Some(rusqlite::ErrorCode::DatabaseCorrupt));
    }
}

#[test]
fn a_folder_that_cannot_be_is_refused() {
    let parent = tempfile::tempdir().unwrap();
    let file = parent.path().join("file");
    fs::write(&file, "").unwrap();
    for folder in [file.clone(), file.join("below")] {
        let error = open(Storage::Disk(folder), ALL).unwrap_err();
        assert!(matches!(error, OpenError::Folder { .. }));
        assert!(error.to_string().contains("--data"));
    }
}

#[test]
fn what_an_attempt_left_is_in_nobodys_way() {
    let folder = crashed();
    for name in ["room.db", "room.db-wal"] {
        let name = folder.path().join(name);
        let new = name.to_str().unwrap().replace("room.db", "room.db-new");
        fs::rename(name, new).unwrap();
    }
    let room = Fixture::over(folder, ALL);
    assert_eq!(room.opened.last, 0);
    assert!(!room.file("room.db-new").exists());
    assert!(!room.file("room.db-new-wal").exists());
}
