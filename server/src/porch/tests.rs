//! Who may pass, and how long it may take.

use std::io::{Read, Write};

use futures_lite::future::block_on;
use smol::{LocalExecutor, Task};

use super::*;
use crate::wire::pair;
use crate::{Certificates, Keep, Storage, Store};

/// Short enough for a test, and long enough to be told apart.
const SHORT: Duration = Duration::from_millis(50);
const LONG: Duration = Duration::from_secs(60);

fn limits() -> Limits {
    Limits {
        silence: LONG,
        silence_required: LONG,
        handshake: LONG,
        handshake_pressed: LONG,
        password: LONG,
        language: SHORT,
        wrong: Duration::from_millis(1),
    }
}

fn certificates() -> Certificates {
    Certificates::of(&Store::open(Storage::Memory, Keep::default()).unwrap()).unwrap()
}

fn guarded(limits: Limits) -> Porch {
    Porch::new(&Tls::Off, Some(Password::new("sesame").unwrap()), limits)
}

/// Says `bytes` to the porch, and gives what comes of it.
fn greet(porch: &Porch, bytes: &[u8]) -> Result<Wire, Turned> {
    let (ours, mut theirs) = pair();
    theirs.write_all(bytes).unwrap();
    let greeted = block_on(porch.greet(ours));
    drop(theirs);
    greeted
}

#[test]
fn the_first_byte_tells() {
    let open = |tls| Porch::new(&tls, None, Limits { silence: SHORT, silence_required: SHORT, ..limits() });
    let (off, offer, require) =
        (open(Tls::Off), open(Tls::Offer(certificates())), open(Tls::Require(certificates())));
    for porch in [&off, &offer] {
        assert!(matches!(greet(porch, b"S"), Ok(Wire::Plain(_))));
        assert!(matches!(greet(porch, b""), Ok(Wire::Plain(_))), "silence is plain text");
    }
    assert!(matches!(greet(&off, b"\x16"), Err(Turned::Away(_, Farewell { notice: Notice::TlsOff, .. }))));
    for plain in [&b"S"[..], b"", b"\x15"] {
        assert!(matches!(
            greet(&require, plain),
            Err(Turned::Away(_, Farewell { notice: Notice::TlsRequired, .. }))
        ));
    }
    for porch in [&offer, &require] {
        assert!(matches!(greet(porch, b"\x16 and no handshake"), Err(Turned::Gone(_))));
    }
}

#[test]
fn a_handshake_has_its_time_and_less_when_others_wait() {
    for (handshake, handshake_pressed, others) in [(SHORT, SHORT / 2, 0), (LONG, SHORT, 1)] {
        let limits = Limits { handshake, handshake_pressed, ..limits() };
        let porch = Porch::new(&Tls::Offer(certificates()), None, limits);
        porch.waiting.set(others);
        let (ours, mut theirs) = pair();
        theirs.write_all(&[HANDSHAKE, 3, 1]).unwrap();
        let greeted = block_on(porch.greet(ours));
        assert!(matches!(greeted, Err(Turned::Gone(error)) if error.kind() == io::ErrorKind::TimedOut));
    }
}

#[test]
fn no_more_hands_are_shaken_at_a_time_than_there_are_places() {
    let limits = Limits { handshake_pressed: SHORT, ..limits() };
    let porch = Porch::new(&Tls::Offer(certificates()), None, limits);
    let executor = LocalExecutor::new();
    let pairs: Vec<_> = (0..MOST_HANDSHAKES + 1).map(|_| pair()).collect();
    let (ours, mut theirs): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
    theirs.iter_mut().for_each(|theirs| theirs.write_all(&[HANDSHAKE]).unwrap());
    block_on(executor.run(async {
        let tasks: Vec<_> = ours.into_iter().map(|ours| executor.spawn(porch.greet(ours))).collect();
        // Nobody has to go as long as nobody waits.
        while !tasks.iter().any(Task::is_finished) {
            assert!(porch.waiting.get() <= 1, "no more than one too many");
            Timer::after(Duration::from_millis(1)).await;
        }
        while porch.waiting.get() > 0 {
            Timer::after(Duration::from_millis(1)).await;
        }
        assert_eq!(tasks.iter().filter(|task| task.is_finished()).count(), 1, "one has made room");
    }));
}

fn question(porch: &Porch, said: &[u8]) -> (Result<Vec<u8>, Option<Notice>>, String) {
    let (ours, mut theirs) = pair();
    theirs.write_all(said).unwrap();
    let wire = Wire::Plain(ours);
    let passed = block_on(porch.question(&wire, IpAddr::from([127, 0, 0, 1])));
    let passed = passed.map_err(|farewell| farewell.map(|farewell| farewell.notice));
    drop(wire);
    let mut heard = String::new();
    let _ = theirs.read_to_string(&mut heard);
    (passed, heard)
}

