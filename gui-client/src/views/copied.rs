//! The word that something was copied, which is said for a moment above the end of the messages. Knows the time
//! that it is handed, and nothing of what was copied.

use std::time::{Duration, Instant};

use egui::{Align2, Area, Id, Order, Pos2, Rect, Ui, accesskit};

use crate::theme::{parts, space};

/// How long it is said.
const SAID_FOR: Duration = Duration::from_secs(2);

/// Until when it is said, if it is.
#[derive(Debug, Default)]
pub(super) struct Copied {
    until: Option<Instant>,
}

impl Copied {
    /// Something is being copied.
    pub(super) fn begin(&mut self, now: Instant) {
        self.until = Some(now + SAID_FOR);
    }

    /// Draws it at the lower edge of `place`, for as long as it is said, and asks for the frame that takes it
    /// away.
    pub(super) fn show(&mut self, ui: &Ui, place: Rect, now: Instant) {
        let Some(left) = self.until.map(|until| until.saturating_duration_since(now)) else { return };
        if left.is_zero() {
            self.until = None;
            return;
        }
        ui.ctx().request_repaint_after(left);
        // What leads to the newest message stands at the edge itself.
        let at = Pos2::new(place.center().x, place.bottom() - space::M - space::CONTROL - space::S);
        let area = Area::new(Id::unique("copied")).order(Order::Tooltip).interactable(false);
        area.fade_in(false).fixed_pos(at).pivot(Align2::CENTER_BOTTOM).show(ui.ctx(), |ui| {
            parts::tip(ui).show(ui, |ui| {
                let words = parts::quiet(ui, "Copied");
                ui.ctx().accesskit_node_builder(words.id, |node| node.set_live(accesskit::Live::Polite));
            });
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_for_a_moment_and_then_nothing_is_drawn_any_more() {
        let ctx = egui::Context::default();
        let (begun, mut copied) = (Instant::now(), Copied::default());
        copied.begin(begun);
        let mut asked = |after: Duration| {
            let mut output = ctx.run_ui(egui::RawInput::default(), |ui| {
                copied.show(ui, ui.max_rect(), begun + after);
            });
            output.textures_delta.clear();
            (output.viewport_output[&egui::ViewportId::ROOT].repaint_delay, copied.until.is_some())
        };
        // egui looks at what is new a few times before it rests.
        let settled = (0..4).map(|_| asked(Duration::ZERO)).find(|(delay, _)| !delay.is_zero());
        assert_eq!(settled, Some((SAID_FOR, true)));
        let half = SAID_FOR / 2;
        assert_eq!(asked(half), (half, true));
        assert_eq!(asked(SAID_FOR), (Duration::MAX, false));
    }
}
