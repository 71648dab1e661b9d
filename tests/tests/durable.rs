//! Black-box tests of the program `chat-server` and its log: what was said stays said, once and in one
//! order, across crashes, cut lines and full disks; and what members that have opted in may count on. They
//! know DESIGN's promises, and of the log what its file looks like to another program.
//!
//! The long runs, each with a seed that it prints and that can be given to it:
//!
//! ```text
//! CRASH_ROUNDS=200 cargo test -p chat-tests --test durable crash -- --nocapture
//! CUTS=1000 cargo test -p chat-tests --test durable cut -- --nocapture
//! cargo test --release -p chat-tests --test durable storm -- --nocapture --include-ignored
//! ```

#[path = "durable/after.rs"]
mod after;
#[path = "durable/check.rs"]
mod check;
#[path = "durable/crash.rs"]
mod crash;
#[path = "durable/crowd.rs"]
mod crowd;
#[path = "durable/cut.rs"]
mod cut;
#[cfg(target_os = "linux")]
#[path = "durable/disk_full.rs"]
mod disk_full;
#[path = "durable/history.rs"]
mod history;
#[path = "durable/mixed.rs"]
mod mixed;
#[path = "durable/presence.rs"]
mod presence;
#[path = "durable/refusals.rs"]
mod refusals;
#[path = "durable/sessions.rs"]
mod sessions;
#[path = "durable/storm.rs"]
mod storm;
