//! What is being read stays where it is, and nothing but the list is shown. The list here knows all of its
//! heights, and adds them up to say where each row has to be.

use proptest::prelude::*;

use super::*;

/// A row: what it is known by, who says it, and how many letters it has.
#[derive(Debug, Clone, Copy)]
struct Item {
    key: u32,
    by: u8,
    letters: u16,
}

/// A list whose heights depend on its width and on neighbours, as those of messages do.
#[derive(Debug, Clone)]
struct Items {
    items: Vec<Item>,
    width: f32,
    /// How often a height was asked for.
    asked: usize,
}

impl Items {
    fn new(items: Vec<Item>) -> Self {
        Self { items, width: 100.0, asked: 0 }
    }

    fn height(&self, position: usize) -> Span {
        let item = self.items[position];
        let with = |other: Option<usize>| {
            other.and_then(|other| self.items.get(other)).is_some_and(|other| other.by == item.by)
        };
        Span {
            lead: if with(position.checked_sub(1)) { 0.0 } else { 33.0 },
            body: (f32::from(item.letters) / self.width).ceil().max(1.0) * 21.0 + 4.0,
            tail: if with(Some(position + 1)) { 0.0 } else { 4.0 },
        }
    }

    /// How far below the beginning of the list this row begins.
    fn top(&self, position: usize) -> f64 {
        (0..position).map(|before| f64::from(self.height(before).whole())).sum()
    }

    fn place(&self, key: u32) -> Option<usize> {
        self.items.iter().position(|item| item.key == key)
    }
}

impl List for Items {
    type Key = u32;

    fn len(&self) -> usize {
        self.items.len()
    }

    fn key(&self, position: usize) -> Option<u32> {
        self.items.get(position).map(|item| item.key)
    }

    fn find(&self, key: u32) -> Option<usize> {
        self.place(key)
    }

    fn near(&self, _: u32) -> usize {
        self.items.len() / 2
    }

    fn is_firm(&self, position: usize) -> bool {
        self.items[position].by != LOOSE
    }

    fn span(&mut self, position: usize) -> Span {
        self.asked += 1;
        self.height(position)
    }
}

/// A million rows, none of which is anywhere.
struct Million {
    asked: usize,
}

impl List for Million {
    type Key = usize;

    fn len(&self) -> usize {
        1_000_000
    }

    fn key(&self, position: usize) -> Option<usize> {
        Some(position)
    }

    fn find(&self, key: usize) -> Option<usize> {
        Some(key)
    }

    fn near(&self, key: usize) -> usize {
        key
    }

    fn span(&mut self, position: usize) -> Span {
        self.asked += 1;
        Span { lead: 0.0, body: 20.0 + (position * 7 % 50) as f32, tail: 0.0 }
    }
}

const HEIGHT: f32 = 600.0;

/// Who says what the eye cannot hold on to.
const LOOSE: u8 = 255;

/// Nobody moves anything.
const NONE: Move = Move::By(0.0);

#[test]
fn however_long_the_list_few_rows_are_measured() {
    let mut list = Million { asked: 0 };
    let mut eye = Eye::default();
    // The least rows are 20 points high: thirty to a screen.
    let screen = (HEIGHT / 20.0) as usize + 2;
    for (moved, screens) in [
        (NONE, 1),
        (Move::By(-3.0), 2),
        (Move::By(-HEIGHT), 2),
        (Move::By(HEIGHT * -1e6), 9),
        (Move::To { position: 500_000, share: 0.5 }, 2),
        (NONE, 2),
        (Move::By(HEIGHT * 1e6), 9),
        (Move::Start, 1),
        (Move::To { position: 999_999, share: 0.9 }, 2),
        (Move::End, 1),
    ] {
        list.asked = 0;
        let seen = eye.look(&mut list, moved, HEIGHT);
        assert!(list.asked <= screens * screen, "{moved:?}: {} rows measured", list.asked);
        assert!(seen.rows.len() <= screen);
    }
    assert!(eye.is_following());
}

#[test]
fn what_comes_behind_a_row_that_cannot_be_held_on_to_moves_nothing() {
    let item = |key: u32, by| Item { key, by, letters: 150 };
    let mut list = Items::new((0..100).map(|key| item(key, if key == 50 { LOOSE } else { 1 })).collect());
    let mut eye = Eye::default();
    let top = |seen: &Seen, position| {
        seen.rows.iter().find(|row| row.position == position).map(|row| row.top + row.span.lead)
    };
    let before = eye.look(&mut list, Move::To { position: 50, share: 0.3 }, HEIGHT);
    assert_eq!(list.items[before.rows[0].position].by, LOOSE);
    list.items.splice(51..51, (200..260).map(|key| item(key, 1)));
    let after = eye.look(&mut list, NONE, HEIGHT);
    for position in 52..56 {
        let (was, is) = (top(&before, position), top(&after, position + 60));
        assert!(was.zip(is).is_some_and(|(was, is)| (was - is).abs() < 0.01), "{position}: {was:?}, {is:?}");
    }
}

