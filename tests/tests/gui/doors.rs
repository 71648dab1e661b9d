//! Closed doors, with the real server: its certificate is asked about once, its password is asked for, the
//! name is ours afterwards, and an admin sends somebody out.

use std::net::SocketAddr;

use chat_client::address::Address;
use chat_client::app::Options;
use chat_client::book::{Book, Seen};
use chat_client::invite::Fingerprint;
use chat_client::net::Trust;
use chat_tests::{Client, Server};
use egui::Key;
use egui_kittest::kittest::Queryable;

use crate::screen::{COMPOSER, Screen, options};

/// The fingerprint that the server has logged.
fn fingerprint(server: &Server) -> String {
    server.wait_for_log("fingerprint ");
    let log = server.log();
    let (_, rest) = log.rsplit_once("fingerprint ").unwrap();
    rest.lines().next().unwrap().to_owned()
}

/// A window that knows what is in this book and enters at once.
fn enter(book: &Book, address: String) -> Screen {
    let guard = Some((book.clone(), Trust::default()));
    Screen::open(Options { address: Some(address), name: Some("ann".to_owned()), guard, ..options() })
}

fn invite(server: &Server) -> String {
    format!("oneroom://{}/#{}", server.address(), fingerprint(server))
}

/// Somebody of the base in a room with a password.
fn inside(address: SocketAddr, name: &str) -> Client {
    let mut client = Client::connect(address);
    client.send("AUTH open sesame");
    client.expect("MESSAGE * you are in");
    client.send(&format!("NAME {name}"));
    client.fence();
    client
}

#[test]
fn a_server_is_trusted_once_its_password_said_and_the_name_is_ours() {
    let mut command = Server::command(["--rate", "0", "--listen", "127.0.0.1:0"]);
    command.env("CHAT_PASSWORD", "open sesame");
    let server = Server::launch(command, 1);
    let mut bob = inside(server.address(), "bob");
    let book = Book::new(None);
    let mut screen = enter(&book, server.address().to_string());
    screen.wait_for("Is this the right server?");
    let shown = Fingerprint::parse(&fingerprint(&server)).unwrap().in_groups();
    assert!(screen.sees(&shown), "{shown}");
    screen.click("Trust this server");
    screen.wait_for("has a password");
    screen.harness().run_ok();
    assert!(screen.has_focus("Password") && !screen.has_focus(COMPOSER));
    screen.type_text("guess");
    screen.press(Key::Enter);
    screen.wait_for("That was not it");
    screen.harness().run_ok();
    screen.type_text("open sesame");
    screen.click("Remember it");
    screen.click("Enter");
    screen.wait_for("Connected");
    screen.wait_for("which is kept for you");
    screen.say("hello");
    bob.expect("MESSAGE ann hello");
    // What was said and who we are is nobody's but ours in the log.
    assert!(!server.log().contains("sesame") && !server.log().contains("guess"));
    drop(screen);
    // The next time nothing is asked, and what we said then is ours.
    let mut again = enter(&book, server.address().to_string());
    again.wait_for("which is kept for you");
    again.wait_for_messages(&["ann: hello"]);
}

#[test]
fn a_changed_certificate_stops() {
    let server = Server::start([]);
    let book = Book::new(None);
    let other = format!("oneroom://{}/#{}", server.address(), "ab".repeat(32));
    // Who heeds that and comes again, by the address alone, is told the same.
    for typed in [other, server.address().to_string()] {
        let mut screen = enter(&book, typed);
        screen.wait_for("shows another certificate than your invite says");
        screen.click("Leave, and say nothing");
        screen.wait_for("Join");
        assert!(screen.app().session().is_none());
    }
    // The same of one that was met before.
    let address = Address::parse(&server.address().to_string()).unwrap();
    book.note(&address, Seen::Pinned(Fingerprint::of(b"another")));
    let mut screen = enter(&book, server.address().to_string());
    screen.wait_for("shows another certificate than the one by which it is known");
}

