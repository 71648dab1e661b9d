//! Keys, and where they go: whatever happens meanwhile, what a person types lands where it was begun.

use chat_client::app::Options;
use egui::{Event, ImeEvent, Key, Modifiers, PointerButton};

use crate::rooms::{Port, TestRoom, accept};
use crate::screen::{COMPOSER, SEND, Screen, options};

/// A key that goes down and up again.
fn key(key: Key) -> [Event; 2] {
    [true, false].map(|pressed| Event::Key {
        key,
        physical_key: None,
        pressed,
        repeat: false,
        modifiers: Modifiers::NONE,
    })
}

fn text(text: &str) -> Event {
    Event::Text(text.to_owned())
}

/// The button of the mouse goes down and up again in the middle of `what`.
fn click(screen: &Screen, what: &str) -> Vec<Event> {
    let pos = screen.rect(what).center();
    let button = |pressed| Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    vec![Event::PointerMoved(pos), button(true), button(false)]
}

#[test]
fn keys_after_an_enter_in_the_same_frame_belong_to_the_next_message() {
    let room = TestRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    let mut bob = room.member("bob");
    screen.until("the cursor in the composer", |screen| screen.has_focus(COMPOSER).then_some(()));
    let mut events = vec![text("o"), text("ne")];
    for words in ["two", "", "three", "rest"] {
        events.extend(key(Key::Enter));
        events.extend([text(words)]);
    }
    screen.in_one_frame(events);
    for words in ["one", "two", "three"] {
        screen.wait_for(&format!("ann: {words},"));
        bob.expect(&format!("MESSAGE ann {words}"));
    }
    screen.until("the rest to be typed", |screen| (screen.value(COMPOSER) == "rest").then_some(()));
}

#[test]
fn the_enter_that_ends_a_composition_does_not_send() {
    let room = TestRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    let mut bob = room.member("bob");
    screen.until("the cursor in the composer", |screen| screen.has_focus(COMPOSER).then_some(()));
    let preedit =
        |text: &str| Event::Ime(ImeEvent::Preedit { text: text.to_owned(), active_range_chars: None });
    screen.in_one_frame(vec![preedit("nihao")]);
    screen.in_one_frame(key(Key::Enter).to_vec());
    let mut events = vec![Event::Ime(ImeEvent::Commit("你好".to_owned()))];
    events.extend(key(Key::Enter));
    screen.in_one_frame(events);
    screen.harness().step();
    assert_eq!((screen.messages().len(), screen.value(COMPOSER).as_str()), (0, "你好"));
    screen.press(Key::Enter);
    bob.expect("MESSAGE ann 你好");
}

#[test]
fn typing_finds_the_composer_from_anywhere() {
    let room = TestRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    let mut bob = room.member("bob");
    bob.send("SEND click me");
    screen.wait_for("bob: click me");
    let message = screen.words().into_iter().find(|words| words.starts_with("bob: click me")).unwrap();
    screen.click(&message);
    assert!(!screen.has_focus(COMPOSER));
    screen.in_one_frame(vec![text("w")]);
    screen.harness().step();
    screen.type_text("here");
    screen.harness().step();
    assert_eq!(screen.value(COMPOSER), "where");
}

#[test]
fn a_refused_name_leaves_the_cursor_where_it_is() {
    let port = Port::reserve();
    let listener = port.listen();
    let (address, name) = (Some(port.address().to_string()), Some("ann".to_owned()));
    let mut screen = Screen::open(Options { address, name, ..options() });
    let mut server = accept(&listener, "ann");
    screen.wait_for("Connected");
    screen.fill(COMPOSER, "my bonnie lies ");
    server.send("MESSAGE * name refused: somebody here has this name already. Your name is still guest-1");
    screen.wait_for("You cannot be called “ann”");
    screen.type_text("over the ocean");
    assert_eq!(screen.value(COMPOSER), "my bonnie lies over the ocean");
    assert_eq!(screen.value("Another name"), "ann2");
    screen.press(Key::Enter);
    server.expect("SEND my bonnie lies over the ocean");
}

#[test]
fn keys_and_clicks_of_one_frame_take_effect_in_their_order() {
    let room = TestRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    let mut bob = room.member("bob");
    screen.fill(COMPOSER, "no");
    screen.assert_at_rest();
    let mut events = vec![text("t"), text("hing lost")];
    events.extend(click(&screen, SEND));
    events.push(text("next"));
    screen.in_one_frame(events);
    screen.wait_for("ann: nothing lost");
    bob.expect("MESSAGE ann nothing lost");
    screen.until("the rest to be typed", |screen| (screen.value(COMPOSER) == "next").then_some(()));
    // And with a click that is not about the message at all.
    let mut events = vec![text(", please")];
    events.extend(click(&screen, "Change your name, ann"));
    screen.in_one_frame(events);
    screen.wait_for("New name");
    assert_eq!(screen.value(COMPOSER), "next, please");
}

#[test]
fn a_message_typed_and_sent_with_the_mouse_in_one_frame() {
    let room = TestRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    let mut bob = room.member("bob");
    screen.fill(COMPOSER, "");
    screen.assert_at_rest();
    let mut events = vec![text("whole")];
    events.extend(click(&screen, SEND));
    screen.in_one_frame(events);
    screen.wait_for("ann: whole");
    bob.expect("MESSAGE ann whole");
}
