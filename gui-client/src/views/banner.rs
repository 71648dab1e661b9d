//! The banners under the header: what is wrong, while something is. Knows the model's public face; changes
//! nothing in it.

use std::time::{Duration, Instant};

use egui::{Id, Memory, Panel, Ui};

use super::naming::NameField;
use super::room::Scene;
use crate::action::Action;
use crate::model::{Connection, Refused};
use crate::theme::parts;

/// The banners' own field.
#[derive(Debug, Default)]
pub(super) struct Banners {
    /// The field in which another name is offered after a refusal.
    refused: Option<(Refused, NameField)>,
    /// What in a banner had the keyboard when it was drawn last.
    keys: Option<Id>,
}

impl Banners {
    /// Draws them. Gives whether the person was at one of them and is done with it, or it is no more there.
    pub(super) fn show(&mut self, ui: &mut Ui, scene: Scene<'_>, actions: &mut Vec<Action>) -> bool {
        let (keys, before) = (self.keys.take(), actions.len());
        self.draw(ui, scene, actions);
        let is_gone = keys.is_some() && self.keys.is_none() && ui.memory(Memory::focused) == keys;
        actions.len() > before || is_gone
    }

    fn draw(&mut self, ui: &mut Ui, scene: Scene<'_>, actions: &mut Vec<Action>) {
        let frame = parts::banner(ui);
        if let Some(words) = trouble(ui, scene) {
            parts::panel(Panel::top("trouble"), frame).show(ui, |ui| {
                if !matches!(scene.room.connection(), Connection::Offline { .. }) {
                    // In a row their first line would be as high as a button.
                    parts::words(ui, words);
                    return;
                }
                ui.horizontal_wrapped(|ui| {
                    parts::words(ui, words);
                    let again = ui.button("Try now");
                    self.keys = again.has_focus().then_some(again.id);
                    if again.clicked() {
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
            parts::panel(Panel::top("refused"), frame).show(ui, |ui| {
                let Refused { wanted, why, still } = refused;
                parts::words(ui, format!("You cannot be called “{wanted}”: {why}. You are {still} now."));
                ui.horizontal_wrapped(|ui| {
                    if let Some(name) = field.show(ui, "Another name", "Take this name") {
                        actions.push(Action::Rename(name));
                    }
                    let stay = ui.button(format!("Stay {}", refused.still));
                    if stay.clicked() {
                        actions.push(Action::KeepName);
                    }
                    self.keys = field.keys.or(stay.has_focus().then_some(stay.id)).or(self.keys);
                });
                field.complain(ui);
            });
        }
    }
}

/// What takes longer than this is worth a word: a password that is checked, and a server that says nothing.
const CHECKED: Duration = Duration::from_secs(1);
const SILENT: Duration = Duration::from_millis(500);

/// Whether `since` was so long ago; it is drawn again when it is.
fn is_long(ui: &Ui, scene: Scene<'_>, since: Instant, moment: Duration) -> bool {
    let left = moment.saturating_sub(scene.now.saturating_duration_since(since));
    if !left.is_zero() {
        ui.ctx().request_repaint_after(left);
    }
    left.is_zero()
}

/// What is wrong with the connection, if it is more than a moment's wait.
fn trouble(ui: &Ui, scene: Scene<'_>) -> Option<String> {
    let mut words = match scene.room.connection() {
        Connection::Online | Connection::Asking(_) => return None,
        Connection::Connecting { why: None, address, since } => {
            if !since.is_some_and(|since| is_long(ui, scene, since, SILENT)) {
                return None;
            }
            match address {
                Some(address) => format!("Connecting to {address}. It has not answered yet."),
                None => "Connecting. The server has not answered yet.".to_owned(),
            }
        }
        Connection::CheckingPassword { since } => {
            if !is_long(ui, scene, *since, CHECKED) {
                return None;
            }
            "The server is checking the password. Where others have guessed at it, that may take a minute or two."
                .to_owned()
        }
        Connection::Connecting { why: Some(why), address: None, .. } => {
            format!("Not connected: {why}. Trying again now.")
        }
        Connection::Connecting { why: Some(why), address: Some(address), .. } => {
            format!("Not connected: {why}. Trying {address} now.")
        }
        Connection::Offline { why, retry_at } => {
            let left = retry_at.saturating_duration_since(scene.now);
            // Drawn again when the number changes, and no sooner.
            let part = Duration::from_nanos(u64::from(left.subsec_nanos()) + 1);
            ui.ctx().request_repaint_after(part);
            format!("Not connected: {why}. Next attempt in {} s.", left.as_secs() + 1)
        }
    };
    let waiting = scene.room.waiting();
    match waiting {
        0 => {}
        1 => words.push_str(" What you wrote waits and goes out then."),
        count => words.push_str(&format!(" {count} lines that you wrote wait and go out then.")),
    }
    if waiting > 0 && !scene.room.keeps_waiting() {
        words.push_str(" If you leave before, you find it as a draft.");
    }
    Some(words)
}
