//! What messages look like: markup, names, links and long messages, as a screen reader and the keyboard
//! find them.

use egui::{Event, Key, PointerButton, Pos2, Rect, Role, vec2};
use egui_kittest::kittest::{NodeT, Queryable};

use crate::rooms::TestRoom;
use crate::screen::{COMPOSER, Screen};

/// The address that the last frame opened outside of the program.
fn opened(screen: &Screen) -> Option<String> {
    let commands = &screen.harness.output().platform_output.commands;
    commands.iter().find_map(|command| match command {
        egui::OutputCommand::OpenUrl(open) => Some(open.url.clone()),
        _ => None,
    })
}

fn links(screen: &Screen) -> Vec<String> {
    let nodes = screen.harness.root().children_recursive();
    let links = nodes.filter(|node| node.accesskit_node().role() == Role::Link);
    links.filter_map(|node| node.accesskit_node().label()).collect()
}

/// A room in which bob has said this.
fn heard(said: &str) -> (TestRoom, Screen) {
    let room = TestRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    let mut bob = room.member("bob");
    bob.send(&format!("SEND {said}"));
    screen.until("what bob says", |screen| (screen.messages().len() == 1).then_some(()));
    (room, screen)
}

#[test]
fn markup_is_shown_and_not_read_out() {
    let (_room, mut screen) = heard("**bold**, `code` and 2*3*4, @ann");
    screen.wait_for_messages(&["bob: bold, code and 2*3*4, @ann"]);
    screen.assert_at_rest();
}

#[test]
fn a_link_is_followed_only_after_its_target_was_shown() {
    let (_room, mut screen) = heard("see https://аррle.com/a.");
    assert_eq!(links(&screen), ["https://аррle.com/a"]);
    screen.click("https://аррle.com/a");
    screen.wait_for("xn--le-6kc8da.com");
    screen.wait_for("https://xn--le-6kc8da.com/a");
    assert!(screen.sees("other letters"));
    assert!(screen.has_focus("Cancel"));
    screen.assert_at_rest();
    screen.harness.get_by_label("Open").click();
    screen.harness.step();
    assert_eq!(opened(&screen).as_deref(), Some("https://xn--le-6kc8da.com/a"));
    screen.wait_until_gone("Open this address");
}

#[test]
fn who_clicks_a_link_twice_is_still_asked() {
    let (_room, mut screen) = heard("https://example.org/");
    let beside = screen.rect("https://example.org/").center();
    // Both in the same tenth of a second.
    screen.harness.input_mut().time = Some(screen.harness.ctx.input(|input| input.time));
    screen.click("https://example.org/");
    screen.wait_for("Open this address");
    let button = egui::PointerButton::Primary;
    let click = [true, false].map(|pressed| egui::Event::PointerButton {
        pos: beside,
        button,
        pressed,
        modifiers: egui::Modifiers::NONE,
    });
    screen.in_one_frame(vec![egui::Event::PointerMoved(beside), click[0].clone()]);
    screen.in_one_frame(vec![click[1].clone()]);
    screen.harness.step();
    assert!(screen.sees("Open this address"));
    screen.press(Key::Escape);
    screen.wait_until_gone("Open this address");
}

#[test]
fn escape_and_cancel_and_copy_open_nothing() {
    let (_room, mut screen) = heard("https://example.org/");
    screen.click("https://example.org/");
    screen.wait_for("Open this address");
    screen.press(Key::Escape);
    screen.wait_until_gone("Open this address");
    assert_eq!(opened(&screen), None);

    screen.click("https://example.org/");
    screen.wait_for("Open this address");
    // It has the keyboard, so that a key pressed too soon opens nothing.
    screen.press(Key::Enter);
    screen.wait_until_gone("Open this address");
    assert_eq!(opened(&screen), None);

    screen.click("https://example.org/");
    screen.wait_for("Open this address");
    assert_eq!(screen.click_to_copy("Copy").as_deref(), Some("https://example.org/"));
    screen.wait_until_gone("Open this address");
    assert_eq!(opened(&screen), None);
}

#[test]
fn a_link_is_reached_by_keyboard_and_the_keyboard_comes_back() {
    let (_room, mut screen) = heard("https://example.org/");
    screen.harness.get_by_label("https://example.org/").focus();
    screen.harness.step();
    screen.press(Key::Enter);
    screen.wait_for("Open this address");
    screen.press(Key::Escape);
    screen.wait_until_gone("Open this address");
    assert!(screen.has_focus("https://example.org/"));
    screen.fill(COMPOSER, "and on");
    assert_eq!(screen.value(COMPOSER), "and on");
}

