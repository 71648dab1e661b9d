//! What admins do, to members of both kinds.

use super::*;
use crate::intake::Act;

pub(super) const AWAY: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));

/// A room in which 1 is ann, the admin, who has opted in, and hears.
pub(super) fn scene() -> Scene {
    let mut scene = Scene::new();
    scene.room = scene.room.knowing(People::default(), vec![name("ann"), name("abe")]);
    scene.live(1, "ann");
    assert!(!scene.read.contains_key(&1));
    scene.login(1, "ann", 'k');
    scene.settle(true);
    assert_eq!(scene.reads(1), "YOU ann\nADMIN\nNOTICE ann is yours now; keep its key\n");
    scene
}

impl Scene {
    pub(super) fn act(&mut self, act: Act) {
        self.room.act(1, act);
        self.settle(true);
    }
}

fn kick(who: &str, why: Option<&str>) -> Act {
    Act::Kick(Name::parse_given(who).unwrap(), why.map(str::to_owned))
}

pub(super) fn ban(who: &str) -> Act {
    Act::Ban(Name::parse_given(who).unwrap(), None)
}

#[test]
fn only_who_has_the_key_of_an_admins_name_may_do_what_admins_do() {
    let mut scene = scene();
    scene.live(2, "bob");
    // Nobody has made that name its own yet: to bear it is not enough.
    scene.live(3, "abe");
    scene.room.join(4, HERE);
    for member in [2, 3, 4] {
        for act in [
            kick("bob", None),
            ban("bob"),
            Act::Unban(name("bob")),
            Act::Mute(name("bob"), 9),
            Act::Remove(1),
        ] {
            scene.room.act(member, act);
        }
    }
    scene.settle(true);
    assert_eq!(scene.reads(3).matches("ERROR not-permitted - only an admin may do this").count(), 5);
    assert_eq!(scene.reads(4).matches("MESSAGE * only an admin may do this").count(), 5);
    // Who has given up the name has given up the rest.
    scene.room.rename(1, name("zoe"));
    scene.act(kick("bob", None));
    assert!(scene.reads(1).contains("ERROR not-permitted"));
    assert!(scene.left.is_empty());
}

#[test]
fn who_is_sent_out_is_told_so_are_all_others_and_it_may_come_back() {
    let mut scene = scene();
    scene.live(2, "bob");
    scene.room.join(3, HERE);
    scene.room.rename(3, name("eve"));
    scene.reads(1);
    scene.reads(2);
    scene.act(kick("bob", Some("too loud")));
    assert_eq!(scene.reads(2), "BYE 60000 you were sent out by ann: too loud\n");
    assert_eq!(scene.reads(1), "LEAVE bob\nNOTICE bob was sent out by ann: too loud\n");
    assert_eq!(scene.reads(3), "MESSAGE * bob was sent out by ann: too loud\n");
    assert_eq!(scene.left, [2]);
    scene.act(kick("EVE", None));
    assert!(scene.reads(3).starts_with("MESSAGE * you were sent out by ann\n"));
    assert_eq!(scene.left, [2, 3]);
    scene.live(4, "bob");
    assert!(scene.room.members[&4].name == name("bob"), "the name is free");
    // Who has dropped out is here still, until it is sent out.
    scene.room.leave(4);
    scene.act(kick("bob", None));
    assert_eq!(scene.reads(1).matches("LEAVE bob\nNOTICE bob was sent out by ann\n").count(), 1);
    scene.act(kick("bob", None));
    assert_eq!(scene.reads(1), "ERROR not-permitted - nobody here is called bob\n");
    scene.act(kick("ann", None));
    assert_eq!(scene.reads(1), "ERROR not-permitted - ann is an admin too\n");
}

