//! What is selected stays selected, whatever comes and goes around it, and is what is copied.

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

/// A room as its rows: what each is known by, in order, and its text.
type Room = Vec<(u32, String)>;

/// Where a point is in this room; the row that came behind it, where its own is gone.
fn at(room: &Room) -> impl Fn(Point<u32>) -> At {
    |Point { row, byte }| {
        let position = room.partition_point(|(key, _)| *key < row);
        let is_there = room.get(position).is_some_and(|(key, _)| *key == row);
        At { position, byte: if is_there { byte } else { 0 } }
    }
}

/// The rows and letters that are selected in this room.
fn selected(room: &Room, selection: &Selection<u32>) -> Vec<(u32, String)> {
    let range = selection.range(at(room));
    let part = |(position, (key, text)): (usize, &(u32, String))| {
        Some((*key, text[part(&range, position, text)?].to_owned()))
    };
    room.iter().enumerate().filter_map(part).collect()
}

fn line(room: &Room) -> impl Fn(usize) -> Option<Line> {
    |position| {
        let (key, text) = room.get(position)?;
        let name = (key % 5 != 0).then(|| format!("n{key}"));
        Some(Line { name, time: "12:34".to_owned(), text: text.clone() })
    }
}

fn rooms() -> impl Strategy<Value = Room> {
    let text = prop_oneof!["[a-z .]{1,12}", "\\PC{1,8}", "[a-c\n👩‍🚀é]{1,6}"];
    prop::collection::btree_map(0_u32..60, text, 1..12).prop_map(|rows| rows.into_iter().collect())
}

/// Two presses: what they select, and where.
type Two = (By, [Index; 2], [Index; 2]);

fn presses() -> impl Strategy<Value = Two> {
    let by = prop_oneof![Just(By::Letter), Just(By::Word), Just(By::Row)];
    (by, any::<[Index; 2]>(), any::<[Index; 2]>())
}

/// What the presses select for themselves.
fn units(room: &Room, (by, rows, bytes): &Two) -> [[Point<u32>; 2]; 2] {
    [0, 1].map(|nth| {
        let (row, text) = rows[nth].get(room);
        let unit = unit(*by, text, bytes[nth].index(text.len() + 1));
        [unit.start, unit.end].map(|byte| Point { row: *row, byte })
    })
}

fn select(from: [Point<u32>; 2], to: [Point<u32>; 2]) -> Selection<u32> {
    let mut selection = Selection::of(from);
    selection.extend(to);
    selection
}

proptest! {
    #[test]
    fn it_is_the_same_in_both_directions_and_holds_both_ends(room in rooms(), presses in presses()) {
        let [one, other] = units(&room, &presses);
        let range = select(one, other).range(at(&room));
        prop_assert_eq!(&range, &select(other, one).range(at(&room)));
        for point in one.into_iter().chain(other).map(at(&room)) {
            prop_assert!(range.start <= point && point <= range.end);
        }
    }

    #[test]
    fn what_comes_and_goes_changes_nothing_of_what_is_selected(
        room in rooms(),
        presses in presses(),
        come in prop::collection::btree_map(0_u32..60, "[A-Z]{1,3}", 0..6),
        go in prop::collection::btree_set(0_u32..60, 0..6),
    ) {
        let [one, other] = units(&room, &presses);
        let selection = select(one, other);
        let before = selected(&room, &selection);
        let mut later: Room = room.iter().filter(|(key, _)| !go.contains(key)).cloned().collect();
        later.extend(come.into_iter().filter(|(key, _)| room.iter().all(|(there, _)| there != key)));
        later.sort();
        // Of what was there, the same; of what came, only what is between the ends.
        let (kept, new): (Vec<_>, Vec<_>) = selected(&later, &selection)
            .into_iter()
            .partition(|(key, _)| room.iter().any(|(there, _)| there == key));
        let stays: Vec<_> = before.into_iter().filter(|(key, _)| !go.contains(key)).collect();
        prop_assert_eq!(kept, stays);
        let [low, high] = [one[0].row.min(other[0].row), one[0].row.max(other[0].row)];
        prop_assert!(new.iter().all(|(key, _)| low < *key && *key < high));
    }

    #[test]
    fn what_is_copied_is_what_is_selected(room in rooms(), presses in presses()) {
        let [one, other] = units(&room, &presses);
        let selection = select(one, other);
        let copied = copy(&selection.range(at(&room)), MOST, line(&room));
        let selected = selected(&room, &selection);
        let lines = selected.iter().map(|(key, text)| match key % 5 {
            0 => format!("[12:34] {text}"),
            _ => format!("[12:34] n{key}: {text}"),
        });
        let expected = match &selected[..] {
            [(_, alone)] => alone.clone(),
            _ => lines.collect::<Vec<_>>().join("\n"),
        };
        prop_assert_eq!(copied, expected);
    }

    #[test]
    fn a_press_selects_between_letters_as_people_see_them(text in "\\PC{0,12}", byte in 0_usize..60) {
        let edges: Vec<_> = text.grapheme_indices(true).map(|(at, _)| at).chain([text.len()]).collect();
        let Range { start, end } = unit(By::Letter, &text, byte);
        prop_assert!(start == end && edges.contains(&start) && start <= byte);
        let word = unit(By::Word, &text, byte);
        let byte = text.floor_char_boundary(byte);
        prop_assert!(word.start <= byte && byte <= word.end);
        prop_assert!(text.is_char_boundary(word.start) && text.is_char_boundary(word.end));
        prop_assert!(!word.is_empty() || text.is_empty());
    }
}

