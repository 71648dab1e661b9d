//! Saving, on a thread of its own, so that a slow disk never holds up the window. What was changed is
//! written into what the file holds by then, so that two running programs leave each other's changes
//! alone. Knows files and edits.

use std::io;
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};

use async_channel::{Receiver, Sender};

use super::{Edit, Settings};
use crate::files;

/// Saves edits. Dropping it waits until the last ones are saved.
#[derive(Debug)]
pub struct Saver {
    edits: Option<Sender<Edit>>,
    errors: Receiver<String>,
    thread: Option<JoinHandle<()>>,
}

impl Saver {
    /// A saver for the file at `path`, in which `known` was found.
    ///
    /// # Errors
    /// When the operating system has no thread to give.
    pub fn start(path: PathBuf, mut known: Settings) -> io::Result<Self> {
        let (edits, queue) = async_channel::unbounded::<Edit>();
        let (complaints, errors) = async_channel::bounded(1);
        let thread = thread::Builder::new().name("settings".to_owned()).spawn(move || {
            while let Ok(first) = queue.recv_blocking() {
                let mut edits = vec![first];
                while let Ok(edit) = queue.try_recv() {
                    edits.push(edit);
                }
                if let Err(error) = merge(&path, &mut known, edits) {
                    log::warn!("saving the settings: {error}");
                    let words = format!("The settings could not be saved in {}: {error}.", path.display());
                    // One complaint waits already: that will do.
                    let _ = complaints.try_send(words);
                }
            }
        })?;
        Ok(Self { edits: Some(edits), errors, thread: Some(thread) })
    }

    /// Saves this edit soon.
    pub fn save(&self, edit: Edit) {
        if let Some(edits) = &self.edits {
            // It fails only when the thread is gone.
            let _ = edits.try_send(edit);
        }
    }

    /// Why saving failed since this was last asked, if it did.
    pub fn error(&self) -> Option<String> {
        self.errors.try_recv().ok()
    }
}

impl Drop for Saver {
    fn drop(&mut self) {
        self.edits.take();
        if let Some(thread) = self.thread.take() {
            // It ends with an error only when it panicked, which it has said on stderr itself.
            let _ = thread.join();
        }
    }
}

/// Applies the edits to what the file holds now. `known` is what it held last: it stands in for a file
/// that is gone or cannot be understood, and takes the edits even when they cannot be written.
fn merge(path: &Path, known: &mut Settings, edits: Vec<Edit>) -> io::Result<()> {
    let _lock = files::lock(path)?;
    if let Some(found) = Settings::read(path) {
        *known = found;
    }
    for edit in edits {
        known.apply(edit);
    }
    known.save_to(path)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::settings::tests::folder;

    fn draft(address: &str, draft: &str) -> Edit {
        Edit::Draft { address: address.to_owned(), draft: draft.to_owned() }
    }

    fn entered(address: &str, name: &str, at: i64) -> Edit {
        Edit::Entered { address: address.to_owned(), name: name.to_owned(), at }
    }

    #[test]
    fn what_is_saved_is_loaded() {
        let (_folder, path) = folder();
        assert_eq!(Settings::load_from(&path), (Settings::default(), None));
        let saver = Saver::start(path.clone(), Settings::default()).unwrap();
        let mut settings = Settings::default();
        for edit in [entered("chat.example.org", "ann", 5), draft("chat.example.org", "half a\nthought")] {
            saver.save(edit.clone());
            settings.apply(edit);
        }
        drop(saver);
        assert_eq!(Settings::load_from(&path), (settings, None));
        let mut left: Vec<_> =
            fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["settings.json", "settings.lock"], "no temporary file is left behind");
    }

    #[test]
    fn two_programs_leave_each_others_changes_alone() {
        let (_folder, path) = folder();
        let savers = ["a", "b"].map(|name| (name, Saver::start(path.clone(), Settings::default()).unwrap()));
        for round in 0..8 {
            for (name, saver) in &savers {
                let address = format!("{name}-{round}");
                saver.save(entered(&address, name, round));
                saver.save(draft(&address, &format!("typed in {name}")));
            }
        }
        let [(_, a), (_, b)] = savers;
        a.save(Edit::Forget { address: "a-0".to_owned() });
        a.save(draft("a-1", ""));
        drop(a);
        b.save(Edit::Name("eve".to_owned()));
        drop(b);
        let (settings, words) = Settings::load_from(&path);
        assert_eq!((settings.name.as_str(), words), ("eve", None));
        assert_eq!((settings.rooms.len(), settings.drafts.len()), (15, 14));
        assert_eq!(settings.drafts["b-0"], "typed in b");
    }

    #[test]
    fn a_file_that_is_gone_is_written_anew() {
        let (_folder, path) = folder();
        let mut known = Settings::default();
        known.apply(entered("one", "ann", 1));
        let saver = Saver::start(path.clone(), known).unwrap();
        saver.save(entered("two", "ann", 2));
        drop(saver);
        assert_eq!(Settings::load_from(&path).0.rooms.len(), 2);
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_said_in_words() {
        let (folder, _) = folder();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let saver = Saver::start(file.join("settings.json"), Settings::default()).unwrap();
        saver.save(Edit::Name("ann".to_owned()));
        let words = saver.errors.recv_blocking().unwrap();
        assert!(words.contains("could not be saved"), "{words}");
    }
}
