//! The list of messages: what is being read stays where it is, whatever comes and however the window
//! changes, and one gets everywhere with keys, wheel, finger and the bar at the side.

use egui::{
    Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, PointerButton, Pos2, TouchPhase, pos2, vec2,
};
use egui_kittest::kittest::NodeT;

use crate::rooms::TestRoom;
use crate::screen::{Screen, key};

/// A message among many of different lengths.
fn text(number: usize) -> String {
    format!("line {number} {}", "and so on ".repeat(number % 9 * 4))
}

/// A room in which bob has said so much, and a window in it at the newest.
fn open(count: usize) -> (TestRoom, chat_tests::Client, Screen) {
    let room = TestRoom::open();
    let mut bob = room.member("bob");
    for number in 0..count {
        bob.send(&format!("SEND {}", text(number).trim_end()));
    }
    bob.fence();
    let mut screen = Screen::join(room.address(), "ann");
    screen.wait_for(&format!("bob: line {} ", count - 1));
    screen.assert_at_rest();
    (room, bob, screen)
}

/// Which of bob's lines are in sight, and where each begins.
fn lines(screen: &Screen) -> Vec<(usize, f32)> {
    let labels = screen.harness.root().children_recursive().filter_map(|node| {
        let words = node.accesskit_node().value()?;
        let number = words.strip_prefix("bob: line ")?.split([' ', ',']).next()?.parse().ok()?;
        Some((number, node.rect().top()))
    });
    labels.collect()
}

/// The one that is read: the third in sight, no part of which is cut off.
fn read(screen: &Screen) -> (usize, f32) {
    lines(screen)[2]
}

#[track_caller]
fn assert_unmoved(screen: &Screen, (number, top): (usize, f32)) {
    let now = lines(screen).into_iter().find(|(there, _)| *there == number);
    let now = now.unwrap_or_else(|| panic!("line {number} is out of sight")).1;
    assert!((now - top).abs() <= 1.0, "line {number} was at {top} and is at {now}");
}

/// How many entries there are.
fn count(screen: &Screen) -> usize {
    screen.app().session().expect("a room").room().timeline().len()
}

fn wheel(screen: &mut Screen, points: f32) {
    let at = Event::PointerMoved(pos2(450.0, 300.0));
    let wheel = Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: vec2(0.0, points),
        phase: TouchPhase::Move,
        source: MouseWheelSource::Unknown,
        modifiers: Modifiers::NONE,
    };
    screen.in_one_frame(vec![at, wheel]);
    screen.assert_at_rest();
}

fn button(pos: Pos2, pressed: bool) -> Event {
    Event::PointerButton { pos, button: PointerButton::Primary, pressed, modifiers: Modifiers::NONE }
}

/// Where the bar at the side is at this height.
fn bar(screen: &Screen, y: f32) -> Pos2 {
    pos2(screen.harness.ctx.content_rect().right() - 5.0, y)
}

#[test]
fn what_is_read_stays_when_messages_come_before_and_behind() {
    let (_room, mut bob, mut screen) = open(450);
    for _ in 0..3 {
        screen.press(Key::PageUp);
    }
    screen.assert_at_rest();
    let before = read(&screen);
    for number in 450..470 {
        bob.send(&format!("SEND {}", text(number).trim_end()));
    }
    screen.wait_for("Jump to latest (20 new)");
    screen.assert_at_rest();
    assert_unmoved(&screen, before);
    // At the very beginning of what is there, the day is written above the first line, and what comes before
    // it takes that away.
    screen.in_one_frame(vec![key(Modifiers::COMMAND, Key::Home, true)]);
    let (before, there) = (lines(&screen)[1], count(&screen));
    screen.until("older messages", |screen| (count(screen) > there).then_some(()));
    screen.assert_at_rest();
    assert_unmoved(&screen, before);
    assert!(lines(&screen)[0].0 < before.0 - 1, "older lines are above");
}

#[test]
fn what_is_read_stays_in_sight_when_the_window_changes() {
    let (_room, _bob, mut screen) = open(200);
    for _ in 0..3 {
        screen.press(Key::PageUp);
    }
    screen.assert_at_rest();
    let before = lines(&screen);
    // The line that the upper edge cuts is at the edge at every width, and at every size of text.
    let first = before[0].0;
    for (width, zoom) in [(500.0, 1.0), (380.0, 1.0), (520.0, 1.5), (900.0, 0.7), (900.0, 1.0)] {
        screen.harness().ctx.set_zoom_factor(zoom);
        screen.assert_at_rest();
        screen.harness().set_size(vec2(width, 680.0) / zoom);
        screen.assert_at_rest();
        assert_eq!(lines(&screen)[0].0, first, "{width} at {zoom}");
    }
    for ((number, top), (was, at)) in lines(&screen).into_iter().zip(before) {
        assert!(number == was && (top - at).abs() <= 1.0, "line {was} was at {at}: {number} at {top}");
    }
}

#[test]
fn keys_lead_to_the_ends_and_a_page_back_and_forth() {
    let (_room, _bob, mut screen) = open(90);
    // While one writes, these keys move in the draft.
    screen.fill(crate::screen::COMPOSER, "draft");
    for key in [Key::Home, Key::End] {
        screen.press(key);
        assert!(!screen.sees("Jump to latest"), "{key:?}");
    }
    let page = |screen: &mut Screen, key| {
        screen.press(key);
        screen.assert_at_rest();
        lines(screen)
    };
    page(&mut screen, Key::PageUp);
    let before = page(&mut screen, Key::PageUp);
    page(&mut screen, Key::PageUp);
    assert_eq!(page(&mut screen, Key::PageDown), before);
    screen.harness().ctx.memory_mut(egui::Memory::stop_text_input);
    screen.press(Key::Home);
    screen.wait_for("bob: line 0");
    screen.press(Key::End);
    screen.wait_for("bob: line 89");
    screen.wait_until_gone("Jump to latest");
    screen.assert_at_rest();
}

