//! How many may come in, how often, and from where. Counts only: what happens to those who are too many is
//! the listener's business.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chat_shared::Notice;

/// How many may be in at the same time, in all and from one address.
#[derive(Debug)]
pub(crate) struct Seats {
    max_clients: usize,
    max_per_ip: usize,
    // A std mutex: held for a look-up, never across an await.
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// A place in the room, given back by drop.
#[derive(Debug)]
pub(crate) struct Seat {
    seats: Arc<Seats>,
    /// `None` where addresses are not counted.
    address: Option<IpAddr>,
}

impl Seats {
    pub(crate) fn new(max_clients: usize, max_per_ip: usize) -> Arc<Self> {
        Arc::new(Self { max_clients, max_per_ip, taken: Mutex::default() })
    }

    /// Takes a seat for somebody from `address`, or says why there is none.
    pub(crate) fn take(self: &Arc<Self>, address: IpAddr) -> Result<Seat, Notice> {
        let address = countable(address);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.all >= self.max_clients {
            return Err(Notice::RoomFull);
        }
        if let Some(address) = address {
            let here = taken.by_address.entry(address).or_default();
            if *here >= self.max_per_ip {
                return Err(Notice::AddressFull);
            }
            *here += 1;
        }
        taken.all += 1;
        Ok(Seat { seats: Arc::clone(self), address })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all -= 1;
        if let Some(address) = self.address
            && let Some(here) = taken.by_address.get_mut(&address)
        {
            *here -= 1;
            if *here == 0 {
                taken.by_address.remove(&address);
            }
        }
    }
}

/// How often one address may connect: so many times at once, and then once in so long.
const BURST: u32 = 120;
const EVERY: Duration = Duration::from_secs(1);

/// So many addresses are told apart.
const MOST_ADDRESSES: usize = 16_384;

/// How often each address has come of late: for each, when it would have used up nothing if it came once
/// every [`EVERY`]. The time comes in from above.
#[derive(Debug, Default)]
pub(crate) struct Arrivals(HashMap<IpAddr, Instant>);

impl Arrivals {
    /// Whether somebody from `address` may come now. If so, that is counted.
    pub(crate) fn may_come(&mut self, address: IpAddr, now: Instant) -> bool {
        let Some(address) = countable(address) else { return true };
        if self.0.len() >= MOST_ADDRESSES && !self.0.contains_key(&address) {
            self.0.retain(|_, &mut even| even > now);
            if self.0.len() >= MOST_ADDRESSES {
                // That many at once are not one flood that could be told from the rest.
                return true;
            }
        }
        let even = self.0.entry(address).or_insert(now);
        let next = (*even).max(now) + EVERY;
        let may = next <= now + EVERY * BURST;
        if may {
            *even = next;
        }
        may
    }
}

/// What counts as one address: an IPv4 address, or the /64 that one IPv6 household has.
pub(crate) fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) if address.is_loopback() => address.into(),
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() & (!0 << 64)).into()),
    }
}

/// The same; `None` for loopback, which is not counted.
pub(crate) fn countable(address: IpAddr) -> Option<IpAddr> {
    Some(household(address)).filter(|address| !address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(address: &str) -> IpAddr {
        address.parse().unwrap()
    }

    #[test]
    fn seats_are_counted_in_all_and_by_address_and_given_back() {
        let seats = Seats::new(3, 2);
        let one = seats.take(address("10.0.0.1")).unwrap();
        let _two = seats.take(address("::ffff:10.0.0.1")).unwrap();
        assert_eq!(seats.take(address("10.0.0.1")).unwrap_err(), Notice::AddressFull);
        let three = seats.take(address("10.0.0.2")).unwrap();
        assert_eq!(seats.take(address("10.0.0.3")).unwrap_err(), Notice::RoomFull);
        drop((one, three));
        assert_eq!(seats.taken.lock().unwrap().by_address.len(), 1);
        let _four = seats.take(address("10.0.0.1")).unwrap();
        assert_eq!(seats.take(address("10.0.0.1")).unwrap_err(), Notice::AddressFull);
    }

    #[test]
    fn ipv6_counts_by_64_and_loopback_not_at_all() {
        let seats = Seats::new(10, 1);
        let _one = seats.take(address("2001:db8::1")).unwrap();
        assert_eq!(seats.take(address("2001:db8::2:1")).unwrap_err(), Notice::AddressFull);
        let _other = seats.take(address("2001:db8:0:1::1")).unwrap();
        let _loopback: Vec<_> =
            ["127.0.0.1", "127.0.0.1", "::1", "::1", "::ffff:127.0.0.1", "::ffff:127.0.0.1"]
                .map(|loopback| seats.take(address(loopback)).unwrap())
                .into();
    }

    #[test]
    fn one_address_comes_in_a_burst_and_then_once_a_second() {
        let (mut arrivals, start) = (Arrivals::default(), Instant::now());
        let mut come = |from, seconds| arrivals.may_come(address(from), start + Duration::from_secs(seconds));
        let burst = (0..1000).filter(|_| come("10.0.0.1", 0)).count();
        assert_eq!(burst, BURST as usize);
        assert!(come("10.0.0.2", 0) && !come("10.0.0.1", 0));
        assert!(come("10.0.0.1", 1) && !come("10.0.0.1", 1));
        assert_eq!((0..1000).filter(|_| come("10.0.0.1", 61)).count(), 60);
        assert_eq!((0..1000).filter(|_| come("2001:db8::1", 0)).count(), BURST as usize);
        assert!(!come("2001:db8::2", 0), "the same household");
        assert_eq!((0..1000).filter(|_| come("127.0.0.1", 0) && come("::1", 0)).count(), 1000);
        for n in 0..MOST_ADDRESSES as u32 + 100 {
            assert!(arrivals.may_come(IpAddr::from((n << 8).to_be_bytes()), start));
        }
        assert_eq!(arrivals.0.len(), MOST_ADDRESSES);
        let later = start + Duration::from_secs(300);
        assert!(arrivals.may_come(address("10.9.9.9"), later));
        assert_eq!(arrivals.0.len(), 1, "who has been away is forgotten");
    }
}
