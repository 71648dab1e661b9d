//! Nothing can be written: then nothing is shown and nothing acknowledged, everybody stays, and as soon as
//! there is room again, everything goes on.
//!
//! Anybody may forbid a process of theirs to make files larger, and allow it again: so that is what most of
//! this does, and it fails as a full disk does (but with EFBIG). A disk that is really full needs a file
//! system of our own, which not every system lets its users have; there one test is skipped.

use std::fs::{self, File};
use std::io::Write as _;
use std::ops::RangeInclusive;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use chat_tests::full::{Full, Ledger, Resident};
use chat_tests::{Place, Server, programs::program, skip, until};
use rustix::process::{Pid, Resource, Rlimit, prlimit};

use crate::check::settle;

/// A server for which a file that must not grow is an error, as a full disk is, and not its end.
fn open(place: &Place) -> Server {
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]).arg(program("chat-server")).args(place.flags());
    Server::launch(command, 1)
}

/// No file of the server may reach beyond this any more.
fn limit(server: &Server, size: Option<u64>) {
    let pid = Pid::from_raw(server.process().try_into().unwrap());
    let limit = Rlimit { current: size, maximum: None };
    prlimit(pid, Resource::Fsize, limit).expect("a process of ours may be limited");
}

/// How large the file is that a commit grows.
fn size(place: &Place) -> u64 {
    fs::metadata(place.folder().join("room.db-wal")).map_or(0, |file| file.len())
}

/// How often the log says that something is wrong with what it is to keep. Upkeep is another matter.
fn complaints(server: &Server) -> Vec<String> {
    let log = server.log();
    let complaint =
        |line: &&str| (line.contains("WARN") || line.contains("ERROR")) && !line.contains("upkeep");
    log.lines().filter(complaint).map(str::to_owned).collect()
}

/// Says these again and again, one after the other, until all are taken: a server that has failed a moment
/// ago may wait before it tries again.
fn insist(member: &mut Full, txns: RangeInclusive<u64>, said: impl Fn(u64) -> String) {
    let mut next = *txns.start();
    let taken = until(|| {
        member.send(&format!("POST {next} {}", said(next)));
        let answer = member.answer_to_post(next);
        next += u64::from(answer.starts_with("ACK "));
        (next > *txns.end()).then_some(())
    });
    assert!(taken.is_some(), "{next} is not taken");
}

#[test]
fn while_nothing_can_be_written_nothing_is_shown_and_then_it_goes_on() {
    let place = Place::new([]);
    let server = open(&place);
    let (mut ann, mut watcher) = (Full::join(&server, "ann"), Full::join(&server, "watcher"));
    let (mut bob, mut listener) = (server.member("bob"), server.member("listener"));
    assert_eq!(ann.say("before"), 1);
    watcher.heard();
    bob.fence();
    listener.fence();

    limit(&server, Some(0));
    ann.client().send_bytes(b"POST 2 two\nPOST 3 three\nPOST 4 four\n");
    bob.send("SEND lost");
    bob.expect_start("MESSAGE * ");
    assert_eq!(bob.fence(), [] as [&str; 0]);
    let refused = ann.heard();
    assert_eq!(refused.len(), 3, "{refused:?}");
    assert!(refused[0].starts_with("ERROR busy 2 "), "{refused:?}");
    for (line, txn) in refused.iter().zip(2..) {
        let starts = ["busy", "txn-order"].map(|code| format!("ERROR {code} {txn} "));
        assert!(starts.iter().any(|start| line.starts_with(start)), "{refused:?}");
    }
    // In order, or not at all.
    ann.send("POST 4 four");
    assert!(ann.heard()[0].starts_with("ERROR txn-order 4 "));
    ann.send("POST 2 two");
    assert!(ann.heard()[0].starts_with("ERROR busy 2 "));
    // What is there can be read, and members come, go, and take names.
    assert_eq!(watcher.ask("LAST 5").texts(), ["before"]);
    drop(server.member("visitor"));
    assert_eq!(watcher.heard(), [] as [&str; 0]);
    assert_eq!(listener.fence(), [] as [&str; 0]);
    assert_eq!(complaints(&server).len(), 1, "{}", server.log());

    limit(&server, None);
    insist(&mut ann, 2..=4, |txn| ["two", "three", "four"][txn as usize - 2].to_owned());
    bob.send("SEND found");
    bob.fence();
    let posts = ["POST 2 ann two", "POST 3 ann three", "POST 4 ann four", "POST 5 bob found"];
    assert_eq!(watcher.heard(), posts);
    assert_eq!(listener.fence().len(), 4);
    drop((ann, watcher, bob, listener));
    server.kill();
    let server = place.open();
    let texts = Full::join(&server, "ann").ask("LAST 9");
    assert_eq!(texts.texts(), ["before", "two", "three", "four", "found"]);
}

