//! Selecting messages with the pointer and with keys, and copying what is selected. Knows where letters are
//! on the screen, and which keys and presses mean what; what that comes to is the arithmetic of `select`.

use std::ops::Range;

use egui::{
    CornerRadius, CursorIcon, Event, EventFilter, Key, Modifiers, OutputCommand, Pos2, Rect, Response,
    StrokeKind, Ui, Vec2,
};

use super::anchor::{List, Move, Row, Seen};
use super::laid::Laid;
use super::reveal::{lowest, reveal};
use super::select::{self, At, By, Line, Point, Presses, Selection};
use super::{Key as Known, body, key, row, scroll};
use crate::action::Action;
use crate::look::Look;
use crate::model::Timeline;
use crate::theme::{palette, round};

/// How fast the list moves while the pointer drags beyond its edge: in a second so many times as far as the
/// pointer is beyond.
const PULL: f32 = 10.0;

/// As far beyond as this counts, in points.
const MOST_PULL: f32 = 60.0;

/// What is selected, and how that goes on.
#[derive(Debug, Default)]
pub(super) struct Pick {
    selection: Option<Selection<Known>>,
    presses: Presses,
    /// What a drag goes on by, while the button is down.
    drag: Option<By>,
    /// The list got the keyboard by a press, and who pressed there knows where that is.
    pressed: bool,
}

