//! The room's header: where we are and how the connection stands, who we are, the way out, and where others
//! find a room that runs here. Knows the model's public face; changes nothing in it.

use egui::{Align, Button, Color32, Key, Label, Layout, Modifiers, Rect, RichText, Ui, UiBuilder, vec2};

use super::naming::NameField;
use super::people;
use super::room::Scene;
use super::settings::SETTINGS;
use super::side::{self, PEOPLE, SEARCH, Side};
use crate::action::Action;
use crate::address::Address;
use crate::host;
use crate::invite::Fingerprint;
use crate::model::Connection;
use crate::theme::{body, palette, parts, small, space};

/// The header's own field.
#[derive(Debug, Default)]
pub(super) struct Header {
    /// The field in which our name is changed, while it is open.
    renaming: Option<NameField>,
}

impl Header {
    /// Draws it. Gives whether the person was about to change our name, and is done with that.
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        scene: Scene<'_>,
        side: &mut Side,
        actions: &mut Vec<Action>,
    ) -> bool {
        let mut done = false;
        let size = vec2(ui.available_width(), space::CONTROL);
        let row = Layout::left_to_right(Align::Center);
        let is_wide = size.x >= space::WIDE;
        let name = NameWidth::of(ui, scene, is_wide, self.renaming.is_some());
        ui.allocate_ui_with_layout(size, row, |ui| {
            let rest = if is_wide { name.whole } else { button_width(ui, SEARCH_WORD) };
            let place_size = vec2(size.x - rest - ui.spacing().item_spacing.x, size.y);
            let builder = UiBuilder::new().max_rect(Rect::from_min_size(ui.cursor().min, place_size));
            ui.scope_builder(builder.layout(row), |ui| place(ui, scene));
            // The buttons come from left to right, as Tab goes through them: the way out last.
            ui.add_space((ui.available_width() - rest).max(0.0));
            search_door(ui, side);
            if is_wide {
                self.who(ui, scene, side, name, actions);
            }
        });
        if !is_wide {
            ui.allocate_ui_with_layout(size, row, |ui| {
                ui.add_space((size.x - name.whole).max(0.0));
                self.who(ui, scene, side, name, actions);
            });
        }
        if let Some(field) = &mut self.renaming {
            ui.horizontal_wrapped(|ui| {
                if let Some(name) = field.show(ui, "New name", "Change") {
                    actions.push(Action::Rename(name));
                    done = true;
                }
                done |= ui.button("Cancel").clicked()
                    || side::has_escape(ui)
                        && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
            });
            field.complain(ui);
            if done {
                self.renaming = None;
            }
        }
        if let Some(addresses) = scene.hosted {
            hosted(ui, addresses, scene.pin, actions);
        }
        done
    }

    /// Who we are, who else is here, and the way out.
    fn who(
        &mut self,
        ui: &mut Ui,
        scene: Scene<'_>,
        side: &mut Side,
        width: NameWidth,
        actions: &mut Vec<Action>,
    ) {
        if self.renaming.is_none() {
            if width.says_you_are {
                parts::quiet(ui, you_are(scene));
            }
            let name = scene.room.name();
            let size = vec2(width.name, space::CONTROL);
            let button = ui.add_sized(size, Button::new(name).truncate());
            let (hint, words) = if scene.room.name_is_own() {
                let hint = "Nobody else can bear this name here: only this computer has its key. Click to change it.";
                (hint, format!("Change your name, {name}, which is kept for you"))
            } else {
                ("Change your name", format!("Change your name, {name}"))
            };
            if button.on_hover_text(hint).accessible_name(words).clicked() {
                self.renaming =
                    Some(NameField { name: name.to_owned(), wants_focus: true, ..NameField::default() });
            }
        }
        let people = Button::new(people_word(scene)).selected(*side == Side::People);
        let people =
            ui.add(people).on_hover_text(format!("Who is here ({})", ui.ctx().format_shortcut(&PEOPLE)));
        let words = people::count(scene.room).map_or_else(String::new, |count| format!(", {count}"));
        if people.accessible_name(format!("Who is here{words}")).clicked() {
            side.toggle(Side::People);
        }
        let settings = ui.button(SETTINGS_WORD).on_hover_text(ui.ctx().format_shortcut(&SETTINGS));
        if settings.clicked() {
            actions.push(Action::OpenSettings);
        }
        let [words, short] = way_out(scene);
        let leave = ui.button(if width.is_short { short } else { words });
        if leave.accessible_name(words).clicked() {
            actions.push(Action::Leave);
        }
    }
}

