//! How many may come in, and from where. Counts only: what happens to those who get no seat is the
//! listener's business.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

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
pub(crate) fn countable(address: IpAddr) -> Option<IpAddr> {
    match address.to_canonical() {
        address if address.is_loopback() => None,
        IpAddr::V4(address) => Some(address.into()),
        IpAddr::V6(address) => Some(IpAddr::V6((address.to_bits() & (!0 << 64)).into())),
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
}
