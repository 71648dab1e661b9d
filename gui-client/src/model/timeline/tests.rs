//! The order of entries, whatever comes when. Knows the timeline alone.

use super::*;
use proptest::prelude::*;

fn status(number: u64) -> Kind {
    Kind::Status(number.to_string())
}

fn message(id: MessageId) -> Message {
    Message { id, at: 0, from: "bob".to_owned(), text: id.to_string() }
}

fn own(text: &str) -> Kind {
    Kind::Own { by: "ann".to_owned(), text: text.to_owned(), delivery: Delivery::Waiting }
}

fn texts(timeline: &Timeline) -> Vec<&str> {
    timeline.iter().map(Entry::text).collect()
}

#[test]
fn the_oldest_make_room_and_the_rest_keep_their_numbers() {
    let mut timeline = Timeline::default();
    for number in 0..MAX_ENTRIES as u64 + 10 {
        assert_eq!(timeline.push(0, status(number)), number);
    }
    assert_eq!(timeline.len(), MAX_ENTRIES);
    assert_eq!(timeline.get(0).unwrap().number, 10);
    assert_eq!(timeline.get(0).unwrap().text(), "10");
    assert!(timeline.get_mut(9).is_none());
}

#[test]
fn remarks_stay_where_they_were_made_and_what_waits_stays_last() {
    let mut timeline = Timeline::default();
    timeline.insert(message(5));
    let waiting = timeline.push_waiting(0, own("mine"));
    timeline.push(0, Kind::Status("lost".to_owned()));
    timeline.insert(message(7));
    timeline.insert(message(3));
    timeline.push_after(5, 0, Kind::Gap("missing".to_owned()));
    assert_eq!(texts(&timeline), ["3", "5", "lost", "missing", "7", "mine"]);
    timeline.settle(waiting, 6, 0);
    assert_eq!(texts(&timeline), ["3", "5", "lost", "missing", "mine", "7"]);
    assert_eq!(timeline.oldest(), Some((3, 0)));
}

#[test]
fn entries_are_found_again_wherever_they_stand() {
    let mut timeline = Timeline::default();
    timeline.insert(message(5));
    timeline.insert(message(9));
    let mine = timeline.push_waiting(0, own("mine"));
    let hold = |timeline: &Timeline, position: usize| {
        (timeline.spot(position).unwrap(), timeline.get(position).unwrap().number)
    };
    let (his, mine_waiting) = (hold(&timeline, 1), hold(&timeline, 2));
    timeline.insert(message(2));
    timeline.settle(mine, 7, 0);
    assert_eq!(texts(&timeline), ["2", "5", "mine", "9"]);
    let find = |timeline: &Timeline, (spot, number)| timeline.find_again(spot, number);
    assert_eq!(find(&timeline, his), Some(3));
    assert_eq!(find(&timeline, mine_waiting), Some(2));
    assert_eq!(timeline.position(his.0), 3);
    // What is gone is not found, and where it was is.
    let mine_settled = hold(&timeline, 2);
    assert!(timeline.take(mine).is_some());
    assert_eq!((find(&timeline, mine_settled), find(&timeline, mine_waiting)), (None, None));
    assert_eq!(timeline.position(mine_settled.0), 2);
    assert!(timeline.by_number(mine).is_none());
    assert!(timeline.take(mine).is_none());
}

#[test]
fn another_log_stands_behind_the_one_before() {
    let mut timeline = Timeline::default();
    timeline.insert(message(50));
    timeline.begin_log(0, Kind::Gap("gone".to_owned()));
    timeline.push(0, status(7));
    // No server of ours counts from 0, but one may.
    for id in [2, 0, 1, 50] {
        timeline.insert(message(id));
    }
    assert_eq!(texts(&timeline), ["50", "gone", "0", "7", "1", "2", "50"]);
    assert_eq!((timeline.oldest(), timeline.newest()), (Some((0, 0)), 50));
}

proptest! {
    /// Whatever comes from the log, live, as history or as a confirmation, in any order and any number of
    /// times: ids ascend, and each message is there once.
    #[test]
    fn any_order_gives_one_order(
        steps in prop::collection::vec((0..30u64, prop::bool::ANY), 0..120),
        own_ids in prop::collection::btree_set(0..30u64, 0..6),
    ) {
        let mut timeline = Timeline::default();
        let mut waiting: Vec<_> = own_ids.iter().map(|&id| (id, timeline.push_waiting(0, own(&id.to_string())))).collect();
        let mut expected = std::collections::BTreeSet::new();
        for (id, is_ack) in steps {
            if is_ack {
                if let Some(at) = waiting.iter().position(|&(own, _)| own == id) {
                    timeline.settle(waiting.remove(at).1, id, 0);
                    expected.insert(id);
                }
            } else {
                prop_assert_eq!(timeline.insert(message(id)), expected.insert(id));
            }
        }
        for (id, number) in waiting {
            timeline.settle(number, id, 0);
            expected.insert(id);
        }
        let ids: Vec<_> = timeline.iter().filter_map(Entry::id).collect();
        prop_assert_eq!(ids.len(), timeline.len());
        prop_assert_eq!(&ids, &expected.into_iter().collect::<Vec<_>>());
        for entry in timeline.iter() {
            prop_assert_eq!(entry.text(), entry.id().unwrap().to_string());
            prop_assert_eq!(entry.is_own(), own_ids.contains(&entry.id().unwrap()));
        }
    }
}
