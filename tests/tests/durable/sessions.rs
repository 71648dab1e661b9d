//! Sessions: a message under one txn is in the log once, however often it is sent and over whatever
//! connection; and what else is between one member and the server alone.

use std::time::{SystemTime, UNIX_EPOCH};

use chat_tests::full::{Full, draw_session, untimed};
use chat_tests::{Client, Place, Server, until};

use crate::check::on_both;

#[test]
fn a_message_is_acknowledged_in_its_place() {
    on_both([], |server| {
        let (mut ann, mut bob) = (Full::join(server, "ann"), Full::join(server, "bob"));
        ann.heard();
        ann.send("POST 1 hello");
        ann.expect("ACK 1 1");
        bob.say("hello yourself");
        ann.send("POST 2 how are you?");
        // Its own it is not shown, and the acknowledgement comes after what was said before.
        ann.expect("POST 2 bob hello yourself");
        ann.expect("ACK 2 3");
        assert_eq!(ann.heard(), [] as [&str; 0]);
        assert_eq!(bob.heard(), ["POST 3 ann how are you?"]);
    });
}

#[test]
fn the_time_is_that_of_the_server_and_the_same_for_all() {
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    on_both([], |server| {
        let (mut ann, mut bob) = (Full::join(server, "ann"), Full::join(server, "bob"));
        let before = now();
        let txn = ann.post("hello");
        let (id, time) = ann.acknowledged(txn);
        assert!((before..=now()).contains(&u128::from(time)), "{time} is not between {before} and now");
        bob.read_to(&format!("POST {id} {time} ann hello"));
        ann.send("LAST 1");
        ann.read_to(&format!("PAST {id} {time} ann hello"));
    });
}

#[test]
fn what_is_sent_again_is_acknowledged_again_and_not_said_again() {
    on_both([], |server| {
        let (mut ann, mut bob) = (Full::join(server, "ann"), Full::join(server, "bob"));
        let first = ann.post("once");
        let place = ann.acknowledged(first);
        ann.say("twice");
        for _ in 0..3 {
            ann.send("POST 1 once");
            assert_eq!(ann.acknowledged(1), place);
        }
        // What it says the second time does not matter: it has been said.
        ann.send("POST 1 something else");
        assert_eq!(ann.acknowledged(1), place);
        bob.say("end");
        assert_eq!(bob.ask("LAST 10").texts(), ["once", "twice", "end"]);
        let mut others = ann.heard();
        others.retain(|line| !line.starts_with("ACK"));
        assert_eq!(others, ["POST 3 bob end"]);
    });
}

#[test]
fn a_gap_in_the_numbers_is_refused_and_nothing_of_it_is_said() {
    on_both([], |server| {
        let (mut ann, mut bob) = (Full::join(server, "ann"), Full::join(server, "bob"));
        ann.heard();
        ann.client().send_bytes(b"POST 1 one\nPOST 2 two\nPOST 4 four\nPOST 5 five\n");
        ann.expect("ACK 1 1");
        ann.expect("ACK 2 2");
        for txn in [4, 5] {
            let line = ann.read().unwrap();
            assert!(line.starts_with(&format!("ERROR txn-order {txn} ")), "{line}");
        }
        ann.client().send_bytes(b"POST 3 three\nPOST 4 four\nPOST 5 five\n");
        (3..=5).for_each(|n| ann.expect(&format!("ACK {n} {n}")));
        assert_eq!(bob.ask("LAST 10").texts(), ["one", "two", "three", "four", "five"]);
    });
}

#[test]
fn a_new_session_may_begin_with_any_number() {
    on_both([], |server| {
        let mut ann = Full::join(server, "ann");
        ann.send("POST 7 seven");
        assert_eq!(ann.acknowledged(7).0, 1);
        ann.send("POST 8 eight");
        assert_eq!(ann.acknowledged(8).0, 2);
        ann.heard();
        // For all the server knows, it was said, and has been trimmed.
        ann.send("POST 6 six");
        let line = ann.read().unwrap();
        assert!(line.starts_with("ERROR txn-order 6 "), "{line}");
    });
}

