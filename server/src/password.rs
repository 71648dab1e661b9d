//! A room's password, and what wrong ones cost. The time comes in from above; who is asked for a password,
//! and when, is the porch's business.

use std::collections::HashMap;
use std::fmt;
use std::hint::black_box;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use chat_shared::limits::{MAX_PASSWORD, PASSWORD_WITHIN};
use ring::hmac;
use ring::rand::SystemRandom;
use zeroize::Zeroize as _;

/// The most that one costs.
const MOST: Duration = Duration::from_secs(30);

/// Who would have to wait longer than this for its turn is not heard at all.
const LONGEST_QUEUE: Duration = Duration::from_secs(60);

// Clients wait no longer for an answer.
const _: () = assert!(LONGEST_QUEUE.as_secs() + MOST.as_secs() <= PASSWORD_WITHIN.as_secs());

/// After so long without a wrong one, an address begins anew.
const FORGOTTEN: Duration = Duration::from_secs(600);

/// So many addresses are remembered.
const MOST_ADDRESSES: usize = 4096;

/// A room's password. Holds what is needed to recognise it, and not the password itself; `Debug` shows
/// nothing of it.
#[derive(Clone)]
pub struct Password {
    /// Drawn at random at each start: what is compared says nothing about the password.
    key: hmac::Key,
    tag: hmac::Tag,
}

/// Something is not a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoPassword;

impl Password {
    /// The password `words`.
    ///
    /// # Errors
    /// When it is empty, or has more than 256 bytes, or has characters which a line cannot carry.
    ///
    /// # Panics
    /// When the system has no random numbers.
    pub fn new(words: &str) -> Result<Self, NoPassword> {
        let password = chat_shared::Password::parse(words).map_err(|_| NoPassword)?;
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new())
            .expect("the system has random numbers");
        let tag = sign(&key, password);
        clear_stack();
        Ok(Self { key, tag })
    }

    /// Whether this is the password. Takes as long for one as for another of the same length.
    pub(crate) fn is(&self, given: chat_shared::Password<'_>) -> bool {
        let right = self.verify(given);
        clear_stack();
        right
    }

    #[inline(never)]
    fn verify(&self, given: chat_shared::Password<'_>) -> bool {
        hmac::verify(&self.key, given.as_str().as_bytes(), self.tag.as_ref()).is_ok()
    }
}

#[inline(never)]
fn sign(key: &hmac::Key, password: chat_shared::Password<'_>) -> hmac::Tag {
    hmac::sign(key, password.as_str().as_bytes())
}

/// Overwrites what the call before has left on the stack: hashing works there, block by block, on copies of
/// what is hashed, and copies go through wide registers, which keep them. They would be in a core dump.
#[inline(never)]
fn clear_stack() {
    let mut stack = [0xAA_u8; 16 * 1024];
    black_box(&mut stack).zeroize();
    let (there, here) = stack.split_at_mut(8 * 1024);
    // Copies of other lengths go through other registers.
    for length in (16..1024).step_by(16) {
        here[..black_box(length)].copy_from_slice(&there[..black_box(length)]);
    }
    black_box(&stack);
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(secret)")
    }
}

impl fmt::Display for NoPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a room's password has 1 to {MAX_PASSWORD} bytes on one line, and no invisible characters")
    }
}

impl std::error::Error for NoPassword {}

/// The wrong ones of late, by address. All attempts from one address are answered one after the other, so
/// that many connections guess no faster than one.
#[derive(Debug)]
pub(crate) struct Guesses {
    /// What the first wrong one costs; each further one costs twice as much.
    first: Duration,
    known: HashMap<IpAddr, Guesser>,
}

#[derive(Debug, Clone, Copy)]
struct Guesser {
    wrong: u32,
    /// When its next attempt is answered at the earliest.
    free: Instant,
}

impl Guesses {
    pub(crate) fn new(first: Duration) -> Self {
        Self { first, known: HashMap::new() }
    }

