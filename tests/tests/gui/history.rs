//! In a room that keeps what is said: it is there for who comes later, after a break nothing is missing, and
//! what one says oneself is there once, whatever breaks.

use chat_client::app::Options;
use egui::Key;

use crate::rooms::{Port, TestRoom};
use crate::screen::{COMPOSER, Screen, options};

fn enter(port: &Port, name: &str) -> Options {
    Options { address: Some(port.address().to_string()), name: Some(name.to_owned()), ..options() }
}

/// Everything in the room's log, as somebody sees it who comes now.
fn log(room: &TestRoom) -> Vec<String> {
    let mut member = chat_tests::Client::connect(room.address());
    member.send(&format!("HELLO 1 {}", "0".repeat(32)));
    member.expect_start("WELCOME 1 ");
    member.send("LAST 500");
    let mut said = Vec::new();
    loop {
        let line = member.read().expect("an answer");
        if line.starts_with("END LAST ") {
            member.send("QUIT");
            return said;
        }
        if let Some(past) = line.strip_prefix("PAST ") {
            let mut words = past.splitn(4, ' ').skip(2);
            said.push(format!("{}: {}", words.next().unwrap(), words.next().unwrap()));
        }
    }
}

/// What this window has of the log, in sight or not.
fn shown(screen: &Screen) -> Vec<String> {
    let timeline = screen.app().session().expect("a room").room().timeline();
    let log = timeline.iter().filter(|entry| entry.id().is_some());
    log.map(|entry| format!("{}: {}", entry.author().unwrap_or_default(), entry.text())).collect()
}

#[test]
fn what_was_said_before_is_shown_and_older_messages_come_as_one_reads_back() {
    let room = TestRoom::open();
    let mut bob = room.member("bob");
    for number in 0..450 {
        bob.send(&format!("SEND line {number}"));
    }
    bob.fence();
    let mut screen = Screen::join(room.address(), "ann");
    screen.wait_for("bob: line 449,");
    let begun = shown(&screen).len();
    assert!(begun <= 200, "{begun} messages at first");
    for _ in 0..200 {
        screen.press(Key::PageUp);
        screen.harness().step();
        if screen.sees("The room keeps nothing older than this.") {
            break;
        }
    }
    screen.wait_for("bob: line 0,");
    assert_eq!(shown(&screen), (0..450).map(|number| format!("bob: line {number}")).collect::<Vec<_>>());
    screen.assert_at_rest();
}

#[test]
fn an_own_message_waits_for_the_server_and_is_sent_then() {
    let port = Port::reserve();
    let folder = tempfile::tempdir().unwrap();
    let mut room = TestRoom::open_in(&port, folder.path());
    let mut screen = Screen::join(port.address(), "ann");
    screen.say("one\n\ntwo");
    screen.wait_for_messages(&["ann: one\n\ntwo"]);
    room.stop();
    screen.wait_for("Not connected: ");
    screen.say("three");
    screen.wait_for_messages(&["ann: one\n\ntwo", "ann: three, waiting to be sent"]);
    let room = TestRoom::open_in(&port, folder.path());
    screen.wait_for_messages(&["ann: one\n\ntwo", "ann: three"]);
    assert_eq!(log(&room), [r"ann: one\n\ntwo", "ann: three"]);
}

#[test]
fn a_break_leaves_no_gap_and_no_double() {
    let port = Port::reserve();
    let folder = tempfile::tempdir().unwrap();
    let mut room = TestRoom::open_in(&port, folder.path());
    let mut screen = Screen::join(port.address(), "ann");
    room.member("bob").send("SEND before");
    screen.wait_for("bob: before");
    for round in 0..3 {
        room.stop();
        screen.wait_for("Not connected: ");
        screen.say(&format!("mine {round}"));
        room = TestRoom::open_in(&port, folder.path());
        let mut bob = room.member("bob");
        bob.send(&format!("SEND his {round}"));
        bob.fence();
        screen.wait_for(&format!("bob: his {round}"));
        screen.wait_until_gone("waiting to be sent");
    }
    let log = log(&room);
    assert_eq!(log.len(), 7);
    screen.until("all of the log", |screen| (shown(screen) == log).then_some(()));
    assert!(!screen.sees("missing"));
}

#[test]
fn a_log_that_was_lost_is_said_in_its_place() {
    let port = Port::reserve();
    let mut room = TestRoom::open_at(&port);
    let mut screen = Screen::join(port.address(), "ann");
    screen.say("before");
    screen.wait_for_messages(&["ann: before"]);
    room.stop();
    screen.wait_for("Not connected: ");
    let room = TestRoom::open_at(&port);
    screen.wait_for("Something may be missing here: the room has lost its log");
    let mut bob = room.member("bob");
    bob.send("SEND after");
    screen.wait_for_messages(&["ann: before", "bob: after"]);
}

