//! Who is in the room: the names and their number. A click or Enter on one mentions it in what is being
//! written; for an admin a right click, the menu key or Shift+F10 shows what else can be done. Knows names;
//! what is known of who is here is the model's business.

use chat_shared::Name;
use egui::{Button, Key, Modifiers, Popup, Response, RichText, ScrollArea, SetOpenCommand, Ui, vec2};

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

/// Draws them.
pub(super) fn show(ui: &mut Ui, room: &Room, look: &Look<'_>, banned: &mut NameField) -> Vec<Action> {
    ui.heading(count(room).unwrap_or_else(|| "People".to_owned()));
    let mut actions = Vec::new();
    if look.is_admin {
        parts::quiet(ui, "Right-click a name to send it out. Who was banned may come back:");
        ui.horizontal_wrapped(|ui| {
            if let Some(name) = banned.show(ui, "Name that was banned", "Let back in") {
                actions.push(Action::Act(Deed::Unban(name)));
                *banned = NameField::default();
            }
        });
        banned.complain(ui);
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
            actions.extend(person(ui, name, own == Some(place(row, own)), look, height));
        }
    });
    actions
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
fn person(ui: &mut Ui, name: &Name, is_own: bool, look: &Look<'_>, height: f32) -> Option<Action> {
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
    let row = ui.push_id(name.as_str(), |ui| ui.add_sized(vec2(ui.available_width(), height), row)).inner;
    let words = if is_own { format!("Mention {name}, you") } else { format!("Mention {name}") };
    let row = row.accessible_name(words);
    let menu = (look.is_admin && !is_own).then(|| deeds(ui, &row, name)).flatten();
    menu.or_else(|| row.clicked().then(|| Action::Mention(name.clone())))
}

/// What an admin can do about somebody, in a menu that opens on `row`.
fn deeds(ui: &Ui, row: &Response, name: &Name) -> Option<Action> {
    let by_key = row.has_focus()
        && ui.input_mut(|input| {
            input.consume_key(Modifiers::NONE, Key::Menu) || input.consume_key(Modifiers::SHIFT, Key::F10)
        });
    let mut popup = Popup::context_menu(row).accessible_name(format!("What to do about {name}"));
    if by_key {
        let at = row.rect.left_bottom();
        popup = popup.open_memory(Some(SetOpenCommand::Bool(true))).at_position(at);
    }
    let items = [
        ("Silence for 10 minutes", Deed::Mute(name.clone(), 10 * 60)),
        ("Silence for 1 hour", Deed::Mute(name.clone(), 60 * 60)),
        ("Let speak again", Deed::Mute(name.clone(), 0)),
        ("Send out", Deed::Kick(name.clone())),
    ];
    let shown = popup.show(|ui| {
        let mut chosen = None;
        for (at, (words, deed)) in items.into_iter().enumerate() {
            let item = ui.add(Button::new(words).frame_when_inactive(false));
            if by_key && at == 0 {
                item.request_focus();
            }
            if item.clicked() {
                chosen = Some(deed);
            }
        }
        if parts::grave(ui, "Ban").clicked() {
            chosen = Some(Deed::Ban(name.clone()));
        }
        chosen
    });
    shown.and_then(|shown| shown.inner).map(Action::Act)
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
