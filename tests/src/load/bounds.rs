//! What can be asked of a run. All else is refused before anybody joins, in words that say what could be
//! asked instead.

use std::ops::RangeInclusive;

use anyhow::ensure;

use super::dialect::SHORTEST;
use super::{Pace, Plan};

/// Senders' numbers have three digits, and the last one is the usher's.
const SENDERS: RangeInclusive<usize> = 1..=998;

/// More than one system has addresses for.
const MEMBERS: RangeInclusive<usize> = 1..=1_000_000;

/// What can be said in a second, and the least that can be waited for.
const RATE: RangeInclusive<f64> = 0.001..=1_000_000.0;

/// Who comes needs a port of the system, and keeps it for a second.
const CHURN: RangeInclusive<f64> = 0.001..=10_000.0;

/// The texts that may be on their way together, in bytes: this process remembers all of them.
const ON_THEIR_WAY: usize = 256 << 20;

impl Plan {
    /// Fails unless this can be done.
    pub fn check(&self) -> anyhow::Result<()> {
        let Self { dialect, receivers, senders, polite, churn, slow, size, .. } = *self;
        ensure!(SENDERS.contains(&senders), "there must be {} to {} senders", SENDERS.start(), SENDERS.end());
        let members = receivers.saturating_add(slow);
        ensure!(
            receivers > 0 && MEMBERS.contains(&members),
            "there must be a receiver, and no more than {} members",
            MEMBERS.end()
        );
        ensure!(
            dialect.has_one_order() || (senders == 1 && polite == 0.0),
            "this server keeps no common order of several senders, which is what is checked"
        );
        ensure!(size >= SHORTEST, "a text must have {SHORTEST} bytes or more, to be told apart from others");
        let longest = dialect.longest();
        ensure!(size <= longest, "a text cannot have more than {longest} bytes in this language");
        ensure!(
            polite == 0.0 || RATE.contains(&polite),
            "the polite sender can say {} to {} messages a second, or 0 for no such sender",
            RATE.start(),
            RATE.end()
        );
        ensure!(
            churn == 0.0 || CHURN.contains(&churn),
            "{} to {} members a second can come and go, or 0 for none",
            CHURN.start(),
            CHURN.end()
        );
        self.pace.check(size)
    }
}

impl Pace {
    /// Fails unless it can be kept with texts of this size.
    pub(super) fn check(self, size: usize) -> anyhow::Result<()> {
        match self {
            Self::Window(window) => {
                let most = ON_THEIR_WAY / size;
                ensure!(window > 0, "with no message on its way nothing is ever said");
                ensure!(window <= most, "no more than {most} messages of {size} bytes may be on their way");
            }
            Self::Rate(rate) => {
                let (least, most) = (RATE.start(), RATE.end());
                ensure!(RATE.contains(&rate), "{least} to {most} messages can be said in a second");
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::Dialect;

    fn plan() -> Plan {
        Plan::at(([127, 0, 0, 1], 1).into())
    }

    #[test]
    fn what_can_be_done_is_not_refused() {
        for plan in [
            plan(),
            Plan { pace: Pace::Window(50_000), polite: 200.0, churn: 100.0, slow: 10, ..plan() },
            Plan { pace: Pace::Rate(0.5), size: 4096, ..plan() },
            Plan { size: SHORTEST, senders: 998, ..plan() },
            Plan { dialect: Dialect::Redis, size: 5000, ..plan() },
        ] {
            plan.check().unwrap_or_else(|error| panic!("{plan:?}: {error}"));
        }
    }

    #[test]
    fn what_cannot_be_done_is_refused_in_words() {
        let rates = [0.0, -1.0, 1e-300, 1e300, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];
        let paces = rates.map(Pace::Rate).into_iter().chain([0, 5_000_000, usize::MAX].map(Pace::Window));
        let paces = paces.map(|pace| Plan { pace, ..plan() });
        // No such member is none, and is allowed.
        let polite = rates[1..].iter().map(|&polite| Plan { polite, ..plan() });
        let churn = rates[1..].iter().map(|&churn| Plan { churn, ..plan() });
        let others = [
            Plan { size: 13, ..plan() },
            Plan { size: 4097, ..plan() },
            Plan { size: usize::MAX, dialect: Dialect::Redis, ..plan() },
            Plan { receivers: 0, ..plan() },
            Plan { receivers: usize::MAX, ..plan() },
            Plan { slow: usize::MAX, ..plan() },
            Plan { senders: 0, ..plan() },
            Plan { senders: 999, ..plan() },
            Plan { senders: 2, dialect: Dialect::Nats, ..plan() },
        ];
        for plan in paces.chain(polite).chain(churn).chain(others) {
            assert!(plan.check().is_err(), "{plan:?}");
        }
    }
}