const SEARCH_WORD: &str = "Search";
const SETTINGS_WORD: &str = "Settings";

/// What stands before our name.
fn you_are(scene: Scene<'_>) -> &'static str {
    if scene.room.name_is_own() { "Your name" } else { "You are" }
}

/// The way out, in words and in short.
fn way_out(scene: Scene<'_>) -> [&'static str; 2] {
    if scene.hosted.is_some() { ["Close the room", "Close"] } else { ["Leave", "Leave"] }
}

fn people_word(scene: Scene<'_>) -> String {
    scene.room.member_count().map_or_else(|| "People".to_owned(), |count| format!("People {count}"))
}

/// How wide a button with these words is.
fn button_width(ui: &Ui, words: &str) -> f32 {
    let text = ui.painter().layout_no_wrap(words.to_owned(), body(), Color32::PLACEHOLDER).size().x;
    (text + 2.0 * ui.spacing().button_padding.x).max(ui.spacing().interact_size.x)
}

/// How the row with our name in it finds room: the name has what the buttons leave.
#[derive(Debug, Clone, Copy)]
struct NameWidth {
    /// Of the button with our name.
    name: f32,
    /// Of all from the first of these buttons on.
    whole: f32,
    says_you_are: bool,
    /// In a narrow window, all words would not find room.
    is_short: bool,
}

impl NameWidth {
    /// With the way to the search in the same row, if that `is_wide`.
    fn of(ui: &Ui, scene: Scene<'_>, is_wide: bool, is_renaming: bool) -> Self {
        let all = ui.available_width();
        let gap = ui.spacing().item_spacing.x;
        let is_short = all < 2.0 * space::FIELD;
        let out = way_out(scene)[usize::from(is_short)];
        let mut whole = button_width(ui, &people_word(scene)) + gap + button_width(ui, SETTINGS_WORD);
        whole += gap + button_width(ui, out);
        if is_wide {
            whole += button_width(ui, SEARCH_WORD) + gap;
        }
        if is_renaming {
            return Self { name: 0.0, whole, says_you_are: false, is_short };
        }
        let most = space::FIELD.min(all - whole - gap).max(space::CONTROL);
        let name = (button_width(ui, scene.room.name()) + space::XS).min(most);
        whole += name + gap;
        // The name matters more where there is little room.
        let says_you_are = all - whole >= space::YOU_ARE;
        if says_you_are {
            let words = ui.painter().layout_no_wrap(you_are(scene).to_owned(), small(), Color32::PLACEHOLDER);
            whole += words.size().x + gap;
        }
        Self { name, whole, says_you_are, is_short }
    }
}

/// The way to the search.
fn search_door(ui: &mut Ui, side: &mut Side) {
    let search = ui.add(Button::new(SEARCH_WORD).selected(*side == Side::Search));
    let search = search.on_hover_text(ui.ctx().format_shortcut(&SEARCH));
    if search.accessible_name("Search what was said").clicked() {
        side.toggle(Side::Search);
    }
}

/// Where we are, and how the connection stands.
fn place(ui: &mut Ui, scene: Scene<'_>) {
    let palette = palette(ui);
    let (colour, words) = match scene.room.connection() {
        // What anybody can read is not quite as it should be.
        Connection::Online if scene.room.is_in_plain_text() => (palette.warn, "Plain text"),
        Connection::Online => (palette.good, "Connected"),
        Connection::Connecting { .. } => (palette.warn, "Connecting…"),
        Connection::CheckingPassword { .. } => (palette.warn, "Checking…"),
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
    let state = parts::quiet(ui, words);
    if scene.room.is_in_plain_text() {
        state.on_hover_text("You are connected in plain text: everybody on the way can read what is said.");
    }
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
