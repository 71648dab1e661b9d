//! The list of messages: draws the few entries that can be seen of the many that there are, stays at
//! the newest while it is there, and keeps its place otherwise. Knows entries and where the eye is;
//! changes nothing in the room.
//!
//! | module | what it holds |
//! |---|---|
//! | `anchor` | which rows are in sight, and why it is those |
//! | `row` | how one entry is measured and drawn |
//! | `body` | its text: styles, links, folding |
//! | `stamp` | its time, and the day of that |
//! | `laid` | where its letters are |
//! | `select` | what is selected, in sight or not; copying |
//! | `pick` | selecting with pointer and keys |
//! | `reveal` | bringing into sight what keys go to |
//! | `menu` | what can be done with one message |
//! | `news` | the line above what is new, and the ways there |
//! | `scroll` | wheel, finger, keys |
//! | `seek` | going to what was found, and loading what is missing |
//! | `bar` | the bar at the side |
//!
//! Of what is not in sight nothing is known but the entries themselves: heights are found when a row comes into
//! sight, so another width, another size of text or a million rows more change nothing outside of the view.

mod anchor;
mod bar;
mod body;
mod laid;
mod menu;
mod news;
mod pick;
mod reveal;
mod row;
mod scroll;
mod seek;
mod select;
mod stamp;

use std::collections::HashSet;

use egui::emath::GuiRounding as _;
use egui::{Event, Rect, Ui, UiBuilder, pos2, vec2};

use crate::action::Action;
use crate::look::Look;
use crate::model::{Entry, Kind, Spot, Timeline, Unread};
use crate::theme::space;
use anchor::{Eye, List, Move, Row, Seen, Span};
use bar::Grip;
use laid::Laid;
use menu::Menu;
use pick::Pick;
use row::{Asked, Shape};
use seek::Found;
pub use seek::Loads;

/// So many screens from the beginning, what is older is asked for: early enough to be there in time.
const NEAR: f64 = 2.0;

/// The list, and where in it the eye is.
#[derive(Debug, Default)]
pub struct TimelineView {
    eye: Eye<Key>,
    /// What was in sight last.
    seen: Seen,
    /// How the bar is held.
    grip: Option<Grip>,
    /// Entries of lower numbers are known.
    known: u64,
    /// The long entries of which the whole is shown.
    open: HashSet<u64>,
    /// What a search has found, and is marked.
    found: Option<Found>,
    /// The line above what is new that was in sight.
    news: Option<Spot>,
    /// There is a text in which the keys to its ends have a meaning of their own.
    writes: bool,
    pick: Pick,
    menu: Menu,
}

/// What the rows in sight came to.
struct Drawn {
    actions: Vec<Action>,
    /// Which of them, with which number, is to be shown as a whole or folded.
    fold: Option<(usize, u64)>,
    /// Where their letters are.
    laid: Vec<(Row, Laid)>,
}

/// What an entry is known by, wherever it stands.
#[derive(Debug, Clone, Copy)]
struct Key {
    spot: Spot,
    number: u64,
}

/// How the entries are read: by whom and by which clock, which long ones as a whole, and what is new to them.
#[derive(Clone, Copy)]
struct Reading<'a> {
    look: &'a Look<'a>,
    open: &'a HashSet<u64>,
    unread: &'a Unread,
}

/// The entries as rows of this width.
struct Rows<'a> {
    ui: &'a Ui,
    timeline: &'a Timeline,
    reading: Reading<'a>,
    width: f32,
}

/// What the entry at this position is known by.
fn key(timeline: &Timeline, position: usize) -> Option<Key> {
    let number = timeline.get(position)?.number;
    Some(Key { spot: timeline.spot(position)?, number })
}

/// The entry at this position, and what its neighbours make of it.
fn look_up<'a>(timeline: &'a Timeline, position: usize, reading: Reading<'_>) -> Option<(&'a Entry, Shape)> {
    let entry = timeline.get(position)?;
    let before = position.checked_sub(1).and_then(|before| timeline.get(before));
    let after = timeline.get(position + 1);
    let open = reading.open.contains(&entry.number);
    let shape = Shape::of(entry, before, after, reading.look, open);
    let is_news = reading.unread.line().is_some_and(|line| timeline.spot(position) == Some(line));
    Some((entry, if is_news { shape.with_news() } else { shape }))
}

