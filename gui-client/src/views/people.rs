//! Who is in the room: the names and their number. A click or Enter on one mentions it in what is being
//! written; for an admin a right click, the menu key or Shift+F10 shows what else can be done. Knows names;
//! what is known of who is here is the model's business.

use chat_shared::Name;
use egui::{
    Button, Id, Key, Modifiers, Popup, PopupCloseBehavior, Pos2, Response, RichText, ScrollArea,
    SetOpenCommand, Ui, UiBuilder, vec2,
};

use super::naming::NameField;
use crate::action::Action;
use crate::link::Deed;
use crate::look::Look;
use crate::model::{Connection, Room};
use crate::theme::{name_colour, palette, parts};

/// How many are here, in words; `None` where the server does not say.
pub(super) fn count(room: &Room) -> Option<String> {
    room.member_count().map(|count| match count {
        1 => "1 person".to_owned(),
        count => format!("{count} people"),
    })
}

/// The panel's own field, and what it asks.
#[derive(Debug, Default)]
pub(super) struct PeopleView {
    /// Whom an admin lets back in.
    banned: NameField,
    menu: Menu,
}

/// The menu on a name: there is one at a time.
#[derive(Debug, Default)]
struct Menu {
    /// Where it was opened.
    at: Pos2,
    /// It has yet to get the keyboard.
    is_new: bool,
    /// It asks whether somebody is really to be banned.
    asks: bool,
}

impl PeopleView {
    /// Draws them.
    pub(super) fn show(&mut self, ui: &mut Ui, room: &Room, look: &Look<'_>) -> Vec<Action> {
        ui.heading(count(room).unwrap_or_else(|| "People".to_owned()));
        let mut actions = Vec::new();
        if look.is_admin {
            parts::quiet(ui, "Right-click a name to send it out. Who was banned may come back:");
            ui.horizontal_wrapped(|ui| {
                if let Some(name) = self.banned.show(ui, "Name that was banned", "Let back in") {
                    actions.push(Action::Act(Deed::Unban(name)));
                    // Who types on means the next name, and not to say it to the room.
                    self.banned = NameField { wants_focus: true, ..NameField::default() };
                    ui.ctx().request_repaint();
                }
            });
            self.banned.complain(ui);
        }
        if look.members.is_empty() {
            parts::quiet(ui, why_nobody(room));
            return actions;
        }
        let own = look.members.iter().position(|name| name.as_str() == look.name);
        let height = look.metrics().control;
        let area = ScrollArea::vertical().id_salt("people").auto_shrink(false);
        // Names can be read on this, and need not be on what buttons have under the pointer.
        let lit = palette(ui).own;
        let widgets = &mut ui.visuals_mut().widgets;
        (widgets.hovered.weak_bg_fill, widgets.active.weak_bg_fill) = (lit, lit);
        area.show_rows(ui, height, look.members.len(), |ui, rows| {
            for row in rows {
                let name = &look.members[place(row, own)];
                actions.extend(person(
                    ui,
                    name,
                    own == Some(place(row, own)),
                    (look, height),
                    &mut self.menu,
                ));
            }
        });
        actions
    }
}

/// Which of the names stands in this row, when ours, which is the `own`th, comes first.
fn place(row: usize, own: Option<usize>) -> usize {
    match own {
        Some(own) if row == 0 => own,
        Some(own) if row <= own => row - 1,
        _ => row,
    }
}

