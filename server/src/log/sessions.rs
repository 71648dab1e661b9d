//! Which message of each session is due: what makes a message that is sent twice appear once. Knows
//! numbers only.

use std::collections::HashMap;

use chat_shared::{SessionId, Txn};

/// How many sessions are remembered at least: those that spoke last.
const MOST: usize = 100_000;

/// All sessions that have ever said something, or the latest of them.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    due: HashMap<SessionId, Due>,
    /// Grows with every message.
    clock: u64,
}

#[derive(Debug, Clone, Copy)]
struct Due {
    txn: Txn,
    /// When it last spoke, by the clock that counts messages.
    spoke: u64,
}

/// What a message's number says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is the one that is due.
    New,
    /// It was said before.
    Repeated,
    /// Others are to come before it.
    Early,
}

impl Sessions {
    /// The sessions of a log, the one that spoke longest ago first, each with the last of its numbers.
    pub(crate) fn new(sessions: impl IntoIterator<Item = ([u8; 16], Txn)>) -> Self {
        let mut all = Self::default();
        for (session, txn) in sessions {
            all.said(SessionId::from_bytes(session), txn);
        }
        all
    }

    /// Looks at a number. A session that is not known may begin with any.
    pub(crate) fn judge(&self, session: SessionId, txn: Txn) -> Verdict {
        match self.due.get(&session) {
            // Nothing could follow it.
            _ if txn == Txn::MAX => Verdict::Early,
            None => Verdict::New,
            Some(due) if txn == due.txn => Verdict::New,
            Some(due) if txn < due.txn => Verdict::Repeated,
            Some(_) => Verdict::Early,
        }
    }

    /// This message is said; the next is due.
    pub(crate) fn said(&mut self, session: SessionId, txn: Txn) {
        self.set(session, txn.saturating_add(1));
    }

    /// This message could not be stored: it is due still, or again. Given in the order in which they were
    /// said, the last of a session first.
    pub(crate) fn unsaid(&mut self, session: SessionId, txn: Txn) {
        self.set(session, txn);
    }

    fn set(&mut self, session: SessionId, txn: Txn) {
        self.clock += 1;
        self.due.insert(session, Due { txn, spoke: self.clock });
        if self.due.len() > 2 * MOST {
            let mut spoke: Vec<_> = self.due.values().map(|due| due.spoke).collect();
            let (_, &mut oldest, _) = spoke.select_nth_unstable(MOST);
            self.due.retain(|_, due| due.spoke > oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(number: u64) -> SessionId {
        SessionId::from_bytes(u128::from(number).to_be_bytes())
    }

    #[test]
    fn each_number_is_due_once_and_in_turn() {
        let mut sessions = Sessions::new([(*session(1).as_bytes(), 6)]);
        let judge = |sessions: &Sessions, which, txn| sessions.judge(session(which), txn);
        assert_eq!(judge(&sessions, 1, 6), Verdict::Repeated);
        assert_eq!(judge(&sessions, 1, 7), Verdict::New);
        assert_eq!(judge(&sessions, 1, 8), Verdict::Early);
        assert_eq!(judge(&sessions, 2, 40), Verdict::New, "a session may begin anywhere");
        assert_eq!(judge(&sessions, 2, Txn::MAX), Verdict::Early);
        sessions.said(session(1), 7);
        assert_eq!(judge(&sessions, 1, 7), Verdict::Repeated);
        assert_eq!(judge(&sessions, 1, 8), Verdict::New);
    }

    #[test]
    fn what_was_not_stored_is_due_again_before_what_follows() {
        let mut sessions = Sessions::default();
        (5..8).for_each(|txn| sessions.said(session(1), txn));
        (5..8).rev().for_each(|txn| sessions.unsaid(session(1), txn));
        assert_eq!(sessions.judge(session(1), 8), Verdict::Early);
        assert_eq!(sessions.judge(session(1), 6), Verdict::Early);
        assert_eq!(sessions.judge(session(1), 5), Verdict::New);
    }

    #[test]
    fn those_that_spoke_last_are_remembered() {
        let most = MOST as u64;
        let mut sessions = Sessions::new((0..2 * most).map(|number| (*session(number).as_bytes(), 1)));
        sessions.said(session(0), 2);
        sessions.said(session(2 * most), 1);
        assert!(sessions.due.len() <= MOST + 1);
        assert_eq!(sessions.judge(session(0), 2), Verdict::Repeated);
        assert_eq!(sessions.judge(session(2 * most - 1), 1), Verdict::Repeated);
        assert_eq!(sessions.judge(session(1), 1), Verdict::New, "it is forgotten");
    }
}