#[test]
fn who_is_banned_stays_out_with_name_key_and_address_until_it_is_let_in() {
    let mut scene = scene();
    scene.room.join(2, AWAY);
    scene.login(2, "eve", 'e');
    scene.settle(true);
    scene.reads(2);
    scene.room.act(1, ban("eve"));
    assert_eq!(scene.reads(2), "", "not before it is stored");
    scene.settle(false);
    assert!(scene.reads(1).contains("ERROR busy - this cannot be done just now"));
    scene.act(ban("eve"));
    assert!(scene.reads(2).starts_with("MESSAGE * you were banned by ann\n"));
    assert_eq!((&scene.left[..], &scene.banned), (&[2][..], &Some(vec![AWAY])));
    // From elsewhere, it has neither name nor key; and one that was on its way in has to go.
    scene.room.join(3, HERE);
    scene.room.rename(3, name("Eve"));
    scene.login(3, "eve", 'e');
    scene.settle(true);
    let read = scene.reads(3);
    assert_eq!(read.matches("MESSAGE * name refused: this name was banned").count(), 2, "{read}");
    scene.room.join(4, AWAY);
    assert_eq!(scene.reads(4), "MESSAGE * your address was banned from this room\n");
    assert_eq!(scene.left, [2, 4]);
    scene.act(Act::Unban(name("EVE")));
    assert!(scene.reads(1).ends_with("NOTICE EVE may come back, says ann\n"));
    assert_eq!(scene.banned, Some(vec![]));
    scene.room.join(5, AWAY);
    scene.login(5, "eve", 'e');
    scene.settle(true);
    assert_eq!(scene.room.members[&5].name, name("eve"));
    scene.act(Act::Unban(name("eve")));
    assert!(scene.reads(1).ends_with("ERROR not-permitted - nobody called eve was banned\n"));
}

const KEY_BANNED: &str = "MESSAGE * name refused: whoever has this key was banned from this room";

#[test]
fn a_banned_key_is_known_under_every_name_and_no_other_key_is() {
    let mut scene = scene();
    // One with two names and a key, and one with another key; none of them is here any more.
    for (member, its_name, key) in [(2, "eve", 'e'), (3, "mallory", 'e'), (4, "bob", 'b')] {
        scene.room.join(member, HERE);
        scene.login(member, its_name, key);
        scene.settle(true);
        scene.room.leave(member);
    }
    scene.act(ban("EVE"));
    scene.room.join(5, HERE);
    for its_name in ["mallory", "trudy"] {
        scene.login(5, its_name, 'e');
        scene.settle(true);
        let read = scene.reads(5);
        assert!(read.starts_with(KEY_BANNED) && read.ends_with(" still guest-5\n"), "{read}");
    }
    // Who has not got the key of a name does not learn whether the one that it has was banned.
    scene.login(5, "bob", 'e');
    scene.settle(true);
    let read = scene.reads(5);
    assert!(read.starts_with("MESSAGE * name refused: this name belongs to somebody, and this"), "{read}");
    scene.login(5, "bob", 'b');
    scene.settle(true);
    assert_eq!(scene.room.members[&5].name, name("bob"));
    scene.passes(Duration::from_secs(60));
    scene.happens(true);
    // While the key is being looked at, it is banned.
    scene.act(Act::Unban(name("eve")));
    scene.room.join(6, HERE);
    scene.login(6, "mallory", 'e');
    let trials = std::mem::take(&mut scene.room.turn.trials);
    scene.act(ban("eve"));
    scene.trials = trials;
    scene.settle(true);
    assert!(scene.reads(6).contains(KEY_BANNED));
    scene.act(Act::Unban(name("eve")));
    scene.login(6, "mallory", 'e');
    scene.settle(true);
    scene.login(6, "trudy", 'e');
    scene.settle(true);
    assert!(scene.reads(6).ends_with("MESSAGE * trudy is yours now; keep its key\n"));
}

#[test]
fn who_has_shown_a_key_is_banned_with_it_whatever_its_name_is_now() {
    let mut scene = scene();
    for (member, session) in [(2, 2), (3, 3)] {
        scene.room.join(member, HERE);
        scene.hello(member, session);
        scene.login(member, &format!("own-{member}"), char::from(b'a' + session));
        scene.settle(true);
        scene.room.rename(member, name(&format!("troll-{member}")));
    }
    // The second has dropped out, come back, and dropped out again.
    scene.happens(true);
    scene.room.leave(3);
    scene.room.join(4, HERE);
    scene.hello(4, 3);
    scene.happens(true);
    scene.room.leave(4);
    scene.act(ban("troll-2"));
    scene.act(ban("troll-3"));
    assert!(scene.reads(2).contains("BYE 86400000 you were banned by ann\n"));
    scene.room.join(5, HERE);
    for (its_name, key) in [("own-2", 'c'), ("own-3", 'd')] {
        scene.login(5, its_name, key);
        scene.settle(true);
        assert!(scene.reads(5).contains(KEY_BANNED), "{its_name}");
    }
    scene.act(Act::Unban(name("troll-2")));
    scene.login(5, "own-2", 'c');
    scene.settle(true);
    assert_eq!(scene.room.members[&5].name, name("own-2"));
}

