//! Frames while messages come: ten thousand in a second at the end of the list, and a page before its
//! beginning. What the network's thread does with them, on a core of its own, is not in it.

use chat_client::link::News;
use chat_client::model::MAX_ENTRIES;
use chat_tests::bench::{Bound, Goals, Table};

use std::time::Instant;

use crate::frames::Times;
use crate::stage::{Stage, apply};

/// So many in a second.
const FLOOD: usize = 10_000;
/// So many frames in a second.
const FRAMES: usize = 60;
/// The most that one page of older messages holds, as the wire has it.
const PAGE: usize = 500;
/// How many pages.
const PAGES: usize = 20;

pub(crate) fn run(goals: &mut Goals) {
    println!(
        "\nframes with what came since the one before, {MAX_ENTRIES} messages and more, in milliseconds\n"
    );
    let mut table = Table::new(&["what comes", "where the eye is", "median", "p99", "max"], 2);
    eprintln!("flood: {MAX_ENTRIES} messages");
    let mut stage = Stage::new(MAX_ENTRIES - 2 * PAGE * PAGES);
    for (place, in_the_middle) in [("at the newest", false), ("in the middle", true)] {
        if in_the_middle {
            stage.go_to_the_middle();
        }
        let pages = (0..PAGES).map(|_| {
            let page = stage.older_messages(PAGE);
            one(&mut stage, page)
        });
        let pages = Times::new(pages.collect::<Vec<_>>());
        let what = format!("{PAGE} older messages");
        let longest = pages.quantile(1.0);
        goals.add(format!("{what}, {place}: longest frame, ms"), longest, Bound::Below(16.0));
        table.row([vec![what, place.to_owned()], pages.cells().to_vec()].concat());
    }
    assert_eq!(stage.room.timeline().len(), MAX_ENTRIES);
    for (place, in_the_middle) in [("in the middle", true), ("at the newest", false)] {
        if !in_the_middle {
            stage.go_to_the_end();
        }
        let batches: Vec<_> = (0..FRAMES)
            .map(|frame| stage.next_messages((frame + 1) * FLOOD / FRAMES - frame * FLOOD / FRAMES))
            .collect();
        let frames = Times::new(batches.into_iter().map(|batch| one(&mut stage, batch)).collect::<Vec<_>>());
        let what = format!("{FLOOD} messages in {FRAMES} frames");
        let longest = frames.quantile(1.0);
        goals.add(format!("{what}, {place}: longest frame, ms"), longest, Bound::Below(8.0));
        table.row([vec![what, place.to_owned()], frames.cells().to_vec()].concat());
    }
    print!("{table}");
}

/// A frame with the news that came since the one before.
fn one(stage: &mut Stage, news: News) -> std::time::Duration {
    let begun = Instant::now();
    apply(&mut stage.room, news);
    let applied = begun.elapsed();
    applied + stage.frame(Vec::new())
}
