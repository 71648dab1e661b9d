//! The room's rules, one by one.

use super::*;

#[test]
fn own_messages_show_at_once_and_wait_while_offline() {
    let mut scene = scene();
    scene.say("one").say("two");
    assert_eq!(scene.talk(), ["Waiting: one", "Waiting: two"]);
    assert_eq!(scene.sends(), [""; 0]);
    scene.connect();
    assert_eq!(scene.sends(), ["one", "two"]);
    scene.say("three").say(" \n ");
    assert_eq!(scene.talk(), ["Waiting: one", "Waiting: two", "Waiting: three"]);
    scene.write();
    assert_eq!(scene.talk()[2], "Sent: three");
}

#[test]
fn who_was_never_let_in_has_lost_no_connection() {
    let mut scene = scene();
    scene.apply(News::Connecting { address: None }).break_off();
    assert_eq!((scene.entries().count(), scene.room.was_reached()), (0, false));
    let why = "the cat did it".to_owned();
    let retry_at = scene.at().steady + Duration::from_secs(1);
    assert_eq!(scene.room.connection(), &Connection::Offline { why: why.clone(), retry_at });
    scene.apply(News::Connecting { address: None });
    let since = Some(scene.at().steady);
    assert_eq!(scene.room.connection(), &Connection::Connecting { why: Some(why), address: None, since });
}

#[test]
fn what_was_not_written_goes_out_again_and_in_order() {
    let mut scene = scene();
    scene.connect().say("one").say("two\nand a half").break_off();
    scene.orders.clear();
    scene.say("three").connect();
    assert_eq!(scene.sends(), ["one", "two", "and a half", "three"]);
}

#[test]
fn a_message_is_sent_when_its_last_line_is() {
    let mut scene = scene();
    scene.connect().say("one\ntwo");
    let keys: Vec<_> = scene.take_sends().into_iter().map(|(key, _)| key).collect();
    scene.apply(News::Sent { keys: keys[..1].to_vec() });
    assert_eq!(scene.talk(), ["Waiting: one\ntwo"]);
    scene.apply(News::Sent { keys: keys[1..].to_vec() });
    assert_eq!(scene.talk(), ["Sent: one\ntwo"]);
}

#[test]
fn a_break_makes_the_newest_messages_unsure_and_a_person_decides() {
    let mut scene = scene();
    scene.connect().say("old").write().pass(10).say("new").write().say("newer").write().pass(9).break_off();
    assert_eq!(scene.talk(), ["Sent: old", "Unsure: new", "Unsure: newer"]);
    let (new, newer) = (scene.number_of("new"), scene.number_of("newer"));
    scene.room.leave_it(new);
    scene.room.send_again(newer, scene.at());
    assert_eq!(scene.talk(), ["Sent: old", "Sent: new", "Waiting: newer"]);
    scene.connect();
    assert_eq!(scene.sends(), ["newer"]);
}

#[test]
fn a_refused_name_is_offered_for_change() {
    let mut scene = scene();
    scene.connect().refuse("guest-4");
    let refused = scene.room.refused().unwrap();
    assert_eq!((refused.wanted.as_str(), refused.still.as_str()), ("ann", "guest-4"));
    assert_eq!(scene.room.name(), "guest-4");
    // What asks what to do tells of it; once is enough.
    assert_eq!(scene.entries().count(), 1, "Connected, and nothing else");
    let eve = Name::parse("eve").unwrap();
    let orders = scene.room.rename(eve.clone(), scene.at());
    assert_eq!(orders, [Order::Name { name: eve.clone(), say: true, as_own: false }]);
    assert_eq!((scene.room.name(), scene.room.refused()), ("eve", None));
    // Another name is refused: the next connection must begin with the one that works.
    scene.rename("bob");
    scene.orders.clear();
    scene.refuse("eve");
    assert_eq!(scene.orders, [Order::Name { name: eve, say: false, as_own: false }]);
    scene.room.keep_name();
    assert_eq!((scene.room.name(), scene.room.refused()), ("eve", None));
}

#[test]
fn our_own_ghost_is_waited_for() {
    let ask = Order::Name { name: Name::parse("ann").unwrap(), say: true, as_own: false };
    let mut scene = scene();
    scene.connect().pass(20).break_off().pass(1).connect().refuse("guest-4");
    assert_eq!((scene.room.name(), scene.room.refused()), ("guest-4", None));
    assert!(scene.next_tick().is_some());
    scene.pass(4);
    assert_eq!(scene.orders, []);
    scene.pass(1);
    assert_eq!(scene.orders, std::slice::from_ref(&ask));
    scene.refuse("guest-4").pass(5);
    assert_eq!(scene.orders, [ask.clone(), ask]);
    scene.pass(3);
    assert_eq!((scene.room.name(), scene.next_tick()), ("ann", None));
}

