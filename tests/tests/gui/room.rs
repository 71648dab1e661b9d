//! In the room, while all is well: what is said arrives on both sides, at once, once, and as it was
//! written.

use chat_shared::limits::MAX_NAME_CHARS;
use chat_tests::Client;
use egui::{Event, Key};

use crate::rooms::{GoRoom, Port, TestRoom};
use crate::screen::{COMPOSER, SEND, Screen};

#[test]
fn two_people_talk() {
    let room = TestRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    let mut bob = room.member("bob");
    screen.say("hello bob");
    bob.expect("MESSAGE ann hello bob");
    bob.send("SEND hello ann");
    bob.send("SEND and good-bye");
    screen.wait_for_messages(&["ann: hello bob", "bob: hello ann", "bob: and good-bye"]);
    assert_eq!(screen.value(COMPOSER), "");
    assert!(screen.has_focus(COMPOSER));
    screen.assert_at_rest();
}

#[test]
fn two_windows_and_one_line_client_see_the_same_in_the_same_order() {
    let room = TestRoom::open();
    let mut ann = Screen::join(room.address(), "ann");
    let mut zoe = Screen::join(room.address(), "zoe");
    let mut bob = room.member("bob");
    let mut said = Vec::new();
    for number in 0..10 {
        ann.say(&format!("a{number}"));
        said.push(format!("ann: a{number}"));
        bob.expect(&format!("MESSAGE ann a{number}"));
        zoe.say(&format!("z{number}"));
        said.push(format!("zoe: z{number}"));
        bob.expect(&format!("MESSAGE zoe z{number}"));
        bob.send(&format!("SEND b{number}"));
        said.push(format!("bob: b{number}"));
        bob.fence();
        ann.wait_for(&format!("bob: b{number}"));
        zoe.wait_for(&format!("bob: b{number}"));
    }
    // Of thirty messages the newest are in sight; the list is long.
    for screen in [&mut ann, &mut zoe] {
        let messages = screen.messages();
        assert!(messages.len() > 5);
        assert!(said.ends_with(&messages), "{messages:?}");
    }
}

#[test]
fn an_own_message_shows_at_once() {
    let room = TestRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    screen.fill(COMPOSER, "instant");
    screen.press(Key::Enter);
    // One frame for what the key did, whatever the network does.
    screen.harness().step();
    let messages = screen.messages();
    assert!(messages.len() == 1 && messages[0].starts_with("ann: instant"), "{messages:?}");
}

#[test]
fn shift_enter_breaks_the_line() {
    let room = TestRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    let mut bob = room.member("bob");
    screen.fill(COMPOSER, "one");
    screen.press_shift(Key::Enter);
    screen.press_shift(Key::Enter);
    screen.type_text("\ttwo");
    assert_eq!(screen.value(COMPOSER), "one\n\n\ttwo");
    screen.press(Key::Enter);
    bob.expect("MESSAGE ann one");
    bob.expect("MESSAGE ann     two");
    assert_eq!(bob.fence(), [""; 0]);
    screen.wait_for_messages(&["ann: one\n\n    two"]);
}

#[test]
fn nothing_is_sent_for_nothing() {
    let room = TestRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    let mut bob = room.member("bob");
    screen.say("  ");
    screen.press(Key::Enter);
    screen.say("something");
    bob.expect("MESSAGE ann something");
    screen.wait_for_messages(&["ann: something"]);
}

#[test]
fn what_cannot_be_sent_is_refused_in_words_and_stays() {
    let room = TestRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    let mut bob = room.member("bob");
    screen.say("look\u{202E}here");
    screen.wait_for("invisible character U+202E");
    assert_eq!(screen.value(COMPOSER), "look\u{202E}here");
    assert_eq!(screen.messages(), [""; 0]);
    screen.fill(COMPOSER, "look here");
    screen.wait_until_gone("invisible character");
    screen.press(Key::Enter);
    bob.expect("MESSAGE ann look here");
}

#[test]
fn a_line_that_is_too_long_goes_out_in_pieces() {
    let room = TestRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    let mut bob = room.member("bob");
    let word = "x".repeat(3000);
    screen.fill(COMPOSER, &format!("{word} {word}"));
    screen.wait_for("6001 bytes: this goes out as 2 messages.");
    screen.press(Key::Enter);
    bob.expect(&format!("MESSAGE ann {word}"));
    bob.expect(&format!("MESSAGE ann {word}"));
    screen.wait_until_gone("this goes out as");
    screen.fill(COMPOSER, &"x".repeat(4000));
    screen.wait_for("4000 of 4096 bytes");
}

#[test]
fn a_message_is_copied_as_it_was_written() {
    let room = TestRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    let mut bob = room.member("bob");
    bob.send("SEND copyworthy");
    screen.wait_for("bob: copyworthy");
    let message = screen.words().into_iter().find(|words| words.starts_with("bob: copyworthy")).unwrap();
    screen.assert_at_rest();
    let pos = screen.rect(&message).center();
    for pressed in [true, false, true, false] {
        let (button, modifiers) = (egui::PointerButton::Primary, egui::Modifiers::NONE);
        let button = Event::PointerButton { pos, button, pressed, modifiers };
        screen.in_one_frame(vec![Event::PointerMoved(pos), button]);
    }
    screen.in_one_frame(vec![Event::Copy]);
    assert_eq!(screen.copied().as_deref(), Some("copyworthy"));
}

