//! How fast one member may ask for things: lines of any kind, names, and questions about the past, each with
//! a bucket of its own. Counts; asks no clock, and does not know what is done with who is too fast.

use std::time::{Duration, Instant};

use chat_shared::{Notice, Pace};

/// How many of each kind may be taken now; at least one of each, or none of any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Allowed {
    /// Lines, whatever they are.
    pub(crate) lines: usize,
    /// Names among them, with a key or without.
    pub(crate) names: usize,
    /// Questions about the past among them.
    pub(crate) questions: usize,
}

impl Allowed {
    /// No limit.
    pub(crate) const ALL: Self = Self { lines: usize::MAX, names: usize::MAX, questions: usize::MAX };
}

/// What one member has left.
#[derive(Debug)]
pub(crate) struct Allowance {
    lines: Pace,
    names: Bucket,
    questions: Bucket,
    /// Lines a second; 0 is no limit on anything.
    rate: u32,
}

impl Allowance {
    /// Full buckets: of lines at this rate, and where that is not 0 of names and of questions.
    pub(crate) fn new(rate: u32, now: Instant) -> Self {
        Self {
            lines: Pace::new(rate, now),
            // The first few at once, then one every two seconds: each is told to everybody.
            names: Bucket::new(5.0, 0.5, now),
            // Scrolling through the past asks a few times a second at most.
            questions: Bucket::new(30.0, 3.0, now),
            rate,
        }
    }

    /// What may be taken now.
    pub(crate) fn allowed(&mut self, now: Instant) -> Allowed {
        if self.rate == 0 {
            return Allowed::ALL;
        }
        let allowed = Allowed {
            lines: self.lines.allowed(now),
            names: self.names.allowed(now),
            questions: self.questions.allowed(now),
        };
        if allowed.lines.min(allowed.names).min(allowed.questions) == 0 {
            return Allowed { lines: 0, names: 0, questions: 0 };
        }
        allowed
    }

    /// So many were taken.
    pub(crate) fn spend(&mut self, lines: usize, names: usize, questions: usize) {
        if self.rate > 0 {
            self.lines.spend(lines);
            self.names.tokens -= names as f64;
            self.questions.tokens -= questions as f64;
        }
    }

    /// How long until something may be taken again.
    pub(crate) fn wait(&self) -> Duration {
        if self.rate == 0 {
            return Duration::ZERO;
        }
        self.lines.wait().max(self.names.wait()).max(self.questions.wait())
    }

    /// What to tell who has to wait.
    pub(crate) fn notice(&self) -> Notice {
        if self.lines.wait().is_zero() { Notice::AsksTooFast } else { Notice::TooFast(self.rate) }
    }
}

/// Fills with `rate` a second and holds so many. It may owe one: what comes next is not known before it is
/// read, and who has used up its names may still say something.
#[derive(Debug)]
pub(crate) struct Bucket {
    tokens: f64,
    holds: f64,
    rate: f64,
    filled: Instant,
}

impl Bucket {
    /// A full one.
    pub(crate) fn new(holds: f64, rate: f64, now: Instant) -> Self {
        Self { tokens: holds, holds, rate, filled: now }
    }

    fn fill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.filled).as_secs_f64();
        self.tokens = (self.tokens + passed * self.rate).min(self.holds);
        self.filled = now;
    }

    fn allowed(&mut self, now: Instant) -> usize {
        self.fill(now);
        if self.tokens < 0.0 { 0 } else { self.tokens as usize + 1 }
    }

    fn wait(&self) -> Duration {
        Duration::from_secs_f64((-self.tokens).max(0.0) / self.rate)
    }

    /// Takes one, if there is one.
    pub(crate) fn take(&mut self, now: Instant) -> bool {
        self.fill(now);
        let there = self.tokens >= 1.0;
        if there {
            self.tokens -= 1.0;
        }
        there
    }

    /// Puts back one that was taken.
    pub(crate) fn give_back(&mut self) {
        self.tokens = (self.tokens + 1.0).min(self.holds);
    }

    /// Whether nothing is missing from it.
    pub(crate) fn is_full(&mut self, now: Instant) -> bool {
        self.fill(now);
        self.tokens >= self.holds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_used_up_its_names_may_still_speak() {
        let start = Instant::now();
        let mut allowance = Allowance::new(10, start);
        assert_eq!(allowance.allowed(start), Allowed { lines: 50, names: 6, questions: 31 });
        allowance.spend(5, 5, 0);
        assert_eq!(allowance.allowed(start), Allowed { lines: 45, names: 1, questions: 31 });
        allowance.spend(1, 1, 0);
        assert_eq!(allowance.allowed(start).lines, 0);
        assert_eq!((allowance.wait(), allowance.notice()), (Duration::from_secs(2), Notice::AsksTooFast));
        let later = start + Duration::from_secs(2);
        assert_eq!(allowance.allowed(later).names, 1);
        allowance.spend(100, 0, 0);
        assert_eq!(allowance.allowed(later).lines, 0);
        assert_eq!(allowance.notice(), Notice::TooFast(10));
    }

    #[test]
    fn no_rate_is_no_limit_on_anything() {
        let start = Instant::now();
        let mut allowance = Allowance::new(0, start);
        allowance.spend(1000, 1000, 1000);
        assert_eq!((allowance.allowed(start), allowance.wait()), (Allowed::ALL, Duration::ZERO));
    }

    #[test]
    fn a_bucket_gives_what_it_holds_and_then_what_comes() {
        let start = Instant::now();
        let mut bucket = Bucket::new(2.0, 1.0, start);
        assert!(bucket.is_full(start) && bucket.take(start) && bucket.take(start) && !bucket.take(start));
        assert!(bucket.take(start + Duration::from_secs(1)));
        assert!(!bucket.take(start + Duration::from_secs(1)));
        assert!(bucket.is_full(start + Duration::from_secs(4)));
    }
}
