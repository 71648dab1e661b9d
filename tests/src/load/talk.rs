//! One talk: what is said on a timer, and what has come of it so far.

use std::collections::VecDeque;
use std::ops::Range;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use super::member::Member;
use super::order::Order;
use super::pace::Metronome;
use super::{Outcome, Passing};

/// The messages of one read whose latency is looked at.
const LOOKS: u64 = 4;

/// A talk that goes on.
#[derive(Debug)]
pub(super) struct Talk {
    /// When the senders speak, unless it is as soon as there is room.
    pub(super) beat: Option<Metronome>,
    /// When the polite one speaks.
    pub(super) polite: Option<Metronome>,
    pub(super) deliveries: u64,
    /// When somebody last read something.
    pub(super) heard: Instant,
    latency: Histogram<u64>,
    polite_latency: Histogram<u64>,
    wait: Histogram<u64>,
    before: Histogram<u64>,
    /// The polite sender's next message that nobody has read, and when it and those after it were said.
    unheard: u64,
    said: VecDeque<Instant>,
}

impl Talk {
    /// The polite sender has said so many messages before.
    pub(super) fn new(
        now: Instant,
        beat: Option<Metronome>,
        polite: Option<Metronome>,
        said_politely: u64,
    ) -> Self {
        let histogram = || Histogram::new(3).expect("3 digits are allowed");
        Self {
            beat,
            polite,
            deliveries: 0,
            heard: now,
            latency: histogram(),
            polite_latency: histogram(),
            wait: histogram(),
            before: histogram(),
            unheard: said_politely,
            said: VecDeque::new(),
        }
    }

    /// When the next message is due, if any is said on a timer.
    pub(super) fn next(&self) -> Option<Instant> {
        [&self.beat, &self.polite].into_iter().flatten().map(Metronome::next).min()
    }

    /// Looks at the latency of some of the messages that were read together, the oldest and the newest
    /// among them: to look at all would take longer than to read them.
    pub(super) fn look(&mut self, order: &Order, read: Range<u64>, now: Instant) {
        let count = read.end - read.start;
        let looks = count.min(LOOKS);
        for look in 0..looks {
            let message = read.start + look * (count - 1) / (looks - 1).max(1);
            // Each stands for its share of them.
            let share = count * (look + 1) / looks - count * look / looks;
            if let Some(sent) = order.sent_at(message) {
                let _ = self.latency.record_n(nanos(now.saturating_duration_since(sent)), share);
            }
        }
    }

    /// Looks at the polite sender's messages that `member` has read by now: at every one.
    pub(super) fn look_at_polite(&mut self, order: &Order, member: &mut Member, now: Instant) {
        while let Some(due) = order.polite(member.polite, member.at()) {
            let latency = nanos(now.saturating_duration_since(due));
            if member.polite == self.unheard {
                self.unheard += 1;
                if let Some(said) = self.said.pop_front() {
                    let _ = self.wait.record(nanos(now.saturating_duration_since(said)));
                }
            }
            member.polite += 1;
            let _ = self.polite_latency.record(latency);
        }
    }

    /// The polite sender speaks, and so many messages are on their way that no receiver has read.
    pub(super) fn speaks_politely(&mut self, before: u64, now: Instant) {
        let _ = self.before.record(before);
        self.said.push_back(now);
    }

    /// Whether any of so many messages that the polite sender has said has not been read by a receiver.
    pub(super) fn awaits_polite(&self, said_politely: u64) -> bool {
        said_politely > self.unheard
    }

    /// It is over.
    pub(super) fn end(self, start: Instant, messages: u64, passing: Passing) -> Outcome {
        let Self { deliveries, latency, polite_latency: polite, wait, before, .. } = self;
        Outcome { messages, deliveries, elapsed: start.elapsed(), latency, polite, wait, before, passing }
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::Dialect;
    use crate::load::dialect::text;

    #[test]
    fn a_few_looks_stand_for_all_messages_of_a_read() {
        let mut order = Order::new(Dialect::Chat, 14, 1, None);
        let start = Instant::now();
        let at = |message: u64| start + Duration::from_millis(message);
        for number in 0..100 {
            order.sent(0, at(number));
            order
                .check(number * order.unit(), &[b"MESSAGE s000 ", &text(0, number, 14)[..], b"\n"].concat())
                .unwrap();
        }
        for (read, expected) in [(0..1, vec![200]), (50..53, vec![148, 149, 150]), (0..100, vec![101, 200])] {
            let mut talk = Talk::new(start, None, None, 0);
            talk.look(&order, read.clone(), at(200));
            assert_eq!(talk.latency.len(), read.end - read.start, "{read:?}");
            for millis in expected {
                assert!(talk.latency.count_at(millis * 1_000_000) > 0, "{read:?}, {millis} ms");
            }
        }
    }
}
