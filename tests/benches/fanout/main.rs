//! How fast `chat-server` hands out what is said, beside the least that it could cost, and beside two
//! servers whose trade it is: all on the same work, in the same minutes, with every byte of every
//! receiver compared. Prints tables and goals; fails only when somebody reads what it should not.

mod cells;
mod idle;
mod plot;
mod polite;
mod scaling;
mod settings;
mod trickle;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::ensure;
use argh::FromArgs;
use chat_tests::bench::{Goals, Rivals};
use chat_tests::load::raise_limit;
use settings::{Scenario, Settings};

/// Measures chat-server beside a floor, redis and nats.
#[derive(FromArgs)]
struct Flags {
    /// one round of short talks: every scenario, in less than a minute
    #[argh(switch)]
    quick: bool,
    /// only this scenario, can be given more than once: table, idle, trickle, polite, scaling
    #[argh(option, arg_name = "scenario")]
    only: Vec<Scenario>,
    /// how often each is measured; the median counts (default: 5)
    #[argh(option, arg_name = "n")]
    rounds: Option<usize>,
    /// how long each talk is, in seconds (default: 1)
    #[argh(option, arg_name = "s")]
    seconds: Option<f64>,
    /// draw throughput and latency into this SVG file (from the folder tests/ on, where cargo runs this)
    #[argh(option, arg_name = "file")]
    plot: Option<PathBuf>,
    /// measure the chat-server at this absolute path, and not the one that is built from here
    #[argh(option, arg_name = "file")]
    server: Option<PathBuf>,
    /// given by cargo, and of no meaning here
    #[argh(switch, hidden_help)]
    #[expect(dead_code, reason = "cargo gives it to every benchmark")]
    bench: bool,
}

fn main() -> ExitCode {
    match run(argh::from_env()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fanout: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(flags: Flags) -> anyhow::Result<()> {
    if cfg!(not(target_os = "linux")) {
        eprintln!("processor time and memory are measured on Linux only: their columns stay blank");
    }
    let settings = Settings::new(flags.quick, flags.rounds, flags.seconds, raise_limit())?;
    let scenarios = if flags.only.is_empty() { Scenario::ALL.to_vec() } else { flags.only };
    ensure!(
        flags.plot.is_none() || scenarios.contains(&Scenario::Table),
        "--plot draws what --only table measures"
    );
    let rivals = Rivals::find(flags.server, env!("CARGO_BIN_EXE_floor").into())?;
    let mut goals = Goals::default();
    for scenario in scenarios {
        match scenario {
            Scenario::Table => {
                let cells = cells::run(&rivals, &settings, flags.plot.is_some(), &mut goals)?;
                if let Some(file) = &flags.plot {
                    plot::draw(&cells, file)?;
                }
            }
            Scenario::Idle => idle::run(&rivals, &settings, &mut goals)?,
            Scenario::Trickle => trickle::run(&rivals, &settings, &mut goals)?,
            Scenario::Polite => polite::run(&rivals, &settings, &mut goals)?,
            Scenario::Scaling => scaling::run(&rivals, &settings, &mut goals)?,
        }
    }
    println!("\n{goals}");
    Ok(())
}
