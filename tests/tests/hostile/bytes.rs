//! Who sends what is no text, or no line.

use std::io::Write as _;
use std::thread;

use chat_shared::limits::MAX_LINE;
use chat_tests::Client;

use crate::stage::{Stage, assert_refused, survives};

/// Sends bytes and an honest line behind them, from a stranger. Gives what that one was told, and asserts that
/// ann heard nothing but the honest line.
#[track_caller]
fn send(stage: &Stage, bytes: &[u8]) -> Vec<String> {
    let mut mallory = stage.stranger();
    mallory.send_bytes(bytes);
    mallory.send_bytes(b"\nSEND honest\n");
    let told = mallory.fence();
    let [ann, _] = stage.talk();
    assert!(
        ann.iter().all(|line| line.starts_with("MESSAGE guest-") && line.ends_with(" honest")),
        "{ann:?}"
    );
    assert_eq!(ann.len(), 1, "{ann:?}");
    told
}

/// Splits its lines at each of their bytes, letters and line ends included.
#[test]
fn every_split_of_a_line() {
    let script = |number| format!("NAME Zoë{number:02}\r\nSEND hä 👩\u{200D}👧 llo\r\n");
    survives(|stage| {
        let split = |cut| {
            let (mut mallory, script) = (stage.stranger(), script(cut));
            mallory.send_bytes(&script.as_bytes()[..cut]);
            mallory.send_bytes(&script.as_bytes()[cut..]);
            assert_eq!(mallory.fence(), [] as [&str; 0], "split at {cut}");
            let [ann, _] = stage.talk();
            assert_eq!(ann, [format!("MESSAGE Zoë{cut:02} hä 👩\u{200D}👧 llo")], "split at {cut}");
            mallory
        };
        (0..=script(0).len()).map(split).collect::<Vec<_>>()
    });
}

/// A hundred of them send one byte each, in turn.
#[test]
fn a_hundred_who_send_byte_by_byte() {
    survives(|stage| {
        let mut all: Vec<_> = (0..100).map(|_| stage.stranger()).collect();
        for byte in b"SEND slowly\n" {
            all.iter_mut().for_each(|one| one.send_bytes(&[*byte]));
        }
        all.iter_mut().for_each(|one| drop(one.fence()));
        let [ann, _] = stage.talk();
        assert_eq!(ann.iter().filter(|line| line.ends_with(" slowly")).count(), 100);
        all
    });
}

/// Sends a gibibyte without a line end.
#[test]
fn a_gibibyte_without_a_line_end() {
    survives(|stage| {
        let before = stage.server.peak_memory();
        let mut mallory = stage.stranger();
        let piece = vec![b'x'; 1 << 20];
        (0..1024).for_each(|_| mallory.send_bytes(&piece));
        mallory.send_bytes(b"\nSEND the end\n");
        assert_refused(&mallory.fence(), 1);
        let grown = stage.server.peak_memory() - before;
        assert!(grown < 2 << 20, "{grown} bytes more for a gibibyte");
        let [ann, _] = stage.talk();
        assert_eq!(ann.len(), 1, "{ann:?}");
    });
}

/// Sends lines of every length around the longest, with either end.
#[test]
fn lines_of_every_length_around_the_longest() {
    survives(|stage| {
        for length in MAX_LINE - 3..MAX_LINE + 4 {
            for end in ["", "\r"] {
                let line = format!("{}{end}", "x".repeat(length));
                assert_refused(&send(stage, line.as_bytes()), 1);
            }
        }
    });
}

/// Sends ten million empty lines.
#[test]
fn ten_million_empty_lines() {
    survives(|stage| assert_refused(&send(stage, &[b'\n'; 10_000_000]), 0));
}

/// Sends lines of nothing but spaces, some of them longer than a line may be.
#[test]
fn lines_of_spaces() {
    survives(|stage| {
        let line = format!("{}\n", " ".repeat(MAX_LINE));
        assert_refused(&send(stage, line.repeat(100).as_bytes()), 0);
        let line = format!("{}\n", " ".repeat(2 * MAX_LINE));
        assert_refused(&send(stage, line.repeat(100).as_bytes()), 100);
    });
}

/// Ends its lines with CR alone, as old systems did: it is one line, with control characters in it.
#[test]
fn lines_that_end_in_cr_only() {
    survives(|stage| {
        assert_refused(&send(stage, b"NAME eve\rSEND one\rSEND two\r"), 1);
        assert_refused(&send(stage, "SEND x\r".repeat(100_000).as_bytes()), 1);
    });
}

/// Hides NUL bytes in lines, where C programs stop reading.
#[test]
fn nul_bytes() {
    survives(|stage| {
        for line in [&b"SEND a\0b"[..], b"NAME a\0b", b"\0", b"SE\0ND x", b"HELLO 1 \0"] {
            assert_refused(&send(stage, line), 1);
        }
    });
}

/// Sends overlong forms, surrogates, and numbers beyond Unicode: what a careless decoder takes for text.
#[test]
fn overlong_utf8_and_surrogates() {
    survives(|stage| {
        let broken: [&[u8]; 8] = [
            b"SEND \xc0\xaf",
            b"SEND \xe0\x80\xaf",
            b"SEND \xf0\x80\x80\xaf",
            b"SEND \xc0\x8aMESSAGE x",
            b"SEND \xed\xa0\x80",
            b"SEND \xed\xa0\xbd\xed\xb8\x80",
            b"SEND \xf4\x90\x80\x80",
            b"SEND \xfe\xff",
        ];
        for line in broken {
            assert_refused(&send(stage, line), 1);
        }
    });
}

/// Breaks letters off at the line's end, and goes on with them on the next line.
#[test]
fn letters_cut_by_a_line_end() {
    survives(|stage| {
        for (line, refused) in [(&b"SEND \xf0\x9f\n\x98\x80"[..], 2), (b"SEND \xe2\x80", 1), (b"\x80\x80", 1)]
        {
            assert_refused(&send(stage, line), refused);
        }
    });
}

/// Sends what makes terminals change their title, clear the screen or answer by themselves.
#[test]
fn terminal_escapes() {
    survives(|stage| {
        for escape in ["\x1b[2J", "\x1b]0;owned\x07", "\x1b[6n", "\u{9b}31m", "\x08\x08\x08", "\x7f", "\t"] {
            assert_refused(&send(stage, format!("SEND a{escape}b").as_bytes()), 1);
            assert_refused(&send(stage, format!("NAME a{escape}b").as_bytes()), 1);
        }
    });
}

/// Speaks UTF-16, with a mark that says so.
#[test]
fn utf_16() {
    survives(|stage| {
        let text: Vec<u8> = "\u{feff}SEND hi\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let told = send(stage, &text);
        assert!(!told.is_empty());
        assert_refused(&told, told.len());
    });
}

/// Fifty send noise at the same time.
#[test]
fn noise() {
    survives(|stage| {
        let address = stage.server.address();
        let all = (0..50).map(|seed| {
            thread::spawn(move || {
                let mut random = fastrand::Rng::with_seed(seed);
                let noise: Vec<u8> = (0..40_000).map(|_| random.u8(..)).collect();
                let mallory = Client::connect(address);
                // It may be let go for what looks like something else.
                let _ = mallory.socket().write_all(&noise);
                mallory
            })
        });
        let all: Vec<_> = all.collect();
        all.into_iter().map(|one| one.join().expect("it has connected")).collect::<Vec<_>>()
    });
}
