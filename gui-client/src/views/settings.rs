//! The settings: how the person likes the program. Each choice is asked for at once, so there is nothing to
//! confirm. Knows the choices, and nothing of what follows from them.

use egui::{Context, Id, Key, KeyboardShortcut, Modal, Modifiers, ScrollArea, Ui, Vec2, vec2};

use crate::action::Action;
use crate::settings::{Density, Hours, Notify, Pref, Prefs, ThemeChoice, Zoom};
use crate::theme::{parts, space};

/// Ctrl+comma, or ⌘ and comma.
pub const SETTINGS: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::Comma);

/// By so many per cent the size changes with one click, as with egui's keys.
const STEP: u16 = 10;

/// The settings, while they are shown.
#[derive(Debug)]
pub struct SettingsView {
    /// What had the focus before, and gets it back.
    before: Option<Id>,
    /// Nothing in here has had the focus yet.
    is_new: bool,
}

impl SettingsView {
    /// The settings, about to be shown.
    pub fn open(ctx: &Context) -> Self {
        Self { before: ctx.memory(egui::Memory::focused), is_new: true }
    }

    /// They were closed. Gives what had the focus before, and is to get it back.
    pub fn close(self) -> Option<Id> {
        self.before
    }

    /// Draws them.
    pub fn show(&mut self, ui: &Ui, prefs: &Prefs) -> Vec<Action> {
        let mut actions = Vec::new();
        // At the largest size, little of a small window is left.
        let room = ui.ctx().content_rect().size() - 4.0 * vec2(space::L, space::XL);
        let room = room.max(Vec2::splat(space::CONTROL));
        let modal = Modal::new(Id::unique("settings")).frame(parts::card(ui));
        let modal = modal.show(ui.ctx(), |ui| {
            ui.set_width(space::CARD.min(room.x));
            let height = room.y;
            ui.scope(|ui| {
                ui.spacing_mut().scroll = parts::plain_to_see();
                let mut area = ScrollArea::vertical().max_height(height).min_scrolled_height(height);
                if self.is_new {
                    // Not where they were left.
                    area = area.vertical_scroll_offset(0.0);
                }
                area.show(ui, |ui| self.choices(ui, prefs, &mut actions));
            });
            ui.add_space(space::S);
            ui.vertical_centered(|ui| parts::primary_button(ui, "Done").clicked()).inner
        });
        if modal.inner || modal.should_close() {
            actions.push(Action::CloseSettings);
        }
        actions
    }

    fn choices(&mut self, ui: &mut Ui, prefs: &Prefs, actions: &mut Vec<Action>) {
        ui.heading("Settings");
        let themes = [
            (ThemeChoice::System, "As the system has it"),
            (ThemeChoice::Light, "Light"),
            (ThemeChoice::Dark, "Dark"),
        ];
        let focus = std::mem::take(&mut self.is_new);
        actions.extend(choice(ui, "Theme", prefs.theme, &themes, focus).map(Pref::Theme).map(Action::Prefer));
        size(ui, prefs.zoom, actions);
        let densities = [(Density::Roomy, "Roomy"), (Density::Compact, "Compact")];
        let density = choice(ui, "Density", prefs.density, &densities, false);
        actions.extend(density.map(Pref::Density).map(Action::Prefer));
        let hours = [(Hours::System, "As is usual here"), (Hours::H24, "24 hours"), (Hours::H12, "12 hours")];
        let clock = choice(ui, "Times", prefs.clock, &hours, false);
        actions.extend(clock.map(Pref::Clock).map(Action::Prefer));
        let notices =
            [(Notify::Mentions, "Mentions of me"), (Notify::All, "Every message"), (Notify::None, "Nothing")];
        let notify = choice(ui, "Notifications", prefs.notify, &notices, false);
        actions.extend(notify.map(Pref::Notify).map(Action::Prefer));
    }
}

/// Several of which one is chosen. Gives another one that is wanted.
fn choice<T: Copy + PartialEq>(
    ui: &mut Ui,
    name: &str,
    chosen: T,
    choices: &[(T, &str)],
    focus: bool,
) -> Option<T> {
    ui.add_space(space::XS);
    parts::quiet(ui, name);
    let mut wanted = None;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::L;
        for &(value, label) in choices {
            let is_chosen = value == chosen;
            let radio = parts::radio(ui, is_chosen, label).accessible_name(format!("{name}: {label}"));
            parts::follow_focus(&radio);
            if focus && is_chosen {
                radio.request_focus();
            }
            if radio.clicked() && !is_chosen {
                wanted = Some(value);
            }
        }
    });
    wanted
}

/// How large everything is.
fn size(ui: &mut Ui, zoom: Zoom, actions: &mut Vec<Action>) {
    ui.add_space(space::XS);
    parts::quiet(ui, "Size");
    ui.horizontal_wrapped(|ui| {
        let now = zoom.percent();
        let buttons = [
            ("Smaller", now - STEP, zoom > Zoom::LEAST),
            ("Larger", now + STEP, zoom < Zoom::MOST),
            ("Usual size", Zoom::default().percent(), zoom != Zoom::default()),
        ];
        for (label, percent, is_possible) in buttons {
            // Not disabled, for a button that is being pressed would lose the focus at the last step.
            let button = ui.button(label);
            parts::follow_focus(&button);
            if button.clicked() && is_possible {
                actions.push(Action::Prefer(Pref::Zoom(Zoom::of_percent(percent))));
            }
        }
        parts::quiet(ui, format!("{now} %"));
    });
}
