//! One chat room over TCP. Open its log with [`Store::open`], [`bind`] the sockets, then [`serve`] the room
//! on them until told to stop; the program `chat-server` is flags and signals around these three.
//!
//! # Map, bottom-up
//!
//! | module | what it does |
//! |---|---|
//! | `log` | what was said, on disk or in memory. Knows no member, no socket and no wire |
//! | `keys` | hashes the keys of names, and checks them, on a thread of its own |
//! | `batch` | many lines for many members as one shared piece of memory, in two languages |
//! | `quota` | how many may come in, and how often |
//! | `bans` | which addresses may not |
//! | `allowance` | how fast one may speak, take names and ask |
//! | `tls` | the room's certificate: given or made, kept, and taken up again when it changes |
//! | `gate` | how long the records of TLS may be that a stranger sends |
//! | `wire` | one connection's bytes, in plain text or sealed |
//! | `password` | the room's password, and what wrong ones cost |
//! | `intake` | bytes of one member to requests, in the language that it speaks. Knows no socket |
//! | `wish` | what somebody wants that takes a while |
//! | `inbox` | what reaches the sequencer |
//! | `pages` | a large batch as memory that all sockets share |
//! | `connection` | one member's wire, and what waits to be written to it |
//! | `session` | one task per member, which reads its socket |
//! | `turns` | whose turn it is to be given a page of the past |
//! | `history` | looks up the past for one member, a page at a time |
//! | `room` | who is here under which name, and what happens; writes what each gets to read of it. Pure |
//! | `shard` | one core's share of the members: writes each batch to all of them |
//! | `ledger` | has messages stored, and lives with a log that takes none |
//! | `gathering` | what will be the next batch, and how much of it is anybody's |
//! | `sequencer` | one task that puts everything in order and hands each batch to every shard |
//! | `question` | what somebody says who has yet to give the password |
//! | `porch` | whether somebody speaks TLS, the handshake, and the password |
//! | `listener` | binds, accepts, turns away |
//! | `entrance` | the thread on which all that happens |
//! | `fuzz` | a room without sockets, for the fuzz targets |
//!
//! # How somebody comes in
//!
//! One thread is for those who are not in yet. It accepts them, finds each a seat, looks at the first byte,
//! which tells TLS from plain text, shakes hands, and has the password said. Each of these has its time and
//! its bounds, and a storm of them keeps nobody waiting who is in. Only then is the connection handed to the
//! sequencer, which knows nothing of all that.
//!
//! # How a message travels
//!
//! A session reads what its socket has, turns whole lines into requests and puts these, a piece at a time,
//! into the sequencer's inbox; the next piece only when that one was taken, or, where many speak, when it
//! is on its way, and then each has its part of a batch: a member that sends faster than the room takes is
//! read more slowly, and nobody else waits for it.
//! The sequencer takes everything that waits there and lets the room make a turn of it: ids, names, who
//! has come and gone. The turn's messages are stored, all in one commit, while the next turn gathers and
//! the one before is handed out. Only then does the herald write them, once for each language, into a
//! batch; a reference to it goes into each shard's `async-channel`. The shard writes it straight to every
//! member's socket; on Linux, a large one is not copied for each. What a socket does not take goes into
//! that member's own channel, and what comes after it too, until a writer of its own has drained it. So
//! the cost of a message falls as load rises, a lone one still leaves at once, and one batch costs each
//! core one wake and each member one write.
//!
//! # How a member catches up
//!
//! What it asks of the past is looked up by a task of its own, off everybody else's way, up to the newest
//! message of the moment in which it asked. Back in the sequencer, where nothing moves meanwhile, it is
//! given what was said since, and from the very next message on it hears what is said live.
//!
//! # Invariants
//!
//! - One order: only the herald writes batches, and each channel keeps their order.
//! - Nobody is shown a message, and none is acknowledged, before it is in the log. Of one that could not be
//!   stored, nothing remains but its author's notice.
//! - Neither sequencer nor shard ever awaits a member. What waits for one is counted in bytes, and past
//!   [`Config::queue`] the member is disconnected, which is to drop it from its shard.
//! - The room knows no socket, the session knows no other session; they meet in the inbox only.
//! - Nothing a member sends allocates more than one piece, the rest of one read, and one line of it.
//! - A member that is silent and keeps up costs a task, a socket and a name, but no buffer and no channel.
//! - A name that belongs to somebody is borne by nobody without its key, and becomes somebody's only once that
//!   is in the log. So is what an admin does that is to last: first stored, then done and told.
//! - What goes to stderr never holds what people say, nor their sessions and keys.

