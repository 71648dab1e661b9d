//! The room in which an attack happens: two honest members, and what the server held before. Knows nothing of
//! attacks.

use std::cell::RefCell;
use std::fs;

use chat_tests::full::Full;
use chat_tests::{Client, Server, allow_many_files, until};

/// So much more resident memory than before may stay: what an allocator keeps for the next time.
const SLACK: usize = 6 << 20;

/// So much may stay once thousands were here at the same time: it depends on how many of them truly were. When they
/// come again and again, it stops growing.
const SLACK_OF_CROWDS: usize = 64 << 20;
const STEADY: usize = 1 << 20;
const ROUNDS: usize = 12;

/// A server with ann, who speaks the base, and bob, who has opted in.
pub(crate) struct Stage {
    pub(crate) server: Server,
    ann: RefCell<Client>,
    bob: RefCell<Full>,
}

/// Lets an attack happen. What it returns stays as it is, open connections for the most part, while the honest
/// members talk; then it is dropped, and the server must be as it was.
#[track_caller]
pub(crate) fn survives<T>(attack: impl FnOnce(&Stage) -> T) {
    survives_with([], attack);
}

/// The same, with a server that is started with these flags.
#[track_caller]
pub(crate) fn survives_with<T, const N: usize>(flags: [&str; N], attack: impl FnOnce(&Stage) -> T) {
    let stage = Stage::new(flags);
    stage.bears(SLACK, attack);
    assert!(!stage.server.log().contains("panicked"), "{}", stage.server.log());
}

/// Lets a crowd attack, again and again.
#[track_caller]
pub(crate) fn survives_crowds<T>(attack: impl Fn(&Stage) -> T) {
    let stage = Stage::new([]);
    let empty = stage.held();
    let steady = (0..ROUNDS).any(|_| {
        let before = stage.held();
        stage.bears(SLACK_OF_CROWDS, &attack);
        stage.held().memory < before.memory + STEADY
    });
    assert!(steady, "{:?}, and {empty:?} before {ROUNDS} crowds", stage.held());
    assert!(!stage.server.log().contains("panicked"), "{}", stage.server.log());
}

/// What a server holds.
#[derive(Debug)]
struct Held {
    descriptors: usize,
    memory: usize,
}

impl Stage {
    fn new<const N: usize>(flags: [&str; N]) -> Self {
        allow_many_files();
        let paced = flags.contains(&"--rate");
        let server = if paced { Server::start_paced(flags) } else { Server::start(flags) };
        let (ann, bob) = (server.member("ann").into(), Full::join(&server, "bob").into());
        let stage = Self { server, ann, bob };
        stage.warm_up();
        stage
    }

    #[track_caller]
    fn bears<T>(&self, slack: usize, attack: impl FnOnce(&Self) -> T) {
        let before = self.held();
        let attackers = attack(self);
        self.talk();
        drop(attackers);
        let back = until(|| {
            let now = self.held();
            (now.descriptors <= before.descriptors && now.memory < before.memory + slack).then_some(())
        });
        assert!(back.is_some(), "{:?} are not {before:?} again", self.held());
        self.talk();
    }

    /// A stranger, who has said nothing yet.
    pub(crate) fn stranger(&self) -> Client {
        Client::connect(self.server.address())
    }

    /// A stranger who has opted in and hears what is said live.
    pub(crate) fn insider(&self, name: &str) -> Full {
        Full::join(&self.server, name)
    }

    /// Ann and bob say something to each other, and it comes, whatever else does. Gives what else they have read
    /// by then, each in its language.
    #[track_caller]
    pub(crate) fn talk(&self) -> [Vec<String>; 2] {
        let (mut ann, mut bob) = (self.ann.borrow_mut(), self.bob.borrow_mut());
        let word = format!("word {}", fastrand::u64(..));
        bob.post(&word);
        let ann_read = read_to(|| ann.read(), &format!("MESSAGE bob {word}"));
        ann.send(&format!("SEND {word} too"));
        let mut bob_read = read_to(|| bob.read(), &format!(" ann {word} too"));
        bob_read.retain(|line| !line.starts_with("ACK "));
        [ann_read, bob_read]
    }

    /// What the first connections cost is not counted as an attack's.
    fn warm_up(&self) {
        let before = self.descriptors();
        let strangers: Vec<_> = (0..20).map(|_| self.server.guest()).collect();
        drop((strangers, self.insider("carl")));
        self.talk();
        assert!(until(|| (self.descriptors() <= before).then_some(())).is_some(), "they have left");
    }

    fn held(&self) -> Held {
        Held { descriptors: self.descriptors(), memory: self.server.memory() }
    }

    fn descriptors(&self) -> usize {
        let folder = format!("/proc/{}/fd", self.server.process());
        fs::read_dir(folder).expect("Linux tells a process's descriptors").count()
    }
}

/// Reads up to the line that ends so, and gives what came before.
#[track_caller]
fn read_to(mut read: impl FnMut() -> Option<String>, end: &str) -> Vec<String> {
    let mut lines = Vec::new();
    loop {
        match read() {
            Some(line) if line.ends_with(end) => return lines,
            Some(line) => lines.push(line),
            None => panic!("an honest member was sent away, after {:?}", lines.last()),
        }
    }
}

/// Asserts that a refusal, and nothing else, came for each of so many lines.
#[track_caller]
pub(crate) fn assert_refused(lines: &[String], count: usize) {
    let refusal = |line: &String| line.starts_with("MESSAGE * ") || line.starts_with("ERROR ");
    assert!(lines.iter().all(refusal), "{lines:?}");
    assert_eq!(lines.len(), count, "{lines:?}");
}
