//! What is asked of the room's log: one question at a time, so that it is known which question each answer
//! belongs to. Knows questions and their order, and nothing of what the answers hold.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use chat_shared::{History, MessageId};

/// So many questions may wait; of more, the oldest is forgotten.
const MOST: usize = 4;

/// How long a server that cannot answer now is left alone, at first and at most.
const PATIENCE: Duration = Duration::from_secs(2);
const MOST_PATIENCE: Duration = Duration::from_secs(60);

/// A question to the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ask {
    /// What came right before this message.
    Before(MessageId),
    /// The newest messages with these words.
    Search(String),
}

impl Ask {
    fn is_answered_by(&self, history: History) -> bool {
        match self {
            Self::Before(_) => history == History::Before,
            Self::Search(_) => history == History::Search,
        }
    }
}

/// The questions: the one that is out, and those that wait.
#[derive(Debug, Default)]
pub(super) struct Asks {
    now: Option<Ask>,
    /// The server cannot answer the one that is out.
    refused: bool,
    next: VecDeque<Ask>,
    not_before: Option<Instant>,
    patience: Option<Duration>,
}

impl Asks {
    /// This is to be asked. Of searches, only the last one counts.
    pub(super) fn want(&mut self, ask: Ask) {
        if matches!(ask, Ask::Search(_)) {
            self.next.retain(|other| !matches!(other, Ask::Search(_)));
        }
        if self.now.as_ref() == Some(&ask) || self.next.contains(&ask) {
            return;
        }
        if self.next.len() == MOST {
            self.next.pop_front();
        }
        self.next.push_back(ask);
    }

    /// No search is wanted any more.
    pub(super) fn want_no_search(&mut self) {
        self.next.retain(|other| !matches!(other, Ask::Search(_)));
    }

    /// Whether nothing is out and nothing waits.
    pub(super) fn is_free(&self) -> bool {
        self.now.is_none() && self.next.is_empty()
    }

    /// The next question, if it can go out by now; it is out then.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<Ask> {
        if self.not_before.is_some_and(|until| now < until) {
            return None;
        }
        if self.refused {
            // It was never answered, and can be asked anew.
            self.put_back();
        }
        if self.now.is_none() {
            self.not_before = None;
            self.now = self.next.pop_front();
            return self.now.clone();
        }
        None
    }

    /// The question that is out.
    pub(super) fn out(&self) -> Option<&Ask> {
        self.now.as_ref()
    }

    /// An answer has ended. Gives the question, unless that is to be asked once more.
    pub(super) fn end(&mut self, history: History) -> Option<Ask> {
        if !self.now.as_ref()?.is_answered_by(history) {
            return None;
        }
        if self.refused {
            self.put_back();
            return None;
        }
        self.patience = None;
        self.now.take()
    }

    /// The server cannot do something now. Gives whether that was to answer this.
    pub(super) fn busy(&mut self, now: Instant) -> bool {
        if self.now.is_none() || self.refused {
            return false;
        }
        let patience = self.patience.unwrap_or(PATIENCE);
        self.not_before = Some(now + patience);
        self.patience = Some((patience * 2).min(MOST_PATIENCE));
        self.refused = true;
        true
    }

    /// When [`Asks::take_due`] next has something to give.
    pub(super) fn due(&self, now: Instant) -> Option<Instant> {
        let waits = self.refused || self.now.is_none() && !self.next.is_empty();
        waits.then(|| self.not_before.unwrap_or(now))
    }

    /// The connection is gone: what was out is asked again on the next.
    pub(super) fn broke(&mut self) {
        self.put_back();
        (self.not_before, self.patience) = (None, None);
    }

    /// There is another log, of which none of this was meant.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    fn put_back(&mut self) {
        self.refused = false;
        if let Some(ask) = self.now.take() {
            let newer = |other: &Ask| matches!((other, &ask), (Ask::Search(_), Ask::Search(_)));
            if !self.next.iter().any(newer) && !self.next.contains(&ask) {
                self.next.push_front(ask);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(words: &str) -> Ask {
        Ask::Search(words.to_owned())
    }

    #[test]
    fn one_is_out_at_a_time_and_of_searches_the_last_counts() {
        let now = Instant::now();
        let mut asks = Asks::default();
        for ask in [search("a"), Ask::Before(5), search("ab"), Ask::Before(5), search("abc")] {
            asks.want(ask);
        }
        assert_eq!(asks.take_due(now), Some(Ask::Before(5)));
        assert_eq!(asks.take_due(now), None);
        assert_eq!(asks.end(History::Search), None, "that is the answer to something else");
        assert_eq!(asks.end(History::Before), Some(Ask::Before(5)));
        assert_eq!(asks.take_due(now), Some(search("abc")));
        assert_eq!(asks.end(History::Search), Some(search("abc")));
        assert!(asks.is_free() && asks.due(now).is_none());
    }

    #[test]
    fn what_a_busy_server_refuses_is_asked_again_and_ever_more_seldom() {
        let mut now = Instant::now();
        let mut asks = Asks::default();
        asks.want(Ask::Before(5));
        let mut pauses = Vec::new();
        for round in 0..7 {
            assert_eq!(asks.take_due(now), Some(Ask::Before(5)), "{round}");
            assert!(asks.busy(now) && !asks.busy(now));
            // The answer may end, or never come.
            if round % 2 == 0 {
                assert_eq!(asks.end(History::Before), None);
            }
            let due = asks.due(now).unwrap();
            assert_eq!(asks.take_due(now), None);
            pauses.push((due - now).as_secs());
            now = due;
        }
        assert_eq!(pauses, [2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(asks.take_due(now), Some(Ask::Before(5)));
        assert_eq!(asks.end(History::Before), Some(Ask::Before(5)));
    }

    #[test]
    fn what_a_break_swallows_is_asked_on_the_next_connection() {
        let now = Instant::now();
        let mut asks = Asks::default();
        asks.want(search("a"));
        assert_eq!(asks.take_due(now), Some(search("a")));
        asks.want(Ask::Before(9));
        asks.broke();
        assert_eq!(asks.take_due(now), Some(search("a")));
        asks.want(search("ab"));
        asks.broke();
        assert_eq!(asks.take_due(now), Some(Ask::Before(9)), "the newer search has taken its place");
        for id in 0..9 {
            asks.want(Ask::Before(id));
        }
        asks.end(History::Before);
        assert_eq!(asks.take_due(now), Some(Ask::Before(5)), "of too many, the last are asked");
        asks.clear();
        assert!(asks.is_free());
    }
}
