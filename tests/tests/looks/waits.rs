//! What is told while one waits for the server: when it begins, that it counts, and that it is drawn again by
//! itself when it changes. Knows the accessibility tree and a clock that only the test moves.

use std::time::Duration;

use egui::ViewportId;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::NodeT;

use crate::stages::{Stage, State, named, password_checked, state};

const SECOND: Duration = Duration::from_secs(1);

/// What the words say that contain these, once so much time has passed.
fn told(harness: &mut Harness<'_, Stage>, time: Duration, words: &str) -> Option<String> {
    harness.state_mut().pass(time);
    harness.run();
    let labels = harness.root().children_recursive();
    let labels = labels.filter(|node| node.accesskit_node().role() == Role::Label);
    let mut values = labels.filter_map(|node| node.accesskit_node().value());
    values.find(|value| value.contains(words))
}

/// When it is drawn again by itself.
fn drawn_again(harness: &Harness<'_, Stage>) -> Duration {
    harness.output().viewport_output[&ViewportId::ROOT].repaint_delay
}

#[test]
fn a_password_is_said_to_be_checked_once_that_takes_more_than_a_moment() {
    const JUST_GIVEN: State = state("", || Stage::room(password_checked(Duration::ZERO)));
    let mut harness = JUST_GIVEN.open();
    let words = "checking the password";
    let mut after = |time| told(&mut harness, time, words);
    assert_eq!((after(Duration::ZERO), after(SECOND / 4)), (None, None));
    let rest = drawn_again(&harness);
    assert!((SECOND / 2..=SECOND * 3 / 4).contains(&rest), "{rest:?}");
    let words = told(&mut harness, SECOND * 3 / 4, words).expect("it is told by now");
    assert!(words.contains("a minute or two") && words.contains("What you wrote waits"), "{words}");
    // Nobody knows yet whether this server can tell a message from its repetition.
    assert!(words.contains("you find it as a draft"), "{words}");
}

#[test]
fn a_server_that_says_nothing_is_waited_for_in_words_after_half_a_second() {
    let mut harness = named("connecting").open();
    let words = "has not answered yet";
    assert_eq!(told(&mut harness, SECOND / 4, words), None);
    assert!(drawn_again(&harness) <= SECOND / 4);
    let words = told(&mut harness, SECOND / 4, words).expect("it is told by now");
    assert!(words.starts_with("Connecting. "), "{words}");
}

#[test]
fn the_seconds_to_the_next_attempt_are_counted() {
    let mut harness = named("offline").open();
    // Half a second more than eleven are left.
    for (time, left) in [(Duration::ZERO, 12), (SECOND / 4, 12), (SECOND / 2, 11), (SECOND * 10, 1)] {
        let words = told(&mut harness, time, "Not connected: ").expect("it is told");
        assert!(words.contains("the server has closed the connection. Next attempt in"), "{words}");
        assert!(words.contains(&format!(" in {left} s.")), "{words}");
        let rest = drawn_again(&harness);
        assert!(rest <= SECOND, "{rest:?}");
    }
}
