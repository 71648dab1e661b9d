//! The load generator by itself, for any running server: brings members in, lets them talk, checks that
//! everybody reads the same, and says how fast it went.

use std::io::IsTerminal as _;
use std::net::ToSocketAddrs as _;
use std::ops::RangeInclusive;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use argh::FromArgs;
use chat_tests::load::{Crowd, Dialect, Outcome, Pace, Plan, Progress, Until, raise_limit};
use hdrhistogram::Histogram;

/// How long a talk can be: from a millisecond to a month.
const SECONDS: RangeInclusive<f64> = 0.001..=2_600_000.0;

/// Puts load on a chat server and checks what it delivers: every byte that every receiver reads.
#[derive(FromArgs)]
struct Flags {
    /// where the server listens (start chat-server with --rate 0)
    #[argh(positional)]
    address: String,
    /// what the server speaks: chat (default), redis or nats
    #[argh(option, default = "Dialect::Chat", arg_name = "language")]
    speaks: Dialect,
    /// speak TLS, whatever certificate the server shows
    #[argh(switch)]
    tls: bool,
    /// members who only listen (default: 100)
    #[argh(option, default = "100", arg_name = "n")]
    receivers: usize,
    /// members who talk, in turn (default: 1)
    #[argh(option, default = "1", arg_name = "n")]
    senders: usize,
    /// messages that may be on their way at a time (default: 1024)
    #[argh(option, default = "1024", arg_name = "n")]
    window: usize,
    /// instead of a window: messages a second, on a timer; one that cannot be said in time counts from
    /// when it should have been
    #[argh(option, arg_name = "n")]
    rate: Option<f64>,
    /// one more sender, who says so many messages a second whatever the others do; its latency is told
    /// apart
    #[argh(option, default = "0.0", arg_name = "n")]
    polite: f64,
    /// members a second who come, read for a second, and go
    #[argh(option, default = "0.0", arg_name = "n")]
    churn: f64,
    /// more members, who read at a trickle and come back when the server lets them go
    #[argh(option, default = "0", arg_name = "n")]
    slow: usize,
    /// bytes of a message's text (default: 64)
    #[argh(option, default = "64", arg_name = "bytes")]
    size: usize,
    /// for how long, in seconds (default: 5)
    #[argh(option, default = "5.0", arg_name = "s")]
    seconds: f64,
}

fn main() -> ExitCode {
    match run(&argh::from_env()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("load: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(flags: &Flags) -> anyhow::Result<()> {
    ensure!(SECONDS.contains(&flags.seconds), "--seconds must be {} to {}", SECONDS.start(), SECONDS.end());
    let seconds = Duration::from_secs_f64(flags.seconds);
    let mut addresses = flags.address.to_socket_addrs().context("give the address as HOST:PORT")?;
    let address = addresses.next().context("the host has no address")?;
    let plan = Plan {
        dialect: flags.speaks,
        tls: flags.tls,
        receivers: flags.receivers,
        senders: flags.senders,
        pace: flags.rate.map_or(Pace::Window(flags.window), Pace::Rate),
        size: flags.size,
        polite: flags.polite,
        churn: flags.churn,
        slow: flags.slow,
        ..Plan::at(address)
    };
    plan.check()?;
    raise_limit();
    let start = Instant::now();
    let mut crowd = Crowd::join(plan)?;
    eprintln!("{} members are in after {:.2} s", crowd.members(), start.elapsed().as_secs_f64());
    let outcome = crowd.talk_and_tell(Until::Time(seconds), show)?;
    if std::io::stderr().is_terminal() {
        eprintln!();
    }
    ensure!(outcome.messages > 0, "nothing was said in that time, so nothing could be compared");
    sum_up(flags, &outcome);
    Ok(())
}

/// One line a second; on a terminal always the same one.
fn show(progress: Progress) {
    let Progress { elapsed, deliveries, members, in_flight } = progress;
    let seconds = elapsed.as_secs_f64();
    let (begin, end) = if std::io::stderr().is_terminal() { ("\r", "\x1b[K") } else { ("", "\n") };
    eprint!(
        "{begin}{seconds:6.1} s  {:8.3} M deliveries/s  {members} members  {in_flight} in flight{end}",
        deliveries as f64 / seconds / 1e6
    );
}

fn sum_up(flags: &Flags, outcome: &Outcome) {
    let row = |what: &str, figure: String| println!("{what:<26}{figure:>16}");
    let latency = |who: &str, of: &Histogram<u64>| {
        for (which, quantile) in [("p50", 0.5), ("p99", 0.99), ("max", 1.0)] {
            let micros = of.value_at_quantile(quantile) as f64 / 1000.0;
            row(&format!("{who} {which}, µs"), format!("{micros:.1}"));
        }
    };
    row("messages", outcome.messages.to_string());
    row("deliveries", outcome.deliveries.to_string());
    row("seconds", format!("{:.3}", outcome.elapsed.as_secs_f64()));
    row("deliveries/s", format!("{:.0}", outcome.rate()));
    latency("latency", &outcome.latency);
    if flags.polite > 0.0 {
        latency("polite", &outcome.polite);
        latency("polite wait", &outcome.wait);
        row("messages before it, p50", outcome.before.value_at_quantile(0.5).to_string());
    }
    if flags.churn > 0.0 {
        row("came and went", outcome.passing.came.to_string());
        row("of these heard something", outcome.passing.heard.to_string());
    }
    if flags.slow > 0 {
        row("slow members came back", outcome.passing.rejoined.to_string());
        row("they were behind, KiB", (outcome.passing.behind >> 10).to_string());
    }
    println!("all heard the same");
}
