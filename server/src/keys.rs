//! The keys of names: hashes them with argon2id, and checks them, on a thread of its own: each takes some tens
//! of milliseconds and 19 MiB, and nobody in the room waits for that. Knows no name and no room.
//!
//! All hashes of a room have the same salt. So two of the same key are the same, and a key that was banned is
//! known under whatever name it comes, at the price of one hash, however many were banned; checked one by one
//! against hashes with a salt each, every LOGIN would cost as many hashes as there are bans. What that gives to
//! somebody who steals the log: one guess is checked against all names at once, and it shows which names have
//! the same key. It takes nobody's key that was drawn at random, as clients do.

use std::fmt;
use std::io;
use std::thread;

use argon2::{Algorithm, Argon2, Params, Version};
use async_channel::{Receiver, Sender};
use chat_shared::Key;
use zeroize::Zeroizing;

/// How many may wait.
const MOST: usize = 64;

/// How a hash is kept: which way it was made, its salt, and what came of it. There is one way so far: argon2id of
/// 19 MiB, in two passes. Older servers gave each hash a salt of its own.
const WAY: u8 = 1;
const MEMORY: u32 = 19 * 1024;
const PASSES: u32 = 2;
const SALT: usize = 16;
const DIGEST: usize = 32;

/// What the keys of a room are hashed with. Drawn at random for each room, so that nobody can have hashed keys
/// for it beforehand.
pub(crate) type Salt = [u8; SALT];

/// A key that somebody has said. Overwritten when it is dropped, and never shown.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(Zeroizing<String>);

/// What is to be done with a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Work {
    /// Make a hash of it.
    Hash,
    /// See whether this hash was made of it.
    Check(Vec<u8>),
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A hash of it, with the room's salt.
    Hashed(Vec<u8>),
    /// The hash was made of it. This is one with the room's salt: the same, unless that one is an older server's.
    Right(Vec<u8>),
    /// The hash was made of another.
    Wrong,
    /// Too many keys wait, or there is no memory: nothing was done.
    Busy,
}

struct Job {
    secret: Secret,
    work: Work,
    done: Box<dyn FnOnce(Outcome) + Send>,
}

/// The way to the thread. It ends when this is dropped.
pub(crate) struct Keys(Sender<Job>);

impl Secret {
    pub(crate) fn of(key: Key<'_>) -> Self {
        Self(Zeroizing::new(key.as_str().to_owned()))
    }

    /// The key itself.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Keys {
    /// Starts the thread, for a room with this salt.
    ///
    /// Fails when there may be no more threads.
    pub(crate) fn start(salt: Salt) -> io::Result<Self> {
        let (sender, jobs) = async_channel::bounded(MOST);
        thread::Builder::new().name("keys".into()).spawn(move || run(salt, &jobs))?;
        Ok(Self(sender))
    }

    /// Has something done with a key. `done` is called on the thread when it is, or at once when too many wait.
    pub(crate) fn work(&self, secret: Secret, work: Work, done: impl FnOnce(Outcome) + Send + 'static) {
        if let Err(refused) = self.0.try_send(Job { secret, work, done: Box::new(done) }) {
            (refused.into_inner().done)(Outcome::Busy);
        }
    }
}

fn run(salt: Salt, jobs: &Receiver<Job>) {
    while let Ok(Job { secret, work, done }) = jobs.recv_blocking() {
        let outcome = match work {
            Work::Hash => hash(&secret, &salt).map(Outcome::Hashed),
            Work::Check(known) => check(&secret, &known, &salt),
        };
        done(outcome.unwrap_or_else(|error| {
            log::error!("a key could not be hashed: {error}");
            Outcome::Busy
        }));
    }
}

fn hash(secret: &Secret, salt: &Salt) -> Result<Vec<u8>, String> {
    let digest = digest(secret, salt)?;
    Ok([&[WAY][..], salt, &digest].concat())
}

