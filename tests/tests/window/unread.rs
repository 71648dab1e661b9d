//! What reaches a person who does not look at the window: its title and the system's notifications; and that
//! a window which nobody can see draws nothing.

use chat_tests::desktop::{Desktop, Window};
use chat_tests::{Server, until};

use super::client;

/// So many frames were drawn, by the program's own log.
fn frames(window: &Window<'_>) -> usize {
    window.log().matches("chat_client::frame").count()
}

#[track_caller]
fn wait_for_title(window: &Window<'_>, start: &str) {
    let there = until(|| window.title().starts_with(start).then_some(()));
    there.unwrap_or_else(|| panic!("waited for {start:?}; the title is {:?}", window.title()));
}

#[test]
fn who_looks_elsewhere_is_called_when_named_and_not_for_each_message() {
    let Some(desktop) = Desktop::start([1000, 700]) else { return };
    let notices = desktop.notices();
    let server = Server::start(["--tls", "off"]);
    let mut bob = server.member("bob");
    let ann = desktop.open("ann", &mut client(&server, "ann"));
    ann.wait_for("Connected");
    ann.focus();
    bob.send("SEND ann, you see this");
    ann.wait_for("bob: ann, you see this");
    wait_for_title(&ann, &server.address().to_string());
    ann.leave();
    bob.send("SEND this is for nobody");
    wait_for_title(&ann, "(1) ");
    for number in 0..20 {
        bob.send(&format!("SEND ann: <b>{number}</b> & more"));
    }
    wait_for_title(&ann, "(21) ");
    // Each of them is told of, in few calls: the others wait until some seconds have passed.
    let number_of = |summary: &str| match summary.split_once(' ') {
        Some(("bob", "mentions you")) => 1,
        Some((count, "messages mention you")) => count.parse().expect("a number"),
        _ => panic!("it says {summary:?}"),
    };
    let told = || notices.shown().iter().map(|shown| number_of(&shown.summary)).sum::<usize>();
    until(|| (told() >= 20).then_some(())).unwrap_or_else(|| panic!("there is {:#?}", notices.shown()));
    let shown = notices.shown();
    assert_eq!(told(), 20, "{shown:#?}");
    assert!(shown.len() <= 3, "{shown:#?}");
    let last = shown.last().expect("there is one");
    assert_eq!(last.program, "Oneroom");
    assert!(last.body.ends_with("ann: &lt;b&gt;19&lt;/b&gt; &amp; more"), "{last:?}");
    assert!(shown.iter().all(|shown| shown.number == last.number), "one takes the other's place: {shown:#?}");
    // Back at the window, one is called no more.
    ann.focus();
    wait_for_title(&ann, &server.address().to_string());
    ann.wait_for("New since you looked");
    bob.send("SEND ann, you are back");
    ann.wait_for("bob: ann, you are back");
    assert_eq!(notices.shown(), shown);
    assert!(ann.close().success());
}

#[test]
fn a_window_that_nobody_sees_draws_nothing_and_counts_what_comes() {
    let Some(desktop) = Desktop::start([1000, 700]) else { return };
    let server = Server::start(["--tls", "off"]);
    let mut bob = server.member("bob");
    let mut command = client(&server, "ann");
    command.env("RUST_LOG", "warn,chat_client::frame=trace");
    let ann = desktop.open("ann", &mut command);
    ann.wait_for("Connected");
    ann.focus();
    bob.send("SEND in sight");
    ann.wait_for("bob: in sight");
    wait_for_title(&ann, &server.address().to_string());
    let cover = desktop.cover();
    // It has the keyboard still, and would not count what it thinks is seen.
    let mut sent = 0;
    until(|| {
        sent += 1;
        bob.send("SEND is anybody there?");
        bob.fence();
        ann.title().starts_with('(').then_some(())
    })
    .expect("the window knows that it is covered");
    let counted = || ann.title().trim_start_matches('(').split(')').next()?.parse::<usize>().ok();
    let before = (frames(&ann), counted().expect("a number"));
    for number in 0..100 {
        bob.send(&format!("SEND covered {number}"));
    }
    until(|| counted().filter(|now| *now >= before.1 + 100)).expect("what comes is counted");
    assert_eq!(frames(&ann), before.0, "nobody sees it");
    assert!(before.0 > 0);
    drop(cover);
    ann.wait_for("bob: covered 99");
    wait_for_title(&ann, &server.address().to_string());
    // What came is drawn together, not one by one.
    assert!(frames(&ann) < before.0 + 20, "{} frames", frames(&ann) - before.0);
}
