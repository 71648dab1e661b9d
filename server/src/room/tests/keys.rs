//! Names that belong to somebody.

use super::*;

#[test]
fn a_name_is_its_own_once_it_is_stored_and_nobody_elses_from_then_on() {
    let mut scene = Scene::new();
    scene.live(1, "ann");
    scene.live(2, "bob");
    scene.login(1, "ann", 'k');
    assert_eq!(scene.reads(1), "", "its key is being looked at");
    scene.settle(false);
    assert!(scene.reads(1).starts_with("ERROR busy - name refused: keys cannot be looked at"));
    scene.login(1, "ann", 'k');
    scene.settle(true);
    assert_eq!(scene.reads(1), "YOU ann\nNOTICE ann is yours now; keep its key\n");
    // With the key it is taken, by whoever has it; and not without, nor what looks like it.
    scene.login(1, "ann", 'k');
    scene.settle(true);
    scene.room.rename(1, name("ann"));
    assert_eq!(scene.reads(1), "YOU ann\nYOU ann\n");
    scene.room.rename(1, name("zoe"));
    scene.room.rename(2, name("ann"));
    scene.room.rename(2, name("ANN"));
    scene.login(2, "Аnn", 'k');
    scene.settle(true);
    let read = scene.reads(2);
    assert_eq!(
        read.matches("ERROR name-taken - name refused: this name belongs to somebody").count(),
        3,
        "{read}"
    );
    scene.login(2, "ann", 'x');
    scene.settle(true);
    let read = scene.reads(2);
    assert!(read.starts_with("ERROR key-wrong - name refused: ") && read.ends_with(" still bob\n"), "{read}");
    scene.room.say(1, "x\n");
    assert!(scene.reads(2).contains(" zoe x\n"));
}

#[test]
fn the_right_key_takes_the_name_from_whoever_bears_it() {
    let mut scene = Scene::new();
    scene.live(1, "ann");
    scene.login(1, "ann", 'k');
    scene.settle(true);
    scene.live(2, "bob");
    scene.room.join(3, HERE);
    scene.reads(1);
    scene.login(2, "ann", 'k');
    scene.settle(true);
    let taken = "NOTICE the one to whom the name ann belongs has come; you are guest-4 now\nYOU guest-4\n";
    assert_eq!(scene.reads(1), format!("{taken}RENAME bob ann\n"));
    assert_eq!(scene.reads(2), "RENAME ann guest-4\nYOU ann\n");
    // One that has dropped out makes way too.
    scene.room.leave(2);
    scene.login(1, "ann", 'k');
    scene.settle(true);
    assert_eq!(scene.reads(1), "LEAVE ann\nYOU ann\n");
    // And one that speaks the base is told in words.
    scene.login(3, "ann", 'k');
    scene.settle(true);
    scene.login(1, "ann", 'k');
    scene.settle(true);
    let read = scene.reads(3);
    assert!(
        read.ends_with("MESSAGE * the one to whom the name ann belongs has come; you are guest-6 now\n"),
        "{read}"
    );
}

#[test]
fn a_name_that_another_bears_cannot_be_made_ones_own() {
    let mut scene = Scene::new();
    scene.live(1, "ann");
    scene.live(2, "bob");
    scene.login(2, "ann", 'k');
    scene.login(2, "Ann", 'k');
    scene.settle(true);
    assert_eq!(scene.reads(2).matches("ERROR name-taken - name refused: somebody here has").count(), 2);
    // Two who want the same: the first one gets it.
    scene.login(1, "zoe", 'k');
    scene.login(2, "zoe", 'l');
    scene.settle(true);
    assert!(scene.reads(1).contains("YOU zoe\n"));
    assert!(scene.reads(2).contains("ERROR name-taken - name refused: this name belongs"));
}

#[test]
fn what_is_said_behind_a_key_waits_until_it_has_been_looked_at() {
    let mut scene = Scene::of(1);
    scene.login(1, "ann", 'k');
    assert!(scene.room.take_turn().tried.is_empty());
    for key in ['x', 'x'] {
        // Not to be done while the first is looked at; the session does not either.
        scene.login(1, "ann", key);
    }
    assert!(scene.room.take_turn().tried.is_empty());
    let ticket = || crate::wish::Ticket { member: 1, name: name("ann") };
    scene.room.tried(ticket(), Outcome::Busy);
    assert_eq!(scene.room.take_turn().tried, [1]);
    scene.room.tried(ticket(), Outcome::Hashed(vec![1]));
    let turn = scene.room.take_turn();
    assert!(turn.tried.is_empty());
    let (wish, _) = turn.wishes.into_iter().next().unwrap();
    scene.room.changed(wish, Some(Changed::Done));
    assert_eq!(scene.room.take_turn().tried, [1]);
}

#[test]
fn a_session_goes_on_with_its_name_and_key() {
    let mut scene = Scene::new();
    scene.live(1, "ann");
    scene.login(1, "ann", 'k');
    scene.settle(true);
    scene.happens(true);
    scene.room.leave(1);
    scene.room.join(2, HERE);
    scene.hello(2, 1);
    scene.room.rename(2, name("ann"));
    scene.reads(2);
    assert!(scene.room.members[&2].owner, "it needs not say its key again");
    scene.room.rename(2, name("bob"));
    scene.room.rename(2, name("ann"));
    assert!(scene.reads(2).contains("ERROR name-taken"), "it has given it up");
}

#[test]
fn wrong_keys_are_tried_slowly_from_one_place_and_right_ones_are_not() {
    let away = "10.0.0.1".parse().unwrap();
    let mut scene = Scene::new();
    let mut log_in = |member, from, its_name: &str, key| {
        scene.room.join(member, from);
        scene.login(member, its_name, key);
        scene.settle(true);
        scene.reads(member)
    };
    assert!(log_in(1, HERE, "ann", 'k').contains("ann is yours now"));
    // A household comes back.
    for member in 2..30 {
        assert!(!log_in(member, away, "ann", 'k').contains("refused"), "{member}");
    }
    // Somebody there guesses, and then nothing of theirs is looked at for a while.
    let guesses: String = (30..42).map(|member| log_in(member, away, "ann", 'x')).collect();
    assert_eq!(guesses.matches("this is not its key").count(), 10, "{guesses}");
    assert_eq!(guesses.matches("keys cannot be looked at just now").count(), 2, "{guesses}");
    assert!(log_in(42, "10.0.0.2".parse().unwrap(), "zoe", 'k').contains("zoe is yours now"));
    // On this machine only each connection has its bounds.
    assert!((43..80).all(|member| log_in(member, HERE, "ann", 'x').contains("this is not its key")));
}

#[test]
fn one_connection_tries_keys_slowly_right_ones_too() {
    let mut scene = Scene::of(1);
    for _ in 0..12 {
        scene.login(1, "ann", 'k');
        scene.settle(true);
    }
    let read = scene.reads(1);
    assert_eq!(read.matches("keys cannot be looked at just now").count(), 2, "{read}");
}