#[test]
fn the_newest_is_followed_until_somebody_reads_back() {
    let room = TestRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    let mut bob = room.member("bob");
    screen.hear_lines(&mut bob, 200);
    assert!(!screen.sees("bob: line 0,"), "only what is in sight is drawn");
    for _ in 0..3 {
        screen.press(Key::PageUp);
        screen.harness().step();
    }
    screen.wait_for("Jump to latest");
    screen.wait_until_gone("bob: line 199,");
    let before = screen.messages();
    for number in 200..250 {
        bob.send(&format!("SEND line {number}"));
    }
    bob.fence();
    screen.wait_for("Jump to latest (50 new)");
    assert_eq!(screen.messages(), before, "the place is kept");
    screen.click("Jump to latest (50 new)");
    screen.wait_for("bob: line 249,");
    screen.wait_until_gone("Jump to latest");
    screen.assert_at_rest();
}

#[test]
fn an_own_message_is_in_sight_wherever_one_was_reading() {
    let room = TestRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    let mut bob = room.member("bob");
    screen.hear_lines(&mut bob, 100);
    screen.press(Key::PageUp);
    screen.press(Key::PageUp);
    screen.wait_for("Jump to latest");
    screen.fill(COMPOSER, "that was long ago");
    screen.press(Key::Enter);
    screen.harness().step();
    assert!(screen.sees("ann: that was long ago"));
    screen.wait_until_gone("Jump to latest");
    // It is followed from there on.
    bob.send("SEND welcome back");
    screen.wait_for("bob: welcome back");
}

#[test]
fn only_what_others_say_counts_as_new() {
    let port = Port::reserve();
    let mut room = TestRoom::open_at(&port);
    let mut screen = Screen::join(port.address(), "ann");
    let mut bob = room.member("bob");
    screen.hear_lines(&mut bob, 100);
    screen.press(Key::PageUp);
    screen.press(Key::PageUp);
    screen.wait_for("Jump to latest");
    bob.send("SEND one more");
    screen.wait_for("Jump to latest (1 new)");
    // That the server has gone is this program's remark.
    room.stop();
    screen.wait_for("Not connected: ");
    assert!(screen.sees("Jump to latest (1 new)"), "{:#?}", screen.words());
}

#[test]
fn a_name_without_end_stays_in_its_column() {
    let room = GoRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    let mut other = Client::connect(room.address());
    let name = "W".repeat(3000);
    other.send(&format!("NAME {name}"));
    other.send("SEND hello");
    screen.wait_for(": hello");
    let right = screen.rect(COMPOSER).right();
    let shapes = &screen.harness().output().shapes;
    let texts = shapes.iter().filter_map(|clipped| match &clipped.shape {
        egui::Shape::Text(text) => Some(text),
        _ => None,
    });
    let names: Vec<_> = texts.filter(|text| text.galley.text().contains(&name[..MAX_NAME_CHARS])).collect();
    assert!(!names.is_empty());
    for text in names {
        assert!(!text.galley.text().contains(&name[..=MAX_NAME_CHARS]), "more than a name may have");
        assert!(text.visual_bounding_rect().right() < right + 90.0);
    }
}

#[test]
fn the_window_sleeps_until_something_comes() {
    let room = TestRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    let mut bob = room.member("bob");
    screen.assert_at_rest();
    assert!(!screen.wants_to_draw());
    bob.send("SEND wake up");
    screen.wait_for_wake_up();
    screen.wait_for("bob: wake up");
}

#[test]
fn a_long_list_stays_quick() {
    let room = TestRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    let mut bob = room.member("bob");
    let burst: String = (0..50_000).map(|number| format!("SEND line {number} of a long evening\n")).collect();
    bob.send_bytes(burst.as_bytes());
    screen.wait_for("bob: line 49999 ");
    for _ in 0..5 {
        screen.press(Key::PageUp);
    }
    screen.wait_for("Jump to latest");
    let begun = std::time::Instant::now();
    for _ in 0..60 {
        screen.harness().step();
    }
    // Unoptimised, and on a busy machine; what this catches is a frame that looks at all of them.
    let frame = begun.elapsed() / 60;
    assert!(frame.as_millis() < 100, "{frame:?} for a frame");
}

#[test]
fn the_composer_stands_under_the_messages_at_every_width() {
    let room = TestRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    for (width, column) in [(360.0, 320.0), (900.0, 820.0), (1920.0, 820.0)] {
        screen.harness().set_size(egui::vec2(width, 680.0));
        screen.assert_at_rest();
        let (field, send) = (screen.rect(COMPOSER), screen.rect(SEND));
        let margins = (field.left(), width - send.right());
        assert!((margins.0 - margins.1).abs() <= 16.0, "{width}: {margins:?}");
        let whole = send.right() - field.left();
        assert!(whole <= column && whole > column - 16.0, "{width}: {whole}");
    }
}

#[test]
fn the_composer_grows_to_a_third_of_the_window() {
    let room = TestRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    let mut bob = room.member("bob");
    screen.hear_lines(&mut bob, 100);
    let newest = screen.words().into_iter().find(|words| words.starts_with("bob: line 99,")).unwrap();
    for height in [600.0, 1200.0] {
        screen.harness().set_size(egui::vec2(900.0, height));
        screen.fill(COMPOSER, "");
        screen.assert_at_rest();
        let before = screen.rect(&newest).bottom();
        screen.fill(COMPOSER, &"line\n".repeat(100));
        screen.assert_at_rest();
        // It had a row before.
        let grown = before - screen.rect(&newest).bottom();
        assert!(grown > height / 3.0 - 80.0 && grown < height / 3.0, "{height}: by {grown}");
        // The cursor is in sight, and with it the end of the text.
        let end = screen.rect(COMPOSER).bottom();
        assert!(end > height - 60.0 && end < height, "{height}: {end}");
    }
}
