//! Asks before a link is followed, and shows where it truly leads. Knows one link; opens nothing itself.

use egui::{Context, Frame, Id, Label, Modal, RichText, ScrollArea, Ui};

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
    /// It is to be asked no more.
    answered: bool,
}

impl LinkView {
    /// The question about a link that was written so. There is none about what cannot be opened.
    /// The keyboard goes back to `before` in the end.
    pub fn of(written: &str, before: Option<Id>) -> Option<Self> {
        Some(Self { target: Target::of(written)?, before, focused: false, answered: false })
    }

    /// Draws it over everything else. [`Action::LeaveLink`] comes last, a frame after it was answered.
    pub fn show(&mut self, ctx: &Context) -> Vec<Action> {
        if self.answered {
            // Only now: what is below a question gets no keyboard while that is drawn.
            if let Some(before) = self.before {
                ctx.memory_mut(|memory| memory.request_focus(before));
            }
            return vec![Action::LeaveLink];
        }
        let frame = Frame::popup(&ctx.global_style()).inner_margin(space::L);
        let shown = Modal::new(Id::unique("link")).frame(frame).show(ctx, |ui| {
            ui.set_width(space::CARD.min(ctx.content_rect().width() - 4.0 * space::L));
            self.ask(ui)
        });
        self.answered |= shown.should_close();
        if self.answered {
            ctx.request_repaint();
        }
        shown.inner
    }

    fn ask(&mut self, ui: &mut Ui) -> Vec<Action> {
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
        let mut actions = Vec::new();
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
                self.focused = cancel.has_focus();
            }
            self.answered = cancel.clicked() || !actions.is_empty();
        });
        actions
    }
}
