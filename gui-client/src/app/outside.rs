//! What is seen of the program when its window is not looked at: the title. Knows what is to be told, and
//! no view.

use egui::ViewportCommand;

use super::ChatApp;

impl ChatApp {
    /// The window's title follows the screen.
    pub(super) fn set_title(&mut self) {
        let title = match self.session() {
            Some(session) => format!("{} – Oneroom", session.address()),
            None => "Oneroom".to_owned(),
        };
        if self.title != title {
            self.ctx.send_viewport_cmd(ViewportCommand::Title(title.clone()));
            self.title = title;
        }
    }
}
