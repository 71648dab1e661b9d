//! The keys of names: hashes them with argon2id, and checks them, on a thread of its own: each takes some tens
//! of milliseconds and 19 MiB, and nobody in the room waits for that. Knows no name and no room.

use std::fmt;
use std::io;
use std::thread;

use argon2::{Algorithm, Argon2, Params, Version};
use async_channel::{Receiver, Sender};
use chat_shared::Key;
use zeroize::Zeroizing;

/// How many may wait.
const MOST: usize = 64;

/// How a hash is kept: which way it was made, a salt, and what came of it. There is one way so far: argon2id of
/// 19 MiB, in two passes.
const WAY: u8 = 1;
const MEMORY: u32 = 19 * 1024;
const PASSES: u32 = 2;
const SALT: usize = 16;
const DIGEST: usize = 32;

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
    /// A hash of it.
    Hashed(Vec<u8>),
    /// The hash was made of it.
    Right,
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
    /// Starts the thread.
    ///
    /// Fails when there may be no more threads.
    pub(crate) fn start() -> io::Result<Self> {
        let (sender, jobs) = async_channel::bounded(MOST);
        thread::Builder::new().name("keys".into()).spawn(move || run(&jobs))?;
        Ok(Self(sender))
    }

    /// Has something done with a key. `done` is called on the thread when it is, or at once when too many wait.
    pub(crate) fn work(&self, secret: Secret, work: Work, done: impl FnOnce(Outcome) + Send + 'static) {
        if let Err(refused) = self.0.try_send(Job { secret, work, done: Box::new(done) }) {
            (refused.into_inner().done)(Outcome::Busy);
        }
    }
}

fn run(jobs: &Receiver<Job>) {
    while let Ok(Job { secret, work, done }) = jobs.recv_blocking() {
        let outcome = match work {
            Work::Hash => hash(&secret),
            Work::Check(hash) => check(&secret, &hash),
        };
        done(outcome.unwrap_or_else(|error| {
            log::error!("a key could not be hashed: {error}");
            Outcome::Busy
        }));
    }
}

fn hash(secret: &Secret) -> Result<Outcome, String> {
    let mut salt = [0; SALT];
    getrandom::fill(&mut salt).map_err(|error| error.to_string())?;
    let digest = digest(secret, &salt)?;
    Ok(Outcome::Hashed([&[WAY][..], &salt, &digest].concat()))
}

fn check(secret: &Secret, hash: &[u8]) -> Result<Outcome, String> {
    let parts = hash.split_first().filter(|(way, rest)| **way == WAY && rest.len() == SALT + DIGEST);
    let Some((_, rest)) = parts else {
        return Err(
            "what it is to be checked against was made in another way, by a newer server perhaps".into()
        );
    };
    let (salt, expected) = rest.split_at(SALT);
    let digest = digest(secret, salt)?;
    // All of it is looked at, however early it differs.
    let differs = digest.iter().zip(expected).fold(0, |differs, (one, other)| differs | (one ^ other));
    Ok(if differs == 0 { Outcome::Right } else { Outcome::Wrong })
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
        let keys = Keys::start().unwrap();
        let (one, other) = ("0123456789abcdef", "0123456789abcdeg");
        let Outcome::Hashed(hash) = outcome(&keys, one, Work::Hash) else { panic!() };
        assert_eq!(hash.len(), 1 + SALT + DIGEST);
        assert_eq!(outcome(&keys, one, Work::Check(hash.clone())), Outcome::Right);
        assert_eq!(outcome(&keys, other, Work::Check(hash.clone())), Outcome::Wrong);
        assert_ne!(outcome(&keys, one, Work::Hash), Outcome::Hashed(hash.clone()), "the salt is another");
        let newer = [&[2], &hash[1..]].concat();
        for unknown in [newer, Vec::new(), vec![WAY]] {
            assert_eq!(outcome(&keys, one, Work::Check(unknown)), Outcome::Busy);
        }
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
