//! What the client costs while nothing happens, and how long it takes to start: the real program, in a window
//! on a display of its own. On Linux, which says what a process uses.

#[cfg(target_os = "linux")]
fn main() -> anyhow::Result<()> {
    linux::run(&argh::from_env())
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("idle: only Linux says what a process uses");
}

#[cfg(target_os = "linux")]
mod linux {
    use std::process::Command;
    use std::thread;
    use std::time::{Duration, Instant};

    use anyhow::{Context as _, ensure};
    use argh::FromArgs;
    use chat_tests::bench::table::number;
    use chat_tests::bench::{Bound, Goals, Table, busy};
    use chat_tests::desktop::Desktop;
    use chat_tests::{Server, programs};

    /// Once all is drawn, so long until what was started beside the window is done.
    const SETTLE: Duration = Duration::from_secs(5);
    /// Starts of which the median counts.
    const STARTS: usize = 5;

    /// Measures what the client costs while nothing happens, and how long it takes to start.
    #[derive(FromArgs)]
    pub(super) struct Flags {
        /// how long to look at it, in seconds (default: 60)
        #[argh(option, default = "60", arg_name = "n")]
        seconds: u64,
    }

    pub(super) fn run(flags: &Flags) -> anyhow::Result<()> {
        let client = programs::release("chat-client");
        let mut table = Table::new(&["drawn by", "% of a core", "frames", "resident MB", "start ms"], 1);
        let mut goals = Goals::default();
        for renderer in ["wgpu", "glow"] {
            let desktop = Desktop::start([1000, 700]).context("there is no desktop to be had")?;
            let command = |server: &Server| {
                let mut command = Command::new(&client);
                command.arg(server.address().to_string()).args(["--name", "ann", "--renderer", renderer]);
                command.env("RUST_LOG", "warn,chat_client::frame=trace");
                command
            };
            let server = Server::launch(serve(), 1);
            let mut starts = [0.0; STARTS];
            for start in &mut starts {
                *start = desktop.time_to_window("ann", &mut command(&server)).as_secs_f64() * 1e3;
            }
            starts.sort_by(f64::total_cmp);
            let start = starts[STARTS / 2];

            // A room of its own: that those who were there before leave would be news.
            let server = Server::launch(serve(), 1);
            let mut bob = server.member("bob");
            for number in 0..100 {
                bob.send(&format!("SEND the {number}th of some lines for the eye 🎉"));
            }
            bob.fence();
            let window = desktop.open("ann", &mut command(&server));
            window.wait_for("Connected");
            window.wait_for("bob: the 99th");
            window.focus();
            thread::sleep(SETTLE);
            let frames = || window.log().matches("chat_client::frame").count();
            let process = window.process();
            let (begun, before, drawn) = (Instant::now(), used(process)?, frames());
            eprintln!("{renderer}: looks on for {} s", flags.seconds);
            thread::sleep(Duration::from_secs(flags.seconds));
            let share = (used(process)? - before).as_secs_f64() / begun.elapsed().as_secs_f64() * 100.0;
            let drawn = frames() - drawn;
            let resident = resident(process)? / 1e6;
            let figures = [share, drawn as f64, resident, start].map(|figure| number(Some(figure)));
            table.row([renderer.to_owned()].into_iter().chain(figures));
            goals.add(format!("% of a core, {renderer}"), Some(share), Bound::AtMost(0.2));
            goals.add(format!("frames, {renderer}"), Some(drawn as f64), Bound::AtMost(0.0));
        }
        println!("\nidle for {} s, with the keyboard, drawn in software\n\n{table}\n{goals}", flags.seconds);
        Ok(())
    }

    /// A server as people build it, on a free port.
    fn serve() -> Command {
        let mut command = Command::new(programs::release("chat-server"));
        // Without TLS: the window would ask whether it is the right server.
        command.args(["--memory", "--rate", "0", "--tls", "off", "--listen", "127.0.0.1:0"]);
        command
    }

    fn used(process: u32) -> anyhow::Result<Duration> {
        busy(process).context("the process is gone")
    }

    /// The memory of a process that is in use, in bytes.
    fn resident(process: u32) -> anyhow::Result<f64> {
        let pages = std::fs::read_to_string(format!("/proc/{process}/statm"))?;
        let pages = pages.split(' ').nth(1).context("statm has fields")?.parse::<usize>()?;
        ensure!(pages > 0, "the process is gone");
        Ok((pages * rustix::param::page_size()) as f64)
    }
}
