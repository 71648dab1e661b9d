//! What messages look like: markup, names, links and long messages, as a screen reader and the keyboard
//! find them.

use egui::{Key, Role};
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
