//! Who is turned away is told why in the language that it speaks, and when to come back.

use chat_tests::{Client, Server};

const HELLO: &str = "HELLO 1 00112233445566778899aabbccddeeff\n NAME ann\n";

/// What somebody hears who says `said`, through TLS or not, until the connection is closed.
fn hears(server: &Server, sealed: bool, said: &str) -> Vec<String> {
    let connect = if sealed { Client::connect_sealed } else { Client::connect };
    let mut client = connect(server.address());
    client.try_send_bytes(said.as_bytes());
    client.read_to_end()
}

fn check(server: &Server, sealed: bool, code: &str, words: &str) {
    let farewell = [format!("ERROR {code} - {words}"), format!("BYE 10000 {words}")];
    assert_eq!(hears(server, sealed, HELLO), farewell);
    for base in ["NAME ann\nSEND hello\n", "HELLOS\n", ""] {
        assert_eq!(hears(server, sealed, base), [format!("MESSAGE * {words}")], "{base:?}");
    }
}

#[test]
fn a_full_room_says_so_in_the_language_that_is_spoken() {
    let server = Server::start(["--max-clients", "1"]);
    let inside = server.guest();
    for sealed in [false, true] {
        check(&server, sealed, "busy", "the room is full; try again later");
    }
    drop(inside);
}

#[test]
fn a_room_that_takes_only_tls_says_so_in_the_language_that_is_spoken() {
    let server = Server::start(["--tls", "require"]);
    let words = "this room speaks only TLS: come with chat-client, or with a program for TLS";
    let farewell = [format!("ERROR not-permitted - {words}"), format!("BYE 10000 {words}")];
    assert_eq!(hears(&server, false, HELLO), farewell);
}

#[test]
fn who_says_its_language_slowly_holds_nothing_up() {
    let server = Server::start(["--max-clients", "1"]);
    let _inside = server.guest();
    let mut slow: Vec<_> = (0..100).map(|_| Client::connect(server.address())).collect();
    for slow in &mut slow {
        // Those who are too many to be waited for are gone already.
        slow.try_send_bytes(b"HEL");
    }
    // Who had said nothing yet when too many were waited for may speak TLS, and is told nothing.
    let heard: Vec<_> = slow.iter_mut().map(Client::read_to_end).collect();
    let told =
        heard.iter().filter(|heard| **heard == ["MESSAGE * the room is full; try again later"]).count();
    let silent = heard.iter().filter(|heard| heard.is_empty()).count();
    assert!(told >= 64 && told + silent == 100, "{heard:?}");
}
