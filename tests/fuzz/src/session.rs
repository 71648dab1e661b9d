//! The server fed by members who send anything in any pieces, come, go and let time pass, while messages are
//! stored or cannot be. What a member gets to read is always of its language, and everybody sees the same. Knows
//! the server's stage; knows nothing of how it does what it does.

use std::collections::HashMap;
use std::time::Duration;

use chat_server::fuzz::{Stage, Taken, requests};
use chat_shared::limits::{MAX_LINE, MAX_TEXT};
use chat_shared::{Command, MessageId, ServerCommand};

use crate::steps::Steps;

/// So many take part at a time.
const SEATS: usize = 4;

/// The cost of one line, and of the line with the most lines in it.
const DEAREST: usize = MAX_LINE + MAX_TEXT * 33;

/// Makes whoever says it the admin, unless another key was first: no fuzzer finds two keys that are the same.
const LOGIN: &[u8] = b"\nLOGIN ann 0123456789abcdef\n";

/// Does what the bytes say.
pub fn run(bytes: &[u8]) {
    pieces_do_not_matter(bytes);
    let mut room = Watched::default();
    let mut steps = Steps(bytes);
    while let Some((step, seat)) = steps.step(SEATS) {
        match step {
            // Most of all, lines.
            0..=8 => room.hear(seat, steps.line(), usize::MAX, usize::MAX),
            9 => room.hear(seat, steps.some(), usize::MAX, usize::MAX),
            10 => room.hear(seat, steps.line(), 1, 64),
            11 => room.pass(steps.byte()),
            12 => room.turn(false),
            13 => room.leave(seat),
            14 => room.hear(seat, LOGIN, usize::MAX, usize::MAX),
            _ => room.turn(true),
        }
    }
    for _ in 0..3 {
        room.pass(255);
        room.turn(true);
    }
}

/// The same requests, however the bytes come.
fn pieces_do_not_matter(bytes: &[u8]) {
    let whole = requests(bytes, usize::MAX, usize::MAX);
    for (piece, allowed) in [(1, 1), (7, 3), (64, usize::MAX)] {
        assert_eq!(requests(bytes, piece, allowed), whole, "in pieces of {piece}, {allowed} lines at a time");
    }
}

/// A room, and what everybody has been told.
#[derive(Default)]
struct Watched {
    stage: Stage,
    members: u64,
    seats: [Option<u64>; SEATS],
    readers: HashMap<u64, Reader>,
    /// What each id was said to be.
    said: HashMap<MessageId, String>,
}

/// What a member has made of what it was told.
#[derive(Default)]
struct Reader {
    full: bool,
    /// The newest message that it was told live.
    newest: MessageId,
}

impl Watched {
    fn member(&mut self, seat: usize) -> u64 {
        *self.seats[seat].get_or_insert_with(|| {
            self.members += 1;
            self.stage.join(self.members);
            self.members
        })
    }

    fn hear(&mut self, seat: usize, bytes: &[u8], allowed: usize, most: usize) {
        let member = self.member(seat);
        let mut rest = bytes;
        while !rest.is_empty() {
            let Some(taken) = self.stage.hear(member, rest, allowed, most) else {
                // It was sent out. Who sits there next is another.
                self.seats[seat] = None;
                return;
            };
            let Taken { used, lines, cost, requests, hang_up } = taken;
            assert!(used > 0 && used <= rest.len());
            assert!(requests <= lines);
            assert!(cost <= most.saturating_add(DEAREST), "{taken:?}");
            assert!(lines <= allowed.saturating_add(MAX_TEXT), "{taken:?}");
            if hang_up {
                self.seats[seat] = None;
                return;
            }
            rest = &rest[used..];
        }
    }

    fn leave(&mut self, seat: usize) {
        if let Some(member) = self.seats[seat].take() {
            self.stage.leave(member);
        }
    }

    fn pass(&mut self, tenths: u8) {
        self.stage.pass(Duration::from_millis(100) * u32::from(tenths));
    }

    fn turn(&mut self, stored: bool) {
        for (member, read) in self.stage.turn(stored) {
            let read = String::from_utf8(read).expect("a server speaks UTF-8");
            assert!(read.is_empty() || read.ends_with('\n'), "{read:?}");
            let reader = self.readers.entry(member).or_default();
            for line in read.split_terminator('\n') {
                assert!(line.len() <= MAX_LINE);
                reader.read(line, &mut self.said);
            }
        }
    }
}

impl Reader {
    fn read(&mut self, line: &str, said: &mut HashMap<MessageId, String>) {
        let command = ServerCommand::parse(line).unwrap_or_else(|fault| panic!("{line:?}: {fault}"));
        if !self.full && !matches!(command, ServerCommand::Welcome { .. }) {
            // Who said HELLO, if wrongly, can read what is wrong with it.
            let about_hello =
                matches!(&command, ServerCommand::Error { words, .. } if words.as_str().contains("HELLO"));
            let message = matches!(Command::parse(line), Ok(Command::Message { .. }));
            assert!(message || about_hello, "{line:?} in the base");
            return;
        }
        match command {
            ServerCommand::Welcome { .. } => {
                assert!(!self.full, "it is welcomed once");
                self.full = true;
            }
            ServerCommand::Message { .. } => panic!("{line:?} in the full language"),
            ServerCommand::Post(entry) => {
                assert!(entry.id > self.newest, "{line:?} after {}", self.newest);
                self.newest = entry.id;
                check_same(said, entry.id, format!("{} {}", entry.name, entry.body.escaped()));
            }
            ServerCommand::Past(entry) => {
                check_same(said, entry.id, format!("{} {}", entry.name, entry.body.escaped()));
            }
            _ => {}
        }
    }
}

/// Everybody is told the same of a message.
fn check_same(said: &mut HashMap<MessageId, String>, id: MessageId, told: String) {
    let first = said.entry(id).or_insert_with(|| told.clone());
    assert_eq!(*first, told, "message {id}");
}
