//! Hundreds of members who join, talk and leave at random. Everybody's view is compared with that of a
//! witness who stays: the same order, nothing missing, nothing twice.
//!
//! `CHURN_SECONDS` says for how long; a few by default.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use chat_tests::{DEADLINE, Server};
use futures_lite::{AsyncBufReadExt as _, AsyncWriteExt as _, FutureExt as _, future, io::BufReader};
use smol::{Async, Executor, Timer};

const MEMBERS: usize = 500;

/// Every message's text is its number, and numbers are never used twice.
type Message = u32;

/// What one member said and heard between coming and leaving.
#[derive(Default)]
struct Visit {
    said: Vec<Message>,
    heard: Vec<Message>,
    /// It waited, before it left, until all it had said was in its place in the order.
    fenced: bool,
}

struct Member {
    stream: BufReader<Async<std::net::TcpStream>>,
    line: String,
    visit: Visit,
}

impl Member {
    async fn come(address: SocketAddr) -> Self {
        let stream = Async::<std::net::TcpStream>::connect(address).await.expect("the server accepts");
        stream.get_ref().set_nodelay(true).unwrap();
        Self { stream: BufReader::new(stream), line: String::new(), visit: Visit::default() }
    }

    async fn send(&mut self, line: &str) {
        self.stream.get_mut().write_all(format!("{line}\n").as_bytes()).await.expect("the server reads");
    }

    /// Reads one line; false when it is the answer to a fence. The line lives in `self`, so that a read
    /// that is given up half-way loses nothing.
    async fn read(&mut self) -> bool {
        let read = self.stream.read_line(&mut self.line).await.expect("the server writes");
        assert!(read > 0, "the server has closed the connection");
        let line = std::mem::take(&mut self.line);
        if line.starts_with("MESSAGE * name refused: this name is kept") {
            return false;
        }
        // Others' names may be refused while their last visit is not over: not what is tested.
        if !line.starts_with("MESSAGE * ") {
            let text = line.trim_end().rsplit(' ').next().expect("a message has a text");
            self.visit.heard.push(text.parse().expect("a text is a number"));
        }
        true
    }

    async fn read_for(&mut self, pause: Duration) {
        let end = Instant::now() + pause;
        while Instant::now() < end {
            let more = async {
                self.stream.fill_buf().await.expect("the server writes");
                true
            };
            let enough = async {
                Timer::at(end).await;
                false
            };
            if !more.or(enough).await {
                return;
            }
            self.read().await;
        }
    }

    async fn fence(&mut self) {
        self.send("NAME *").await;
        while self.read().await {}
        self.visit.fenced = true;
    }
}

/// One visit: come, say a few things, leave one way or the other.
async fn visit(address: SocketAddr, name: usize, numbers: &AtomicU32, random: &mut fastrand::Rng) -> Visit {
    let mut member = Member::come(address).await;
    member.send(&format!("NAME m{name}")).await;
    for _ in 0..random.usize(1..6) {
        member.read_for(Duration::from_millis(random.u64(0..3000))).await;
        let number = numbers.fetch_add(1, Ordering::Relaxed);
        member.visit.said.push(number);
        member.send(&format!("SEND {number}")).await;
    }
    if random.bool() {
        member.fence().await;
    }
    member.visit
}

/// Asserts that a visitor heard a part of `order` without gap, except what it had said itself, and that
/// what it had said is in it.
fn check(visit: &Visit, order: &[Message], places: &HashMap<Message, usize>) {
    let said = visit.said.iter().filter_map(|number| places.get(number));
    assert!(said.clone().is_sorted(), "what it said is in another order");
    if visit.fenced {
        assert_eq!(said.count(), visit.said.len(), "something it said is lost");
    }
    if let (true, [first, .., last]) = (visit.fenced, &visit.said[..]) {
        // It was there from its first word to its last, so it must have heard all that came between.
        let heard: HashSet<_> = visit.heard.iter().collect();
        let between = &order[places[first]..places[last]];
        let missed: Vec<_> =
            between.iter().filter(|number| !visit.said.contains(number) && !heard.contains(number)).collect();
        assert!(missed.is_empty(), "never heard {missed:?}");
    }
    let Some(first) = visit.heard.first() else { return };
    let others = order[places[first]..].iter().filter(|number| !visit.said.contains(number));
    let expected: Vec<_> = others.take(visit.heard.len()).copied().collect();
    assert!(visit.heard == expected, "heard {:?} instead of {expected:?}", visit.heard);
}

#[test]
fn hundreds_come_talk_and_go_and_everybody_hears_the_same() {
    let seconds = std::env::var("CHURN_SECONDS").map_or(8, |seconds| seconds.parse().unwrap());
    let server = Server::start([]);
    let address = server.address();
    // What a full house leaves behind in the allocator is no leak: a second one must not add to it.
    drop((0..MEMBERS).map(|_| server.guest()).collect::<Vec<_>>());
    server.assert_works();
    #[cfg(target_os = "linux")]
    let before = server.memory();

    let (numbers, visits) = (AtomicU32::new(0), Mutex::new(Vec::new()));
    let executor = Executor::new();
    let order = smol::block_on(executor.run(async {
        let mut witness = Member::come(address).await;
        witness.fence().await;
        let end = Instant::now() + Duration::from_secs(seconds);
        let members: Vec<_> = (0..MEMBERS)
            .map(|name| {
                let (numbers, visits) = (&numbers, &visits);
                executor.spawn(async move {
                    let mut random = fastrand::Rng::with_seed(name as u64);
                    while Instant::now() < end {
                        let visit = visit(address, name, numbers, &mut random).await;
                        visits.lock().unwrap().push(visit);
                    }
                })
            })
            .collect();
        let watching = async {
            loop {
                witness.read().await;
            }
        };
        let talking = async {
            for member in members {
                member.await;
            }
        };
        let late = async {
            Timer::after(Duration::from_secs(seconds) + 2 * DEADLINE).await;
            panic!("the members do not come to an end");
        };
        future::or(future::or(talking, watching), late).await;
        // Those who left without a fence may have been the last to say something.
        let mut last = Member::come(address).await;
        last.fence().await;
        witness.fence().await;
        witness.visit.heard
    }));
    drop(executor);

    let places: HashMap<_, _> = order.iter().enumerate().map(|(place, &number)| (number, place)).collect();
    assert_eq!(places.len(), order.len(), "something was heard twice");
    let visits = visits.into_inner().unwrap();
    visits.iter().for_each(|visit| check(visit, &order, &places));
    let heard: usize = visits.iter().map(|visit| visit.heard.len()).sum();
    eprintln!("{} visits, {} messages, {heard} deliveries", visits.len(), order.len());
    assert!(visits.len() > MEMBERS && heard > order.len(), "nothing much happened");

    server.assert_works();
    #[cfg(target_os = "linux")]
    {
        let grown = server.memory().saturating_sub(before);
        eprintln!("memory: {} KiB before, {} KiB more after", before / 1024, grown / 1024);
        assert!(grown < 4 << 20, "{grown} bytes more than before");
    }
}
