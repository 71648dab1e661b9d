//! Searching: in what is loaded and in the whole log, going to what was found, and what lies in between.

use egui::{Key, Modifiers};
use egui_kittest::kittest::NodeT;

use crate::rooms::{GoRoom, Port, TestRoom};
use crate::screen::{COMPOSER, Screen, key};

const FIELD: &str = "Search for";
const HOLE: &str = "The messages in between are not loaded.";

/// Every so many messages, one is about a fox.
const FOX: usize = 500;

fn text(number: usize) -> String {
    if number % FOX == 7 { format!("a quick fox {number}") } else { format!("line {number}") }
}

/// A room in which bob has said so much, and a window in it at the newest.
fn open(count: usize) -> (TestRoom, chat_tests::Client, Screen) {
    let room = TestRoom::open();
    let mut bob = room.member("bob");
    for number in 0..count {
        bob.send(&format!("SEND {}", text(number)));
    }
    bob.fence();
    let mut screen = Screen::join(room.address(), "ann");
    screen.wait_for(&format!("bob: {},", text(count - 1)));
    (room, bob, screen)
}

/// Types what to search for.
fn search(screen: &mut Screen, words: &str) {
    screen.press_command(Key::F);
    screen.harness().run_ok();
    assert!(screen.has_focus(FIELD));
    screen.fill(FIELD, words);
}

/// What was found, from top to bottom, without the times.
fn found(screen: &Screen) -> Vec<String> {
    let hits = screen.words().into_iter().filter_map(|words| Some(words.strip_prefix("Go to ")?.to_owned()));
    hits.map(|words| words.split(',').next().unwrap_or_default().to_owned()).collect()
}

/// What this one of what was found is called.
fn hit(screen: &Screen, message: &str) -> String {
    let begin = format!("Go to {message},");
    screen.words().into_iter().find(|words| words.starts_with(&begin)).expect("a hit")
}

/// The message that is marked.
fn marked(screen: &Screen) -> Option<String> {
    let marked = screen.words().into_iter().find(|words| words.ends_with(", found"))?;
    Some(marked.split(',').next()?.to_owned())
}

fn is_at(screen: &mut Screen, message: &str) {
    screen.until(message, |screen| (marked(screen).as_deref() == Some(message)).then_some(()));
    let there = screen.harness.root().children_recursive().find_map(|node| {
        let words = node.accesskit_node().value()?;
        words.ends_with(", found").then(|| node.rect())
    });
    let there = there.expect("a message");
    let end = screen.rect(COMPOSER).top();
    assert!(there.top() > 50.0 && there.bottom() < end, "{there:?} above {end}");
}

/// The numbers of bob's messages that this window has, oldest first, and `None` where some are missing.
fn numbers(screen: &Screen) -> Vec<Option<usize>> {
    let timeline = screen.app().session().expect("a room").room().timeline();
    let entries = timeline.iter().filter(|entry| entry.id().is_some() || entry.text() == HOLE);
    entries.map(|entry| entry.text().rsplit(' ').next()?.parse().ok()).collect()
}

#[test]
fn all_that_was_said_is_searched_and_one_goes_from_one_to_the_next() {
    let (_room, mut bob, mut screen) = open(3000);
    search(&mut screen, "FOX qui");
    screen.wait_for("6 messages were found.");
    let foxes: Vec<_> = (0..6).rev().map(|n| format!("bob: {}", text(n * FOX + 7))).collect();
    assert_eq!(found(&screen), foxes);
    assert_eq!(numbers(&screen).len(), 100, "what was found was not taken for what was said last");
    // The newest are loaded already or are near; each is gone to, round and back.
    for fox in &foxes {
        screen.press(Key::Enter);
        is_at(&mut screen, fox);
        assert!(screen.has_focus(FIELD));
    }
    screen.press(Key::Enter);
    is_at(&mut screen, &foxes[0]);
    screen.press_shift(Key::Enter);
    is_at(&mut screen, &foxes[5]);
    // What is between them is missing, and is said to be.
    let there = numbers(&screen);
    assert!(there.contains(&None) && there.len() < 1500, "{}", there.len());
    for pair in there.windows(2) {
        assert!(!matches!(pair, [Some(one), Some(next)] if one + 1 != *next), "{pair:?}");
    }
    screen.assert_at_rest();
    // Who clicks can go on with keys.
    screen.click(&hit(&screen, "bob: a quick fox 1007"));
    is_at(&mut screen, "bob: a quick fox 1007");
    screen.press(Key::Enter);
    is_at(&mut screen, "bob: a quick fox 507");
    screen.press(Key::Enter);
    is_at(&mut screen, "bob: a quick fox 7");
    // What is said meanwhile is found by who searches again.
    bob.send("SEND fox, quick");
    screen.wait_for("Jump to latest (1 new)");
    assert_eq!(found(&screen), foxes);
    screen.press_command(Key::F);
    screen.wait_for("7 messages were found.");
    assert!(marked(&screen).is_some());
    // The first page is where the log begins, and what was found is not marked any more.
    screen.press(Key::Escape);
    screen.harness().run_ok();
    assert!(screen.has_focus(COMPOSER) && !screen.sees(FIELD) && marked(&screen).is_none());
    assert!(screen.sees("bob: line 6,"), "it stays there");
    screen.assert_at_rest();
}