#[test]
fn what_comes_after_the_password_is_for_the_room_and_so_is_hello() {
    const HELLO: &str = "HELLO 1 00112233445566778899aabbccddeeff\n";
    let porch = guarded(limits());
    let (passed, heard) = question(&porch, b"AUTH sesame\nNAME ann\nSE");
    assert_eq!((passed, heard.as_str()), (Ok(b"NAME ann\nSE".to_vec()), "MESSAGE * you are in\n"));
    let (passed, _) = question(&porch, format!("AUTH\nAUTH \t\n{HELLO}AUTH sesame\n").as_bytes());
    assert_eq!(passed, Ok(HELLO.as_bytes().to_vec()), "what can be no password is not yet the first line");
    let (passed, heard) = question(&porch, format!("\r\n  {HELLO} AUTH  sesame\r\nLAST 0\n").as_bytes());
    assert_eq!(passed, Ok(format!("{HELLO}LAST 0\n").into_bytes()));
    assert!(heard.starts_with("ERROR auth-required - ") && heard.lines().count() == 1, "{heard}");
    // Too late for HELLO: it is refused like everything else.
    let (passed, _) = question(&porch, format!("NAME ann\n{HELLO}AUTH sesame\n").as_bytes());
    assert_eq!(passed, Ok(Vec::new()));
    let none = Porch::new(&Tls::Off, None, limits());
    assert_eq!(question(&none, b"AUTH sesame\n").0, Ok(Vec::new()), "nobody is asked");
}

#[test]
fn who_is_silent_is_asked_and_then_let_go() {
    let porch = guarded(Limits { silence: SHORT, password: 2 * SHORT, ..limits() });
    let (passed, heard) = question(&porch, b"");
    assert_eq!(passed, Err(Some(Notice::AuthGivenUp)));
    assert_eq!(heard, format!("{}\n", Notice::AuthRequired.to_line()));
    let (passed, heard) = question(&porch, b"AUTH sesam");
    assert_eq!((passed, heard.lines().count()), (Err(Some(Notice::AuthGivenUp)), 1), "not a whole line");
}

#[test]
fn five_wrong_ones_end_it() {
    let porch = guarded(limits());
    let start = Instant::now();
    let (passed, heard) = question(&porch, b"AUTH 1\nAUTH 2\nAUTH 3\nAUTH 4\nAUTH 5\nAUTH sesame\n");
    assert_eq!(passed, Err(Some(Notice::AuthGivenUp)));
    assert_eq!(heard, format!("{}\n", Notice::AuthFailed.to_line()).repeat(4));
    assert!(start.elapsed() >= Duration::from_millis(1 + 2 + 4 + 8 + 16));
    let (passed, _) = question(&porch, b"AUTH 6\nAUTH sesame\n");
    assert_eq!(passed, Ok(Vec::new()), "another connection may go on");
    assert!(start.elapsed() >= Duration::from_millis(31 + 32), "for the same price");
}

#[test]
fn who_is_turned_away_says_in_which_language() {
    let porch = Porch::new(&Tls::Off, None, limits());
    let blanks = [b" ".repeat(70), b"HELLO 1 x\n".to_vec()].concat();
    for (said, opted_in) in [
        (&b"HELLO 1 00112233445566778899aabbccddeeff\n NAME ann\n"[..], true),
        (b"\r\n  HELLO ", true),
        (b"HELLO", false),
        (b"HELL", false),
        (b"HELLOWEEN\n", false),
        (b"NAME ann\nHELLO 1 x\n", false),
        (b"\x16\x03\x01HELLO ", false),
        (&blanks, false),
        (b"", false),
    ] {
        let (ours, mut theirs) = pair();
        theirs.write_all(said).unwrap();
        assert_eq!(block_on(porch.opts_in(&Wire::Plain(ours))), opted_in, "{said:?}");
    }
}

#[test]
fn only_who_has_begun_in_plain_text_speaks_it() {
    for (said, plain) in [(&b"NAME ann\n"[..], true), (b"\x16\x03\x01", false), (b"", false)] {
        let (ours, mut theirs) = pair();
        theirs.write_all(said).unwrap();
        if !said.is_empty() {
            block_on(ours.readable()).unwrap();
        }
        assert_eq!(speaks_plain_text(ours.get_ref()), plain, "{said:?}");
    }
}

#[test]
fn who_has_opted_in_is_let_go_in_the_full_language() {
    let porch = guarded(Limits { silence: SHORT, password: SHORT, ..limits() });
    for (said, opted_in) in [("HELLO 1 00112233445566778899aabbccddeeff\n", true), ("NAME ann\n", false)] {
        let (ours, mut theirs) = pair();
        theirs.write_all(said.as_bytes()).unwrap();
        let passed = block_on(porch.question(&Wire::Plain(ours), IpAddr::from([127, 0, 0, 1])));
        let farewell = Farewell { notice: Notice::AuthGivenUp, opted_in: Some(opted_in) };
        assert_eq!(passed, Err(Some(farewell)));
    }
}
