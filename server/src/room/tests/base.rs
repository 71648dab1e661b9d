//! Members who speak the base.

use super::*;

#[test]
fn a_message_goes_to_all_others_under_the_name_of_its_moment() {
    let mut scene = Scene::of(2);
    scene.room.say(1, "as a guest\n");
    scene.room.rename(1, name("ann"));
    scene.room.say(1, "as ann\nonce more\n");
    let said = "MESSAGE guest-1 as a guest\nMESSAGE ann as ann\nMESSAGE ann once more\n";
    assert_eq!(scene.reads(2), said);
    assert_eq!(scene.reads(1), "");
    let stored: Vec<_> =
        scene.stored.iter().map(|entry| (entry.id, entry.time, &*entry.name, &*entry.text)).collect();
    assert_eq!(
        stored,
        [(1, HOUR, "guest-1", "as a guest"), (2, HOUR, "ann", "as ann"), (3, HOUR, "ann", "once more")]
    );
}

#[test]
fn with_echo_it_goes_to_its_author_too() {
    let mut scene = Scene::with(true);
    scene.room.join(1, HERE);
    scene.room.say(1, "hello\n");
    assert_eq!(scene.reads(1), "MESSAGE guest-1 hello\n");
}

#[test]
fn who_comes_reads_what_is_said_from_then_on() {
    let mut scene = Scene::of(1);
    scene.room.say(1, "before\n");
    scene.room.join(2, HERE);
    scene.room.say(1, "after\n");
    assert_eq!(scene.reads(2), "MESSAGE guest-1 after\n");
}

#[test]
fn a_name_is_free_again_when_its_member_leaves_or_takes_another() {
    let mut scene = Scene::of(3);
    scene.room.rename(1, name("ann"));
    scene.room.rename(2, name("ANN"));
    let refused = scene.reads(2);
    assert!(refused.starts_with("MESSAGE * name refused: somebody here"), "{refused}");
    assert!(refused.ends_with("Your name is still guest-2\n"), "{refused}");
    scene.room.rename(1, name("bob"));
    scene.room.rename(2, name("ANN"));
    scene.room.leave(1);
    scene.room.rename(3, name("bob"));
    assert_eq!((scene.reads(2), scene.reads(3)), (String::new(), String::new()), "nobody was refused");
    scene.room.say(2, "x\n");
    scene.room.say(3, "y\n");
    scene.room.join(9, HERE);
    scene.room.say(2, "z\n");
    assert_eq!(scene.reads(3), "MESSAGE ANN x\nMESSAGE ANN z\n");
    assert_eq!(scene.reads(9), "MESSAGE ANN z\n");
}

#[test]
fn a_member_may_respell_its_own_name() {
    let mut scene = Scene::of(1);
    for spelling in ["ann", "Ann", "Anna"] {
        scene.room.rename(1, name(spelling));
    }
    assert_eq!(scene.reads(1), "");
    assert_eq!(scene.room.names.len(), 3);
    scene.room.leave(1);
    assert!(scene.room.names.is_empty() && scene.room.members.is_empty());
}

#[test]
fn who_has_left_says_and_changes_nothing() {
    let mut scene = Scene::of(2);
    scene.room.leave(1);
    scene.room.say(1, "ghost\n");
    scene.room.rename(1, name("ghost"));
    scene.room.refuse_name(1, NameError::Empty);
    scene.room.ask(1, Question::Last(5));
    scene.hello(1, 1);
    assert_eq!((scene.reads(1), scene.reads(2)), (String::new(), String::new()));
    assert!(scene.room.names.is_empty() && scene.stored.is_empty() && scene.errands.is_empty());
    assert_eq!(scene.left, [1]);
}

#[test]
fn what_a_leaver_asked_for_last_has_its_answer() {
    let mut scene = Scene::of(1);
    scene.room.refuse_name(1, NameError::Empty);
    scene.room.leave(1);
    assert!(scene.reads(1).starts_with("MESSAGE * name refused"));
}

#[test]
fn what_cannot_be_stored_is_seen_by_nobody_and_told_to_its_author_once() {
    let mut scene = Scene::of(3);
    scene.room.say(1, "lost\nlost too\n");
    scene.room.rename(2, name("bob"));
    scene.room.say(1, "and this\n");
    scene.happens(false);
    let told = scene.reads(1);
    assert!(
        told.starts_with("MESSAGE * what you said could not be stored") && told.matches('\n').count() == 1
    );
    assert_eq!((scene.reads(2), scene.reads(3)), (String::new(), String::new()));
    scene.room.say(2, "fine\n");
    assert_eq!(scene.reads(3), "MESSAGE bob fine\n");
    assert_eq!(scene.stored.iter().map(|entry| entry.id).collect::<Vec<_>>(), [1], "no id is left out");
}
