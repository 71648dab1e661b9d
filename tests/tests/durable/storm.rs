//! After a restart everybody is back at once, and wants all that was missed. The server gives it page by
//! page: no faster than it is read, in memory that does not grow with what there is, and those who are
//! live already notice little. `STORM_MEMBERS` and `STORM_MISSED` say how many, and how much.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use chat_shared::full::ServerCommand;
use chat_tests::full::{Full, Ledger, Resident, Row, draw_session};
use chat_tests::{Client, DEADLINE, Place, Server, allow_many_files};
use futures_lite::{AsyncReadExt as _, AsyncWriteExt as _, FutureExt as _};
use smol::{Async, Executor, Timer};

use crate::check::setting;

/// One who comes back. It costs little, so that it is the server that is tried.
struct Member {
    stream: Async<std::net::TcpStream>,
    /// What has come of a line that is not whole.
    held: Vec<u8>,
    buffer: Vec<u8>,
    last: u64,
    /// The history has ended.
    live: bool,
}

impl Member {
    /// Comes back, having been shown everything up to `last`, and asks for the rest.
    async fn resume(address: SocketAddr, room: &str, last: u64) -> Self {
        let stream = Async::<std::net::TcpStream>::connect(address).await.expect("the server accepts");
        let mut member = Self { stream, held: Vec::new(), buffer: vec![0; 16 * 1024], last, live: false };
        let hello = format!("HELLO 1 {}\nAFTER {room} {last}\n", draw_session());
        member.stream.write_all(hello.as_bytes()).await.expect("the server reads");
        member
    }

    /// Comes back, and reads on until it is live.
    async fn catch_up(address: SocketAddr, room: &str, last: u64, ledger: Option<&Ledger>) -> Self {
        let mut member = Self::resume(address, room, last).await;
        while !member.live {
            member.read(ledger).await;
        }
        member
    }

    /// Reads what has come. What that shows is entered in the ledger, if there is one.
    async fn read(&mut self, ledger: Option<&Ledger>) {
        let read = self.stream.read(&mut self.buffer).await.expect("the server writes");
        assert!(read > 0, "the server has closed the connection");
        let mut held = std::mem::take(&mut self.held);
        held.extend_from_slice(&self.buffer[..read]);
        let mut rest = &held[..];
        while let Some(end) = memchr::memchr(b'\n', rest) {
            self.hear(&rest[..end], ledger);
            rest = &rest[end + 1..];
        }
        self.held = rest.to_vec();
    }

    fn hear(&mut self, line: &[u8], ledger: Option<&Ledger>) {
        let line = std::str::from_utf8(line).expect("a line is text");
        if let Some(shown) = line.strip_prefix("PAST ").or_else(|| line.strip_prefix("POST ")) {
            let id = shown.split(' ').next().and_then(|id| id.parse().ok());
            assert_eq!(id, Some(self.last + 1), "{line}");
            self.last += 1;
            if let Some(ledger) = ledger
                && let Ok(ServerCommand::Past(entry) | ServerCommand::Post(entry)) =
                    ServerCommand::parse(line)
            {
                ledger.shown(entry.id, Row::of(&entry)).unwrap();
            }
        }
        assert!(!line.starts_with("GAP ") && !line.starts_with("ERROR "), "{line}");
        self.live |= line.starts_with("END AFTER ");
    }
}

/// Runs what is to come to an end in time.
fn in_time<T>(executor: &Executor<'_>, what: impl Future<Output = T>) -> T {
    let late = async {
        Timer::after(4 * DEADLINE).await;
        panic!("the members do not come to an end");
    };
    smol::block_on(executor.run(what.or(late)))
}

/// A log of so many messages of this length.
fn fill(place: &Place, messages: u64, length: usize) -> Server {
    let server = place.open();
    let mut ann = Full::join(&server, "ann");
    ann.say_all((0..messages).map(|n| format!("{n} {}", "x".repeat(length))));
    server
}

