//! The order in which things were said, learnt from the receivers, and the check that all of them learn
//! the same: the first to read a message is believed if it continues its sender's numbers, and everybody
//! after it must have the same bytes. So each byte of each receiver is compared, at the speed of memory.

use std::collections::VecDeque;
use std::fmt;
use std::time::Instant;

use chat_shared::Notice;

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
    senders: Vec<Sender>,
    /// The sender whose messages are looked at one by one; of those that were read, where each ends and
    /// when it was sent, and how many were forgotten before them.
    polite: Option<usize>,
    marks: VecDeque<(u64, Instant)>,
    forgotten_marks: u64,
}

#[derive(Debug, Default)]
struct Sender {
    /// The number that its next message must have.
    next: u64,
    /// When its messages were sent, from the first that nobody has read.
    sent: VecDeque<Instant>,
    /// Where its messages are that are in `bytes`: at which message of the stream.
    places: VecDeque<u64>,
}

/// How far a sender has been compared with the stream.
#[derive(Debug)]
pub(super) struct View {
    sender: usize,
    /// Its place in the stream, and how many of its own messages are before that.
    at: u64,
    own: u64,
}

impl View {
    /// The view of somebody who has heard nothing and said nothing.
    pub(super) fn new(sender: usize) -> Self {
        Self { sender, at: 0, own: 0 }
    }

    /// Its place in the stream.
    pub(super) fn at(&self) -> u64 {
        self.at
    }
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
    /// The server itself has something to say to it.
    Notice(String),
    /// A sender's messages are not in the order in which they were sent, without gap or double.
    OutOfTurn {
        /// The sender.
        sender: usize,
        /// Its message that comes.
        came: u64,
        /// Its message that should.
        due: u64,
    },
    /// A sender hears more than the others said.
    TooMuch {
        /// The sender.
        sender: usize,
    },
    /// A sender hears something else than the others said, in the order in which all heard it.
    SenderDiffers {
        /// The sender.
        sender: usize,
        /// The place in the stream.
        at: u64,
    },
    /// A newcomer hears what everybody else had heard before it came.
    Stale {
        /// The sender.
        sender: usize,
        /// Its message.
        number: u64,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Differs { at } => {
                write!(f, "a receiver reads something else than the others from byte {at} on")
            }
            Self::NoMessage(bytes) => write!(f, "this is no message that was sent: {bytes:?}"),
            Self::Notice(words) => {
                write!(f, "the server says: {words}")?;
                match Notice::read_too_fast(words) {
                    Some(_) => write!(f, ": start it with --rate 0"),
                    None => Ok(()),
                }
            }
            Self::OutOfTurn { sender, came, due } => {
                write!(f, "message {came} of sender {sender} comes where {due} is due")
            }
            Self::TooMuch { sender } => write!(f, "sender {sender} hears more than the others said"),
            Self::SenderDiffers { sender, at } => {
                write!(f, "sender {sender} hears something else than the others said from byte {at} on")
            }
            Self::Stale { sender, number } => {
                write!(f, "a newcomer hears message {number} of sender {sender}, said before it came")
            }
        }
    }
}

impl std::error::Error for Fault {}

impl Order {
    /// The order of what so many senders will say. One of them may be the polite one.
    pub(super) fn new(dialect: Dialect, size: usize, senders: usize, polite: Option<usize>) -> Self {
        let (head, tail) = dialect.frame(size);
        Self {
            head,
            tail,
            size,
            bytes: Vec::new(),
            start: 0,
            said: VecDeque::new(),
            senders: std::iter::repeat_with(Sender::default).take(senders).collect(),
            polite,
            marks: VecDeque::new(),
            forgotten_marks: 0,
        }
    }

    /// The bytes of one delivery.
    pub(super) fn unit(&self) -> u64 {
        (self.head.len() + self.size + self.tail.len()) as u64
    }

