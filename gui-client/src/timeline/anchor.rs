//! Where the eye is in a list that is far too long to be laid out: at the newest, or at one row, from which
//! the rows in sight are laid out until the view is full. Pure arithmetic; it looks at a few screens' rows
//! however many there are, remembers nothing about the others, and knows neither egui nor entries.

#[cfg(test)]
mod tests;

/// The most screens that the list is moved by at once: each row on the way is measured. Whoever wants to go
/// further takes the bar or a key that goes there at once.
const MOST_SCREENS: f32 = 8.0;

/// How high a row is at least, in points: rows without any height would never fill a view.
const LEAST: f32 = 1.0;

/// What there is to be looked at, oldest first.
pub(super) trait List {
    /// What a row is known by, wherever it stands.
    type Key: Copy;
    /// How many rows there are.
    fn len(&self) -> usize;
    /// What the row at this position is known by.
    fn key(&self, position: usize) -> Option<Self::Key>;
    /// Where this row is, if it still is.
    fn find(&self, key: Self::Key) -> Option<usize>;
    /// Where this row was: the position of the one that came after it.
    fn near(&self, key: Self::Key) -> usize;
    /// Whether the eye can hold on to this row: not to one that goes when what is missing there comes.
    fn is_firm(&self, position: usize) -> bool {
        position < self.len()
    }
    /// How high the row at this position is.
    fn span(&mut self, position: usize) -> Span;
}

/// How high a row is, in points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Span {
    /// What stands above its text, and comes and goes with the row before: a day, a name.
    pub(super) lead: f32,
    /// Its text.
    pub(super) body: f32,
    /// What stands below its text, and comes and goes with the row behind.
    pub(super) tail: f32,
}

impl Span {
    /// That of a row that is not there.
    pub(super) const NONE: Self = Self { lead: 0.0, body: 0.0, tail: 0.0 };

    /// All of it.
    pub(super) fn whole(self) -> f32 {
        (self.lead + self.body + self.tail).max(LEAST)
    }

    /// How far below its upper edge this is.
    fn depth(self, within: Within) -> f32 {
        self.lead + self.body * within.share + within.beyond
    }

    fn within(self, depth: f32) -> Within {
        let below = depth - self.lead;
        if below < 0.0 || self.body <= 0.0 {
            Within { share: 0.0, beyond: below }
        } else if below <= self.body {
            Within { share: below / self.body, beyond: 0.0 }
        } else {
            Within { share: 1.0, beyond: below - self.body }
        }
    }
}

/// A height within a row, in terms that hold when the row is laid out anew: in its text it is a share, so
/// that the same words are there at another width; beside its text it is a distance from it, in points.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Within {
    share: f32,
    /// Above the text if negative, below if positive.
    beyond: f32,
}

/// What the person wants to see.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Move {
    /// What lies so many points further down.
    By(f32),
    /// The oldest.
    Start,
    /// The newest.
    End,
    /// This row, with so great a share of it above the upper edge.
    To {
        /// Its position.
        position: usize,
        /// The share.
        share: f32,
    },
}

/// A row in sight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Row {
    /// Its position.
    pub(super) position: usize,
    /// How far it begins below the upper edge of the view, in points.
    pub(super) top: f32,
    /// How high it is.
    pub(super) span: Span,
}

impl Row {
    pub(super) fn bottom(&self) -> f32 {
        self.top + self.span.whole()
    }
}

/// What is in sight.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Seen {
    /// The rows, without a gap.
    pub(super) rows: Vec<Row>,
    /// How many rows there are before the upper edge, with the share of the one that it cuts.
    pub(super) first: f64,
    /// How many rows fit in the view, with shares of those that are cut.
    pub(super) count: f64,
    /// The whole list is in sight.
    pub(super) all: bool,
}

/// Where the eye is: it stays there, whatever happens above and below.
#[derive(Debug)]
pub(super) struct Eye<K> {
    gaze: Gaze<K>,
    /// The rows that were in sight last, and where their texts began: should the one that the eye holds on
    /// to be gone, the next one stays where it was.
    last: Vec<(K, f32)>,
}

#[derive(Debug, Clone, Copy)]
enum Gaze<K> {
    /// At the newest, which it follows.
    Newest,
    /// This point of this row is at the upper edge.
    At(K, Within),
}

impl<K> Default for Eye<K> {
    fn default() -> Self {
        Self { gaze: Gaze::Newest, last: Vec::new() }
    }
}

impl<K: Copy> Eye<K> {
    /// Whether the newest is in sight and shall stay so.
    pub(super) fn is_following(&self) -> bool {
        matches!(self.gaze, Gaze::Newest)
    }

    /// Follows the newest from now on.
    pub(super) fn follow(&mut self) {
        self.gaze = Gaze::Newest;
    }

    /// Holds on to the beginning of the text of this one of the rows that were in sight last, before that text
    /// becomes longer or shorter; `in_sight` brings its beginning into sight.
    pub(super) fn hold(&mut self, nth: usize, in_sight: bool) {
        if let Some(&(key, top)) = self.last.get(nth) {
            let top = if in_sight { top.max(0.0) } else { top };
            self.gaze = Gaze::At(key, Within { share: 0.0, beyond: -top });
        }
    }

    /// Brings the beginning of the text of this row so far below the upper edge.
    pub(super) fn go(&mut self, key: K, below: f32) {
        self.gaze = Gaze::At(key, Within { share: 0.0, beyond: -below });
    }

