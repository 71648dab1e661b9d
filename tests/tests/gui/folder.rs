//! What a window leaves behind for the next: closes one and opens another that finds it, or kills it in the
//! midst of things. Knows which files there are, and not what is in them.

use std::fs;
use std::path::PathBuf;

use chat_client::app::Options;

use crate::screen::Screen;

/// The folder for what waits to be sent, in a window's own.
const KEPT: &str = "kept";

impl Screen {
    /// A window with settings, and with what it keeps, in a folder of its own, which it keeps as long as it lives.
    pub(crate) fn with_settings(options: Options) -> Self {
        Self::with_folder(options, tempfile::tempdir().expect("a folder can be made"))
    }

    fn with_folder(options: Options, folder: tempfile::TempDir) -> Self {
        let settings = Some(folder.path().join("settings.json"));
        let kept = Some(folder.path().join(KEPT));
        let mut screen = Self::open(Options { settings, kept, ..options });
        screen.folder = Some(folder);
        screen
    }

    /// A window that finds what the files hold at this moment, as after a crash of this one. This one is closed
    /// then, of which the other finds nothing.
    pub(crate) fn crash(mut self, options: Options) -> Self {
        let copy = tempfile::tempdir().expect("a folder can be made");
        let kept = copy.path().join(KEPT);
        fs::create_dir(&kept).expect("a folder can be made");
        for file in fs::read_dir(self.kept()).expect("something is kept") {
            let file = file.expect("a file").path();
            fs::copy(&file, kept.join(file.file_name().expect("a name"))).expect("a file can be copied");
        }
        self.harness.state_mut().close();
        drop(self);
        Self::with_folder(options, copy)
    }

    /// The folder in which this window keeps what waits.
    pub(crate) fn kept(&self) -> PathBuf {
        self.folder.as_ref().expect("a window with settings").path().join(KEPT)
    }

    /// The settings of this window.
    pub(crate) fn settings(&self) -> PathBuf {
        self.folder.as_ref().expect("a window with settings").path().join("settings.json")
    }

    /// Closes the window, and opens one with the same settings.
    pub(crate) fn reopen(mut self, options: Options) -> Self {
        self.harness.state_mut().close();
        let folder = self.folder.take().expect("a window with settings");
        Self::with_folder(options, folder)
    }
}
