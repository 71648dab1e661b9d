//! A member that never reads slows nobody, and is disconnected.

use std::time::{Duration, Instant};

use chat_tests::{Client, Server};

const TALKERS: usize = 200;
const ROUNDS: usize = 40;
const TEXT: usize = 1000;

/// How long each of some rounds takes, from the first byte sent to the last one read. In a round one
/// member after the other says something, and all others hear it.
fn rounds(members: &mut [Client]) -> Vec<Duration> {
    let line = format!("SEND {}\n", "x".repeat(TEXT));
    let count = members.len();
    (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            members.iter_mut().for_each(|member| member.send_bytes(line.as_bytes()));
            for member in members.iter_mut() {
                (1..count).for_each(|_| drop(member.read().expect("the member is in the room")));
            }
            start.elapsed()
        })
        .collect()
}

/// The median, and what nine in ten stay below.
fn summary(mut times: Vec<Duration>) -> [Duration; 2] {
    times.sort();
    [times[times.len() / 2], times[times.len() * 9 / 10]]
}

#[test]
fn one_that_never_reads_delays_nobody_and_is_let_go() {
    let server = Server::start([]);
    let mut members: Vec<_> = (0..TALKERS).map(|_| server.guest()).collect();
    let without = summary(rounds(&mut members));

    let sleeper = server.guest();
    let with = summary(rounds(&mut members));
    // 40 rounds of 200 kB are 8 MB: more than the queue and the system's buffers hold.
    server.wait_for_log("disconnected: it does not keep up");
    // What a delay would look like: the sleeper's buffers are full for good after the first rounds, so
    // whoever waited for it would wait for ever. The factors are for a machine that does other things too.
    let as_before = |rounds: [Duration; 2]| rounds[0] < 2 * without[0] && rounds[1] < 3 * without[1];
    eprintln!("a round takes {without:?} without it, {with:?} with it (median and 90 %)");
    assert!(as_before(with), "a round takes {with:?} with it, {without:?} without");

    let after = summary(rounds(&mut members));
    assert!(as_before(after), "a round takes {after:?} after it, {without:?} without");
    assert_eq!(server.log().matches("disconnected").count(), 1, "nobody else is: {}", server.log());
    drop(sleeper);
}

#[test]
fn the_queue_is_as_long_as_the_flag_says() {
    for (queue, words) in [("65536", "--queue allows 65536"), ("4194304", "--queue allows 4194304")] {
        let server = Server::start(["--queue", queue]);
        let (mut talker, _sleeper) = (server.member("talker"), server.guest());
        let line = format!("SEND {}\n", "x".repeat(4000));
        // Far more than the queue and the system's buffers hold.
        let said = (0..10_000).take_while(|_| {
            talker.send_bytes(line.as_bytes());
            talker.fence();
            !server.log().contains(words)
        });
        assert!(said.count() < 10_000, "the sleeper is still in the room");
        talker.send("SEND still here");
        assert_eq!(talker.fence(), [] as [&str; 0]);
    }
}
