//! How fast lines go out: no faster than a server reads them, so that what waits, waits here.

use super::*;

fn lines(range: std::ops::Range<u32>) -> String {
    range.map(|number| number.to_string()).collect::<Vec<_>>().join("\n")
}

fn texts(range: std::ops::Range<u32>) -> Vec<String> {
    range.map(|number| number.to_string()).collect()
}

#[test]
fn a_burst_goes_out_at_once_and_the_rest_follows_in_turn() {
    let mut scene = scene();
    scene.connect().say(&lines(0..100));
    // The name was a line too.
    assert_eq!(scene.sends(), texts(0..39));
    assert_eq!((scene.room.waiting(), scene.room.unsent()), (100, lines(39..100)));
    assert_eq!(scene.talk(), [format!("Waiting: {}", lines(0..100))]);
    scene.now += Duration::from_millis(100);
    scene.pass(0);
    assert_eq!(scene.sends(), texts(0..0), "it is not time yet");
    scene.now = scene.next_tick().unwrap() - scene.start;
    assert!(scene.now < Duration::from_millis(130), "{:?}", scene.now);
    scene.pass(0);
    assert_eq!(scene.sends(), texts(39..40));
    scene.say("100").pass(2);
    assert_eq!(scene.sends(), texts(40..56));
    scene.pass(60);
    assert_eq!(scene.sends(), texts(56..96));
    scene.pass(60);
    assert_eq!((scene.sends(), scene.next_tick()), (texts(96..101), None));
}

#[test]
fn what_had_to_wait_goes_out_first_on_the_next_connection() {
    let mut scene = scene();
    scene.connect().say(&lines(0..60)).break_off();
    assert_eq!((scene.next_tick(), scene.room.unsent()), (None, lines(0..60)));
    scene.orders.clear();
    scene.connect();
    assert_eq!(scene.sends(), texts(0..39));
    scene.pass(3);
    assert_eq!(scene.sends(), texts(39..60));
}

#[test]
fn a_server_that_says_we_are_too_fast_is_given_time() {
    let mut scene = scene();
    scene.connect().say(&lines(0..50)).take_sends();
    scene.notice(&Notice::TooFast(5).to_string()).pass(0);
    assert_eq!(scene.sends(), texts(0..0));
    scene.pass(2);
    assert_eq!(scene.sends(), texts(39..47));
    // It knows our pace from now on, and no notice can stop us altogether.
    scene.break_off().connect().take_sends();
    scene.notice(&Notice::TooFast(0).to_string()).say("last").pass(1);
    assert_eq!(scene.sends().len(), 1);
}

#[test]
fn names_count_as_lines() {
    let mut scene = scene();
    scene.connect();
    for name in ["eve", "ann", "eve"] {
        scene.rename(name);
    }
    scene.say(&lines(0..50));
    assert_eq!(scene.sends(), texts(0..36));
}