    /// The row that the eye holds on to, unless it follows the newest.
    pub(super) fn held(&self) -> Option<K> {
        match self.gaze {
            Gaze::Newest => None,
            Gaze::At(key, _) => Some(key),
        }
    }

    /// What is in sight after this move in a view of this height, which is above 0.
    pub(super) fn look(&mut self, list: &mut impl List<Key = K>, moved: Move, height: f32) -> Seen {
        if list.len() == 0 {
            *self = Self::default();
            return Seen::default();
        }
        let (rows, is_steady) = self.rows(list, moved, height);
        let (first, last) = (rows[0], rows[rows.len() - 1]);
        let at_end = last.position + 1 == list.len() && last.bottom() <= height + 0.5;
        let all = at_end && first.position == 0 && first.top >= 0.0;
        let follows = match moved {
            Move::By(0.0) => self.is_following(),
            Move::By(by) if by < 0.0 => all,
            Move::Start => all,
            Move::By(_) | Move::To { .. } | Move::End => at_end,
        };
        if follows {
            self.gaze = Gaze::Newest;
        } else if !is_steady {
            let firm = rows.iter().find(|row| list.is_firm(row.position)).unwrap_or(&first);
            if let Some(key) = list.key(firm.position) {
                self.gaze = Gaze::At(key, firm.span.within(-firm.top));
            }
        }
        self.last.clear();
        let last = rows.iter().filter_map(|row| Some((list.key(row.position)?, row.top + row.span.lead)));
        self.last.extend(last);
        let share = |points: f32, row: &Row| f64::from(points / row.span.whole());
        let in_sight = |row: &Row| share(row.bottom().min(height) - row.top.max(0.0), row);
        Seen {
            first: first.position as f64 + share(-first.top, &first),
            count: rows.iter().map(in_sight).sum(),
            rows,
            all,
        }
    }

    /// The rows in sight, at least one, and whether they stand where the eye held on to them.
    fn rows(&self, list: &mut impl List<Key = K>, moved: Move, height: f32) -> (Vec<Row>, bool) {
        let (position, depth, is_held) = match (moved, self.gaze) {
            (Move::End, _) => return (up(list, height), false),
            (Move::By(by), Gaze::Newest) if by >= 0.0 => return (up(list, height), false),
            (Move::Start, _) => (0, 0.0, false),
            (Move::To { position, share }, _) => {
                let position = position.min(list.len() - 1);
                (position, list.span(position).whole() * share, false)
            }
            (Move::By(by), gaze) => {
                let (position, depth, is_held) = match gaze {
                    Gaze::Newest => {
                        let first = up(list, height)[0];
                        (first.position, -first.top, false)
                    }
                    Gaze::At(key, within) => self.find(list, key, within),
                };
                let most = MOST_SCREENS * height;
                (position, depth + by.clamp(-most, most), is_held && by == 0.0)
            }
        };
        match down(list, position, depth, height) {
            Some((rows, is_there)) => (rows, is_held && is_there),
            // There is not enough below to fill the view.
            None => (up(list, height), false),
        }
    }

    /// The row that is held on to, how far below its top the upper edge is, and whether it is still there.
    fn find(&self, list: &mut impl List<Key = K>, key: K, within: Within) -> (usize, f32, bool) {
        if let Some(position) = list.find(key) {
            return (position, list.span(position).depth(within), true);
        }
        let next = self.last.iter().find_map(|&(key, top)| Some((list.find(key)?, top)));
        match next {
            Some((position, top)) => (position, list.span(position).lead - top, false),
            None => (list.near(key).min(list.len() - 1), 0.0, false),
        }
    }
}

/// The rows in sight when the last one ends at the lower edge, or those of a list that fits, from the upper
/// edge on.
fn up(list: &mut impl List, height: f32) -> Vec<Row> {
    let mut rows = Vec::new();
    let (mut position, mut top) = (list.len(), height);
    while top > 0.0 && position > 0 {
        position -= 1;
        let span = list.span(position);
        top -= span.whole();
        rows.push(Row { position, top, span });
    }
    rows.reverse();
    if top > 0.0 {
        for row in &mut rows {
            row.top -= top;
        }
    }
    rows
}

/// The rows in sight when the upper edge is so far below the top of the row at this position, or above if
/// negative; and whether that is where the edge is, which nothing before the first row can be. None when
/// the list ends before the view does.
fn down(list: &mut impl List, position: usize, depth: f32, height: f32) -> Option<(Vec<Row>, bool)> {
    let (mut position, mut depth) = (position, depth);
    let mut span = list.span(position);
    while depth < 0.0 && position > 0 {
        position -= 1;
        span = list.span(position);
        depth += span.whole();
    }
    let is_there = depth >= 0.0;
    depth = depth.max(0.0);
    while depth >= span.whole() {
        depth -= span.whole();
        position += 1;
        if position == list.len() {
            return None;
        }
        span = list.span(position);
    }
    let mut rows = vec![Row { position, top: -depth, span }];
    loop {
        let last = rows[rows.len() - 1];
        if last.bottom() >= height {
            return Some((rows, is_there));
        }
        let position = last.position + 1;
        if position == list.len() {
            return None;
        }
        rows.push(Row { position, top: last.bottom(), span: list.span(position) });
    }
}
