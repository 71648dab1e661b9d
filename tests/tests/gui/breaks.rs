//! When the connection breaks, or never comes about: said in words, retried, and nothing that was
//! typed is lost or sent twice.

use std::fs;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use chat_client::app::Options;
use chat_client::net::Pauses;
use chat_tests::Client;
use egui::Key;
use egui_kittest::kittest::Queryable;

use crate::rooms::{Port, TestRoom, accept};
use crate::screen::{COMPOSER, Screen, options};

fn join_with(pauses: Pauses, address: &str, name: &str) -> Screen {
    let (address, name) = (Some(address.to_owned()), Some(name.to_owned()));
    Screen::open(Options { address, name, pauses, ..options() })
}

/// Pauses that no test waits out.
fn long_pauses() -> Pauses {
    Pauses::new(Duration::from_secs(600), Duration::from_secs(600), || 0.5)
}

#[test]
fn a_server_that_goes_and_comes_back() {
    let port = Port::reserve();
    let mut room = TestRoom::open_at(&port);
    let mut screen = Screen::join(port.address(), "ann");
    screen.say("before");
    screen.wait_for_messages(&["ann: before"]);
    room.stop();
    screen.wait_for("Not connected: ");
    screen.wait_for("Oneroom: Connection lost: ");
    screen.say("first\nsecond");
    screen.say("third");
    screen.wait_for("3 lines that you wrote wait and go out then.");
    screen.wait_for("ann: third");
    let room = TestRoom::open_at(&port);
    // Whoever listens from the first moment on gets all of it, once and in order.
    screen.until("the connection", |screen| (!screen.sees("Not connected")).then_some(()));
    screen.wait_for("Oneroom: Connected again.");
    let mut bob = room.member("bob");
    screen.say("fourth");
    bob.expect("MESSAGE ann fourth");
    screen.until("everything to be sent", |screen| (!screen.sees("waiting to be sent")).then_some(()));
}

#[test]
fn what_waited_goes_out_in_order_and_once() {
    let port = Port::reserve();
    let mut screen = join_with(options().pauses, &port.address().to_string(), "ann");
    screen.wait_for("no server is running there");
    for text in ["one", "two", "three"] {
        screen.say(text);
    }
    screen.wait_for("3 lines that you wrote wait");
    let listener = port.listen();
    let mut server = accept(&listener, "ann");
    screen.wait_for("Connected");
    for text in ["one", "two", "three"] {
        server.expect(&format!("SEND {text}"));
    }
    screen.wait_until_gone("waiting to be sent");
    screen.say("four");
    server.expect("SEND four");
    screen.wait_for_messages(&["ann: one", "ann: two", "ann: three", "ann: four"]);
}

#[test]
fn a_message_that_may_be_lost_is_left_to_the_person() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let mut screen = join_with(options().pauses, &address, "ann");
    let mut server = accept(&listener, "ann");
    screen.wait_for("Connected");
    screen.say("did this arrive?");
    screen.say("and this?");
    server.expect("SEND did this arrive?");
    server.expect("SEND and this?");
    screen.wait_until_gone("waiting to be sent");
    drop(server);
    screen.wait_for("ann: did this arrive?, ");
    screen.until("two open questions", |screen| {
        let open = screen.words().iter().filter(|words| *words == "Send again").count();
        (open == 2).then_some(())
    });
    let mut server = accept(&listener, "ann");
    screen.wait_for("Connected again.");
    screen.click_first("Send again");
    server.expect("SEND did this arrive?");
    screen.click("Leave it");
    screen.wait_until_gone("May not have arrived");
    screen.wait_for_messages(&["ann: did this arrive?", "ann: and this?"]);
    screen.say("on we go");
    server.expect("SEND on we go");
}

#[test]
fn nobody_there_is_said_with_a_way_to_hurry() {
    let port = Port::reserve();
    let mut screen = join_with(long_pauses(), &port.address().to_string(), "ann");
    screen.wait_for("Not connected: no server is running there. Next attempt in ");
    screen.assert_at_rest();
    let room = TestRoom::open_at(&port);
    screen.click("Try now");
    screen.wait_until_gone("Not connected");
    let mut bob = room.member("bob");
    screen.say("here I am");
    bob.expect("MESSAGE ann here I am");
}

#[test]
fn a_name_that_nobody_bears_is_said_in_words() {
    let mut screen = join_with(long_pauses(), "no-such-host.invalid", "ann");
    screen.wait_for("no computer named “no-such-host.invalid” could be found");
    screen.click("Leave");
    screen.wait_for("Host a room on this computer");
}

#[test]
fn a_server_of_another_kind_does_no_harm() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let mut screen = join_with(options().pauses, &address, "ann");
    let mut server = Client::from(listener.accept().unwrap().0);
    server.send("SSH-2.0-OpenSSH_9.2");
    server.send_bytes(&[0xFF; 20_000]);
    server.send_bytes(b"\nMESSAGE bob still fine\n");
    screen.wait_for_messages(&["bob: still fine"]);
    assert!(screen.sees("The server sent something that could not be read"));
}

