//! Where a message is written. Enter sends and Shift+Enter breaks the line. Knows keys and text; whether
//! a text may be sent is decided by the room.

use chat_shared::Name;
use chat_shared::limits::MAX_TEXT;
use egui::{
    Align, Color32, Event, Frame, Id, ImeEvent, Key, KeyboardShortcut, Layout, Margin, Modifiers, RichText,
    ScrollArea, TextEdit, Ui, vec2,
};

use crate::action::Action;
use crate::theme::{body, palette, parts, space};

/// From this many bytes of one line on, the count is shown.
const NEAR_LIMIT: usize = MAX_TEXT - MAX_TEXT / 8;

/// Some input methods pass on the Enter that ended a composition; one within so many seconds of the
/// end is theirs.
const IME_GRACE: f64 = 0.06;

/// What is being written.
#[derive(Debug)]
pub struct Composer {
    draft: String,
    refusal: Option<String>,
    /// An input method is composing.
    composing: bool,
    /// When an input method last ended a composition, on egui's clock.
    composed_at: f64,
    wants_focus: bool,
    /// The cursor goes to where the text ends.
    to_end: bool,
}

impl Composer {
    /// A composer with a draft from before.
    pub fn new(draft: String) -> Self {
        Self {
            draft,
            refusal: None,
            composing: false,
            composed_at: f64::NEG_INFINITY,
            wants_focus: true,
            to_end: false,
        }
    }

    /// What is written.
    pub fn draft(&self) -> &str {
        &self.draft
    }

    /// The draft was sent.
    pub fn clear(&mut self) {
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
    pub fn show(&mut self, ui: &mut Ui) -> Vec<Action> {
        let id = Id::unique("composer");
        Self::take_stray_keys(ui, id);
        let mut send = self.take_enter(ui, id);
        let mut actions = Vec::new();
        let size = vec2(ui.available_width(), self.height(ui));
        ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Max), |ui| {
            let field = vec2(size.x - space::SEND - ui.spacing().item_spacing.x, size.y);
            ui.allocate_ui_with_layout(field, Layout::top_down(Align::Min), |ui| self.field(ui, id));
            // After the field: what was typed in this frame can be sent by a click in the next.
            let ready = !self.draft.trim().is_empty();
            // As high as a field of one row, so that the two stand side by side.
            let button = vec2(space::SEND, parts::field_row(ui) + parts::field_margin().sum().y);
            let button =
                ui.add_enabled_ui(ready, |ui| parts::primary_button_of(ui, "Send", button).clicked());
            send |= button.inner;
        });
        if let Some(words) = &self.refusal {
            parts::alarm(ui, words);
        }
        self.count(ui);
        if send {
            actions.push(Action::Send);
        }
        actions
    }

    /// As high as the draft, within bounds.
    fn height(&self, ui: &Ui) -> f32 {
        let margin = parts::field_margin().sum();
        let width = ui.available_width() - space::SEND - ui.spacing().item_spacing.x - margin.x;
        let galley = ui.painter().layout(self.draft.clone(), body(), Color32::PLACEHOLDER, width);
        let rows = galley.rows.len().clamp(1, space::COMPOSER_ROWS) as f32;
        (rows * parts::field_row(ui) + margin.y).max(space::CONTROL)
    }

    fn field(&mut self, ui: &mut Ui, id: Id) {
        let hint = RichText::new("Write a message").color(palette(ui).quiet);
        let focused = ui.memory(|memory| memory.has_focus(id));
        // The frame stands still while the text within it moves.
        parts::field_frame(ui, focused).show(ui, |ui| {
            let area = ScrollArea::vertical().id_salt("draft").min_scrolled_height(0.0);
            area.show(ui, |ui| self.text(ui, id, hint));
        });
    }

    fn text(&mut self, ui: &mut Ui, id: Id, hint: RichText) {
        // egui makes a field as high as a button at least. Then one row would not fill it, and the area
        // around it could be scrolled.
        ui.spacing_mut().interact_size.y = parts::field_row(ui);
        if std::mem::take(&mut self.to_end)
            && let Some(mut state) = TextEdit::load_state(ui.ctx(), id)
        {
            // Where egui begins when it knows of none.
            state.cursor.set_char_range(None);
            state.store(ui.ctx(), id);
        }
        let field = TextEdit::multiline(&mut self.draft)
            .id(id)
            .desired_rows(1)
            .desired_width(f32::INFINITY)
            .frame(Frame::NONE)
            .margin(Margin::ZERO)
            .min_size(vec2(0.0, parts::field_row(ui)))
            .hint_text(hint)
            .return_key(KeyboardShortcut::new(Modifiers::SHIFT, Key::Enter));
        let response = ui.add(field).accessible_name("Message");
        if response.changed() {
            self.refusal = None;
        }
        if std::mem::take(&mut self.wants_focus) {
            response.request_focus();
        }
    }

    /// Whether Enter was pressed to send. Nothing comes after it in this frame; see `turns`.
    fn take_enter(&mut self, ui: &Ui, id: Id) -> bool {
        if !ui.memory(|memory| memory.has_focus(id)) {
            return false;
        }
        ui.input_mut(|input| {
            let time = input.time;
            let enter = input.events.iter().position(|event| self.is_enter(event, time));
            enter.map(|at| input.events.remove(at)).is_some()
        })
    }

    /// Whether this is the Enter that sends; follows the input method along the way.
    fn is_enter(&mut self, event: &Event, time: f64) -> bool {
        match event {
            Event::Ime(ImeEvent::Preedit { text, .. }) => {
                self.composing = !text.is_empty();
                self.composed_at = time;
                false
            }
            Event::Ime(ImeEvent::Commit(_)) => {
                self.composing = false;
                self.composed_at = time;
                false
            }
            Event::Key { key: Key::Enter, pressed: true, repeat: false, modifiers, .. } => {
                let ime = self.composing || time - self.composed_at < IME_GRACE;
                modifiers.is_none() && !ime
            }
            _ => false,
        }
    }

    /// Somebody who types while nothing has the focus wants to write a message.
    fn take_stray_keys(ui: &Ui, id: Id) {
        let typed =
            |events: &[Event]| events.iter().any(|event| matches!(event, Event::Text(_) | Event::Paste(_)));
        // What stands above the window keeps the keys to itself.
        let is_free =
            |memory: &egui::Memory| memory.focused().is_none() && memory.top_modal_layer().is_none();
        if ui.memory(is_free) && ui.input(|input| typed(&input.events)) {
            ui.memory_mut(|memory| memory.request_focus(id));
        }
    }

    /// Says how long a line is when that begins to matter.
    fn count(&self, ui: &mut Ui) {
        let longest = self.draft.lines().map(str::len).max().unwrap_or(0);
        if longest > MAX_TEXT {
            parts::quiet(
                ui,
                format!(
                    "{longest} bytes in one line: it goes out as several messages of at most {MAX_TEXT}."
                ),
            );
        } else if longest >= NEAR_LIMIT {
            parts::quiet(ui, format!("{longest} of {MAX_TEXT} bytes"));
        }
    }
}
