//! When to call a person who does not look at the window: by what they like, and not more often than they
//! can bear. Pure: the time comes along as an argument. Knows nothing of how one is called.

use std::time::{Duration, Instant};

use crate::model::{Calls, Tally};
use crate::settings::Notify;

/// So long one is left alone after a call; what is said meanwhile makes one more.
const REST: Duration = Duration::from_secs(5);

/// A call, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What it is about, on a short line.
    pub summary: String,
    /// What is said, on one line.
    pub body: String,
}

/// What is still to be called about, and when one was called last.
#[derive(Debug, Default)]
pub struct Attention {
    all: Tally,
    mentions: Tally,
    last: Option<Instant>,
}

impl Attention {
    /// The person looks at the window, and needs no call.
    pub fn is_here(&mut self) {
        *self = Self { last: self.last, ..Self::default() };
    }

    /// This was said while the person was away. `notify` is what they like.
    pub fn hear(&mut self, calls: Calls, notify: Notify) {
        match notify {
            Notify::None => {}
            Notify::Mentions => self.mentions.extend(calls.mentions),
            Notify::All => {
                self.all.extend(calls.all);
                self.mentions.extend(calls.mentions);
            }
        }
    }

    /// When there is something to call about, if there is.
    pub fn due(&self, now: Instant) -> Option<Instant> {
        let waits = self.all.count + self.mentions.count > 0;
        waits.then(|| self.last.map_or(now, |last| now.max(last + REST)))
    }

    /// The call that is due.
    pub fn call(&mut self, now: Instant) -> Option<Notice> {
        if self.due(now)? > now {
            return None;
        }
        self.last = Some(now);
        let (all, mentions) = (std::mem::take(&mut self.all), std::mem::take(&mut self.mentions));
        let (count, named) = (all.count.max(mentions.count), mentions.count);
        // Who is named wants to know by whom first of all.
        let last = if named > 0 { mentions } else { all };
        let summary = match (count, named) {
            (1, 0) => last.by.clone(),
            (1, _) => format!("{} mentions you", last.by),
            (_, 0) => format!("{count} new messages"),
            _ if count == named => format!("{count} messages mention you"),
            (_, 1) => format!("{count} new messages, one mentions you"),
            _ => format!("{count} new messages, {named} mention you"),
        };
        let body = if count == 1 { last.text } else { format!("{}: {}", last.by, last.text) };
        Some(Notice { summary, body })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(count: usize, text: &str) -> Tally {
        Tally { count, by: "bob".into(), text: text.into() }
    }

    fn calls(all: usize, mentions: usize) -> Calls {
        let some = |count, text| if count > 0 { tally(count, text) } else { Tally::default() };
        Calls { all: some(all, "hello"), mentions: some(mentions, "ann!") }
    }

    #[test]
    fn what_is_told_is_what_is_liked() {
        use Notify::{All, Mentions, None as Nothing};
        for (notify, all, mentions, expected) in [
            (Nothing, 3, 2, None),
            (Mentions, 3, 0, None),
            (Mentions, 3, 1, Some(("bob mentions you", "ann!"))),
            (Mentions, 3, 2, Some(("2 messages mention you", "bob: ann!"))),
            (All, 0, 0, None),
            (All, 1, 0, Some(("bob", "hello"))),
            (All, 1, 1, Some(("bob mentions you", "ann!"))),
            (All, 3, 0, Some(("3 new messages", "bob: hello"))),
            (All, 3, 1, Some(("3 new messages, one mentions you", "bob: ann!"))),
            (All, 3, 2, Some(("3 new messages, 2 mention you", "bob: ann!"))),
            (All, 2, 2, Some(("2 messages mention you", "bob: ann!"))),
        ] {
            let mut attention = Attention::default();
            let now = Instant::now();
            attention.hear(calls(all, mentions), notify);
            let notice = attention.call(now);
            let words = notice.as_ref().map(|notice| (notice.summary.as_str(), notice.body.as_str()));
            assert_eq!(words, expected, "{notify:?} {all} {mentions}");
            assert_eq!((attention.due(now), attention.call(now + REST)), (None, None));
        }
    }

    #[test]
    fn a_flood_is_one_call_and_one_more_after_each_rest() {
        let start = Instant::now();
        let mut attention = Attention::default();
        let mut told = Vec::new();
        for tenth in 0..120 {
            let now = start + Duration::from_millis(100) * tenth;
            attention.hear(calls(1, 0), Notify::All);
            if let Some(notice) = attention.call(now) {
                told.push((tenth, notice.summary));
            }
        }
        let told: Vec<_> = told.iter().map(|(tenth, words)| (*tenth, words.as_str())).collect();
        assert_eq!(told, [(0, "bob"), (50, "50 new messages"), (100, "50 new messages")]);
        let now = start + Duration::from_secs(12);
        assert_eq!(attention.due(now), Some(start + Duration::from_secs(15)));
        attention.is_here();
        assert_eq!((attention.due(now), attention.call(start + Duration::from_secs(60))), (None, None));
        // Who looks away again at once is left alone as long.
        attention.hear(calls(1, 1), Notify::Mentions);
        assert_eq!(attention.due(now), Some(start + Duration::from_secs(15)));
    }
}
