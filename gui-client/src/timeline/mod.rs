//! The list of messages: draws the few entries that can be seen of the many that there are, stays at
//! the newest while it is there, and keeps its place otherwise. Knows entries and where the eye is;
//! changes nothing in the room.
//!
//! | module | what it holds |
//! |---|---|
//! | `rows` | heights and their sums |
//! | `row` | how one entry is measured and drawn |
//! | `scroll` | wheel, finger, keys, bar |

mod row;
mod rows;
mod scroll;

use egui::{Rect, Role, Ui, UiBuilder, pos2, vec2};

use crate::action::Action;
use crate::clock::Clock;
use crate::look::Look;
use crate::model::{Entry, Kind, Timeline};
use crate::theme::{parts, space};
use row::Shape;
use rows::Rows;

/// Measuring one entry moves others in and out of sight; after so many rounds the rest may wait for
/// the next frame.
const MAX_ROUNDS: usize = 8;

/// So many screens from the beginning, what is older is asked for: early enough to be there in time.
const NEAR: f64 = 2.0;

/// The list, and where in it the eye is.
#[derive(Debug)]
pub struct TimelineView {
    rows: Rows,
    width: f32,
    /// The newest is in sight, and shall stay so.
    following: bool,
    /// The entry at the upper edge.
    anchor: Anchor,
    /// The timeline as it was when the rows were last made to agree with it.
    seen: u64,
    /// How many entries of others came since the newest was last in sight.
    unseen: usize,
}

/// What the eye holds on to while things are added above and below.
#[derive(Debug, Default, Clone, Copy)]
struct Anchor {
    number: u64,
    /// Where it stands in the list.
    place: usize,
    /// How much of it is above the edge.
    above: f32,
}

impl Default for TimelineView {
    fn default() -> Self {
        Self {
            rows: Rows::default(),
            width: 0.0,
            following: true,
            anchor: Anchor::default(),
            seen: 0,
            unseen: 0,
        }
    }
}

impl TimelineView {
    /// Draws what can be seen of `timeline`, in all the room that is left. `older` says that there is more
    /// before its beginning.
    pub fn show(&mut self, ui: &mut Ui, timeline: &Timeline, older: bool, look: &Look<'_>) -> Vec<Action> {
        let view = ui.available_rect_before_wrap();
        let width = (view.width() - 2.0 * space::L).clamp(1.0, space::COLUMN);
        self.sync(timeline, width);
        let moved = scroll::moved(ui, view);
        if moved != 0.0 {
            let offset = self.offset(view.height()) + moved;
            self.look(offset, view.height());
        }
        let offset = self.settle(ui, timeline, view.height(), look.clock);
        let builder = UiBuilder::new().max_rect(view);
        let mut actions =
            ui.scope_builder(builder, |ui| self.draw(ui, timeline, view, offset, look.clock)).inner;
        if older && offset < f64::from(view.height()) * NEAR {
            actions.push(Action::ShowOlder);
        }
        let length = self.rows.total();
        if let Some(offset) = scroll::bar(ui, view, offset, length) {
            self.look(offset, view.height());
            ui.ctx().request_repaint();
        }
        if self.following {
            self.unseen = 0;
        } else if self.offer_jump(ui, view) {
            self.following = true;
            ui.ctx().request_repaint();
        }
        actions
    }

    /// Draws the rows that can be seen when the list's upper edge is at `offset`.
    fn draw(
        &mut self,
        ui: &mut Ui,
        timeline: &Timeline,
        view: Rect,
        offset: f64,
        clock: &Clock,
    ) -> Vec<Action> {
        announce(ui);
        ui.shrink_clip_rect(view);
        ui.expand_to_include_rect(view);
        let left = (view.center().x - self.width / 2.0).round();
        let mut actions = Vec::new();
        for place in self.rows.between(offset, offset + f64::from(view.height())) {
            let Some((entry, shape)) = look_up(timeline, place, clock) else { continue };
            let (top, bottom) = (self.rows.top(place), self.rows.top(place + 1));
            let corner = pos2(left, view.top() + (top - offset).round() as f32);
            let rect = Rect::from_min_size(corner, vec2(self.width, (bottom - top) as f32));
            actions.extend(row::show(ui, entry, shape, rect, clock));
        }
        actions
    }

