//! The first screen: getting into a room with the keyboard, with what is remembered, and not getting
//! in, with the reason beside the field.

use std::fs;

use chat_client::app::Options;
use chat_client::net::Waits;
use egui::{Event, Key};

use crate::rooms::{Port, TestRoom};
use crate::screen::{COMPOSER, DEADLINE, Screen, options};

const ADDRESS: &str = "Room’s address";
const NAME: &str = "Your name";

#[test]
fn into_a_room_with_the_keyboard_only() {
    let room = TestRoom::open();
    let mut screen = Screen::open(options());
    screen.until("the cursor in the address", |screen| screen.has_focus(ADDRESS).then_some(()));
    screen.type_text(&room.address().to_string());
    screen.press(Key::Tab);
    assert!(screen.has_focus(NAME));
    screen.type_text("ann");
    screen.press(Key::Enter);
    screen.wait_for("Connected");
    screen.until("the cursor in the composer", |screen| screen.has_focus(COMPOSER).then_some(()));
    let mut bob = room.member("bob");
    screen.type_text("hello");
    screen.press(Key::Enter);
    bob.expect("MESSAGE ann hello");
    screen.assert_at_rest();
}

#[test]
fn tab_comes_to_the_way_out_last() {
    let room = TestRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    screen.wait_for("Connected");
    // Its header is before the composer.
    for label in ["Leave", "Settings", "Who is here", "Change your name", "Search what was said"] {
        screen.press_shift(Key::Tab);
        screen.until(label, |screen| {
            let focused =
                screen.words().into_iter().find(|words| words.starts_with(label) && screen.has_focus(words));
            focused.map(drop)
        });
    }
}

#[test]
fn into_a_room_with_the_buttons_by_keyboard() {
    let room = TestRoom::open();
    let mut screen = Screen::open(Options { name: Some("ann".to_owned()), ..options() });
    screen.fill(ADDRESS, &room.address().to_string());
    screen.press(Key::Tab);
    screen.press(Key::Tab);
    assert!(screen.has_focus("Join"));
    screen.press(Key::Space);
    screen.wait_for("Connected");
}

#[test]
fn what_is_wrong_with_an_address_or_a_name_stands_beside_it() {
    let mut screen = Screen::open(options());
    for (address, words) in [
        ("", "Type the room’s address"),
        ("https://example.org", "leave out “https://”"),
        ("two words", "“two words” is not a host"),
        ("host:99999", "“99999” is not a port"),
        ("a,,b", "Before or after the comma"),
        ("[::1", "An IPv6 address is written as"),
    ] {
        screen.fill(ADDRESS, address);
        screen.fill(NAME, "ann");
        screen.press(Key::Enter);
        screen.wait_for(words);
        assert!(screen.has_focus(ADDRESS), "the cursor is where the mistake is");
    }
    screen.fill(ADDRESS, "localhost");
    screen.wait_until_gone("An IPv6 address is written as");
    for (name, words) in [
        ("", "A name needs at least one character."),
        ("two words", "A name may not hold white space."),
        ("server", "This name is kept for the server."),
        ("guest-7", "This name is kept for the server."),
    ] {
        screen.fill(NAME, name);
        screen.click("Join");
        screen.wait_for(words);
    }
    screen.click("Host a room on this computer");
    screen.wait_for("This name is kept for the server.");
    assert!(screen.harness().state().session().is_none());
    screen.assert_at_rest();
}

#[test]
fn a_broken_address_on_the_command_line_is_shown_in_its_field() {
    let broken = Options { address: Some("a b".to_owned()), name: Some("ann".to_owned()), ..options() };
    let mut screen = Screen::open(broken);
    screen.wait_for("“a b” is not a host");
    assert_eq!(screen.value(ADDRESS), "a b");
}