/// One name. Gives what is to be done about it.
fn person(
    ui: &mut Ui,
    name: &Name,
    is_own: bool,
    (look, height): (&Look<'_>, f32),
    menu: &mut Menu,
) -> Option<Action> {
    let palette = palette(ui);
    let dark = ui.visuals().dark_mode;
    let colour = if is_own { palette.accent } else { name_colour(name.as_str(), dark) };
    // Something at the right, and be it nothing, has the name stand at the left.
    let beside = match (is_own, look.name_is_own) {
        (false, _) => "",
        (true, false) => "you",
        (true, true) => "you, your name",
    };
    let beside = RichText::new(beside).color(palette.quiet);
    let label = RichText::new(name.as_str()).color(colour);
    let row = Button::new(label).right_text(beside).frame_when_inactive(false).truncate();
    // By its name alone: others come to stand before it while it has the keyboard, or its menu is open.
    let place = UiBuilder::new().scope_id(Id::unique(("person", name.as_str())));
    let row = ui.scope_builder(place, |ui| ui.add_sized(vec2(ui.available_width(), height), row)).inner;
    let words = if is_own { format!("Mention {name}, you") } else { format!("Mention {name}") };
    let row = row.accessible_name(words);
    let deed = (look.is_admin && !is_own).then(|| deeds(ui, &row, name, menu)).flatten();
    deed.or_else(|| row.clicked().then(|| Action::Mention(name.clone())))
}

/// What an admin can do about somebody, in a menu that opens on `row`.
fn deeds(ui: &Ui, row: &Response, name: &Name, menu: &mut Menu) -> Option<Action> {
    let by_key = row.has_focus()
        && ui.input_mut(|input| {
            input.consume_key(Modifiers::NONE, Key::Menu) || input.consume_key(Modifiers::SHIFT, Key::F10)
        });
    let by_pointer = row.interact_pointer_pos().filter(|_| row.secondary_clicked());
    if by_key || by_pointer.is_some() {
        let at = by_pointer.unwrap_or(row.rect.left_bottom());
        *menu = Menu { at, is_new: by_key, asks: false };
    }
    // Where egui places it by itself, it is not seen unless the pointer is in the window.
    let mut popup = Popup::context_menu(row)
        .at_position(menu.at)
        .accessible_name(format!("What to do about {name}"))
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    if by_key {
        popup = popup.open_memory(Some(SetOpenCommand::Bool(true)));
    }
    let id = popup.get_id();
    let was_open = Popup::is_id_open(ui.ctx(), id);
    let shown = popup.show(|ui| {
        parts::menu_head(ui, name.as_str());
        let chosen = if menu.asks {
            let question = "Ban? Who is banned cannot come back until an admin says so.";
            let answer = parts::ask_once_more(ui, question, "Ban", &mut menu.is_new)?;
            Some(answer.then(|| Deed::Ban(name.clone())))
        } else {
            items(ui, name, menu).map(Some)
        };
        if chosen.is_some() {
            ui.close();
        }
        chosen.flatten()
    });
    let is_open = Popup::is_id_open(ui.ctx(), id);
    if was_open && !is_open && !ui.input(|input| input.pointer.any_pressed()) {
        // Who has clicked elsewhere is there.
        row.request_focus();
    }
    shown.and_then(|shown| shown.inner).map(Action::Act)
}

/// What there is to choose. The first gets the keyboard when the menu is new.
fn items(ui: &mut Ui, name: &Name, menu: &mut Menu) -> Option<Deed> {
    let items = [
        ("Silence for 10 minutes", Deed::Mute(name.clone(), 10 * 60)),
        ("Silence for 1 hour", Deed::Mute(name.clone(), 60 * 60)),
        ("Let speak again", Deed::Mute(name.clone(), 0)),
        ("Send out", Deed::Kick(name.clone())),
    ];
    let mut chosen = None;
    for (words, deed) in items {
        let item = ui.add(Button::new(words).frame_when_inactive(false));
        if menu.is_new && !ui.is_sizing_pass() {
            menu.is_new = false;
            item.request_focus();
        }
        if item.clicked() {
            chosen = Some(deed);
        }
    }
    if parts::grave(ui, "Ban…").clicked() {
        (menu.asks, menu.is_new) = (true, true);
        ui.ctx().request_repaint();
    }
    chosen
}

/// Why there are no names.
fn why_nobody(room: &Room) -> &'static str {
    match (room.connection(), room.member_count()) {
        (Connection::Online, Some(_)) => {
            "So many are here that the server gives their number only, and not their names."
        }
        (Connection::Online, None) => "This server does not say who is here.",
        _ => "Who is here is known once there is a connection.",
    }
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn our_name_comes_first_and_each_is_there_once() {
        for own in [None, Some(0), Some(3), Some(5)] {
            let mut places: Vec<_> = (0..6).map(|row| place(row, own)).collect();
            assert_eq!(places[0], own.unwrap_or(0));
            assert!(places[1..].is_sorted());
            places.sort_unstable();
            assert_eq!(places, [0, 1, 2, 3, 4, 5]);
        }
    }
}