#[test]
fn a_full_room_is_not_said_to_be_entered() {
    let server = Server::start(["--max-clients", "1"]);
    let _inside = server.guest();
    let mut screen = enter(&Book::new(None), invite(&server));
    screen.wait_for("Not connected: the room is full; try again later. Next attempt in 1");
    assert!(screen.words().iter().all(|words| !words.starts_with("Connect")), "{:?}", screen.words());
}

#[test]
fn an_admin_sends_somebody_out_by_right_click() {
    let server = Server::start(["--admin", "ann"]);
    let book = Book::new(None);
    let mut screen = enter(&book, invite(&server));
    screen.wait_for("which is kept for you");
    let mut bob = server.member("bob");
    screen.wait_for_members(2);
    bob.send("SEND buy watches");
    screen.wait_for_messages(&["bob: buy watches"]);
    screen.press_command(Key::U);
    screen.harness().run_ok();
    screen.harness().get_by_label("Mention bob").click_secondary();
    screen.harness().run_ok();
    screen.click("Send out");
    bob.expect_start("MESSAGE * ");
    screen.wait_for_members(1);
    screen.harness().get_by_label_contains("bob: buy watches").click_secondary();
    screen.harness().run_ok();
    // It is said which message the menu is for, and asked once more.
    screen.wait_for("bob: buy watches");
    screen.click("Take back…");
    screen.until("the question", |screen| {
        (screen.sees("Leave it") && screen.has_focus("Leave it")).then_some(())
    });
    screen.press(Key::Enter);
    screen.wait_until_gone("Leave it");
    screen.wait_for_messages(&["bob: buy watches"]);
    screen.harness().get_by_label_contains("bob: buy watches").click_secondary();
    screen.harness().run_ok();
    screen.click("Take back…");
    screen.click("Take it back");
    screen.wait_for("An admin has taken this message back.");
    screen.wait_for_messages(&[]);
}

#[test]
fn a_ban_is_asked_about_once_more_and_the_keyboard_stays_where_the_names_are() {
    let server = Server::start(["--admin", "ann"]);
    let mut screen = enter(&Book::new(None), invite(&server));
    screen.wait_for("which is kept for you");
    let mut bob = server.member("bob");
    screen.wait_for_members(2);
    screen.press_command(Key::U);
    screen.harness().run_ok();
    screen.harness().get_by_label("Mention bob").focus();
    screen.harness().step();
    assert!(screen.has_focus("Mention bob"));
    screen.press_shift(Key::F10);
    screen.until("the menu", |screen| screen.sees("Send out").then_some(()));
    screen.press(Key::Escape);
    screen.wait_until_gone("Send out");
    screen.until("the keyboard at the name", |screen| screen.has_focus("Mention bob").then_some(()));
    screen.press_shift(Key::F10);
    screen.click("Ban…");
    screen.wait_for("Ban? Who is banned");
    screen.until("the way back", |screen| screen.has_focus("Leave it").then_some(()));
    screen.press(Key::Enter);
    screen.wait_until_gone("Leave it");
    screen.until("the keyboard at the name", |screen| screen.has_focus("Mention bob").then_some(()));
    // It is asked anew each time.
    screen.press_shift(Key::F10);
    screen.click("Ban…");
    screen.click("Ban");
    bob.expect_start("MESSAGE * ");
    screen.wait_for_members(1);
    // Who lets several back in says none of their names to the room.
    screen.fill("Name that was banned", "bob");
    screen.press(Key::Enter);
    screen.wait_for("may come back");
    assert!(screen.has_focus("Name that was banned"));
    screen.type_text("mallory");
    screen.press(Key::Enter);
    screen.wait_for("mallory");
    assert_eq!((screen.value(COMPOSER), screen.messages()), (String::new(), Vec::new()));
    screen.assert_at_rest();
}
