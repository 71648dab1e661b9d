//! Who is here: the list beside the messages, its count, and mentioning somebody from it.

use chat_client::app::Options;
use chat_tests::Client;
use egui::Key;
use egui_kittest::kittest::Queryable;

use crate::rooms::{GoRoom, Port, TestRoom};
use crate::screen::{COMPOSER, Screen, options};

/// The names in the list, from top to bottom.
fn listed(screen: &Screen) -> Vec<String> {
    let names = |words: String| Some(words.strip_prefix("Mention ")?.to_owned());
    screen.words().into_iter().filter_map(names).collect()
}

#[test]
fn everybody_is_listed_and_ourselves_first() {
    let room = TestRoom::open();
    let _ann = room.member("ann");
    let mut screen = Screen::join(room.address(), "bob");
    screen.wait_for_members(2);
    screen.wait_for("Who is here, 2 people");
    assert!(listed(&screen).is_empty());
    screen.click("Who is here, 2 people");
    screen.until("the list", |screen| (listed(screen) == ["bob, you", "ann"]).then_some(()));
    let zoe = room.member("zoe");
    screen.until("zoe", |screen| (listed(screen) == ["bob, you", "ann", "zoe"]).then_some(()));
    assert!(screen.sees("3 people"));
    drop(zoe);
    screen.until("zoe to go", |screen| (listed(screen) == ["bob, you", "ann"]).then_some(()));
    screen.press_command(Key::U);
    screen.until("no list", |screen| listed(screen).is_empty().then_some(()));
    screen.assert_at_rest();
}

#[test]
fn who_is_clicked_is_mentioned() {
    let room = TestRoom::open();
    let (_ann, _zoe) = (room.member("ann"), room.member("zoe"));
    let mut screen = Screen::join(room.address(), "bob");
    screen.wait_for_members(3);
    screen.press_command(Key::U);
    screen.click("Mention ann");
    assert!(screen.has_focus(COMPOSER));
    screen.type_text("look");
    assert_eq!(screen.value(COMPOSER), "ann: look");
    // By keyboard alone, and with the cursor somewhere else.
    screen.press(Key::Home);
    screen.press(Key::Tab);
    screen.press(Key::Tab);
    screen.press(Key::Tab);
    screen.press(Key::Tab);
    assert!(screen.has_focus("Mention zoe"));
    screen.press(Key::Enter);
    screen.harness().run_ok();
    assert!(screen.has_focus(COMPOSER));
    screen.type_text("too");
    assert_eq!(screen.value(COMPOSER), "ann: look @zoe too");
    screen.assert_at_rest();
}

#[test]
fn who_joins_takes_the_keyboard_from_no_name() {
    let room = TestRoom::open();
    let _kim = room.member("kim");
    let mut screen = Screen::join(room.address(), "bob");
    screen.wait_for_members(2);
    screen.press_command(Key::U);
    screen.harness().run_ok();
    screen.harness().get_by_label("Mention kim").focus();
    screen.harness().step();
    let _ann = room.member("ann");
    screen.wait_for_members(3);
    screen.harness().run_ok();
    assert!(screen.has_focus("Mention kim"));
    screen.assert_at_rest();
}

#[test]
fn our_new_name_is_in_the_list() {
    let room = TestRoom::open();
    let _bob = room.member("bob");
    let (address, name) = (Some(room.address().to_string()), Some("bob".to_owned()));
    let mut screen = Screen::open(Options { address, name, ..options() });
    screen.press_command(Key::U);
    screen.wait_for("Take this name");
    screen.wait_for_members(2);
    screen.click("Take this name");
    screen.until("it", |screen| (listed(screen) == ["bob2, you", "bob"]).then_some(()));
    screen.click("Change your name, bob2");
    screen
        .until("the field", |screen| (screen.sees("New name") && screen.has_focus("New name")).then_some(()));
    screen.fill("New name", "zoe");
    screen.press(Key::Enter);
    screen.until("it", |screen| (listed(screen) == ["zoe, you", "bob"]).then_some(()));
    screen.assert_at_rest();
}

#[test]
fn a_small_window_shows_them_in_place_of_the_messages() {
    let room = TestRoom::open();
    let mut screen = Screen::join(room.address(), "bob");
    screen.wait_for_members(1);
    screen.harness().set_size(egui::vec2(380.0, 600.0));
    screen.say("hello");
    screen.until("it", |screen| screen.sees("bob: hello").then_some(()));
    screen.click("Who is here, 1 person");
    screen.until("the list", |screen| (listed(screen) == ["bob, you"]).then_some(()));
    assert!(!screen.sees("bob: hello"));
    screen.press(Key::Escape);
    screen.until("it again", |screen| screen.sees("bob: hello").then_some(()));
    assert!(screen.has_focus(COMPOSER));
    screen.press_command(Key::U);
    screen.until("the list", |screen| (listed(screen) == ["bob, you"]).then_some(()));
    screen.press_command(Key::U);
    screen.until("it again", |screen| screen.sees("bob: hello").then_some(()));
    for label in ["Leave", "Settings", "Who is here, 1 person", "Change your name, bob"] {
        let rect = screen.rect(label);
        assert!(rect.left() >= 0.0 && rect.right() <= 380.0, "{label}: {rect:?}");
    }
}

#[test]
fn a_server_that_names_nobody_is_said_to() {
    let room = GoRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    screen.click("Who is here");
    screen.wait_for("This server does not say who is here.");
    assert!(listed(&screen).is_empty());
}

#[test]
fn a_crowd_is_counted_and_said_to_be_too_many_to_be_named() {
    let port = Port::reserve();
    let listener = port.listen();
    let mut screen = Screen::open(Options {
        address: Some(port.address().to_string()),
        name: Some("ann".to_owned()),
        ..options()
    });
    let (stream, _) = listener.accept().unwrap();
    let mut server = Client::from(stream);
    server.expect_start("HELLO 1 ");
    server.send("WELCOME 1 0123456789abcdef0123456789abcdef ann");
    server.send("USERS ann bob");
    server.send("END USERS 2");
    screen.press_command(Key::U);
    screen.until("the list", |screen| (listed(screen) == ["ann, you", "bob"]).then_some(()));
    server.send("COUNT 1234");
    screen.wait_for("1234 people");
    screen.wait_for("So many are here that the server gives their number only");
    assert!(listed(&screen).is_empty());
}
