//! One who says little among many who say all they can: whether it is heard as soon as they are, and how
//! long its messages wait before the first receiver has them. Who speaks while a batch is handed out waits
//! for its end, and for nothing else: so that must be no longer than one batch takes.

use chat_tests::bench::table::{number, times};
use chat_tests::bench::{Bound, Figures, Goals, Rival, Rivals, Rounds, Table};
use chat_tests::load::{Plan, Until};

use crate::cells::plan;
use crate::settings::Settings;

const RECEIVERS: usize = 1000;
const FLOODING: usize = 49;
const WINDOW: usize = 1024;

/// Messages a second of the one.
const POLITE: f64 = 50.0;

/// The deliveries of one batch: it has at most as many messages as are on their way. That is 80 KB, which
/// is less than what chat-server takes together.
const BATCH: f64 = (WINDOW * (RECEIVERS + FLOODING)) as f64;

pub(crate) fn run(rivals: &Rivals, settings: &Settings, goals: &mut Goals) -> anyhow::Result<()> {
    println!(
        "\n{RECEIVERS} receivers, {FLOODING} flooding senders and a polite one, {} rounds, medians\n",
        settings.rounds
    );
    eprintln!("polite");
    let mut table = Table::new(
        &[
            "server",
            "M deliveries/s",
            "flood p50 µs",
            "p99 µs",
            "max µs",
            "polite p50 µs",
            "p99 µs",
            "max µs",
            "p99/p99",
            "waits p50 µs",
            "p99 µs",
            "batch µs",
            "p99/batch",
        ],
        1,
    );
    for rival in [Rival::ChatServer, Rival::Floor] {
        let mut polite = Rounds::default();
        for _ in 0..settings.rounds {
            let (warm_up, until) = (settings.warm_up, Until::Time(settings.talk));
            let flood = plan(RECEIVERS, FLOODING, WINDOW);
            polite.0.push(rivals.measure(rival, &Plan { polite: POLITE, ..flood }, warm_up, until)?);
        }
        let batch = |figures: &Figures| BATCH / figures.rate * 1e6;
        let [wait_p50, wait] = [0, 1].map(|which| polite.median(|figures: &Figures| figures.wait[which]));
        let over_batch = polite.median(|figures| figures.wait[1] / batch(figures));
        let over_flood = polite.median(|figures| figures.polite[1] / figures.p99());
        let mut row = vec![rival.name().to_owned(), number(polite.median(|figures| figures.rate / 1e6))];
        row.extend([0, 1, 2].map(|which| number(polite.median(|figures: &Figures| figures.latency[which]))));
        row.extend([0, 1, 2].map(|which| number(polite.median(|figures: &Figures| figures.polite[which]))));
        row.push(times(over_flood));
        row.extend([wait_p50, wait, polite.median(batch)].map(number));
        row.push(times(over_batch));
        table.row(row);
        if rival == Rival::ChatServer {
            let what = "polite: p99 of who says little over p99 of those who flood";
            goals.add(what, over_flood, Bound::AtMost(1.0));
            let what = "polite: p99 of the wait of who says little over the time of one batch";
            goals.add(what, over_batch, Bound::AtMost(1.0));
        }
    }
    print!("{table}");
    Ok(())
}