#[test]
fn an_admin_cannot_be_kept_out_by_its_own_key_and_nobody_becomes_one_with_a_banned_one() {
    let mut scene = scene();
    scene.room.join(2, HERE);
    scene.login(2, "zoe", 'k');
    scene.settle(true);
    scene.act(ban("zoe"));
    assert!(scene.reads(2).contains("MESSAGE * you were banned by ann"));
    scene.room.rename(1, name("bob"));
    scene.login(1, "ann", 'k');
    scene.settle(true);
    assert!(scene.room.is_admin(1));
    // That name is an admin's too, but nobody's yet.
    scene.room.join(3, HERE);
    scene.login(3, "abe", 'k');
    scene.settle(true);
    assert!(scene.reads(3).contains(KEY_BANNED) && !scene.room.is_admin(3));
}

#[test]
fn a_key_that_an_older_server_hashed_is_known_again_once_it_was_shown() {
    let mut scene = Scene::new();
    let key = |key: char| key.to_string().repeat(16).into_bytes();
    let owned = |name: &str, hash| crate::log::Owned { name: name.into(), hash };
    let people = People {
        owned: vec![owned("ann", key('k')), owned("eve", older(&key('e'))), owned("bob", older(&key('b')))],
        bans: vec![crate::log::Ban { name: "eve".into(), address: None, key: None, by: "ann".into() }],
        mutes: Vec::new(),
    };
    scene.room = scene.room.knowing(people, vec![name("ann")]);
    scene.room.join(2, HERE);
    // It comes as always. Wrong ones are of no interest.
    for shown in ['x', 'e'] {
        scene.login(2, "eve", shown);
        scene.settle(true);
        assert!(scene.reads(2).contains("this name was banned"));
    }
    scene.login(2, "mallory", 'e');
    scene.settle(true);
    assert!(scene.reads(2).contains(KEY_BANNED));
    // What was made anew is stored, once.
    scene.login(2, "bob", 'b');
    let turn = &mut scene.room.turn;
    let trials = std::mem::take(&mut turn.trials);
    for Trial { ticket, .. } in trials {
        scene.room.tried(ticket, Outcome::Right(key('b')));
    }
    let [(Wish::Renew, Change::Own(renewed, _))] = &scene.room.turn.wishes[..] else { panic!("not stored") };
    assert_eq!(renewed, &owned("bob", key('b')));
    scene.settle(false);
    scene.login(2, "bob", 'b');
    scene.happens(true);
    scene.settle(true);
    assert!(scene.room.turn.wishes.is_empty() && scene.room.members[&2].owner);
}

#[test]
fn who_is_not_here_can_be_banned_and_admins_cannot() {
    let mut scene = scene();
    scene.act(ban("mallory"));
    assert_eq!(scene.reads(1), "NOTICE mallory was banned by ann\n");
    scene.act(ban("abe"));
    // What holds for a look-alike would hold for abe.
    scene.act(ban("ABE"));
    scene.act(ban("guest-99"));
    assert_eq!(
        scene.reads(1),
        "ERROR not-permitted - abe is an admin too\nERROR not-permitted - ABE is an admin too\nERROR not-permitted - nobody here is called guest-99\n"
    );
    scene.room.join(2, AWAY);
    scene.act(ban("guest-2"));
    assert_eq!((&scene.left[..], &scene.banned), (&[][..], &Some(vec![])));
    scene.happens(true);
    assert_eq!((&scene.left[..], &scene.banned), (&[2][..], &Some(vec![AWAY])));
}

