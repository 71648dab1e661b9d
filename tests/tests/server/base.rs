//! The base language: who hears what, in which order, under which name.

use chat_shared::limits::{MAX_LINE, MAX_TEXT};
use chat_tests::{Client, Server, until};

/// Asserts that `line` is answered to its sender alone by a notice that begins so, and that the
/// connection goes on.
#[track_caller]
fn check_refused(line: &[u8], notice: &str) {
    let server = Server::start([]);
    let (mut ann, mut bob) = (server.member("ann"), server.member("bob"));
    ann.send_bytes(line);
    ann.send_bytes(b"\nSEND after\n");
    let heard = ann.fence();
    assert_eq!(heard.len(), 1, "{heard:?}");
    assert!(heard[0].starts_with(&format!("MESSAGE * {notice}")), "{heard:?}");
    assert_eq!(bob.fence(), ["MESSAGE ann after"]);
}

/// Asserts that the bytes, sent by ann, are heard by bob as these texts.
#[track_caller]
fn check_heard(bytes: &[u8], texts: &[&str]) {
    let server = Server::start([]);
    let (mut ann, mut bob) = (server.member("ann"), server.member("bob"));
    ann.send_bytes(bytes);
    assert_eq!(ann.fence(), [] as [&str; 0]);
    let expected: Vec<_> = texts.iter().map(|text| format!("MESSAGE ann {text}")).collect();
    assert_eq!(bob.fence(), expected);
}

#[test]
fn a_message_goes_to_every_other_member_and_not_to_its_sender() {
    let server = Server::start([]);
    let (mut ann, mut bob, mut cleo) = (server.member("ann"), server.member("bob"), server.member("cleo"));
    ann.send("SEND hello");
    assert_eq!(ann.fence(), [] as [&str; 0]);
    bob.expect("MESSAGE ann hello");
    cleo.expect("MESSAGE ann hello");
    bob.send("SEND hello yourself");
    bob.fence();
    assert_eq!(ann.fence(), ["MESSAGE bob hello yourself"]);
    assert_eq!(cleo.fence(), ["MESSAGE bob hello yourself"]);
}

#[test]
fn with_echo_it_goes_to_its_sender_too() {
    let server = Server::start(["--echo"]);
    let (mut ann, mut bob) = (server.member("ann"), server.member("bob"));
    ann.send("SEND hello");
    ann.expect("MESSAGE ann hello");
    bob.expect("MESSAGE ann hello");
}

#[test]
fn everybody_hears_the_same_order() {
    const EACH: usize = 200;
    let server = Server::start([]);
    let mut members: Vec<_> = (0..10).map(|n| server.member(&format!("m{n}"))).collect();
    let mut witness = server.member("witness");
    for n in 0..EACH {
        for member in &mut members {
            member.send(&format!("SEND {n}"));
        }
    }
    let heard: Vec<_> = members.iter_mut().map(Client::fence).collect();
    // Each member's fence has its own messages behind it; the witness's has everybody's.
    let order = witness.fence();
    assert_eq!(order.len(), EACH * members.len());
    for (n, (member, mut heard)) in members.iter_mut().zip(heard).enumerate() {
        heard.extend(member.fence());
        let own = format!("MESSAGE m{n} ");
        let (mine, others): (Vec<_>, Vec<_>) = order.iter().cloned().partition(|line| line.starts_with(&own));
        assert_eq!(heard, others, "what m{n} heard");
        assert_eq!(mine, (0..EACH).map(|n| format!("{own}{n}")).collect::<Vec<_>>());
    }
}

#[test]
fn who_has_no_name_is_a_guest() {
    let server = Server::start([]);
    let mut witness = server.member("witness");
    let (mut one, mut two) = (server.guest(), server.guest());
    one.send("SEND one");
    one.fence();
    two.send("SEND two");
    two.fence();
    let (one, two) = (witness.expect_start("MESSAGE guest-"), witness.expect_start("MESSAGE guest-"));
    let (one, two) = (one.split_once(' ').unwrap(), two.split_once(' ').unwrap());
    assert_eq!((one.1, two.1), ("one", "two"));
    let numbers: [u64; 2] = [one.0, two.0].map(|number| number.parse().unwrap());
    assert_ne!(numbers[0], numbers[1]);
}

#[test]
fn a_name_holds_from_its_line_on() {
    let server = Server::start([]);
    let (mut ann, mut bob) = (server.member("ann"), server.member("bob"));
    ann.send("SEND before\nNAME anna\nSEND after\n  NAME   Annie  \nSEND at last");
    ann.fence();
    assert_eq!(bob.fence(), ["MESSAGE ann before", "MESSAGE anna after", "MESSAGE Annie at last"]);
}

#[test]
fn a_taken_name_and_its_look_alikes_are_refused_until_it_is_free() {
    let server = Server::start([]);
    let (ann, mut bob, mut witness) = (server.member("ann"), server.member("bob"), server.member("witness"));
    for wanted in ["ann", "Ann", "ANN", "аnn", "ａｎｎ"] {
        bob.send(&format!("NAME {wanted}"));
        let heard = bob.fence();
        let [refusal] = &heard[..] else { panic!("{wanted}: {heard:?}") };
        assert!(refusal.starts_with("MESSAGE * name refused: somebody here has this name"), "{refusal}");
        assert!(refusal.ends_with(". Your name is still bob"), "{refusal}");
    }
    bob.send("SEND still me");
    bob.fence();
    assert_eq!(witness.fence(), ["MESSAGE bob still me"]);
    drop(ann);
    // The server learns of the closed connection when it does; from then on the name is free.
    let free = until(|| {
        bob.send("NAME Ann");
        bob.fence().is_empty().then_some(())
    });
    assert!(free.is_some(), "the name is still taken");
    bob.send("SEND now ann");
    bob.fence();
    assert_eq!(witness.fence(), ["MESSAGE Ann now ann"]);
}

