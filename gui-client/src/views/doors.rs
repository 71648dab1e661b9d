//! What only the person can decide before anything is said to a server: whether it is the right one, whether
//! plain text will do, and the room's password. Knows the questions; asks, and decides nothing.

use egui::{Button, Id, Key, Label, Panel, RichText, TextEdit, Ui};

use crate::action::Action;
use crate::address::Address;
use crate::invite::Fingerprint;
use crate::link::{Answer, Question, Secret};
use crate::theme::{code, parts, space};

/// The banner that asks, and the field in it.
#[derive(Debug, Default)]
pub(super) struct Doors {
    /// What was asked when this was drawn last.
    asked: Option<Question>,
    password: Secret,
    remember: bool,
    /// The field has yet to get the keyboard: what is typed next shall not be said to a room.
    wants_focus: bool,
}

impl Doors {
    /// Draws the question, if there is one. Gives whether there was one and is no more: then the person goes on
    /// with something else.
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        question: Option<&Question>,
        actions: &mut Vec<Action>,
    ) -> bool {
        let is_done = self.asked.is_some() && question.is_none();
        if self.asked.as_ref() != question {
            self.asked = question.cloned();
            self.password = Secret::default();
            self.wants_focus = matches!(question, Some(Question::Password { .. }));
        }
        let Some(question) = question else { return is_done };
        let frame = parts::banner(ui);
        parts::panel(Panel::top("question"), frame).show(ui, |ui| {
            actions.extend(match question {
                Question::Unknown { address, fingerprint, why } => unknown(ui, address, *fingerprint, why),
                Question::Changed { address, known, shown, why } => changed(ui, address, *known, *shown, why),
                Question::Broken { address, promised, shown, what } => {
                    broken(ui, address, *promised, *shown, what)
                }
                Question::PlainText { address } => plain_text(ui, address),
                Question::NoAnswer { address } => no_answer(ui, address),
                Question::Password { address, wrong, in_plain_text } => {
                    self.ask_password(ui, address, wrong.as_deref(), *in_plain_text)
                }
            });
        });
        false
    }

    fn ask_password(
        &mut self,
        ui: &mut Ui,
        address: &Address,
        wrong: Option<&str>,
        in_plain_text: bool,
    ) -> Option<Action> {
        parts::words(ui, format!("The room at {address} has a password."));
        if let Some(words) = wrong {
            parts::alarm(ui, format!("That was not it: {words}."));
        }
        if in_plain_text {
            parts::alarm(
                ui,
                "The server speaks plain text only: everybody on the way there can read the password.",
            );
        }
        let mut action = None;
        ui.horizontal_wrapped(|ui| {
            let field = TextEdit::singleline(&mut self.password.0)
                .id(Id::unique("password"))
                .password(true)
                .margin(parts::field_margin())
                .desired_width(space::FIELD);
            let field = ui.add(field).accessible_name("Password");
            if self.wants_focus {
                // What is drawn later may want it too; it has come here once it is still here the next time. Asked
                // of the memory: a response says no for as long as the window is in the background, and to ask
                // in each frame makes the next one, for ever, and lets nothing else have the keyboard.
                self.wants_focus = !ui.memory(|memory| memory.has_focus(field.id));
                if self.wants_focus {
                    field.request_focus();
                }
            }
            let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            if !in_plain_text {
                parts::checkbox(ui, &mut self.remember, "Remember it");
            }
            let words = if in_plain_text { "Say it in plain text" } else { "Enter" };
            let clicked = ui.add_enabled(!self.password.0.trim().is_empty(), Button::new(words)).clicked();
            // Where all can read it, a key that many press without a thought is not enough.
            if clicked || entered && !in_plain_text && !self.password.0.trim().is_empty() {
                let remember = self.remember && !in_plain_text;
                let password = std::mem::take(&mut self.password);
                action = Some(Action::Answer(Answer::Password { password, remember }));
            }
            if leave(ui) {
                action = Some(Action::Leave);
            }
        });
        action
    }
}

fn unknown(ui: &mut Ui, address: &Address, fingerprint: Fingerprint, why: &str) -> Option<Action> {
    parts::words(
        ui,
        format!(
            "Is this the right server? The certificate that {address} shows {why}. Compare its fingerprint with the one that the room’s owner tells you:"
        ),
    );
    print(ui, fingerprint);
    let mut action = None;
    ui.horizontal_wrapped(|ui| {
        if ui.button("Trust this server").clicked() {
            action = Some(Action::Answer(Answer::Trust(fingerprint)));
        }
        if leave(ui) {
            action = Some(Action::Leave);
        }
    });
    action
}

fn changed(
    ui: &mut Ui,
    address: &Address,
    known: Option<Fingerprint>,
    shown: Fingerprint,
    why: &str,
) -> Option<Action> {
    parts::alarm(ui, format!("{address} shows another certificate than the one by which it is known."));
    parts::words(
        ui,
        format!(
            "Somebody may stand in between and read along; or the server has a new certificate. It {why}. Ask the room’s owner before you go on."
        ),
    );
    match known {
        Some(known) => {
            parts::quiet(ui, "Known by");
            print(ui, known);
        }
        None => {
            parts::quiet(ui, "Until now, somebody whom this computer trusts has vouched for it.");
        }
    }
    parts::quiet(ui, "Shows now");
    print(ui, shown);
    trust_it(ui, "Trust the new certificate", shown)
}

