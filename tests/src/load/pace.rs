//! When what is said on a timer is due. Pure arithmetic: is told what time it is.

use std::time::{Duration, Instant};

/// So many beats a second, from a start on. Each beat's time comes from the start, not from the beat
/// before, so that neither rounding nor being late adds up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Metronome {
    start: Instant,
    per_second: f64,
    beats: u64,
}

impl Metronome {
    /// A metronome whose first beat is one interval after `start`; `None` at a rate of 0.
    pub(super) fn new(start: Instant, per_second: f64) -> Option<Self> {
        (per_second > 0.0).then_some(Self { start, per_second, beats: 0 })
    }

    /// When the next beat is due.
    pub(super) fn next(&self) -> Instant {
        self.start + Duration::from_secs_f64((self.beats + 1) as f64 / self.per_second)
    }

    /// The next beat, if it is due by `now`, and when it was due.
    pub(super) fn beat(&mut self, now: Instant) -> Option<Instant> {
        let due = self.next();
        (due <= now).then(|| {
            self.beats += 1;
            due
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_beat_is_due_on_the_dot_however_late_it_is_asked_for() {
        let start = Instant::now();
        let mut metronome = Metronome::new(start, 3.0).unwrap();
        let after = |millis| start + Duration::from_millis(millis);
        assert_eq!(metronome.beat(after(333)), None);
        let late = after(10_000);
        let beats: Vec<_> = std::iter::from_fn(|| metronome.beat(late)).collect();
        assert_eq!(beats.len(), 30);
        for (beat, due) in (1u32..).zip(beats) {
            let third = Duration::from_secs(1) * beat / 3;
            assert!((due - start).abs_diff(third) < Duration::from_micros(1), "beat {beat}");
        }
        assert!(metronome.next() > late);
    }

    #[test]
    fn nothing_a_second_is_no_metronome() {
        assert!(Metronome::new(Instant::now(), 0.0).is_none());
    }
}
