//! Names: changed in the header, refused by the server, and taken by our own ghost.

use chat_client::app::Options;
use egui::Key;

use crate::rooms::TestRoom;
use crate::screen::{COMPOSER, Screen, options};

#[test]
fn a_name_is_changed_in_the_header() {
    let room = TestRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    let mut bob = room.member("bob");
    screen.click("Change your name, ann");
    screen.until("the cursor in the name", |screen| {
        (screen.sees("New name") && screen.has_focus("New name")).then_some(())
    });
    assert_eq!(screen.value("New name"), "ann");
    screen.fill("New name", "two words");
    screen.press(Key::Enter);
    screen.wait_for("A name may not hold white space.");
    screen.fill("New name", "eve");
    screen.press(Key::Enter);
    screen.wait_for("Change your name, eve");
    screen.until("the cursor in the composer", |screen| screen.has_focus(COMPOSER).then_some(()));
    screen.say("it is me");
    bob.expect("MESSAGE eve it is me");
    screen.click("Change your name, eve");
    screen.wait_for("Cancel");
    screen.press(Key::Escape);
    screen.wait_until_gone("Cancel");
    screen.until("the cursor in the composer", |screen| screen.has_focus(COMPOSER).then_some(()));
    screen.assert_at_rest();
}

#[test]
fn a_taken_name_is_told_and_another_is_offered() {
    let room = TestRoom::open();
    let mut ann = room.member("ann");
    let (address, name) = (Some(room.address().to_string()), Some("Ann".to_owned()));
    let mut screen = Screen::open(Options { address, name, ..options() });
    screen.wait_for("You cannot be called “Ann”: somebody here has this name already");
    screen.wait_for("Change your name, guest-");
    assert_eq!(screen.value("Another name"), "Ann2");
    screen.assert_at_rest();
    screen.fill("Another name", "ann");
    screen.click("Take this name");
    screen.wait_for("You cannot be called “ann”");
    screen.fill("Another name", "bob");
    screen.click("Take this name");
    screen.wait_until_gone("You cannot be called");
    screen.wait_for("Change your name, bob");
    screen.until("the cursor in the composer", |screen| screen.has_focus(COMPOSER).then_some(()));
    screen.say("hello");
    ann.expect("MESSAGE bob hello");
}

#[test]
fn a_taken_name_is_ours_once_it_is_free_and_told_of_once() {
    let room = TestRoom::open();
    let ann = room.member("ann");
    let (address, name) = (Some(room.address().to_string()), Some("Ann".to_owned()));
    let mut screen = Screen::open(Options { address, name, ..options() });
    screen.wait_for("You cannot be called “Ann”");
    screen.wait_for_members(2);
    screen.assert_at_rest();
    let told = screen.words().iter().filter(|words| words.contains("has this name already")).count();
    assert_eq!(told, 1, "{:#?}", screen.words());
    drop(ann);
    screen.wait_for("Change your name, Ann");
    screen.wait_for("The name Ann has become free: you are called so now.");
    assert!(!screen.sees("You cannot be called"));
    screen.assert_at_rest();
}

#[test]
fn what_the_bearer_of_the_name_says_is_shown() {
    let room = TestRoom::open();
    let mut ann = room.member("ann");
    let (address, name) = (Some(room.address().to_string()), Some("ann".to_owned()));
    let mut screen = Screen::open(Options { address, name, ..options() });
    screen.wait_for("Change your name, guest-");
    let guest = screen.words().into_iter().find_map(|words| Some(words.split_once("name, ")?.1.to_owned()));
    let own = format!("{}: hi", guest.unwrap());
    screen.say("hi");
    ann.expect(&format!("MESSAGE {}", own.replace(": ", " ")));
    ann.send("SEND hi");
    ann.send("SEND how are you");
    screen.wait_for_messages(&[&own, "ann: hi", "ann: how are you"]);
    screen.assert_at_rest();
}

#[test]
fn a_guest_can_stay_a_guest() {
    let room = TestRoom::open();
    let mut ann = room.member("ann");
    let (address, name) = (Some(room.address().to_string()), Some("ann".to_owned()));
    let mut screen = Screen::open(Options { address, name, ..options() });
    screen.wait_for("You cannot be called");
    let stay = screen.words().into_iter().find(|words| words.starts_with("Stay guest-")).unwrap();
    screen.click(&stay);
    screen.wait_until_gone("You cannot be called");
    screen.say("hello");
    let guest = stay.strip_prefix("Stay ").unwrap();
    ann.expect(&format!("MESSAGE {guest} hello"));
}
