//! Each state beside the picture that is kept of it, in light and dark, at once and twice the size. With
//! `UPDATE_SNAPSHOTS=1` the pictures are made anew; look at each before it is kept.
//!
//! They are compared on Linux only, where they were drawn: other systems' drivers round otherwise.

#![cfg(target_os = "linux")]

use egui::{Color32, Rect, Theme, Ui, Vec2, pos2};
use egui_kittest::{SnapshotError, SnapshotOptions, SnapshotResults, try_image_snapshot_options};

use crate::stages::{STATES, Stage, named};

/// Where the pictures are kept, beside the tests.
const FOLDER: &str = "snapshots";

#[test]
fn every_state_looks_as_it_did() {
    let mut results = SnapshotResults::new();
    let options = SnapshotOptions::new().output_path(FOLDER);
    for state in &STATES {
        let mut harness = state.paint(|ui, stage| stage.draw(ui));
        for (theme, theme_name) in [(Theme::Dark, "dark"), (Theme::Light, "light")] {
            harness.ctx.set_theme(theme);
            for scale in [1.0, 2.0] {
                harness.set_pixels_per_point(scale);
                harness.run();
                let name = format!("{}-{theme_name}-{}", state.name, scale * 100.0);
                results.add(harness.try_snapshot_options(name, &options));
            }
        }
    }
    results.unwrap();
}

/// Compares what `draw` makes of the talk with the picture that is kept of it, in a copy of the folder.
fn compare(draw: impl FnMut(&mut Ui, &mut Stage) + 'static) -> Result<(), SnapshotError> {
    let name = "talk-dark-100";
    let folder = tempfile::tempdir().unwrap();
    let file = format!("{name}.png");
    std::fs::copy(format!("{FOLDER}/{file}"), folder.path().join(&file)).expect("the picture is kept");
    let mut harness = named("talk").paint(draw);
    harness.ctx.set_theme(Theme::Dark);
    harness.run();
    let image = harness.render().expect("a picture can be drawn");
    try_image_snapshot_options(&image, name, &SnapshotOptions::new().output_path(folder.path()))
}

#[test]
fn a_view_that_is_a_little_broken_is_found() {
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        // Whatever is compared would be right.
        return;
    }
    let differs = |what: &str, result| assert!(matches!(result, Err(SnapshotError::Diff { .. })), "{what}");
    compare(|ui, stage| stage.draw(ui)).expect("the view is not broken");
    // A pixel further down.
    let lower = |ui: &mut Ui, stage: &mut Stage| {
        ui.add_space(1.0);
        stage.draw(ui);
    };
    differs("a pixel lower", compare(lower));
    // Something small is covered.
    let spot = Rect::from_min_size(pos2(120.0, 300.0), Vec2::splat(6.0));
    let spotted = move |ui: &mut Ui, stage: &mut Stage| {
        stage.draw(ui);
        ui.ctx().debug_painter().rect_filled(spot, 0.0, Color32::GRAY);
    };
    differs("a spot", compare(spotted));
    // All colours a shade off.
    let tinted = |ui: &mut Ui, stage: &mut Stage| {
        stage.draw(ui);
        let all = ui.ctx().content_rect();
        ui.ctx().debug_painter().rect_filled(all, 0.0, Color32::from_white_alpha(16));
    };
    differs("a shade off", compare(tinted));
}
