//! Which messages are our own, sent back, and which are somebody else's.

use super::*;

#[test]
fn an_echo_confirms_instead_of_showing_twice() {
    let mut scene = scene();
    scene.connect().say("one").say("two").say("one").write();
    scene.hear("ann", "one").hear("bob", "two").hear("ann", "two");
    assert_eq!(scene.talk(), ["Sent: one", "Sent: two", "Sent: one", "bob: two"]);
    scene.hear("ann", "one").hear("ann", "one");
    assert_eq!(scene.talk().last().unwrap(), "ann: one", "a namesake says it, not an echo");
}

#[test]
fn where_the_server_echoes_only_an_echo_makes_sure() {
    let mut scene = scene();
    scene.connect().say("zero").write().hear("ann", "zero").say("one").write().pass(200);
    scene.say("two").write().hear("ann", "two").pass(200).break_off();
    assert_eq!(scene.talk(), ["Sent: zero", "Unsure: one", "Sent: two"]);
}

#[test]
fn an_echo_may_bear_the_name_of_before() {
    let mut scene = scene();
    scene.connect().say("one");
    scene.write();
    scene.rename("eve");
    scene.say("two");
    scene.hear("ann", "one").write().hear("eve", "two");
    assert_eq!(scene.talk(), ["Sent: one", "Sent: two"]);
}

#[test]
fn who_bears_the_name_we_were_refused_is_somebody_else() {
    let mut scene = scene();
    // The first line goes out before the refusal is known.
    scene.say("hello").connect().write().refuse("guest-2").say("hi").write();
    scene.hear("ann", "hello").hear("ann", "hi").hear("ann", "how are you");
    assert_eq!(scene.talk(), ["Sent: hello", "Sent: hi", "ann: hello", "ann: hi", "ann: how are you"]);
    scene.pass(200).break_off();
    assert_eq!(scene.talk()[..2], ["Sent: hello", "Sent: hi"], "nobody has echoed");
}

#[test]
fn who_bears_the_name_that_a_rename_did_not_get_is_somebody_else() {
    let mut scene = scene();
    scene.connect().rename("bob").say("hi").write().refuse("ann").hear("bob", "hi");
    assert_eq!(scene.talk(), ["Sent: hi", "bob: hi"]);
    scene.hear("ann", "hi");
    assert_eq!(scene.talk().len(), 2, "an echo bears the name that we really have");
}

#[test]
fn while_our_ghost_holds_our_name_what_it_says_is_not_ours() {
    let mut scene = scene();
    scene.connect().pass(20).break_off().connect().refuse("guest-4").say("hi").write();
    scene.hear("ann", "hi").pass(5).hear("ann", "hi");
    assert_eq!(scene.talk(), ["Sent: hi", "ann: hi", "ann: hi"]);
}

#[test]
fn a_name_given_up_is_somebody_elses_before_long() {
    let mut scene = scene();
    scene.connect().say("hi").write().rename("eve").pass(10).hear("ann", "hi");
    assert_eq!(scene.talk(), ["Sent: hi", "ann: hi"]);
    assert_eq!(scene.room.name(), "eve");
}