impl List for Rows<'_> {
    type Key = Key;

    fn len(&self) -> usize {
        self.timeline.len()
    }

    fn key(&self, position: usize) -> Option<Key> {
        key(self.timeline, position)
    }

    fn find(&self, key: Key) -> Option<usize> {
        self.timeline.find_again(key.spot, key.number)
    }

    fn near(&self, key: Key) -> usize {
        self.timeline.position(key.spot)
    }

    fn is_firm(&self, position: usize) -> bool {
        self.timeline.get(position).is_some_and(|entry| entry.kind != Kind::Hole)
    }

    fn span(&mut self, position: usize) -> Span {
        let Some((entry, shape)) = look_up(self.timeline, position, self.reading) else { return Span::NONE };
        row::measure(self.ui, entry, shape, self.reading.look, self.width)
    }
}

impl TimelineView {
    /// Draws what can be seen of `timeline`, in all the room that is left. `loads` says what more can be had,
    /// `unread` what nobody has looked at.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        timeline: &Timeline,
        loads: Loads,
        unread: &Unread,
        look: &Look<'_>,
    ) -> Vec<Action> {
        let view = ui.available_rect_before_wrap();
        let width = (view.width() - 2.0 * space::L).clamp(1.0, space::COLUMN);
        self.take_note(timeline);
        let (list, moved) = scroll::moved(ui, view, self.writes);
        let (bar, dragged) = bar::moved(ui, view, &self.seen, timeline.len(), &mut self.grip);
        let height = view.height().max(1.0);
        let arrives = self.arrive(timeline, height);
        let reading = Reading { look, open: &self.open, unread };
        let mut rows = Rows { ui, timeline, reading, width };
        let stepped = self.pick.keys(ui, &list, &mut rows, &self.seen, height);
        let pull = self.pick.pull(ui, view);
        let moved = match dragged.or(stepped).unwrap_or(moved) {
            _ if arrives => Move::By(0.0),
            Move::By(by) => Move::By(by + pull),
            moved => moved,
        };
        if let Some(found) = self.found.as_mut().filter(|_| moved != Move::By(0.0)) {
            // Who goes elsewhere does not want to be taken there any more.
            found.is_sought = false;
        }
        let before = self.seen.first;
        self.seen = self.eye.look(&mut rows, moved, height);
        if arrives && self.seen.first + self.seen.count >= timeline.len() as f64 - 0.01 {
            self.eye.follow();
        }
        if pull != 0.0 && self.seen.first != before {
            // It goes on while the pointer stays where it is.
            ui.ctx().request_repaint();
        }
        scroll::announce(&list, timeline.len(), !self.seen.all);
        let builder = UiBuilder::new().max_rect(view).accessibility_parent(list.id);
        let Drawn { mut actions, fold, laid } =
            ui.scope_builder(builder, |ui| self.draw(ui, timeline, (unread, look), (view, width))).inner;
        let laid = (view, &laid[..]);
        self.pick.point(ui, &list, (timeline, look), laid, moved != Move::By(0.0));
        self.pick.show(ui, &list, timeline, laid);
        actions.extend(self.pick.copy(ui, timeline, look));
        self.menu.ask(ui, &list, timeline, laid, &self.pick);
        actions.extend(self.menu.show(ui, (timeline, look), &self.pick));
        if let Some((nth, number)) = fold {
            self.fold(nth, number);
            ui.ctx().request_repaint();
        }
        actions.extend(seek::ahead(&self.seen, timeline, loads));
        bar::show(ui, &bar, &self.seen, timeline.len(), self.grip);
        if !self.eye.is_following() && news::offer_jump(ui, view, look, unread.messages()) {
            self.eye.follow();
            ui.ctx().request_repaint();
        }
        if let Some(key) = self.missed(timeline, unread)
            && news::offer_missed(ui, view, look)
        {
            self.eye.go(key, height * seek::ABOVE);
            ui.ctx().request_repaint();
        }
        actions
    }

    /// Where the news begin, if that is above what is in sight and was not in sight since somebody looks.
    fn missed(&mut self, timeline: &Timeline, unread: &Unread) -> Option<Key> {
        let line = unread.line().filter(|_| unread.is_looked_at())?;
        let position = timeline.position(line);
        let first = self.seen.rows.first()?.position;
        if position >= first {
            self.news = Some(line);
        }
        (self.news != Some(line)).then(|| key(timeline, position)).flatten()
    }

    /// Whether something is written elsewhere, in which the keys to its ends have a meaning of their own.
    pub fn is_writing(&mut self, writes: bool) {
        self.writes = writes;
    }

    /// Gives the keyboard away when something is typed while the list has it, for the field in which that is
    /// to stand. To be called before that field looks for it.
    pub fn give_way(&self, ui: &Ui) {
        let typed = |event: &Event| matches!(event, Event::Text(_) | Event::Paste(_));
        if ui.input(|input| input.events.iter().any(typed)) {
            ui.memory_mut(|memory| memory.surrender_focus(scroll::id()));
        }
    }

    /// Draws the rows in sight.
    fn draw(
        &self,
        ui: &mut Ui,
        timeline: &Timeline,
        (unread, look): (&Unread, &Look<'_>),
        (view, width): (Rect, f32),
    ) -> Drawn {
        ui.shrink_clip_rect(view);
        ui.expand_to_include_rect(view);
        let left = (view.center().x - width / 2.0).round();
        let mut drawn = Drawn { actions: Vec::new(), fold: None, laid: Vec::new() };
        let reading = Reading { look, open: &self.open, unread };
        let marked = self.marked(timeline);
        for (nth, row) in self.seen.rows.iter().enumerate() {
            let Some((entry, mut shape)) = look_up(timeline, row.position, reading) else { continue };
            shape.found = marked == Some(entry.number);
            shape.asked = self.menu.entry() == Some(entry.number);
            let top = (view.top() + row.top).round_to_pixels(ui.pixels_per_point());
            let rect = Rect::from_min_size(pos2(left, top), vec2(width, row.span.whole()));
            let (laid, asked) = row::show(ui, entry, shape, look, rect);
            drawn.laid.push((*row, laid));
            match asked {
                Some(Asked::Action(action)) => drawn.actions.push(action),
                Some(Asked::Fold) => drawn.fold = Some((nth, entry.number)),
                None => {}
            }
            ui.ctx().accesskit_node_builder(row::id(entry.number), |node| {
                node.set_position_in_set(row.position);
            });
        }
        drawn
    }

    /// Shows the whole of a long entry, which is so many rows below the first in sight, or only its beginning
    /// again.
    fn fold(&mut self, nth: usize, number: u64) {
        let opens = !self.open.remove(&number);
        if opens {
            self.open.insert(number);
        }
        self.eye.hold(nth, !opens);
    }

    /// Takes note of what has come since the last frame: only that is looked at.
    fn take_note(&mut self, timeline: &Timeline) {
        let known = std::mem::replace(&mut self.known, timeline.next_number());
        let Some(key) = self.eye.held().filter(|_| known < self.known) else { return };
        // What comes to stand above was said before, and is no news.
        let edge = timeline.position(key.spot);
        for entry in timeline.iter().rev().take(timeline.len() - edge) {
            match &entry.kind {
                // Whoever says something wants to see it said.
                Kind::Own { .. } if entry.number >= known => self.eye.follow(),
                // Own messages stand at the end until they are in the log.
                Kind::Own { .. } => {}
                // What was there before has nothing new above it but what is older.
                _ if entry.number < known => break,
                _ => {}
            }
        }
    }

    /// Whether the newest was in sight when this was drawn last, and will be.
    pub fn is_following(&self) -> bool {
        self.eye.is_following()
    }
}
