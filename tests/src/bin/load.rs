//! The load generator by itself, for any running server: brings members in, lets them talk, checks that
//! everybody reads the same, and says how fast it went.

use std::net::ToSocketAddrs as _;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use argh::FromArgs;
use chat_tests::load::{Crowd, Dialect, Plan};

/// Puts load on a chat server and checks what it delivers.
#[derive(FromArgs)]
struct Flags {
    /// where the server listens (start it with --rate 0)
    #[argh(positional)]
    address: String,
    /// what the server speaks: chat (default), redis or nats
    #[argh(option, default = "Dialect::Chat", arg_name = "language")]
    speaks: Dialect,
    /// members who only listen (default: 100)
    #[argh(option, default = "100", arg_name = "n")]
    receivers: usize,
    /// members who talk (default: 1)
    #[argh(option, default = "1", arg_name = "n")]
    senders: usize,
    /// messages that may be on their way at a time (default: 1024)
    #[argh(option, default = "1024", arg_name = "n")]
    window: usize,
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
    let seconds = Duration::try_from_secs_f64(flags.seconds).context("--seconds must be a time")?;
    let mut addresses = flags.address.to_socket_addrs().context("give the address as HOST:PORT")?;
    let plan = Plan {
        address: addresses.next().context("the host has no address")?,
        dialect: flags.speaks,
        receivers: flags.receivers,
        senders: flags.senders,
        window: flags.window,
        size: flags.size,
    };
    let mut crowd = Crowd::join(plan)?;
    eprintln!("{} members are in", flags.receivers + flags.senders);
    let outcome = crowd.talk(seconds)?;
    let micros = |quantile| outcome.latency.value_at_quantile(quantile) as f64 / 1000.0;
    println!(
        "{} messages, {} deliveries in {:.2} s: {:.3} million a second; all heard the same",
        outcome.messages,
        outcome.deliveries,
        outcome.elapsed.as_secs_f64(),
        outcome.rate() / 1e6
    );
    println!("latency in µs: median {:.1}, 99 % {:.1}, most {:.1}", micros(0.5), micros(0.99), micros(1.0));
    Ok(())
}
