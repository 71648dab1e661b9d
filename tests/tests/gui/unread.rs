//! What came while nobody looked: the line above it, the count in the title and on the way back to the newest,
//! and calls. And that nothing is drawn without need.

use std::time::Duration;

use chat_client::app::Options;
use chat_client::attention::Notice;
use egui::{Key, Modifiers, UserAttentionType, ViewportCommand, ViewportId};
use egui_kittest::kittest::Queryable as _;

use crate::rooms::TestRoom;
use crate::screen::{Screen, key, options};

const LINE: &str = "New since you looked";

/// What the last frame told the window to do.
fn commands(screen: &Screen) -> &[ViewportCommand] {
    &screen.harness.output().viewport_output[&ViewportId::ROOT].commands
}

#[track_caller]
fn wait_for_title(screen: &mut Screen, title: &str) {
    screen.until(&format!("the title {title:?}"), |screen| {
        commands(screen).contains(&ViewportCommand::Title(title.to_owned())).then_some(())
    });
}

fn focus(screen: &mut Screen, focused: bool) {
    screen.harness().input_mut().focused = focused;
}

/// What stands right below the line.
fn below_line(screen: &Screen) -> Option<String> {
    let mut below = screen.words().into_iter().skip_while(|words| words != LINE).skip(1);
    let said = below.find(|words| words.starts_with("bob: "))?;
    said.split_once(", ").map(|(said, _)| said.to_owned())
}

#[test]
fn what_came_while_one_was_away_is_counted_and_marked() {
    let room = TestRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    let (mut bob, plain) = (room.member("bob"), format!("{} – Oneroom", room.address()));
    screen.wait_for_members(2);
    bob.send("SEND before");
    screen.wait_for("bob: before,");
    assert!(!screen.sees(LINE));
    focus(&mut screen, false);
    bob.send("SEND one");
    wait_for_title(&mut screen, &format!("(1) {plain}"));
    bob.send("SEND two");
    wait_for_title(&mut screen, &format!("(2) {plain}"));
    assert_eq!(below_line(&screen).as_deref(), Some("bob: one"));
    // One is back, and has it all in sight.
    focus(&mut screen, true);
    wait_for_title(&mut screen, &plain);
    bob.send("SEND three");
    screen.wait_for("bob: three,");
    assert_eq!(below_line(&screen).as_deref(), Some("bob: one"));
    screen.assert_at_rest();
    // And turns away again, having read it.
    focus(&mut screen, false);
    screen.wait_until_gone(LINE);
    bob.send("SEND four");
    wait_for_title(&mut screen, &format!("(1) {plain}"));
    assert_eq!(below_line(&screen).as_deref(), Some("bob: four"));
    focus(&mut screen, true);
    wait_for_title(&mut screen, &plain);
    screen.say("I have seen it");
    screen.wait_until_gone(LINE);
    screen.assert_at_rest();
}

#[test]
fn what_came_and_is_out_of_sight_is_told_and_can_be_gone_to() {
    const WAY: &str = "Go to what is new";
    let room = TestRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    let mut bob = room.member("bob");
    screen.hear_lines(&mut bob, 3);
    focus(&mut screen, false);
    screen.hear_lines(&mut bob, 100);
    assert!(!screen.sees(LINE) && !screen.sees(WAY), "nobody looks");
    focus(&mut screen, true);
    screen.wait_for(WAY);
    screen.assert_at_rest();
    screen.click(WAY);
    screen.wait_for(LINE);
    screen.wait_until_gone(WAY);
    // Once it was in sight, it was seen.
    screen.press_command(Key::End);
    screen.wait_until_gone(LINE);
    assert!(!screen.sees(WAY));
}

#[test]
fn the_ends_of_what_is_written_are_not_those_of_the_list() {
    let room = TestRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    let mut bob = room.member("bob");
    screen.hear_lines(&mut bob, 100);
    let before = screen.messages();
    screen.fill("Message", "a draft");
    screen.press_command(Key::Home);
    screen.harness().step();
    assert_eq!(screen.messages(), before);
    screen.type_text("in ");
    assert_eq!(screen.value("Message"), "in a draft");
    screen.fill("Message", "");
    screen.press_command(Key::Home);
    screen.until("the beginning", |screen| (screen.messages() != before).then_some(()));
}

