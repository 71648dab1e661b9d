//! Between the door and the room: whether somebody speaks TLS, the handshake, and the room's password. All
//! of it has its time, and none of it shows anything of the room. Knows neither the room nor who is in it.

use std::cell::{Cell, RefCell};
use std::future::pending;
use std::io::{self, Read as _};
use std::net::{IpAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chat_shared::Notice;
use futures_lite::future;
use rustls::ServerConfig;
use smol::lock::Semaphore;
use smol::{Async, Timer};

use crate::password::{Guesses, Password};
use crate::question::{Answer, Questioning};
use crate::quota::household;
use crate::tls::Tls;
use crate::wire::Wire;

/// How TLS begins; no line of ours does.
const HANDSHAKE: u8 = 0x16;

/// So many hands are shaken at the same time. Each costs some memory, up to 64 KiB in the worst case.
const MOST_HANDSHAKES: usize = 256;

/// How often a handshake that takes long looks whether others wait for its place.
const LOOK: Duration = Duration::from_millis(100);

/// How a client begins that speaks the full language.
const HELLO: &[u8] = b"HELLO ";

/// After so many wrong passwords the connection is closed.
const MOST_WRONG: usize = 5;

/// How long everything may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Who says nothing for so long speaks plain text: TLS begins at once.
    pub(crate) silence: Duration,
    /// The same where only TLS will do: who says nothing for so long is let go.
    pub(crate) silence_required: Duration,
    /// A handshake.
    pub(crate) handshake: Duration,
    /// A handshake, when others wait for its place.
    pub(crate) handshake_pressed: Duration,
    /// Each attempt to give the password.
    pub(crate) password: Duration,
    /// Somebody who is turned away, until it has said in which language it wants to hear why.
    pub(crate) language: Duration,
    /// What the first wrong password costs; each further one costs twice as much.
    pub(crate) wrong: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            silence: Duration::from_secs(1),
            silence_required: Duration::from_secs(10),
            handshake: Duration::from_secs(10),
            handshake_pressed: Duration::from_secs(2),
            password: Duration::from_secs(20),
            language: Duration::from_secs(1),
            wrong: Duration::from_millis(500),
        }
    }
}

/// How somebody is turned away.
pub(crate) enum Turned {
    /// It has gone by itself, or is to be dropped.
    Gone(io::Error),
    /// It is to be told this, and to be let go.
    Away(Wire, Farewell),
}

/// What somebody is told who is turned away.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Farewell {
    pub(crate) notice: Notice,
    /// It has opted in: it is told in the full language. `None` when it is to be found out.
    pub(crate) opted_in: Option<bool>,
}

impl From<Notice> for Farewell {
    fn from(notice: Notice) -> Self {
        Self { notice, opted_in: None }
    }
}

impl From<io::Error> for Turned {
    fn from(error: io::Error) -> Self {
        Self::Gone(error)
    }
}

/// What all share who come in at one room's doors, on one thread.
pub(crate) struct Porch {
    tls: Option<Arc<ServerConfig>>,
    plain: bool,
    password: Option<Password>,
    guesses: RefCell<Guesses>,
    handshakes: Semaphore,
    /// How many wait to shake hands, and for how many of them somebody has had to go.
    waiting: Cell<usize>,
    leaving: Cell<usize>,
    limits: Limits,
}

impl Porch {
    pub(crate) fn new(tls: &Tls, password: Option<Password>, limits: Limits) -> Self {
        let config = match tls {
            Tls::Off => None,
            Tls::Offer(certificates) | Tls::Require(certificates) => Some(certificates.config()),
        };
        Self {
            tls: config,
            plain: !matches!(tls, Tls::Require(_)),
            password,
            guesses: RefCell::new(Guesses::new(limits.wrong)),
            handshakes: Semaphore::new(MOST_HANDSHAKES),
            waiting: Cell::default(),
            leaving: Cell::default(),
            limits,
        }
    }

