//! The program: which screen is shown, and carrying out what the views ask for. Knows all the parts
//! and draws nothing itself.
//!
//! | module | what it holds |
//! |---|---|
//! | `options` | how it starts |
//! | `open` | a room that is open, and what is seen of it |
//! | `memory` | what is remembered from one time to the next |
//! | `prefs` | how the person likes the program, brought about |
//! | `perform` | carrying out what the views ask for |
//! | `remember` | when something is worth remembering |
//! | `outside` | what is seen of the program when its window is not looked at |

mod memory;
mod open;
mod options;
mod outside;
mod perform;
mod prefs;
mod remember;

use std::time::Instant;

use egui::{CentralPanel, Frame, Id, Ui};

use crate::action::Action;
use crate::attention::Attention;
use crate::clock::Clock;
use crate::host::Hosted;
use crate::look::Look;
use crate::session::Session;
use crate::theme;
use crate::views::link::LinkView;
use crate::views::lobby::Lobby;
use crate::views::note;
use crate::views::room::Scene;
use crate::views::settings::{SETTINGS, SettingsView};
use memory::Memory;
use open::Open;
pub use options::Options;

/// Where each frame that is drawn is logged, for who counts them.
const FRAME: &str = "chat_client::frame";

/// The program.
#[derive(Debug)]
pub struct ChatApp {
    memory: Memory,
    /// Something to tell that belongs to no field.
    note: Option<String>,
    /// A link that may be followed.
    link: Option<LinkView>,
    screen: Screen,
    /// How it started, less what was taken up by then.
    options: Options,
    ctx: egui::Context,
    title: String,
    /// The settings, while they are shown.
    settings: Option<SettingsView>,
    /// What gets the focus once what stood in front of it is gone.
    focus_back: Option<Id>,
    /// Tells the time, with the hours that the person likes.
    clock: Clock,
    /// The size that egui had when it was last looked at.
    zoom_seen: f32,
    /// The one that was set because the window has no room for more, or has again, until egui has it.
    zoom_set: Option<f32>,
    attention: Attention,
    /// The system was asked to point at the window.
    has_pointed: bool,
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
        theme::fonts::install(ctx);
        let (memory, note) = Memory::open(options.settings.take());
        let prefs = memory.settings().prefs;
        prefs::begin(ctx, &prefs);
        let name = options.name.take().unwrap_or_else(|| memory.settings().name.clone());
        let address = options.address.take().unwrap_or_default();
        let enter = !address.is_empty() && !name.is_empty();
        let mut app = Self {
            memory,
            note,
            link: None,
            screen: Screen::Lobby(Lobby::new(address.clone(), name.clone())),
            clock: prefs::clock(&options.clock, prefs.clock),
            options,
            ctx: ctx.clone(),
            title: String::new(),
            settings: None,
            focus_back: None,
            zoom_seen: ctx.zoom_factor(),
            zoom_set: None,
            attention: Attention::default(),
            has_pointed: false,
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

    /// Gives the focus back to what had it before something stood in front of it. At the end of the first
    /// frame without that: what is behind it can have no focus in any frame that it begins.
    fn give_focus_back(&mut self) {
        if let Some(id) = self.focus_back.take() {
            self.ctx.memory_mut(|memory| memory.request_focus(id));
            self.ctx.request_repaint();
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
        self.look();
        if let Screen::Room(open) = &mut self.screen {
            if let Some(at) = open.session.pump() {
                ctx.request_repaint_after(at.saturating_duration_since(Instant::now()));
            }
            if let Some(words) = open.fault().or_else(|| open.session.complaint()) {
                self.note = Some(words);
            }
        }
        if let Some(words) = self.options.guard.as_ref().and_then(|(book, _)| book.complaint()) {
            self.note = Some(words);
        }
        if let Some(words) = self.memory.error() {
            self.note = Some(words);
        }
        self.remember_room();
        self.keep_draft(false);
        self.follow_zoom();
        self.call();
        self.set_title();
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        log::trace!(target: FRAME, "drawn");
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
                    pin: open.session.hosted().and_then(Hosted::fingerprint),
                    now: Instant::now(),
                };
                let room = scene.room;
                let look = Look {
                    prefs: &self.memory.settings().prefs,
                    clock: &self.clock,
                    name: room.name(),
                    name_is_own: room.name_is_own(),
                    ours: room.ours(),
                    is_admin: room.is_admin(),
                    members: room.members(),
                };
                actions.extend(open.view.show(ui, scene, &look));
            }
        }
        if ui.input_mut(|input| input.consume_shortcut(&SETTINGS)) {
            actions.push(Action::OpenSettings);
        }
        if let Some(settings) = &mut self.settings {
            actions.extend(settings.show(ui, &self.memory.settings().prefs));
        }
        actions.extend(self.link.iter_mut().flat_map(|link| link.show(ui.ctx())));
        if !actions.is_empty() {
            // What they change is to be seen.
            ui.ctx().request_repaint();
        }
        self.give_focus_back();
        for action in actions {
            self.perform(action);
        }
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.close();
    }
}
