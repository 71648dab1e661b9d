//! The room's header: where we are and how the connection stands, who we are, the way out, and where others
//! find a room that runs here. Knows the model's public face; changes nothing in it.

use egui::{Align, Button, Key, Label, Layout, RichText, Ui, vec2};

use super::naming::NameField;
use super::people;
use super::room::Scene;
use super::settings::SETTINGS;
use super::side::{PEOPLE, SEARCH, Side};
use crate::action::Action;
use crate::address::Address;
use crate::host;
use crate::invite::Fingerprint;
use crate::model::Connection;
use crate::theme::{body, palette, parts, space};

/// The header's own field.
#[derive(Debug, Default)]
pub(super) struct Header {
    /// The field in which our name is changed, while it is open.
    renaming: Option<NameField>,
}

impl Header {
    /// Draws it.
    pub(super) fn show(&mut self, ui: &mut Ui, scene: Scene<'_>, side: &mut Side, actions: &mut Vec<Action>) {
        let size = vec2(ui.available_width(), space::CONTROL);
        let right = Layout::right_to_left(Align::Center);
        if size.x >= space::WIDE {
            ui.allocate_ui_with_layout(size, right, |ui| {
                self.who(ui, scene, side, true, actions);
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| place(ui, scene));
            });
        } else {
            ui.allocate_ui_with_layout(size, right, |ui| {
                search_door(ui, side);
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| place(ui, scene));
            });
            ui.allocate_ui_with_layout(size, right, |ui| self.who(ui, scene, side, false, actions));
        }
        if let Some(field) = &mut self.renaming {
            let mut done = false;
            ui.horizontal_wrapped(|ui| {
                if let Some(name) = field.show(ui, "New name", "Change") {
                    actions.push(Action::Rename(name));
                    done = true;
                }
                done |= ui.button("Cancel").clicked() || ui.input(|input| input.key_pressed(Key::Escape));
            });
            field.complain(ui);
            if done {
                self.renaming = None;
            }
        }
        if let Some(addresses) = scene.hosted {
            hosted(ui, addresses, scene.pin, actions);
        }
    }

    /// Who we are, and the way out; and the way to the search, where there is room for it in one row.
    fn who(
        &mut self,
        ui: &mut Ui,
        scene: Scene<'_>,
        side: &mut Side,
        is_wide: bool,
        actions: &mut Vec<Action>,
    ) {
        let name = if scene.hosted.is_some() { "Close the room" } else { "Leave" };
        // In a narrow window, all words would not find room.
        let is_short = scene.hosted.is_some() && ui.available_width() < 2.0 * space::FIELD;
        let leave = ui.button(if is_short { "Close" } else { name });
        if leave.accessible_name(name).clicked() {
            actions.push(Action::Leave);
        }
        doors(ui, scene, side, actions);
        if is_wide {
            search_door(ui, side);
        }
        if self.renaming.is_some() {
            return;
        }
        let name = scene.room.name();
        let text = ui.painter().layout_no_wrap(name.to_owned(), body(), egui::Color32::PLACEHOLDER).size().x;
        let width = text.ceil() + 2.0 * ui.spacing().button_padding.x + space::XS;
        let most = space::FIELD.min(ui.available_width()).max(space::CONTROL);
        let size = vec2(width.min(most), space::CONTROL);
        let button = ui.add_sized(size, Button::new(name).truncate());
        let (hint, words) = if scene.room.name_is_own() {
            let hint =
                "Nobody else can bear this name here: only this computer has its key. Click to change it.";
            (hint, format!("Change your name, {name}, which is kept for you"))
        } else {
            ("Change your name", format!("Change your name, {name}"))
        };
        if button.on_hover_text(hint).accessible_name(words).clicked() {
            self.renaming = Some(NameField { name: name.to_owned(), problem: None, wants_focus: true });
        }
        // The name matters more where there is little room.
        if ui.available_width() >= space::YOU_ARE {
            parts::quiet(ui, if scene.room.name_is_own() { "Your name" } else { "You are" });
        }
    }
}

/// The ways to the settings and to the panels at the side.
fn doors(ui: &mut Ui, scene: Scene<'_>, side: &mut Side, actions: &mut Vec<Action>) {
    let settings = ui.button("Settings").on_hover_text(ui.ctx().format_shortcut(&SETTINGS));
    if settings.clicked() {
        actions.push(Action::OpenSettings);
    }
    let count = scene.room.member_count().map_or_else(String::new, |count| format!(" {count}"));
    let people = Button::new(format!("People{count}")).selected(*side == Side::People);
    let people = ui.add(people).on_hover_text(format!("Who is here ({})", ui.ctx().format_shortcut(&PEOPLE)));
    let words = people::count(scene.room).map_or_else(String::new, |count| format!(", {count}"));
    if people.accessible_name(format!("Who is here{words}")).clicked() {
        side.toggle(Side::People);
    }
}

/// The way to the search.
fn search_door(ui: &mut Ui, side: &mut Side) {
    let search = ui.add(Button::new("Search").selected(*side == Side::Search));
    let search = search.on_hover_text(ui.ctx().format_shortcut(&SEARCH));
    if search.accessible_name("Search what was said").clicked() {
        side.toggle(Side::Search);
    }
}

/// Where we are, and how the connection stands.
fn place(ui: &mut Ui, scene: Scene<'_>) {
    let palette = palette(ui);
    let (colour, words) = match scene.room.connection() {
        Connection::Online => (palette.good, "Connected"),
        Connection::Connecting { .. } => (palette.warn, "Connecting…"),
        Connection::Asking(_) => (palette.warn, "Asks you"),
        Connection::Offline { .. } => (palette.bad, "Not connected"),
    };
    let size = vec2((ui.available_width() - space::STATE).max(0.0), space::CONTROL);
    let heading = RichText::new(scene.address.to_string()).heading();
    ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
        ui.add(Label::new(heading).truncate())
    });
    ui.add_space(space::XS);
    parts::dot(ui, colour);
    parts::quiet(ui, words);
}

/// Where others find a room that runs here.
fn hosted(ui: &mut Ui, addresses: &[Address], pin: Option<Fingerprint>, actions: &mut Vec<Action>) {
    if addresses.is_empty() {
        parts::quiet(ui, "This room runs on this computer, which is on no network: nobody else can join.");
        return;
    }
    parts::quiet(ui, "This room runs on this computer. Others join at");
    ui.horizontal_wrapped(|ui| {
        for address in addresses {
            let address = address.to_string();
            let copy = RichText::new("Copy").color(palette(ui).accent);
            let copy = ui.add(Button::new(address.as_str()).right_text(copy));
            if copy.accessible_name(format!("Copy {address}")).clicked() {
                actions.push(Action::Copy(address));
            }
        }
        if parts::plain_button(ui, "Copy an invite").clicked() {
            actions.push(Action::Copy(host::invite(addresses, pin)));
        }
    });
}
