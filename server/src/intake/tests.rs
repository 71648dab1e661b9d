//! What members say becomes requests, and no more of it than is allowed.

use super::*;
use chat_shared::limits::MAX_LINE;

fn digest(bytes: &str) -> Digest {
    Intake::default().digest(bytes.as_bytes(), Allowed::ALL, usize::MAX)
}

#[test]
fn neighbouring_messages_travel_together() {
    let digest = digest("SEND a\nSEND b\nNAME ann\nSEND c\n");
    let ann = Name::parse("ann").unwrap();
    assert_eq!(
        digest.requests,
        [Request::Say("a\nb\n".into()), Request::Rename(ann), Request::Say("c\n".into())]
    );
    assert_eq!(digest.lines, 4);
}

#[test]
fn what_is_refused_is_told_in_its_place() {
    let digest = digest(&format!(
        "HELLO 1 abc\nSEND\n{}\nNAME a b\nMESSAGE ann lies\nSEND ok\n",
        "x".repeat(MAX_LINE + 1)
    ));
    let [hello, empty, long, name, forged, ok] = &digest.requests[..] else { panic!("{digest:?}") };
    assert!(matches!(hello, Request::Reply(line) if line.starts_with("ERROR unknown-command - ")));
    assert!(matches!(empty, Request::Tell(Notice::TextRefused(_))));
    assert!(matches!(long, Request::Tell(Notice::LineRefused(_))));
    assert_eq!(name, &Request::BadName(NameError::WhiteSpace));
    assert!(matches!(forged, Request::Tell(Notice::LineRefused(_))));
    assert_eq!(ok, &Request::Say("ok\n".into()));
}

#[test]
fn no_more_lines_than_allowed_are_used() {
    let mut intake = Intake::default();
    let one = Allowed { lines: 1, ..Allowed::ALL };
    let mut bytes = &b"SEND a\nSEND b\nSEND c\nSEN"[..];
    let mut said = Vec::new();
    for _ in 0..3 {
        let digest = intake.digest(bytes, one, usize::MAX);
        assert_eq!(digest.lines, 1);
        said.extend(digest.requests);
        bytes = &bytes[digest.used..];
    }
    assert_eq!(said, ["a\n", "b\n", "c\n"].map(|line| Request::Say(line.into())));
    assert_eq!(bytes, b"SEN");
    assert_eq!(intake.digest(bytes, one, usize::MAX).used, 3);
    assert_eq!(intake.digest(b"D d\n", one, usize::MAX).requests, [Request::Say("d\n".into())]);
}

#[test]
fn what_short_lines_become_is_bounded() {
    let mut intake = Intake::default();
    for (line, cost) in [("SEND a\n", LINE + 1), ("x\n", LINE), ("NAME bob\n", LINE)] {
        let bytes = line.repeat(1000);
        let digest = intake.digest(bytes.as_bytes(), Allowed::ALL, 10 * cost);
        assert_eq!((digest.lines, digest.used, digest.cost), (10, 10 * line.len(), 10 * cost), "{line:?}");
        assert!(digest.requests.len() <= 10);
        assert_eq!(intake.digest(bytes.as_bytes(), Allowed::ALL, 1).lines, 1, "one line always may");
    }
    let mut intake = Intake::default();
    let hello = intake.digest(HELLO.as_bytes(), Allowed::ALL, usize::MAX);
    assert_eq!(hello.requests.len(), 1);
    let post = format!("POST 1 {}\n", r"a\n".repeat(100));
    assert_eq!(intake.digest(post.as_bytes(), Allowed::ALL, usize::MAX).cost, 200 + 100 * LINE);
}

#[test]
fn a_browser_is_let_go_before_its_body_is_read() {
    let digest = digest("POST / HTTP/1.1\r\nHost: x\r\n\r\nSEND spam\n");
    assert_eq!(digest.requests, [Request::Tell(Notice::NotHttp)]);
    assert!(digest.hang_up);
}

const HELLO: &str = "HELLO 1 00112233445566778899aabbccddeeff\n";