#[test]
fn all_who_come_back_at_once_miss_nothing() {
    const MEMBERS: u64 = 200;
    const MISSED: u64 = 2000;
    allow_many_files();
    let place = Place::new([]);
    fill(&place, MISSED, 50).kill();
    let _server = place.open();
    let room = Full::hello(place.address(), draw_session()).room.to_string();
    let ledger = Arc::new(Ledger::default());
    let talker = Resident::come(place.address(), "talker", &ledger, 1);
    talker.talk(2);
    ledger.wait_for(MISSED + 20);

    let executor = Executor::new();
    let mut random = fastrand::Rng::with_seed(3);
    let members: Vec<_> = (0..MEMBERS)
        .map(|_| {
            let (address, room, ledger) = (place.address(), &room, &ledger);
            let last = random.u64(0..=MISSED);
            executor.spawn(Member::catch_up(address, room, last, Some(ledger)))
        })
        .collect();
    in_time(&executor, async {
        let mut live = Vec::new();
        for member in members {
            live.push(member.await);
        }
        talker.talk(0);
        talker.wait_until_at_rest();
        let last = ledger.last();
        for mut member in live {
            while member.last < last {
                member.read(Some(&ledger)).await;
            }
        }
    });
    let story = talker.leave();
    assert!(story.said.len() > 20 && ledger.last() == MISSED + story.said.len() as u64);
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_waited_for_costs_no_memory() {
    const READERS: usize = 20;
    const MESSAGES: u64 = 8000;
    const QUEUE: usize = 256 * 1024;
    let place = Place::new(["--queue", "262144"]);
    fill(&place, MESSAGES, 2000).kill();
    let server = place.open();
    let mut witness = Full::join(&server, "witness");
    let before = server.memory();
    // Sixteen megabytes for each, and nobody reads yet.
    let ask = || {
        let mut reader = Client::connect_narrow(place.address());
        reader.send(&format!("HELLO 1 {}\nAFTER {} 0", draw_session(), witness.room));
        reader.expect_start("WELCOME ");
        reader
    };
    let mut readers: Vec<_> = (0..READERS).map(|_| ask()).collect();
    witness.say("is it quick?");
    assert_eq!(witness.ask("LAST 1").texts(), ["is it quick?"]);
    for reader in &mut readers {
        for id in 1..=MESSAGES {
            reader.expect_start(&format!("PAST {id} "));
        }
    }
    let grown = server.peak_memory().saturating_sub(before);
    eprintln!("{} KiB more for {READERS} readers of {} KiB each", grown / 1024, MESSAGES * 2000 / 1024);
    // For each what may wait for it, and half as much again for a page that is being made; and what SQLite
    // keeps of its file, which is as much for one reader as for many.
    assert!(grown < READERS * QUEUE * 3 / 2 + (16 << 20), "{grown} bytes more");
}

/// How long messages take to a member that is live.
struct Latency {
    p50: Duration,
    p90: Duration,
    p99: Duration,
    /// Of so many.
    messages: usize,
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { p50, p90, p99, messages } = self;
        write!(f, "p50 {p50:?}, p90 {p90:?}, p99 {p99:?} of {messages} messages")
    }
}

/// How long those take that are said while they are to go on, one after the other.
fn measure(talker: &mut Full, listener: &mut Full, go_on: impl Fn(usize) -> bool) -> Latency {
    let mut times = Vec::new();
    while times.is_empty() || go_on(times.len()) {
        let start = Instant::now();
        let id = talker.say("how long does this take?");
        listener.read_post(id);
        times.push(start.elapsed());
        // At a polite pace: it is not to be the load itself.
        thread::sleep(Duration::from_millis(20));
    }
    times.sort();
    let at = |percent: usize| times[times.len() * percent / 100];
    Latency { p50: at(50), p90: at(90), p99: at(99), messages: times.len() }
}

#[test]
#[ignore = "a measurement, for a quiet machine and a release build"]
fn those_who_are_live_notice_little_of_a_thousand_who_come_back() {
    let members = setting("STORM_MEMBERS", 1000) as usize;
    let missed = setting("STORM_MISSED", 5000);
    allow_many_files();
    let place = Place::new([]);
    fill(&place, missed, 100).kill();
    let server = place.open();
    let (address, room) = (place.address(), Full::hello(place.address(), draw_session()).room.to_string());
    let (mut talker, mut listener) = (Full::join(&server, "talker"), Full::join(&server, "listener"));

    let (back, over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let visit = async || {
        let mut member = Member::catch_up(address, &room, 0, None).await;
        back.fetch_add(1, Ordering::Relaxed);
        while !over.load(Ordering::Relaxed) {
            member.read(None).await;
        }
    };
    let begun = Instant::now();
    let (storm, took, settled) = thread::scope(|scope| {
        scope.spawn(|| {
            // Their computers are elsewhere: what they do there is not to be in the way.
            #[cfg(target_os = "linux")]
            rustix::process::setpriority_process(None, 10).expect("who may do less");
            let executor = Executor::new();
            let visits: Vec<_> = (0..members).map(|_| executor.spawn(visit())).collect();
            in_time(&executor, async {
                for member in visits {
                    member.await;
                }
            });
        });
        let storm = measure(&mut talker, &mut listener, |_| back.load(Ordering::Relaxed) < members);
        let took = begun.elapsed();
        // The same room, when all are back.
        let settled = measure(&mut talker, &mut listener, |count| count < 300);
        over.store(true, Ordering::Relaxed);
        // Each has something to read once more, and sees that it is over.
        talker.say("that was it");
        (storm, took, settled)
    });
    eprintln!("{members} members read {missed} messages each in {took:?}");
    eprintln!("meanwhile:  {storm}\nafterwards: {settled}");
    assert!(storm.p99 < 2 * settled.p99, "those who are live notice it");
}
