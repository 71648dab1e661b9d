//! From an address to a connection on which one may speak: through TLS wherever that is to be had, and with
//! a server that is known or that the person has accepted. Knows what is known of servers and what the
//! person has answered; how bytes are hidden and how addresses are found is decided elsewhere.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use chat_shared::limits::DEFAULT_PORT;
use futures_lite::future;
use smol::{LocalExecutor, Timer};

use super::Waits;
use super::dial::{Failure, dial};
use super::tls::{Expected, Met, Shaken, Trust, shake};
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
    /// The certificate that was given along with the addresses: the book keeps it from then on.
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
    /// The server says, in plain text and in these words, that it speaks only TLS.
    TlsOnly(String),
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
    /// The server has answered so, and was never met with TLS.
    Answered,
    /// The person wants it so.
    Wanted,
    /// The person wants it so for a server that does not answer in TLS: it is tried again the next time.
    WantedOnce,
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
    /// Where TLS was tried once more because the server has said that it speaks nothing else.
    tried_again: HashSet<Address>,
    passwords: HashMap<Address, Given>,
}

impl Visit {
    /// Without a guard, one speaks in plain text, and nothing is known of anybody. What was promised along with
    /// the addresses of the `room` is in the book from here on.
    pub(super) fn new(guard: Option<Guard>, room: &Addresses) -> Self {
        if let Some(Guard { book, pin: Some(pin), is_own: false, .. }) = &guard {
            room.all().iter().for_each(|address| book.promise(address, *pin));
        }
        Self { guard, ..Self::default() }
    }

    /// Connects to `address`. One that was never met with TLS is spoken to in plain text when it answers so; about
    /// one that does not answer, or closes, the person is asked: somebody on the way can do that too.
    pub(super) async fn approach(
        &mut self,
        executor: &LocalExecutor<'_>,
        address: &Address,
        waits: Waits,
    ) -> Result<Wire, Stop> {
        let stream = dial(executor, address).await?;
        let Some(guard) = self.guard.as_ref().filter(|guard| !guard.is_own) else {
            return Ok(Wire::Plain(stream));
        };
        let (seen, promised) = (guard.book.seen(address), guard.book.promised(address));
        let is_new = promised.is_none() && matches!(seen, Seen::Never | Seen::Plain);
        match self.plain.get(address) {
            Some(Plain::Answered) if is_new => return Ok(Wire::Plain(stream)),
            Some(Plain::Wanted) => return Ok(Wire::Plain(stream)),
            Some(Plain::WantedOnce) if is_new => {
                self.plain.remove(address);
                return Ok(Wire::Plain(stream));
            }
            _ => {}
        }
        let pinned = match seen {
            Seen::Pinned(pin) => Some(pin),
            Seen::Never | Seen::Plain => promised,
            Seen::Trusted => None,
        };
        let shaking =
            async { Some(shake(stream, address, &guard.trust, Expected { pinned, promised }).await) };
        let limit = match seen {
            Seen::Plain if is_new => waits.no_tls,
            _ if is_new => waits.tls,
            _ => HANDSHAKE,
        };
        let limit = async {
            Timer::after(limit).await;
            None
        };
        match future::or(shaking, limit).await {
            Some(Shaken::Tls(stream, met)) => {
                let now = match met {
                    Met::Trusted => Seen::Trusted,
                    Met::Pinned(fingerprint) => Seen::Pinned(fingerprint),
                };
                if now != seen || promised.is_some() {
                    guard.book.note(address, now);
                }
                self.tried_again.remove(address);
                Ok(Wire::tls(*stream))
            }
            Some(Shaken::Stranger { fingerprint, why }) => Err(Stop::Ask(match seen {
                Seen::Never | Seen::Plain => Question::Unknown { address: address.clone(), fingerprint, why },
                Seen::Trusted | Seen::Pinned(_) => {
                    Question::Changed { address: address.clone(), known: pinned, shown: fingerprint, why }
                }
            })),
            Some(Shaken::Broken { fingerprint: shown, what }) => {
                let promised = promised.unwrap_or(shown);
                Err(Stop::Ask(Question::Broken { address: address.clone(), promised, shown, what }))
            }
            Some(Shaken::NoTls) if is_new => {
                self.plain.insert(address.clone(), Plain::Answered);
                Ok(Wire::Plain(dial(executor, address).await?))
            }
            Some(Shaken::TurnedAway(notice)) => Err(Failure::turned_away(&notice).into()),
            Some(Shaken::Closed) | None if seen == Seen::Plain && is_new => {
                Ok(Wire::Plain(dial(executor, address).await?))
            }
            Some(Shaken::Closed) | None if is_new => {
                Err(Stop::Ask(Question::NoAnswer { address: address.clone() }))
            }
            Some(Shaken::NoTls | Shaken::Closed) => {
                Err(Stop::Ask(Question::PlainText { address: address.clone() }))
            }
            Some(Shaken::Failed(why)) => Err(Failure::of(why).into()),
            None => Err(Failure::of(format!("no answer within {} seconds", HANDSHAKE.as_secs())).into()),
        }
    }

    /// The server at `address` has said, in plain text, that it speaks only TLS. Gives whether to try that at
    /// once: not when it was just tried for the same reason.
    pub(super) fn try_tls(&mut self, address: &Address) -> bool {
        let Some(guard) = &self.guard else { return false };
        self.plain.remove(address);
        if guard.book.seen(address) == Seen::Plain {
            guard.book.note(address, Seen::Never);
        }
        self.tried_again.insert(address.clone())
    }

    /// Whether others on the way can read what goes through `wire`, and that is worth a word.
    pub(super) fn is_open(&self, wire: &Wire) -> bool {
        !wire.is_private() && self.guard.as_ref().is_some_and(|guard| !guard.is_own)
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
                | Question::Changed { address, shown, .. }
                | Question::Broken { address, shown, .. },
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
            (Question::NoAnswer { address }, Answer::PlainText) => {
                self.plain.insert(address.clone(), Plain::WantedOnce);
                if let Some(guard) = &self.guard {
                    guard.book.note(address, Seen::Plain);
                }
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
