//! What is seen of the program when its window is not looked at: the title, and calls. Knows what is to be
//! told, and no view.

use std::time::Instant;

use egui::{UserAttentionType, ViewportCommand};

use super::{ChatApp, Screen};
use crate::model::Eyes;

impl ChatApp {
    /// Takes note of where the person's eyes are.
    pub(super) fn look(&mut self) {
        // What egui was told last, for a window that is hidden has no frames. Some systems never say whether a
        // window is hidden; then the keyboard alone tells.
        let here = self.ctx.input(|i| i.raw.focused && i.raw.viewport().visible() != Some(false));
        if here {
            self.attention.is_here();
            if std::mem::take(&mut self.has_pointed) {
                self.point(UserAttentionType::Reset);
            }
        }
        if let Screen::Room(open) = &mut self.screen {
            let eyes = match open.view.shows_newest() {
                _ if !here => Eyes::Away,
                true => Eyes::Newest,
                false => Eyes::Elsewhere,
            };
            open.session.look(eyes);
        }
    }

    /// Calls the person if they are away and would want to know.
    pub(super) fn call(&mut self) {
        let Screen::Room(open) = &mut self.screen else { return };
        self.attention.hear(open.session.take_calls(), self.memory.settings().prefs.notify);
        let now = Instant::now();
        if let Some(notice) = self.attention.call(now) {
            if let Some(notices) = &self.options.notices {
                // Where the system is slow to take them, this one is left out.
                let _ = notices.try_send(notice);
            }
            if !std::mem::replace(&mut self.has_pointed, true) {
                self.point(UserAttentionType::Informational);
            }
        }
        if let Some(due) = self.attention.due(now) {
            self.ctx.request_repaint_after(due.saturating_duration_since(now));
        }
    }

    fn point(&self, how: UserAttentionType) {
        self.ctx.send_viewport_cmd(ViewportCommand::RequestUserAttention(how));
    }

    /// The window's title follows the screen, and says how much nobody has looked at.
    pub(super) fn set_title(&mut self) {
        let title = match self.session() {
            Some(session) => {
                let room = format!("{} – Oneroom", session.address());
                match session.room().unread().messages() {
                    0 => room,
                    new => format!("({new}) {room}"),
                }
            }
            None => "Oneroom".to_owned(),
        };
        if self.title != title {
            self.ctx.send_viewport_cmd(ViewportCommand::Title(title.clone()));
            self.title = title;
        }
    }
}
