//! What was said before, to be said again: Up brings back what was sent last, and what was sent before that.
//! Knows texts only; which key asks for what is decided by the composer.

use std::collections::VecDeque;

/// So many texts are remembered, the newest.
const MAX_TEXTS: usize = 100;
/// They have so many bytes at most, all together.
const MAX_BYTES: usize = 64 * 1024;

/// What was sent from here, and how far back we have gone in it.
#[derive(Debug, Default)]
pub(super) struct Recall {
    /// The oldest first.
    said: VecDeque<String>,
    bytes: usize,
    /// Which of them stands in the draft.
    at: Option<usize>,
}

impl Recall {
    /// This was sent.
    pub(super) fn said(&mut self, text: &str) {
        self.at = None;
        let is_again = self.said.back().is_some_and(|last| last == text);
        if text.trim().is_empty() || text.len() > MAX_BYTES || is_again {
            return;
        }
        self.bytes += text.len();
        self.said.push_back(text.to_owned());
        while self.said.len() > MAX_TEXTS || self.bytes > MAX_BYTES {
            self.bytes -= self.said.pop_front().map_or(0, |oldest| oldest.len());
        }
    }

    /// What was sent before what stands in the draft. `None` when nothing was, or when something was written
    /// that would be lost.
    pub(super) fn older(&mut self, draft: &str) -> Option<&str> {
        let now = match self.shown(draft) {
            Some(at) => at,
            None if draft.is_empty() => self.said.len(),
            None => return None,
        };
        let at = now.checked_sub(1)?;
        self.at = Some(at);
        self.said.get(at).map(String::as_str)
    }

    /// What was sent after what stands in the draft, and after the newest an empty draft. `None` when
    /// nothing from before stands there.
    pub(super) fn newer(&mut self, draft: &str) -> Option<&str> {
        let at = self.shown(draft)? + 1;
        self.at = (at < self.said.len()).then_some(at);
        Some(self.said.get(at).map_or("", String::as_str))
    }

    /// Which text from before stands in the draft, as it was.
    fn shown(&self, draft: &str) -> Option<usize> {
        self.at.filter(|&at| self.said.get(at).is_some_and(|said| said == draft))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recall(said: &[&str]) -> Recall {
        let mut recall = Recall::default();
        said.iter().for_each(|text| recall.said(text));
        recall
    }

    /// After these were said, `keys` (`u`p and `d`own) in an empty draft bring up these drafts; `-` is none.
    fn check(said: &[&str], keys: &str, expected: &[&str]) {
        let mut recall = recall(said);
        let mut draft = String::new();
        let mut drafts = Vec::new();
        for key in keys.chars() {
            let found = if key == 'u' { recall.older(&draft) } else { recall.newer(&draft) };
            drafts.push(found.unwrap_or("-").to_owned());
            draft = found.map_or(draft, str::to_owned);
        }
        assert_eq!(drafts, expected, "{said:?} {keys}");
    }

    #[test]
    fn back_and_forth() {
        check(&[], "ud", &["-", "-"]);
        check(&["one"], "uud", &["one", "-", ""]);
        check(&["one", "two", "three"], "duuuuddd", &["-", "three", "two", "one", "-", "two", "three", ""]);
        check(&["one", "two"], "udud", &["two", "", "two", ""]);
        check(&["one", "", " \n", "one", "two", "two"], "uuu", &["two", "one", "-"]);
    }

    #[test]
    fn what_was_written_is_never_replaced() {
        let mut recall = recall(&["one", "two"]);
        assert_eq!(recall.older("x"), None);
        assert_eq!(recall.newer("x"), None);
        assert_eq!(recall.older(""), Some("two"));
        assert_eq!(recall.older("two!"), None);
        assert_eq!(recall.newer("two!"), None);
        assert_eq!(recall.older("two"), Some("one"), "it is again what it was");
        recall.said("three");
        assert_eq!(recall.newer("one"), None, "that was before something else was said");
        assert_eq!(recall.older(""), Some("three"));
    }

    #[test]
    fn it_is_bounded() {
        let mut recall = Recall::default();
        for number in 0..=MAX_TEXTS {
            recall.said(&number.to_string());
        }
        assert_eq!((recall.said.len(), recall.said[0].as_str()), (MAX_TEXTS, "1"));
        recall.said(&"x".repeat(MAX_BYTES + 1));
        assert_eq!(recall.said.len(), MAX_TEXTS, "too long to be remembered");
        recall.said(&"x".repeat(MAX_BYTES));
        assert_eq!((recall.said.len(), recall.bytes), (1, MAX_BYTES));
        recall.said("y");
        assert_eq!((recall.said.len(), recall.bytes), (1, 1));
    }
}
