//! Asks before a link is followed, and shows where it truly leads. Knows one link; opens nothing itself.

use egui::{Context, Frame, Id, Key, Label, Modal, RichText, ScrollArea, Ui};

use crate::action::Action;
use crate::text::links::Target;
use crate::theme::{code, parts, space, text};

/// The question whether to follow a link.
#[derive(Debug)]
pub struct LinkView {
    target: Target,
    /// What had the keyboard before, to give it back.
    before: Option<Id>,
    /// The keyboard has come here.
    focused: bool,
    /// When it was first drawn, on egui's clock.
    since: Option<f64>,
}

/// Who clicks a link twice means it once: a click beside the question closes it only after so many seconds.
const SECOND_CLICK: f64 = 0.5;

impl LinkView {
    /// The question about a link that was written so. There is none about what cannot be opened.
    /// The keyboard is to go back to `before` in the end.
    pub fn of(written: &str, before: Option<Id>) -> Option<Self> {
        Some(Self { target: Target::of(written)?, before, focused: false, since: None })
    }

    /// It was answered. Gives what had the keyboard before, and is to get it back.
    pub fn close(self) -> Option<Id> {
        self.before
    }

    /// Draws it over everything else. [`Action::LeaveLink`] comes last, once it is answered.
    pub fn show(&mut self, ctx: &Context) -> Vec<Action> {
        let frame = Frame::popup(&ctx.global_style()).inner_margin(space::L);
        let shown = Modal::new(Id::unique("link")).frame(frame).show(ctx, |ui| {
            ui.set_width(space::CARD.min(ctx.content_rect().width() - 4.0 * space::L));
            self.ask(ui)
        });
        let now = ctx.input(|input| input.time);
        let is_late = now - *self.since.get_or_insert(now) > SECOND_CLICK;
        let escaped = ctx.input(|input| input.key_pressed(Key::Escape));
        let closes = shown.should_close() && (is_late || escaped);
        let (mut actions, answered) = shown.inner;
        if answered || closes {
            actions.push(Action::LeaveLink);
        }
        actions
    }

    /// What is to be done, and whether that was all.
    fn ask(&mut self, ui: &mut Ui) -> (Vec<Action>, bool) {
        let address = self.target.address();
        parts::quiet(ui, "Open this address outside of Oneroom?");
        ui.add(Label::new(RichText::new(self.target.host()).size(text::HEADING)).wrap());
        ScrollArea::vertical().max_height(space::ADDRESS).show(ui, |ui| {
            ui.add(Label::new(RichText::new(address).font(code())).wrap());
        });
        if let Some(caution) = self.target.caution() {
            parts::alarm(ui, caution);
        }
        ui.add_space(space::S);
        let (mut actions, mut cancelled) = (Vec::new(), false);
        ui.horizontal_wrapped(|ui| {
            if parts::primary_button(ui, "Open").clicked() {
                actions.push(Action::OpenLink(address.to_owned()));
            }
            if ui.button("Copy").clicked() {
                actions.push(Action::Copy(address.to_owned()));
            }
            let cancel = ui.button("Cancel");
            if !self.focused {
                // The way out is what a key pressed too soon should find. Nothing has the keyboard in the
                // frame in which its size is found.
                cancel.request_focus();
                // Of the memory: a response says no for as long as the window is in the background.
                self.focused = ui.memory(|memory| memory.has_focus(cancel.id));
            }
            cancelled = cancel.clicked();
        });
        let answered = cancelled || !actions.is_empty();
        (actions, answered)
    }
}