#[test]
fn what_waited_in_a_crash_is_sent_once() {
    let port = Port::reserve();
    let folder = tempfile::tempdir().unwrap();
    let mut room = TestRoom::open_in(&port, folder.path());
    let mut screen = Screen::with_settings(enter(&port, "ann"));
    screen.wait_for("Oneroom: Connected.");
    screen.say("heard");
    screen.wait_for_messages(&["ann: heard"]);
    room.stop();
    screen.wait_for("Not connected: ");
    for text in ["one", "two", "three"] {
        screen.say(text);
    }
    let kept = screen.kept();
    screen.until("all of it to be kept", |_| {
        let mut files = std::fs::read_dir(&kept).ok()?.map_while(Result::ok).map(|file| file.path());
        let whole = files.find(|path| path.extension().is_some_and(|end| end == "json"))?;
        std::fs::read_to_string(whole).is_ok_and(|text| text.contains("three")).then_some(())
    });
    let mut screen = screen.crash(enter(&port, "ann"));
    screen.wait_for_messages(
        &["one", "two", "three"]
            .map(|text| format!("ann: {text}, waiting to be sent"))
            .each_ref()
            .map(String::as_str),
    );
    let room = TestRoom::open_in(&port, folder.path());
    let all = ["ann: heard", "ann: one", "ann: two", "ann: three"];
    screen.wait_for_messages(&all);
    assert_eq!(log(&room), all);
}

#[test]
fn what_had_arrived_before_a_crash_is_not_said_again() {
    let port = Port::reserve();
    let folder = tempfile::tempdir().unwrap();
    let room = TestRoom::open_in(&port, folder.path());
    let mut bob = room.member("bob");
    let mut screen = Screen::with_settings(enter(&port, "ann"));
    screen.wait_for("Oneroom: Connected.");
    screen.say("heard");
    bob.expect("MESSAGE ann heard");
    // That it has arrived may not be in the file yet.
    let mut screen = screen.crash(enter(&port, "ann"));
    screen.wait_for("Oneroom: Connected.");
    screen.wait_until_gone("waiting to be sent");
    screen.say("and again");
    bob.expect("MESSAGE ann and again");
    let all = ["ann: heard", "ann: and again"];
    screen.wait_for_messages(&all);
    assert_eq!(log(&room), all);
}

#[test]
fn what_waits_when_the_room_is_left_is_sent_when_it_is_entered_again() {
    let port = Port::reserve();
    let folder = tempfile::tempdir().unwrap();
    let mut room = TestRoom::open_in(&port, folder.path());
    let mut screen = Screen::with_settings(enter(&port, "ann"));
    screen.wait_for("Oneroom: Connected.");
    room.stop();
    screen.wait_for("Not connected: ");
    screen.say("one");
    screen.fill(COMPOSER, "half a thought");
    screen.click("Leave");
    screen.click(&format!("Join {} as ann", port.address()));
    screen.wait_for_messages(&["ann: one, waiting to be sent"]);
    assert_eq!(screen.value(COMPOSER), "half a thought");
    let room = TestRoom::open_in(&port, folder.path());
    screen.wait_for_messages(&["ann: one"]);
    screen.say("two");
    screen.wait_until_gone("waiting to be sent");
    assert_eq!(log(&room), ["ann: one", "ann: two"]);
    // It came back to its own place, and was not taken for another window.
    let files = std::fs::read_dir(screen.kept()).unwrap().map(|file| file.unwrap().path());
    assert_eq!(files.filter(|path| path.extension().is_some_and(|end| end == "json")).count(), 1);
}

#[test]
fn two_windows_of_one_person_are_two_members() {
    let port = Port::reserve();
    let room = TestRoom::open_at(&port);
    let mut ann = Screen::with_settings(enter(&port, "ann"));
    ann.wait_for("Oneroom: Connected.");
    let kept = Some(ann.kept());
    let mut eve = Screen::open(Options { kept, ..enter(&port, "eve") });
    eve.wait_for("Oneroom: Connected.");
    let mut said = Vec::new();
    for number in 0..3 {
        for (screen, name) in [(&mut ann, "ann"), (&mut eve, "eve")] {
            screen.say(&format!("{name}'s {number}"));
            said.push(format!("{name}: {name}'s {number}"));
            screen.wait_until_gone("waiting to be sent");
            screen.wait_for(&format!("{name}'s {number}"));
        }
    }
    let all: Vec<_> = said.iter().map(String::as_str).collect();
    ann.wait_for_messages(&all);
    eve.wait_for_messages(&all);
    assert_eq!(log(&room), said);
}

#[test]
fn who_comes_and_goes_is_told() {
    let room = TestRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    screen.wait_for_members(1);
    let mut bob = room.member("bob");
    bob.send("SEND hi");
    screen.wait_for("Oneroom: bob came.");
    screen.wait_for_messages(&["bob: hi"]);
    bob.send("NAME rob");
    screen.wait_for("Oneroom: bob is now called rob.");
}
