//! Members who have opted in, among others who have not.

use super::*;

const WELCOME: &str = "WELCOME 1 07070707070707070707070707070707";

#[test]
fn who_opts_in_is_welcome_and_hears_nothing_live_before_it_asks() {
    let mut scene = Scene::of(2);
    scene.room.say(1, "before\n");
    scene.hello(2, 2);
    scene.room.say(1, "after\n");
    assert_eq!(scene.reads(2), format!("MESSAGE guest-1 before\n{WELCOME} guest-2\n"));
    scene.room.rename(2, name("bob"));
    scene.room.rename(1, name("BOB"));
    assert_eq!(scene.reads(2), "YOU bob\n");
    scene.room.refuse_name(2, NameError::Reserved);
    assert!(scene.reads(2).starts_with("ERROR name-reserved - "));
    scene.room.ask(2, Question::Last(0));
    scene.room.say(1, "live\n");
    let read = scene.reads(2);
    assert_eq!(
        read,
        format!("END LAST 0 more\nUSERS bob guest-1\nEND USERS 2\nPOST 3 {HOUR} guest-1 live\n")
    );
}

#[test]
fn a_message_is_acknowledged_in_its_place_and_read_by_all_others_in_their_language() {
    let mut scene = Scene::new();
    scene.live(1, "ann");
    scene.live(2, "bob");
    scene.room.join(3, HERE);
    scene.room.say(3, "first\n");
    scene.room.post(1, 40, "two\n \nlines \\".into());
    scene.room.say(3, "last\n");
    let posts = |second: &str| {
        format!("JOIN guest-3\nPOST 1 {HOUR} guest-3 first\n{second}\nPOST 3 {HOUR} guest-3 last\n")
    };
    assert_eq!(scene.reads(1), posts(&format!("ACK 40 2 {HOUR}")));
    assert_eq!(scene.reads(2), posts(&format!(r"POST 2 {HOUR} ann two\n \nlines \\")));
    assert_eq!(scene.reads(3), "MESSAGE ann two\nMESSAGE ann lines \\\n");
}

#[test]
fn what_is_said_on_other_servers_is_read_in_its_place() {
    let mut scene = Scene::new();
    scene.live(1, "ann");
    scene.room.join(2, HERE);
    let there = || Draft { time: HOUR, from: Some(([9; 16], 1)), name: "eve".into(), text: "there".into() };
    scene.elsewhere = vec![there()];
    scene.room.post(1, 40, "here".into());
    assert_eq!(scene.reads(1), format!("POST 1 {HOUR} eve there\nACK 40 2 {HOUR}\n"));
    assert_eq!(scene.reads(2), "MESSAGE eve there\nMESSAGE ann here\n");
    // Where nobody says anything here, too.
    scene.elsewhere = vec![Draft { from: None, ..there() }];
    assert_eq!(scene.reads(1), format!("POST 3 {HOUR} eve there\n"));
    scene.room.ask(1, Question::Last(5));
    scene.reads(1);
    assert!(matches!(scene.errands[..], [(1, Errand::Page { query: Query::Last { upto: 3, .. }, .. })]));
}

#[test]
fn a_message_that_comes_again_is_looked_up_and_one_that_comes_early_is_refused() {
    let mut scene = Scene::new();
    scene.live(1, "ann");
    for txn in [5, 6, 8, 5, 7] {
        scene.room.post(1, txn, "x".into());
    }
    let read = scene.reads(1);
    let [five, six, eight, seven] = &read.lines().collect::<Vec<_>>()[..] else { panic!("{read}") };
    assert_eq!([*five, *six, *seven], [5, 6, 7].map(|txn| format!("ACK {txn} {} {HOUR}", txn - 4)));
    assert!(eight.starts_with("ERROR txn-order 8 "), "{eight}");
    assert!(
        matches!(&scene.errands[..], [(1, Errand::Find { session, txn: 5, .. })] if *session == SessionId::from_bytes([1; 16]))
    );
}

