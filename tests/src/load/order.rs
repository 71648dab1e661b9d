//! The order in which things were said, learnt from the receivers, and the check that all of them learn
//! the same: the first to read a message is believed if it continues its sender's numbers, and everybody
//! after it must have the same bytes. So each byte of each receiver is compared, at the speed of memory.

use std::collections::VecDeque;
use std::fmt;
use std::time::Instant;

use super::dialect::{Dialect, read_text};

/// The stream that every receiver must see.
#[derive(Debug)]
pub(super) struct Order {
    head: Vec<u8>,
    tail: &'static [u8],
    size: usize,
    /// The stream's bytes from `start` on.
    bytes: Vec<u8>,
    start: u64,
    /// Who said what is in `bytes`, and when.
    said: VecDeque<(usize, Instant)>,
    /// The number that each sender's next message must have, and when its messages were sent, from the
    /// first that nobody has read.
    senders: Vec<Sender>,
}

#[derive(Debug, Default)]
struct Sender {
    next: u64,
    sent: VecDeque<Instant>,
}

/// What a receiver was found to have missed, doubled, or seen in another order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It reads something else than the others did, within the bytes from here on.
    Differs {
        /// The place in the stream.
        at: u64,
    },
    /// What it reads is no message of this run.
    NoMessage(String),
    /// A sender's messages are not in the order in which they were sent, without gap or double.
    OutOfTurn {
        /// The sender.
        sender: usize,
        /// Its message that comes.
        came: u64,
        /// Its message that should.
        due: u64,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Differs { at } => {
                write!(f, "a receiver reads something else than the others from byte {at} on")
            }
            Self::NoMessage(bytes) => write!(f, "this is no message that was sent: {bytes:?}"),
            Self::OutOfTurn { sender, came, due } => {
                write!(f, "message {came} of sender {sender} comes where {due} is due")
            }
        }
    }
}

impl std::error::Error for Fault {}

impl Order {
    pub(super) fn new(dialect: Dialect, size: usize, senders: usize) -> Self {
        let (head, tail) = dialect.frame(size);
        let senders = std::iter::repeat_with(Sender::default).take(senders).collect();
        Self { head, tail, size, bytes: Vec::new(), start: 0, said: VecDeque::new(), senders }
    }

    /// The bytes of one delivery.
    pub(super) fn unit(&self) -> u64 {
        (self.head.len() + self.size + self.tail.len()) as u64
    }

    /// A sender's next message is sent now.
    pub(super) fn sent(&mut self, sender: usize, now: Instant) {
        self.senders[sender].sent.push_back(now);
    }

    /// A receiver that has read up to `at` reads these bytes.
    pub(super) fn check(&mut self, at: u64, read: &[u8]) -> Result<(), Fault> {
        let from = usize::try_from(at - self.start).expect("a receiver is not before the start");
        let known = read.len().min(self.bytes.len() - from);
        if read[..known] != self.bytes[from..from + known] {
            return Err(Fault::Differs { at });
        }
        if known == read.len() {
            return Ok(());
        }
        let whole = self.said.len() * self.unit() as usize;
        self.bytes.extend_from_slice(&read[known..]);
        let unit = self.unit() as usize;
        let mut at = whole;
        while at + unit <= self.bytes.len() {
            let message = &self.bytes[at..at + unit];
            let Some((sender, number)) = self.read(message) else {
                return Err(Fault::NoMessage(String::from_utf8_lossy(message).into_owned()));
            };
            let expected = &mut self.senders[sender];
            if number != expected.next {
                return Err(Fault::OutOfTurn { sender, came: number, due: expected.next });
            }
            expected.next += 1;
            let sent = expected.sent.pop_front().expect("what is read was sent");
            self.said.push_back((sender, sent));
            at += unit;
        }
        Ok(())
    }

    fn read(&self, message: &[u8]) -> Option<(usize, u64)> {
        let (head, rest) = message.split_at(self.head.len());
        let (text, tail) = rest.split_at(self.size);
        let (sender, number) = read_text(text)?;
        let digits = format!("{sender:03}");
        let mut digits = digits.bytes();
        let fits = head.iter().zip(&self.head).all(|(&byte, &wanted)| match wanted {
            b'#' => Some(byte) == digits.next(),
            wanted => byte == wanted,
        });
        (fits && tail == self.tail && sender < self.senders.len()).then_some((sender, number))
    }

    /// When the message was sent that ends at or before the place `at`, if it is still known.
    pub(super) fn sent_before(&self, at: u64) -> Option<Instant> {
        let message = (at.checked_sub(self.start)? / self.unit()).checked_sub(1)?;
        self.said.get(usize::try_from(message).ok()?).map(|&(_, sent)| sent)
    }

    /// Everybody has read up to `at`: what is before it may be forgotten.
    pub(super) fn forget(&mut self, at: u64) {
        const MUCH: u64 = 4 << 20;
        let at = at / self.unit() * self.unit();
        if at - self.start > MUCH {
            let messages = ((at - self.start) / self.unit()) as usize;
            self.bytes.drain(..(at - self.start) as usize);
            self.said.drain(..messages);
            self.start = at;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::dialect::text;

    const SIZE: usize = 20;

    /// What a receiver reads of these messages, given as sender and number.
    fn stream(messages: &[(usize, u64)]) -> Vec<u8> {
        let line = |&(sender, number): &(usize, u64)| {
            let text = text(sender, number, SIZE);
            [format!("MESSAGE s{sender:03} ").as_bytes(), &text, b"\n"].concat()
        };
        messages.iter().flat_map(line).collect()
    }

    /// An order of two senders who have sent ten messages each.
    fn order() -> Order {
        let mut order = Order::new(Dialect::Chat, SIZE, 2);
        (0..20).for_each(|n| order.sent(n % 2, Instant::now()));
        order
    }

    fn check(messages: &[(usize, u64)], expected: Result<(), Fault>) {
        assert_eq!(order().check(0, &stream(messages)), expected, "{messages:?}");
    }

    #[test]
    fn each_sender_is_heard_in_its_order_without_gap_or_double() {
        check(&[(0, 0), (1, 0), (1, 1), (0, 1)], Ok(()));
        check(&[(0, 0), (0, 2)], Err(Fault::OutOfTurn { sender: 0, came: 2, due: 1 }));
        check(&[(1, 0), (1, 0)], Err(Fault::OutOfTurn { sender: 1, came: 0, due: 1 }));
        check(&[(0, 1), (0, 0)], Err(Fault::OutOfTurn { sender: 0, came: 1, due: 0 }));
    }

    #[test]
    fn all_hear_the_same_in_whatever_pieces() {
        let (bytes, mut order) = (stream(&[(0, 0), (1, 0), (0, 1), (1, 1)]), order());
        for size in [7, 64, 1000] {
            let mut at = 0;
            for piece in bytes.chunks(size) {
                assert_eq!(order.check(at, piece), Ok(()));
                at += piece.len() as u64;
            }
            assert!(order.sent_before(at).is_some());
        }
        let other = stream(&[(1, 0), (0, 0)]);
        assert_eq!(order.check(0, &other), Err(Fault::Differs { at: 0 }));
    }

    #[test]
    fn what_nobody_sent_is_no_message() {
        let mut bytes = stream(&[(0, 0)]);
        bytes[3] = b'?';
        assert!(matches!(order().check(0, &bytes), Err(Fault::NoMessage(_))));
        assert!(matches!(order().check(0, &stream(&[(7, 0)])), Err(Fault::NoMessage(_))));
    }
}
