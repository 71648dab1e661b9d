//! Searching what was said: a field, and what was found, newest first. Enter leads to the next, Shift+Enter
//! to the one before. Knows what was found; who finds it, and where it is loaded from, is the model's
//! business.

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::text_selection::CCursorRange;
use egui::{
    CornerRadius, Id, Key, Modifiers, Response, Role, ScrollArea, Sense, StrokeKind, TextEdit, Ui,
    WidgetInfo, accesskit, pos2, vec2,
};

use crate::action::Action;
use crate::look::Look;
use crate::model::{Connection, Finds, Hit, Log, Room, Spot};
use crate::theme::{body, line_height, name_colour, palette, parts, round, small, space};

/// The panel's field, and which of the messages that were found was gone to.
#[derive(Debug, Default)]
pub(super) struct SearchView {
    words: String,
    at: Option<Spot>,
    wants_focus: bool,
    /// The keyboard was in here when it was last drawn.
    has_focus: bool,
}

/// What the person wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// To see this message, which has this number if it is there.
    See(Spot, Option<u64>),
    /// To search no more.
    Close,
}

impl SearchView {
    /// The panel was opened: what is typed now is searched for, and what was typed before is once more, for
    /// more may have been said since.
    pub(super) fn open(&mut self) -> Action {
        self.wants_focus = true;
        Action::Search(self.words.clone())
    }

    /// The panel was closed. Gives what follows.
    pub(super) fn close(&mut self) -> Action {
        *self = Self::default();
        Action::Search(String::new())
    }

    /// Draws it.
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        room: &Room,
        look: &Look<'_>,
        actions: &mut Vec<Action>,
    ) -> Option<Wish> {
        let field = Id::unique("search");
        let is_free = ui.memory(|memory| memory.top_modal_layer().is_none());
        // egui has taken the focus by now, if that was Escape.
        let escape = self.has_focus && is_free && ui.input(|input| input.key_pressed(Key::Escape));
        let step = self.take_enter(ui, field);
        ui.heading("Search");
        self.has_focus = self.field(ui, field, actions);
        // What was found of other words is of no use.
        let finds = room.finds().filter(|finds| finds.words() == self.words);
        let state = parts::quiet(ui, state(room, finds));
        ui.ctx().accesskit_node_builder(state.id, |node| node.set_live(accesskit::Live::Polite));
        let hits = finds.map_or(&[][..], Finds::hits);
        let place = self.at.and_then(|at| hits.iter().position(|hit| hit.spot == at));
        let gone = step.and_then(|step| next(hits.len(), place, step));
        let clicked = self.hits(ui, hits, place, gone, look);
        if clicked.is_some() {
            // The click took the keyboard away, which leads on from there.
            ui.memory_mut(|memory| memory.request_focus(field));
        }
        if escape {
            return Some(Wish::Close);
        }
        let hit = hits.get(clicked.or(gone)?)?;
        self.at = Some(hit.spot);
        Some(Wish::See(hit.spot, hit.number))
    }

    /// Which way Enter leads, if it was pressed in the field.
    fn take_enter(&self, ui: &Ui, field: Id) -> Option<Step> {
        if !ui.memory(|memory| memory.has_focus(field)) {
            return None;
        }
        ui.input_mut(|input| {
            if input.consume_key(Modifiers::SHIFT, Key::Enter) {
                Some(Step::Before)
            } else {
                input.consume_key(Modifiers::NONE, Key::Enter).then_some(Step::Next)
            }
        })
    }

    /// The field. Gives whether the keyboard is there.
    fn field(&mut self, ui: &mut Ui, id: Id, actions: &mut Vec<Action>) -> bool {
        if std::mem::take(&mut self.wants_focus) {
            ui.memory_mut(|memory| memory.request_focus(id));
            let mut state = TextEdit::load_state(ui.ctx(), id).unwrap_or_default();
            state.cursor.set_char_range(Some(CCursorRange::select_all_str(&self.words)));
            state.store(ui.ctx(), id);
        }
        let field = TextEdit::singleline(&mut self.words).id(id).desired_width(f32::INFINITY);
        let field = ui.add(field.margin(parts::field_margin())).accessible_name("Search for");
        ui.ctx().accesskit_node_builder(id, |node| node.set_role(Role::SearchInput));
        if field.changed() {
            self.at = None;
            actions.push(Action::Search(self.words.clone()));
        }
        field.has_focus()
    }

    /// What was found. Gives which of it was clicked. `place` was gone to, and `gone` is about to be.
    fn hits(
        &mut self,
        ui: &mut Ui,
        hits: &[Hit],
        place: Option<usize>,
        gone: Option<usize>,
        look: &Look<'_>,
    ) -> Option<usize> {
        let height = line_height(&small()) + line_height(&body()) + 2.0 * space::XS;
        let mut area = ScrollArea::vertical().id_salt("hits").auto_shrink(false);
        if let Some(gone) = gone {
            // A few of those before it stay in sight.
            let row = height + ui.spacing().item_spacing.y;
            area = area.vertical_scroll_offset((gone as f32 * row - ui.available_height() / 3.0).max(0.0));
        }
        let mut clicked = None;
        area.show_rows(ui, height, hits.len(), |ui, rows| {
            for nth in rows {
                let response = draw(ui, &hits[nth], gone.or(place) == Some(nth), height, look);
                self.has_focus |= response.has_focus();
                if response.clicked() {
                    clicked = Some(nth);
                }
            }
        });
        clicked
    }
}

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Next,
    Before,
}