#[test]
fn patience_with_a_ghost_ends() {
    let mut scene = scene();
    scene.connect().pass(20).break_off().connect().refuse("guest-4");
    for _ in 0..11 {
        assert_eq!(scene.room.refused(), None);
        scene.pass(5).refuse("guest-4");
    }
    assert!(scene.room.refused().is_some());
    let asked = scene.orders.len();
    scene.pass(600);
    assert_eq!((scene.orders.len(), scene.room.name()), (asked, "guest-4"));
}

#[test]
fn a_name_that_never_was_ours_is_not_waited_for() {
    let mut scene = scene();
    scene.connect().refuse("guest-4").break_off().connect().refuse("guest-5");
    assert!(scene.room.refused().is_some());
}

#[test]
fn the_connection_is_told_in_words() {
    let mut scene = scene();
    assert_eq!(scene.room.connection(), &Connection::Connecting { why: None, address: None, since: None });
    scene.connect();
    assert_eq!(scene.room.connection(), &Connection::Online);
    scene.break_off();
    let retry_at = scene.start + Duration::from_secs(1);
    assert_eq!(scene.room.connection(), &Connection::Offline { why: "the cat did it".into(), retry_at });
    scene.apply(News::Connecting { address: None });
    let (why, since) = (Some("the cat did it".into()), Some(scene.at().steady));
    assert_eq!(scene.room.connection(), &Connection::Connecting { why, address: None, since });
    // Each address has its turn, and one waits as long for all of them.
    scene.now += Duration::from_secs(9);
    scene.apply(News::Connecting { address: None });
    let is_still =
        |now: &Connection| matches!(now, Connection::Connecting { since: then, .. } if *then == since);
    assert!(is_still(scene.room.connection()));
    let words: Vec<_> = scene.entries().map(|(_, entry)| entry.text().to_owned()).collect();
    assert_eq!(words, ["Connected.", "Connection lost: the cat did it."]);
}

#[test]
fn a_server_of_another_kind_is_told_of_once() {
    let mut scene = scene();
    scene.connect();
    for _ in 0..5 {
        scene.apply(News::Lines(vec![Line::Unreadable("it is not a message".into()); 5]));
    }
    assert_eq!(scene.entries().count(), 2);
}

#[test]
fn it_is_known_before_how_a_draft_would_go_out() {
    let mut scene = scene();
    let check = |scene: &Scene, draft: &str, messages, longest| {
        assert_eq!(scene.room.outlook(draft), Ok(Outlook { messages, longest }));
    };
    let long = "x".repeat(5000);
    // In the base line by line.
    check(&scene, "one\n\nthree", 2, 5);
    check(&scene, &long, 2, 4096);
    check(&scene, " \n", 0, 0);
    scene.say("x").say("y");
    let most = "x\n".repeat(MAX_WAITING - 2);
    check(&scene, &most, MAX_WAITING - 2, 1);
    assert_eq!(scene.room.outlook(&format!("{most}x")), Err(DraftError::TooMuch(MAX_WAITING)));
    assert_eq!(scene.room.outlook("a\u{202E}"), Err(DraftError::Invisible('\u{202E}')));
    // In the full language whole, as far as that goes.
    let full =
        scene_with(Kept { known: Some((chat_shared::RoomId::from_bytes([3; 16]), 1)), ..Kept::default() });
    check(&full, "one\n\nthree", 1, 10);
    check(&full, &long, 2, 4096);
}

#[test]
fn what_cannot_be_sent_changes_nothing() {
    let mut scene = scene();
    let at = scene.at();
    assert_eq!(scene.room.say("a\u{200B}b", at), Err(DraftError::Invisible('\u{200B}')));
    assert_eq!(scene.room.say(&"x\n".repeat(MAX_WAITING + 1), at), Err(DraftError::TooMuch(MAX_WAITING)));
    assert_eq!((scene.entries().count(), scene.room.waiting()), (0, 0));
    scene.room.say(&"x\n".repeat(MAX_WAITING), at).unwrap();
    assert!(scene.room.say("one more", at).is_err());
}