fn broken(
    ui: &mut Ui,
    address: &Address,
    promised: Fingerprint,
    shown: Fingerprint,
    what: &str,
) -> Option<Action> {
    parts::alarm(ui, format!("{address} shows another certificate than your invite says."));
    parts::words(
        ui,
        format!(
            "Somebody may stand in between and read along; or the invite is old, or from somebody who wants to mislead you. The certificate that it shows {what}. Ask the room’s owner before you go on."
        ),
    );
    parts::quiet(ui, "The invite says");
    print(ui, promised);
    parts::quiet(ui, "The server shows");
    print(ui, shown);
    trust_it(ui, "Trust what the server shows", shown)
}

/// The way out, and the way on.
fn trust_it(ui: &mut Ui, words: &str, shown: Fingerprint) -> Option<Action> {
    let mut action = None;
    ui.horizontal_wrapped(|ui| {
        if leave(ui) {
            action = Some(Action::Leave);
        }
        if parts::grave(ui, words).clicked() {
            action = Some(Action::Answer(Answer::Trust(shown)));
        }
    });
    action
}

fn plain_text(ui: &mut Ui, address: &Address) -> Option<Action> {
    parts::alarm(ui, format!("{address} speaks plain text, and is known to have a certificate."));
    parts::words(ui, format!("Somebody may stand in between who wants to read along. {EVERYBODY}"));
    plain_or_again(ui)
}

fn no_answer(ui: &mut Ui, address: &Address) -> Option<Action> {
    parts::alarm(ui, format!("{address} does not answer in TLS, which keeps what is said from others."));
    parts::words(
        ui,
        format!("It may be slow just now, or an old server that knows only plain text. {EVERYBODY}"),
    );
    plain_or_again(ui)
}

/// What it means.
const EVERYBODY: &str =
    "In plain text, everybody on the way can read what you say, and can pretend to be the server.";

fn plain_or_again(ui: &mut Ui) -> Option<Action> {
    let mut action = None;
    ui.horizontal_wrapped(|ui| {
        if ui.button("Try again").clicked() {
            action = Some(Action::RetryNow);
        }
        if leave(ui) {
            action = Some(Action::Leave);
        }
        if parts::grave(ui, "Speak in plain text").clicked() {
            action = Some(Action::Answer(Answer::PlainText));
        }
    });
    action
}

/// A fingerprint, such that eyes can compare it.
fn print(ui: &mut Ui, fingerprint: Fingerprint) {
    let label = ui.add(Label::new(RichText::new(fingerprint.in_groups()).font(code())).wrap());
    label.accessible_name(format!("Fingerprint {fingerprint}"));
}

fn leave(ui: &mut Ui) -> bool {
    ui.button("Leave").accessible_name("Leave, and say nothing").clicked()
}

#[cfg(test)]
mod tests {
    use egui::{Context, Event, Modifiers, RawInput};

    use super::*;
    use crate::theme::fonts;

    /// A window in the background, as far as doors go, and beside them a field that wants the keyboard at first.
    struct Window {
        ctx: Context,
        doors: Doors,
        other: (String, bool),
    }

    impl Window {
        fn new() -> Self {
            let ctx = Context::default();
            fonts::install(&ctx);
            Self { ctx, doors: Doors::default(), other: (String::new(), true) }
        }

        /// Draws a frame. Gives whether somebody has asked for the keyboard.
        fn draw(&mut self, question: Option<&Question>, events: Vec<Event>) -> bool {
            let input = RawInput { focused: false, events, ..RawInput::default() };
            let (doors, (text, wants_focus)) = (&mut self.doors, &mut self.other);
            let mut asked = false;
            let mut drawn = self.ctx.run_ui(input, |ui| {
                doors.show(ui, question, &mut Vec::new());
                let field = ui.add(TextEdit::singleline(text).id(Id::unique("other")));
                if std::mem::take(wants_focus) {
                    field.request_focus();
                }
                asked |= doors.wants_focus;
            });
            drawn.textures_delta.clear();
            asked
        }

        fn typed(&mut self, question: &Question, text: &str) -> &str {
            self.draw(Some(question), vec![Event::Text(text.to_owned())]);
            &self.doors.password.0
        }
    }

    #[test]
    fn the_password_gets_the_keyboard_once_for_each_question_in_the_background_too() {
        let question = |wrong: Option<&str>| Question::Password {
            address: Address::local(1),
            wrong: wrong.map(str::to_owned),
            in_plain_text: false,
        };
        let mut window = Window::new();
        for question in [question(Some("no")), question(Some("no, not that either"))] {
            let asks = (0..10).filter(|_| window.draw(Some(&question), Vec::new())).count();
            assert!((1..=2).contains(&asks), "{asks} frames");
            assert_eq!(window.typed(&question, "sesame"), "sesame");
            // It may go elsewhere, and stay there.
            window.ctx.memory_mut(|memory| memory.request_focus(Id::unique("other")));
            assert!(!window.draw(Some(&question), Vec::new()));
            assert_eq!(window.typed(&question, "!"), "sesame");
            let tab = Event::Key {
                key: Key::Tab,
                physical_key: None,
                pressed: true,
                repeat: false,
                modifiers: Modifiers::SHIFT,
            };
            window.draw(Some(&question), vec![tab]);
            assert!(!window.draw(Some(&question), Vec::new()));
        }
        assert_eq!(window.other.0, "!!");
    }
}
