//! How a server ends: asked to, in the midst of everything.

use std::thread;

use chat_tests::{Client, Server};
use rustix::process::Signal;

const GOOD_BYE: &str = "MESSAGE * the server is stopping; come back later";

#[test]
fn asked_to_stop_it_says_good_bye_and_ends_well() {
    for signal in [Signal::TERM, Signal::INT] {
        let mut server = Server::start([]);
        let mut members = [server.member("ann"), server.member("bob"), server.guest()];
        server.signal(signal);
        for member in &mut members {
            assert_eq!(member.read_to_end(), [GOOD_BYE]);
        }
        drop(members);
        assert_eq!(server.wait_for_exit().code(), Some(0));
    }
}

const TALKERS: usize = 20;

/// Talks as fast as it hears the others talk, until the server ends it. What it heard.
fn talk_and_read_to_end(n: usize, mut talker: Client) -> Vec<String> {
    let mut heard = Vec::new();
    for i in 0.. {
        talker.try_send_bytes(format!("SEND {n}-{i}\n").as_bytes());
        for _ in 1..TALKERS {
            let Some(line) = talker.read() else { return heard };
            heard.push(line);
        }
    }
    unreachable!("numbers have no end")
}

#[test]
fn in_the_midst_of_traffic_everybody_gets_all_that_was_said() {
    let mut server = Server::start([]);
    let mut witness = server.member("witness");
    let talkers: Vec<_> = (0..TALKERS).map(|n| server.member(&format!("t{n}"))).collect();
    let listeners: Vec<_> = (0..5).map(|_| server.guest()).collect();

    let (order, heard) = thread::scope(|scope| {
        let talkers = talkers.into_iter().enumerate();
        let talkers = talkers.map(|(n, talker)| scope.spawn(move || talk_and_read_to_end(n, talker)));
        let talkers: Vec<_> = talkers.collect();
        let listeners: Vec<_> =
            listeners.into_iter().map(|mut listener| scope.spawn(move || listener.read_to_end())).collect();
        // Everybody is in the middle of it by now.
        let mut order: Vec<_> = (0..2000).map(|_| witness.read().unwrap()).collect();
        server.terminate();
        order.extend(witness.read_to_end());
        let readers = talkers.into_iter().chain(listeners);
        (order, readers.map(|reader| reader.join().unwrap()).collect::<Vec<_>>())
    });
    assert_eq!(order.last().map(String::as_str), Some(GOOD_BYE));
    for (n, heard) in heard.into_iter().enumerate() {
        let own = format!("MESSAGE t{n} ");
        let expected: Vec<_> = order.iter().filter(|line| !line.starts_with(&own)).cloned().collect();
        assert_eq!(heard.len(), expected.len(), "reader {n}");
        assert!(heard == expected, "reader {n} heard another order");
    }
    drop(witness);
    assert_eq!(server.wait_for_exit().code(), Some(0), "{}", server.log());
}

/// A server in which a talker has said much that a sleeper does not read.
fn much_waits_for_a_sleeper() -> (Server, Client, Client) {
    let server = Server::start(["--queue", "100000000"]);
    let (mut talker, sleeper) = (server.member("talker"), server.guest());
    // More than the system's buffers hold: the rest waits in the server.
    talker.send_bytes(format!("SEND {}\n", "x".repeat(4000)).repeat(5000).as_bytes());
    talker.fence();
    (server, talker, sleeper)
}

#[test]
fn it_does_not_wait_for_those_who_never_read() {
    let (mut server, _talker, sleeper) = much_waits_for_a_sleeper();
    server.terminate();
    assert_eq!(server.wait_for_exit().code(), Some(0));
    assert!(server.log().contains("not all of the 2 members"), "{}", server.log());
    drop(sleeper);
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let (mut server, _talker, sleeper) = much_waits_for_a_sleeper();
    server.terminate();
    server.wait_for_log("a second signal stops at once");
    server.terminate();
    assert_eq!(server.wait_for_exit().code(), Some(1));
    drop(sleeper);
}

#[test]
fn nobody_comes_in_once_it_stops() {
    let (mut server, mut talker, sleeper) = much_waits_for_a_sleeper();
    server.terminate();
    assert_eq!(talker.read_to_end(), [GOOD_BYE]);
    // The sleeper keeps the server in its last seconds, but its door is shut.
    let refused = std::net::TcpStream::connect(server.address());
    assert!(refused.is_err(), "{refused:?}");
    drop(sleeper);
    assert_eq!(server.wait_for_exit().code(), Some(0));
}

#[test]
fn who_goes_on_talking_while_it_stops_still_gets_everything() {
    const LINES: usize = 200;
    let mut server = Server::start([]);
    let mut talker = server.member("talker");
    let mut bob = Client::connect_narrow(server.address());
    bob.fence();
    let line = "x".repeat(4000);
    talker.send_bytes(format!("SEND {line}\n").repeat(LINES).as_bytes());
    talker.fence();
    server.terminate();
    // Everything is written, as far as the server can tell, but has not arrived: bob has not read it.
    talker.read_to_end();
    // What nobody reads any more must not cost him that.
    for _ in 0..20 {
        bob.try_send_bytes(b"SEND is anybody there?\n");
    }
    let heard = bob.read_to_end();
    assert_eq!(heard.len(), LINES + 1);
    assert_eq!(heard.last().map(String::as_str), Some(GOOD_BYE));
    drop(bob);
    assert_eq!(server.wait_for_exit().code(), Some(0));
}
