//! How far everybody has read, without asking everybody each time.

/// The messages that every receiver has read, kept up to date at the cost of a few instructions a read
/// and one look at all of them each time the last one moves on.
#[derive(Debug, Default)]
pub(super) struct Front {
    all: u64,
    /// Receivers who have read just that, and no more.
    last: usize,
}

impl Front {
    /// A front of so many receivers who have read nothing yet.
    pub(super) fn new(receivers: usize) -> Self {
        Self { all: 0, last: receivers }
    }

    /// What everybody has read.
    pub(super) fn all(&self) -> u64 {
        self.all
    }

    /// A receiver that had read `before` has now read more. `everybody` tells what each has read; it is
    /// asked only when this one was the last.
    pub(super) fn moved<I: Iterator<Item = u64>>(&mut self, before: u64, everybody: impl FnOnce() -> I) {
        if before != self.all {
            return;
        }
        self.last -= 1;
        if self.last > 0 {
            return;
        }
        (self.all, self.last) = everybody().fold((u64::MAX, 0), |(least, count), read| {
            if read < least { (read, 1) } else { (least, count + usize::from(read == least)) }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_the_slowest_has_read() {
        let mut read = [0u64; 5];
        let mut front = Front::new(read.len());
        for _ in 0..10_000 {
            let who = fastrand::usize(..read.len());
            let before = read[who];
            read[who] += fastrand::u64(1..4);
            front.moved(before, || read.iter().copied());
            assert_eq!(front.all(), *read.iter().min().unwrap());
        }
        assert!(front.all() > 1000);
    }
}
