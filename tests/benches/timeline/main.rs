//! How long a frame of the room takes the client, in a list of a thousand messages and in one of a million:
//! at rest, while it is moved, while messages come, while all is laid out anew; and what a message costs in
//! memory. Prints tables and goals. What a graphics card does with a frame is not in it.

mod flood;
mod frames;
mod memory;
mod stage;

use std::process::ExitCode;

use argh::FromArgs;
use chat_tests::bench::Goals;

/// Measures the list of messages.
#[derive(FromArgs)]
struct Flags {
    /// how many frames of each kind (default: 300)
    #[argh(option, arg_name = "n", default = "300")]
    frames: usize,
    /// fill a room with so many messages, tell how much memory that takes, and do nothing else
    #[argh(option, arg_name = "n", hidden_help)]
    child: Option<usize>,
    /// given by cargo, and of no meaning here
    #[argh(switch, hidden_help)]
    #[expect(dead_code, reason = "cargo gives it to every benchmark")]
    bench: bool,
}

fn main() -> ExitCode {
    let flags: Flags = argh::from_env();
    if let Some(count) = flags.child {
        return memory::child(count);
    }
    let mut goals = Goals::default();
    frames::run(flags.frames, &mut goals);
    flood::run(&mut goals);
    if let Err(error) = memory::run(&mut goals) {
        eprintln!("timeline: {error:#}");
        return ExitCode::FAILURE;
    }
    println!("\n{goals}");
    ExitCode::SUCCESS
}
