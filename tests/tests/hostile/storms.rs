//! Who asks for much, again and again.

use chat_tests::full::Full;

use crate::stage::{Stage, assert_refused, survives, survives_with};

/// Fills the log, and gives the one who did.
fn historian(stage: &Stage, messages: usize) -> Full {
    let mut member = stage.insider("historian");
    member.say_all((0..messages).map(|number| format!("message {number} {}", "x".repeat(100))));
    member
}

/// Asks for all of the history, a thousand times.
#[test]
fn a_storm_of_histories() {
    survives(|stage| {
        let mut mallory = historian(stage, 500);
        stage.talk();
        for _ in 0..200 {
            assert_eq!(mallory.ask("LAST 200").past.len(), 200);
        }
        mallory
    });
}

/// Asks for all of the history and does not read it, a hundred times over.
#[test]
fn histories_that_nobody_reads() {
    survives(|stage| {
        let mut asker = historian(stage, 500);
        stage.talk();
        let all = (0..100).map(|number| {
            let mut mallory = Full::hello(stage.server.address(), chat_tests::full::draw_session());
            let room = mallory.room;
            mallory.client().send_bytes(format!("AFTER {room} {number}\n").repeat(4).as_bytes());
            mallory
        });
        let all: Vec<_> = all.collect();
        assert_eq!(asker.ask("LAST 10").past.len(), 10);
        all
    });
}

/// Searches for what a search engine would take for commands.
#[test]
fn searches_in_another_language() {
    let folder = tempfile::tempdir().expect("a folder can be had");
    let folder = folder.path().to_str().expect("it has a plain name");
    survives_with(["--data", folder], |stage| {
        let mut mallory = stage.insider("mallory");
        mallory.say("a needle AND a haystack");
        stage.talk();
        for words in [
            "\"",
            "\"\"",
            "needle\"",
            "needle*",
            "*",
            "nee* AND",
            "NEAR(needle, 5)",
            "text:needle",
            "-needle",
            "^needle",
            "needle OR 1=1",
            "'; DROP TABLE message; --",
            "{needle}",
            "needle + haystack",
            "NOT",
            "AND",
            "(((((",
            "\\",
            "%",
            "_",
            "needle)",
            "rank:x",
            "MATCH 'x'",
            "?1",
            ":name",
            "@x",
            "$y",
        ] {
            mallory.ask(&format!("SEARCH 10 {words}"));
        }
        assert_eq!(mallory.ask("SEARCH 10 needle haystack").past.len(), 1);
    });
}

/// Searches for as many words as fit, for one very long one, and for single letters, again and again.
#[test]
fn a_storm_of_searches() {
    survives(|stage| {
        let mut mallory = historian(stage, 1000);
        stage.talk();
        let (many, long) = ("m ".repeat(127) + "m", "m".repeat(256));
        for _ in 0..10 {
            for words in [&many, &long, "m", "e x 1"] {
                mallory.ask(&format!("SEARCH 500 {words}"));
            }
        }
        mallory.send(&format!("SEARCH 5 {}", "m".repeat(257)));
        assert_refused(&mallory.heard(), 1);
    });
}

/// Pings a hundred thousand times, and reads the answers.
#[test]
fn a_flood_of_pings() {
    survives(|stage| {
        let mut mallory = stage.insider("mallory");
        let pings = "PING token\n".repeat(2000);
        for _ in 0..25 {
            mallory.client().send_bytes(pings.as_bytes());
            assert_eq!(mallory.heard(), vec!["PONG token"; 2000]);
        }
        mallory
    });
}

/// Pings, and reads no answer: it is let go.
#[test]
fn pings_whose_answers_nobody_reads() {
    survives_with(["--queue", "65536"], |stage| {
        let mut mallory = stage.insider("mallory");
        let pings = format!("PING {}\n", "t".repeat(64)).repeat(1000);
        let sent = (0..1000).take_while(|_| mallory.client().try_send_bytes(pings.as_bytes())).count();
        assert!(sent < 1000, "it is still here");
        mallory
    });
}

/// Sends tokens that are none.
#[test]
fn pings_that_are_none() {
    survives(|stage| {
        let mut mallory = stage.insider("mallory");
        for token in ["", "a b", "ä", &"t".repeat(65), " "] {
            mallory.send(&format!("PING {token}"));
        }
        assert_refused(&mallory.heard(), 5);
    });
}

/// Sends a hundred thousand lines that are none: each is refused, and none of it stays.
#[test]
fn a_flood_of_nonsense() {
    survives(|stage| {
        let mut mallory = stage.stranger();
        for _ in 0..20 {
            mallory.send_bytes("BOGUS\n".repeat(2500).as_bytes());
            assert_refused(&mallory.fence(), 2500);
        }
        mallory
    });
}

/// Floods at the pace that is allowed by default: it is told once, and read more slowly; the others are not.
#[test]
fn a_flood_beyond_the_pace() {
    survives_with(["--rate", "50"], |stage| {
        let mut mallory = stage.insider("mallory");
        mallory.client().send_bytes("SEND flood\n".repeat(400).as_bytes());
        let mut flood = 0;
        while flood < 400 {
            let [ann, _] = stage.talk();
            flood += ann.iter().filter(|line| *line == "MESSAGE mallory flood").count();
            assert!(ann.iter().all(|line| line == "MESSAGE mallory flood"), "{ann:?}");
        }
        let told = mallory.heard();
        assert_eq!(told.iter().filter(|line| line.starts_with("ERROR rate-limited ")).count(), 1, "{told:?}");
    });
}

/// Twenty say as much as they can, at once.
#[test]
fn twenty_who_flood() {
    survives_with(["--queue", "50000000", "--keep", "100"], |stage| {
        let all: Vec<_> = (0..20).map(|_| stage.stranger()).collect();
        let flood = format!("SEND {}\n", "f".repeat(1000)).repeat(10);
        std::thread::scope(|scope| {
            for one in &all {
                let (mut reader, flood) = (one.socket(), &flood);
                scope.spawn(move || {
                    use std::io::{Read as _, Write as _};
                    let mut buffer = vec![0; 1 << 16];
                    for _ in 0..10 {
                        (&mut reader).write_all(flood.as_bytes()).expect("it is read");
                        // Less than comes, and never nothing: it is slow, as others are.
                        let _ = reader.read(&mut buffer).expect("others are heard");
                    }
                });
            }
        });
        stage.talk();
        all
    });
}