mod allowance;
mod bans;
mod batch;
mod connection;
mod entrance;
#[doc(hidden)]
pub mod fuzz;
mod gate;
mod gathering;
mod history;
mod inbox;
mod intake;
mod keys;
mod ledger;
mod listener;
mod log;
mod pages;
mod password;
mod porch;
mod question;
mod quota;
mod room;
mod sequencer;
mod session;
mod shard;
mod tls;
mod turns;
mod wire;
mod wish;

use std::net::TcpListener;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::thread;
use std::time::{Duration, Instant};
use std::{future::Future, io};

use chat_shared::{Name, RoomId};
use futures_lite::future;
use smol::{Async, LocalExecutor};

use crate::bans::Bans;
use crate::entrance::Entrance;
use crate::inbox::Ration;
use crate::keys::Keys;
use crate::ledger::Ledger;
use crate::log::{Log, Opened, Pen};
use crate::room::{Herald, Room};
use crate::sequencer::Affairs;
use crate::shard::{Ending, Surroundings};

pub use listener::bind;
pub use log::{Keep, OpenError, Storage};
pub use password::{NoPassword, Password};
pub use tls::{CertificateError, Certificates, Tls};

/// What waiting members may still get once the server stops.
const DRAIN: Duration = Duration::from_secs(5);

/// What a room allows. [`Config::default`] is what `chat-server` starts with.
#[derive(Debug, Clone)]
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
    /// Who may come in how. In plain text only, unless there is a certificate.
    pub tls: Tls,
    /// What everybody has to say before anything of the room is shown.
    pub password: Option<Password>,
    /// Whoever has the key of one of these names, and bears it, is an admin: may send others out.
    pub admins: Vec<Name>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            echo: false,
            queue: 1 << 20,
            rate: 10,
            max_clients: 10_000,
            max_per_ip: 256,
            tls: Tls::Off,
            password: None,
            admins: Vec::new(),
        }
    }
}

/// A room's log, opened.
#[derive(Debug)]
pub struct Store {
    log: Log,
    keep: Keep,
    opened: Opened,
    /// Where it is, on disk.
    folder: Option<PathBuf>,
}

impl Store {
    /// Opens a room's log, or makes an empty one where there is none. What has become too old meanwhile is
    /// not shown any more.
    ///
    /// Blocks: for half a second at most with a log of up to 256 MiB, whose messages are looked through, and
    /// hardly at all with a larger one; as long again when much is too old; longer after a crash, when there
    /// is much to be put in order, and once where an older server has been: about as long as it takes to read
    /// the file.
    ///
    /// # Errors
    /// When the folder cannot be used, or another server has it, and when what is there is not the log of
    /// a chat-server of this version or an older one, or is damaged. Then nothing has been changed.
    pub fn open(storage: Storage, keep: Keep) -> Result<Self, OpenError> {
        let folder = match &storage {
            Storage::Disk(folder) => Some(folder.clone()),
            Storage::Memory => None,
        };
        let (log, opened) = crate::log::open(storage, keep)?;
        // Before anybody can ask for it.
        log.hide(ledger::wall_clock());
        Ok(Self { log, keep, opened, folder })
    }
}

