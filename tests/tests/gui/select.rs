//! Selecting messages and copying them: with the mouse and with keys, in sight and beyond; what can be done
//! with one message; and how many fit where things stand close.

use chat_tests::Client;
use egui::{Event, Key, Modifiers, OutputCommand, PointerButton, Pos2, Role, vec2};
use egui_kittest::kittest::{NodeT, Queryable};

use crate::rooms::TestRoom;
use crate::screen::{COMPOSER, Screen, key};

/// A room in which bob says all this, one after the other, and a window in it that has heard it.
fn open<'a>(said: impl IntoIterator<Item = &'a str>) -> (TestRoom, Client, Screen) {
    let room = TestRoom::open();
    let mut bob = room.member("bob");
    let mut screen = Screen::join(room.address(), "ann");
    screen.wait_for_members(2);
    let mut last = "";
    for text in said {
        bob.send(&format!("SEND {text}"));
        last = text.split('*').next().unwrap_or_default();
    }
    screen.wait_for(&format!("bob: {last}"));
    screen.assert_at_rest();
    (room, bob, screen)
}

fn many(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("line {number} and so on")).collect()
}

fn open_many(count: usize) -> (TestRoom, Client, Screen) {
    open(many(count).iter().map(String::as_str))
}

/// Where the text of bob's message that begins so stands.
#[track_caller]
fn place(screen: &Screen, text: &str) -> egui::Rect {
    let words = format!("bob: {text}");
    let mut nodes = screen.harness.root().children_recursive();
    let node =
        nodes.find(|node| node.accesskit_node().value().is_some_and(|value| value.starts_with(&words)));
    node.unwrap_or_else(|| panic!("{text:?} is not in sight")).rect()
}

fn left(screen: &Screen, text: &str) -> Pos2 {
    place(screen, text).left_center()
}

fn button(button: PointerButton, pos: Pos2, pressed: bool, modifiers: Modifiers) -> Event {
    Event::PointerButton { pos, button, pressed, modifiers }
}

fn press_at(screen: &mut Screen, pos: Pos2, modifiers: Modifiers) {
    screen.in_one_frame(vec![Event::PointerMoved(pos), Event::ModifiersChanged(modifiers)]);
    screen.in_one_frame(vec![button(PointerButton::Primary, pos, true, modifiers)]);
}

fn release_at(screen: &mut Screen, pos: Pos2) {
    screen.in_one_frame(vec![button(PointerButton::Primary, pos, false, Modifiers::NONE)]);
    screen.in_one_frame(vec![Event::ModifiersChanged(Modifiers::NONE)]);
}

fn click_at(screen: &mut Screen, pos: Pos2, modifiers: Modifiers) {
    press_at(screen, pos, modifiers);
    release_at(screen, pos);
}

/// So many clicks, one after the other as fast as they can be.
fn click_often(screen: &mut Screen, at: Pos2, times: usize) {
    for _ in 0..times {
        let click = [true, false].map(|pressed| button(PointerButton::Primary, at, pressed, Modifiers::NONE));
        screen.in_one_frame([vec![Event::PointerMoved(at)], click.to_vec()].concat());
    }
}

fn drag(screen: &mut Screen, from: Pos2, to: Pos2) {
    press_at(screen, from, Modifiers::NONE);
    screen.in_one_frame(vec![Event::PointerMoved(to)]);
    release_at(screen, to);
}

/// What Ctrl+C puts on the clipboard.
fn copy(screen: &mut Screen) -> Option<String> {
    screen.in_one_frame(vec![Event::Copy]);
    screen.copied()
}

