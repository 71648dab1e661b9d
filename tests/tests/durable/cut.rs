//! Between members and server is a bad line, which cuts connections at any byte, holds back what is sent,
//! and takes it apart. Members come back and go on; in the end nobody has missed anything, and those whose
//! line is good have heard all of it in the same order.
//!
//! `CUTS` says how often it cuts; about a hundred times by default. `CUT_SEED` repeats what is random.

use std::sync::Arc;
use std::thread;

use chat_shared::Body;
use chat_tests::full::{Ledger, Resident};
use chat_tests::{Client, DEADLINE, Place, Proxy};

use crate::check::{RESIDENTS, read_log, seed, setting, settle};

/// What a member of the base says meanwhile.
const SAID: usize = 100;

fn say(mut talker: Client) {
    for n in 0..SAID {
        talker.send(&format!("SEND number {n}"));
        // All others, who talk too, are read meanwhile.
        talker.fence();
    }
}

#[test]
fn on_a_bad_line_everybody_still_gets_everything_once() {
    let cuts = setting("CUTS", 100) as usize;
    let seed = seed("CUT_SEED");
    let (place, ledger) = (Place::new([]), Arc::new(Ledger::default()));
    let server = place.open();
    let (mut witness, talker) = (server.member("witness"), server.member("talker"));
    let proxy = Proxy::start(place.address(), seed, cuts);
    let heard = thread::spawn(move || witness.read_to_end());
    let talking = thread::spawn(move || say(talker));
    let residents: Vec<_> = (0..RESIDENTS as u64)
        .map(|n| Resident::come(proxy.address(), &format!("r{n}"), &ledger, seed ^ n))
        .collect();
    residents.iter().for_each(|resident| resident.talk(4));
    for some in (0..=cuts).step_by(50).chain([cuts]) {
        let cut = proxy.wait_for_cuts(some, DEADLINE);
        residents.iter().for_each(Resident::assert_content);
        assert!(cut, "the talk has come to an end: {:?}", proxy.counts());
    }
    talking.join().unwrap();
    settle(&place, server, residents, &ledger, SAID);
    let counts = proxy.counts();
    eprintln!("{counts:?}");
    assert_eq!(counts.cuts, cuts);
    assert!(counts.stalls > cuts / 4, "it was not much of a bad line: {counts:?}");

    let mut heard = heard.join().unwrap();
    assert_eq!(heard.pop().as_deref(), Some("MESSAGE * the server is stopping; come back later"));
    let log = read_log(place.folder());
    let lines = log.iter().flat_map(|stored| {
        let body = Body::parse(stored.row.text.as_str()).expect("what was said is valid");
        let lines = body.base_lines().map(|line| format!("MESSAGE {} {line}", stored.row.name));
        lines.collect::<Vec<_>>()
    });
    assert!(lines.eq(heard), "a member of the base heard something else");
}