impl Pick {
    /// Does what keys ask for, before the rows are laid out; gives the move that brings the message into
    /// sight at which they leave off.
    pub(super) fn keys(
        &mut self,
        ui: &Ui,
        list: &Response,
        rows: &mut impl List<Key = Known>,
        seen: &Seen,
        height: f32,
    ) -> Option<Move> {
        // What is marked is what is copied: with the cursor in a field that would be what is selected there.
        if ui.ctx().text_edit_focused() && self.drag.is_none() {
            self.selection = None;
        }
        let has_focus = list.has_focus();
        self.pressed &= has_focus;
        if !scroll::has_keys(ui) || !(has_focus || ui.memory(|memory| memory.focused().is_none())) {
            return None;
        }
        if has_focus {
            let escape = self.selection.is_some();
            let filter = EventFilter { vertical_arrows: true, escape, ..EventFilter::default() };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(list.id, filter));
        }
        if self.selection.is_some() && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
            self.selection = None;
        }
        if ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::A)) {
            let ends = (rows.key(0), rows.key(rows.len().saturating_sub(1)));
            self.selection = ends.0.zip(ends.1).map(|(first, last)| Selection::rows(first, last));
        }
        if !has_focus {
            return None;
        }
        let steps = |modifiers| {
            let count = |key| ui.input_mut(|input| input.count_and_consume_key(modifiers, key)) as isize;
            count(Key::ArrowDown) - count(Key::ArrowUp)
        };
        let (extended, stepped) = (steps(Modifiers::SHIFT), steps(Modifiers::NONE));
        let mut moved = None;
        for (steps, extends) in [(extended, true), (stepped, false)] {
            if steps != 0 {
                moved = self.step(rows, seen, height, steps, extends).or(moved);
            }
        }
        moved
    }

    /// Selects the message so many further down, or as far as that.
    fn step(
        &mut self,
        rows: &mut impl List<Key = Known>,
        seen: &Seen,
        height: f32,
        steps: isize,
        extends: bool,
    ) -> Option<Move> {
        let end = self.selection.and_then(|selection| rows.find(selection.end()));
        let position = match end {
            Some(end) => end.saturating_add_signed(steps).min(rows.len().checked_sub(1)?),
            None => lowest(seen, height)?,
        };
        let key = rows.key(position)?;
        match &mut self.selection {
            Some(selection) if extends => selection.extend(select::whole(key)),
            selection => *selection = Some(Selection::row(key)),
        }
        reveal(seen, position, height, |position| rows.span(position).whole())
    }

    /// How far the list moves because the pointer drags beyond an edge of `view`.
    pub(super) fn pull(&self, ui: &Ui, view: Rect) -> f32 {
        let pointer = ui.input(|input| input.pointer.interact_pos());
        let Some(pointer) = pointer.filter(|_| self.drag.is_some()) else { return 0.0 };
        let beyond = (pointer.y - view.bottom()).max(0.0) - (view.top() - pointer.y).max(0.0);
        beyond.clamp(-MOST_PULL, MOST_PULL) * PULL * ui.input(|input| input.stable_dt.min(0.1))
    }

    /// Selects what the pointer presses on and drags over. `moved` says that the list moved under it.
    pub(super) fn point(
        &mut self,
        ui: &Ui,
        list: &Response,
        (timeline, look): (&Timeline, &Look<'_>),
        (view, laid): (Rect, &[(Row, Laid)]),
        moved: bool,
    ) {
        let (down, pressed, moves, pointer) = ui.input(|input| {
            // A finger moves the list instead.
            let is_mouse = !input.any_touches();
            let moves = moved || input.pointer.delta() != Vec2::ZERO;
            let pointer = &input.pointer;
            let (down, pressed) = (pointer.primary_down() && is_mouse, pointer.primary_pressed() && is_mouse);
            (down, pressed, moves, pointer.interact_pos())
        });
        // On a slow computer, a button is let go in the frame in which it is pressed or the pointer moves.
        let begins = pressed && (list.is_pointer_button_down_on() || list.clicked());
        let at = pointer.and_then(|pointer| Some((pointer, at_pointer(view, laid, pointer)?)));
        if let Some((pointer, (row, laid))) = at.filter(|_| begins || moves && self.drag.is_some())
            && let Some(key) = key(timeline, row.position)
        {
            let (text, byte) = (laid.galley.text(), laid.byte(pointer));
            let unit = |by| {
                let unit = select::unit(by, text, byte);
                [unit.start, unit.end].map(|byte| Point { row: key, byte })
            };
            let by = if begins { self.press(ui, pointer) } else { self.drag.unwrap_or(By::Letter) };
            let extends = !begins || ui.input(|input| input.modifiers.shift);
            match &mut self.selection {
                Some(selection) if extends => selection.extend(unit(by)),
                selection => *selection = Some(Selection::of(unit(by))),
            }
            if begins {
                self.drag = Some(by);
                self.pressed = true;
                list.request_focus();
            }
        }
        if self.drag.is_some() {
            ui.ctx().set_cursor_icon(CursorIcon::Text);
        }
        if !down && self.drag.take().is_some() {
            self.settle(ui, timeline, look);
        }
    }

    /// What a press here selects.
    fn press(&mut self, ui: &Ui, pointer: Pos2) -> By {
        let delay = ui.ctx().options(|options| options.input_options.max_double_click_delay);
        self.presses.press(ui.input(|input| input.time), pointer.into(), delay)
    }

    /// The button was let go.
    fn settle(&mut self, ui: &Ui, timeline: &Timeline, look: &Look<'_>) {
        self.presses.release(ui.input(|input| input.time));
        match self.range(timeline) {
            // A click selects nothing.
            None => self.selection = None,
            Some(range) => {
                // For a middle click elsewhere, where the system has that.
                ui.ctx().send_cmd(OutputCommand::TextSelectionSettled(text(&range, timeline, look)));
            }
        }
    }

    /// Marks what is selected, and shows that the list has the keyboard where that is not seen by what is
    /// marked.
    pub(super) fn show(
        &self,
        ui: &Ui,
        list: &Response,
        timeline: &Timeline,
        (view, laid): (Rect, &[(Row, Laid)]),
    ) {
        let painter = ui.painter_at(view);
        if list.has_focus() && self.selection.is_none() && !self.pressed {
            let stroke = ui.visuals().selection.stroke;
            painter.rect_stroke(view, CornerRadius::same(round::MARK), stroke, StrokeKind::Inside);
        }
        let Some(range) = self.range(timeline) else { return };
        let end = self.end(timeline);
        for (row, laid) in laid {
            let Some(part) = select::part(&range, row.position, laid.galley.text()) else { continue };
            laid.select(&painter, part, palette(ui).selection);
            let Some(entry) = timeline.get(row.position) else { continue };
            let id = row::id(entry.number);
            let read = ui.ctx().accesskit_node_builder(id, |node| node.set_selected(true));
            if read.is_some() && end == Some(row.position) {
                ui.ctx().accesskit_node_builder(list.id, |node| {
                    node.set_active_descendant(id.accesskit_id());
                });
            }
        }
    }

    /// Copies what is selected, if that is asked for.
    pub(super) fn copy(&self, ui: &Ui, timeline: &Timeline, look: &Look<'_>) -> Option<Action> {
        let range = self.range(timeline)?;
        let asked = |event: &Event| matches!(event, Event::Copy);
        if !scroll::has_keys(ui) || !ui.input(|input| input.events.iter().any(asked)) {
            return None;
        }
        Some(Action::Copy(text(&range, timeline, look)))
    }

    /// The position of the message at which it was left off.
    pub(super) fn end(&self, timeline: &Timeline) -> Option<usize> {
        let end = self.selection?.end();
        timeline.find_again(end.spot, end.number)
    }

    /// What is selected, which is something.
    pub(super) fn range(&self, timeline: &Timeline) -> Option<Range<At>> {
        let at = |Point { row, byte }: Point<Known>| match timeline.find_again(row.spot, row.number) {
            Some(position) => At { position, byte },
            // It is gone, and what came after it begins here.
            None => At { position: timeline.position(row.spot), byte: 0 },
        };
        self.selection.map(|selection| selection.range(at)).filter(|range| range.start < range.end)
    }
}

/// The row at the pointer, or the nearest, with its text.
pub(super) fn at_pointer(view: Rect, laid: &[(Row, Laid)], pointer: Pos2) -> Option<&(Row, Laid)> {
    let above = laid.partition_point(|(row, _)| view.top() + row.top <= pointer.y);
    laid.get(above.saturating_sub(1))
}

/// What is selected, as it is copied.
pub(super) fn text(range: &Range<At>, timeline: &Timeline, look: &Look<'_>) -> String {
    select::copy(range, select::MOST, |position| {
        let entry = timeline.get(position)?;
        let name = entry.author().map(str::to_owned);
        Some(Line { name, time: look.clock.time(entry.at), text: body::letters(entry) })
    })
}
