//! How many may come in, from where, and how fast one may speak. Counts and clocks only: what happens
//! to those who get nothing is the business of listener and session.

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

/// What counts as one address: an IPv4 address, or the /64 that one IPv6 household has.
/// `None` for loopback, which is not counted.
fn countable(address: IpAddr) -> Option<IpAddr> {
    match address.to_canonical() {
        address if address.is_loopback() => None,
        IpAddr::V4(address) => Some(address.into()),
        IpAddr::V6(address) => Some(IpAddr::V6((address.to_bits() & (!0 << 64)).into())),
    }
}

/// How fast one member may speak: a bucket that fills with `rate` lines a second and holds five
/// seconds' worth. Time comes in from above.
#[derive(Debug)]
pub(crate) struct Pace {
    rate: u32,
    lines: f64,
    filled: Instant,
}

impl Pace {
    /// A full bucket. `rate` 0 never runs dry.
    pub(crate) fn new(rate: u32, now: Instant) -> Self {
        Self { rate, lines: 5.0 * f64::from(rate), filled: now }
    }

    /// How many lines may be taken now.
    pub(crate) fn allowed(&mut self, now: Instant) -> usize {
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
    pub(crate) fn spend(&mut self, lines: usize) {
        if self.rate > 0 {
            self.lines -= lines as f64;
        }
    }

    /// How long until one more line may be taken.
    pub(crate) fn wait(&self) -> Duration {
        if self.rate == 0 {
            return Duration::ZERO;
        }
        Duration::from_secs_f64((1.0 - self.lines).max(0.0) / f64::from(self.rate))
    }
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