#[test]
fn under_load_it_is_full_again_and_again_and_nothing_is_lost() {
    let place = Place::new([]);
    let server = open(&place);
    let ledger = Arc::new(Ledger::default());
    let residents: Vec<_> =
        (0..8).map(|n| Resident::come(place.address(), &format!("r{n}"), &ledger, n)).collect();
    residents.iter().for_each(|resident| resident.talk(6));
    let mut random = fastrand::Rng::with_seed(5);
    for round in 0..4 {
        ledger.wait_for(ledger.last() + 200);
        let before: Vec<_> = residents.iter().map(Resident::refusals).collect();
        // There is room for a part of what comes, which may be a part of a commit.
        limit(&server, Some(size(&place) + random.u64(0..30_000)));
        residents[0].wait_for_refusals(before[0] + 1);
        limit(&server, Some(0));
        // What was on its way when there was still room is shown by now.
        let mut witness = Full::join(&server, &format!("witness{round}"));
        let last = ledger.last();
        let silence = Full::join(&server, &format!("another{round}")).fence();
        assert!(silence.iter().chain(&witness.heard()).all(|line| !line.starts_with("POST ")));
        assert_eq!(ledger.last(), last, "somebody was shown what is not on the disk");
        for (resident, before) in residents.iter().zip(before) {
            resident.wait_for_refusals(before + 1);
        }
        limit(&server, None);
    }
    let complaints = complaints(&server);
    for story in settle(&place, server, residents, &ledger, 0) {
        assert_eq!(story.connections, 1, "{} was not let stay", story.name);
    }
    // However often that changes, it is said once a minute at most.
    assert!((1..=2).contains(&complaints.len()), "{complaints:#?}");
}

#[test]
fn what_is_sent_twice_while_it_is_full_is_not_taken_for_said() {
    let place = Place::new([]);
    let server = open(&place);
    let mut ann = Full::join(&server, "ann");
    ann.say("one");
    limit(&server, Some(0));
    // As when a connection breaks, and what was sent is sent again before the server is done with it.
    ann.client().send_bytes(b"POST 2 two\nPOST 2 two\n");
    for _ in 0..2 {
        let answer = ann.answer_to_post(2);
        assert!(answer.starts_with("ERROR busy 2 "), "{answer}");
    }
    limit(&server, None);
    insist(&mut ann, 2..=2, |_| "two".to_owned());
    assert_eq!(ann.ask("LAST 5").texts(), ["one", "two"]);
}

/// A server whose log is on a disk of its own of some MiB, on which these commands put something before.
fn on_small_disk(folder: &Path, before: &str) -> Command {
    let mut command = Command::new("unshare");
    let script = format!("mount -t tmpfs -o size=4m none \"$0\" && {before} exec \"$@\"");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script]).arg(folder);
    command
        .arg(program("chat-server"))
        .args(["--rate", "0", "--listen", "127.0.0.1:0", "--data"])
        .arg(folder);
    command
}

/// Whether this system lets us have a disk of our own.
fn may_have_disk(folder: &Path) -> bool {
    let mut probe = Command::new("unshare");
    probe.args(["--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "none"]).arg(folder);
    probe.output().is_ok_and(|probe| probe.status.success())
}

#[test]
fn a_start_on_a_disk_that_is_full_says_so() {
    let place = Place::new([]);
    if !may_have_disk(place.folder()) {
        return skip("no file system of our own");
    }
    let server = place.open();
    Full::join(&server, "ann").say("before");
    server.end();
    let folder = tempfile::tempdir().unwrap();
    let log = place.folder().join("room.db");
    let fill = "cat /dev/zero >\"$0/filler\" 2>/dev/null;";
    // Where there is a log, and where there is none yet.
    let before = [format!("cp '{}' \"$0\"; {fill}", log.display()), fill.to_owned()];
    for before in before {
        let output = on_small_disk(folder.path(), &before).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), &*output.stdout), (Some(1), &b""[..]), "{stderr}");
        let words = ["room.db", "there is no room left", "free some megabytes", "--data"];
        assert!(words.iter().all(|words| stderr.contains(words)), "{stderr}");
    }
}

#[test]
fn on_a_disk_that_is_really_full() {
    let folder = tempfile::tempdir().unwrap();
    if !may_have_disk(folder.path()) {
        return skip("no file system of our own");
    }
    let server = Server::launch(on_small_disk(folder.path(), ""), 1);
    let inside = Path::new("/proc").join(server.process().to_string()).join("root");
    let inside = inside.join(folder.path().strip_prefix("/").unwrap());
    let (mut ann, mut watcher) = (Full::join(&server, "ann"), Full::join(&server, "watcher"));
    ann.say("before");

    let filler = inside.join("filler");
    let mut filling = File::create(&filler).unwrap();
    while filling.write_all(&[0; 4096]).is_ok() {}
    // What SQLite has already had room for may be written; soon nothing is.
    let said = |n: u64| format!("{n} {}", "x".repeat(2000));
    let mut n = 2;
    let refused = loop {
        ann.send(&format!("POST {n} {}", said(n)));
        let answer = ann.answer_to_post(n);
        if answer.starts_with("ERROR") {
            break answer;
        }
        n += 1;
    };
    assert!(refused.starts_with(&format!("ERROR busy {n} ")), "{refused}");
    assert_eq!(watcher.heard().len() as u64, n - 1);
    assert_eq!(watcher.ask("LAST 500").past.len() as u64, n - 1);

    drop(filling);
    fs::remove_file(filler).unwrap();
    insist(&mut ann, n..=n + 49, said);
    assert_eq!(watcher.heard().len(), 50);
    let all = watcher.ask(&format!("AFTER {} 0", watcher.room));
    assert!(all.ids().into_iter().eq(1..n + 50));
    assert!(all.texts()[1..].iter().zip(2..).all(|(text, n)| *text == said(n)));
    assert_eq!(complaints(&server).len(), 1, "{}", server.log());
}