#[test]
fn a_room_entered_under_a_long_name_stays_in_its_row() {
    let screen = Screen::with_settings(options());
    let (long, short) = ("W".repeat(32), "ann");
    let room =
        |name: &str| format!(r#"{{"address": "{name}.example.org", "name": "{name}", "last_used": 1}}"#);
    let rooms = format!(r#"{{"rooms": [{}, {}]}}"#, room(&long), room(short));
    std::fs::write(screen.settings(), rooms).unwrap();
    let mut screen = screen.reopen(options());
    for width in [900.0, 360.0] {
        screen.harness().set_size(egui::vec2(width, 680.0));
        screen.assert_at_rest();
        let row = |name: &str| screen.rect(&format!("Join {name}.example.org as {name}"));
        assert_eq!(row(&long).x_range(), row(short).x_range());
        assert!(row(&long).left() >= 0.0);
    }
}

#[test]
fn an_address_without_a_name_asks_for_the_name() {
    let mut screen = Screen::open(Options { address: Some("localhost".to_owned()), ..options() });
    screen.until("the cursor in the name", |screen| screen.has_focus(NAME).then_some(()));
    assert_eq!(screen.value(ADDRESS), "localhost");
}

#[test]
fn rooms_used_before_are_one_click_away() {
    let (first, second) = (TestRoom::open(), TestRoom::open());
    let (first, second) = (first.address().to_string(), second.address().to_string());
    let mut screen = Screen::with_settings(options());
    for (address, name) in [(&first, "ann"), (&second, "bob")] {
        screen.fill(ADDRESS, address);
        screen.fill(NAME, name);
        screen.press(Key::Enter);
        screen.wait_for("Connected");
        screen.click("Leave");
        screen.wait_for("Rooms used before");
    }
    let mut screen = screen.reopen(options());
    assert_eq!(screen.value(NAME), "bob");
    let rooms: Vec<_> = screen.words().into_iter().filter(|words| words.starts_with("Join ")).collect();
    assert_eq!(rooms, [format!("Join {second} as bob"), format!("Join {first} as ann")]);
    screen.click(&format!("Forget {second}"));
    screen.wait_until_gone(&format!("Join {second}"));
    screen.click(&format!("Join {first} as ann"));
    screen.wait_for("Connected");
    assert!(screen.sees("Change your name, ann"));
    // An address alone is enough now, for there is a name to enter it under.
    let mut screen = screen.reopen(Options { address: Some(first), ..options() });
    screen.wait_for("Connected");
    assert!(screen.sees("Change your name, ann"));
}

#[test]
fn of_what_is_pasted_the_invite_stays() {
    let mut screen = Screen::open(options());
    let link = format!("oneroom://192.168.1.7,fd00::7/#{}", "ab".repeat(32));
    let paste = |screen: &mut Screen, text: &str| {
        screen.fill(ADDRESS, "");
        screen.in_one_frame(vec![Event::Paste(text.to_owned())]);
        screen.harness().step();
    };
    let invite = format!("Come and talk in my room. Start Oneroom’s chat-client, with this address:\n{link}");
    paste(&mut screen, &invite);
    assert_eq!(screen.value(ADDRESS), link);
    screen.type_text("!");
    assert_eq!(screen.value(ADDRESS), format!("{link}!"), "the cursor is behind it");
    paste(&mut screen, "the room (chat.example.org), at 10:30");
    assert_eq!(screen.value(ADDRESS), "chat.example.org");
    // What is no invite, or more than one, is the person's to mend.
    paste(&mut screen, "a.example.org or b.example.org");
    assert_eq!(screen.value(ADDRESS), "a.example.org or b.example.org");
    screen.fill(NAME, "ann");
    screen.press(Key::Enter);
    screen.wait_for("There are several addresses in this text");
    screen.assert_at_rest();
}

#[test]
fn a_room_is_remembered_once_it_was_reached() {
    let port = Port::reserve();
    let address = port.address().to_string();
    let enter = || Options { address: Some(address.clone()), name: Some("ann".to_owned()), ..options() };
    let mut screen = Screen::with_settings(enter());
    screen.wait_for("no server is running there");
    screen.click("Leave");
    screen.wait_for("Host a room on this computer");
    let mut screen = screen.reopen(options());
    assert!(!screen.sees("Rooms used before"));
    assert_eq!(screen.value(NAME), "ann");
    let _room = TestRoom::open_at(&port);
    screen = screen.reopen(enter());
    screen.wait_for("Connected");
    let screen = screen.reopen(options());
    assert!(screen.sees(&format!("Join {address} as ann")));
}

#[test]
fn broken_settings_are_set_aside_and_said_so() {
    let screen = Screen::with_settings(options());
    fs::write(screen.settings(), "{ not json").unwrap();
    let mut screen = screen.reopen(options());
    screen.wait_for("The settings could not be understood");
    screen.click("OK");
    screen.wait_until_gone("The settings could not be understood");
    assert!(screen.settings().with_file_name("settings.broken.json").exists());
}

#[test]
fn several_addresses_are_tried_in_turn() {
    let (nobody, other, room) = (Port::reserve(), Port::reserve(), TestRoom::open());
    let addresses = format!("{},{}", nobody.address(), room.address());
    let mut screen = Screen::with_settings(options());
    screen.fill(ADDRESS, &addresses);
    screen.fill(NAME, "ann");
    screen.press(Key::Enter);
    screen.wait_for("Connected");
    assert!(screen.sees(&addresses), "the room is called by all of them");
    screen.click("Leave");
    screen.wait_for(&format!("Join {addresses} as ann"));
    // The banner names the one that is tried. This one takes its time to answer.
    let silent = other.listen();
    let addresses = format!("{},{}", nobody.address(), other.address());
    let waits = Waits { welcome: 2 * DEADLINE, ..Waits::default() };
    let mut screen = screen.reopen(Options { address: Some(addresses), waits, ..options() });
    screen.wait_for(&format!("no server is running there ({})", nobody.address()));
    screen.wait_for(&format!("Trying {} now.", other.address()));
    drop(silent);
    screen.wait_for("Next attempt in");
}