#[test]
fn who_opts_in_speaks_the_full_language_from_there_on() {
    let lines = r"POST 7 two\nlines
POST x
PING a
PONG b
SEND plain
LAST 0
BEFORE 9 2
SEARCH 5 the words
HELLO 1 00112233445566778899aabbccddeeff
QUIT
SEND too late
";
    let digest = digest(&format!("{HELLO}{lines}"));
    let [hello, post, bad, pong, say, last, before, search, again, quit] = &digest.requests[..] else {
        panic!("{digest:?}")
    };
    assert!(matches!(hello, Request::Hello(_)));
    assert_eq!(post, &Request::Post(7, "two\nlines".into()));
    assert!(matches!(bad, Request::Reply(line) if line.starts_with("ERROR unknown-command - ")));
    assert_eq!(pong, &Request::Reply("PONG a".into()));
    assert_eq!(say, &Request::Say("plain\n".into()));
    assert_eq!(last, &Request::Ask(Question::Last(0)));
    assert_eq!(before, &Request::Ask(Question::Before(9, 2)));
    assert_eq!(search, &Request::Ask(Question::Search(5, "the words".into())));
    assert!(matches!(again, Request::Reply(line) if line.starts_with("ERROR unknown-command - HELLO")));
    assert_eq!(quit, &Request::Quit);
    // One more than there are lines: a message of two lines counts as two. QUIT was the last.
    assert_eq!((digest.lines, digest.hang_up), (12, true));
}

#[test]
fn only_the_first_line_opts_in() {
    for first in ["SEND a\n", "NAME ann\n", "NAME *\n", "nonsense\n", "\t\n"] {
        let digest = digest(&format!("{first}{HELLO}"));
        assert!(matches!(digest.requests[..], [_, Request::Tell(Notice::LineRefused(_))]), "{first:?}");
    }
}

#[test]
fn a_password_or_a_spoilt_hello_is_not_yet_the_first_line() {
    for first in ["AUTH sesame\n", "HELLO 1 abc\n", "HELLO\n"] {
        let digest = digest(&format!("{first}{HELLO}"));
        assert!(matches!(digest.requests[..], [_, Request::Hello(_)]), "{first:?}");
    }
}

#[test]
fn names_and_questions_are_counted_and_end_what_is_taken() {
    let lines = "NAME a\nNAME *\nLAST 5\nNAME b\nSEARCH 5 x\nSEND c\n".repeat(10);
    let bytes = format!("{HELLO}{lines}");
    let take = |names, questions| {
        let allowed = Allowed { lines: usize::MAX, names, questions };
        let digest = Intake::default().digest(bytes.as_bytes(), allowed, usize::MAX);
        (digest.lines, digest.names, digest.questions)
    };
    assert_eq!(take(usize::MAX, usize::MAX), (61, 30, 20));
    assert_eq!(take(2, usize::MAX), (3, 2, 0));
    assert_eq!(take(usize::MAX, 2), (6, 3, 2));
}

#[test]
fn nothing_is_taken_behind_a_key() {
    for first in ["", HELLO] {
        let bytes = format!("{first}LOGIN ann 0123456789abcdef\nSEND as ann\n");
        let digest = digest(&bytes);
        let Some(Request::Login(name, _)) = digest.requests.last() else { panic!("{digest:?}") };
        assert_eq!((name.as_str(), digest.key), ("ann", true));
        assert_eq!(&bytes[digest.used..], "SEND as ann\n");
        assert!(!format!("{digest:?}").contains("abcdef"));
    }
}

#[test]
fn what_admins_say_is_the_same_in_both_languages() {
    let lines = "KICK bob too loud\nBAN guest-7\nUNBAN bob\nMUTE bob 60\nREMOVE 7\n";
    let bob = || Name::parse("bob").unwrap();
    let acts = [
        Act::Kick(bob(), Some("too loud".into())),
        Act::Ban(Name::guest(7), None),
        Act::Unban(bob()),
        Act::Mute(bob(), 60),
        Act::Remove(7),
    ]
    .map(Request::Act);
    assert_eq!(digest(lines).requests, acts);
    assert_eq!(digest(&format!("{HELLO}{lines}")).requests[1..], acts);
    let refused = digest("MUTE bob\n").requests;
    assert_eq!(
        refused,
        [Request::Tell(Notice::LineRefused("the line must have the form MUTE <name> <seconds>".into()))]
    );
}

#[test]
fn messages_are_numbered_from_one() {
    let digest = digest(&format!("{HELLO}POST 0 a\n"));
    assert!(matches!(&digest.requests[1], Request::Reply(line) if line.starts_with("ERROR txn-order 0 ")));
}

#[test]
fn people_may_quote_what_browsers_say() {
    let digest = digest("SEND try GET / HTTP/1.1\n");
    assert_eq!(digest.requests, [Request::Say("try GET / HTTP/1.1\n".into())]);
    assert!(!digest.hang_up);
}