/// Which of so many comes next; behind the last comes the first.
fn next(count: usize, place: Option<usize>, step: Step) -> Option<usize> {
    let last = count.checked_sub(1)?;
    Some(match (place, step) {
        (None, Step::Next) => 0,
        (None | Some(0), Step::Before) => last,
        (Some(place), Step::Next) if place >= last => 0,
        (Some(place), Step::Next) => place + 1,
        (Some(place), Step::Before) => place - 1,
    })
}

/// How the search stands, in words.
fn state(room: &Room, finds: Option<&Finds>) -> String {
    let Some(finds) = finds else {
        return "Words that messages have in them; the last may be the beginning of a word.".to_owned();
    };
    if let Log::Refused(why) = finds.log() {
        return format!("Not searched: {why}.");
    }
    let count = match finds.hits().len() {
        0 => "Nothing was found".to_owned(),
        1 => "1 message was found".to_owned(),
        count => format!("{count} messages were found"),
    };
    let is_online = *room.connection() == Connection::Online;
    match finds.log() {
        _ if finds.is_scanning() => "Searching…".to_owned(),
        Log::Done { more: false } => format!("{count}."),
        Log::Done { more: true } => format!("{count}, and there may be more: these are the newest."),
        _ if !room.has_log() => {
            format!("{count} in what this window has. The server keeps nothing that could be searched.")
        }
        _ if is_online => "Searching…".to_owned(),
        _ => format!("{count} in what this window has. The rest is searched once there is a connection."),
    }
}

/// One message that was found.
fn draw(ui: &mut Ui, hit: &Hit, is_here: bool, height: f32, look: &Look<'_>) -> Response {
    let palette = palette(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let response = ui.interact(rect, Id::unique(("hit", hit.spot)), Sense::click());
    let time = look.clock.full(hit.at);
    response.widget_info(|| {
        let words = format!("Go to {}: {}, {time}", hit.by, hit.line);
        WidgetInfo::selected(Role::Button, true, is_here, words)
    });
    let corners = CornerRadius::same(round::CONTROL);
    if is_here || response.hovered() {
        ui.painter().rect_filled(rect, corners, if is_here { palette.selection } else { palette.own });
    }
    if response.has_focus() {
        let stroke = ui.visuals().selection.stroke;
        ui.painter().rect_stroke(rect, corners, stroke, StrokeKind::Inside);
    }
    let inner = rect.shrink2(vec2(space::S, space::XS));
    let painter = ui.painter().with_clip_rect(inner.intersect(ui.clip_rect()));
    // Names can be read on what lies behind them elsewhere, and need not be on what is selected.
    let colour = if is_here { palette.text } else { name_colour(&hit.by, ui.visuals().dark_mode) };
    let quiet = if is_here { palette.text } else { palette.quiet };
    let mut head = LayoutJob::default();
    head.append(&hit.by, 0.0, TextFormat::simple(small(), colour));
    head.append(&look.clock.short(hit.at), space::S, TextFormat::simple(small(), quiet));
    let mut line = LayoutJob::default();
    let plain = TextFormat::simple(body(), palette.text);
    let marked = TextFormat { background: palette.hit, ..plain.clone() };
    let mut at = 0;
    for mark in &hit.marks {
        line.append(&hit.line[at..mark.start], 0.0, plain.clone());
        line.append(&hit.line[mark.clone()], 0.0, marked.clone());
        at = mark.end;
    }
    line.append(&hit.line[at..], 0.0, plain);
    let mut top = inner.top();
    for (mut job, height) in [(head, line_height(&small())), (line, line_height(&body()))] {
        job.wrap = TextWrapping::truncate_at_width(inner.width().max(1.0));
        let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
        painter.galley(pos2(inner.left(), top), galley, palette.text);
        top += height;
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_goes_round() {
        for (count, place, step, expected) in [
            (0, None, Step::Next, None),
            (3, None, Step::Next, Some(0)),
            (3, None, Step::Before, Some(2)),
            (3, Some(0), Step::Next, Some(1)),
            (3, Some(2), Step::Next, Some(0)),
            (3, Some(0), Step::Before, Some(2)),
            (3, Some(2), Step::Before, Some(1)),
            (1, Some(0), Step::Before, Some(0)),
        ] {
            assert_eq!(next(count, place, step), expected, "{place:?} {step:?} of {count}");
        }
    }
}
