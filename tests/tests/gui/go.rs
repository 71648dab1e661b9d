//! In a room of the Go server that the project descends from, which sends everybody's messages to
//! their authors too, and never says anything else.

use chat_tests::Client;

use crate::rooms::GoRoom;
use crate::screen::Screen;

#[test]
fn it_works_there_and_shows_own_messages_once() {
    let room = GoRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    let mut bob = Client::connect(room.address());
    bob.send("NAME bob");
    for text in ["hello", "hello", "  spaces kept"] {
        screen.say(text);
        bob.expect(&format!("MESSAGE ann {text}"));
    }
    bob.send("SEND hi ann");
    screen.wait_for_messages(&["ann: hello", "ann: hello", "ann:   spaces kept", "bob: hi ann"]);
    screen.say("one\ntwo");
    bob.expect("MESSAGE bob hi ann");
    bob.expect("MESSAGE ann one");
    bob.expect("MESSAGE ann two");
    bob.send("SEND done");
    screen.wait_for("bob: done");
    assert_eq!(screen.messages().iter().filter(|words| words.contains("one\ntwo")).count(), 1);
    screen.assert_at_rest();
}

#[test]
fn an_echo_makes_a_break_harmless() {
    let room = GoRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    let mut bob = Client::connect(room.address());
    bob.send("NAME bob");
    screen.say("echoed");
    bob.expect("MESSAGE ann echoed");
    bob.send("SEND seen");
    // In the room's order this comes after the echo.
    screen.wait_for("bob: seen");
    room.cut();
    screen.wait_for("Oneroom: Connected again.");
    assert!(!screen.sees("May not have arrived"));
}

#[test]
fn members_without_a_name_and_with_odd_ones_are_shown() {
    let room = GoRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    let mut odd = Client::connect(room.address());
    odd.send("SEND nameless");
    odd.send("NAME *\u{202E}");
    odd.send("SEND odd");
    odd.send("HELLO 1 x");
    screen.wait_for("nameless");
    screen.wait_for("*\u{FFFD}: odd");
}
