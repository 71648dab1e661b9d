//! Whose turn it is when a room has several addresses, and after which pause: each is tried once before the
//! pauses grow. Knows no clock and no network.

use std::time::Duration;

use super::pauses::Pauses;
use crate::address::{Address, Addresses};

/// Addresses, tried in turn.
#[derive(Debug)]
pub(super) struct Rounds {
    addresses: Addresses,
    pauses: Pauses,
    /// Whose turn it is.
    turn: usize,
    /// So many have failed in this round.
    failed: usize,
    /// One of them does not want us back any sooner.
    stay_away: Duration,
}

impl Rounds {
    pub(super) fn new(addresses: Addresses, pauses: Pauses) -> Self {
        Self { addresses, pauses, turn: 0, failed: 0, stay_away: Duration::ZERO }
    }

    /// The one whose turn it is.
    pub(super) fn address(&self) -> &Address {
        &self.addresses.all()[self.turn]
    }

    /// The same, when there are others too.
    pub(super) fn one_of_several(&self) -> Option<&Address> {
        (self.addresses.all().len() > 1).then(|| self.address())
    }

    /// This attempt failed, or led to a connection that `lasted` so long. Gives how long to wait before the
    /// next, which is with the next address at once while not all have failed. Only one with which all was
    /// well, and that did not send us away, is tried again first: most breaks are short.
    pub(super) fn next(&mut self, lasted: Option<Duration>, stay_away: Duration) -> Duration {
        let was_good = lasted.is_some_and(|lasted| self.pauses.after_connection(lasted));
        if was_good {
            self.failed = 0;
            self.stay_away = Duration::ZERO;
            if stay_away.is_zero() {
                return self.pauses.grow();
            }
        }
        let count = self.addresses.all().len();
        self.turn = (self.turn + 1) % count;
        self.failed += 1;
        self.stay_away = self.stay_away.max(stay_away);
        if self.failed >= count {
            self.failed = 0;
            return std::mem::take(&mut self.stay_away) + self.pauses.grow();
        }
        // Everybody else was sent away in the same moment.
        if was_good { self.pauses.grow() } else { Duration::ZERO }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Option<Duration> = Some(Duration::from_secs(60));
    const SHORT: Option<Duration> = Some(Duration::from_secs(1));

    fn rounds(addresses: &str) -> Rounds {
        let pauses = Pauses::new(Duration::from_secs(1), Duration::from_secs(4), || 0.5);
        Rounds::new(Addresses::parse(addresses).unwrap(), pauses)
    }

    /// Whose turn it is after that, and after how many seconds.
    fn check(rounds: &mut Rounds, lasted: Option<Duration>, stay_away: u64, next: &str, pause: u64) {
        let waited = rounds.next(lasted, Duration::from_secs(stay_away));
        assert_eq!((rounds.address().to_string().as_str(), waited.as_secs()), (next, pause));
    }

    #[test]
    fn a_single_address_is_tried_after_growing_pauses() {
        let mut rounds = rounds("a");
        assert_eq!(rounds.one_of_several(), None);
        check(&mut rounds, None, 0, "a", 1);
        check(&mut rounds, SHORT, 0, "a", 2);
        check(&mut rounds, None, 0, "a", 4);
        check(&mut rounds, GOOD, 0, "a", 1);
        check(&mut rounds, GOOD, 7, "a", 8);
        check(&mut rounds, SHORT, 7, "a", 9);
    }

    #[test]
    fn pauses_come_and_grow_once_all_have_failed() {
        let mut rounds = rounds("a,b,c");
        for pause in [1, 2, 4, 4] {
            assert_eq!(rounds.one_of_several(), Some(&Address::parse("a").unwrap()));
            check(&mut rounds, None, 0, "b", 0);
            check(&mut rounds, SHORT, 0, "c", 0);
            check(&mut rounds, None, 0, "a", pause);
        }
    }

    #[test]
    fn after_a_good_connection_the_same_one_begins() {
        let mut rounds = rounds("a,b");
        check(&mut rounds, None, 0, "b", 0);
        check(&mut rounds, GOOD, 0, "b", 1);
        check(&mut rounds, None, 0, "a", 0);
        check(&mut rounds, None, 0, "b", 2);
    }

    #[test]
    fn who_is_sent_away_goes_elsewhere_and_comes_back_when_told() {
        let mut rounds = rounds("a,b");
        check(&mut rounds, GOOD, 30, "b", 1);
        check(&mut rounds, None, 0, "a", 32);
        check(&mut rounds, SHORT, 5, "b", 0);
        check(&mut rounds, None, 3, "a", 9);
    }
}
