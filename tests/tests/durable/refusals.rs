//! A log that the server must not touch: it says what is wrong and what to do, ends, and leaves every
//! byte as it was.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::Stdio;

use chat_tests::full::Full;
use chat_tests::{Place, Server, until};
use rusqlite::Connection;

/// A place with a log of some messages, which no server has open.
fn place_with_log() -> Place {
    let place = Place::new([]);
    let server = place.open();
    let mut ann = Full::join(&server, "ann");
    ann.say_all((0..200).map(|n| format!("message {n}")));
    drop(ann);
    server.end();
    place
}

/// Every file of a folder. Locks may come and go: nothing is in them.
fn files(folder: &Path) -> BTreeMap<OsString, Vec<u8>> {
    let files = fs::read_dir(folder).expect("the folder can be read").map(|file| file.unwrap());
    let files = files.map(|file| (file.file_name(), fs::read(file.path()).expect("the file can be read")));
    files.filter(|(name, bytes)| !(name == "room.lock" && bytes.is_empty())).collect()
}

/// Asserts that a server refuses to start here with all of these words, and changes nothing.
#[track_caller]
fn check_refused(place: &Place, words: &[&str]) {
    let before = files(place.folder());
    let output = Server::command(place.flags()).output().expect("chat-server can be started");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert_eq!(output.stdout, b"", "{stderr}");
    for words in words {
        assert!(stderr.contains(words), "{words:?} is not said: {stderr}");
    }
    assert!(!stderr.contains("panicked"), "{stderr}");
    assert!(files(place.folder()) == before, "something was changed");
}

#[test]
fn a_torn_file() {
    let place = place_with_log();
    let file = place.folder().join("room.db");
    let size = fs::metadata(&file).unwrap().len();
    for left in [size - 1, size / 2, 50] {
        OpenOptions::new().write(true).open(&file).unwrap().set_len(left).unwrap();
        check_refused(&place, &["room.db is torn", "nothing was changed", "--data"]);
    }
}

#[test]
fn a_file_with_a_damaged_page() {
    let place = place_with_log();
    let file = place.folder().join("room.db");
    let mut bytes = fs::read(&file).unwrap();
    // The head stays whole; behind it nothing does.
    bytes[5000..].fill(0x5A);
    fs::write(&file, bytes).unwrap();
    check_refused(&place, &["room.db is damaged", "nothing was changed", "--data"]);
}

#[test]
fn a_file_that_is_something_else() {
    let place = Place::new([]);
    fs::write(place.folder().join("room.db"), "my letters\n".repeat(1000)).unwrap();
    check_refused(&place, &["is not the log of a chat-server", "nothing was changed", "--data"]);
}

#[test]
fn a_database_of_another_program() {
    let place = Place::new([]);
    let connection = Connection::open(place.folder().join("room.db")).unwrap();
    connection.execute_batch("CREATE TABLE message (id); INSERT INTO message VALUES (1)").unwrap();
    drop(connection);
    check_refused(&place, &["is not the log of a chat-server", "nothing was changed", "--data"]);
}

#[test]
fn the_log_of_a_newer_server() {
    let place = place_with_log();
    let connection = Connection::open(place.folder().join("room.db")).unwrap();
    connection.pragma_update(None, "user_version", 999).unwrap();
    drop(connection);
    check_refused(&place, &["version 999", "Use a newer chat-server", "--data"]);
}

#[test]
fn a_folder_that_is_a_file() {
    let place = Place::new([]);
    let file = place.folder().join("file");
    OpenOptions::new().write(true).create_new(true).open(&file).unwrap().write_all(b"mine").unwrap();
    let mut command = Server::command(["--data", file.to_str().unwrap(), "--listen", "127.0.0.1:0"]);
    let output = command.output().expect("chat-server can be started");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("cannot be used") && stderr.contains("--data"), "{stderr}");
    assert_eq!(fs::read(file).unwrap(), b"mine");
}

#[test]
fn the_log_of_a_server_that_runs() {
    let place = Place::new([]);
    let server = place.open();
    let (mut ann, mut bob) = (Full::join(&server, "ann"), Full::join(&server, "bob"));
    assert_eq!(ann.say("before"), 1);
    let folder = place.folder().to_str().unwrap();
    let mut second = Server::command(["--data", folder, "--listen", "127.0.0.1:0"]);
    let output = second.output().expect("chat-server can be started");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert_eq!(output.stdout, b"", "it has not listened");
    assert!(stderr.contains("another server keeps its log in"), "{stderr}");
    assert!(stderr.contains("Stop that server") && stderr.contains("--data"), "{stderr}");
    // The first one goes on as if nothing had been.
    assert_eq!(ann.say("after"), 2);
    assert_eq!(bob.heard(), ["POST 1 ann before", "POST 2 ann after"]);
    // And however it ends, its folder is free again.
    server.kill();
    let server = place.open();
    assert_eq!(Full::join(&server, "ann").ask("LAST 5").texts(), ["before", "after"]);
}

#[test]
fn of_many_that_start_at_once_one_has_the_log() {
    let place = Place::new([]);
    let folder = place.folder().to_str().unwrap();
    let start = || {
        let mut command = Server::command(["--data", folder, "--listen", "127.0.0.1:0"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("chat-server can be started")
    };
    let mut servers: Vec<_> = (0..6).map(|_| start()).collect();
    // All but one end by themselves.
    let ended = until(|| {
        let ended = servers.iter_mut().map(|server| server.try_wait().unwrap());
        let ended: Vec<_> = ended.flatten().collect();
        (ended.len() >= 5).then_some(ended)
    });
    let ended = ended.expect("five of them end");
    assert_eq!(ended.len(), 5);
    assert!(ended.iter().all(|status| status.code() == Some(1)), "{ended:?}");
    let left = servers.iter_mut().position(|server| server.try_wait().unwrap().is_none());
    let mut left = servers.swap_remove(left.expect("one goes on"));
    let mut line = String::new();
    BufReader::new(left.stdout.take().unwrap()).read_line(&mut line).unwrap();
    left.kill().unwrap();
    left.wait().unwrap();
    assert!(line.starts_with("listening on "), "{line}");
    for server in servers {
        let output = server.wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.stdout, b"", "{stderr}");
        assert!(stderr.contains("another server keeps its log in"), "{stderr}");
    }
}

#[test]
fn two_ways_to_keep_a_log_at_once() {
    let place = Place::new(["--memory"]);
    let output = Server::command(place.flags()).output().expect("chat-server can be started");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("--memory") && stderr.contains("--data"), "{stderr}");
}

#[test]
fn a_length_that_means_nothing() {
    for keep in ["much", "10x", "-1", "1.5", "h", ""] {
        let output = Server::command(["--keep", keep]).output().expect("chat-server can be started");
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "--keep {keep:?}: {stderr}");
        assert!(stderr.contains("--keep"), "--keep {keep:?}: {stderr}");
    }
}
