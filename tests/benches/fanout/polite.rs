//! One who says little among many who say all they can: whether it is heard as soon as they are, and how
//! long its messages wait before the first receiver has them. Who speaks while a batch is handed out waits
//! for its end, and for nothing else: so that must be no longer than one batch takes.
//!
//! Two floods. In the small one fewer messages are on their way than fill a batch, so who says little
//! waits for one batch whatever the server does; there it is compared with those who flood. In the real
//! one there is enough for dozens of batches, and the wait tells whether the server lets it by. That has
//! to be in front of the server then, and not behind it in what receivers have not read: so there are few
//! receivers, whom this process can read faster than the server hands out; and where that was not so, the
//! goal was not measured.

use chat_tests::bench::table::{number, times};
use chat_tests::bench::{Bound, Figures, Goals, Rival, Rivals, Rounds, Table};
use chat_tests::load::{Plan, Until};

use crate::cells::plan;
use crate::settings::Settings;

const FLOODING: usize = 49;

/// Bytes that chat-server takes together at most.
const BATCH: usize = 128 * 1024;

/// Bytes of a line: the command, a name of four letters, the text and its end.
const LINE: usize = "MESSAGE s000 ".len() + SIZE + 1;
const SIZE: usize = 64;

/// One flood.
struct Flood {
    receivers: usize,
    /// Messages on their way.
    window: usize,
    /// Messages a second of the one who says little.
    polite: f64,
    /// The messages of one batch.
    batch: usize,
}

const SMALL: Flood = Flood { receivers: 1000, window: 1024, polite: 50.0, batch: 1024 };
const REAL: Flood = Flood { receivers: 20, window: 50_000, polite: 200.0, batch: BATCH / LINE };

/// The batches that must stand before a message at least, for the real flood to have been one.
const DEEP: f64 = 4.0;

impl Flood {
    fn plan(&self) -> Plan {
        Plan { polite: self.polite, size: SIZE, ..plan(self.receivers, FLOODING, self.window) }
    }

    /// How long one batch takes at the measured rate, in microseconds.
    fn batch_time(&self, figures: &Figures) -> f64 {
        // Each message goes to all receivers, and to all senders but its own.
        (self.batch * (self.receivers + FLOODING)) as f64 / figures.rate * 1e6
    }

    /// The batches that stood before the messages of the one who says little.
    fn depth(&self, figures: &Figures) -> f64 {
        figures.before / self.batch as f64
    }
}

pub(crate) fn run(rivals: &Rivals, settings: &Settings, goals: &mut Goals) -> anyhow::Result<()> {
    println!("\n{FLOODING} flooding senders and a polite one, {} rounds, medians\n", settings.rounds);
    let mut table = Table::new(
        &[
            "server",
            "receivers",
            "window",
            "M deliveries/s",
            "flood p50 µs",
            "p99 µs",
            "max µs",
            "polite p50 µs",
            "p99 µs",
            "max µs",
            "p99/p99",
            "batches before",
            "waits p50 µs",
            "p99 µs",
            "batch µs",
            "p99/batch",
        ],
        1,
    );
    // All that is on its way may wait for one member: when this process is held up for a moment, nobody is
    // to be disconnected. Batches are as large as with the usual queue.
    let rivals = rivals.with_queue(2 * REAL.window * LINE);
    for flood in [SMALL, REAL] {
        eprintln!("polite: {} on their way", flood.window);
        for rival in [Rival::ChatServer, Rival::Floor] {
            let mut rounds = Rounds::default();
            for _ in 0..settings.rounds {
                let until = Until::Time(settings.talk);
                rounds.0.push(rivals.measure(rival, &flood.plan(), settings.warm_up, until)?);
            }
            table.row(row(rival, &flood, &rounds));
            if rival == Rival::ChatServer {
                set_goal(&flood, &rounds, goals);
            }
        }
    }
    print!("{table}");
    Ok(())
}

fn over_flood(figures: &Figures) -> f64 {
    figures.polite[1] / figures.p99()
}

fn row(rival: Rival, flood: &Flood, rounds: &Rounds) -> Vec<String> {
    let mut row = vec![rival.name().to_owned(), flood.receivers.to_string(), flood.window.to_string()];
    row.push(number(rounds.median(|figures| figures.rate / 1e6)));
    row.extend([0, 1, 2].map(|which| number(rounds.median(|figures| figures.latency[which]))));
    row.extend([0, 1, 2].map(|which| number(rounds.median(|figures| figures.polite[which]))));
    row.push(times(rounds.median(over_flood)));
    row.push(number(rounds.median(|figures| flood.depth(figures))));
    row.extend([0, 1].map(|which| number(rounds.median(|figures| figures.wait[which]))));
    row.push(number(rounds.median(|figures| flood.batch_time(figures))));
    row.push(times(rounds.median(|figures| figures.wait[1] / flood.batch_time(figures))));
    row
}

fn set_goal(flood: &Flood, rounds: &Rounds, goals: &mut Goals) {
    if flood.window < BATCH / LINE {
        let what = "polite: p99 of who says little over p99 of those who flood";
        goals.add(what, rounds.median(over_flood), Bound::AtMost(1.0));
    } else {
        let what = "polite: p99 of the wait of who says little behind a real flood, over one batch's time";
        let deep = rounds.median(|figures| flood.depth(figures)).is_some_and(|depth| depth >= DEEP);
        let over_batch = rounds.median(|figures| figures.wait[1] / flood.batch_time(figures));
        goals.add(what, over_batch.filter(|_| deep), Bound::AtMost(1.0));
    }
}
