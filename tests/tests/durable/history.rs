//! LAST, BEFORE and SEARCH: pages of what was said, how they end, and what is not answered.

use chat_shared::limits::{MAX_HISTORY, MAX_QUERY};
use chat_tests::full::{Full, untimed};
use chat_tests::{Server, until};

use crate::check::on_both;

/// A room in which ann has said so many things: their own numbers.
fn ann_says(server: &Server, upto: u64) -> Full {
    let mut ann = Full::join(server, "ann");
    ann.say_all((1..=upto).map(|n| n.to_string()));
    ann
}

#[test]
fn the_newest() {
    on_both([], |server| {
        let mut ann = ann_says(server, MAX_HISTORY as u64 + 10);
        let newest = ann.ask("LAST 3");
        assert_eq!(newest.past, [508, 509, 510].map(|n: u64| (n, "ann".to_owned(), n.to_string())));
        assert!(newest.more);
        assert_eq!(ann.ask("LAST 0").past, []);
        let most = ann.ask("LAST 500");
        assert!(most.more && most.ids().into_iter().eq(11..=510));
    });
}

#[test]
fn all_there_is_is_done() {
    on_both([], |server| {
        let mut ann = Full::join(server, "ann");
        let none = ann.ask("LAST 10");
        assert_eq!((none.past, none.more), (vec![], false));
        (1..=3).for_each(|n| assert_eq!(ann.say(&format!("{n}")), n));
        for n in [3, 4, 500] {
            let all = ann.ask(&format!("LAST {n}"));
            assert_eq!((all.ids(), all.more), (vec![1, 2, 3], false), "LAST {n}");
        }
        assert!(ann.ask("LAST 2").more);
    });
}

#[test]
fn page_by_page_back_to_the_beginning() {
    on_both([], |server| {
        let mut ann = ann_says(server, 450);
        let (mut id, mut seen) = (451, Vec::new());
        loop {
            let page = ann.ask(&format!("BEFORE {id} 100"));
            assert!(page.ids().is_sorted());
            seen.splice(0..0, page.ids());
            id = seen[0];
            if !page.more {
                break;
            }
        }
        assert!(seen.into_iter().eq(1..=450));
        let none = ann.ask("BEFORE 1 10");
        assert_eq!((none.past, none.more), (vec![], false));
        assert_eq!(ann.ask("BEFORE 0 10").past, []);
        assert_eq!(ann.ask(&format!("BEFORE {} 2", u64::MAX)).ids(), [449, 450]);
        assert_eq!(ann.ask("BEFORE 4 3").ids(), [1, 2, 3]);
        assert!(!ann.ask("BEFORE 4 3").more && ann.ask("BEFORE 4 2").more);
    });
}

#[test]
fn a_trimmed_log_ends_where_it_is_trimmed() {
    on_both(["--keep", "10"], |server| {
        let mut ann = ann_says(server, 30);
        let first = until(|| ann.ask("BEFORE 30 500").ids().first().copied().filter(|&first| first == 21));
        assert!(first.is_some(), "it is not trimmed to ten: {:?}", ann.ask("BEFORE 30 500").ids());
        let page = ann.ask("BEFORE 30 500");
        assert!(page.ids().into_iter().eq(21..30) && !page.more && page.gap.is_none());
        let all = ann.ask("LAST 500");
        assert!(all.ids().into_iter().eq(21..=30) && !all.more);
        assert_eq!(ann.ask("BEFORE 5 500").past, []);
    });
}

#[test]
fn lines_and_backslashes_come_back_as_they_were_said() {
    on_both([], |server| {
        let mut ann = Full::join(server, "ann");
        ann.say(r"two\nlines, a \\ and \\n");
        ann.say("  spaces  ");
        ann.send("LAST 2");
        let mut next = || untimed(&ann.read().unwrap());
        assert_eq!(next(), r"PAST 1 ann two\nlines, a \\ and \\n");
        assert_eq!(next(), "PAST 2 ann   spaces  ");
        assert_eq!(next(), "END LAST 2 done");
    });
}

#[test]
fn words_are_found_whatever_their_case_and_accents() {
    on_both([], |server| {
        let mut ann = Full::join(server, "ann");
        for said in
            ["Hello world", "un café crème", "hello\\nhelicopter", "the world says HELLO", "it's not \"it\""]
        {
            ann.say(said);
        }
        let mut found = |question: &str| ann.ask(&format!("SEARCH {question}")).ids();
        assert_eq!(found("10 hello"), [1, 3, 4]);
        assert_eq!(found("10 hello world"), [1, 4]);
        assert_eq!(found("10 world hello"), [1, 4]);
        assert_eq!(found("10 CAFÉ"), [2]);
        assert_eq!(found("10 creme"), [2]);
        assert_eq!(found("10 heli"), [3], "the last word may be the beginning of one");
        assert_eq!(found("10 hel world"), [] as [u64; 0], "the others may not");
        assert_eq!(found("10 it's"), [5]);
        assert_eq!(found("10 nobody"), [] as [u64; 0]);
        for odd in ["\"", "\" OR hello", "hello*", "(hello", "text:hello", "-hello", "hello AND NOT", "!?"] {
            // Whatever they mean, they are words: nothing breaks.
            found(&format!("10 {odd}"));
        }
        assert_eq!(found("2 hello"), [3, 4], "the newest");
        assert_eq!(found("0 hello"), [] as [u64; 0]);
    });
}