#[test]
fn what_is_gone_to_is_where_it_is_wanted() {
    let mut list = Items::new((0..100).map(|key| Item { key, by: (key % 3) as u8, letters: 300 }).collect());
    let mut eye = Eye::default();
    eye.go(40, 200.0);
    let seen = eye.look(&mut list, NONE, HEIGHT);
    let row = seen.rows.iter().find(|row| row.position == 40).unwrap();
    assert_eq!(row.top + row.span.lead, 200.0);
    assert!(seen.rows[0].top <= 0.0 && !eye.is_following());
    // Near an end, it is in sight at least.
    for key in [0, 99] {
        eye.go(key, 200.0);
        let seen = eye.look(&mut list, NONE, HEIGHT);
        assert!(seen.rows.iter().any(|row| row.position == key as usize && row.top < HEIGHT - 20.0));
    }
}

#[test]
fn the_newest_is_followed_until_one_looks_back_and_again_from_the_end_on() {
    let item = |key| Item { key, by: (key % 3) as u8, letters: (key * 37 % 500) as u16 };
    let mut list = Items::new((0..100).map(item).collect());
    let mut eye = Eye::default();
    let last = |seen: &Seen| seen.rows.last().map(|row| (row.position, row.bottom())).unwrap();
    assert_eq!(last(&eye.look(&mut list, NONE, HEIGHT)), (99, HEIGHT));
    list.items.extend((100..110).map(item));
    assert_eq!(last(&eye.look(&mut list, NONE, HEIGHT)), (109, HEIGHT));
    let back = eye.look(&mut list, Move::By(-1.0), HEIGHT);
    assert!(!eye.is_following());
    assert_eq!(last(&back), (109, HEIGHT + 1.0));
    list.items.extend((110..112).map(item));
    let still = eye.look(&mut list, NONE, HEIGHT);
    assert_eq!(still.rows[0].top, back.rows[0].top);
    eye.look(&mut list, Move::By(HEIGHT), HEIGHT);
    assert!(eye.is_following());
    let start = eye.look(&mut list, Move::Start, HEIGHT);
    assert_eq!((start.first, start.rows[0].top, eye.is_following()), (0.0, 0.0, false));
    // A page down and a page up lead back.
    let middle = eye.look(&mut list, Move::To { position: 50, share: 0.25 }, HEIGHT);
    eye.look(&mut list, Move::By(500.0), HEIGHT);
    let again = eye.look(&mut list, Move::By(-500.0), HEIGHT);
    assert_eq!(again.rows[0].position, middle.rows[0].position);
    assert!((again.rows[0].top - middle.rows[0].top).abs() < 0.01);
}

#[test]
fn a_list_that_fits_begins_at_the_top_and_cannot_be_moved() {
    let mut list = Items::new(vec![Item { key: 1, by: 0, letters: 5 }, Item { key: 2, by: 1, letters: 5 }]);
    let mut eye = Eye::default();
    for moved in [NONE, Move::By(-50.0), Move::By(50.0), Move::Start, Move::End] {
        let seen = eye.look(&mut list, moved, HEIGHT);
        assert!(seen.all && eye.is_following(), "{moved:?}");
        assert_eq!((seen.rows[0].top, seen.rows.len(), seen.first, seen.count), (0.0, 2, 0.0, 2.0));
    }
    list.items.clear();
    assert_eq!(eye.look(&mut list, NONE, HEIGHT), Seen::default());
}