#[test]
fn a_draft_survives_leaving_and_closing() {
    let room = TestRoom::open();
    let (address, name) = (Some(room.address().to_string()), Some("ann".to_owned()));
    let enter = || Options { address: address.clone(), name: name.clone(), ..options() };
    let mut screen = Screen::with_settings(enter());
    screen.wait_for("Connected");
    screen.fill(COMPOSER, "half a thought");
    screen.click("Leave");
    screen.click(&format!("Join {} as ann", room.address()));
    screen.wait_for("Connected");
    assert_eq!(screen.value(COMPOSER), "half a thought");
    screen.fill(COMPOSER, "a whole one");
    let mut screen = screen.reopen(enter());
    screen.wait_for("Connected");
    assert_eq!(screen.value(COMPOSER), "a whole one");
    screen.say("sent");
    let mut screen = screen.reopen(enter());
    screen.wait_for("Connected");
    assert_eq!(screen.value(COMPOSER), "");
}

#[test]
fn closing_the_window_sends_what_was_said() {
    let room = TestRoom::open();
    let mut bob = room.member("bob");
    let mut screen = Screen::join(room.address(), "ann");
    screen.say("good night");
    screen.harness().step();
    screen.harness().state_mut().close();
    bob.expect("MESSAGE ann good night");
}

#[test]
fn what_still_waits_when_the_room_is_left_is_a_draft_again() {
    let port = Port::reserve();
    let (address, name) = (Some(port.address().to_string()), Some("ann".to_owned()));
    let enter = || Options { address: address.clone(), name: name.clone(), ..options() };
    let mut screen = Screen::with_settings(enter());
    screen.wait_for("no server is running there");
    screen.say("one");
    screen.say("two\nthree");
    screen.fill(COMPOSER, "half a thought");
    screen.wait_for("3 lines that you wrote wait");
    let mut screen = screen.reopen(enter());
    screen.wait_for("no server is running there");
    assert_eq!(screen.value(COMPOSER), "one\ntwo\nthree\nhalf a thought");
}

#[test]
fn what_a_server_has_yet_to_read_waits_here() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, name) = (Some(listener.local_addr().unwrap().to_string()), Some("ann".to_owned()));
    let enter = || Options { address: address.clone(), name: name.clone(), ..options() };
    let mut screen = Screen::with_settings(enter());
    let mut server = accept(&listener, "ann");
    screen.wait_for("Connected");
    let lines: Vec<_> = (0..150).map(|number| format!("line {number}")).collect();
    screen.say(&lines.join("\n"));
    let begun = Instant::now();
    screen.until("time to pass", |_| (begun.elapsed() > Duration::from_secs(1)).then_some(()));
    screen.wait_for("waiting to be sent");
    for line in &lines[..42] {
        server.expect(&format!("SEND {line}"));
    }
    let screen = screen.reopen(enter());
    let left = screen.value(COMPOSER);
    let sent = lines.len() - left.lines().count();
    assert!((42..80).contains(&sent), "{sent} lines were sent");
    assert_eq!(left, lines[sent..].join("\n"));
    for line in &lines[42..sent] {
        server.expect(&format!("SEND {line}"));
    }
}

#[test]
fn what_waits_outlives_a_crash_until_it_is_sent() {
    let port = Port::reserve();
    let (address, name) = (Some(port.address().to_string()), Some("ann".to_owned()));
    let enter = || Options { address: address.clone(), name: name.clone(), ..options() };
    let mut screen = Screen::with_settings(enter());
    let path = screen.settings();
    let saved = |words: &str| fs::read_to_string(&path).is_ok_and(|text| text.contains(words));
    screen.wait_for("no server is running there");
    screen.say("one\ntwo");
    screen.fill(COMPOSER, "half a thought");
    screen.until("what waits to be saved", |_| saved(r"one\ntwo\nhalf a thought").then_some(()));
    // What a program finds that starts now, while the first one is not given a chance to close.
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("settings.json");
    fs::copy(&path, &copy).unwrap();
    let after_crash = Screen::open(Options { settings: Some(copy), ..enter() });
    assert_eq!(after_crash.value(COMPOSER), "one\ntwo\nhalf a thought");
    drop(after_crash);
    let _room = TestRoom::open_at(&port);
    screen.wait_until_gone("waiting to be sent");
    screen
        .until("what was sent to be forgotten", |_| (saved("half a thought") && !saved("two")).then_some(()));
}

#[test]
fn who_has_tried_now_by_keyboard_goes_on_writing() {
    let port = Port::reserve();
    let mut screen = join_with(long_pauses(), &port.address().to_string(), "ann");
    screen.wait_for("Try now");
    screen.harness().get_by_label("Try now").focus();
    screen.harness().step();
    let _room = TestRoom::open_at(&port);
    screen.press(Key::Enter);
    screen.wait_for("Connected");
    screen.until("the cursor in the composer", |screen| screen.has_focus(COMPOSER).then_some(()));
    screen.assert_at_rest();
}

#[test]
fn who_was_about_to_try_when_the_server_came_back_goes_on_writing() {
    let port = Port::reserve();
    let mut screen = join_with(options().pauses, &port.address().to_string(), "ann");
    screen.wait_for("Try now");
    screen.harness().get_by_label("Try now").focus();
    screen.harness().step();
    let _room = TestRoom::open_at(&port);
    screen.wait_for("Connected");
    screen.until("the cursor in the composer", |screen| screen.has_focus(COMPOSER).then_some(()));
}