/// The same, with every time as `T`.
fn copy_timeless(screen: &mut Screen) -> String {
    let copied = copy(screen).expect("something is copied");
    let lines = copied.lines().map(|line| match line.split_once("] ") {
        Some((time, rest)) if time.len() == "[12:34".len() => format!("[T] {rest}"),
        _ => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// How many messages are marked as selected.
fn marked(screen: &Screen) -> usize {
    let nodes = screen.harness.root().children_recursive();
    nodes.filter(|node| node.accesskit_node().data().is_selected() == Some(true)).count()
}

/// Gives the list the keyboard, with keys alone.
fn focus_list(screen: &mut Screen) {
    let is_there = |screen: &Screen| {
        screen.harness.query_by(|node| node.role() == Role::Log && node.is_focused()).is_some()
    };
    for _ in 0..20 {
        if is_there(screen) {
            return;
        }
        screen.press(Key::Tab);
        screen.harness().step();
    }
    panic!("Tab does not lead to the messages");
}

#[test]
fn within_one_message_the_letters_are_copied_and_over_several_who_said_them_when() {
    let (_room, _bob, mut screen) = open(["first words", "second words", "third words"]);
    let (first, third) = (place(&screen, "first"), place(&screen, "third"));
    // From the middle of the letters to beyond their end.
    drag(&mut screen, first.center(), first.right_center() + vec2(50.0, 0.0));
    let part = copy(&mut screen).expect("letters");
    assert!("first words".ends_with(&part) && !part.is_empty() && part.len() < 11, "{part:?}");
    // As fast as a slow computer sees it.
    press_at(&mut screen, first.left_center(), Modifiers::NONE);
    let end = first.right_center() + vec2(50.0, 0.0);
    let release = button(PointerButton::Primary, end, false, Modifiers::NONE);
    screen.in_one_frame(vec![Event::PointerMoved(end), release]);
    assert_eq!(copy(&mut screen).as_deref(), Some("first words"));
    // And the other way round, over three.
    drag(&mut screen, third.right_center() + vec2(50.0, 0.0), first.left_center());
    assert_eq!(marked(&screen), 3);
    assert_eq!(
        copy_timeless(&mut screen),
        "[T] bob: first words\n[T] bob: second words\n[T] bob: third words"
    );
    drag(&mut screen, first.center(), third.center());
    let copied = copy_timeless(&mut screen);
    let lines: Vec<_> = copied.lines().collect();
    assert_eq!((lines.len(), lines[1]), (3, "[T] bob: second words"));
    assert!(lines[0].ends_with("words") && lines[0].len() < "[T] bob: first words".len(), "{copied}");
    assert!(lines[2].starts_with("[T] bob: third") && lines[2].len() < "[T] bob: third words".len());
    screen.assert_at_rest();
}

#[test]
fn that_something_was_copied_is_said_for_a_moment() {
    let (_room, _bob, mut screen) = open(["first words"]);
    let first = left(&screen, "first") + vec2(8.0, 0.0);
    click_often(&mut screen, first, 2);
    assert!(!screen.sees("Copied"));
    assert_eq!(copy(&mut screen).as_deref(), Some("first"));
    screen.wait_for("Copied");
    screen.wait_until_gone("Copied");
    screen.assert_at_rest();
    assert!(!screen.wants_to_draw());
}

#[test]
fn two_clicks_select_a_word_three_the_message_and_shift_all_up_to_there() {
    let (_room, _bob, mut screen) = open(["**one** two", "three four"]);
    let (one, three) = (left(&screen, "one") + vec2(8.0, 0.0), left(&screen, "three") + vec2(8.0, 0.0));
    click_at(&mut screen, one, Modifiers::NONE);
    assert_eq!((copy(&mut screen), marked(&screen)), (None, 0));
    screen.assert_at_rest();
    click_often(&mut screen, one, 2);
    assert_eq!(copy(&mut screen).as_deref(), Some("one"));
    // As it is shown, not as it was written.
    screen.assert_at_rest();
    click_often(&mut screen, one, 3);
    assert_eq!(copy(&mut screen).as_deref(), Some("one two"));
    click_at(&mut screen, three, Modifiers::SHIFT);
    assert!(copy_timeless(&mut screen).starts_with("[T] bob: one two\n[T] bob: t"));
    // A click that selects nothing ends it.
    click_at(&mut screen, one + vec2(300.0, 0.0), Modifiers::NONE);
    assert_eq!((copy(&mut screen), marked(&screen)), (None, 0));
    screen.assert_at_rest();
}

#[test]
fn a_drag_beyond_the_edge_goes_on_where_nothing_was_in_sight() {
    let (_room, _bob, mut screen) = open_many(120);
    let from = place(&screen, "line 119").right_center();
    press_at(&mut screen, from, Modifiers::NONE);
    screen.in_one_frame(vec![Event::PointerMoved(egui::pos2(from.x, 1.0))]);
    // The list goes on by itself as long as the pointer is there, and no longer than there is something.
    screen.until("the first line", |screen| screen.sees("bob: line 0 ").then_some(()));
    screen.assert_at_rest();
    let to = left(&screen, "line 0 ");
    screen.in_one_frame(vec![Event::PointerMoved(to)]);
    release_at(&mut screen, to);
    assert!(!screen.sees("bob: line 119"));
    let copied = copy_timeless(&mut screen);
    let expected: Vec<_> = many(120).iter().map(|text| format!("[T] bob: {text}")).collect();
    assert_eq!(copied.lines().collect::<Vec<_>>(), expected);
    screen.assert_at_rest();
}

#[test]
fn what_was_selected_stays_so_while_the_list_moves_and_messages_come() {
    let (_room, mut bob, mut screen) = open_many(60);
    let (from, to) = (left(&screen, "line 50"), place(&screen, "line 52").right_center());
    drag(&mut screen, from, to + vec2(20.0, 0.0));
    let expected = [50, 51, 52].map(|number| format!("[T] bob: line {number} and so on")).join("\n");
    assert_eq!(copy_timeless(&mut screen), expected);
    for number in 60..100 {
        bob.send(&format!("SEND line {number} and so on"));
    }
    screen.wait_for("bob: line 99");
    screen.until("the selected to be out of sight", |screen| (marked(screen) == 0).then_some(()));
    assert_eq!(copy_timeless(&mut screen), expected);
    screen.press(Key::Escape);
    assert_eq!(copy(&mut screen), None);
    screen.assert_at_rest();
}

#[test]
fn all_is_selected_and_copied_with_keys() {
    let (_room, _bob, mut screen) = open_many(80);
    focus_list(&mut screen);
    screen.press_command(Key::A);
    let copied = copy_timeless(&mut screen);
    let lines: Vec<_> = copied.lines().filter(|line| line.contains("bob: ")).collect();
    assert_eq!((lines.len(), lines[0]), (80, "[T] bob: line 0 and so on"));
    screen.press(Key::Escape);
    assert_eq!((copy(&mut screen), marked(&screen)), (None, 0));
    // In the composer it is the draft that is selected.
    screen.fill(COMPOSER, "draft");
    screen.press_command(Key::A);
    assert_eq!(copy(&mut screen).as_deref(), Some("draft"));
    assert_eq!(marked(&screen), 0);
    screen.assert_at_rest();
}

#[test]
fn arrows_go_from_message_to_message_and_bring_them_into_sight() {
    let (_room, _bob, mut screen) = open_many(80);
    focus_list(&mut screen);
    screen.press(Key::ArrowUp);
    assert_eq!(copy(&mut screen).as_deref(), Some("line 79 and so on"));
    for _ in 0..60 {
        screen.press(Key::ArrowUp);
    }
    assert_eq!((copy(&mut screen).as_deref(), marked(&screen)), (Some("line 19 and so on"), 1));
    assert!(screen.sees("bob: line 19") && !screen.sees("bob: line 18 ") && screen.sees("Jump to latest"));
    for _ in 0..40 {
        screen.press_shift(Key::ArrowDown);
    }
    let copied = copy_timeless(&mut screen);
    let expected: Vec<_> = many(60)[19..].iter().map(|text| format!("[T] bob: {text}")).collect();
    assert_eq!(copied.lines().collect::<Vec<_>>(), expected);
    assert!(screen.sees("bob: line 59") && !screen.sees("bob: line 60"));
    screen.press(Key::ArrowDown);
    assert_eq!(copy(&mut screen).as_deref(), Some("line 60 and so on"));
    screen.assert_at_rest();
}

#[test]
fn who_types_while_the_list_has_the_keyboard_writes_a_message() {
    let (_room, _bob, mut screen) = open_many(5);
    focus_list(&mut screen);
    screen.press(Key::ArrowUp);
    assert_eq!(marked(&screen), 1);
    screen.type_text("h");
    screen.type_text("i");
    assert!(screen.has_focus(COMPOSER));
    assert_eq!((screen.value(COMPOSER), marked(&screen)), ("hi".to_owned(), 0));
    screen.assert_at_rest();
}

#[test]
fn a_message_has_a_menu_for_the_mouse() {
    let (_room, _bob, mut screen) = open(["hello there", "and *here*"]);
    let menu = |screen: &mut Screen, text| {
        let at = left(screen, text) + vec2(4.0, 0.0);
        screen.in_one_frame(vec![Event::PointerMoved(at)]);
        for pressed in [true, false] {
            screen.in_one_frame(vec![button(PointerButton::Secondary, at, pressed, Modifiers::NONE)]);
        }
        screen.wait_for("Copy message");
        screen.assert_at_rest();
    };
    menu(&mut screen, "and here");
    assert_eq!(screen.click_to_copy("Copy message").as_deref(), Some("and here"));
    screen.wait_until_gone("Copy message");
    menu(&mut screen, "hello there");
    assert!(!screen.sees("Copy what is selected"));
    screen.press(Key::Escape);
    screen.wait_until_gone("Copy message");
    let (from, to) = (left(&screen, "hello"), place(&screen, "and here").right_center());
    drag(&mut screen, from, to + vec2(20.0, 0.0));
    menu(&mut screen, "hello there");
    let copied = screen.click_to_copy("Copy what is selected").expect("something is copied");
    assert!(copied.contains("] bob: hello there\n[") && copied.ends_with("bob: and here"), "{copied}");
    menu(&mut screen, "hello there");
    screen.click("Mention bob");
    assert_eq!(screen.value(COMPOSER), "bob: ");
    assert!(screen.has_focus(COMPOSER));
    screen.assert_at_rest();
}

#[test]
fn and_for_keys() {
    let (_room, _bob, mut screen) = open(["hello there", "and here"]);
    screen.say("mine");
    screen.wait_for("ann: mine");
    focus_list(&mut screen);
    let open = |screen: &mut Screen, key| {
        screen.press(key);
        screen.until("the menu", |screen| {
            screen.harness.query_by_label("Copy message").is_some_and(|item| item.is_focused()).then_some(())
        });
    };
    screen.press(Key::ArrowUp);
    open(&mut screen, Key::Menu);
    // Nobody needs to mention oneself.
    assert!(!screen.sees("Mention"));
    screen.press(Key::Escape);
    screen.wait_until_gone("Copy message");
    screen.press(Key::ArrowUp);
    open(&mut screen, Key::Enter);
    screen.in_one_frame(vec![key(Modifiers::NONE, Key::Enter, true)]);
    assert_eq!(screen.copied().as_deref(), Some("and here"));
    screen.wait_until_gone("Copy message");
    // The list has the keyboard again, where it was.
    screen.press(Key::ArrowUp);
    assert_eq!(copy(&mut screen).as_deref(), Some("hello there"));
    open(&mut screen, Key::Menu);
    assert!(!screen.sees("Copy what is selected"));
    screen.press(Key::ArrowDown);
    screen.harness().run_ok();
    assert!(screen.has_focus("Mention bob"));
    screen.press(Key::Enter);
    screen.until("the composer", |screen| screen.has_focus(COMPOSER).then_some(()));
    assert_eq!(screen.value(COMPOSER), "bob: ");
    screen.assert_at_rest();
}

#[test]
fn what_is_let_go_can_be_pasted_with_the_middle_button() {
    let (_room, _bob, mut screen) = open(["hello there"]);
    let at = left(&screen, "hello") + vec2(8.0, 0.0);
    let settled = |screen: &Screen| {
        let commands = &screen.harness.output().platform_output.commands;
        commands.iter().find_map(|command| match command {
            OutputCommand::TextSelectionSettled(text) => Some(text.clone()),
            _ => None,
        })
    };
    click_often(&mut screen, at, 1);
    assert_eq!(settled(&screen), None);
    click_often(&mut screen, at, 1);
    assert_eq!(settled(&screen).as_deref(), Some("hello"));
}

#[test]
fn more_fit_where_things_stand_close_and_what_is_read_stays() {
    let (_room, _bob, mut screen) = open_many(120);
    let lines = |screen: &Screen| screen.messages().len();
    let height = |screen: &Screen| place(screen, "line 110").height();
    let (roomy, row) = (lines(&screen), height(&screen));
    screen.press(Key::PageUp);
    let before = screen.messages()[0].clone();
    screen.press_command(Key::Comma);
    screen.click("Density: Compact");
    screen.click("Done");
    screen.wait_until_gone("Density: Compact");
    screen.assert_at_rest();
    assert_eq!(screen.messages()[0], before);
    screen.press_command(Key::End);
    screen.assert_at_rest();
    let compact = lines(&screen);
    assert!(compact * 4 > roomy * 5, "{compact} instead of {roomy}");
    assert!(height(&screen) < row);
}

#[test]
fn what_is_clicked_is_what_is_seen_beside_letters_that_no_font_has() {
    let (_room, _bob, mut screen) = open(["\u{fdfd} pay 100 to ann", "\u{710}\u{712} pay bob"]);
    for (message, last) in [("\u{fdfd} pay", "ann"), ("\u{710}\u{712} pay", "bob")] {
        let at = place(&screen, message).right_center() - vec2(5.0, 0.0);
        click_often(&mut screen, at, 2);
        assert_eq!(copy(&mut screen).as_deref(), Some(last));
        screen.assert_at_rest();
    }
}