#[test]
fn two_presses_select_the_word_that_they_touch() {
    let text = "It’s 3.5 m,\nthen (left).";
    for (before, expected) in [
        ("It’s", "It’s"),
        ("s 3.5", "It’s"),
        (" 3.5", "It’s"),
        ("3.5", "3.5"),
        (" m,", "3.5"),
        (",\nthen", "m"),
        ("\nthen", ","),
        ("then", "then"),
        ("(left", "("),
        ("left", "left"),
        (").", "left"),
    ] {
        let byte = text.find(before).unwrap();
        assert_eq!(&text[unit(By::Word, text, byte)], expected, "before {before:?}");
    }
    assert_eq!(unit(By::Word, "", 0), 0..0);
    assert_eq!(unit(By::Word, "one", 99), 0..3);
    assert_eq!(unit(By::Word, "a\n\nb", 2), 2..2);
}

#[test]
fn a_text_that_became_another_is_cut_between_letters() {
    let range = At { position: 3, byte: 2 }..At { position: 3, byte: 5 };
    assert_eq!(part(&range, 3, "aéé"), Some(1..5));
    assert_eq!(part(&range, 3, "aé"), Some(1..3));
    for (position, text) in [(3, "a"), (3, ""), (2, "aéé"), (4, "aéé")] {
        assert_eq!(part(&range, position, text), None);
    }
}

#[test]
fn too_much_is_cut_after_a_message_and_that_is_said() {
    let room: Room = (0..100).map(|key| (key, "x".repeat(100))).collect();
    let range = Selection::rows(0, 99).range(at(&room));
    let whole = copy(&range, MOST, line(&room));
    assert_eq!(whole.lines().count(), 100);
    for most in [1, 1_000, 5_000, 10_900] {
        let copied = copy(&range, most, line(&room));
        let (messages, notice) = copied.rsplit_once('\n').unwrap();
        // One is copied however long it is.
        assert!(messages.len() <= most.max(120), "{} of {most}", messages.len());
        assert!(whole.starts_with(messages) && messages.ends_with('x'));
        let left: usize = notice.strip_prefix('[').unwrap().split(' ').next().unwrap().parse().unwrap();
        assert_eq!(left + messages.lines().count(), 100, "{notice}");
    }
}

#[test]
fn presses_at_one_place_select_more_and_more_and_begin_anew() {
    let mut presses = Presses::default();
    for (at, place, expected) in [
        (0.0, [5.0, 5.0], By::Letter),
        (0.2, [5.0, 6.0], By::Word),
        (0.4, [6.0, 6.0], By::Row),
        (0.6, [6.0, 6.0], By::Letter),
        (0.7, [60.0, 6.0], By::Letter),
        (1.1, [60.0, 6.0], By::Letter),
        (1.3, [60.0, 6.0], By::Word),
    ] {
        assert_eq!(presses.press(at, place, 0.3), expected, "at {at}");
    }
    // However long one lasts, it is its end that counts.
    presses.release(2.0);
    assert_eq!(presses.press(2.3, [60.0, 6.0], 0.31), By::Row);
}
