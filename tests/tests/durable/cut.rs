//! Between members and server is a bad line, which cuts connections at any byte, holds back what is sent,
//! and takes it apart. Members come back and go on; in the end nobody has missed anything.
//!
//! `CUTS` says how often it cuts; about a hundred times by default. `CUT_SEED` repeats what is random.

use std::sync::Arc;

use chat_tests::full::{Ledger, Resident};
use chat_tests::{DEADLINE, Place, Proxy};

use crate::check::{RESIDENTS, seed, setting, settle};

#[test]
fn on_a_bad_line_everybody_still_gets_everything_once() {
    let cuts = setting("CUTS", 100) as usize;
    let seed = seed("CUT_SEED");
    let (place, ledger) = (Place::new([]), Arc::new(Ledger::default()));
    let server = place.open();
    let proxy = Proxy::start(place.address(), seed, cuts);
    let residents: Vec<_> = (0..RESIDENTS as u64)
        .map(|n| Resident::come(proxy.address(), &format!("r{n}"), &ledger, seed ^ n))
        .collect();
    residents.iter().for_each(|resident| resident.talk(4));
    for some in (0..=cuts).step_by(50).chain([cuts]) {
        let cut = proxy.wait_for_cuts(some, DEADLINE);
        residents.iter().for_each(Resident::assert_content);
        assert!(cut, "the talk has come to an end: {:?}", proxy.counts());
    }
    settle(&place, server, residents, &ledger, 0);
    let counts = proxy.counts();
    eprintln!("{counts:?}");
    assert_eq!(counts.cuts, cuts);
    assert!(counts.stalls > cuts / 4, "it was not much of a bad line: {counts:?}");
}
