//! Where a message is written. Enter sends and Shift+Enter breaks the line; Up and Down bring back what was
//! sent before; names and emoji are completed. Knows keys and text; whether a text may be sent is decided by
//! the room.
//!
//! | module | what it holds |
//! |---|---|
//! | `keys` | which keys mean something here, and which belong to an input method |
//! | `history` | what was said before |
//! | `complete` | what a word can become |
//! | `list` | where that is offered |
//! | `paste` | what is said of a long draft |

mod complete;
mod history;
mod keys;
mod list;
mod paste;

use std::ops::Range;

use chat_shared::Name;
use egui::containers::scroll_area::ScrollBarVisibility;
use egui::text::{CCursor, CCursorRange};
use egui::{
    Align, Color32, CompletionPopup, Event, EventFilter, FocusDirection, Frame, Id, Key, KeyboardShortcut,
    Layout, Margin, Memory, Modifiers, ScrollArea, Suggestion, TextEdit, Ui, vec2,
};

use crate::action::Action;
use crate::look::Look;
use crate::model::Room;
use crate::theme::{body, parts, space};
use complete::{Choice, People};
use history::Recall;
use keys::{Keys, Press};

/// What is being written.
#[derive(Debug, Default)]
pub struct Composer {
    draft: String,
    refusal: Option<String>,
    wants_focus: bool,
    /// The cursor goes to where the text ends.
    to_end: bool,
    /// The text changed in the last frame: only now the field is as high as it needs to be, and the cursor can
    /// be brought into sight.
    settles: bool,
    keys: Keys,
    recall: Recall,
    /// The list of completions was there in the last frame: keys are for it.
    listing: bool,
    /// Tab would have completed something in the last frame.
    completes: bool,
    /// The word that Tab asked to complete, for as long as it is that.
    asked: Option<String>,
    /// The draft in which there was nothing to complete when Tab asked.
    unknown: Option<String>,
    /// The button that sends.
    send: Option<Id>,
}

impl Composer {
    /// A composer with a draft from before.
    pub fn new(draft: String) -> Self {
        Self { draft, wants_focus: true, ..Self::default() }
    }

    /// What is written.
    pub fn draft(&self) -> &str {
        &self.draft
    }

    /// The draft was sent.
    pub fn clear(&mut self) {
        self.recall.said(&self.draft);
        self.draft.clear();
        self.refusal = None;
        self.wants_focus = true;
    }

    /// The draft cannot be sent: says why, and keeps it.
    pub fn refuse(&mut self, words: String) {
        self.refusal = Some(words);
        self.wants_focus = true;
    }

    /// The person is done with something else, and goes on writing.
    pub fn focus(&mut self) {
        self.wants_focus = true;
    }

    /// Whether Escape means something here: a list is open, or something is being composed.
    pub(super) fn has_escape(&self) -> bool {
        self.listing || self.keys.are_composing()
    }

    /// Mentions this person: at the beginning as who is spoken to, else where the text ends.
    pub fn mention(&mut self, name: &Name) {
        if self.draft.trim().is_empty() {
            self.draft = format!("{name}: ");
        } else {
            let gap = if self.draft.ends_with(char::is_whitespace) { "" } else { " " };
            self.draft.push_str(&format!("{gap}@{name} "));
        }
        self.refusal = None;
        self.wants_focus = true;
        self.to_end = true;
    }

