//! How the program starts: what the flags say, and what tests turn. Knows no part of the program but
//! what it is handed on to.

use std::path::PathBuf;

use async_channel::Sender;

use crate::attention::Notice;
use crate::book::Book;
use crate::clock::Clock;
use crate::net::{Pauses, Trust, Waits};

/// How the program starts.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The settings file; `None` remembers nothing.
    pub settings: Option<PathBuf>,
    /// Where what waits to be sent in each room is kept; `None` keeps nothing.
    pub kept: Option<PathBuf>,
    /// A room to enter at once, as it was typed.
    pub address: Option<String>,
    /// The name to enter it under, as it was typed; else the one used last.
    pub name: Option<String>,
    /// The pauses between attempts to connect.
    pub pauses: Pauses,
    /// How long a server may be silent.
    pub waits: Waits,
    /// How servers are recognised: what is known of them, and who vouches for them. Without it one speaks in
    /// plain text, and to everybody.
    pub guard: Option<(Book, Trust)>,
    /// Where hosted rooms keep what is said, each in a folder of its own; `None` is in memory.
    pub rooms: Option<PathBuf>,
    /// The port that a hosted room prefers; `None` is the usual one.
    pub host_port: Option<u16>,
    /// What the clock on this computer looks like.
    pub clock: Clock,
    /// Who calls the person when the window is not looked at; without it nobody does.
    pub notices: Option<Sender<Notice>>,
}