/// Something that happens between two frames.
#[derive(Debug, Clone, Copy)]
enum Step {
    Append(u8),
    Prepend(u8),
    /// At this share of the list.
    Insert(f64),
    Remove(f64),
    /// So many rows in sight, from the first one on.
    RemoveInSight(usize),
    Width(f32),
    Height(f32),
    Move(f32),
    Start,
    End,
    To(f64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (1..12u8).prop_map(Step::Append),
        (1..40u8).prop_map(Step::Prepend),
        (0.0..1.0).prop_map(Step::Insert),
        (0.0..1.0).prop_map(Step::Remove),
        (1..4usize).prop_map(Step::RemoveInSight),
        (20.0..300.0f32).prop_map(Step::Width),
        (50.0..900.0f32).prop_map(Step::Height),
        (-1500.0..1500.0f32).prop_map(Step::Move),
        (-40.0..40.0f32).prop_map(Step::Move),
        Just(Step::Start),
        Just(Step::End),
        (0.0..1.0).prop_map(Step::To),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever comes, goes and is laid out anew: what was at the upper edge stays there, to a hundredth of a
    /// point, unless the list does not reach so far; following stays at the end; the view is full.
    #[test]
    fn what_is_read_stays(steps in prop::collection::vec((step(), 0..3u8, 0..900u16), 1..60)) {
        let mut list = Items::new(Vec::new());
        let mut eye: Eye<u32> = Eye::default();
        let (mut next, mut height) = (0, HEIGHT);
        let mut before = Seen::default();
        for (step, by, letters) in steps {
            let mut new = |count: u8| -> Vec<Item> {
                (0..count).map(|_| { next += 1; Item { key: next, by, letters } }).collect()
            };
            let old = list.clone();
            let len = list.items.len();
            let at = |share: f64| (share * len as f64) as usize;
            let mut moved = NONE;
            match step {
                Step::Append(count) => list.items.extend(new(count)),
                Step::Prepend(count) => drop(list.items.splice(..0, new(count))),
                Step::Insert(share) => list.items.insert(at(share), new(1)[0]),
                Step::Remove(share) if len > 0 => drop(list.items.remove(at(share))),
                Step::RemoveInSight(count) => {
                    let keys: Vec<_> = before.rows.iter().take(count).map(|row| old.items[row.position].key).collect();
                    list.items.retain(|item| !keys.contains(&item.key));
                }
                Step::Remove(_) => {}
                Step::Width(width) => list.width = width,
                Step::Height(to) => height = to,
                Step::Move(by) => moved = Move::By(by.clamp(-MOST_SCREENS * height, MOST_SCREENS * height)),
                Step::Start => moved = Move::Start,
                Step::End => moved = Move::End,
                Step::To(share) => moved = Move::To { position: at(share), share: share as f32 },
            }
            let gaze = eye.gaze;
            let seen = eye.look(&mut list, moved, height);
            if list.items.is_empty() {
                prop_assert_eq!(seen, Seen::default());
                before = Seen::default();
                continue;
            }

            // Where the upper edge has to be, below the beginning of the list.
            let total = list.top(list.items.len());
            let most = (total - f64::from(height)).max(0.0);
            let stays = |key: u32, depth: f32| {
                let position = list.place(key)?;
                Some(list.top(position) + f64::from(depth) + f64::from(list.height(position).lead))
            };
            let wanted = match (gaze, moved) {
                (_, Move::End) => Some(most),
                (_, Move::Start) => Some(0.0),
                (_, Move::To { position, share }) => {
                    let position = position.min(list.items.len() - 1);
                    Some(list.top(position) + f64::from(list.height(position).whole() * share))
                }
                (Gaze::Newest, Move::By(by)) => Some(most + f64::from(by)),
                (Gaze::At(key, within), Move::By(by)) => {
                    let row = list.place(key).map(|position| list.height(position));
                    let held = row.and_then(|row| stays(key, row.depth(within) - row.lead));
                    // Gone: the next that was in sight stays.
                    let next = || before.rows.iter().find_map(|row| {
                        stays(old.items[row.position].key, -row.top - row.span.lead)
                    });
                    held.or_else(next).map(|edge| edge + f64::from(by))
                }
            };
            let first = seen.rows[0];
            let edge = list.top(first.position) - f64::from(first.top);
            if let Some(wanted) = wanted {
                let wanted = wanted.clamp(0.0, most);
                prop_assert!((edge - wanted).abs() < 0.05, "{step:?}: at {edge} instead of {wanted}");
            }
            // The same rows, where nothing in sight has changed.
            if let (Step::Prepend(_), Gaze::At(..), false) = (step, gaze, before.all) {
                for row in &before.rows {
                    let now = list.place(old.items[row.position].key).unwrap();
                    if let Some(there) = seen.rows.iter().find(|there| there.position == now) {
                        let moved = there.top + there.span.lead - row.top - row.span.lead;
                        prop_assert!(moved.abs() < 0.05, "text moved by {moved}");
                    }
                }
            }

            // The rows are those of the list, without a gap, and fill the view.
            for (row, next) in seen.rows.iter().zip(&seen.rows[1..]) {
                prop_assert_eq!(row.position + 1, next.position);
                prop_assert!((row.bottom() - next.top).abs() < 0.001);
            }
            let last = seen.rows[seen.rows.len() - 1];
            prop_assert!(first.top <= 0.0 && first.bottom() > 0.0 && last.top < height);
            prop_assert!(last.bottom() >= height - 0.01 || seen.all);
            // A list that is too high by less than half a point may count as either.
            let spare = f64::from(height) - total;
            prop_assert!(spare.abs() <= 0.5 || seen.all == (spare > 0.0));
            prop_assert!(!seen.all || first.top == 0.0 && seen.rows.len() == list.items.len());
            if eye.is_following() {
                prop_assert_eq!(last.position + 1, list.items.len());
                prop_assert!(seen.all || (last.bottom() - height).abs() < 0.5);
            }
            // What the bar shows: all the way up, all the way down, and nothing beyond.
            let len = list.items.len() as f64;
            prop_assert!(seen.first >= 0.0 && seen.count > 0.0 && seen.first + seen.count <= len + 0.01);
            before = seen;
        }
    }
}
