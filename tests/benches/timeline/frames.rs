//! How long a frame takes, in a short list and in a long one: at rest, while it is moved, and while all of it
//! is laid out anew.

use std::time::Duration;

use chat_client::model::MAX_ENTRIES;
use chat_tests::bench::table::{number, times};
use chat_tests::bench::{Bound, Goals, Table};
use egui::{Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, TouchPhase, vec2};

use crate::stage::{Stage, WINDOW};

/// A list that is short, for comparison.
const FEW: usize = 1000;

/// How often something is done, and what it is called.
const SITUATIONS: [(&str, Situation); 7] = [
    ("at the newest", Situation::Newest),
    ("in the middle", Situation::Middle),
    ("wheel, 3 points", Situation::Wheel),
    ("page up", Situation::Page),
    ("window 1 pixel wider", Situation::Resize),
    ("zoom 1.0 to 1.1 and back", Situation::Zoom),
    ("with a screen reader", Situation::Read),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Situation {
    Newest,
    Middle,
    Wheel,
    Page,
    Resize,
    Zoom,
    Read,
}

/// Times of frames, in milliseconds.
pub(crate) struct Times(Vec<f64>);

impl Times {
    pub(crate) fn new(frames: impl IntoIterator<Item = Duration>) -> Self {
        let mut times: Vec<_> = frames.into_iter().map(|frame| frame.as_secs_f64() * 1e3).collect();
        times.sort_by(f64::total_cmp);
        Self(times)
    }

    /// What this share of the frames does not pass.
    pub(crate) fn quantile(&self, share: f64) -> Option<f64> {
        let last = self.0.len().checked_sub(1)?;
        self.0.get((last as f64 * share).round() as usize).copied()
    }

    pub(crate) fn cells(&self) -> [String; 3] {
        [0.5, 0.99, 1.0].map(|share| number(self.quantile(share)))
    }
}

pub(crate) fn run(frames: usize, goals: &mut Goals) {
    println!("\nframes, {frames} of each, in milliseconds\n");
    let mut table =
        Table::new(&["situation", "messages", "median", "p99", "max", "median over that of few"], 1);
    let [few, many] = [FEW, MAX_ENTRIES].map(|count| {
        eprintln!("frames: {count} messages");
        let mut stage = Stage::new(count);
        SITUATIONS.map(|(_, situation)| measure(&mut stage, situation, frames))
    });
    for (((what, situation), few), many) in SITUATIONS.iter().zip(&few).zip(&many) {
        let ratio = few.quantile(0.5).zip(many.quantile(0.5)).map(|(few, many)| many / few);
        for (count, measured, ratio) in [(FEW, few, None), (MAX_ENTRIES, many, Some(times(ratio)))] {
            let cells = [vec![(*what).to_owned(), count.to_string()], measured.cells().to_vec()].concat();
            table.row(cells.into_iter().chain(ratio));
        }
        table.gap();
        let long = format!("{what}, {MAX_ENTRIES} messages");
        match situation {
            Situation::Newest | Situation::Middle | Situation::Wheel | Situation::Read => {
                goals.add(format!("{long}: frame, median, ms"), many.quantile(0.5), Bound::AtMost(2.0));
                goals.add(format!("{long}: median over that of {FEW}"), ratio, Bound::AtMost(1.2));
            }
            Situation::Page | Situation::Resize | Situation::Zoom => {
                goals.add(format!("{long}: longest frame, ms"), many.quantile(1.0), Bound::Below(16.0));
            }
        }
    }
    print!("{table}");
}

fn measure(stage: &mut Stage, situation: Situation, frames: usize) -> Times {
    if situation == Situation::Middle {
        stage.go_to_the_middle();
    }
    if situation == Situation::Read {
        stage.ctx.enable_accesskit();
        stage.frame(Vec::new());
    }
    let before = stage.shown();
    let zoom = stage.ctx.zoom_factor();
    let wheel = Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: vec2(0.0, 3.0),
        phase: TouchPhase::Move,
        source: MouseWheelSource::Trackpad,
        modifiers: Modifiers::NONE,
    };
    let page = Event::Key {
        key: Key::PageUp,
        physical_key: None,
        pressed: true,
        repeat: false,
        modifiers: Modifiers::NONE,
    };
    let times = Times::new((0..frames).map(|frame| {
        let events = match situation {
            Situation::Wheel => vec![wheel.clone()],
            // Never so often that the short list ends.
            Situation::Page if frame % 10 == 9 => {
                stage.go_to_the_middle();
                vec![page.clone()]
            }
            Situation::Page => vec![page.clone()],
            _ => Vec::new(),
        };
        match situation {
            // So narrow that the width of the messages follows.
            Situation::Resize => stage.set_width(800.0 - (frame % 200) as f32),
            Situation::Zoom => {
                stage.ctx.set_zoom_factor(if frame % 2 == 0 { zoom * 1.1 } else { zoom });
                // It is this zoom from the next frame on.
                let first = stage.frame(Vec::new());
                return first.max(stage.frame(events));
            }
            _ => {}
        }
        stage.frame(events)
    }));
    stage.ctx.set_zoom_factor(zoom);
    stage.set_width(WINDOW.x);
    let moves = matches!(situation, Situation::Wheel | Situation::Page);
    assert!((stage.shown() != before) == moves, "{situation:?}: what is in sight");
    times
}
