//! The first screen: which room, under which name, or a room on this computer. Knows the fields and
//! the rooms used before; whether an address is one is decided when it is acted upon. Of a text that is pasted it
//! keeps the invite.

use egui::text::{CCursor, CCursorRange};
use egui::{Align, Button, Event, Id, Key, Layout, Response, RichText, ScrollArea, TextEdit, Ui, vec2};

use super::turns;
use crate::action::Action;
use crate::invite::Invite;
use crate::settings::{RoomUsed, Settings};
use crate::theme::{palette, parts, space, text};

/// Which part of the screen a problem belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The address.
    Address,
    /// The name.
    Name,
    /// Hosting.
    Host,
}

/// The fields of the first screen, and what was wrong with them.
#[derive(Debug)]
pub struct Lobby {
    /// The address, as it is typed.
    pub address: String,
    /// The name, as it is typed.
    pub name: String,
    problem: Option<(Place, String)>,
    /// The field that gets the focus with the next frame.
    focus: Option<Place>,
}

impl Lobby {
    /// The first screen with what is known already. The first empty field gets the focus.
    pub fn new(address: String, name: String) -> Self {
        let focus = if !address.is_empty() && name.is_empty() { Place::Name } else { Place::Address };
        Self { address, name, problem: None, focus: Some(focus) }
    }

    /// Shows a problem beside its field, and puts the cursor there.
    pub fn complain(&mut self, place: Place, words: String) {
        self.problem = Some((place, words));
        self.focus = Some(place);
    }

    /// Draws it.
    pub fn show(&mut self, ui: &mut Ui, settings: &Settings) -> Vec<Action> {
        turns::keep(ui.ctx());
        let mut actions = Vec::new();
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            let width = space::CARD.min(ui.available_width() - 2.0 * space::L);
            let side = ((ui.available_width() - width) / 2.0).max(0.0).round();
            ui.add_space((ui.available_height() * 0.08).round());
            ui.horizontal(|ui| {
                ui.add_space(side);
                ui.vertical(|ui| {
                    ui.set_width(width);
                    title(ui);
                    ui.add_space(space::M);
                    parts::card(ui).show(ui, |ui| self.form(ui, &mut actions));
                    rooms(ui, settings, &mut actions);
                    ui.add_space(space::M);
                    if parts::plain_button(ui, "Settings").clicked() {
                        actions.push(Action::OpenSettings);
                    }
                    ui.add_space(space::XL);
                });
            });
        });
        actions
    }

    fn form(&mut self, ui: &mut Ui, actions: &mut Vec<Action>) {
        let before = (self.address.clone(), self.name.clone());
        let address =
            parts::field(ui, Id::unique("address"), "Room’s address", &mut self.address, "chat.example.org");
        if address.changed() && ui.input(|input| input.events.iter().any(is_paste)) {
            self.unwrap_invite(ui, address.id);
        }
        self.attend(ui, Place::Address, &address);
        ui.add_space(space::XS);
        let name = parts::field(ui, Id::unique("name"), "Your name", &mut self.name, "how others see you");
        self.attend(ui, Place::Name, &name);
        if before != (self.address.clone(), self.name.clone()) {
            self.problem = None;
        }
        ui.add_space(space::S);
        let mut join = false;
        ui.with_layout(Layout::top_down_justified(Align::Center), |ui| {
            join = parts::primary_button(ui, "Join").clicked();
            ui.add_space(space::XS);
            let host = ui.button("Host a room on this computer");
            if host.clicked() {
                actions.push(Action::Host { name: self.name.clone() });
            }
            self.attend(ui, Place::Host, &host);
        });
        let entered = ui.input(|input| input.key_pressed(Key::Enter));
        if join || entered && (address.lost_focus() || name.lost_focus()) {
            actions.push(Action::Join { address: self.address.clone(), name: self.name.clone() });
        }
    }

    /// Of a text that was pasted, only the invite in it stays, if there is one. The cursor stands behind it.
    fn unwrap_invite(&mut self, ui: &Ui, field: Id) {
        let has_words = self.address.trim().contains(char::is_whitespace);
        if let Some(invite) = Invite::parse(&self.address).ok().filter(|_| has_words) {
            self.address = invite.to_string();
            let mut state = TextEdit::load_state(ui.ctx(), field).unwrap_or_default();
            let end = CCursor::new(self.address.chars().count());
            state.cursor.set_char_range(Some(CCursorRange::one(end)));
            state.store(ui.ctx(), field);
        }
    }

    /// Shows what is wrong with the part just drawn, and gives it the focus if it is due.
    fn attend(&mut self, ui: &mut Ui, place: Place, part: &Response) {
        if self.focus == Some(place) {
            self.focus = None;
            part.request_focus();
        }
        if let Some((_, words)) = self.problem.as_ref().filter(|(at, _)| *at == place) {
            parts::alarm(ui, words);
        }
    }
}

fn is_paste(event: &Event) -> bool {
    matches!(event, Event::Paste(_))
}

fn title(ui: &mut Ui) {
    ui.label(RichText::new("Oneroom").size(text::TITLE));
    ui.label(RichText::new("One chat room for everybody who has its address.").color(palette(ui).quiet));
}

fn rooms(ui: &mut Ui, settings: &Settings, actions: &mut Vec<Action>) {
    if settings.rooms.is_empty() {
        return;
    }
    ui.add_space(space::L);
    parts::quiet(ui, "Rooms used before");
    for room in &settings.rooms {
        ui.push_id(&room.address, |ui| used_room(ui, room, actions));
    }
}

/// One click enters; the cross forgets.
fn used_room(ui: &mut Ui, room: &RoomUsed, actions: &mut Vec<Action>) {
    let RoomUsed { address, name, .. } = room;
    let quiet = palette(ui).quiet;
    let size = vec2(ui.available_width(), space::CONTROL);
    ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
        let forget = Button::new(RichText::new("×").color(quiet)).frame_when_inactive(false);
        let forget = ui.add(forget).on_hover_text("Forget this room");
        if forget.accessible_name(format!("Forget {address}")).clicked() {
            actions.push(Action::Forget { address: address.clone() });
        }
        // Of a long name and a long address, both are still told.
        let name_width = ui.available_width() * space::NAME_SHARE;
        let row = Button::new(address.as_str())
            .right_text(parts::cut(ui, format!("as {name}"), quiet, name_width))
            .truncate();
        let row = ui.add_sized(ui.available_size(), row);
        if row.accessible_name(format!("Join {address} as {name}")).clicked() {
            actions.push(Action::Join { address: address.clone(), name: name.clone() });
        }
    });
}
