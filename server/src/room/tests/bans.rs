//! Whom a ban meets besides the one that it names: who has the same key, and who has just dropped out.

use super::admins::{AWAY, ban, scene};
use super::*;

#[test]
fn a_ban_meets_who_has_the_key_whatever_it_is_called_and_nobody_else_from_there() {
    let mut scene = scene();
    scene.room.join(2, AWAY);
    scene.login(2, "eve", 'e');
    scene.settle(true);
    // The same person from elsewhere, in the base and as one that has dropped out; and somebody of its household.
    for (member, its_name) in [(3, "mallory"), (4, "mel")] {
        scene.live(member, its_name);
        scene.login(member, its_name, 'e');
        scene.settle(true);
    }
    scene.happens(true);
    scene.room.leave(4);
    scene.room.join(5, AWAY);
    scene.room.rename(5, name("bob"));
    scene.happens(true);
    scene.left.clear();
    scene.act(ban("eve"));
    let told = scene.reads(3);
    assert!(told.contains("you were banned by ann"), "{told}");
    scene.left.sort_unstable();
    assert_eq!(scene.left, [2, 3], "who is called otherwise too, and no household");
    assert!(scene.room.absent.is_empty());
    // An admin that has the key of somebody whom it bans stays.
    scene.live(6, "jo");
    scene.login(6, "jo", 'k');
    scene.settle(true);
    scene.act(ban("jo"));
    scene.happens(true);
    assert_eq!(scene.left[2..], [6]);
    assert!(scene.room.members.contains_key(&1));
}

#[test]
fn who_was_banned_does_not_come_back_by_its_session() {
    let mut scene = scene();
    scene.room.join(2, HERE);
    scene.hello(2, 2);
    scene.login(2, "eve", 'e');
    scene.settle(true);
    scene.happens(true);
    scene.room.leave(2);
    scene.act(ban("eve"));
    assert!(scene.room.absent.is_empty(), "whoever has its session is somebody else now");
    let again = |scene: &mut Scene, member, its_name: &str, key: Option<char>| {
        scene.room.join(member, HERE);
        scene.hello(member, u8::try_from(member).unwrap());
        scene.room.rename(member, name(its_name));
        if let Some(key) = key {
            scene.login(member, its_name, key);
            scene.settle(true);
        }
        scene.happens(true);
        scene.room.leave(member);
    };
    // By its key, and by its name.
    again(&mut scene, 3, "mel", Some('m'));
    again(&mut scene, 4, "zed", None);
    for (who, key) in [("other", Some(vec![b'm'; 16])), ("zed", None)] {
        let ban = crate::log::Ban { name: who.into(), address: None, key, by: "ann".into() };
        scene.room.wardens.ban(ban, &scene.room.registry);
    }
    for (member, session, why) in
        [(13, 3, "whoever has this key was banned"), (14, 4, "this name was banned")]
    {
        scene.room.join(member, HERE);
        scene.hello(member, session);
        let told = scene.reads(member);
        assert!(told.contains(why) && told.contains("still guest-"), "{told}");
        let newcomer = &scene.room.members[&member];
        assert!(!newcomer.owner && newcomer.key.is_none());
    }
    assert!(scene.room.absent.is_empty());
}

#[test]
fn a_ban_of_somebody_who_has_just_dropped_out_keeps_its_address_out_too() {
    for its_name in [Some("eve"), None] {
        let mut scene = scene();
        scene.room.join(2, AWAY);
        scene.hello(2, 2);
        match its_name {
            Some(its_name) => scene.room.rename(2, name(its_name)),
            // A guest, who is here once it has spoken.
            None => scene.room.post(2, 1, "buy watches".into()),
        }
        scene.happens(true);
        let called = scene.room.members[&2].name.to_string();
        scene.room.leave(2);
        scene.act(ban(&called));
        scene.happens(true);
        assert_eq!(scene.banned, Some(vec![AWAY]), "{called}");
        assert!(scene.room.absent.is_empty());
    }
}

#[test]
fn an_admin_who_has_just_dropped_out_is_an_admin_still() {
    let mut scene = scene();
    scene.live(2, "abe");
    scene.login(2, "abe", 'a');
    scene.settle(true);
    scene.happens(true);
    scene.room.leave(2);
    scene.reads(1);
    scene.act(ban("abe"));
    assert_eq!(scene.reads(1), "ERROR not-permitted - abe is an admin too\n");
}
