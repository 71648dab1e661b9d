//! The table: every server with few and many receivers, senders, and messages on their way.

use std::net::{Ipv4Addr, SocketAddr};

use chat_tests::bench::table::{number, times};
use chat_tests::bench::{Bound, Figures, Goals, Rival, Rivals, Rounds, Table};
use chat_tests::load::{Pace, Plan, Until};

use crate::settings::Settings;

/// Deliveries a second of the Go original with 100 and with 1000 receivers, saturated, as measured on
/// the machine for which the goals were set.
const GO_ORIGINAL: [(usize, f64); 2] = [(100, 0.38e6), (1000, 0.40e6)];

/// One task, and how each server did it.
#[derive(Debug)]
pub(crate) struct Cell {
    pub(crate) receivers: usize,
    pub(crate) senders: usize,
    pub(crate) window: usize,
    pub(crate) servers: Vec<(Rival, Rounds)>,
}

impl Cell {
    pub(crate) fn of(&self, rival: Rival) -> Option<&Rounds> {
        self.servers.iter().find(|(other, _)| *other == rival).map(|(_, rounds)| rounds)
    }

    /// How many times a rival's figure ours is.
    fn ratio<T: Into<Option<f64>>>(&self, rival: Rival, figure: impl Fn(&Figures) -> T) -> Option<f64> {
        self.of(Rival::ChatServer)?.ratio(self.of(rival)?, figure)
    }
}

/// A plan for anywhere: whoever joins with it puts in the address.
pub(crate) fn plan(receivers: usize, senders: usize, window: usize) -> Plan {
    let nowhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    Plan { receivers, senders, pace: Pace::Window(window), ..Plan::at(nowhere) }
}

/// Measures one cell: each round runs every server once.
pub(crate) fn measure(
    rivals: &Rivals,
    settings: &Settings,
    [receivers, senders, window]: [usize; 3],
) -> anyhow::Result<Cell> {
    let plan = plan(receivers, senders, window);
    // Who keeps no common order of many senders does not do the same work, and cannot be checked.
    let able = rivals.all().iter().filter(|rival| senders == 1 || rival.dialect().has_one_order());
    // A thousand handshakes take their time: in a hurry, only what one sender costs is of interest.
    let hurries = settings.quick && (senders > 1 || window == 16);
    let able = able.filter(|rival| !hurries || **rival != Rival::Sealed);
    let mut servers: Vec<_> = able.map(|&rival| (rival, Rounds::default())).collect();
    for _ in 0..settings.rounds {
        for (rival, rounds) in &mut servers {
            let until = Until::Time(settings.talk);
            rounds.0.push(rivals.measure(*rival, &plan, settings.warm_up, until)?);
        }
    }
    Ok(Cell { receivers, senders, window, servers })
}

/// Measures all cells, prints them, and sets goals. With `few`, a room of ten is measured too, alone and
/// saturated, as the picture shows it.
pub(crate) fn run(
    rivals: &Rivals,
    settings: &Settings,
    few: bool,
    goals: &mut Goals,
) -> anyhow::Result<Vec<Cell>> {
    let mut tasks = Vec::new();
    for receivers in [100, 1000] {
        for senders in [1, 50] {
            tasks.extend([1, 16, 1024].map(|window| [receivers, senders, window]));
        }
    }
    if few {
        tasks.extend([1, 1024].map(|window| [10, 1, window]));
    }
    let mut cells = Vec::new();
    for task in tasks {
        let [receivers, senders, window] = task;
        eprintln!("table: {receivers} receivers, {senders} senders, {window} on their way");
        cells.push(measure(rivals, settings, task)?);
    }
    print!("{}", table(&cells));
    for cell in cells.iter().filter(|cell| cell.senders == 1 && cell.receivers >= 100) {
        match cell.window {
            1 => one_in_flight(cell, goals),
            1024 => saturated(cell, goals),
            _ => {}
        }
    }
    Ok(cells)
}

fn table(cells: &[Cell]) -> Table {
    let mut table = Table::new(
        &[
            "receivers",
            "senders",
            "window",
            "server",
            "M deliveries/s",
            "CPU ns each",
            "tool",
            "p50 µs",
            "p99 µs",
            "max µs",
            "ours: rate",
            "CPU",
            "p50",
            "p99",
        ],
        4,
    );
    for cell in cells {
        for (rival, rounds) in &cell.servers {
            let task = [cell.receivers, cell.senders, cell.window].map(|number| number.to_string());
            let latency = [0, 1, 2].map(|which| number(rounds.median(|figures| figures.latency[which])));
            let mut row = task.to_vec();
            row.push(rival.name().to_owned());
            row.push(number(rounds.median(|figures| figures.rate / 1e6)));
            row.push(number(rounds.median(|figures| figures.cpu)));
            row.push(number(rounds.median(|figures| figures.tool)));
            row.extend(latency);
            if *rival != Rival::ChatServer {
                row.push(times(cell.ratio(*rival, |figures| figures.rate)));
                row.push(times(cell.ratio(*rival, |figures| figures.cpu)));
                row.push(times(cell.ratio(*rival, Figures::p50)));
                row.push(times(cell.ratio(*rival, Figures::p99)));
            }
            table.row(row);
        }
        table.gap();
    }
    table
}

fn saturated(cell: &Cell, goals: &mut Goals) {
    let receivers = cell.receivers;
    let mut add = |what: &str, figure, least| {
        let what = format!("saturated, {receivers} receivers: deliveries/s over {what}'s");
        goals.add(what, figure, Bound::AtLeast(least));
    };
    for (rival, least) in [(Rival::Floor, 0.8), (Rival::Redis, 8.0), (Rival::Nats, 8.0)] {
        add(rival.name(), cell.ratio(rival, |figures| figures.rate), least);
    }
    for (_, original) in GO_ORIGINAL.iter().filter(|(size, _)| *size == receivers) {
        let rate = cell.of(Rival::ChatServer).and_then(|ours| ours.median(|figures| figures.rate));
        add("the Go original", rate.map(|rate| rate / original), 80.0);
    }
    // The log costs something; who stores nothing is to be beaten with it, too.
    let mut durable = |rival: Rival, bound| {
        let ratio = cell
            .of(Rival::Durable)
            .zip(cell.of(rival))
            .and_then(|(durable, other)| durable.ratio(other, |figures| figures.rate));
        let what = format!("with a log, {receivers} receivers: deliveries/s over {}'s", rival.name());
        goals.add(what, ratio, bound);
    };
    durable(Rival::ChatServer, Bound::AtLeast(0.4));
    [Rival::Redis, Rival::Nats].into_iter().for_each(|rival| durable(rival, Bound::AtLeast(1.0)));
}

fn one_in_flight(cell: &Cell, goals: &mut Goals) {
    let receivers = cell.receivers;
    let mut add = |what: &str, rival: Rival, figure, bound| {
        let name = rival.name();
        goals.add(format!("one in flight, {receivers} receivers: {what} over {name}'s"), figure, bound);
    };
    let cpu = cell.ratio(Rival::Floor, |figures| figures.cpu);
    add("CPU per delivery", Rival::Floor, cpu, Bound::AtMost(1.25));
    let most = if receivers <= 100 { 1.2 } else { 1.0 };
    add("p50", Rival::Floor, cell.ratio(Rival::Floor, Figures::p50), Bound::AtMost(most));
    for rival in [Rival::Redis, Rival::Nats] {
        add("p50", rival, cell.ratio(rival, Figures::p50), Bound::Below(1.0));
    }
}
