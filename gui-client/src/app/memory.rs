//! What is remembered from one time to the next: the settings as this program has them, and the saver
//! that writes each change of theirs. Knows nothing of what the changes are about.

use std::path::PathBuf;

use crate::settings::{Edit, Saver, Settings};

/// The settings, and where they are saved.
#[derive(Debug)]
pub(super) struct Memory {
    settings: Settings,
    saver: Option<Saver>,
}

impl Memory {
    /// The memory in the file at `path`; without one, it lasts as long as the program. The second value
    /// says in words what is wrong with it.
    pub(super) fn open(path: Option<PathBuf>) -> (Self, Option<String>) {
        let Some(path) = path else { return (Self { settings: Settings::default(), saver: None }, None) };
        let (settings, mut note) = Settings::load_from(&path);
        let saver = match Saver::start(path, settings.clone()) {
            Ok(saver) => Some(saver),
            Err(error) => {
                note.get_or_insert_with(|| format!("The settings cannot be saved: {error}."));
                None
            }
        };
        (Self { settings, saver }, note)
    }

    /// What is remembered.
    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Makes this change, here and soon in the file.
    pub(super) fn edit(&mut self, edit: Edit) {
        if let Some(saver) = &self.saver {
            saver.save(edit.clone());
        }
        self.settings.apply(edit);
    }

    /// Why saving failed since this was last asked, if it did.
    pub(super) fn error(&self) -> Option<String> {
        self.saver.as_ref().and_then(Saver::error)
    }

    /// Waits until all is saved. What changes later is not.
    pub(super) fn close(&mut self) {
        self.saver = None;
    }
}