    /// Draws it. [`Action::Send`] asks to send what [`Composer::draft`] gives.
    pub fn show(&mut self, ui: &mut Ui, room: &Room, look: &Look<'_>) -> Vec<Action> {
        let id = Id::unique("composer");
        let people = People::of(room.timeline(), look);
        self.take_stray_keys(ui, id);
        let mut send = self.obey_keys(ui, id, people);
        let mut actions = Vec::new();
        let (height, fits) = self.height(ui);
        let size = vec2(ui.available_width(), height);
        ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Max), |ui| {
            let field = vec2(size.x - space::SEND - ui.spacing().item_spacing.x, size.y);
            ui.allocate_ui_with_layout(field, Layout::top_down(Align::Min), |ui| {
                self.field(ui, id, people, fits);
            });
            // After the field: what was typed in this frame can be sent by a click in the next.
            let ready = !self.draft.trim().is_empty();
            // As high as a field of one row, so that the two stand side by side.
            let button = vec2(space::SEND, parts::field_row(ui) + parts::field_margin().sum().y);
            let button = ui.add_enabled_ui(ready, |ui| parts::primary_button_of(ui, "Send", button)).inner;
            self.send = Some(button.id);
            send |= button.clicked();
        });
        if let Some(words) = &self.refusal {
            parts::alarm(ui, words);
        } else if let Some(words) = paste::words(self.draft.len(), room.outlook(&self.draft)) {
            parts::quiet(ui, words);
        }
        if send {
            actions.push(Action::Send);
        }
        actions
    }

    /// As high as the draft, within bounds; and whether all of it fits.
    fn height(&self, ui: &Ui) -> (f32, bool) {
        let margin = parts::field_margin().sum();
        let width = ui.available_width() - space::SEND - ui.spacing().item_spacing.x - margin.x;
        let galley = ui.painter().layout(self.draft.clone(), body(), Color32::PLACEHOLDER, width);
        let row = parts::field_row(ui);
        let most = ui.ctx().content_rect().height() * space::COMPOSER_SHARE;
        let most = ((most - margin.y) / row).max(1.0) as usize;
        let fits = galley.rows.len() <= most;
        let rows = galley.rows.len().clamp(1, most) as f32;
        ((rows * row + margin.y).max(space::CONTROL), fits)
    }

    fn field(&mut self, ui: &mut Ui, id: Id, people: People<'_>, fits: bool) {
        let focused = ui.memory(|memory| memory.has_focus(id));
        // The frame stands still while the text within it moves.
        let frame = parts::field_frame(ui, focused).show(ui, |ui| {
            let area = ScrollArea::vertical().id_salt("draft").min_scrolled_height(0.0);
            // egui rounds, and would have a bar for a part of a point.
            let bar = if fits { ScrollBarVisibility::AlwaysHidden } else { ScrollBarVisibility::default() };
            area.scroll_bar_visibility(bar).show(ui, |ui| self.text(ui, id, people));
        });
        if self.listing {
            list::put_above(ui.ctx(), id, frame.response.rect);
        }
    }

    fn text(&mut self, ui: &mut Ui, id: Id, people: People<'_>) {
        // egui makes a field as high as a button at least. Then one row would not fill it, and the area
        // around it could be scrolled.
        ui.spacing_mut().interact_size.y = parts::field_row(ui);
        let to_end = std::mem::take(&mut self.to_end);
        if to_end {
            // Where egui begins when it knows of none.
            set_cursor(ui, id, None);
        }
        let Self { draft, keys, asked, .. } = self;
        let field = TextEdit::multiline(draft)
            .desired_rows(1)
            .desired_width(f32::INFINITY)
            .frame(Frame::NONE)
            .margin(Margin::ZERO)
            .min_size(vec2(0.0, parts::field_row(ui)))
            .hint_text(parts::hint(ui, "Write a message"))
            .return_key(KeyboardShortcut::new(Modifiers::SHIFT, Key::Enter));
        let shown = CompletionPopup::new(id).show(ui, field, |query| {
            let word = complete::bare(query.word);
            let opening = &query.word[..query.word.len() - word.len()];
            asked.take_if(|asked| asked != word);
            // What an input method composes is no word yet.
            if keys.are_composing() {
                return Vec::new();
            }
            let at_start = query.is_at_start() && opening.is_empty();
            let choices = complete::suggest(word, at_start, asked.is_some(), people).into_iter();
            let suggest =
                |Choice { insert, shown }| Suggestion::new(format!("{opening}{insert}")).content(shown);
            choices.map(suggest).collect()
        });
        self.listing = shown.is_open;
        if self.settles
            && let Some(cursor) = shown.text_edit.cursor_range
        {
            let cursor = shown.text_edit.galley.pos_from_cursor(cursor.primary);
            ui.scroll_to_rect(cursor.translate(shown.text_edit.galley_pos.to_vec2()), None);
        }
        let response = shown.text_edit.response.response.accessible_name("Message");
        if response.changed() || shown.accepted.is_some() {
            self.refusal = None;
        }
        self.settles = response.changed() || to_end;
        if self.settles {
            ui.ctx().request_repaint();
        }
        let wrote_colon = |event: &Event| matches!(event, Event::Text(text) if text.ends_with(':'));
        if response.changed() && ui.input(|input| input.events.iter().any(wrote_colon)) {
            self.close_emoji(ui, id);
        }
        if std::mem::take(&mut self.wants_focus) {
            response.request_focus();
        }
        self.hold_keys(ui, id, people);
    }

    /// Does what the keys ask for that are not the field's. Gives whether to send.
    fn obey_keys(&mut self, ui: &Ui, id: Id, people: People<'_>) -> bool {
        if !ui.memory(|memory| memory.has_focus(id)) {
            self.keys = Keys::default();
            self.listing = false;
            return false;
        }
        self.see_to_paste(ui);
        let found = ui.input(|input| self.keys.find(&input.events, input.time, self.listing));
        if self.keys.are_composing() {
            ui.input_mut(|input| input.events.retain(|event| !keys::is_of_input_method(event)));
            return false;
        }
        let Some((at, press)) = found else { return false };
        let word = self.word(ui, id);
        let recalled = match press {
            // In the middle of a text these move the cursor.
            Press::Older if self.draft[..word.end].contains('\n') => return false,
            Press::Newer if self.draft[word.end..].contains('\n') => return false,
            Press::Older => self.recall.older(&self.draft),
            Press::Newer => self.recall.newer(&self.draft),
            // These have moved the focus, unless they were held back.
            Press::Complete | Press::Back if !self.completes => return false,
            Press::Send | Press::Complete | Press::Back => None,
        };
        match (press, recalled) {
            (Press::Older | Press::Newer, None) => return false,
            (_, Some(text)) => {
                self.draft = text.to_owned();
                self.refusal = None;
                self.to_end = true;
            }
            (Press::Complete, _) => self.complete(ui, id, people),
            (Press::Back, _) => ui.memory_mut(|memory| memory.move_focus(FocusDirection::Previous)),
            (Press::Send, _) => {}
        }
        ui.input_mut(|input| input.events.remove(at));
        press == Press::Send
    }

    /// Completes the word at the cursor, or offers what it can become.
    fn complete(&mut self, ui: &Ui, id: Id, people: People<'_>) {
        let word = self.word(ui, id);
        let mut choices = complete::suggest(&self.draft[word.clone()], word.start == 0, true, people);
        if choices.len() > 1 {
            self.asked = Some(self.draft[word].to_owned());
        } else if let Some(choice) = choices.pop() {
            self.put(ui, id, word, &choice.insert);
        } else {
            self.unknown = Some(self.draft.clone());
        }
    }

    /// `:smile:` becomes what it names once it is typed to its end.
    fn close_emoji(&mut self, ui: &Ui, id: Id) {
        let word = self.word(ui, id);
        if let Some(emoji) = complete::closed(&self.draft[word.clone()]) {
            self.put(ui, id, word, emoji);
        }
    }

    /// This takes the place of a word, and the cursor stands behind it.
    fn put(&mut self, ui: &Ui, id: Id, word: Range<usize>, text: &str) {
        let begins = word.start;
        self.draft.replace_range(word, text);
        let letters = self.draft[..begins + text.len()].chars().count();
        set_cursor(ui, id, Some(letters));
    }

    /// The word that ends at the cursor.
    fn word(&self, ui: &Ui, id: Id) -> Range<usize> {
        let state = TextEdit::load_state(ui.ctx(), id);
        let cursor = state.and_then(|state| state.cursor.char_range());
        complete::word_at(&self.draft, cursor.map_or(usize::MAX, |range| range.primary.index.0))
    }

    /// Keys that would take the focus away stay here for as long as they mean something.
    fn hold_keys(&mut self, ui: &Ui, id: Id, people: People<'_>) {
        let word = &self.draft[self.word(ui, id)];
        let composes = self.keys.are_composing();
        // A Tab behind a word asks for a name. When there is none, the next one goes on to the button.
        let may_ask = !word.is_empty() && self.unknown.as_ref() != Some(&self.draft);
        self.completes = self.listing || !composes && (may_ask || people.knows(word));
        let filter = EventFilter {
            tab: self.completes || composes,
            escape: self.listing || composes,
            horizontal_arrows: true,
            vertical_arrows: true,
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
    }

    /// Nothing that is too long to be drawn gets into the draft, and nothing that no message may hold.
    fn see_to_paste(&mut self, ui: &Ui) {
        let there = self.draft.len();
        let mut refusal = None;
        ui.input_mut(|input| {
            input.events.retain_mut(|event| {
                let Event::Paste(text) = event else { return true };
                refusal = paste::refusal(text.len(), there);
                *text = paste::without_invisible(text);
                refusal.is_none()
            });
        });
        self.refusal = refusal.or(self.refusal.take());
    }

    /// Somebody who types while nothing has the focus wants to write a message; so does who has just come to the
    /// button that sends it.
    fn take_stray_keys(&self, ui: &Ui, id: Id) {
        // What stands above the window keeps the keys to itself.
        let is_above = ui.memory(|memory: &Memory| memory.top_modal_layer().is_some());
        let focused = ui.memory(Memory::focused);
        let on_send = focused.is_some() && focused == self.send;
        let typed = |events: &[Event]| {
            events.iter().any(|event| match event {
                // It presses the button.
                Event::Text(text) => !(on_send && text == " "),
                event => matches!(event, Event::Paste(_)),
            })
        };
        if !is_above && (focused.is_none() || on_send) && ui.input(|input| typed(&input.events)) {
            ui.memory_mut(|memory| memory.request_focus(id));
        }
    }
}

/// The cursor stands behind so many letters, or where the text ends.
fn set_cursor(ui: &Ui, id: Id, letters: Option<usize>) {
    let mut state = TextEdit::load_state(ui.ctx(), id).unwrap_or_default();
    state.cursor.set_char_range(letters.map(|letters| CCursorRange::one(CCursor::new(letters))));
    state.store(ui.ctx(), id);
}
