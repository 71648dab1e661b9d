//! Who speaks the full language, and means harm.

use chat_tests::full::{Full, draw_session};

use crate::stage::{assert_refused, survives};

/// Says HELLO twice, late, and in forms that are none.
#[test]
fn hello_twice_and_late() {
    survives(|stage| {
        let mut mallory = stage.insider("mallory");
        let again = format!("HELLO 1 {}", draw_session());
        mallory.send(&again);
        assert_refused(&mallory.heard(), 1);
        let mut late = stage.server.member("late");
        late.send(&again);
        assert_refused(&late.fence(), 1);
        for hello in
            ["HELLO", "HELLO 0 x", "HELLO 1 00", "HELLO -1 00112233445566778899aabbccddeeff", "hello 1 x"]
        {
            let mut mallory = stage.stranger();
            mallory.send(hello);
            let told = mallory.read().expect("it is answered");
            assert_refused(&[told], 1);
        }
    });
}

/// Guesses sessions, to go on as somebody else: whatever it guesses, it is somebody new.
#[test]
fn guessed_sessions() {
    survives(|stage| {
        for guess in 0..100u128 {
            let session = chat_shared::SessionId::from_bytes(guess.to_be_bytes());
            let mallory = Full::hello(stage.server.address(), session);
            assert!(mallory.name.starts_with("guest-"), "{}", mallory.name);
            mallory.drop_out();
        }
    });
}

/// A hundred connections go on as the same session: the last one has it, and the others are told.
#[test]
fn one_session_a_hundred_times() {
    survives(|stage| {
        let session = draw_session();
        let address = stage.server.address();
        let mut all: Vec<_> = (0..100).map(|_| Full::hello(address, session)).collect();
        let mut last = all.pop().expect("there are some");
        last.say("still here");
        for mut one in all {
            let told = one.client().read_to_end();
            assert!(told.iter().any(|line| line.starts_with("BYE ")), "{told:?}");
        }
        last.send("QUIT");
        last
    });
}

/// Numbers its messages as no counter can: at the end of all numbers, beyond, below, and not at all.
#[test]
fn numbers_that_overflow() {
    survives(|stage| {
        let mut mallory = stage.insider("mallory");
        for number in [
            "18446744073709551615",
            "18446744073709551616",
            "99999999999999999999999",
            "-1",
            "0x1",
            "1e9",
            "٣",
            "",
            "+1",
            "01",
        ] {
            mallory.send(&format!("POST {number} x"));
        }
        let told = mallory.heard();
        assert_refused(&told, 10);
        mallory.say("and now a good one");
        assert_eq!(stage.talk()[0], ["MESSAGE mallory and now a good one"]);
    });
}

/// Leaves numbers out, goes back, and begins with 0.
#[test]
fn numbers_out_of_turn() {
    survives(|stage| {
        let mut mallory = stage.insider("mallory");
        mallory.say("one");
        for number in [0, 3, 4, 1000, u64::MAX - 1] {
            mallory.send(&format!("POST {number} x"));
            assert!(mallory.answer_to_post(number).starts_with("ERROR txn-order "), "{number}");
        }
        assert_eq!(stage.talk()[0], ["MESSAGE mallory one"]);
    });
}

/// Sends one message ten thousand times: it is said once.
#[test]
fn a_storm_of_resends() {
    survives(|stage| {
        let mut mallory = stage.insider("mallory");
        mallory.say("once");
        for _ in 0..20 {
            mallory.client().send_bytes("POST 1 once\n".repeat(500).as_bytes());
            for _ in 0..500 {
                mallory.acknowledged(1);
            }
        }
        assert_eq!(stage.talk()[0], ["MESSAGE mallory once"]);
    });
}

/// Sends the same number with other words: the first ones stand.
#[test]
fn other_words_under_the_same_number() {
    survives(|stage| {
        let mut mallory = stage.insider("mallory");
        let id = mallory.say("first");
        mallory.send("POST 1 second");
        assert_eq!(mallory.acknowledged(1).0, id);
        assert_eq!(mallory.ask("LAST 5").texts().last(), Some(&"first"));
        assert_eq!(stage.talk()[0], ["MESSAGE mallory first"]);
    });
}

/// Says good-bye and goes on talking, in the same packet, and breaks off at once.
#[test]
fn words_behind_a_good_bye() {
    survives(|stage| {
        for number in 0..200 {
            // A reset may come before its good-bye is read; then its name is kept for a while.
            let mut mallory = stage.insider(&format!("mallory{number}"));
            mallory.client().send_bytes(b"QUIT\nPOST 1 too late\nSEND too late\nNAME eve\n");
            mallory.drop_out();
        }
        assert_eq!(stage.talk()[0], [] as [&str; 0]);
    });
}

/// Asks for history that there cannot be.
#[test]
fn impossible_questions() {
    survives(|stage| {
        let mut mallory = stage.insider("mallory");
        let room = mallory.room;
        for question in [
            "LAST 501",
            "LAST -1",
            "LAST 99999999999999999999",
            "LAST",
            "BEFORE 1",
            "BEFORE x 5",
            "BEFORE 5 501",
            "AFTER x 1",
            "SEARCH 5",
            "SEARCH 5 ",
            "SEARCH 501 x",
            "AFTER",
        ] {
            mallory.send(question);
        }
        assert_refused(&mallory.heard(), 12);
        for question in ["BEFORE 0 500", &format!("BEFORE {} 0", u64::MAX), "LAST 0"] {
            assert_eq!(mallory.ask(question).past, [], "{question}");
        }
        let answer = mallory.ask(&format!("AFTER {room} {}", u64::MAX));
        assert!(answer.gap.is_some(), "{answer:?}");
        let other = mallory.ask(&format!("AFTER {:032x} 0", 0));
        assert!(other.gap.is_some_and(|(now, _)| now == room), "{other:?}");
    });
}

/// Asks for numbers of answers that have no end, ten thousand at once: it is told to wait, and nobody else does.
#[test]
fn questions_without_waiting() {
    survives(|stage| {
        let mut mallory = stage.insider("mallory");
        mallory.client().send_bytes("LAST 500\n".repeat(5000).as_bytes());
        let told = mallory.heard();
        assert!(told.iter().any(|line| line.starts_with("ERROR busy ")), "{:?}", told.first());
    });
}