/// Serves one room on `listeners` until `shutdown` resolves, then drains: nobody new comes in, what was
/// said is delivered, every member is told and let go, within five seconds.
///
/// Blocks the calling thread, and uses as many threads as the machine has cores. Fails only when it
/// cannot start: when a listener cannot be made non-blocking, or no thread can be had.
pub fn serve(
    listeners: Vec<TcpListener>,
    store: Store,
    config: Config,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    entrance::warn_of_open_passwords(&listeners, &config);
    let listeners = listeners.into_iter().map(Async::new).collect::<io::Result<Vec<_>>>()?;
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let (inbox, events) = async_channel::unbounded();
    // One order at a time: the batch after the one that is being written. What comes meanwhile gathers.
    let (orders, shards): (Vec<_>, Vec<_>) = (0..cores).map(|_| async_channel::bounded(1)).unzip();
    let Store { log, keep, opened, .. } = store;
    let pen = Pen::new(log.clone(), &opened);
    let Opened { room, last, people, salt, .. } = opened;
    let (room, now) = (RoomId::from_bytes(room), Instant::now());
    // The herald keeps it; before that, there is nobody to be told.
    let told = Arc::<AtomicU64>::default();
    let ration = Ration::default();
    let bans = Bans::default();
    let keys = Keys::start(salt)?;
    let outside = inbox.downgrade();
    let surroundings = |orders| Surroundings {
        orders,
        inbox: inbox.clone(),
        ration: ration.clone(),
        log: log.clone(),
        room,
        told: Arc::clone(&told),
        config: config.clone(),
    };
    let mut shards: Vec<_> = shards.into_iter().map(surroundings).collect();
    thread::scope(|scope| {
        // Closed by drop when a thread cannot be had: then the ones that run already end too.
        let orders = orders;
        let others = shards.drain(1..).zip(1..).map(|(shard, core)| {
            let run = || {
                let executor = Rc::new(LocalExecutor::new());
                drive(&executor, shard::run(Rc::clone(&executor), shard))
            };
            thread::Builder::new().name(format!("room-{core}")).spawn_scoped(scope, run)
        });
        let others = others.collect::<io::Result<Vec<_>>>()?;
        let entrance = Entrance::open(scope, listeners, inbox, bans.clone(), config.clone())?;
        let executor = Rc::new(LocalExecutor::new());
        let own = shard::run(Rc::clone(&executor), shards.remove(0));
        let affairs = Affairs {
            room: Room::new(room, last, now).knowing(people, config.admins.clone()),
            herald: Herald::new(last, keep.messages.unwrap_or(u64::MAX), config.echo, config.queue, told),
            ledger: Ledger::new(pen, keep, now),
            keys,
            bans,
            inbox: events,
            outside,
            ration,
            shards: orders,
            queue: config.queue,
        };
        let host = host(&executor, entrance, affairs, shutdown);
        let (own, ()) = drive(&executor, future::zip(own, host));
        let others = others.into_iter().map(|thread| thread.join().expect("a shard does not panic"));
        report([own].into_iter().chain(others));
        Ok(())
    })
}

/// How many polls of tasks there are between two looks at the sockets.
const POLLS: usize = 16;

/// Runs `work`, and what is spawned on `executor`, which looks after so few polls of tasks which sockets have
/// become ready. [`LocalExecutor::run`] does so after two hundred: where each of these writes to a socket,
/// what has just come waits for tens of milliseconds.
fn drive<T>(executor: &LocalExecutor<'_>, work: impl Future<Output = T>) -> T {
    let tasks = async {
        loop {
            for _ in 0..POLLS {
                executor.tick().await;
            }
            future::yield_now().await;
        }
    };
    smol::block_on(future::or(work, tasks))
}

/// The life of a room: wait for the end, close the door, let everybody out.
async fn host(
    executor: &Rc<LocalExecutor<'static>>,
    entrance: Entrance,
    affairs: Affairs,
    shutdown: impl Future<Output = ()>,
) {
    let events = affairs.inbox.clone();
    let sequencer = executor.spawn(sequencer::run(affairs));
    // A room that nobody can come into any more had better be started again.
    future::or(shutdown, entrance.fails()).await;
    entrance.close().await;
    // What is in the inbox by now is still delivered; what would come later is not taken any more.
    events.close();
    sequencer.await;
}

fn report(endings: impl Iterator<Item = Ending>) {
    let all = endings.fold(Ending::default(), |all, one| Ending {
        members: all.members + one.members,
        cut_short: all.cut_short || one.cut_short,
    });
    match all {
        Ending { members, cut_short: false } => ::log::info!("all {members} members have been let out"),
        Ending { members, cut_short: true } => {
            ::log::warn!("not all of the {members} members have read to the end in {DRAIN:?}");
        }
    }
}
