//! Carrying out what the views ask for: from one screen to the other, and what concerns the program as a
//! whole. Knows all the parts, and nothing of how anything is drawn.

use chat_shared::Name;

use super::open::Open;
use super::{ChatApp, Screen};
use crate::action::Action;
use crate::address::Addresses;
use crate::host::Hosted;
use crate::invite::Invite;
use crate::net::{self, Guard};
use crate::session::Session;
use crate::settings::Edit;
use crate::store;
use crate::views::link::LinkView;
use crate::views::lobby::{Lobby, Place};
use crate::views::naming::in_words;
use crate::views::settings::SettingsView;

impl ChatApp {
    pub(super) fn perform(&mut self, action: Action) {
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
            Action::LeaveLink => self.focus_back = self.link.take().and_then(LinkView::close),
            Action::OpenSettings => {
                self.settings.get_or_insert_with(|| SettingsView::open(&self.ctx));
            }
            Action::CloseSettings => {
                self.focus_back = self.settings.take().and_then(SettingsView::close);
            }
            Action::Prefer(pref) => self.prefer(pref),
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
        if let (Some(kept), Ok(address)) = (&self.options.kept, Addresses::parse(&address)) {
            store::forget(kept, &address);
        }
        self.memory.edit(Edit::Forget { address });
    }

    pub(super) fn join(&mut self, address: &str, name: &str) {
        let invite = match Invite::parse(address) {
            Ok(invite) => invite,
            Err(error) => return self.complain(Place::Address, error.to_string()),
        };
        if let Some(name) = self.check_name(name) {
            self.enter(invite, name, None);
        }
    }

    fn host(&mut self, name: &str) {
        let Some(name) = self.check_name(name) else { return };
        let preferred = self.options.host_port.unwrap_or(Hosted::USUAL_PORT);
        match Hosted::start(preferred, self.options.rooms.clone(), name.clone()) {
            Ok(hosted) => {
                if preferred != 0 && hosted.port() != preferred {
                    self.note = Some(format!(
                        "Port {preferred} is taken on this computer, so the room runs on port {}.",
                        hosted.port()
                    ));
                }
                self.enter(Addresses::from(hosted.own_address()).into(), name, Some(hosted));
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

    fn enter(&mut self, invite: Invite, name: Name, hosted: Option<Hosted>) {
        let Invite { addresses, pin } = invite;
        let drafts = &self.memory.settings().drafts;
        let draft = drafts.get(&addresses.to_string()).cloned().unwrap_or_default();
        self.memory.edit(Edit::Name(name.to_string()));
        let kept = self.options.kept.as_deref().filter(|_| hosted.is_none());
        let guard = self.options.guard.clone();
        let guard = guard.map(|(book, trust)| Guard { book, trust, pin, is_own: hosted.is_some() });
        let (pauses, waits) = (self.options.pauses.clone(), self.options.waits);
        let options = net::Options { addresses, name, pauses, waits, guard };
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
    pub(super) fn leave(&mut self) -> Option<Box<Open>> {
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
}
