//! The network thread: one thread with its own executor that keeps a connection to one room for as
//! long as somebody holds the [`Net`]. Knows lines and connections; what the lines mean to the
//! person in front of the screen is the model's business.
//!
//! | module | what it holds |
//! |---|---|
//! | `pauses` | how long to wait between attempts |
//! | `rounds` | which of several addresses is tried next |
//! | `dial` | from an address to a connection |
//! | `wire` | a connection in plain text or through TLS |
//! | `tls` | whose certificate a server shows |
//! | `approach` | from an address to a connection on which one may speak |
//! | `hear` | from bytes to lines with a meaning |
//! | `greet` | the first words, and which language is spoken |
//! | `write` | from orders to bytes |
//! | `talk` | one connection from its greeting to its last byte |
//! | `keep` | one connection after the other |
//! | `fuzz` | a server's bytes without a connection, for the fuzz targets |

mod approach;
mod dial;
#[doc(hidden)]
pub mod fuzz;
mod greet;
mod hear;
mod keep;
mod pauses;
mod rounds;
mod talk;
#[cfg(test)]
mod tests;
mod tls;
mod wire;
mod write;

use std::io;
use std::thread;
use std::time::Duration;

use async_channel::{Receiver, Sender, TrySendError};
use chat_shared::Name;
use chat_shared::limits::{PASSWORD_WITHIN, WELCOME_WITHIN};
use futures_lite::future;
use smol::{LocalExecutor, Timer};

use crate::address::Addresses;
use crate::link::{Event, Moment, News, Order, Sessions};
pub use approach::Guard;
use keep::keep_connected;
pub use pauses::Pauses;
pub use tls::Trust;

/// Events that may wait for the window. Past that the thread stops reading, so a window that hangs
/// fills the server's queue and not this computer's memory.
const MAX_EVENTS: usize = 64;

/// What a connection to a room needs to know.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the room is: tried in turn.
    pub addresses: Addresses,
    /// The name to ask for.
    pub name: Name,
    /// The pauses between attempts.
    pub pauses: Pauses,
    /// How long the server may be silent.
    pub waits: Waits,
    /// How servers are recognised. Without it one speaks in plain text, and to everybody.
    pub guard: Option<Guard>,
}

/// How long a server may be silent.
#[derive(Debug, Clone, Copy)]
pub struct Waits {
    /// Before the person is asked about one that was never met with TLS and does not finish to begin it.
    pub tls: Duration,
    /// Before one of which the person knows that it does not answer is spoken to in plain text.
    pub no_tls: Duration,
    /// Before it says whether the password is right. It lets whoever guesses wait.
    pub password: Duration,
    /// Before it is taken for one that speaks only the base.
    pub welcome: Duration,
    /// Before it is asked whether it is there; and once more, before it is taken for gone.
    pub silence: Duration,
}

impl Default for Waits {
    fn default() -> Self {
        Self {
            tls: Duration::from_secs(15),
            no_tls: Duration::from_secs(5),
            password: PASSWORD_WITHIN + Duration::from_secs(10),
            welcome: WELCOME_WITHIN,
            silence: Duration::from_secs(20),
        }
    }
}

/// A connection to a room, kept up by a thread. Dropping it closes the connection; what was ordered
/// before is written first, for a second at most.
#[derive(Debug)]
pub struct Net {
    orders: Orders,
    events: Receiver<Event>,
    /// Nothing is ever sent here; it closes when the thread has ended.
    alive: Receiver<()>,
}

impl Net {
    /// Starts the thread. It speaks for one of `sessions` on each connection. `wake` is called, on that thread, after
    /// each event.
    ///
    /// # Errors
    /// When the operating system has no thread to give.
    pub fn start(options: Options, sessions: Sessions, wake: impl Fn() + Send + 'static) -> io::Result<Self> {
        // Not bounded here: the model bounds what may wait to be sent.
        let (orders, orders_in) = async_channel::unbounded();
        let (events_out, events) = async_channel::bounded(MAX_EVENTS);
        let (life, alive) = async_channel::bounded(1);
        let report = Reporter { events: events_out, wake: Box::new(wake) };
        thread::Builder::new().name("network".to_owned()).spawn(move || {
            let executor = LocalExecutor::new();
            smol::block_on(executor.run(keep_connected(&executor, options, sessions, &orders_in, &report)));
            drop(life);
        })?;
        Ok(Self { orders: Orders(orders), events, alive })
    }

    /// Gives an order. It is carried out after all orders before it.
    pub fn order(&self, order: Order) {
        self.orders.give(order);
    }

    /// For who gives orders from elsewhere. The thread does not end while it is held.
    pub fn orders(&self) -> Orders {
        self.orders.clone()
    }

    /// The next event, if there is one. Never waits.
    pub fn next_event(&self) -> Option<Event> {
        self.events.try_recv().ok()
    }

    /// Closes the connection and waits, for `limit` at most, until that is done.
    pub fn close(self, limit: Duration) {
        let Self { orders, events, alive } = self;
        drop((orders, events));
        smol::block_on(future::or(
            async {
                let _ = alive.recv().await;
            },
            async {
                Timer::after(limit).await;
            },
        ));
    }
}

/// Gives orders to a [`Net`].
#[derive(Debug, Clone)]
pub struct Orders(Sender<Order>);

impl Orders {
    /// For who wants to see what is ordered.
    #[cfg(test)]
    pub(crate) fn to_be_seen() -> (Self, Receiver<Order>) {
        let (orders, seen) = async_channel::unbounded();
        (Self(orders), seen)
    }

    /// See [`Net::order`].
    pub fn give(&self, order: Order) {
        // It fails only when the thread is gone, and then there is nobody to order about.
        let _ = self.0.try_send(order);
    }
}

/// Where the thread's events go.
struct Reporter {
    events: Sender<Event>,
    wake: Box<dyn Fn() + Send>,
}

impl Reporter {
    /// Waits while too many events wait already. Without a listener the news are dropped.
    async fn tell(&self, news: News) {
        if self.events.send(Event { at: Moment::now(), news }).await.is_ok() {
            (self.wake)();
        }
    }

    /// Tells which lines were written, and empties `keys`; or leaves them there when too many events
    /// wait. Unlike [`Reporter::tell`] it can be interrupted nowhere, so no key is lost when the
    /// connection breaks at that moment: a lost key would be a message sent twice.
    fn try_tell_sent(&self, keys: &mut Vec<u64>) {
        if keys.is_empty() {
            // What else is written, such as a question whether the server is there, is no news to anybody.
            return;
        }
        let event = Event { at: Moment::now(), news: News::Sent { keys: std::mem::take(keys) } };
        match self.events.try_send(event) {
            Ok(()) => (self.wake)(),
            Err(TrySendError::Full(Event { news: News::Sent { keys: back }, .. })) => *keys = back,
            Err(_) => {}
        }
    }
}