#[test]
fn of_many_that_match_the_newest_come_and_more_is_told() {
    on_both([], |server| {
        let mut ann = Full::join(server, "ann");
        ann.say_all((1..=600).map(|n| if n % 2 == 0 { format!("even {n}") } else { format!("odd {n}") }));
        let found = ann.ask("SEARCH 100 even");
        assert!(found.more && found.ids().into_iter().eq((402..=600).step_by(2)), "{:?}", found.ids());
        let found = until(|| Some(ann.ask("SEARCH 500 even")).filter(|found| !found.more));
        assert!(found.expect("all is looked through").ids().into_iter().eq((2..=600).step_by(2)));
        assert_eq!(ann.ask("SEARCH 2 odd 59").texts(), ["odd 597", "odd 599"]);
    });
}

#[test]
fn what_was_just_said_is_found() {
    on_both([], |server| {
        let mut ann = Full::join(server, "ann");
        for n in 1..=50 {
            let id = ann.say(&format!("needle{n} in the hay"));
            assert_eq!(ann.ask(&format!("SEARCH 1 needle{n}")).ids(), [id]);
        }
    });
}

/// Asserts that a question is answered by such an ERROR and nothing else.
#[track_caller]
fn check_refused(member: &mut Full, question: &str, error: &str) {
    member.send(question);
    let line = member.read().unwrap();
    assert!(line.starts_with(error), "{question} is answered by {line}");
    assert_eq!(member.heard(), [] as [&str; 0], "{question}");
}

#[test]
fn what_is_no_question_is_refused_whole() {
    let server = Server::start([]);
    let mut ann = Full::join(&server, "ann");
    ann.say("501");
    let room = ann.room;
    for too_many in ["LAST 501", "BEFORE 2 501", "SEARCH 501 501", "LAST 18446744073709551615"] {
        check_refused(&mut ann, too_many, "ERROR unknown-command - at most 500 messages");
    }
    for odd in ["LAST", "LAST x", "LAST -1", "LAST 01", "BEFORE 5", "BEFORE 5 5 5", "AFTER 1", "AFTER x 1"] {
        check_refused(&mut ann, odd, "ERROR unknown-command - the line must have the form");
    }
    check_refused(&mut ann, &format!("AFTER {room}"), "ERROR unknown-command - ");
    check_refused(&mut ann, &format!("AFTER {room} 18446744073709551616"), "ERROR unknown-command - ");
    check_refused(&mut ann, "SEARCH 5 ", "ERROR text-invalid - ");
    check_refused(&mut ann, &format!("SEARCH 5 {}", "x".repeat(MAX_QUERY + 1)), "ERROR text-invalid - ");
    assert_eq!(ann.ask("SEARCH 500 501").ids(), [1]);
}

#[test]
fn questions_are_answered_in_their_order_and_too_many_at_once_are_refused() {
    const QUESTIONS: usize = 200;
    on_both([], |server| {
        let mut ann = ann_says(server, 500);
        let questions: String = (1..=QUESTIONS).map(|n| format!("BEFORE 500 {n}\n")).collect();
        ann.client().send_bytes(questions.as_bytes());
        let (mut answered, mut refused) = (Vec::new(), 0);
        while answered.len() + refused < QUESTIONS {
            let line = ann.read().unwrap();
            if let Some(n) = line.strip_prefix("END BEFORE ") {
                answered.push(n.split(' ').next().unwrap().parse::<usize>().unwrap());
            } else if line.starts_with("ERROR busy - ") {
                refused += 1;
            } else {
                assert!(line.starts_with("PAST "), "{line}");
            }
        }
        assert!(answered.is_sorted() && answered.len() >= 4, "{answered:?}");
        // Four may always be asked at once.
        ann.client().send_bytes(b"LAST 1\nBEFORE 3 1\nSEARCH 1 7\nLAST 2\n");
        assert_eq!(ann.answer("LAST 1").ids(), [500]);
        assert_eq!(ann.answer("BEFORE 3 1").ids(), [2]);
        assert_eq!(ann.answer("SEARCH 1 7").past.len(), 1);
        assert_eq!(ann.answer("LAST 2").ids(), [499, 500]);
    });
}
