//! Any sequence of what can happen, beside a list of all messages that says of each whether it was looked
//! at; and what is told of them.

use proptest::prelude::*;

use super::*;
use crate::model::Timeline;

/// Something that happens.
#[derive(Debug, Clone, Copy)]
enum Step {
    Came,
    Said,
    Look(Eyes),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => Just(Step::Came),
        1 => Just(Step::Said),
        2 => Just(Step::Look(Eyes::Newest)),
        2 => Just(Step::Look(Eyes::Elsewhere)),
        2 => Just(Step::Look(Eyes::Away)),
    ];
    prop::collection::vec(step, 0..60)
}

/// Spots of so many messages, in their order.
fn spots(count: u64) -> Vec<Spot> {
    let mut timeline = Timeline::default();
    for id in 1..=count {
        timeline.insert(Message { id, at: 0, from: "bob".into(), text: "x".into() });
    }
    (0..timeline.len()).filter_map(|position| timeline.spot(position)).collect()
}

proptest! {
    #[test]
    fn the_line_and_the_count_say_what_was_not_looked_at(steps in steps()) {
        let spots = spots(60);
        let mut unread = Unread::default();
        // Of each message: whether it was looked at when it came, and whether it was by now.
        let mut came: Vec<(bool, bool)> = Vec::new();
        for step in steps {
            let before = unread.clone();
            let watched = unread.is_watched();
            match step {
                Step::Came => {
                    unread.came(spots[came.len()]);
                    came.push((watched, watched));
                }
                Step::Said => {
                    unread.said();
                    came.iter_mut().for_each(|message| message.1 = true);
                }
                Step::Look(eyes) => {
                    unread.look(eyes);
                    if eyes == Eyes::Newest {
                        came.iter_mut().for_each(|message| message.1 = true);
                    }
                }
            }
            let new = came.iter().filter(|(_, looked)| !looked).count();
            prop_assert_eq!(unread.messages(), new, "the count is what was not looked at");
            let line = unread.line().map(|line| spots.iter().position(|spot| *spot == line).unwrap());
            let first = came.iter().position(|(_, looked)| !looked);
            if let Some(first) = first {
                prop_assert!(line.is_some_and(|line| line <= first), "it stands above all that is new");
            }
            if let Some(line) = line {
                prop_assert!(!came[line].0, "it stands above nothing that was looked at as it came");
            }
            match step {
                Step::Came if watched => prop_assert_eq!(&before, &unread, "what is looked at is no news"),
                Step::Came => prop_assert!(before.line().is_none() || before.line() == unread.line()),
                Step::Said => prop_assert_eq!(unread.line(), None),
                Step::Look(Eyes::Away) if before.line_seen && before.eyes != Eyes::Away => {
                    prop_assert_eq!(line, first, "what was read is marked no more");
                }
                Step::Look(_) => prop_assert_eq!(before.line(), unread.line(), "it stays while it is read"),
            }
        }
    }
}

#[test]
fn what_is_new_at_the_start_is_marked_until_one_turns_away() {
    let spots = spots(3);
    for eyes in [Eyes::Newest, Eyes::Away] {
        let mut unread = Unread::default();
        unread.look(eyes);
        unread.begin(spots[1]);
        assert_eq!((unread.line(), unread.messages()), (Some(spots[1]), 0));
        unread.look(Eyes::Newest);
        unread.came(spots[2]);
        assert_eq!((unread.line(), unread.messages()), (Some(spots[1]), 0));
        unread.look(Eyes::Away);
        assert_eq!(unread.line(), None);
    }
}

#[test]
fn what_is_told_is_short_and_on_one_line() {
    let mut tally = Tally::default();
    tally.add(&"ä".repeat(65), &format!("one\n  two {}", "ö".repeat(200)));
    assert_eq!(tally.by, format!("{}…", "ä".repeat(64)));
    assert_eq!(tally.text, format!("one two {}…", "ö".repeat(192)));
    tally.extend(Tally::default());
    assert_eq!(tally.count, 1);
    tally.extend(Tally { count: 2, by: "bob".into(), text: "last".into() });
    assert_eq!(tally, Tally { count: 3, by: "bob".into(), text: "last".into() });
}