    /// Where the stream ends, as far as anybody has read it.
    pub(super) fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }

    /// A sender's next message is sent, and its latency counts from `when`.
    pub(super) fn sent(&mut self, sender: usize, when: Instant) {
        self.senders[sender].sent.push_back(when);
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
            let Some(sent) = expected.sent.pop_front() else {
                return Err(Fault::NoMessage(String::from_utf8_lossy(message).into_owned()));
            };
            expected.next += 1;
            at += unit;
            expected.places.push_back(self.start / unit as u64 + self.said.len() as u64);
            self.said.push_back((sender, sent));
            if self.polite == Some(sender) {
                self.marks.push_back((self.start + at as u64, sent));
            }
        }
        self.may_begin(&self.bytes[at..])
    }

    /// Fails at the first bytes of what cannot become a message, however few they are.
    pub(super) fn may_begin(&self, message: &[u8]) -> Result<(), Fault> {
        let fits = message.iter().zip(&self.head).all(|(byte, wanted)| match wanted {
            b'#' => byte.is_ascii_digit(),
            wanted => byte == wanted,
        });
        match fits {
            true => Ok(()),
            false => Err(Fault::NoMessage(String::from_utf8_lossy(message).into_owned())),
        }
    }

    /// A sender hears these bytes: the stream without what it said itself, from where `view` is. Gives how
    /// many of them are compared now; what comes after those, no receiver has read yet.
    pub(super) fn check_view(&self, view: &mut View, heard: &[u8]) -> Result<usize, Fault> {
        let unit = self.unit();
        let known = &self.senders[view.sender];
        // Those of its messages that are in `bytes`; what is before has been compared, and forgotten.
        let first = known.next - known.places.len() as u64;
        let mut done = 0;
        loop {
            let own = usize::try_from(view.own - first).expect("a sender is not before the start");
            let own = known.places.get(own).map(|place| place * unit);
            if own == Some(view.at) {
                (view.at, view.own) = (view.at + unit, view.own + 1);
                continue;
            }
            let from = (view.at - self.start) as usize;
            // Whose a message is that no receiver has read to its end, cannot be told.
            let end = own.unwrap_or(self.start + self.said.len() as u64 * unit);
            let length = (heard.len() - done).min((end - view.at) as usize);
            if length == 0 {
                return Ok(done);
            }
            if heard[done..done + length] != self.bytes[from..from + length] {
                return Err(Fault::SenderDiffers { sender: view.sender, at: view.at });
            }
            view.at += length as u64;
            done += length;
        }
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

    /// Where in the stream a newcomer is that has read these bytes first: before its first message.
    /// `None` while that cannot be told, because no whole message has come yet or nobody else has read
    /// it.
    pub(super) fn place(&self, read: &[u8]) -> Result<Option<u64>, Fault> {
        let Some(message) = read.get(..self.unit() as usize) else {
            return self.may_begin(read).map(|()| None);
        };
        let nobody_said = || Fault::NoMessage(String::from_utf8_lossy(message).into_owned());
        let (sender, number) = self.read(message).ok_or_else(nobody_said)?;
        let known = &self.senders[sender];
        if number >= known.next {
            let said = known.next + known.sent.len() as u64;
            return if number < said { Ok(None) } else { Err(nobody_said()) };
        }
        let back = usize::try_from(known.next - number).unwrap_or(usize::MAX);
        let place = known.places.len().checked_sub(back).ok_or(Fault::Stale { sender, number })?;
        Ok(Some(known.places[place] * self.unit()))
    }

    /// When the message of this number in the stream was sent, if it is still known.
    pub(super) fn sent_at(&self, message: u64) -> Option<Instant> {
        let place = message.checked_sub(self.start / self.unit())?;
        self.said.get(usize::try_from(place).ok()?).map(|&(_, sent)| sent)
    }

    /// The polite sender's message of this number: when it was sent, if it ends by `at`.
    pub(super) fn polite(&self, number: u64, at: u64) -> Option<Instant> {
        let &(end, sent) =
            self.marks.get(usize::try_from(number.checked_sub(self.forgotten_marks)?).ok()?)?;
        (end <= at).then_some(sent)
    }

    /// Everybody has read up to `at`: what is before it may be forgotten.
    pub(super) fn forget(&mut self, at: u64) {
        let unit = self.unit();
        let at = at / unit * unit;
        // What is kept is moved, so there must not be more of it than of what goes.
        if at - self.start < self.end() - at {
            return;
        }
        self.bytes.drain(..(at - self.start) as usize);
        for (sender, _) in self.said.drain(..((at - self.start) / unit) as usize) {
            self.senders[sender].places.pop_front();
        }
        while self.marks.pop_front_if(|&mut (end, _)| end <= at).is_some() {
            self.forgotten_marks += 1;
        }
        self.start = at;
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
        let mut order = Order::new(Dialect::Chat, SIZE, 2, Some(1));
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
            assert!(order.sent_at(3).is_some() && order.sent_at(4).is_none());
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
        let more: Vec<_> = (0..11).map(|number| (0, number)).collect();
        assert!(matches!(order().check(0, &stream(&more)), Err(Fault::NoMessage(_))));
        assert!(matches!(order().place(&bytes), Err(Fault::NoMessage(_))));
        assert!(matches!(order().place(&stream(&[(0, 10)])), Err(Fault::NoMessage(_))));
    }

    #[test]
    fn a_newcomer_is_where_its_first_whole_message_is() {
        let (said, mut order) = ([(0, 0), (1, 0), (1, 1), (0, 1), (1, 2)], order());
        let bytes = stream(&said);
        let unit = order.unit() as usize;
        assert_eq!(order.place(&bytes), Ok(None), "nobody else has read it");
        order.check(0, &bytes).unwrap();
        for place in 0..said.len() {
            let heard = &bytes[place * unit..];
            assert_eq!(order.place(&heard[..unit - 1]), Ok(None), "not whole");
            assert_eq!(order.place(heard), Ok(Some((place * unit) as u64)));
        }
        assert_eq!(order.place(&stream(&[(0, 2)])), Ok(None), "on its way");
        order.forget(3 * unit as u64);
        assert_eq!(order.place(&bytes[3 * unit..]), Ok(Some(3 * unit as u64)));
        assert_eq!(order.place(&bytes), Err(Fault::Stale { sender: 0, number: 0 }));
        assert_eq!(order.place(&stream(&[(1, 3)])), Ok(None));
    }

    #[test]
    fn a_sender_hears_all_but_its_own_in_whatever_pieces() {
        let (said, mut order) = ([(0, 0), (1, 0), (1, 1), (0, 1), (0, 2), (1, 2), (0, 3)], order());
        let unit = order.unit();
        let others =
            |sender| stream(&said.iter().copied().filter(|said| said.0 != sender).collect::<Vec<_>>());
        let [zero, one] = [others(0), others(1)];
        assert_eq!(order.check_view(&mut View::new(0), &zero), Ok(0), "no receiver has read it");
        order.check(0, &stream(&said)).unwrap();
        for size in [7, 64, 1000] {
            for (sender, heard) in [(0, &zero), (1, &one)] {
                let mut view = View::new(sender);
                for piece in heard.chunks(size) {
                    assert_eq!(order.check_view(&mut view, piece), Ok(piece.len()));
                }
                assert_eq!(order.check_view(&mut view, b"more"), Ok(0));
                assert_eq!(view.at(), 7 * unit);
            }
        }
        let mut view = View::new(0);
        assert_eq!(order.check_view(&mut view, &zero[..2 * unit as usize]), Ok(2 * unit as usize));
        order.forget(5 * unit);
        assert_eq!(order.check_view(&mut view, &zero[2 * unit as usize..]), Ok(unit as usize));
    }

    #[test]
    fn a_sender_that_hears_anything_else_is_lied_to() {
        let mut order = order();
        order.check(0, &stream(&[(0, 0), (1, 0), (1, 1), (0, 1), (1, 2)])).unwrap();
        // Told where the run of others' messages begins in which it is found.
        for (heard, at) in [
            ([(1, 1), (1, 0), (1, 2)], 1),
            ([(1, 0), (1, 2), (1, 3)], 1),
            ([(1, 0), (1, 0), (1, 1)], 1),
            ([(0, 0), (1, 0), (1, 1)], 1),
            ([(1, 0), (1, 1), (1, 1)], 4),
        ] {
            let fault = Fault::SenderDiffers { sender: 0, at: at * order.unit() };
            assert_eq!(order.check_view(&mut View::new(0), &stream(&heard)), Err(fault), "{heard:?}");
        }
    }

    #[test]
    fn the_polite_senders_messages_are_found_one_by_one() {
        let (said, mut order) = ([(0, 0), (1, 0), (1, 1), (0, 1), (1, 2)], order());
        order.check(0, &stream(&said)).unwrap();
        let unit = order.unit();
        let ends = [2, 3, 5];
        for (number, end) in (0..).zip(ends) {
            assert!(order.polite(number, end * unit - 1).is_none());
            assert!(order.polite(number, end * unit).is_some());
        }
        assert!(order.polite(3, 9 * unit).is_none());
        order.forget(3 * unit);
        assert!(order.polite(1, 9 * unit).is_none() && order.polite(2, 9 * unit).is_some());
    }
}