#[test]
fn who_is_silenced_is_not_heard_for_so_long_whatever_its_name() {
    let mut scene = scene();
    scene.live(2, "bob");
    scene.room.join(3, HERE);
    scene.room.rename(3, name("eve"));
    scene.act(Act::Mute(name("bob"), 60));
    scene.act(Act::Mute(name("eve"), 90));
    scene.reads(1);
    scene.reads(2);
    scene.reads(3);
    scene.room.post(2, 1, "x".into());
    scene.room.rename(2, name("rob"));
    scene.room.post(2, 2, "y".into());
    scene.room.say(3, "x\ny\n");
    let read = scene.reads(2);
    let read = read.strip_prefix("YOU rob\n").expect(&read);
    let silenced = "an admin has silenced you; you may speak again in";
    assert!(read.starts_with(&format!("ERROR not-permitted 1 {silenced} 60 seconds\n")), "{read}");
    assert_eq!(scene.reads(3), format!("MESSAGE * {silenced} 90 seconds\n"));
    assert_eq!(scene.reads(1), "RENAME bob rob\n");
    // A session goes on as silent as it was.
    scene.room.leave(2);
    scene.room.join(4, HERE);
    scene.hello(4, 2);
    scene.room.post(4, 1, "x".into());
    assert!(scene.reads(4).contains("ERROR not-permitted 1 "));
    // So does a name from the same place; from another it may be somebody else.
    scene.room.leave(3);
    scene.room.join(5, HERE);
    scene.room.rename(5, name("eve"));
    scene.room.say(5, "x\n");
    assert!(scene.reads(5).contains(silenced));
    scene.room.leave(5);
    scene.room.join(6, AWAY);
    scene.room.rename(6, name("eve"));
    scene.room.say(6, "heard\n");
    assert!(scene.reads(1).contains(" eve heard\n"));
    scene.act(Act::Mute(name("rob"), 0));
    scene.room.post(4, 1, "heard".into());
    assert!(scene.reads(4).contains("NOTICE rob may speak again, says ann\nACK 1 "));
    scene.act(Act::Mute(name("ann"), 60));
    scene.act(Act::Mute(name("nobody"), 60));
    let read = scene.reads(1);
    assert!(
        read.contains("ann is an admin too\n") && read.ends_with("nobody here is called nobody\n"),
        "{read}"
    );
}

#[test]
fn silence_ends_by_itself() {
    let mut scene = scene();
    scene.live(2, "bob");
    scene.act(Act::Mute(name("bob"), 60));
    scene.reads(2);
    scene.room.tick(scene.now, HOUR + 59_999);
    scene.room.post(2, 1, "x".into());
    let refused = scene.reads(2);
    scene.room.tick(scene.now, HOUR + 60_000);
    scene.room.post(2, 1, "x".into());
    let heard = scene.reads(2);
    assert!(refused.ends_with("again in 1 seconds\n") && heard.starts_with("ACK 1 "), "{refused}{heard}");
}

#[test]
fn what_is_taken_back_is_gone_for_all_who_have_it_or_will() {
    let mut scene = scene();
    scene.live(2, "bob");
    scene.room.join(3, HERE);
    scene.room.say(2, "one\n");
    scene.room.say(2, "two\n");
    // A member that waits for a page of the past, on which it may be.
    scene.room.join(4, HERE);
    scene.hello(4, 4);
    scene.room.ask(4, Question::Last(9));
    for member in 1..=4 {
        scene.reads(member);
    }
    scene.act(Act::Remove(1));
    let told = "REMOVED 1\nNOTICE ann took back a message of bob\n";
    assert_eq!(scene.reads(1), told);
    assert_eq!(scene.reads(2), told);
    assert_eq!(scene.reads(3), "MESSAGE * ann took back a message of bob\n");
    assert_eq!(scene.reads(4), told);
    // Its page comes, from before.
    scene.room.answered(4, Answer::CaughtUp { history: History::Last, reached: 2, n: 2, more: false });
    scene.happens(true);
    assert!(scene.reads(4).ends_with("REMOVED 1\n"));
    // What is at hand has it no more either.
    scene.room.join(5, HERE);
    scene.hello(5, 5);
    scene.room.ask(5, Question::After(RoomId::from_bytes([7; 16]), 0));
    let read = scene.reads(5);
    assert!(read.contains(&format!("REMOVED 1\nPAST 2 {HOUR} bob two\nEND AFTER 2 done\n")), "{read}");
    scene.act(Act::Remove(99));
    assert!(scene.reads(1).ends_with("ERROR not-permitted - there is no message 99 to be taken back\n"));
}

#[test]
fn what_was_decided_before_a_restart_holds() {
    let mut scene = Scene::new();
    let people = People {
        owned: vec![crate::log::Owned { name: "ann".into(), hash: "kkkkkkkkkkkkkkkk".into() }],
        bans: vec![crate::log::Ban { name: "eve".into(), address: Some(AWAY), key: None, by: "ann".into() }],
        mutes: vec![Mute { name: "bob".into(), address: None, until: HOUR + 60_000 }],
    };
    scene.room = scene.room.knowing(people, vec![name("ann")]);
    scene.live(1, "bob");
    scene.room.post(1, 1, "x".into());
    assert!(scene.reads(1).starts_with("ERROR not-permitted 1 "));
    assert_eq!(scene.banned, Some(vec![AWAY]));
    scene.room.join(2, HERE);
    scene.room.rename(2, name("EVE"));
    scene.login(2, "ann", 'k');
    scene.settle(true);
    assert!(scene.reads(2).contains("this name was banned"));
    assert!(scene.room.is_admin(2));
}
