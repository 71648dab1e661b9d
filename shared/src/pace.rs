//! How fast one may speak: what a server allows, and what a client keeps to so that nothing it has sent
//! waits unread. Counts lines; asks no clock, the time comes in from above.

use std::time::{Duration, Instant};

/// A bucket that fills with `rate` lines a second and holds five seconds' worth.
#[derive(Debug)]
pub struct Pace {
    rate: u32,
    lines: f64,
    filled: Instant,
}

impl Pace {
    /// A full bucket. `rate` 0 never runs dry.
    pub fn new(rate: u32, now: Instant) -> Self {
        Self { rate, lines: 5.0 * f64::from(rate), filled: now }
    }

    /// How many lines may be taken now.
    pub fn allowed(&mut self, now: Instant) -> usize {
        if self.rate == 0 {
            return usize::MAX;
        }
        let passed = now.saturating_duration_since(self.filled).as_secs_f64();
        let rate = f64::from(self.rate);
        self.lines = (self.lines + passed * rate).min(5.0 * rate);
        self.filled = now;
        self.lines as usize
    }

    /// So many lines were taken.
    pub fn spend(&mut self, lines: usize) {
        if self.rate > 0 {
            self.lines -= lines as f64;
        }
    }

    /// How long until one more line may be taken.
    pub fn wait(&self) -> Duration {
        if self.rate == 0 {
            return Duration::ZERO;
        }
        Duration::from_secs_f64((1.0 - self.lines).max(0.0) / f64::from(self.rate))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_of_five_seconds_then_the_rate() {
        let start = Instant::now();
        let mut pace = Pace::new(10, start);
        assert_eq!(pace.allowed(start), 50);
        pace.spend(50);
        assert_eq!(pace.allowed(start), 0);
        assert_eq!(pace.wait(), Duration::from_millis(100));
        assert_eq!(pace.allowed(start + Duration::from_millis(99)), 0);
        assert_eq!(pace.allowed(start + Duration::from_millis(250)), 2);
        assert_eq!(pace.allowed(start + Duration::from_secs(60)), 50);
    }

    #[test]
    fn no_rate_is_no_limit() {
        let start = Instant::now();
        let mut pace = Pace::new(0, start);
        pace.spend(1_000_000);
        assert_eq!(pace.allowed(start), usize::MAX);
        assert_eq!(pace.wait(), Duration::ZERO);
    }
}