#[test]
fn what_could_not_be_stored_can_be_sent_again() {
    let mut scene = Scene::new();
    scene.live(1, "ann");
    scene.live(2, "bob");
    scene.room.post(1, 1, "one".into());
    scene.room.post(1, 2, "two".into());
    scene.room.rename(2, name("rob"));
    scene.happens(false);
    scene.room.post(1, 3, "three".into());
    let read = scene.reads(1);
    let [one, two, rename, three] = &read.lines().collect::<Vec<_>>()[..] else { panic!("{read}") };
    assert!(one.starts_with("ERROR busy 1 ") && two.starts_with("ERROR busy 2 "), "{read}");
    assert_eq!(*rename, "RENAME bob rob");
    assert!(three.starts_with("ERROR txn-order 3 "), "{read}");
    assert_eq!(scene.reads(2), "YOU rob\n");
    for (txn, text) in [(1, "one"), (2, "two"), (3, "three")] {
        scene.room.post(1, txn, text.into());
    }
    assert_eq!(scene.reads(1), [1, 2, 3].map(|id| format!("ACK {id} {id} {HOUR}\n")).concat());
    assert_eq!(scene.reads(2).lines().count(), 3);
}

#[test]
fn what_is_sent_twice_and_could_not_be_stored_was_not_said() {
    let mut scene = Scene::new();
    scene.live(1, "ann");
    scene.room.post(1, 1, "one".into());
    scene.room.post(1, 1, "one".into());
    scene.happens(false);
    let read = scene.reads(1);
    assert!(
        read.lines().count() == 2 && read.lines().all(|line| line.starts_with("ERROR busy 1 ")),
        "{read}"
    );
    assert!(scene.errands.is_empty());
}

#[test]
fn who_has_opted_in_and_speaks_the_base_misses_no_id() {
    let mut scene = Scene::new();
    scene.live(1, "ann");
    scene.room.say(1, "plain\n");
    assert_eq!(scene.reads(1), format!("POST 1 {HOUR} ann plain\n"));
}

#[test]
fn who_leaves_is_not_told_of_it() {
    let mut scene = Scene::new();
    scene.live(1, "ann");
    scene.live(2, "bob");
    scene.happens(true);
    scene.read.clear();
    scene.room.quit(2);
    scene.room.reply(2, "PONG x".into());
    scene.room.leave(2);
    assert_eq!(scene.reads(2), "PONG x\n");
    assert_eq!(scene.reads(1), "LEAVE bob\n");
}

#[test]
fn a_session_goes_on_in_its_newest_connection() {
    let mut scene = Scene::new();
    scene.live(1, "ann");
    scene.live(9, "zoe");
    scene.room.join(2, HERE);
    scene.hello(2, 1);
    scene.room.say(1, "from the old one\n");
    scene.room.post(2, 1, "from the new one".into());
    assert!(scene.reads(1).starts_with("BYE 0 "));
    assert_eq!(scene.left, [1]);
    assert_eq!(scene.reads(2), format!("{WELCOME} ann\nACK 1 1 {HOUR}\n"));
    assert_eq!(scene.reads(9), format!("POST 1 {HOUR} ann from the new one\n"), "nobody came or went");
    scene.room.leave(1);
    scene.room.rename(9, name("ann"));
    assert!(scene.reads(9).starts_with("ERROR name-taken - "), "it is the new one's");
}

#[test]
fn everybody_is_told_of_the_end_in_its_language() {
    let mut scene = Scene::of(1);
    scene.live(2, "bob");
    scene.room.join(3, HERE);
    scene.hello(3, 3);
    scene.room.tell_all(Notice::Stopping);
    let words = "the server is stopping; come back later\n";
    assert_eq!(scene.reads(1), format!("MESSAGE * {words}"));
    assert_eq!(scene.reads(2), format!("BYE 2000 {words}"));
    assert_eq!(scene.reads(3), format!("{WELCOME} guest-3\nBYE 2000 {words}"));
}
