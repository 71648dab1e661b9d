//! The server is killed (`kill -9`) again and again at random moments, under load, and comes back with the
//! same log. Nothing that anybody was shown is lost or changed, and nothing is there twice.
//!
//! `CRASH_ROUNDS` says how often; a few times by default. `CRASH_SEED` repeats what is random on our side.

use std::process::Stdio;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use chat_tests::full::{Full, Ledger, Resident, draw_session};
use chat_tests::{Place, Server, until};

use crate::check::{RESIDENTS, seed, setting, settle};

#[test]
fn killed_at_any_moment_it_loses_nothing_and_repeats_nothing() {
    let rounds = setting("CRASH_ROUNDS", 10);
    let seed = seed("CRASH_SEED");
    let mut random = fastrand::Rng::with_seed(seed);
    let (place, ledger) = (Place::new([]), Arc::new(Ledger::default()));
    let mut server = place.open();
    let residents: Vec<_> = (0..RESIDENTS as u64)
        .map(|n| Resident::come(place.address(), &format!("r{n}"), &ledger, seed ^ n))
        .collect();
    residents.iter().for_each(|resident| resident.talk(random.usize(1..=8)));
    for _ in 0..rounds {
        // Now and then as soon as it is up again, in the midst of all who come back; mostly in the midst
        // of their talk, and at times when there has been enough of it to be put in order.
        let more = match random.u8(0..10) {
            0 | 1 => 0,
            2 => 3000,
            _ => 300,
        };
        ledger.wait_for(ledger.last() + random.u64(0..=more));
        // Any moment is to be hit, not only those in which somebody has just been told something.
        thread::sleep(Duration::from_micros(random.u64(0..10_000)));
        server.kill();
        server = place.open();
    }
    let stories = settle(&place, server, residents, &ledger, 0);
    for story in stories {
        assert!(story.connections > 1 && !story.said.is_empty(), "{} noticed nothing", story.name);
    }
}

#[test]
fn killed_while_it_makes_its_log_it_makes_it_the_next_time() {
    for round in 0..30 {
        let place = Place::new([]);
        let mut command = Server::command(place.flags());
        let mut server = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Any moment from before its first step to after its last.
        thread::sleep(Duration::from_millis(round));
        server.kill().unwrap();
        server.wait().unwrap();
        let server = place.open();
        assert_eq!(Full::join(&server, "ann").say("hello"), 1);
        server.kill();
        let server = place.open();
        assert_eq!(Full::join(&server, "ann").ask("LAST 2").texts(), ["hello"]);
    }
}

#[test]
fn a_session_is_remembered_for_longer_than_its_messages() {
    let place = Place::new(["--keep", "10"]);
    let session = draw_session();
    let server = place.open();
    let mut ann = Full::join_as(place.address(), "ann", session);
    ann.say_all((1..=3).map(|n| format!("of ann {n}")));
    let mut bob = Full::join(&server, "bob");
    bob.say_all((1..=30).map(|n| format!("of bob {n}")));
    // The log is trimmed by and by.
    let trimmed = until(|| (bob.ask("BEFORE 20 500").past.is_empty()).then_some(()));
    assert!(trimmed.is_some(), "the log is never trimmed");
    server.kill();
    let _server = place.open();
    let mut ann = Full::join_as(place.address(), "ann", session);
    for txn in 1..=3 {
        ann.send(&format!("POST {txn} of ann {txn}"));
        let answer = ann.answer_to_post(txn);
        assert!(answer.starts_with(&format!("ERROR txn-order {txn} ")), "{answer}");
    }
    ann.send("POST 4 of ann 4");
    assert_eq!(ann.acknowledged(4).0, 34);
}
