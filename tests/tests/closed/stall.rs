//! Those who come and then say nothing, or not enough: nobody inside notices, and nothing remains of them.

use std::time::{Duration, Instant};

#[cfg(target_os = "linux")]
use chat_tests::until;
use chat_tests::{Client, Server, allow_many_files};

const STALLED: usize = 1000;

/// The beginning of a handshake, which never goes on.
const BEGINNING: &[u8] = &[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3];

/// How long it takes from one member saying something to another hearing it: the 99th of a hundred.
fn latency(from: &mut Client, to: &mut Client) -> Duration {
    let mut all: Vec<_> = (0..300)
        .map(|n| {
            let start = Instant::now();
            from.send(&format!("SEND {n}"));
            to.expect(&format!("MESSAGE ann {n}"));
            start.elapsed()
        })
        .collect();
    all.sort();
    all[all.len() * 99 / 100]
}

#[test]
fn a_thousand_who_stall_in_the_handshake_disturb_nobody() {
    allow_many_files();
    let server = Server::start([]);
    let (mut ann, mut bob) = (server.member("ann"), server.member("bob"));
    let before = latency(&mut ann, &mut bob);
    let stall = || -> Vec<_> {
        let come = |_| {
            let mut client = Client::connect(server.address());
            client.send_bytes(BEGINNING);
            client
        };
        (0..STALLED).map(come).collect()
    };
    let stalled = stall();
    let meanwhile = latency(&mut ann, &mut bob);
    eprintln!("p99: {before:?} before, {meanwhile:?} among {STALLED} who stall");
    assert!(meanwhile < before * 5 + Duration::from_millis(50), "{before:?}, then {meanwhile:?}");
    // Who means it comes in although all the places are taken.
    let start = Instant::now();
    let mut carol = Client::connect_sealed(server.address());
    carol.send("NAME carol");
    carol.fence();
    eprintln!("an honest newcomer behind them is in after {:?}", start.elapsed());
    // They are all let go, and that is the end of them.
    stalled.into_iter().for_each(|mut client| drop(client.read_until(0)));
    #[cfg(target_os = "linux")]
    {
        // The first time is what the allocator keeps; the second is what would leak.
        let first = server.memory();
        stall().into_iter().for_each(|mut client| drop(client.read_until(0)));
        let back = until(|| (server.memory() < first + (1 << 20)).then_some(()));
        assert!(back.is_some(), "{first} bytes, then {}", server.memory());
    }
    server.assert_works();
}

#[test]
fn who_never_speaks_tls_where_it_is_required_is_let_go() {
    let server = Server::start(["--tls", "require"]);
    let mut silent = Client::connect(server.address());
    let said = silent.read_to_end();
    assert!(said.len() == 1 && said[0].starts_with("MESSAGE * this room speaks only TLS"), "{said:?}");
}
