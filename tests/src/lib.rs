//! The harness for tests that run the real programs on real sockets. Knows the programs from outside
//! only: their flags, what they print, and the wire.
//!
//! # Map
//!
//! | module | what it holds |
//! |---|---|
//! | [`programs`] | builds the workspace's programs, once, and says where they are |
//! | [`server`] | [`Server`]: a running `chat-server`, its log, its end |
//! | [`client`] | [`Client`]: a line client with deadlines and fences |
//! | `desktop` | a private display with windows that are typed into and read (Linux) |
//!
//! # Invariants
//!
//! - Every wait has a deadline, and says what it waited for when it passes.
//! - Nothing sleeps to give something time: a test waits on an event, most often on a fence.

pub mod client;
#[cfg(target_os = "linux")]
pub mod desktop;
pub mod programs;
pub mod server;

pub use client::Client;
pub use server::Server;

use std::time::Duration;

/// How long anything may take that takes no time on an idle machine.
pub const DEADLINE: Duration = Duration::from_secs(30);