#[test]
fn a_long_message_is_folded_until_it_is_asked_for() {
    let (_room, mut screen) = heard(&"x".repeat(4000));
    let button = "Show all (4000 letters)";
    assert!(screen.sees(button));
    // What a screen reader reads is whole all the same.
    assert_eq!(screen.messages()[0].len(), "bob: ".len() + 4000);
    let place = |screen: &Screen| {
        let log = screen.harness.get_by(|node| node.role() == Role::Log);
        let labels = log.children_recursive().filter(|node| node.accesskit_node().role() == Role::Label);
        let rects = labels.map(|node| node.rect());
        rects.max_by(|one, other| one.height().total_cmp(&other.height())).expect("a message")
    };
    let folded = place(&screen);
    // From its beginning on, though what follows does not fit any more.
    screen.harness.get_by_label(button).click();
    screen.until("all of it", |screen| (place(screen).height() > 2.0 * folded.height()).then_some(()));
    assert_eq!(place(&screen).top(), folded.top());
    screen.harness().key_press_modifiers(egui::Modifiers::COMMAND, Key::End);
    screen.wait_for("Show less");
    screen.click("Show less");
    screen.wait_for(button);
    assert_eq!(place(&screen).height(), folded.height());
    screen.assert_at_rest();
}

/// Where the text of bob's message that begins so stands.
#[track_caller]
fn place(screen: &Screen, text: &str) -> Rect {
    let words = format!("bob: {text}");
    let mut nodes = screen.harness.root().children_recursive();
    let node =
        nodes.find(|node| node.accesskit_node().value().is_some_and(|value| value.starts_with(&words)));
    node.unwrap_or_else(|| panic!("{text:?} is not in sight")).rect()
}

fn click_at(screen: &mut Screen, pos: Pos2) {
    screen.in_one_frame(vec![Event::PointerMoved(pos)]);
    for pressed in [true, false] {
        let (button, modifiers) = (PointerButton::Primary, egui::Modifiers::NONE);
        screen.in_one_frame(vec![Event::PointerButton { pos, button, pressed, modifiers }]);
    }
    screen.harness().run();
}

#[test]
fn a_link_is_where_it_is_seen_after_words_from_right_to_left() {
    let (_room, mut screen) = heard("مرحبا open https://example.com/abc");
    let (text, link) = (place(&screen, "مرحبا"), screen.rect("https://example.com/abc"));
    assert!((text.right() - link.right()).abs() < 1.0, "{link} is not the end of {text}");
    // The word before it is none.
    click_at(&mut screen, link.left_center() - vec2(15.0, 0.0));
    assert!(!screen.sees("Open this address"));
    click_at(&mut screen, link.right_center() - vec2(4.0, 0.0));
    screen.wait_for("Open this address");
}

/// Where the tip with the day and the time is, if it is there when the pointer rests here.
fn tip_at(screen: &mut Screen, pointer: Pos2) -> Option<Rect> {
    screen.in_one_frame(vec![Event::PointerMoved(pointer)]);
    screen.harness().run();
    let mut nodes = screen.harness.root().children_recursive();
    let is_day = |words: &str| words.contains("day, ") && words.matches(':').count() == 2;
    nodes
        .find(|node| node.accesskit_node().value().is_some_and(|words| is_day(&words)))
        .map(|node| node.rect())
}

#[test]
fn the_day_is_told_on_the_time_alone_and_covers_nothing_that_was_said() {
    let (room, mut screen) = heard("the first one, which is long enough to be covered");
    let mut bob = room.member("bob too");
    bob.send("SEND another");
    screen.wait_for("another");
    screen.harness().ctx.all_styles_mut(|style| style.interaction.tooltip_delay = 0.0);
    let text = place(&screen, "the first");
    let y = text.top() - 8.0;
    let tips: Vec<_> = (0..60)
        .map(|step| text.left() - 50.0 + 10.0 * step as f32)
        .filter_map(|x| Some((x, tip_at(&mut screen, Pos2::new(x, y))?)))
        .collect();
    let (first, last) = (tips.first().expect("the time is there").0, tips.last().unwrap().0);
    assert!(first > text.left() + 20.0 && last - first < 60.0, "from {first} to {last}");
    for (x, tip) in tips {
        assert!(!tip.intersects(text) && tip.left() > x, "{tip} covers {text}");
    }
    assert_eq!(tip_at(&mut screen, text.center()), None);
}

#[test]
fn the_keyboard_comes_to_no_link_that_is_out_of_sight() {
    let room = TestRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    screen.harness().set_size(vec2(900.0, 240.0));
    screen.say("see https://example.org/above\n2\n3\n4\n5\n6\n7\nand https://example.org/below");
    screen
        .until("it", |screen| links(screen).contains(&"https://example.org/below".to_owned()).then_some(()));
    screen.assert_at_rest();
    assert_eq!(links(&screen), ["https://example.org/below"]);
    for _ in 0..8 {
        screen.press(Key::Tab);
        assert!(screen.harness.root().children_recursive().any(|node| node.accesskit_node().is_focused()));
    }
    screen.press(Key::PageUp);
    screen.until("the other", |screen| {
        links(screen).contains(&"https://example.org/above".to_owned()).then_some(())
    });
}