fn check(secret: &Secret, known: &[u8], room: &Salt) -> Result<Outcome, String> {
    let parts = known.split_first().filter(|(way, rest)| **way == WAY && rest.len() == SALT + DIGEST);
    let Some((_, rest)) = parts else {
        return Err(
            "what it is to be checked against was made in another way, by a newer server perhaps".into()
        );
    };
    let (salt, expected) = rest.split_at(SALT);
    let digest = digest(secret, salt)?;
    // All of it is looked at, however early it differs.
    let differs = digest.iter().zip(expected).fold(0, |differs, (one, other)| differs | (one ^ other));
    Ok(if differs != 0 {
        Outcome::Wrong
    } else if salt == room {
        Outcome::Right(known.to_vec())
    } else {
        Outcome::Right(hash(secret, room)?)
    })
}

fn digest(secret: &Secret, salt: &[u8]) -> Result<[u8; DIGEST], String> {
    let params = Params::new(MEMORY, PASSES, 1, Some(DIGEST)).map_err(|error| error.to_string())?;
    let mut digest = [0; DIGEST];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(secret.as_bytes(), salt, &mut digest)
        .map_err(|error| error.to_string())?;
    Ok(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(key: &str) -> Secret {
        Secret::of(Key::parse(key).unwrap())
    }

    /// What the thread makes of it.
    fn outcome(keys: &Keys, key: &str, work: Work) -> Outcome {
        let (reply, answer) = async_channel::bounded(1);
        keys.work(secret(key), work, move |outcome| reply.try_send(outcome).unwrap());
        answer.recv_blocking().unwrap()
    }

    #[test]
    fn only_the_key_that_was_hashed_is_right() {
        let keys = Keys::start([1; SALT]).unwrap();
        let (one, other) = ("0123456789abcdef", "0123456789abcdeg");
        let Outcome::Hashed(hash) = outcome(&keys, one, Work::Hash) else { panic!() };
        assert_eq!(hash.len(), 1 + SALT + DIGEST);
        assert_eq!(outcome(&keys, one, Work::Check(hash.clone())), Outcome::Right(hash.clone()));
        assert_eq!(outcome(&keys, other, Work::Check(hash.clone())), Outcome::Wrong);
        let newer = [&[2], &hash[1..]].concat();
        for unknown in [newer, Vec::new(), vec![WAY]] {
            assert_eq!(outcome(&keys, one, Work::Check(unknown)), Outcome::Busy);
        }
    }

    #[test]
    fn a_key_has_one_hash_in_a_room_and_another_in_the_next() {
        let (room, elsewhere) = (Keys::start([1; SALT]).unwrap(), Keys::start([2; SALT]).unwrap());
        let (one, other) = ("0123456789abcdef", "0123456789abcdeg");
        let Outcome::Hashed(hash) = outcome(&room, one, Work::Hash) else { panic!() };
        assert_eq!(outcome(&room, one, Work::Hash), Outcome::Hashed(hash.clone()));
        assert_ne!(outcome(&room, other, Work::Hash), Outcome::Hashed(hash.clone()));
        let Outcome::Hashed(foreign) = outcome(&elsewhere, one, Work::Hash) else { panic!() };
        assert_ne!(foreign, hash);
        // With a salt of its own, as an older server made them: right or wrong, and then made anew.
        assert_eq!(outcome(&room, one, Work::Check(foreign.clone())), Outcome::Right(hash));
        assert_eq!(outcome(&room, other, Work::Check(foreign)), Outcome::Wrong);
    }

    #[test]
    fn those_that_are_too_many_are_told_at_once() {
        let (sender, _jobs) = async_channel::bounded(1);
        let keys = Keys(sender);
        keys.work(secret("0123456789abcdef"), Work::Hash, |_| panic!("nobody works"));
        assert_eq!(outcome(&keys, "0123456789abcdef", Work::Hash), Outcome::Busy);
    }

    #[test]
    fn a_key_is_not_shown() {
        assert_eq!(format!("{:?}", secret("0123456789abcdef")), "Secret");
    }
}
