//! Many members, and nobody talks: how long it takes until they are in, what each of them keeps of the
//! server's memory, and whether a silent room costs any time. They are in when each has been shown to
//! hear the others.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use chat_tests::bench::figures::median;
use chat_tests::bench::table::number;
use chat_tests::bench::{Bound, Goals, Rival, Rivals, Table};

use crate::cells::plan;
use crate::settings::Settings;

/// What one server was seen to need for one number of members.
#[derive(Debug, Clone, Copy)]
struct Quiet {
    /// Until all are in, in seconds.
    joined: f64,
    /// Bytes resident for each.
    bytes: Option<f64>,
    /// Processor time of the quiet time, in milliseconds.
    busy: Option<f64>,
}

/// All rounds of one server.
type Rounds = Vec<Quiet>;

pub(crate) fn run(rivals: &Rivals, settings: &Settings, goals: &mut Goals) -> anyhow::Result<()> {
    let (most, quiet) = if settings.quick { (2000, 500) } else { (18_000, 5000) };
    let (most, quiet) = (settings.most_members.min(most), Duration::from_millis(quiet));
    println!("\nidle members, then {quiet:?} of silence, {} rounds, medians\n", settings.rounds);
    let mut table = Table::new(&["members", "server", "joined s", "bytes each", "silence: CPU ms"], 2);
    // Few, to see what each costs; many, to see whether it stays that.
    for (members, rounds, quiet) in [(1000, 1, Duration::ZERO), (most, settings.rounds, quiet)] {
        eprintln!("idle: {members} members");
        let servers = measure(rivals, rounds, members, quiet)?;
        for (rival, rounds) in &servers {
            table.row([
                members.to_string(),
                rival.name().to_owned(),
                number(middle(rounds, |one| Some(one.joined))),
                number(middle(rounds, |one| one.bytes)),
                number(middle(rounds, |one| one.busy)),
            ]);
        }
        table.gap();
        if members == most {
            set_goals(&servers, members, quiet, goals);
        }
    }
    print!("{table}");
    Ok(())
}

fn middle(rounds: &[Quiet], figure: impl Fn(&Quiet) -> Option<f64>) -> Option<f64> {
    median(rounds.iter().map(figure).collect::<Option<_>>()?)
}

/// Measures ours and the floor in every round, and the others, who have no goal to compare with, once.
fn measure(
    rivals: &Rivals,
    rounds: usize,
    members: usize,
    quiet: Duration,
) -> anyhow::Result<Vec<(Rival, Rounds)>> {
    let mut servers: Vec<_> = rivals.all().iter().map(|&rival| (rival, Rounds::new())).collect();
    for round in 0..rounds {
        for (rival, figures) in &mut servers {
            if round == 0 || matches!(rival, Rival::ChatServer | Rival::Floor) {
                let quiet = one(rivals, *rival, members, quiet);
                figures.push(quiet.with_context(|| format!("{}, {members} idle members", rival.name()))?);
            }
        }
    }
    Ok(servers)
}

fn one(rivals: &Rivals, rival: Rival, members: usize, quiet: Duration) -> anyhow::Result<Quiet> {
    let running = rivals.start(rival);
    // What a server needs once, and not for each, is there already when these are.
    let _first = running.join(&plan(10, 1, 1))?;
    let before = running.memory();
    let start = Instant::now();
    // One of them is the sender of the mark that all hear.
    let _crowd = running.join(&plan(members - 1, 1, 1))?;
    let joined = start.elapsed().as_secs_f64();
    let bytes = before.zip(running.memory()).map(|(before, after)| (after - before) / members as f64);
    let before = running.busy();
    thread::sleep(quiet);
    let after = running.busy().filter(|_| quiet > Duration::ZERO);
    let busy = before.zip(after).map(|(before, after)| (after - before).as_secs_f64() * 1000.0);
    Ok(Quiet { joined, bytes, busy })
}

fn set_goals(servers: &[(Rival, Rounds)], members: usize, quiet: Duration, goals: &mut Goals) {
    let of = |rival| servers.iter().find(|(other, _)| *other == rival).map(|(_, rounds)| rounds);
    let Some((ours, floor)) = of(Rival::ChatServer).zip(of(Rival::Floor)) else { return };
    let bytes = middle(ours, |one| one.bytes);
    goals.add(format!("idle, {members} members: bytes resident for each"), bytes, Bound::AtMost(2048.0));
    if let Some(sealed) = of(Rival::Sealed) {
        let bytes = middle(sealed, |one| one.bytes);
        let what = format!("idle, {members} members with TLS: bytes resident for each");
        goals.add(what, bytes, Bound::AtMost(25_000.0));
    }
    let longer = median(ours.iter().zip(floor).map(|(ours, floor)| ours.joined - floor.joined).collect());
    goals.add(
        format!("idle, {members} members: seconds to join more than the floor"),
        longer,
        Bound::AtMost(3.0),
    );
    // A silent room is to sleep: what is left is the measuring itself.
    let busy = middle(ours, |one| one.busy);
    let what = format!("idle, {members} members: CPU ms in {quiet:?}");
    goals.add(what, busy, Bound::AtMost(10.0));
}
