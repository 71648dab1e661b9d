//! The room: who and where we are, what is wrong if something is, what was said, and the composer.
//! Knows the model's public face; changes nothing in it.

use std::time::{Duration, Instant};

use chat_shared::Name;
use egui::{
    Align, Button, CentralPanel, Frame, Id, Key, Label, Layout, Panel, Rect, RichText, TextEdit, Ui,
    UiBuilder, pos2, vec2,
};

use super::composer::Composer;
use super::turns;
use crate::action::Action;
use crate::address::Address;
use crate::model::{Connection, Refused, Room};
use crate::theme::{body, palette, parts, space};
use crate::timeline::TimelineView;

/// What the view draws.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The room.
    pub room: &'a Room,
    /// Where it is.
    pub address: &'a Address,
    /// The addresses to give to others, when it runs on this computer.
    pub hosted: Option<&'a [Address]>,
    /// Now.
    pub now: Instant,
}

/// The room's fields, and where the eye is in the messages.
#[derive(Debug)]
pub struct RoomView {
    /// What is being written.
    pub composer: Composer,
    timeline: TimelineView,
    /// The field in which our name is changed, while it is open.
    renaming: Option<NameField>,
    /// The field in which another name is offered after a refusal.
    refused: Option<(Refused, NameField)>,
}

/// A field for a name, and what was wrong with it.
#[derive(Debug, Default)]
struct NameField {
    name: String,
    problem: Option<String>,
    /// It was opened by the person, who types into it next.
    wants_focus: bool,
}

impl RoomView {
    /// A room that was just entered, with a draft from before.
    pub fn new(draft: String) -> Self {
        Self {
            composer: Composer::new(draft),
            timeline: TimelineView::default(),
            renaming: None,
            refused: None,
        }
    }

    /// Draws it.
    pub fn show(&mut self, ui: &mut Ui, scene: Scene<'_>) -> Vec<Action> {
        turns::keep(ui.ctx());
        let mut actions = Vec::new();
        let bar = parts::bar(ui);
        let header = panel(Panel::top("header"), bar).show(ui, |ui| self.header(ui, scene, &mut actions));
        parts::underline(ui, header.response.rect);
        self.banners(ui, scene, &mut actions);
        let bar = parts::bar(ui);
        panel(Panel::bottom("composer"), bar).show(ui, |ui| {
            // As wide as the messages, and under them.
            let bar = ui.available_rect_before_wrap();
            let width = bar.width().min(space::COLUMN);
            let left = (bar.center().x - width / 2.0).round();
            let column = Rect::from_min_size(pos2(left, bar.top()), vec2(width, bar.height()));
            let builder = UiBuilder::new().max_rect(column);
            ui.scope_builder(builder, |ui| actions.extend(self.composer.show(ui)));
        });
        CentralPanel::no_frame().frame(Frame::new().fill(palette(ui).ground)).show(ui, |ui| {
            let older = scene.room.can_show_older(scene.now);
            actions.extend(self.timeline.show(ui, scene.room.timeline(), scene.room.name(), older));
        });
        actions
    }

