//! How the person likes the program, brought about: theme, size, density, hours; at the start and with each
//! change. Sizes that are changed with egui's own keys are taken up. Knows egui's options, and no view.

use egui::{ThemePreference, Vec2};

use super::ChatApp;
use crate::clock::Clock;
use crate::settings::{Edit, Hours, Pref, Prefs, ThemeChoice, Zoom};
use crate::theme::{self, space};

impl ChatApp {
    /// Remembers what the person likes, and does it.
    pub(super) fn prefer(&mut self, pref: Pref) {
        self.memory.edit(Edit::Pref(pref));
        let prefs = self.memory.settings().prefs;
        apply(&self.ctx, pref);
        self.clock = clock(&self.options.clock, prefs.clock);
        self.ctx.request_repaint();
    }

    /// Remembers a size that was set with egui's keys, within our bounds.
    pub(super) fn follow_zoom(&mut self) {
        let factor = self.ctx.zoom_factor();
        let is_new = std::mem::replace(&mut self.zoom_seen, factor) != factor;
        // What we set ourselves is egui's only a frame later; until then nothing has changed. After that, the
        // same may be set with a key.
        let is_ours = is_new && self.zoom_set.take() == Some(factor);
        if is_new && !is_ours {
            let zoom = Zoom::of_factor(factor);
            if zoom != self.memory.settings().prefs.zoom {
                self.prefer(Pref::Zoom(zoom));
            }
        }
        let wanted = self.memory.settings().prefs.zoom.factor();
        let set = fitting(wanted, self.ctx.content_rect().size() * factor);
        if set != factor {
            self.zoom_set = Some(set);
            self.ctx.set_zoom_factor(set);
        }
    }
}

/// Does at the start what the person likes.
pub(super) fn begin(ctx: &egui::Context, prefs: &Prefs) {
    apply(ctx, Pref::Density(prefs.density));
    apply(ctx, Pref::Zoom(prefs.zoom));
    // egui follows the system unless it is told otherwise, and it may have been told by then.
    if prefs.theme != ThemeChoice::System {
        apply(ctx, Pref::Theme(prefs.theme));
    }
}

/// The zoom that a window of this size, in points without any zoom, has room for: what is wanted, unless too
/// little would be seen of everything then.
fn fitting(wanted: f32, window: Vec2) -> f32 {
    let most = (window.min_elem() / space::SMALLEST).max(1.0);
    // Whole per cents, as everywhere: a window that is being resized does not change it with each point.
    wanted.min((most * 100.0).floor() / 100.0)
}

/// The clock that the person likes, where the system has this one.
pub(super) fn clock(system: &Clock, hours: Hours) -> Clock {
    match hours {
        Hours::System => system.clone(),
        Hours::H24 => system.with_hours(false),
        Hours::H12 => system.with_hours(true),
    }
}

/// Tells egui what has changed.
fn apply(ctx: &egui::Context, changed: Pref) {
    match changed {
        Pref::Theme(theme) => ctx.set_theme(match theme {
            ThemeChoice::System => ThemePreference::System,
            ThemeChoice::Light => ThemePreference::Light,
            ThemeChoice::Dark => ThemePreference::Dark,
        }),
        Pref::Zoom(zoom) => ctx.set_zoom_factor(zoom.factor()),
        Pref::Density(density) => theme::install(ctx, density),
        // These are looked up when they matter.
        Pref::Clock(_) | Pref::Notify(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Density;
    use egui::Theme;

    #[test]
    fn what_is_liked_is_done_at_the_start() {
        let ctx = egui::Context::default();
        ctx.set_theme(Theme::Light);
        begin(&ctx, &Prefs::default());
        assert_eq!(ctx.theme(), Theme::Light, "what somebody else has set stays unless it is not liked");
        let roomy = ctx.style_of(Theme::Dark).spacing.interact_size;
        let prefs = Prefs { theme: ThemeChoice::Dark, density: Density::Compact, ..Prefs::default() };
        begin(&ctx, &prefs);
        assert_eq!(ctx.theme(), Theme::Dark);
        for theme in [Theme::Dark, Theme::Light] {
            assert!(ctx.style_of(theme).spacing.interact_size.y < roomy.y);
        }
    }

    #[test]
    fn nobody_zooms_so_far_that_nothing_can_be_done_any_more() {
        for (wanted, window, expected) in [
            (1.0, [900.0, 680.0], 1.0),
            (2.0, [900.0, 680.0], 2.0),
            (2.0, [360.0, 900.0], 1.05),
            (2.0, [560.0, 560.0], 1.64),
            (0.5, [360.0, 360.0], 0.5),
            (1.5, [100.0, 100.0], 1.0),
        ] {
            assert_eq!(fitting(wanted, window.into()), expected, "{wanted} in {window:?}");
        }
    }

    #[test]
    fn a_clock_has_the_hours_that_are_liked() {
        for system in [Clock::default(), Clock::default().with_hours(true)] {
            assert_eq!(clock(&system, Hours::System), system);
            assert_eq!(clock(&system, Hours::H24), Clock::default());
            assert_eq!(clock(&system, Hours::H12), Clock::default().with_hours(true));
        }
    }
}