#[test]
fn what_is_in_between_comes_as_one_reads_on() {
    let (_room, mut bob, mut screen) = open(1200);
    search(&mut screen, "fox 507");
    screen.wait_for("1 message was found.");
    screen.press(Key::Enter);
    is_at(&mut screen, "bob: a quick fox 507");
    screen.press(Key::Escape);
    screen.harness().run_ok();
    let whole: Vec<_> = (0..1200).map(Some).collect();
    // Down to where what is loaded ends, and from there up to it again.
    for round in 0..200 {
        screen.press(Key::PageDown);
        screen.harness().run_ok();
        if numbers(&screen).iter().all(Option::is_some) {
            break;
        }
        assert!(round < 199, "{:?}", numbers(&screen).len());
    }
    assert!(whole.ends_with(&numbers(&screen)));
    screen.in_one_frame(vec![key(Modifiers::COMMAND, Key::End, true)]);
    screen.wait_for("bob: line 1199,");
    bob.send("SEND and on");
    screen.wait_for("bob: and on,");
    screen.assert_at_rest();
}

#[test]
fn what_is_in_between_comes_from_the_other_end_too_and_moves_nothing() {
    let (_room, _bob, mut screen) = open(1200);
    search(&mut screen, "fox 507");
    screen.wait_for("1 message was found.");
    screen.press(Key::Enter);
    is_at(&mut screen, "bob: a quick fox 507");
    screen.press(Key::Escape);
    screen.click("Jump to latest");
    screen.wait_for("bob: line 1199,");
    let lines = |screen: &Screen| {
        let lines = screen.harness.root().children_recursive().filter_map(|node| {
            let words = node.accesskit_node().value()?;
            let number: usize = words.strip_prefix("bob: line ")?.split(',').next()?.parse().ok()?;
            Some((number, node.rect().top()))
        });
        lines.collect::<Vec<_>>()
    };
    while !numbers(&screen).iter().all(Option::is_some) {
        screen.press(Key::PageUp);
        screen.assert_at_rest();
        let (before, count) = (lines(&screen), numbers(&screen).len());
        // What comes now comes out of sight.
        for _ in 0..20 {
            screen.harness().step();
        }
        screen.assert_at_rest();
        let after = lines(&screen);
        let (number, top) = before[before.len() / 2];
        let now = after.iter().find(|(there, _)| *there == number).expect("the line that is read").1;
        assert!((now - top).abs() <= 1.0, "line {number} was at {top} and is at {now}");
        assert!(numbers(&screen).len() >= count);
    }
}

#[test]
fn a_hit_that_is_clicked_is_shown_and_a_small_window_makes_room_for_it() {
    let (_room, _bob, mut screen) = open(600);
    screen.harness().set_size(egui::vec2(380.0, 600.0));
    screen.click("Search what was said");
    screen.fill(FIELD, "fox");
    screen.wait_for("2 messages were found.");
    assert!(!screen.sees("bob: line 599,"));
    screen.click(&hit(&screen, "bob: a quick fox 7"));
    is_at(&mut screen, "bob: a quick fox 7");
    assert!(!screen.sees(FIELD));
    // What was searched for is still there.
    screen.press_command(Key::F);
    screen.wait_for("2 messages were found.");
    assert_eq!(screen.value(FIELD), "fox");
    screen.assert_at_rest();
}

#[test]
fn what_is_not_found_is_said_and_a_server_without_a_log_is_too() {
    let (_room, _bob, mut screen) = open(20);
    search(&mut screen, "wolf");
    screen.wait_for("Nothing was found.");
    screen.press(Key::Enter);
    assert!(marked(&screen).is_none());
    screen.assert_at_rest();
    let room = GoRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    for text in ["a fox", "a wolf", "foxes"] {
        screen.say(text);
        screen.wait_for(&format!("ann: {text}"));
    }
    search(&mut screen, "fox");
    screen.wait_for("2 messages were found in what this window has.");
    screen.wait_for("The server keeps nothing that could be searched.");
    assert_eq!(found(&screen), ["ann: foxes", "ann: a fox"]);
    screen.press_shift(Key::Enter);
    is_at(&mut screen, "ann: a fox");
    screen.assert_at_rest();
}

#[test]
fn a_search_waits_for_the_connection() {
    let port = Port::reserve();
    let folder = tempfile::tempdir().unwrap();
    let mut room = TestRoom::open_in(&port, folder.path());
    let mut bob = room.member("bob");
    for number in 0..300 {
        bob.send(&format!("SEND {}", text(number)));
    }
    bob.fence();
    let mut screen = Screen::join(port.address(), "ann");
    screen.wait_for("bob: line 299,");
    room.stop();
    screen.wait_for("Not connected: ");
    search(&mut screen, "fox");
    screen.wait_for(
        "Nothing was found in what this window has. The rest is searched once there is a connection.",
    );
    let _room = TestRoom::open_in(&port, folder.path());
    screen.wait_for("1 message was found.");
    screen.press(Key::Enter);
    is_at(&mut screen, "bob: a quick fox 7");
}