    fn header(&mut self, ui: &mut Ui, scene: Scene<'_>, actions: &mut Vec<Action>) {
        let size = vec2(ui.available_width(), space::CONTROL);
        let right = Layout::right_to_left(Align::Center);
        if size.x >= space::WIDE {
            ui.allocate_ui_with_layout(size, right, |ui| {
                self.who(ui, scene, actions);
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| place(ui, scene));
            });
        } else {
            ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| place(ui, scene));
            ui.allocate_ui_with_layout(size, right, |ui| self.who(ui, scene, actions));
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
            hosted(ui, addresses, actions);
        }
    }

    /// Who we are, and the way out.
    fn who(&mut self, ui: &mut Ui, scene: Scene<'_>, actions: &mut Vec<Action>) {
        let leave = if scene.hosted.is_some() { "Close the room" } else { "Leave" };
        if ui.button(leave).clicked() {
            actions.push(Action::Leave);
        }
        if self.renaming.is_some() {
            return;
        }
        let name = scene.room.name();
        let text = ui.painter().layout_no_wrap(name.to_owned(), body(), egui::Color32::PLACEHOLDER).size().x;
        let width = text.ceil() + 2.0 * ui.spacing().button_padding.x + space::XS;
        let most = space::FIELD.min(ui.available_width() - space::YOU_ARE).max(space::CONTROL);
        let size = vec2(width.min(most), space::CONTROL);
        let button = ui.add_sized(size, Button::new(name).truncate());
        let button = button.on_hover_text("Change your name");
        if button.accessible_name(format!("Change your name, {name}")).clicked() {
            self.renaming = Some(NameField { name: name.to_owned(), problem: None, wants_focus: true });
        }
        parts::quiet(ui, "You are");
    }

    fn banners(&mut self, ui: &mut Ui, scene: Scene<'_>, actions: &mut Vec<Action>) {
        let frame = parts::banner(ui);
        if let Some(words) = trouble(ui, scene) {
            panel(Panel::top("trouble"), frame).show(ui, |ui| {
                ui.horizontal_wrapped(|ui| {
                    parts::words(ui, words);
                    let offline = matches!(scene.room.connection(), Connection::Offline { .. });
                    if offline && ui.button("Try now").clicked() {
                        actions.push(Action::RetryNow);
                    }
                });
            });
        }
        let Some(refused) = scene.room.refused() else {
            self.refused = None;
            return;
        };
        if self.refused.as_ref().is_none_or(|(known, _)| known != refused) {
            let name = format!("{}2", refused.wanted);
            // A refusal comes when it comes; what is being typed by then belongs where it was begun.
            self.refused = Some((refused.clone(), NameField { name, ..NameField::default() }));
        }
        if let Some((refused, field)) = &mut self.refused {
            panel(Panel::top("refused"), frame).show(ui, |ui| {
                let Refused { wanted, why, still } = refused;
                parts::words(ui, format!("You cannot be called “{wanted}”: {why}. You are {still} now."));
                ui.horizontal_wrapped(|ui| {
                    if let Some(name) = field.show(ui, "Another name", "Take this name") {
                        actions.push(Action::Rename(name));
                    }
                    if ui.button(format!("Stay {}", refused.still)).clicked() {
                        actions.push(Action::KeepName);
                    }
                });
                field.complain(ui);
            });
        }
    }
}

impl NameField {
    /// Draws the field and its button; gives the name once it is a good one and wanted.
    fn show(&mut self, ui: &mut Ui, label: &str, button: &str) -> Option<Name> {
        let field = TextEdit::singleline(&mut self.name)
            .id(Id::unique(("name of", button)))
            .margin(parts::field_margin())
            .desired_width(space::FIELD);
        let response = ui.add(field).accessible_name(label);
        if std::mem::take(&mut self.wants_focus) {
            response.request_focus();
        }
        if response.changed() {
            self.problem = None;
        }
        let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if !(ui.button(button).clicked() || entered) {
            return None;
        }
        match Name::parse(self.name.trim()) {
            Ok(name) => Some(name),
            Err(error) => {
                self.problem = Some(in_words(&error));
                response.request_focus();
                None
            }
        }
    }

    fn complain(&self, ui: &mut Ui) {
        if let Some(words) = &self.problem {
            parts::alarm(ui, words);
        }
    }
}

/// An error of the shared rules as a sentence.
pub fn in_words(error: &dyn std::error::Error) -> String {
    let words = error.to_string();
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), letters.as_str()),
        None => words,
    }
}

fn panel(panel: Panel, frame: Frame) -> Panel {
    panel.resizable(false).show_separator_line(false).frame(frame)
}

/// Where we are, and how the connection stands.
fn place(ui: &mut Ui, scene: Scene<'_>) {
    let palette = palette(ui);
    let (colour, words) = match scene.room.connection() {
        Connection::Online => (palette.good, "Connected"),
        Connection::Connecting { .. } => (palette.warn, "Connecting…"),
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

/// What is wrong with the connection, if it is more than a moment's wait.
fn trouble(ui: &Ui, scene: Scene<'_>) -> Option<String> {
    let mut words = match scene.room.connection() {
        Connection::Online | Connection::Connecting { why: None } => return None,
        Connection::Connecting { why: Some(why) } => format!("Not connected: {why}. Trying again now."),
        Connection::Offline { why, retry_at } => {
            let left = retry_at.saturating_duration_since(scene.now);
            // Drawn again when the number changes, and no sooner.
            let part = Duration::from_nanos(u64::from(left.subsec_nanos()) + 1);
            ui.ctx().request_repaint_after(part);
            format!("Not connected: {why}. Next attempt in {} s.", left.as_secs() + 1)
        }
    };
    match scene.room.waiting() {
        0 => {}
        1 => words.push_str(" What you wrote waits and goes out then."),
        count => words.push_str(&format!(" {count} lines that you wrote wait and go out then.")),
    }
    Some(words)
}

/// Where others find a room that runs here.
fn hosted(ui: &mut Ui, addresses: &[Address], actions: &mut Vec<Action>) {
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
    });
}
