//! Who wants a name that is not its own, or one that does harm.

use std::thread;

use chat_tests::Client;

use crate::stage::{Stage, assert_refused, survives};

/// Asserts that a stranger can bear none of these names.
#[track_caller]
fn refuses<'a>(stage: &Stage, names: impl IntoIterator<Item = &'a str>) {
    let mut mallory = stage.stranger();
    for name in names {
        mallory.send(&format!("NAME {name}"));
        let told = mallory.fence();
        assert!(told.len() == 1 && told[0].starts_with("MESSAGE * name refused"), "{name:?}: {told:?}");
    }
}

/// Takes names that look as ann's and bob's do: other cases, widths, scripts and styles.
#[test]
fn look_alikes() {
    let alike = [
        "Ann",
        "ANN",
        "аnn",
        "ａｎｎ",
        "𝐚𝐧𝐧",
        "𝓪𝓷𝓷",
        "ⓐⓝⓝ",
        "Bob",
        "b0b",
        "B0B",
        "ЬоЬ",
        "вob",
        "𝖻𝗈𝖻",
        "ｂｏｂ",
        "bоb",
        "bοb",
        "bօb",
    ];
    survives(|stage| refuses(stage, alike));
}

/// Hides something in a name that nobody sees.
#[test]
fn names_with_hidden_letters() {
    let hidden = [
        "ann\u{200b}",
        "a\u{200d}nn",
        "a\u{200c}nn",
        "ann\u{2060}",
        "a\u{ad}nn",
        "ann\u{fe0f}",
        "ann\u{e0020}",
        "\u{feff}ann",
        "ann\u{3164}",
        "ann\u{115f}",
        "ann\u{180e}",
        "a\u{34f}nn",
        "ann\u{2800}",
        "ann\u{ffa0}",
        "ann\u{17b4}",
        "ann\u{e0100}",
        "ann\u{1d173}",
        "ann\u{fff9}",
    ];
    survives(|stage| refuses(stage, hidden));
}

/// Turns the writing of all that follows its name around.
#[test]
fn names_that_turn_the_writing() {
    let turning = ["\u{202e}nna", "a\u{202d}b", "\u{2067}x\u{2069}", "a\u{200f}b", "a\u{61c}b", "a\u{200e}b"];
    survives(|stage| refuses(stage, turning));
}

/// Begins with marks that are drawn onto what stands before, or is nothing but marks.
#[test]
fn names_that_are_marks() {
    let marks = ["\u{301}ann", "\u{20dd}ann", "\u{489}", "\u{e31}x", &"\u{301}".repeat(30)];
    survives(|stage| refuses(stage, marks));
}

/// Has white space in its name, so that its first word is somebody else.
#[test]
fn names_of_two_words() {
    let spaced = ["ann says", "ann\u{a0}", "ann\u{3000}x", "ann\u{2003}x", "ann\u{1680}x", "ann\u{202f}x"];
    survives(|stage| refuses(stage, spaced));
}

/// Has a name that is too long, in letters or in bytes, or none at all.
#[test]
fn names_too_long_or_empty() {
    let (letters, bytes, much) = ("x".repeat(33), "🦀".repeat(17), "y".repeat(4000));
    survives(|stage| refuses(stage, [&letters[..], &bytes, &much, "", " "]));
}

/// Takes one name after the other, twenty thousand times.
#[test]
fn a_storm_of_names() {
    survives(|stage| {
        let mut mallory = stage.stranger();
        let storm: String = (0..20_000).map(|number| format!("NAME n{number}\n")).collect();
        mallory.send_bytes(storm.as_bytes());
        assert_eq!(mallory.fence(), [] as [&str; 0]);
        mallory.send("SEND it was I");
        mallory.fence();
        assert_eq!(stage.talk()[0], ["MESSAGE n19999 it was I"]);
        mallory
    });
}

/// Asks for ann's name, ten thousand times.
#[test]
fn a_storm_for_one_name() {
    survives(|stage| {
        let mut mallory = stage.stranger();
        mallory.send_bytes("NAME ann\n".repeat(10_000).as_bytes());
        assert_refused(&mallory.fence(), 10_000);
        mallory
    });
}

/// Eight want the same names at the same time: each name is one's at a time.
#[test]
fn a_race_for_a_name() {
    survives(|stage| {
        let address = stage.server.address();
        let racers = (0..8).map(|_| {
            thread::spawn(move || {
                let mut racer = Client::connect(address);
                let mut won = Vec::new();
                for number in 0..50 {
                    racer.send(&format!("NAME race{number}"));
                    if racer.fence().is_empty() {
                        won.push(number);
                    }
                }
                (racer, won)
            })
        });
        let racers: Vec<_> = racers.collect();
        let racers: Vec<_> = racers.into_iter().map(|racer| racer.join().expect("it runs")).collect();
        for (racer, won) in racers {
            assert!(won.is_sorted());
            drop(racer);
        }
    });
}
