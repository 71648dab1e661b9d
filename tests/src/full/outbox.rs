//! What one session has said: what waits for its acknowledgement, and under which ids the rest is in the
//! log. Keeps the order of txns; knows no line and no socket.

use std::collections::{BTreeMap, VecDeque};

use chat_shared::{MessageId, Millis, Txn};

use super::WINDOW;

/// A session's messages, under txns from 1 on.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    /// Every text that was ever said.
    said: Vec<String>,
    /// The txns that are not acknowledged yet.
    waiting: VecDeque<Txn>,
    /// How many of these, from the front, are on their way on this connection.
    sent: usize,
    /// The highest txn that was ever sent.
    tried: Txn,
    /// Where the others are.
    places: BTreeMap<Txn, (MessageId, Millis)>,
}

impl Outbox {
    /// Something new is to be said.
    pub(super) fn add(&mut self, text: String) {
        self.said.push(text);
        self.waiting.push_back(self.said.len() as Txn);
    }

    /// What is to be sent now, in order; `most` may be on their way at once.
    pub(super) fn send(&mut self, most: usize) -> Vec<(Txn, &str)> {
        let upto = self.waiting.len().min(most.min(WINDOW)).max(self.sent);
        let txns = self.waiting.range(self.sent..upto);
        let sending = txns.map(|&txn| (txn, self.said[txn as usize - 1].as_str())).collect();
        self.sent = upto;
        self.tried = self.waiting.iter().take(upto).fold(self.tried, |tried, &txn| tried.max(txn));
        sending
    }

    /// Nothing is on its way any more: all that waits is to be sent again.
    pub(super) fn again(&mut self) {
        self.sent = 0;
    }

    /// How many messages wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// The lowest txn that waits.
    pub(super) fn lowest(&self) -> Option<Txn> {
        self.waiting.front().copied()
    }

    /// The highest txn that was ever sent, on whatever connection.
    pub(super) fn tried(&self) -> Txn {
        self.tried
    }

    /// A message is in the log, under this id. Gives its text. An error when it was never sent, or is
    /// in another place by what was said before.
    pub(super) fn acknowledge(&mut self, txn: Txn, place: (MessageId, Millis)) -> Result<&str, String> {
        if txn == 0 || txn > self.tried {
            return Err(format!("{txn} is acknowledged, and was never sent"));
        }
        match self.places.insert(txn, place) {
            Some(known) if known != place => {
                return Err(format!("{txn} is acknowledged at {place:?}, and was at {known:?}"));
            }
            Some(_) => {}
            None => {
                let at = self.waiting.iter().position(|&waiting| waiting == txn);
                let at = at.expect("what was sent waits, or is acknowledged");
                self.waiting.remove(at);
                self.sent = self.sent.saturating_sub(usize::from(at < self.sent));
            }
        }
        Ok(&self.said[txn as usize - 1])
    }

    /// Everything that was said, from txn 1 on, and where in the log it is.
    pub(super) fn into_parts(self) -> (Vec<String>, BTreeMap<Txn, (MessageId, Millis)>) {
        (self.said, self.places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn txns(sent: Vec<(Txn, &str)>) -> Vec<Txn> {
        sent.into_iter().map(|(txn, _)| txn).collect()
    }

    #[test]
    fn what_is_not_acknowledged_is_sent_again_in_order() {
        let mut outbox = Outbox::default();
        (1..=5).for_each(|n| outbox.add(format!("text {n}")));
        assert_eq!(outbox.send(2), [(1, "text 1"), (2, "text 2")]);
        assert_eq!(outbox.acknowledge(1, (10, 0)), Ok("text 1"));
        assert_eq!(txns(outbox.send(3)), [3, 4]);
        assert_eq!(outbox.acknowledge(3, (12, 0)), Ok("text 3"));
        outbox.again();
        assert_eq!(txns(outbox.send(WINDOW)), [2, 4, 5]);
        assert_eq!((outbox.waiting(), outbox.lowest(), outbox.tried()), (3, Some(2), 5));
    }

    #[test]
    fn an_acknowledgement_stays_what_it_was() {
        let mut outbox = Outbox::default();
        outbox.add("text".into());
        assert!(outbox.acknowledge(1, (10, 0)).is_err());
        outbox.send(1);
        assert!(outbox.acknowledge(1, (10, 0)).is_ok());
        assert!(outbox.acknowledge(1, (10, 0)).is_ok());
        assert!(outbox.acknowledge(1, (11, 0)).is_err());
        assert!(outbox.acknowledge(2, (12, 0)).is_err());
    }
}
