//! What members who hardly read cost the others. Texts are a kilobyte here, and much is said first, as
//! fast as it goes: then what the system keeps for those members is full, and it is the server that has
//! to live with them.

use std::time::Duration;

use chat_tests::bench::table::{number, times};
use chat_tests::bench::{Bound, Figures, Goals, Rival, Rivals, Rounds, Table};
use chat_tests::load::{Pace, Plan, Until};

use crate::cells::plan;
use crate::settings::Settings;

const RECEIVERS: usize = 1000;
const SLOW: usize = 10;
const SIZE: usize = 1000;

/// Messages on their way while what the system keeps is filled.
const FLOOD: usize = 256;

pub(crate) fn run(rivals: &Rivals, settings: &Settings, goals: &mut Goals) -> anyhow::Result<()> {
    let rounds = settings.rounds;
    println!(
        "\n{RECEIVERS} receivers, {SIZE}-byte texts, with and without {SLOW} slow members, {rounds} rounds\n"
    );
    let mut table = Table::new(
        &[
            "pace",
            "slow",
            "M deliveries/s",
            "CPU ns each",
            "p50 µs",
            "p99 µs",
            "came back",
            "KiB behind",
            "p50",
            "p99",
        ],
        1,
    );
    for (name, pace) in [("16 on their way", Pace::Window(16)), ("100 a second", Pace::Rate(100.0))] {
        eprintln!("trickle: {name}");
        let [mut without, mut with] = [Rounds::default(), Rounds::default()];
        for _ in 0..settings.rounds {
            without.0.push(one(rivals, settings, pace, 0)?);
            with.0.push(one(rivals, settings, pace, SLOW)?);
        }
        for (slow, rounds) in [(0, &without), (SLOW, &with)] {
            let figures = [
                rounds.median(|figures| figures.rate / 1e6),
                rounds.median(|figures| figures.cpu),
                rounds.median(Figures::p50),
                rounds.median(Figures::p99),
                rounds.median(|figures| figures.rejoined),
                rounds.median(|figures| figures.behind),
            ];
            let mut row = vec![name.to_owned(), slow.to_string()];
            row.extend(figures.map(number));
            if slow > 0 {
                row.extend(
                    [with.ratio(&without, Figures::p50), with.ratio(&without, Figures::p99)].map(times),
                );
            }
            table.row(row);
        }
        let what = format!("trickle, {name}: the others' p99 with slow members over without");
        goals.add(what, with.ratio(&without, Figures::p99), Bound::AtMost(1.2));
    }
    print!("{table}");
    Ok(())
}

fn one(rivals: &Rivals, settings: &Settings, pace: Pace, slow: usize) -> anyhow::Result<Figures> {
    let running = rivals.start(Rival::ChatServer);
    let mut crowd = running.join(&Plan { size: SIZE, slow, ..plan(RECEIVERS, 1, FLOOD) })?;
    let fill = Duration::from_millis(if settings.quick { 500 } else { 1500 });
    crowd.talk(Until::Time(fill))?;
    crowd.set_pace(pace)?;
    running.measure(&mut crowd, Until::Time(settings.talk))
}
