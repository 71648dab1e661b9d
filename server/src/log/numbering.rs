//! Gives each message its id, and finds those that were sent twice, where one server alone writes the log. Knows
//! numbers; stores nothing.

use chat_shared::SessionId;

use super::entry::{Committed, Draft, Entry, Fate};
use super::sessions::{Sessions, Verdict};

/// What is due next: of the log, and of each session.
#[derive(Debug)]
pub(crate) struct Numbering {
    next: u64,
    sessions: Sessions,
}

impl Numbering {
    /// Of a log whose newest message is `last`, and in which these sessions have spoken.
    pub(crate) fn new(last: u64, sessions: Sessions) -> Self {
        Self { next: last + 1, sessions }
    }

    /// What comes of these drafts once it is stored.
    pub(crate) fn number(&mut self, drafts: Vec<Draft>) -> Committed {
        let mut fates = Vec::with_capacity(drafts.len());
        let mut entries = Vec::with_capacity(drafts.len());
        for Draft { time, from, name, text } in drafts {
            if let Some((session, txn)) = from {
                let session = SessionId::from_bytes(session);
                match self.sessions.judge(session, txn) {
                    Verdict::New => self.sessions.said(session, txn),
                    Verdict::Repeated => {
                        fates.push(Fate::Repeated);
                        continue;
                    }
                    Verdict::Early => {
                        fates.push(Fate::Early);
                        continue;
                    }
                }
            }
            fates.push(Fate::Said(self.next));
            entries.push(Entry { id: self.next, time, from, name, text });
            self.next += 1;
        }
        Committed { entries: entries.into(), fates }
    }

    /// These, which were numbered last, could not be stored: their ids and numbers are due again.
    pub(crate) fn undo(&mut self, entries: &[Entry]) {
        for entry in entries.iter().rev() {
            self.next = entry.id;
            if let Some((session, txn)) = entry.from {
                self.sessions.unsaid(SessionId::from_bytes(session), txn);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(from: Option<u64>) -> Draft {
        Draft { time: 0, from: from.map(|txn| ([1; 16], txn)), name: "ann".into(), text: "hello".into() }
    }

    #[test]
    fn what_was_sent_twice_gets_one_id() {
        let mut numbering = Numbering::new(7, Sessions::default());
        let committed = numbering.number(vec![draft(Some(5)), draft(None), draft(Some(5)), draft(Some(7))]);
        assert_eq!(committed.fates, [Fate::Said(8), Fate::Said(9), Fate::Repeated, Fate::Early]);
        let ids: Vec<_> = committed.entries.iter().map(|entry| entry.id).collect();
        assert_eq!(ids, [8, 9]);
    }

    #[test]
    fn what_could_not_be_stored_is_due_again() {
        let mut numbering = Numbering::new(0, Sessions::default());
        let failed = numbering.number(vec![draft(Some(5)), draft(Some(6)), draft(None)]);
        numbering.undo(&failed.entries);
        assert_eq!(numbering.number(vec![draft(Some(6))]).fates, [Fate::Early]);
        assert_eq!(numbering.number(vec![draft(Some(5))]).fates, [Fate::Said(1)]);
    }
}
