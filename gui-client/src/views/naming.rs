//! A field for a name, wherever one is asked for. Knows what a good name is, and nothing of who bears it.

use chat_shared::Name;
use egui::{Id, Key, TextEdit, Ui};

use crate::theme::{parts, space};

/// A field for a name, and what was wrong with it.
#[derive(Debug, Default)]
pub(super) struct NameField {
    pub(super) name: String,
    pub(super) problem: Option<String>,
    /// It was opened by the person, who types into it next.
    pub(super) wants_focus: bool,
    /// What of it had the keyboard when it was drawn last.
    pub(super) keys: Option<Id>,
}

impl NameField {
    /// Draws the field and its button; gives the name once it is a good one and wanted.
    pub(super) fn show(&mut self, ui: &mut Ui, label: &str, button: &str) -> Option<Name> {
        let field = TextEdit::singleline(&mut self.name)
            .id(Id::unique(("name of", button)))
            .margin(parts::field_margin())
            .desired_width(space::FIELD);
        let response = ui.add(field).accessible_name(label);
        if std::mem::take(&mut self.wants_focus) {
            response.request_focus();
        }
        if response.changed() {
            self.problem = None;
        }
        let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let button = ui.button(button);
        self.keys = [&response, &button].into_iter().find(|part| part.has_focus()).map(|part| part.id);
        if !(button.clicked() || entered) {
            return None;
        }
        match Name::parse(self.name.trim()) {
            Ok(name) => Some(name),
            Err(error) => {
                self.problem = Some(in_words(&error));
                response.request_focus();
                None
            }
        }
    }

    pub(super) fn complain(&self, ui: &mut Ui) {
        if let Some(words) = &self.problem {
            parts::alarm(ui, words);
        }
    }
}

/// An error of the shared rules as a sentence.
pub fn in_words(error: &dyn std::error::Error) -> String {
    let words = error.to_string();
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), letters.as_str()),
        None => words,
    }
}
