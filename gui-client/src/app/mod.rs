//! The program: which screen is shown, and carrying out what the views ask for. Knows all the parts
//! and draws nothing itself.
//!
//! | module | what it holds |
//! |---|---|
//! | `options` | how it starts |
//! | `open` | a room that is open, and what is seen of it |
//! | `memory` | what is remembered from one time to the next |

mod memory;
mod open;
mod options;

use std::time::Instant;

use chat_shared::Name;
use egui::{CentralPanel, Frame, Ui, ViewportCommand};

use crate::action::Action;
use crate::address::Address;
use crate::host::Hosted;
use crate::link::Moment;
use crate::net;
use crate::session::Session;
use crate::settings::Edit;
use crate::store;
use crate::theme;
use crate::views::link::LinkView;
use crate::views::lobby::{Lobby, Place};
use crate::views::note;
use crate::views::room::{Scene, in_words};
use memory::Memory;
use open::{Draft, Open};
pub use options::Options;

/// Said when what is left to say is beyond what is remembered.
const TOO_LONG: &str = "What you have written here is too long to be remembered. It is lost if you leave the room before it is sent.";

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
        theme::install(ctx);
        let (memory, note) = Memory::open(options.settings.take());
        let name = options.name.take().unwrap_or_else(|| memory.settings().name.clone());
        let address = options.address.take().unwrap_or_default();
        let enter = !address.is_empty() && !name.is_empty();
        let mut app = Self {
            memory,
            note,
            link: None,
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

    fn perform(&mut self, action: Action) {
        match action {
            Action::Join { address, name } => self.join(&address, &name),
            Action::Host { name } => self.host(&name),
            Action::Forget { address } => self.forget(address),
            Action::Leave => drop(self.leave()),
            Action::Copy(text) => self.ctx.copy_text(text),
            Action::DismissNote => self.note = None,
            Action::AskLink(link) => {
                let before = self.ctx.memory(egui::Memory::focused);
                self.link = LinkView::of(&link, before);
            }
            Action::OpenLink(address) => self.ctx.open_url(egui::OpenUrl::new_tab(address)),
            Action::LeaveLink => self.link = None,
            action => {
                let sends = action == Action::Send;
                if let Screen::Room(open) = &mut self.screen {
                    open.perform(action);
                }
                if sends {
                    // What is sent is no draft any more, whatever happens next.
                    self.keep_draft(true);
                }
                self.remember_name();
            }
        }
    }

    fn forget(&mut self, address: String) {
        if let (Some(kept), Ok(address)) = (&self.options.kept, Address::parse(&address)) {
            store::forget(kept, &address);
        }
        self.memory.edit(Edit::Forget { address });
    }

    fn join(&mut self, address: &str, name: &str) {
        let address = match Address::parse(address) {
            Ok(address) => address,
            Err(error) => return self.complain(Place::Address, error.to_string()),
        };
        if let Some(name) = self.check_name(name) {
            self.enter(address, name, None);
        }
    }

    fn host(&mut self, name: &str) {
        let Some(name) = self.check_name(name) else { return };
        let preferred = self.options.host_port.unwrap_or(Hosted::USUAL_PORT);
        match Hosted::start(preferred, self.options.rooms.clone()) {
            Ok(hosted) => {
                if preferred != 0 && hosted.port() != preferred {
                    self.note = Some(format!(
                        "Port {preferred} is taken on this computer, so the room runs on port {}.",
                        hosted.port()
                    ));
                }
                self.enter(hosted.own_address(), name, Some(hosted));
            }
            Err(words) => self.complain(Place::Host, words),
        }
    }

    fn check_name(&mut self, name: &str) -> Option<Name> {
        match Name::parse(name.trim()) {
            Ok(name) => Some(name),
            Err(error) => {
                self.complain(Place::Name, in_words(&error));
                None
            }
        }
    }

    fn complain(&mut self, place: Place, words: String) {
        if let Screen::Lobby(lobby) = &mut self.screen {
            lobby.complain(place, words);
        }
    }

    fn enter(&mut self, address: Address, name: Name, hosted: Option<Hosted>) {
        let (key, name_used) = (address.to_string(), name.to_string());
        let draft = self.memory.settings().drafts.get(&key).cloned().unwrap_or_default();
        // A room of one's own is no place to come back to: it is gone when it is left.
        self.memory.edit(match hosted {
            None => Edit::Entered { address: key, name: name_used, at: Moment::now().wall },
            Some(_) => Edit::Name(name_used),
        });
        let kept = self.options.kept.as_deref().filter(|_| hosted.is_none());
        let options =
            net::Options { address, name, pauses: self.options.pauses.clone(), waits: self.options.waits };
        let ctx = self.ctx.clone();
        match Session::enter(options, kept, hosted, move || ctx.request_repaint()) {
            Ok(session) => {
                // A crash may have come between keeping a message and forgetting its draft.
                let draft = if session.room().is_kept(&draft) { String::new() } else { draft };
                self.screen = Screen::Room(Box::new(Open::new(session, draft)));
            }
            Err(error) => self.complain(Place::Address, format!("The room cannot be entered: {error}.")),
        }
    }

    /// Back to the first screen. Gives the room that was open.
    fn leave(&mut self) -> Option<Box<Open>> {
        self.keep_draft(true);
        let address = match &self.screen {
            Screen::Room(open) if open.session.hosted().is_none() => open.session.address().to_string(),
            _ => String::new(),
        };
        let lobby = Screen::Lobby(Lobby::new(address, self.memory.settings().name.clone()));
        match std::mem::replace(&mut self.screen, lobby) {
            Screen::Room(open) => Some(open),
            Screen::Lobby(_) => None,
        }
    }

    /// Remembers what is left to say once it is time, or `now`.
    fn keep_draft(&mut self, now: bool) {
        let Screen::Room(open) = &mut self.screen else { return };
        match open.draft_to_keep(now) {
            Draft::Kept => {}
            Draft::Waiting { left } => self.ctx.request_repaint_after(left),
            Draft::New(draft) => {
                let edit = Edit::Draft { address: open.session.address().to_string(), draft };
                if edit.fits() {
                    self.memory.edit(edit);
                } else {
                    self.note = Some(TOO_LONG.to_owned());
                }
            }
        }
    }

    /// The name that was asked for last is the one to offer the next time.
    fn remember_name(&mut self) {
        let Screen::Room(open) = &self.screen else { return };
        let name = open.session.room().wanted_name().to_string();
        if self.memory.settings().name != name {
            self.memory.edit(match open.session.hosted() {
                None => Edit::Entered {
                    address: open.session.address().to_string(),
                    name,
                    at: Moment::now().wall,
                },
                Some(_) => Edit::Name(name),
            });
        }
    }

    /// The window's title follows the screen.
    fn set_title(&mut self) {
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
        actions.extend(self.link.iter_mut().flat_map(|link| link.show(ui.ctx())));
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
