//! From an address to a connection on which one may speak: through TLS wherever that is to be had, and with
//! a server that is known or that the person has accepted. Knows what is known of servers and what the
//! person has answered; how bytes are hidden and how addresses are found is decided elsewhere.

use std::collections::HashMap;
use std::time::Duration;

use chat_shared::limits::DEFAULT_PORT;
use futures_lite::future;
use smol::{LocalExecutor, Timer};

use super::dial::{Failure, dial};
use super::tls::{Met, Shaken, Trust, shake};
use super::wire::Wire;
use crate::address::{Address, Addresses};
use crate::book::{Book, Seen};
use crate::invite::Fingerprint;
use crate::link::{Answer, Question, Secret};

/// How servers are recognised.
#[derive(Debug, Clone)]
pub struct Guard {
    /// What is known of them.
    pub book: Book,
    /// Who vouches for certificates.
    pub trust: Trust,
    /// The certificate that was given along with the addresses.
    pub pin: Option<Fingerprint>,
    /// The room runs in this program: nothing said to it leaves this computer.
    pub is_own: bool,
}

/// How long a handshake may take with a server that is known to speak TLS. The server's own limit.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Why there is no connection on which one may speak.
#[derive(Debug)]
pub(super) enum Stop {
    Failed(Failure),
    /// The person decides.
    Ask(Question),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Why one speaks in plain text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Plain {
    /// The server has nothing else, and never had.
    Found,
    /// The person wants it so.
    Wanted,
}

/// A password that the person has given.
#[derive(Debug, Clone)]
pub(super) struct Given {
    pub(super) password: Secret,
    /// It may cross the network in plain text.
    in_plain_text: bool,
    remember: bool,
}

/// What was learnt and answered since the room was entered.
#[derive(Debug, Default)]
pub(super) struct Visit {
    guard: Option<Guard>,
    plain: HashMap<Address, Plain>,
    passwords: HashMap<Address, Given>,
}

impl Visit {
    /// Without a guard, one speaks in plain text, and nothing is known of anybody.
    pub(super) fn new(guard: Option<Guard>) -> Self {
        Self { guard, ..Self::default() }
    }

    /// Connects to `address`. One that is not known to speak TLS and is silent for `silence` does not.
    pub(super) async fn approach(
        &mut self,
        executor: &LocalExecutor<'_>,
        address: &Address,
        silence: Duration,
    ) -> Result<Wire, Stop> {
        let stream = dial(executor, address).await?;
        let Some(guard) = self.guard.as_ref().filter(|guard| !guard.is_own) else {
            return Ok(Wire::Plain(stream));
        };
        let (seen, known) = guard.seen(address);
        let is_new = seen == Seen::Never;
        match self.plain.get(address) {
            Some(Plain::Found) if is_new => return Ok(Wire::Plain(stream)),
            Some(Plain::Wanted) => return Ok(Wire::Plain(stream)),
            _ => {}
        }
        let expected = if let Seen::Pinned(pin) = seen { Some(pin) } else { None };
        let shaking = async { Some(shake(stream, address, &guard.trust, expected).await) };
        let limit = async {
            Timer::after(if is_new { silence } else { HANDSHAKE }).await;
            None
        };
        match future::or(shaking, limit).await {
            Some(Shaken::Tls(stream, met)) => {
                let now = match met {
                    Met::Trusted => Seen::Trusted,
                    Met::Pinned(fingerprint) => Seen::Pinned(fingerprint),
                };
                if now != known {
                    guard.book.note(address, now);
                }
                Ok(Wire::tls(*stream))
            }
            Some(Shaken::Stranger { fingerprint, why }) => Err(Stop::Ask(match seen {
                Seen::Never => Question::Unknown { address: address.clone(), fingerprint, why },
                Seen::Trusted | Seen::Pinned(_) => {
                    Question::Changed { address: address.clone(), known: expected, shown: fingerprint, why }
                }
            })),
            Some(Shaken::NoTls) | None if is_new => {
                self.plain.insert(address.clone(), Plain::Found);
                Ok(Wire::Plain(dial(executor, address).await?))
            }
            Some(Shaken::NoTls) => Err(Stop::Ask(Question::PlainText { address: address.clone() })),
            Some(Shaken::Failed(why)) => Err(Failure::of(why).into()),
            None => Err(Failure::of(format!("no answer within {} seconds", HANDSHAKE.as_secs())).into()),
        }
    }

