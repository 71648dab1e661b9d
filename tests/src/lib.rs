//! The harness for tests that run the real programs on real sockets. Knows the programs from outside
//! only: their flags, what they print, and the wire.
//!
//! # Map
//!
//! | module | what it holds |
//! |---|---|
//! | [`programs`] | builds the workspace's programs, once, and says where they are |
//! | [`server`] | [`Server`]: a running `chat-server`, its log, its end |
//! | [`place`] | [`Place`]: a log's folder and an address, for one server after the other |
//! | [`client`] | [`Client`]: a line client with deadlines and fences |
//! | [`full`] | clients that have opted in: one led by the test, one that stays and checks what it is told |
//! | [`seal`] | TLS, with whoever answers |
//! | [`proxy`] | [`Proxy`]: a bad line, which cuts, holds back and takes apart |
//! | [`load`] | the load generator, which checks what it counts |
//! | [`mod@bench`] | rivals, figures and goals of the benchmark `fanout` |
//! | `desktop` | a private display with windows that are typed into and read (Linux) |
//!
//! # Invariants
//!
//! - Every wait has a deadline, and says what it waited for when it passes.
//! - Nothing sleeps to give something time: a test waits on an event, most often on a fence.

pub mod bench;
pub mod client;
#[cfg(target_os = "linux")]
pub mod desktop;
pub mod full;
pub mod load;
pub mod place;
pub mod programs;
pub mod proxy;
pub mod seal;
pub mod server;

pub use client::Client;
pub use place::Place;
pub use proxy::Proxy;
pub use server::Server;

use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take that takes no time on an idle machine.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// Asks until there is an answer: for what has no event to wait on. `None` after [`DEADLINE`].
pub fn until<T>(mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + DEADLINE;
    loop {
        match ask() {
            Some(answer) => return Some(answer),
            None if Instant::now() > end => return None,
            None => thread::sleep(Duration::from_millis(5)),
        }
    }
}

/// Lets this process have as many files open as the system allows, where that can be set.
pub fn allow_many_files() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
        // Where it is refused, who needs more will say so.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    }
}

/// Whether a program can be found.
pub fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).exists())
}

/// Says that a test is skipped, and why.
///
/// # Panics
///
/// With `ONEROOM_NO_SKIP` in the environment, for where every test must run.
pub fn skip(why: &str) {
    assert!(std::env::var_os("ONEROOM_NO_SKIP").is_none(), "must not be skipped: {why}");
    eprintln!("skipped: {why}");
}
