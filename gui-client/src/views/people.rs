//! Who is in the room: the names and their number. A click or Enter on one mentions it in what is being
//! written. Knows names; what is known of who is here is the model's business.

use chat_shared::Name;
use egui::{Button, RichText, ScrollArea, Ui, vec2};

use crate::action::Action;
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
pub(super) fn show(ui: &mut Ui, room: &Room, look: &Look<'_>) -> Vec<Action> {
    ui.heading(count(room).unwrap_or_else(|| "People".to_owned()));
    if look.members.is_empty() {
        parts::quiet(ui, why_nobody(room));
        return Vec::new();
    }
    let own = look.members.iter().position(|name| name.as_str() == look.name);
    let mut actions = Vec::new();
    let height = look.metrics().control;
    let area = ScrollArea::vertical().id_salt("people").auto_shrink(false);
    // Names can be read on this, and need not be on what buttons have under the pointer.
    let lit = palette(ui).own;
    let widgets = &mut ui.visuals_mut().widgets;
    (widgets.hovered.weak_bg_fill, widgets.active.weak_bg_fill) = (lit, lit);
    area.show_rows(ui, height, look.members.len(), |ui, rows| {
        for row in rows {
            let name = &look.members[place(row, own)];
            if person(ui, name, own == Some(place(row, own)), height) {
                actions.push(Action::Mention(name.clone()));
            }
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

/// One name. Gives whether it is to be mentioned.
fn person(ui: &mut Ui, name: &Name, is_own: bool, height: f32) -> bool {
    let palette = palette(ui);
    let dark = ui.visuals().dark_mode;
    let colour = if is_own { palette.accent } else { name_colour(name.as_str(), dark) };
    // Something at the right, and be it nothing, has the name stand at the left.
    let beside = RichText::new(if is_own { "you" } else { "" }).color(palette.quiet);
    let label = RichText::new(name.as_str()).color(colour);
    let row = Button::new(label).right_text(beside).frame_when_inactive(false).truncate();
    let row = ui.push_id(name.as_str(), |ui| ui.add_sized(vec2(ui.available_width(), height), row)).inner;
    let words = if is_own { format!("Mention {name}, you") } else { format!("Mention {name}") };
    row.accessible_name(words).clicked()
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
