//! One chat room over TCP. [`bind`] the sockets, then [`serve`] the room on them until told to stop;
//! the program `chat-server` is flags and signals around these two.
//!
//! # Map, bottom-up
//!
//! | module | what it does |
//! |---|---|
//! | `batch` | many lines for many members as one shared piece of memory |
//! | `room` | who is here under which name; turns requests into batches. Knows no socket |
//! | `quota` | how many may come in, and how fast one may speak |
//! | `intake` | bytes of one member to requests. Knows no socket |
//! | `sequencer` | one task that puts everything in order and hands each batch to every member |
//! | `session` | one task per member: reads its socket, writes its socket |
//! | `listener` | binds, accepts, turns away |
//!
//! # How a message travels
//!
//! A session reads what its socket has, turns whole lines into requests and sends these to the
//! sequencer's inbox (bounded: a member that sends faster than the room takes is read more slowly).
//! The sequencer takes everything that waits there, lets the room write it once into a batch, and puts
//! a reference to that batch into each member's `async-channel`. Each session drains its own channel
//! into its socket. So the cost of a message falls as load rises, and a lone one still leaves at once.
//!
//! # Invariants
//!
//! - One order: only the sequencer writes batches, and each channel keeps their order.
//! - The sequencer never awaits a member. What waits for one is counted in bytes, and past
//!   [`Config::queue`] the member is disconnected, which is to drop its task.
//! - The room knows no socket, the session knows no other session; they meet in the inbox only.
//! - Nothing a member sends allocates more than one read and one line of it.
//! - The log never holds what people say.

mod batch;
mod intake;
mod listener;
mod quota;
mod room;
mod sequencer;
mod session;

use std::net::TcpListener;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use std::{future::Future, io};

use smol::{Async, Executor};

pub use listener::bind;

/// What waiting members may still get once the server stops.
const DRAIN: Duration = Duration::from_secs(5);

/// How many requests may wait for the sequencer. Each holds at most what one read gave (64 KiB).
const INBOX: usize = 256;

/// What a room allows. [`Config::default`] is what `chat-server` starts with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Send members their own messages too. The Go client shows its own lines only so.
    pub echo: bool,
    /// Bytes that may wait for one member before it is disconnected. One batch always may.
    pub queue: usize,
    /// Lines per second that one member may send (five times that in a burst); 0 is no limit.
    pub rate: u32,
    /// Members at the same time.
    pub max_clients: usize,
    /// Connections at the same time from one address (IPv6: one /64). Loopback is exempt.
    pub max_per_ip: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self { echo: false, queue: 1 << 20, rate: 10, max_clients: 10_000, max_per_ip: 256 }
    }
}

/// Serves one room on `listeners` until `shutdown` resolves, then drains: nobody new comes in, what was
/// said is delivered, every member is told and let go, within five seconds.
///
/// Blocks the calling thread, and uses as many threads as the machine has cores. Fails only when it
/// cannot start: when a listener cannot be made non-blocking, or no thread can be had.
pub fn serve(
    listeners: Vec<TcpListener>,
    config: Config,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let listeners = listeners.into_iter().map(Async::new).collect::<io::Result<Vec<_>>>()?;
    let executor = Arc::new(Executor::new());
    let cores = thread::available_parallelism().map_or(1, usize::from);
    // Closed by drop, also when a thread cannot be had: then the ones that run already end too.
    let (running, stopped) = async_channel::bounded::<()>(1);
    thread::scope(|scope| {
        let running = running;
        for core in 1..cores {
            let (executor, stopped) = (Arc::clone(&executor), stopped.clone());
            let worker = move || {
                // The end comes as an error: nothing is ever sent.
                let _ = smol::block_on(executor.run(stopped.recv()));
            };
            thread::Builder::new().name(format!("room-{core}")).spawn_scoped(scope, worker)?;
        }
        smol::block_on(executor.run(host(&executor, listeners, config, shutdown)));
        drop(running);
        Ok(())
    })
}

/// The life of a room: open the doors, wait for the end, close them, let everybody out.
async fn host(
    executor: &Arc<Executor<'static>>,
    listeners: Vec<Async<TcpListener>>,
    config: Config,
    shutdown: impl Future<Output = ()>,
) {
    let (inbox, requests) = async_channel::bounded(INBOX);
    let sequencer = executor.spawn(sequencer::run(Arc::clone(executor), requests.clone(), config.clone()));
    let door = Arc::new(listener::Door::new(Arc::clone(executor), inbox, &config));
    let doors: Vec<_> = listeners
        .into_iter()
        .map(|listener| executor.spawn(listener::accept(listener, Arc::clone(&door))))
        .collect();
    shutdown.await;
    for door in doors {
        door.cancel().await;
    }
    // What is in the inbox by now is still delivered; what would come later is not taken any more.
    requests.close();
    sequencer.await;
}