    /// The password for the room at `address`, if there is one that may be said through `wire`.
    pub(super) fn password(&self, address: &Address, wire: &Wire) -> Result<Secret, Question> {
        let in_plain_text = !wire.is_private() && !self.is_own();
        let question = || Question::Password { address: address.clone(), wrong: None, in_plain_text };
        if let Some(given) = self.passwords.get(address) {
            let may_be_said = given.in_plain_text || !in_plain_text;
            return if may_be_said { Ok(given.password.clone()) } else { Err(question()) };
        }
        let remembered = self.guard.as_ref().and_then(|guard| guard.book.password(address));
        remembered.filter(|_| !in_plain_text).map(Secret).ok_or_else(question)
    }

    /// The password was taken.
    pub(super) fn password_was_right(&self, address: &Address) {
        if let (Some(guard), Some(given)) = (&self.guard, self.passwords.get(address)) {
            let password = given.remember.then_some(given.password.0.as_str());
            guard.book.remember_password(address, password);
        }
    }

    /// The password was refused, in these words. Gives what to ask.
    pub(super) fn password_was_wrong(&mut self, address: &Address, wire: &Wire, words: String) -> Question {
        self.passwords.remove(address);
        if let Some(guard) = &self.guard {
            guard.book.remember_password(address, None);
        }
        let in_plain_text = !wire.is_private() && !self.is_own();
        Question::Password { address: address.clone(), wrong: Some(words), in_plain_text }
    }

    /// Our key to names at this address of the room, where it may be said: nobody else may read it.
    pub(super) fn key(&self, address: &Address, room: &Addresses, wire: &Wire) -> Option<Secret> {
        let guard = self.guard.as_ref()?;
        if guard.is_own {
            // The room is the same whichever port it got this time.
            let own = Address::local(DEFAULT_PORT);
            return Some(Secret(guard.book.key(&own, &own.clone().into())));
        }
        wire.is_private().then(|| Secret(guard.book.key(address, room)))
    }

    /// Takes an answer. Gives whether it answers this question.
    pub(super) fn take(&mut self, question: &Question, answer: Answer) -> bool {
        match (question, answer) {
            (
                Question::Unknown { address, fingerprint: shown, .. }
                | Question::Changed { address, shown, .. },
                Answer::Trust(fingerprint),
            ) if fingerprint == *shown => {
                if let Some(guard) = &self.guard {
                    guard.book.note(address, Seen::Pinned(fingerprint));
                }
                true
            }
            (Question::PlainText { address }, Answer::PlainText) => {
                self.plain.insert(address.clone(), Plain::Wanted);
                true
            }
            (
                &Question::Password { ref address, in_plain_text, .. },
                Answer::Password { password, remember },
            ) => {
                self.passwords.insert(address.clone(), Given { password, in_plain_text, remember });
                true
            }
            _ => false,
        }
    }

    fn is_own(&self) -> bool {
        self.guard.as_ref().is_some_and(|guard| guard.is_own)
    }
}

impl Guard {
    /// How the server at this address is known, with what was given along with it; and without.
    fn seen(&self, address: &Address) -> (Seen, Seen) {
        match (self.book.seen(address), self.pin) {
            (Seen::Never, Some(pin)) => (Seen::Pinned(pin), Seen::Never),
            (known, _) => (known, known),
        }
    }
}