#[test]
fn who_reads_back_sees_one_number_everywhere() {
    let room = TestRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    let (mut bob, plain) = (room.member("bob"), format!("{} – Oneroom", room.address()));
    screen.hear_lines(&mut bob, 100);
    screen.press(Key::PageUp);
    screen.press(Key::PageUp);
    screen.wait_for("Jump to latest");
    let before = screen.messages();
    for number in 0..3 {
        bob.send(&format!("SEND new {number}"));
    }
    wait_for_title(&mut screen, &format!("(3) {plain}"));
    screen.wait_for("Jump to latest (3 new)");
    assert_eq!(screen.messages(), before, "the place is kept");
    focus(&mut screen, false);
    bob.send("SEND new 3");
    wait_for_title(&mut screen, &format!("(4) {plain}"));
    focus(&mut screen, true);
    screen.wait_for("Jump to latest (4 new)");
    screen.harness().get_by_label("Jump to latest (4 new)").click();
    wait_for_title(&mut screen, &plain);
    screen.wait_for("bob: new 3,");
    assert_eq!(below_line(&screen).as_deref(), Some("bob: new 0"));
    // Who goes back from there looks for the line.
    screen.press(Key::PageUp);
    screen.wait_for("Jump to latest");
    screen.press(Key::PageDown);
    screen.wait_until_gone("Jump to latest");
    assert_eq!(below_line(&screen).as_deref(), Some("bob: new 0"));
}

#[test]
fn messages_behind_something_else_are_not_looked_at() {
    let room = TestRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    let (mut bob, plain) = (room.member("bob"), format!("{} – Oneroom", room.address()));
    screen.wait_for_members(2);
    screen.harness().set_size(egui::vec2(400.0, 600.0));
    screen.press_command(Key::U);
    screen.wait_for("Mention bob");
    bob.send("SEND behind");
    wait_for_title(&mut screen, &format!("(1) {plain}"));
    screen.in_one_frame(vec![key(Modifiers::COMMAND, Key::U, true)]);
    assert!(screen.wants_to_draw(), "what follows from it happens at once");
    wait_for_title(&mut screen, &plain);
    assert_eq!(below_line(&screen).as_deref(), Some("bob: behind"));
}

#[test]
fn who_is_named_while_away_is_called_once_and_not_at_the_window() {
    let room = TestRoom::open();
    let (notices, calls) = smol::channel::bounded(4);
    let (address, name) = (Some(room.address().to_string()), Some("ann".to_owned()));
    let mut screen = Screen::open(Options { address, name, notices: Some(notices), ..options() });
    screen.wait_for("Connected");
    let mut bob = room.member("bob");
    screen.wait_for_members(2);
    bob.send("SEND ann: at the window");
    screen.wait_for("bob: ann: at the window,");
    focus(&mut screen, false);
    screen.harness().step();
    bob.send("SEND for nobody");
    screen.wait_for("bob: for nobody,");
    let points = |how| {
        move |screen: &Screen| {
            commands(screen).contains(&ViewportCommand::RequestUserAttention(how)).then_some(())
        }
    };
    bob.send("SEND **ann**: look");
    screen.until("the window to be pointed at", points(UserAttentionType::Informational));
    for number in 0..20 {
        bob.send(&format!("SEND ann: {number}"));
    }
    screen.wait_for("bob: ann: 19,");
    let notice = Notice { summary: "bob mentions you".into(), body: "ann: look".into() };
    assert_eq!(calls.try_recv(), Ok(notice));
    assert!(calls.try_recv().is_err(), "the others wait");
    assert!(
        screen.harness.output().viewport_output[&ViewportId::ROOT].repaint_delay < Duration::from_secs(6)
    );
    focus(&mut screen, true);
    screen.until("the window to be left alone", points(UserAttentionType::Reset));
    screen.assert_at_rest();
    assert!(calls.try_recv().is_err(), "who is back needs no call");
}

#[test]
fn nothing_is_drawn_without_news_and_little_with_them() {
    let room = TestRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    let mut bob = room.member("bob");
    screen.wait_for_members(2);
    for focused in [true, false] {
        focus(&mut screen, focused);
        screen.assert_at_rest();
        let rest = screen.harness.output().viewport_output[&ViewportId::ROOT].repaint_delay;
        assert!(rest >= Duration::from_secs(60), "{rest:?}; {:?}", screen.harness.ctx.repaint_causes());
        let before = screen.harness.ctx.cumulative_pass_nr();
        bob.send("SEND news");
        screen.wait_for_wake_up();
        assert_eq!(screen.harness.ctx.cumulative_pass_nr(), before);
        screen.assert_at_rest();
        let drawn = screen.harness.ctx.cumulative_pass_nr() - before;
        assert!(drawn <= 3, "{drawn} frames for one message");
    }
}
