//! Which addresses may not come in, for whoever stands at the door. Knows addresses; who bans whom is the
//! room's business.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};

use crate::quota::countable;

/// The banned addresses. Cheap to clone; all clones are the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bans(
    // A std lock: held for a look-up, or to put another set in its place, never across an await.
    Arc<RwLock<HashSet<IpAddr>>>,
);

impl Bans {
    /// From now on it is these, each as [`countable`] writes it.
    pub(crate) fn publish(&self, addresses: impl IntoIterator<Item = IpAddr>) {
        let addresses = addresses.into_iter().collect();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = addresses;
    }

    /// Whether nobody may come in from there.
    pub(crate) fn keep_out(&self, address: IpAddr) -> bool {
        countable(address)
            .is_some_and(|address| self.0.read().unwrap_or_else(PoisonError::into_inner).contains(&address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_household_is_kept_out_and_this_machine_never() {
        let bans = Bans::default();
        let address = |address: &str| address.parse::<IpAddr>().unwrap();
        assert!(!bans.keep_out(address("2001:db8::1")));
        bans.publish(["2001:db8::", "10.0.0.1", "::1"].map(address));
        for (from, out) in [
            ("2001:db8::1", true),
            ("2001:db8::ffff:1", true),
            ("2001:db8:0:1::1", false),
            ("10.0.0.1", true),
            ("::ffff:10.0.0.1", true),
            ("10.0.0.2", false),
            ("::1", false),
            ("127.0.0.1", false),
        ] {
            assert_eq!(bans.keep_out(address(from)), out, "{from}");
        }
        bans.publish([]);
        assert!(!bans.keep_out(address("10.0.0.1")));
    }
}
