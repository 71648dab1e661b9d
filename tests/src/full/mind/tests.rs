//! A mind among servers that keep their promises, and among some that do not.

use super::*;

const ROOM: &str = "00000000000000000000000000000001";

fn mind() -> Mind {
    let session = SessionId::from_bytes([7; 16]);
    let mut mind = Mind::new(session, Name::parse("ann").unwrap(), Arc::default());
    mind.greet(false, WINDOW);
    mind
}

/// Hears all of `lines`, the last of which breaks a promise unless `fine`.
#[track_caller]
fn check(fine: bool, mind: &mut Mind, lines: &[&str]) {
    let (last, others) = lines.split_last().unwrap();
    for line in others {
        assert_eq!(mind.hear(line).err(), None, "{line}");
    }
    let heard = mind.hear(last);
    assert_eq!(heard.is_ok(), fine, "{last}: {heard:?}");
}

fn live() -> Mind {
    let mut mind = mind();
    mind.say("one\ntwo".into());
    check(true, &mut mind, &[&format!("WELCOME 1 {ROOM} guest-1"), "YOU ann", "END AFTER 0 done"]);
    mind
}

#[test]
fn it_catches_up_before_it_speaks_and_goes_on_where_it_was() {
    let mut mind = mind();
    mind.say("one\ntwo".into());
    assert_eq!(mind.posts(), [] as [&str; 0]);
    check(true, &mut mind, &["MESSAGE bob before", &format!("WELCOME 1 {ROOM} guest-1"), "YOU ann"]);
    check(true, &mut mind, &["PAST 1 7 bob hello", "END AFTER 1 done", "POST 2 8 bob hello"]);
    assert_eq!(mind.posts(), [r"POST 1 one\ntwo"]);
    check(true, &mut mind, &["ACK 1 3 9"]);
    assert!(mind.is_at_rest());
    mind.greet(false, WINDOW);
    let welcomed = mind.hear(&format!("WELCOME 1 {ROOM} ann")).unwrap();
    assert_eq!(welcomed.lines, [format!("AFTER {ROOM} 3")]);
}

#[test]
fn what_was_acknowledged_early_still_has_its_place() {
    let mut mind = live();
    mind.posts();
    mind.greet(true, WINDOW);
    check(true, &mut mind, &[&format!("WELCOME 1 {ROOM} ann")]);
    assert_eq!(mind.posts().len(), 1);
    check(true, &mut mind, &["ACK 1 2 9", "PAST 1 7 bob hello", "END AFTER 1 done"]);
    assert!(!mind.is_at_rest());
    check(false, &mut mind, &["POST 3 9 bob skipped"]);
    check(true, &mut mind, &["ACK 1 2 9", "POST 3 9 bob skipped"]);
    assert!(mind.is_at_rest());
}

#[test]
fn a_broken_promise_is_noticed() {
    check(false, &mut live(), &["POST 2 7 bob gap"]);
    check(false, &mut live(), &["POST 1 7 bob once", "POST 1 7 bob once"]);
    check(false, &mut live(), &["PAST 1 7 bob past"]);
    check(false, &mut live(), &["MESSAGE bob base"]);
    check(false, &mut live(), &["ACK 1 1 7"]);
    check(false, &mut live(), &["ERROR busy 1 never sent"]);
    check(false, &mut live(), &["ERROR name-taken - no"]);
    check(false, &mut live(), &[&format!("GAP {ROOM} 1")]);
    check(false, &mut live(), &["YOU bob"]);
    check(false, &mut mind(), &["POST 1 7 bob unwelcome"]);
    check(false, &mut mind(), &[&format!("WELCOME 1 {ROOM} ann"), "POST 1 7 bob early"]);
    let mut sent = live();
    sent.posts();
    check(false, &mut sent, &["ACK 1 2 7"]);
    let mut sent = live();
    sent.posts();
    check(false, &mut sent, &["ERROR txn-order 1 it is the lowest"]);
}

#[test]
fn what_the_server_could_not_take_is_sent_again() {
    let mut mind = live();
    mind.say("two".into());
    assert_eq!(mind.posts().len(), 2);
    assert!(mind.hear("ERROR busy 1 later").unwrap().busy);
    check(true, &mut mind, &["ERROR txn-order 2 1 first"]);
    assert_eq!(mind.posts().len(), 0);
    mind.again();
    assert_eq!(mind.posts().len(), 2);
    check(true, &mut mind, &["ACK 1 1 7", "ACK 2 2 8"]);
    assert!(mind.is_at_rest());
}
