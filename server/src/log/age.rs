//! Which messages are too old, although clocks are wrong now and then. Knows ids and times of day; neither
//! where messages are kept, nor how they are forgotten.

use super::entry::Keep;

/// Messages are looked at in the order of ids. Too old are all up to the last one that was said before the
/// time from which on things are kept, of those before the first that was said since.
///
/// So a time that is still to come, which a clock that was ahead has left, holds nothing: its message goes
/// with one behind it that is too old. And a time that is long past, which a clock has left that was behind,
/// takes none with it that is young.
#[derive(Debug)]
pub(super) struct Sieve {
    /// All before this one are too old, or gone already.
    first: u64,
    /// The next to be looked at. Those between have times that are still to come, or had when they were
    /// looked at.
    next: u64,
    /// What to look for: from which time on things are kept, and what time it is. `None` when nothing is
    /// known to be too old that is not found yet.
    times: Option<(u64, u64)>,
}

impl Sieve {
    /// Before anybody has said what time it is. `first` is the oldest message.
    pub(super) fn new(first: u64) -> Self {
        Self { first, next: first, times: None }
    }

    /// It is now that time, in milliseconds since 1970 UTC, and `last` is the newest message.
    pub(super) fn begin(&mut self, keep: Keep, now: u64, last: u64) {
        self.times = keep.cutoff(now).map(|cutoff| (cutoff, now));
        if self.next > last {
            // None is young. What was still to come may have passed.
            self.next = self.first;
        }
    }

    /// The message to be looked at next, if it is not known yet which are too old.
    pub(super) fn next(&self) -> Option<u64> {
        self.times.map(|_| self.next)
    }

    /// Looks at the next message. False when it is known which are too old.
    pub(super) fn look(&mut self, id: u64, time: u64) -> bool {
        match self.times {
            Some((cutoff, now)) if time < cutoff || time > now => {
                self.next = id + 1;
                if time < cutoff {
                    self.first = self.next;
                }
                true
            }
            _ => {
                self.times = None;
                false
            }
        }
    }

    /// There are no more messages.
    pub(super) fn end(&mut self) {
        self.times = None;
    }

    /// The messages before this one are gone, for whatever reason.
    pub(super) fn gone(&mut self, first: u64) {
        self.first = self.first.max(first);
        self.next = self.next.max(first);
    }

    /// The first that is not known to be too old.
    pub(super) fn first(&self) -> u64 {
        self.first
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// The first that is not too old of messages with these times, when what is older than 10 is.
    fn first_of(times: &[u64], now: u64) -> u64 {
        let mut sieve = Sieve::new(1);
        sift(&mut sieve, times, now);
        sieve.first()
    }

    fn sift(sieve: &mut Sieve, times: &[u64], now: u64) {
        let keep = Keep { messages: None, age: Some(Duration::from_millis(10)) };
        sieve.begin(keep, now, times.len() as u64);
        while let Some(next) = sieve.next() {
            match times.get(next as usize - 1) {
                Some(&time) => _ = sieve.look(next, time),
                None => sieve.end(),
            }
        }
    }

    #[test]
    fn what_is_too_old_goes_and_what_is_young_stays() {
        assert_eq!(first_of(&[], 100), 1);
        assert_eq!(first_of(&[88, 89, 90, 91], 100), 3);
        assert_eq!(first_of(&[90, 91], 100), 1);
        assert_eq!(first_of(&[88, 89], 100), 3);
    }

    #[test]
    fn a_time_that_is_still_to_come_holds_nothing() {
        assert_eq!(first_of(&[500, 88, 501, 89, 99], 100), 5);
        assert_eq!(first_of(&[500, 501], 100), 1);
        assert_eq!(first_of(&[500, 99, 88], 100), 1, "it may be young too");
    }

    #[test]
    fn a_time_that_is_long_past_takes_nothing_with_it() {
        assert_eq!(first_of(&[95, 0, 99], 100), 1);
        assert_eq!(first_of(&[88, 95, 0, 99], 100), 2);
    }

    #[test]
    fn it_goes_on_where_it_was() {
        let mut times = vec![500, 88, 501, 502];
        let mut sieve = Sieve::new(1);
        sift(&mut sieve, &times, 100);
        assert_eq!(sieve.first(), 3);
        times.push(101);
        sift(&mut sieve, &times, 101);
        assert_eq!((sieve.first(), sieve.next), (3, 5));
        sift(&mut sieve, &times, 112);
        assert_eq!(sieve.first(), 6);
        sieve.gone(8);
        times.extend([111, 111, 111]);
        sift(&mut sieve, &times, 122);
        assert_eq!(sieve.first(), 9);
    }

    #[test]
    fn what_was_still_to_come_passes() {
        let times = [500, 501];
        let mut sieve = Sieve::new(1);
        for (now, first) in [(100, 1), (501, 1), (511, 2), (512, 3)] {
            sift(&mut sieve, &times, now);
            assert_eq!(sieve.first(), first, "at {now}");
        }
    }
}
