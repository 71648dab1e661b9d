//! How long to wait before the next attempt to connect: longer each time, and never the same for two
//! clients, so that a room's members do not all come back in one moment. Knows no clock and no dice:
//! both come in from above.

use std::time::Duration;

/// A connection that lasted this long was a good one.
const GOOD: Duration = Duration::from_secs(10);

/// Growing pauses with jitter.
#[derive(Debug, Clone)]
pub struct Pauses {
    first: Duration,
    longest: Duration,
    next: Duration,
    dice: fn() -> f64,
}

impl Pauses {
    /// Pauses that begin at `first` and double up to `longest`, each of them shortened or lengthened
    /// by up to half. `dice` gives numbers from 0 to 1.
    pub fn new(first: Duration, longest: Duration, dice: fn() -> f64) -> Self {
        Self { first, longest, next: first, dice }
    }

    /// The pause before the next attempt.
    pub fn grow(&mut self) -> Duration {
        let pause = self.next.mul_f64(0.5 + (self.dice)());
        self.next = (self.next * 2).min(self.longest);
        pause
    }

    /// Begins anew after a connection that lasted for ten seconds at least. After a shorter one the pauses
    /// go on growing: a server that throws its members out at once must not be knocked at every second. Gives
    /// which it was.
    pub fn after_connection(&mut self, lasted: Duration) -> bool {
        let was_good = lasted >= GOOD;
        if was_good {
            self.next = self.first;
        }
        was_good
    }
}

impl Default for Pauses {
    /// From half a second to half a minute.
    fn default() -> Self {
        Self::new(Duration::from_millis(500), Duration::from_secs(30), fastrand::f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_double_up_to_the_longest_and_begin_anew() {
        let mut pauses = Pauses::new(Duration::from_millis(500), Duration::from_secs(30), || 0.5);
        let seconds: Vec<_> = (0..9).map(|_| pauses.grow().as_secs_f64()).collect();
        assert_eq!(seconds, [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]);
        assert!(!pauses.after_connection(GOOD / 2));
        assert_eq!(pauses.grow(), Duration::from_secs(30));
        assert!(pauses.after_connection(GOOD));
        assert_eq!(pauses.grow(), Duration::from_millis(500));
    }

    #[test]
    fn jitter_is_half_either_way() {
        let pause = |dice| Pauses::new(Duration::from_secs(2), Duration::from_secs(2), dice).grow();
        assert_eq!(pause(|| 0.0), Duration::from_secs(1));
        assert_eq!(pause(|| 1.0), Duration::from_secs(3));
    }
}
