//! A room on this computer: another member joins it and talks, who hosts it is its admin, and it closes when it
//! is left.

use std::net::{Ipv4Addr, SocketAddr};

use chat_client::app::Options;
use chat_client::book::Book;
use chat_client::invite::Invite;
use chat_client::net::Trust;
use chat_tests::Client;
use egui::Key;
use egui_kittest::kittest::Queryable;

use crate::screen::{COMPOSER, Screen, options};

fn host() -> (Screen, SocketAddr) {
    host_with(options())
}

fn host_with(options: Options) -> (Screen, SocketAddr) {
    let mut screen = Screen::open(options);
    screen.fill("Your name", "ann");
    screen.click("Host a room on this computer");
    screen.wait_for("Connected");
    let port = screen.harness().state().session().unwrap().hosted().unwrap().port();
    (screen, SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
}

#[test]
fn another_member_joins_and_talks() {
    let (mut screen, address) = host();
    screen.wait_for("This room runs on this computer");
    let mut bob = Client::connect(address);
    bob.send("NAME bob");
    bob.send("SEND nice place");
    screen.wait_for_messages(&["bob: nice place"]);
    screen.say("make yourself at home");
    bob.expect("MESSAGE ann make yourself at home");
    screen.assert_at_rest();
    screen.click("Close the room");
    screen.wait_for("Host a room on this computer");
    let rest = bob.read_to_end();
    assert!(rest.iter().all(|line| line.starts_with("MESSAGE * ")), "{rest:?}");
}

#[test]
fn who_hosts_a_room_is_its_admin() {
    let guard = Some((Book::new(None), Trust::default()));
    let (mut screen, address) = host_with(Options { guard, ..options() });
    screen.wait_for("ann is yours now: this computer keeps its key.");
    screen.wait_for("which is kept for you");
    let mut bob = Client::connect(address);
    bob.send("NAME bob");
    screen.wait_for_members(2);
    screen.press_command(Key::U);
    screen.harness().run_ok();
    screen.harness().get_by_label("Mention bob").click_secondary();
    screen.harness().run_ok();
    screen.click("Send out");
    bob.expect("MESSAGE * you were sent out by ann");
    screen.wait_for_members(1);
    screen.assert_at_rest();
}

#[test]
fn what_was_left_to_say_in_a_room_that_is_kept_is_there_when_it_is_hosted_again() {
    let rooms = tempfile::tempdir().expect("a folder can be made");
    let with = |port| Options { rooms: Some(rooms.path().to_owned()), host_port: Some(port), ..options() };
    let enter = |screen: &mut Screen| {
        screen.fill("Your name", "ann");
        screen.click("Host a room on this computer");
        screen.wait_for("Connected");
        screen.app().session().unwrap().hosted().unwrap().port()
    };
    let mut screen = Screen::with_settings(with(0));
    let port = enter(&mut screen);
    screen.fill(COMPOSER, "half a thought");
    // The window is closed with the room in it.
    let mut screen = screen.reopen(with(port));
    assert_eq!(enter(&mut screen), port);
    assert_eq!(screen.value(COMPOSER), "half a thought");
    screen.fill(COMPOSER, "and more of it");
    screen.click("Close the room");
    screen.wait_for("Host a room on this computer");
    let mut screen = screen.reopen(with(port));
    assert_eq!(enter(&mut screen), port);
    assert_eq!(screen.value(COMPOSER), "and more of it");
}

#[test]
fn its_addresses_can_be_copied() {
    let (mut screen, address) = host();
    let copy = screen.words().into_iter().find(|words| words.starts_with("Copy "));
    let Some(copy) = copy else {
        assert!(screen.sees("which is on no network"));
        return;
    };
    assert!(copy.ends_with(&format!(":{}", address.port())), "{copy}");
    assert_eq!(screen.click_to_copy(&copy).as_deref(), copy.strip_prefix("Copy "));
}

#[test]
fn an_invite_can_be_copied() {
    let (mut screen, address) = host();
    if screen.sees("which is on no network") {
        return;
    }
    let invite = screen.click_to_copy("Copy an invite").expect("an invite");
    let read = Invite::parse(invite.lines().last().unwrap()).unwrap();
    assert!(read.addresses.all().iter().all(|there| there.port() == address.port()), "{invite}");
    // Who has it need not be asked whether this is the right room.
    let shown = Client::connect_sealed(address).fingerprint();
    assert_eq!((read.pin.map(|pin| pin.to_string()), shown.is_some()), (shown, true));
}
