//! Keys, and where they go: whatever happens meanwhile, what a person types lands where it was begun.

use chat_client::app::Options;
use egui::{Event, ImeEvent, Key, Modifiers, PointerButton};

use crate::rooms::{Port, TestRoom, accept};
use crate::screen::{COMPOSER, SEND, Screen, key, options};

/// A key that goes down and up again.
fn stroke(which: Key) -> [Event; 2] {
    [true, false].map(|pressed| key(Modifiers::NONE, which, pressed))
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
        events.extend(stroke(Key::Enter));
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
    screen.in_one_frame(stroke(Key::Enter).to_vec());
    let mut events = vec![Event::Ime(ImeEvent::Commit("你好".to_owned()))];
    events.extend(stroke(Key::Enter));
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

#[test]
fn up_brings_back_what_was_sent_before() {
    let room = TestRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    let mut bob = room.member("bob");
    for words in ["one", "two\nlines"] {
        screen.say(words);
    }
    for words in ["one", "two", "lines"] {
        bob.expect(&format!("MESSAGE ann {words}"));
    }
    let mut check = |key: Key, draft: &str| {
        screen.press(key);
        screen.harness().step();
        assert_eq!(screen.value(COMPOSER), draft, "{key:?}");
    };
    check(Key::ArrowUp, "two\nlines");
    // From its second line to its first, and from there to the one before.
    check(Key::ArrowUp, "two\nlines");
    check(Key::ArrowUp, "one");
    check(Key::ArrowUp, "one");
    check(Key::ArrowDown, "two\nlines");
    check(Key::ArrowDown, "");
    check(Key::ArrowUp, "two\nlines");
    screen.type_text("!");
    screen.press(Key::ArrowUp);
    screen.press(Key::ArrowUp);
    assert_eq!(screen.value(COMPOSER), "two\nlines!", "what was written is not lost");
    screen.press(Key::Enter);
    bob.expect("MESSAGE ann two");
    bob.expect("MESSAGE ann lines!");
    screen.assert_at_rest();
}

#[test]
fn names_are_completed_by_keyboard() {
    let room = TestRoom::open();
    let (_anna, _bert) = (room.member("anna"), room.member("bert"));
    let mut anton = room.member("anton");
    let mut screen = Screen::join(room.address(), "ann");
    screen.wait_for_members(4);
    anton.send("SEND hello");
    screen.wait_for("anton: hello");
    // Who spoke comes first; Down goes to the next, and Enter takes it and sends nothing.
    screen.fill(COMPOSER, "hi @an");
    screen.until("the list", |screen| (screen.sees("anton") && screen.sees("anna")).then_some(()));
    screen.press(Key::ArrowDown);
    screen.press(Key::Enter);
    screen.until("a name", |screen| (screen.value(COMPOSER) == "hi @anna ").then_some(()));
    screen.type_text("and @a");
    screen.press(Key::Tab);
    screen.until("a name", |screen| (screen.value(COMPOSER) == "hi @anna and @anton ").then_some(()));
    assert!(screen.has_focus(COMPOSER));
    // Escape puts the list away; then Enter sends.
    screen.type_text("@be");
    screen.press(Key::Escape);
    assert!(screen.has_focus(COMPOSER));
    screen.press(Key::Enter);
    anton.expect("MESSAGE ann hi @anna and @anton @be");
    screen.wait_for("ann: hi @anna and @anton @be");
    screen.assert_at_rest();
}

#[test]
fn tab_completes_a_name_and_else_goes_on() {
    let room = TestRoom::open();
    let _others = ["anna", "anton", "bert"].map(|name| room.member(name));
    let mut screen = Screen::join(room.address(), "ann");
    screen.wait_for_members(4);
    // The only one at once, also when all of it is typed within a frame.
    screen.fill(COMPOSER, "");
    let mut events = vec![text("be")];
    events.extend(stroke(Key::Tab));
    screen.in_one_frame(events);
    screen.until("the name", |screen| (screen.value(COMPOSER) == "bert: ").then_some(()));
    // One of several from a list.
    screen.type_text("so an");
    screen.press(Key::Tab);
    screen.until("the list", |screen| (screen.sees("anton") && screen.sees("anna")).then_some(()));
    screen.press(Key::Tab);
    screen.until("the name", |screen| (screen.value(COMPOSER) == "bert: so anna ").then_some(()));
    assert!(screen.has_focus(COMPOSER));
    // Nobody is called so: who goes on writing does not press the button.
    screen.type_text("xyz");
    screen.press(Key::Tab);
    screen.harness().step();
    assert!(screen.has_focus(COMPOSER));
    screen.type_text(" and more");
    assert_eq!(screen.value(COMPOSER), "bert: so anna xyz and more");
    // Twice it goes on; and letters come back.
    screen.press(Key::Tab);
    screen.press(Key::Tab);
    screen.harness().step();
    assert!(screen.has_focus(SEND));
    screen.type_text("!");
    assert_eq!(screen.value(COMPOSER), "bert: so anna xyz and more!");
    assert!(screen.has_focus(COMPOSER));
}

#[test]
fn a_word_may_begin_behind_what_opens() {
    let room = TestRoom::open();
    let _others = ["anna", "anton", "bert"].map(|name| room.member(name));
    let mut screen = Screen::join(room.address(), "ann");
    screen.wait_for_members(4);
    for (typed, list, expected) in [
        ("ask (@an", true, "ask (@anna "),
        ("\"@ber", true, "\"@bert "),
        ("[be", false, "[bert "),
        ("**an", false, "**anna "),
        ("(:smirk", true, "(😏 "),
    ] {
        screen.fill(COMPOSER, typed);
        screen.harness().step();
        screen.press(Key::Tab);
        screen.harness().step();
        if !list && typed.contains("an") {
            // Of several, the first in the list.
            screen.press(Key::Tab);
        }
        screen.until(expected, |screen| (screen.value(COMPOSER) == expected).then_some(()));
    }
    screen.assert_at_rest();
}

#[test]
fn emoji_are_completed_and_closed() {
    let room = TestRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    screen.fill(COMPOSER, "well :smirk");
    screen.wait_for(":smirk:");
    screen.press(Key::Enter);
    screen.until("the emoji", |screen| (screen.value(COMPOSER) == "well 😏 ").then_some(()));
    for letter in ":smile:".chars() {
        screen.type_text(&letter.to_string());
    }
    screen.until("the emoji", |screen| (screen.value(COMPOSER) == "well 😏 😄").then_some(()));
    screen.type_text("!");
    assert_eq!(screen.value(COMPOSER), "well 😏 😄!", "the cursor is behind it");
    // What is pasted stays as it is.
    screen.fill(COMPOSER, "");
    screen.in_one_frame(vec![Event::Paste(":smile:".to_owned())]);
    assert_eq!(screen.value(COMPOSER), ":smile:");
}

#[test]
fn keys_belong_to_the_input_method_while_it_composes() {
    let room = TestRoom::open();
    let _anna = room.member("anna");
    let mut screen = Screen::join(room.address(), "ann");
    screen.wait_for_members(2);
    screen.say("before");
    screen.wait_for("ann: before");
    let preedit =
        |text: &str| Event::Ime(ImeEvent::Preedit { text: text.to_owned(), active_range_chars: None });
    screen.type_text("@");
    screen.in_one_frame(vec![preedit("an")]);
    screen.harness().step();
    for ours in [Key::Enter, Key::ArrowUp, Key::Tab] {
        screen.press(ours);
    }
    assert!(screen.has_focus(COMPOSER));
    assert_eq!(screen.messages(), ["ann: before"]);
    screen.in_one_frame(vec![Event::Ime(ImeEvent::Commit("安".to_owned()))]);
    screen.harness().step();
    assert_eq!((screen.messages().len(), screen.value(COMPOSER).as_str()), (1, "@安"));
}

#[test]
fn what_is_too_much_is_not_pasted() {
    let room = TestRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    screen.fill(COMPOSER, "kept");
    screen.in_one_frame(vec![Event::Paste("x".repeat(1024 * 1024))]);
    screen.wait_for("Nothing was pasted");
    assert_eq!(screen.value(COMPOSER), "kept");
    screen.in_one_frame(vec![Event::Paste(" and more".to_owned())]);
    screen.wait_until_gone("Nothing was pasted");
    assert_eq!(screen.value(COMPOSER), "kept and more");
}

#[test]
fn what_is_typed_stands_where_the_hint_stood_and_nothing_beside_it() {
    let room = TestRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    screen.assert_at_rest();
    let field = screen.rect(COMPOSER);
    // A bar would come under the pointer.
    screen.in_one_frame(vec![Event::PointerMoved(field.center())]);
    screen.harness().run_ok();
    let baseline = |screen: &Screen, words: &str| {
        screen.harness.output().shapes.iter().find_map(|clipped| match &clipped.shape {
            egui::Shape::Text(shape) if shape.galley.text() == words => {
                let row = shape.galley.rows.first()?;
                Some(shape.pos.y + row.pos.y + row.glyphs.first()?.pos.y)
            }
            _ => None,
        })
    };
    let bars = |screen: &Screen| {
        let within = |rect: &egui::Rect| field.expand(4.0).contains_rect(*rect) && rect.height() > 8.0;
        let rects = screen.harness.output().shapes.iter().filter_map(|clipped| match &clipped.shape {
            egui::Shape::Rect(shape) => Some(shape.rect),
            _ => None,
        });
        rects.filter(|rect| within(rect) && rect.width() < 12.0).count()
    };
    let hint = baseline(&screen, "Write a message").expect("a hint");
    assert_eq!(bars(&screen), 0);
    screen.type_text("Hello");
    screen.harness().run_ok();
    assert_eq!(bars(&screen), 0);
    let typed = baseline(&screen, "Hello").expect("what was typed");
    assert!((hint - typed).abs() < 0.6, "{hint} and {typed}");
}