#[test]
fn the_wheel_moves_by_points() {
    let (_room, _bob, mut screen) = open(90);
    screen.press(Key::PageUp);
    screen.assert_at_rest();
    let (number, top) = read(&screen);
    wheel(&mut screen, 40.0);
    assert_unmoved(&screen, (number, top + 40.0));
    wheel(&mut screen, -15.0);
    assert_unmoved(&screen, (number, top + 25.0));
    for _ in 0..40 {
        wheel(&mut screen, -200.0);
    }
    assert!(screen.sees("bob: line 89") && !screen.sees("Jump to latest"));
}

#[test]
fn a_finger_drags_the_list() {
    let (_room, _bob, mut screen) = open(90);
    screen.press(Key::PageUp);
    let touch = |phase, pos| Event::Touch {
        device_id: egui::TouchDeviceId(0),
        id: egui::TouchId(0),
        phase,
        pos,
        force: None,
    };
    let (from, to) = (pos2(450.0, 200.0), pos2(450.0, 260.0));
    screen.in_one_frame(vec![touch(TouchPhase::Start, from), Event::PointerMoved(from)]);
    screen.in_one_frame(vec![touch(TouchPhase::End, from), Event::PointerGone]);
    screen.assert_at_rest();
    let (number, top) = read(&screen);
    // Beside the text, which is selected by dragging.
    let (from, to) = (pos2(12.0, from.y), pos2(12.0, to.y));
    screen.in_one_frame(vec![touch(TouchPhase::Start, from), Event::PointerMoved(from), button(from, true)]);
    screen.in_one_frame(vec![touch(TouchPhase::Move, to), Event::PointerMoved(to)]);
    screen.in_one_frame(vec![touch(TouchPhase::End, to), button(to, false), Event::PointerGone]);
    screen.assert_at_rest();
    assert_unmoved(&screen, (number, top + 60.0));
}

#[test]
fn the_bar_leads_from_one_end_to_the_other() {
    let (_room, mut bob, mut screen) = open(90);
    // The handle is at the lower end.
    let bottom = screen.rect(crate::screen::COMPOSER).top() - 30.0;
    let grab = bar(&screen, bottom);
    screen.in_one_frame(vec![Event::PointerMoved(grab), button(grab, true)]);
    assert!(!screen.sees("Jump to latest"), "it moves when it is dragged");
    let top = bar(&screen, 0.0);
    screen.in_one_frame(vec![Event::PointerMoved(top)]);
    screen.harness().step();
    assert_eq!(lines(&screen)[0].0, 0);
    // Messages that come while it is held move nothing.
    bob.send("SEND line 90");
    bob.fence();
    screen.wait_for("Jump to latest (1 new)");
    assert_eq!(lines(&screen)[0].0, 0);
    screen.in_one_frame(vec![Event::PointerMoved(bar(&screen, 680.0))]);
    screen.in_one_frame(vec![button(bar(&screen, 680.0), false)]);
    screen.wait_for("bob: line 90");
    screen.wait_until_gone("Jump to latest");
    // A click beside the handle goes there.
    let middle = bar(&screen, 300.0);
    screen.in_one_frame(vec![Event::PointerMoved(middle), button(middle, true)]);
    screen.in_one_frame(vec![button(middle, false)]);
    screen.assert_at_rest();
    let first = lines(&screen)[0].0;
    assert!((20..70).contains(&first), "line {first} in the middle");
}

#[test]
fn a_screen_reader_learns_how_many_there_are_and_turns_pages() {
    let (_room, _bob, mut screen) = open(90);
    let (log, set) = {
        let log = screen
            .harness
            .root()
            .children_recursive()
            .find(|node| node.accesskit_node().role() == egui::Role::Log);
        let node = log.expect("a log").accesskit_node();
        (node.locate(), node.data().size_of_set())
    };
    assert_eq!(set, Some(count(&screen)));
    let request = |action| {
        Event::AccessKitActionRequest(egui::accesskit::ActionRequest {
            action,
            target_tree: log.1,
            target_node: log.0,
            data: None,
        })
    };
    screen.in_one_frame(vec![request(egui::accesskit::Action::ScrollUp)]);
    screen.wait_for("Jump to latest");
    screen.in_one_frame(vec![request(egui::accesskit::Action::ScrollDown)]);
    screen.wait_until_gone("Jump to latest");
}

#[test]
fn the_pointer_beside_a_message_asks_when_it_was_said() {
    let (_room, _bob, mut screen) = open(20);
    let (number, top) = read(&screen);
    // Messages show no seconds.
    let has_seconds = |words: &String| words.rsplit(' ').next().unwrap_or_default().matches(':').count() == 2;
    let tells = |screen: &Screen| screen.words().iter().any(has_seconds);
    assert!(!tells(&screen));
    screen.in_one_frame(vec![Event::PointerMoved(pos2(50.0, top + 5.0))]);
    screen.until("day and time", |screen| tells(screen).then_some(()));
    screen.in_one_frame(vec![Event::PointerMoved(pos2(200.0, top + 5.0))]);
    screen.until("them to go", |screen| (!tells(screen)).then_some(()));
    assert_unmoved(&screen, (number, top));
}