    /// Finds out how somebody speaks, and shakes hands if that is TLS.
    pub(crate) async fn greet(&self, socket: Async<TcpStream>) -> Result<Wire, Turned> {
        let silence = if self.plain { self.limits.silence } else { self.limits.silence_required };
        let first = async {
            let mut first = [0];
            let read = socket.peek(&mut first).await?;
            // Whatever it would say could not be heard.
            if read == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(Some(first[0])) }
        };
        let silent = async {
            Timer::after(silence).await;
            Ok::<_, io::Error>(None)
        };
        let first = future::or(first, silent).await?;
        match &self.tls {
            Some(config) if first == Some(HANDSHAKE) => {
                // Boxed: TLS is large, and who speaks plain text is to cost nothing for it.
                Ok(Box::pin(self.shake_hands(socket, Arc::clone(config))).await?)
            }
            None if first == Some(HANDSHAKE) => Err(Turned::Away(Wire::Plain(socket), Notice::TlsOff.into())),
            _ if self.plain => Ok(Wire::Plain(socket)),
            _ => Err(Turned::Away(Wire::Plain(socket), Notice::TlsRequired.into())),
        }
    }

    async fn shake_hands(&self, socket: Async<TcpStream>, config: Arc<ServerConfig>) -> io::Result<Wire> {
        self.waiting.set(self.waiting.get() + 1);
        let _place = self.handshakes.acquire().await;
        self.waiting.set(self.waiting.get() - 1);
        self.leaving.set(self.leaving.get().saturating_sub(1));
        let Limits { handshake, handshake_pressed, .. } = self.limits;
        let start = Instant::now();
        let late = async {
            Timer::at(start + handshake_pressed).await;
            while self.waiting.get() <= self.leaving.get() {
                if start.elapsed() >= handshake {
                    return Err(io::ErrorKind::TimedOut.into());
                }
                Timer::after(LOOK).await;
            }
            self.leaving.set(self.leaving.get() + 1);
            Err(io::ErrorKind::TimedOut.into())
        };
        // Where nobody is asked for anything, nobody stays a stranger.
        future::or(Wire::seal(socket, config, self.password.is_some()), late).await
    }

    /// Whether the first line of somebody who is turned away is HELLO: then it understands the full language.
    /// Looks at no more than the beginning of it, and not for long.
    pub(crate) async fn opts_in(&self, wire: &Wire) -> bool {
        let mut said = [0; 64];
        let mut held = 0;
        let listening = async {
            while held < said.len() {
                let read = wire.read_with(|mut wire| wire.read(&mut said[held..])).await.unwrap_or(0);
                held += read;
                let line = said[..held].trim_ascii_start();
                if read == 0 || !line.is_empty() && !HELLO.starts_with(&line[..line.len().min(HELLO.len())]) {
                    return false;
                }
                if line.len() >= HELLO.len() {
                    return true;
                }
            }
            false
        };
        let late = async {
            Timer::after(self.limits.language).await;
            false
        };
        future::or(listening, late).await
    }

    /// Lets nobody pass who has not given the room's password, if it has one. What else was read is given
    /// back: it is for the room.
    pub(crate) async fn question(&self, wire: &Wire, address: IpAddr) -> Result<Vec<u8>, Option<Farewell>> {
        let Some(password) = &self.password else { return Ok(Vec::new()) };
        let mut questioning = Questioning::new(wire, password);
        match self.ask(&mut questioning, address).await {
            Ok(()) => {
                wire.admit();
                questioning.admit().map_err(|_| None)
            }
            Err(notice) => {
                let opted_in = Some(questioning.has_opted_in());
                Err(notice.map(|notice| Farewell { notice, opted_in }))
            }
        }
    }

    /// Asks somebody for the password, until it was given. What to say to who does not give it.
    async fn ask(&self, questioning: &mut Questioning<'_>, address: IpAddr) -> Result<(), Option<Notice>> {
        let mut wrong = 0;
        // Who says nothing at all is perhaps a person who waits to be told.
        let mut prompt = Some(Instant::now() + self.limits.silence);
        let mut deadline = Instant::now() + self.limits.password;
        loop {
            let until = prompt.unwrap_or(deadline);
            let late = async {
                Timer::at(until).await;
                Ok(Answer::None)
            };
            let answer = future::or(questioning.answer(), late).await.map_err(|_| None)?;
            match answer {
                Answer::None if prompt.take().is_some() => {
                    if !questioning.has_spoken() {
                        questioning.reply(&Notice::AuthRequired).map_err(|_| None)?;
                    }
                }
                Answer::None => return Err(Some(Notice::AuthGivenUp)),
                Answer::Away(notice) => return Err(notice),
                Answer::Password(right) => {
                    let due = self.guesses.borrow_mut().attempt(household(address), right, Instant::now());
                    let Some(due) = due else { return Err(Some(Notice::AuthBusy)) };
                    if due > Instant::now() {
                        Timer::at(due).await;
                    }
                    if right {
                        return Ok(());
                    }
                    wrong += 1;
                    if wrong == MOST_WRONG {
                        return Err(Some(Notice::AuthGivenUp));
                    }
                    questioning.reply(&Notice::AuthFailed).map_err(|_| None)?;
                    deadline = Instant::now() + self.limits.password;
                }
            }
        }
    }
}

/// Whether somebody has begun to speak by now, and not in TLS. Takes what it has said, so that a connection which
/// is closed next is not reset before it has read why.
pub(crate) fn speaks_plain_text(mut socket: &TcpStream) -> bool {
    let mut said = [0; 512];
    matches!(socket.read(&mut said), Ok(1..)) && said[0] != HANDSHAKE
}

/// Reads the certificate again whenever its files have changed; ends when dropped.
pub(crate) async fn keep_current(tls: Tls) {
    const EVERY: Duration = Duration::from_secs(10);
    let (Tls::Offer(certificates) | Tls::Require(certificates)) = tls else { return pending().await };
    loop {
        Timer::after(EVERY).await;
        let certificates = certificates.clone();
        smol::unblock(move || certificates.reload_if_changed()).await;
    }
}

#[cfg(test)]
mod tests;