    /// Somebody from `address` has made an attempt: when it is to be answered. `None` when too many others
    /// from there wait for an answer; then this one counts for nothing.
    pub(crate) fn attempt(&mut self, address: IpAddr, right: bool, now: Instant) -> Option<Instant> {
        let known = self.known.get(&address).copied().filter(|known| now < known.free + FORGOTTEN);
        let start = known.map_or(now, |known| known.free.max(now));
        if start > now + LONGEST_QUEUE {
            return None;
        }
        if right {
            return Some(start);
        }
        let wrong = known.map_or(0, |known| known.wrong) + 1;
        // After so many it is the most in any case, and does not overflow.
        let cost = (self.first * 2u32.pow((wrong - 1).min(10))).min(MOST);
        self.make_room(address, now);
        self.known.insert(address, Guesser { wrong, free: start + cost });
        Some(start + cost)
    }

    /// Forgets what is old, or else whoever is free soonest.
    fn make_room(&mut self, address: IpAddr, now: Instant) {
        if self.known.len() < MOST_ADDRESSES || self.known.contains_key(&address) {
            return;
        }
        self.known.retain(|_, known| now < known.free + FORGOTTEN);
        if self.known.len() >= MOST_ADDRESSES
            && let Some(soonest) =
                self.known.iter().min_by_key(|(_, known)| known.free).map(|(&address, _)| address)
        {
            self.known.remove(&soonest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Duration = Duration::from_millis(500);
    const ADDRESS: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn given(words: &str) -> chat_shared::Password<'_> {
        chat_shared::Password::parse(words).unwrap()
    }

    #[test]
    fn only_the_password_is_the_password() {
        let password = Password::new("open sesame").unwrap();
        assert!(password.is(given("open sesame")) && password.clone().is(given("open sesame")));
        for wrong in ["open sesam", "open sesame ", "Open sesame", "x"] {
            assert!(!password.is(given(wrong)), "{wrong:?}");
        }
        assert_eq!(format!("{password:?}"), "Password(secret)");
        for none in ["", " ", "two\nlines", &"x".repeat(MAX_PASSWORD + 1)] {
            assert!(Password::new(none).is_err(), "{none:?}");
        }
    }

    #[test]
    fn each_wrong_one_costs_twice_as_much_as_the_one_before() {
        let (mut guesses, start) = (Guesses::new(FIRST), Instant::now());
        let mut now = start;
        for cost in [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000] {
            let answered = guesses.attempt(ADDRESS, false, now).unwrap();
            assert_eq!(answered - now, Duration::from_millis(cost));
            now = answered;
        }
        assert_eq!(guesses.attempt(ADDRESS, true, now), Some(now), "the right one costs nothing");
        let later = now + FORGOTTEN;
        assert_eq!(guesses.attempt(ADDRESS, false, later), Some(later + FIRST), "it was forgotten");
    }

    #[test]
    fn many_connections_guess_no_faster_than_one() {
        let (mut guesses, now) = (Guesses::new(FIRST), Instant::now());
        let answers: Vec<_> = std::iter::from_fn(|| guesses.attempt(ADDRESS, false, now)).collect();
        let after: Vec<_> = answers.iter().map(|answer| (*answer - now).as_millis()).collect();
        assert_eq!(after, [500, 1500, 3500, 7500, 15_500, 31_500, 61_500]);
        assert_eq!(guesses.attempt(ADDRESS, true, now), None, "nor is the right one heard among them");
        let soon = now + Duration::from_secs(31);
        assert_eq!(guesses.attempt(ADDRESS, true, soon), Some(now + Duration::from_millis(61_500)));
        let other = IpAddr::from([10, 0, 0, 1]);
        assert_eq!(guesses.attempt(other, true, now), Some(now), "others do not wait");
    }

    #[test]
    fn no_more_addresses_are_remembered_than_may_be() {
        let (mut guesses, now) = (Guesses::new(FIRST), Instant::now());
        for n in 0..MOST_ADDRESSES as u32 + 100 {
            let address = IpAddr::from((n + 1).to_be_bytes());
            guesses.attempt(address, false, now + Duration::from_millis(n.into())).unwrap();
            assert!(guesses.known.len() <= MOST_ADDRESSES);
        }
        assert!(
            !guesses.known.contains_key(&IpAddr::from(1u32.to_be_bytes())),
            "the first is forgotten first"
        );
    }
}