    /// Takes up what has changed, and a new width.
    fn sync(&mut self, timeline: &Timeline, width: f32) {
        let estimate = |place: usize| timeline.get(place).map_or(0.0, |entry| row::estimate(entry, width));
        if self.seen != timeline.changes() {
            self.seen = timeline.changes();
            let new = self.rows.sync(timeline.iter().map(|entry| entry.number), estimate);
            self.hold_on();
            for place in new {
                match timeline.get(place).map(|entry| &entry.kind) {
                    // Whoever says something wants to see it said.
                    Some(Kind::Own { .. }) => self.following = true,
                    // What comes to stand above was said before, and is no news.
                    Some(Kind::Said { .. } | Kind::Notice(_)) if place >= self.anchor.place => {
                        self.unseen += 1;
                    }
                    _ => {}
                }
            }
        }
        if self.width != width {
            self.width = width;
            self.rows.estimate_all(estimate);
        }
    }

    /// Finds the entry at the upper edge again, or takes the one that stands there now.
    fn hold_on(&mut self) {
        let Anchor { number, place, .. } = self.anchor;
        self.anchor = match self.rows.find(number, place) {
            Some(place) => Anchor { place, ..self.anchor },
            None => {
                let place = place.min(self.rows.len().saturating_sub(1));
                Anchor { number: self.rows.number(place).unwrap_or_default(), place, above: 0.0 }
            }
        };
    }

    /// Measures what will be in sight, and gives how far down the list its upper edge is.
    fn settle(&mut self, ui: &Ui, timeline: &Timeline, height: f32, clock: &Clock) -> f64 {
        for _ in 0..MAX_ROUNDS {
            let offset = self.offset(height);
            let mut changed = false;
            for place in self.rows.between(offset, offset + f64::from(height)) {
                let Some((entry, shape)) = look_up(timeline, place, clock) else { continue };
                if !self.rows.is_measured(place, shape.code()) {
                    let height = row::measure(ui, entry, shape, self.width);
                    self.rows.measure(place, shape.code(), height);
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
        self.offset(height)
    }

    fn offset(&mut self, height: f32) -> f64 {
        let most = (self.rows.total() - f64::from(height)).max(0.0);
        if self.following {
            return most;
        }
        (self.rows.top(self.anchor.place) + f64::from(self.anchor.above)).clamp(0.0, most)
    }

    /// Looks at the list from `offset` on, as far as there is a list.
    fn look(&mut self, offset: f64, height: f32) {
        let most = (self.rows.total() - f64::from(height)).max(0.0);
        let offset = offset.clamp(0.0, most);
        self.following = offset >= most - 1.0;
        let place = self.rows.between(offset, offset + 1.0).start;
        let above = (offset - self.rows.top(place)) as f32;
        self.anchor = Anchor { number: self.rows.number(place).unwrap_or_default(), place, above };
    }

    /// The way back to the newest, with how many came meanwhile.
    fn offer_jump(&self, ui: &mut Ui, view: Rect) -> bool {
        let label = match self.unseen {
            0 => "Jump to latest".to_owned(),
            new => format!("Jump to latest ({new} new)"),
        };
        let size = vec2(space::FIELD, space::CONTROL);
        let at = pos2(view.center().x - size.x / 2.0, view.bottom() - size.y - space::M);
        let builder = UiBuilder::new()
            .max_rect(Rect::from_min_size(at, size))
            .layout(egui::Layout::top_down(egui::Align::Center));
        ui.scope_builder(builder, |ui| parts::primary_button(ui, &label).clicked()).inner
    }
}

/// Tells assistive technology that this is where new messages appear.
fn announce(ui: &Ui) {
    ui.ctx().accesskit_node_builder(ui.unique_id(), |node| {
        node.set_role(Role::Log);
        node.set_label("Messages");
        node.set_live(egui::accesskit::Live::Polite);
    });
}

fn look_up<'a>(timeline: &'a Timeline, place: usize, clock: &Clock) -> Option<(&'a Entry, Shape)> {
    let entry = timeline.get(place)?;
    let before = place.checked_sub(1).and_then(|before| timeline.get(before));
    let after = timeline.get(place + 1);
    Some((entry, Shape::of(entry, before, after, clock)))
}
