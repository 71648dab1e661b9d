//! The program: which screen is shown, and carrying out what the views ask for. Knows all the parts
//! and draws nothing itself.
//!
//! | module | what it holds |
//! |---|---|
//! | `options` | how it starts |
//! | `open` | a room that is open, and what is seen of it |
//! | `memory` | what is remembered from one time to the next |
//! | `perform` | carrying out what the views ask for |
//! | `remember` | when something is worth remembering |
//! | `outside` | what is seen of the program when its window is not looked at |

mod memory;
mod open;
mod options;
mod outside;
mod perform;
mod remember;

use std::time::Instant;

use egui::{CentralPanel, Frame, Ui};

use crate::host::Hosted;
use crate::session::Session;
use crate::theme;
use crate::views::lobby::Lobby;
use crate::views::note;
use crate::views::room::Scene;
use memory::Memory;
use open::Open;
pub use options::Options;

/// The program.
#[derive(Debug)]
pub struct ChatApp {
    memory: Memory,
    /// Something to tell that belongs to no field.
    note: Option<String>,
    screen: Screen,
    /// How it started, less what was taken up by then.
    options: Options,
    ctx: egui::Context,
    title: String,
}

#[derive(Debug)]
enum Screen {
    Lobby(Lobby),
    Room(Box<Open>),
}

impl ChatApp {
    /// The program, about to draw into `ctx`. It begins with the first screen, or in the room that the
    /// options name if there is a name to enter it under.
    pub fn new(ctx: &egui::Context, mut options: Options) -> Self {
        theme::install(ctx);
        let (memory, note) = Memory::open(options.settings.take());
        let name = options.name.take().unwrap_or_else(|| memory.settings().name.clone());
        let address = options.address.take().unwrap_or_default();
        let enter = !address.is_empty() && !name.is_empty();
        let mut app = Self {
            memory,
            note,
            screen: Screen::Lobby(Lobby::new(address.clone(), name.clone())),
            options,
            ctx: ctx.clone(),
            title: String::new(),
        };
        if enter {
            app.join(&address, &name);
        }
        app
    }

    /// The room that is open.
    pub fn session(&self) -> Option<&Session> {
        match &self.screen {
            Screen::Room(open) => Some(&open.session),
            Screen::Lobby(_) => None,
        }
    }

    /// Leaves the room, if one is open, and waits until what was said is out and all is saved.
    pub fn close(&mut self) {
        if let Some(open) = self.leave() {
            open.session.close();
        }
        self.memory.close();
    }
}

impl eframe::App for ChatApp {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        if let Screen::Room(open) = &mut self.screen {
            if let Some(at) = open.session.pump() {
                ctx.request_repaint_after(at.saturating_duration_since(Instant::now()));
            }
            if let Some(words) = open.fault().or_else(|| open.session.complaint()) {
                self.note = Some(words);
            }
        }
        if let Some(words) = self.memory.error() {
            self.note = Some(words);
        }
        self.keep_draft(false);
        self.set_title();
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        let mut actions = note::show(ui, self.note.as_deref());
        match &mut self.screen {
            Screen::Lobby(lobby) => {
                let frame = Frame::new().fill(theme::palette(ui).ground);
                let shown = CentralPanel::no_frame()
                    .frame(frame)
                    .show(ui, |ui| lobby.show(ui, self.memory.settings()));
                actions.extend(shown.inner);
            }
            Screen::Room(open) => {
                let scene = Scene {
                    room: open.session.room(),
                    address: open.session.address(),
                    hosted: open.session.hosted().map(Hosted::addresses),
                    now: Instant::now(),
                };
                actions.extend(open.view.show(ui, scene));
            }
        }
        if !actions.is_empty() {
            // What they change is to be seen.
            ui.ctx().request_repaint();
        }
        for action in actions {
            self.perform(action);
        }
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.close();
    }
}