#[test]
fn what_was_trimmed_is_not_said_again() {
    on_both(["--keep", "10"], |server| {
        let mut ann = Full::join(server, "ann");
        ann.say_all((1..=30).map(|n| n.to_string()));
        let refused = until(|| {
            ann.send("POST 1 1");
            let line = ann.read().unwrap();
            line.starts_with("ERROR txn-order 1 ").then_some(()).or_else(|| {
                // On disk, the log is trimmed by and by.
                assert_eq!(untimed(&line), "ACK 1 1");
                None
            })
        });
        assert!(refused.is_some(), "it is never trimmed");
        assert_eq!(ann.say("31"), 31);
        assert_eq!(ann.ask("LAST 1").texts(), ["31"]);
    });
}

#[test]
fn a_refused_text_leaves_its_number_free() {
    let server = Server::start([]);
    let (mut ann, mut bob) = (Full::join(&server, "ann"), Full::join(&server, "bob"));
    ann.heard();
    for (line, code) in [
        ("POST 1 a\u{202E}b", "text-invalid 1"),
        (r"POST 1 \n \n", "text-invalid 1"),
        (r"POST 1 half an escape \", "text-invalid 1"),
        ("POST 1 ", "text-invalid 1"),
        ("POST 1 a\tb", "text-invalid 1"),
        ("POST x hello", "unknown-command -"),
        ("BOGUS", "unknown-command -"),
        ("NAME two words", "name-invalid -"),
        ("NAME bob", "name-taken -"),
        ("NAME server", "name-reserved -"),
    ] {
        ann.send(line);
        let answer = ann.read().unwrap();
        assert!(answer.starts_with(&format!("ERROR {code} ")), "{line} is answered by {answer}");
    }
    ann.client().send_bytes(b"POST 1 \xff\n");
    assert!(ann.read().unwrap().starts_with("ERROR not-utf8 1 "));
    ann.client().send_bytes(&[b'x'; 9000]);
    ann.client().send_bytes(b"\n");
    assert!(ann.read().unwrap().starts_with("ERROR line-too-long - "));
    ann.send("POST 1 hello");
    ann.expect("ACK 1 1");
    assert_eq!(bob.heard(), ["POST 1 ann hello"]);
}

#[test]
fn a_session_goes_on_after_a_crash() {
    let place = Place::new([]);
    let session = draw_session();
    let server = place.open();
    let mut ann = Full::join_as(place.address(), "ann", session);
    let txn = ann.post("one");
    let one = ann.acknowledged(txn);
    ann.say("two");
    server.kill();
    let _server = place.open();
    let mut ann = Full::join_as(place.address(), "ann", session);
    ann.client().send_bytes(b"POST 1 one\nPOST 4 four\nPOST 3 three\n");
    // What was said before is looked up, and may be told later than what is new.
    let mut answers: Vec<_> = (0..3).map(|_| ann.read().unwrap()).collect();
    answers.sort();
    assert_eq!(answers[0], format!("ACK 1 1 {}", one.1));
    assert!(answers[1].starts_with("ACK 3 3 "), "{answers:?}");
    assert!(answers[2].starts_with("ERROR txn-order 4 "), "{answers:?}");
    assert_eq!(ann.ask("LAST 10").texts(), ["one", "two", "three"]);
}

#[test]
fn a_session_that_comes_again_takes_the_place_of_its_old_connection() {
    on_both([], |server| {
        let session = draw_session();
        let mut old = Full::join_as(server.address(), "ann", session);
        let mut bob = Full::join(server, "bob");
        let first = old.post("from here");
        let place = old.acknowledged(first);
        bob.heard();
        let mut new = Full::hello(server.address(), session);
        assert_eq!(new.name, "ann", "it keeps its name");
        let mut farewell = old.client().read_to_end();
        farewell.retain(|line| !line.starts_with("JOIN "));
        assert!(matches!(&farewell[..], [bye] if bye.starts_with("BYE ")), "{farewell:?}");
        new.send("POST 1 from here");
        assert_eq!(new.acknowledged(1), place);
        new.send("POST 2 from there");
        assert_eq!(new.acknowledged(2).0, 2);
        // To the others it is the same member, and nothing has happened.
        assert_eq!(bob.fence(), ["POST 2 ann from there"]);
    });
}

#[test]
fn one_that_has_opted_in_and_speaks_the_base_leaves_no_gap() {
    on_both([], |server| {
        let (mut ann, mut bob) = (Full::join(server, "ann"), Full::join(server, "bob"));
        ann.heard();
        // A server may refuse it; if it takes it, its author has to learn of the id.
        ann.send("SEND hello");
        let mut heard = ann.heard();
        heard.retain(|line| !line.starts_with("ERROR unknown-command - "));
        let id = bob.say("next");
        heard.extend(ann.heard());
        let expected = (1..=id).map(|id| format!("POST {id} "));
        assert!(expected.eq(heard.iter().map(|line| line[..7].to_owned())), "{heard:?} up to {id}");
    });
}

#[test]
fn other_versions_get_ours_and_bad_sessions_do_not_opt_in() {
    let server = Server::start([]);
    let mut newer = Client::connect(server.address());
    newer.send(&format!("HELLO 9 {}", draw_session()));
    let welcome = newer.expect_start("WELCOME 1 ");
    assert!(welcome.contains(" guest-"), "{welcome}");
    for odd in
        ["HELLO", "HELLO 1", "HELLO 1 short", "HELLO 0 00000000000000000000000000000001", "HELLO 1 x y"]
    {
        let mut member = Client::connect(server.address());
        member.send(odd);
        member.expect("ERROR unknown-command - the line must have the form HELLO <version> <session>");
        // It may try again, as long as it has said nothing else.
        member.send(&format!("HELLO 1 {}", draw_session()));
        member.expect_start("WELCOME 1 ");
    }
    for other in ["SEND x", "NAME ann", "FOO"] {
        let mut member = Client::connect(server.address());
        member.send(other);
        member.send(&format!("HELLO 1 {}", draw_session()));
        let heard = member.fence();
        assert!(heard.last().is_some_and(|line| line.starts_with("MESSAGE * line refused: ")), "{heard:?}");
    }
}

#[test]
fn a_ping_is_answered_and_a_quit_ends_it() {
    on_both([], |server| {
        let mut ann = Full::join(server, "ann");
        let mut bob = Full::join(server, "bob");
        ann.heard();
        ann.send("PING are-you-there?");
        ann.expect("PONG are-you-there?");
        // An answer that nobody asked for does no harm.
        ann.send("PONG what");
        ann.send("POST 1 good-bye");
        ann.send("QUIT");
        let rest: Vec<_> = ann.client().read_to_end().iter().map(|line| untimed(line)).collect();
        assert!(rest.is_empty() || rest[0] == "ACK 1 1", "{rest:?}");
        bob.read_to("LEAVE ann");
        assert_eq!(bob.ask("LAST 1").texts(), ["good-bye"]);
    });
}

#[test]
fn the_programs_own_log_holds_no_text_no_name_and_no_session() {
    let place = Place::new(["--log", "trace"]);
    let server = place.open();
    let session = draw_session();
    let mut ann = Full::join_as(place.address(), "Annabella", session);
    ann.say("confidential");
    assert_eq!(ann.ask("SEARCH 5 confidential").past.len(), 1);
    ann.send("confidential nonsense");
    ann.heard();
    ann.send("QUIT");
    ann.client().read_to_end();
    server.wait_for_log("has left");
    let log = server.log().to_lowercase();
    for secret in ["confidential".to_owned(), "annabella".to_owned(), session.to_string()] {
        assert!(!log.contains(&secret), "{log}");
    }
}

#[test]
fn one_that_has_opted_in_and_floods_is_told_so_once_and_loses_nothing() {
    const POSTS: u64 = 70;
    let server = Server::start_paced(["--rate", "20"]);
    let (mut ann, mut bob) = (Full::join(&server, "ann"), Full::join(&server, "bob"));
    bob.heard();
    // Each has two lines that a member of the base is sent, and counts as two.
    let posts: String = (1..=POSTS).map(|n| format!("POST {n} {n}\\n\\nand more\n")).collect();
    ann.client().send_bytes(posts.as_bytes());
    let (mut told, mut acknowledged) = (0, 0);
    while acknowledged < POSTS {
        let line = ann.read().unwrap();
        told += u64::from(line.starts_with("ERROR rate-limited - "));
        acknowledged += u64::from(line.starts_with("ACK "));
    }
    assert_eq!(told, 1);
    let expected: Vec<_> = (1..=POSTS).map(|n| format!("POST {n} ann {n}\\n\\nand more")).collect();
    assert_eq!(bob.heard(), expected);
}
