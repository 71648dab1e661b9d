//! How the servers that are measured are spoken to. Knows bytes only: how one joins, how one says
//! something, and what each receiver then gets. Every message and every delivery of a run has the same
//! length, so that a place in a stream is a number of messages.

use std::str::FromStr;

use chat_shared::limits::MAX_TEXT;

/// Digits of a message's number and of a sender's.
const NUMBER: usize = 10;
const SENDER: usize = 3;

/// The shortest text that holds both numbers, in bytes.
pub const SHORTEST: usize = SENDER + 1 + NUMBER;

/// What is read and is no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aside {
    /// Nothing.
    Nothing,
    /// So many bytes.
    Bytes(usize),
    /// All up to the end of a line.
    Line,
}

impl Aside {
    /// `bytes` without what belongs to this, which is shorter by that.
    pub(super) fn skip(&mut self, bytes: &mut &[u8]) {
        let (skipped, left) = match *self {
            Self::Nothing => return,
            Self::Bytes(count) if count > bytes.len() => (bytes.len(), Self::Bytes(count - bytes.len())),
            Self::Bytes(count) => (count, Self::Nothing),
            Self::Line => match memchr::memchr(b'\n', bytes) {
                Some(end) => (end + 1, Self::Nothing),
                None => (bytes.len(), Self::Line),
            },
        };
        *bytes = &bytes[skipped..];
        *self = left;
    }
}

/// What a server speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `NAME`, `SEND`, `MESSAGE`: Oneroom, the floor, the Go original.
    Chat,
    /// Redis' publish and subscribe.
    Redis,
    /// NATS.
    Nats,
}

impl FromStr for Dialect {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "chat" => Ok(Self::Chat),
            "redis" => Ok(Self::Redis),
            "nats" => Ok(Self::Nats),
            _ => Err("it must be chat, redis or nats".to_owned()),
        }
    }
}

impl Dialect {
    /// The longest text that can be said, in bytes.
    pub fn longest(self) -> usize {
        match self {
            Self::Chat => MAX_TEXT,
            // What NATS takes unless it is told otherwise. Redis takes more.
            Self::Redis | Self::Nats => 1 << 20,
        }
    }

    /// Whether those who send are receivers too, of everything but their own.
    pub fn senders_receive(self) -> bool {
        self == Self::Chat
    }

    /// Whether all receivers hear several senders in one order. NATS keeps each sender's own order, and
    /// no other.
    pub fn has_one_order(self) -> bool {
        self != Self::Nats
    }

    /// What a receiver says when it joins.
    pub(super) fn join(self) -> Vec<u8> {
        match self {
            // An empty line: who says nothing at all is let in late, since it could yet speak TLS.
            Self::Chat => b"\n".to_vec(),
            Self::Redis => b"*2\r\n$9\r\nSUBSCRIBE\r\n$4\r\nroom\r\n".to_vec(),
            Self::Nats => b"CONNECT {\"verbose\":false,\"pedantic\":false}\r\nSUB room 1\r\n".to_vec(),
        }
    }

    /// What a receiver reads before the first message.
    pub(super) fn welcome(self) -> Aside {
        match self {
            Self::Chat => Aside::Nothing,
            Self::Redis => Aside::Bytes(b"*3\r\n$9\r\nsubscribe\r\n$4\r\nroom\r\n:1\r\n".len()),
            // What the server says of itself.
            Self::Nats => Aside::Line,
        }
    }

    /// What a server may say between two messages, and what it wants to hear then. Its first byte is in
    /// no message.
    pub(super) fn question(self) -> Option<(&'static [u8], &'static [u8])> {
        (self == Self::Nats).then_some((b"PING\r\n", b"PONG\r\n"))
    }

    /// The words of the first line among these that the server says on its own behalf.
    pub(super) fn notice(self, lines: &[u8]) -> Option<String> {
        const FROM_THE_SERVER: &[u8] = b"MESSAGE * ";
        let mut found = memchr::memmem::find_iter(lines, FROM_THE_SERVER);
        let at = found.find(|&at| self == Self::Chat && (at == 0 || lines[at - 1] == b'\n'))?;
        let words = &lines[at + FROM_THE_SERVER.len()..];
        let end = memchr::memchr(b'\n', words).unwrap_or(words.len());
        Some(String::from_utf8_lossy(&words[..end]).into_owned())
    }

    /// What a sender says when it joins.
    pub(super) fn join_as_sender(self, sender: usize) -> Vec<u8> {
        match self {
            Self::Chat => format!("NAME s{sender:03}\n").into_bytes(),
            Self::Redis => Vec::new(),
            Self::Nats => b"CONNECT {\"verbose\":false,\"pedantic\":false}\r\n".to_vec(),
        }
    }

    /// Adds to `bytes` what a sender says to say `text`.
    pub(super) fn say(self, text: &[u8], bytes: &mut Vec<u8>) {
        match self {
            Self::Chat => {
                bytes.extend_from_slice(b"SEND ");
                bytes.extend_from_slice(text);
                bytes.push(b'\n');
            }
            Self::Redis => {
                let head = format!("*3\r\n$7\r\nPUBLISH\r\n$4\r\nroom\r\n${}\r\n", text.len());
                bytes.extend_from_slice(head.as_bytes());
                bytes.extend_from_slice(text);
                bytes.extend_from_slice(b"\r\n");
            }
            Self::Nats => {
                bytes.extend_from_slice(format!("PUB room {}\r\n", text.len()).as_bytes());
                bytes.extend_from_slice(text);
                bytes.extend_from_slice(b"\r\n");
            }
        }
    }

    /// What stands before and behind the text in each delivery. Where the sender's name is part of it,
    /// its digits are the letter `#`.
    pub(super) fn frame(self, size: usize) -> (Vec<u8>, &'static [u8]) {
        match self {
            Self::Chat => (b"MESSAGE s### ".to_vec(), b"\n"),
            Self::Redis => {
                (format!("*3\r\n$7\r\nmessage\r\n$4\r\nroom\r\n${size}\r\n").into_bytes(), b"\r\n")
            }
            Self::Nats => (format!("MSG room 1 {size}\r\n").into_bytes(), b"\r\n"),
        }
    }
}

/// The text of a sender's message with this number, `size` bytes long.
pub(super) fn text(sender: usize, number: u64, size: usize) -> Vec<u8> {
    let mut text = format!("{sender:0SENDER$} {number:0NUMBER$}").into_bytes();
    text.resize(size, b'.');
    text
}

/// Reads a text back: its sender and number.
pub(super) fn read_text(text: &[u8]) -> Option<(usize, u64)> {
    let sender = std::str::from_utf8(text.get(..SENDER)?).ok()?.parse().ok()?;
    let number = std::str::from_utf8(text.get(SENDER + 1..SHORTEST)?).ok()?.parse().ok()?;
    Some((sender, number))
}
