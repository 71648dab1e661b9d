//! Who comes and goes.

use super::*;

#[test]
fn who_comes_is_named_once_it_speaks_or_after_a_second() {
    let mut scene = Scene::new();
    scene.live(1, "ann");
    scene.room.join(2, HERE);
    scene.room.join(3, HERE);
    assert_eq!(scene.reads(1), "");
    assert!(scene.room.due().is_some());
    scene.room.rename(2, name("bob"));
    assert_eq!(scene.reads(1), "JOIN bob\n");
    scene.passes(SILENT_NEWCOMER);
    assert_eq!(scene.reads(1), "JOIN guest-3\n");
    scene.room.rename(3, name("zoe"));
    scene.room.rename(3, name("zoe"));
    scene.room.leave(2);
    scene.room.leave(3);
    assert_eq!(scene.reads(1), "RENAME guest-3 zoe\nLEAVE bob\nLEAVE zoe\n");
    assert!(scene.room.due().is_none());
}

#[test]
fn who_drops_out_and_comes_back_was_never_gone() {
    let mut scene = Scene::new();
    scene.live(1, "ann");
    scene.live(2, "bob");
    scene.happens(true);
    scene.read.clear();
    scene.room.leave(2);
    scene.passes(COMES_BACK - Duration::from_millis(1));
    scene.room.join(3, HERE);
    scene.room.rename(3, name("bob"));
    assert!(scene.reads(3).starts_with("MESSAGE * name refused"), "the name is kept for it");
    scene.room.join(4, HERE);
    scene.hello(4, 2);
    scene.room.rename(4, name("bob"));
    assert_eq!(scene.reads(4), "WELCOME 1 07070707070707070707070707070707 bob\nYOU bob\n");
    scene.passes(COMES_BACK);
    assert_eq!(scene.reads(1), "JOIN guest-3\n");
    // The next time, it does not come back.
    scene.room.leave(4);
    assert_eq!(scene.reads(1), "");
    scene.passes(COMES_BACK);
    assert_eq!(scene.reads(1), "LEAVE bob\n");
    scene.room.rename(3, name("bob"));
    assert_eq!(scene.reads(1), "RENAME guest-3 bob\n");
    assert!(scene.room.absent.is_empty() && scene.room.given_up.is_empty());
}

#[test]
fn who_says_good_bye_is_gone_at_once() {
    let mut scene = Scene::new();
    scene.live(1, "ann");
    scene.live(2, "bob");
    scene.happens(true);
    scene.read.clear();
    scene.room.quit(2);
    scene.room.leave(2);
    scene.room.rename(1, name("bob"));
    assert_eq!(scene.reads(1), "LEAVE bob\nYOU bob\n");
}

#[test]
fn of_a_crowd_only_the_number_is_told_until_it_is_small_again() {
    let mut scene = Scene::new();
    scene.live(1, "ann");
    (2..=1000).for_each(|member| scene.room.join(member, HERE));
    scene.passes(SILENT_NEWCOMER);
    assert_eq!(scene.reads(1).lines().filter(|line| line.starts_with("JOIN ")).count(), 999);
    (1001..=1100).for_each(|member| {
        scene.room.join(member, HERE);
        scene.room.say(member, "x\n");
    });
    scene.happens(true);
    scene.read.clear();
    scene.room.join(2000, HERE);
    scene.hello(2000, 200);
    scene.room.ask(2000, Question::Last(0));
    let read = scene.reads(2000);
    assert!(read.ends_with("END LAST 0 more\nCOUNT 1101\n"), "{read}");
    assert_eq!(scene.reads(1), "", "the second is not over");
    scene.passes(Duration::from_secs(1));
    assert_eq!(scene.reads(1), "COUNT 1101\n");
    (2..=300).for_each(|member| scene.room.leave(member));
    scene.passes(Duration::from_secs(1));
    let read = scene.reads(1);
    assert!(read.starts_with("USERS ann guest-1000 ") && read.ends_with("\nEND USERS 802\n"), "{read}");
    scene.room.leave(301);
    assert_eq!(scene.reads(1), "LEAVE guest-301\n");
}