#[test]
fn names_that_are_none_are_refused_in_words() {
    for (name, why) in [
        ("", "a name needs at least one character"),
        ("two words", "a name may not hold white space"),
        ("two\u{A0}words", "a name may not hold white space"),
        (&"x".repeat(33), "a name may have at most 32 characters"),
        (&"王".repeat(22), "a name may have at most 32 characters"),
        ("a\u{202E}b", "a name may not hold the invisible character U+202E"),
        ("a\u{200B}b", "a name may not hold the invisible character U+200B"),
    ] {
        check_refused(format!("NAME {name}").as_bytes(), &format!("name refused: {why}"));
    }
}

#[test]
fn the_servers_own_names_and_their_look_alikes_are_refused() {
    let server = Server::start([]);
    let mut ann = server.member("ann");
    for name in ["*", "server", "System", "sеrver", "guest-1", "GUEST-x", "guest-"] {
        ann.send(&format!("NAME {name}"));
        ann.expect("MESSAGE * name refused: this name is kept for the server. Your name is still ann");
    }
}

#[test]
fn names_of_every_language_are_taken() {
    let server = Server::start([]);
    let mut witness = server.member("witness");
    for name in [&"x".repeat(32), &"王".repeat(21), "Дмитрий", "محمد", "jean-luc", "🦀"] {
        let mut member = server.member(name);
        member.send("SEND here");
        member.fence();
        witness.expect(&format!("MESSAGE {name} here"));
    }
}

#[test]
fn a_line_may_end_in_cr_lf_begin_with_spaces_and_be_empty() {
    check_heard(b"SEND a\r\n\n\r\n   \n  SEND b\nSEND  c \n", &["a", "b", " c "]);
}

#[test]
fn a_line_may_come_in_any_pieces() {
    let server = Server::start([]);
    let (mut ann, mut bob) = (server.member("ann"), server.member("bob"));
    for byte in "SEND häppchenweise\r\n".bytes() {
        ann.send_bytes(&[byte]);
    }
    bob.expect("MESSAGE ann häppchenweise");
}

#[test]
fn a_text_has_1_to_4096_bytes() {
    let longest = "x".repeat(MAX_TEXT);
    check_heard(format!("SEND {longest}\n").as_bytes(), &[&longest]);
    check_refused(format!("SEND {longest}x").as_bytes(), "message refused: a message may have at most 4096");
    check_refused(b"SEND", "message refused: a message needs a text");
    check_refused(b"SEND ", "message refused: a message needs a text");
}

#[test]
fn a_line_that_is_too_long_is_refused_whole() {
    for length in [MAX_LINE + 1, MAX_LINE + 2, 2 * MAX_LINE, 100_000] {
        let line = format!("SEND {}", "x".repeat(length - 5));
        check_refused(line.as_bytes(), "line refused: a line may have at most 8192 bytes");
    }
    // One byte less is a line, if one with too long a text.
    let line = format!("SEND {}", "x".repeat(MAX_LINE - 5));
    check_refused(line.as_bytes(), "message refused: a message may have at most 4096");
}

#[test]
fn a_line_that_is_no_text_is_refused_whole() {
    check_refused(b"SEND a\xffb", "line refused: a line must be UTF-8 text");
    check_refused(b"SEND a\tb", "line refused: a line may not hold tabs or other control characters");
    check_refused(b"SEND a\rb", "line refused: a line may not hold tabs or other control characters");
    check_refused(b"SEND a\0b", "line refused: a line may not hold tabs or other control characters");
    check_refused("SEND a\u{9b}b".as_bytes(), "line refused: a line may not hold tabs or other control");
}

#[test]
fn what_could_deceive_a_reader_is_refused() {
    for c in ['\u{202A}', '\u{202E}', '\u{2066}', '\u{2069}', '\u{200B}', '\u{2028}', '\u{FEFF}'] {
        let why =
            format!("message refused: a message may not hold the invisible character U+{:04X}", c as u32);
        check_refused(format!("SEND a{c}b").as_bytes(), &why);
    }
}

#[test]
fn every_language_and_emoji_pass() {
    let text = "grüße שלום مرحبا 你好 क्\u{200D}ष نمی\u{200C}خواهم 👩\u{200D}👧 ❤\u{FE0F}";
    check_heard(format!("SEND {text}\n").as_bytes(), &[text]);
}

#[test]
fn a_line_that_is_no_command_is_refused() {
    for line in ["hello", "send x", "SENDx", "MESSAGE ann forged", "HELLO 1 0123456789abcdef", "QUIT"] {
        check_refused(line.as_bytes(), "line refused: a line must begin with NAME or SEND");
    }
}

#[test]
fn who_comes_later_hears_nothing_of_before() {
    let server = Server::start([]);
    let mut ann = server.member("ann");
    ann.send("SEND before");
    ann.fence();
    let mut bob = server.member("bob");
    ann.send("SEND after");
    ann.fence();
    assert_eq!(bob.fence(), ["MESSAGE ann after"]);
}

#[test]
fn who_closes_its_end_still_gets_its_answers() {
    let server = Server::start([]);
    let mut bob = server.member("bob");
    let mut ann = Client::connect(server.address());
    ann.send("NAME ann\nSEND good-bye\nNAME *");
    ann.finish();
    let heard = ann.read_to_end();
    assert_eq!(heard.len(), 1, "{heard:?}");
    assert!(heard[0].ends_with("Your name is still ann"), "{heard:?}");
    bob.expect("MESSAGE ann good-bye");
}
