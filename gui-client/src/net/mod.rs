//! The network thread: one thread with its own executor that keeps a connection to one room for as
//! long as somebody holds the [`Net`]. Knows lines and connections; what the lines mean to the
//! person in front of the screen is the model's business.
//!
//! | module | what it holds |
//! |---|---|
//! | `pauses` | how long to wait between attempts |
//! | `rounds` | which of several addresses is tried next |
//! | `dial` | from an address to a connection |
//! | `hear` | from bytes to lines with a meaning |
//! | `greet` | the first words, and which language is spoken |
//! | `write` | from orders to bytes |
//! | `talk` | one connection from its greeting to its last byte |
//! | `fuzz` | a server's bytes without a connection, for the fuzz targets |

mod dial;
#[doc(hidden)]
pub mod fuzz;
mod greet;
mod hear;
mod pauses;
mod rounds;
mod talk;
#[cfg(test)]
mod tests;
mod write;

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use async_channel::{Receiver, Sender, TrySendError};
use chat_shared::limits::WELCOME_WITHIN;
use chat_shared::{Name, SessionId};
use futures_lite::future;
use smol::net::TcpStream;
use smol::{LocalExecutor, Timer};

use crate::address::Addresses;
use crate::link::{Event, Moment, News, Order};
use dial::{Failure, dial};
use greet::{Greeting, greet};
pub use pauses::Pauses;
use rounds::Rounds;
use talk::{End, talk};

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
}

/// How long a server may be silent.
#[derive(Debug, Clone, Copy)]
pub struct Waits {
    /// Before it is taken for one that speaks only the base.
    pub welcome: Duration,
    /// Before it is asked whether it is there; and once more, before it is taken for gone.
    pub silence: Duration,
}

impl Default for Waits {
    fn default() -> Self {
        Self { welcome: WELCOME_WITHIN, silence: Duration::from_secs(20) }
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
    /// Starts the thread. It speaks for `session`, which is a secret. `wake` is called, on that thread, after
    /// each event.
    ///
    /// # Errors
    /// When the operating system has no thread to give.
    pub fn start(options: Options, session: SessionId, wake: impl Fn() + Send + 'static) -> io::Result<Self> {
        // Not bounded here: the model bounds what may wait to be sent.
        let (orders, orders_in) = async_channel::unbounded();
        let (events_out, events) = async_channel::bounded(MAX_EVENTS);
        let (life, alive) = async_channel::bounded(1);
        let report = Reporter { events: events_out, wake: Box::new(wake) };
        thread::Builder::new().name("network".to_owned()).spawn(move || {
            let executor = LocalExecutor::new();
            smol::block_on(executor.run(keep_connected(&executor, options, session, &orders_in, &report)));
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

/// Connects, talks and connects again, until the orders end.
async fn keep_connected(
    executor: &LocalExecutor<'_>,
    options: Options,
    session: SessionId,
    orders: &Receiver<Order>,
    report: &Reporter,
) {
    let Options { addresses, mut name, pauses, waits } = options;
    let mut rounds = Rounds::new(addresses, pauses);
    for link in 1.. {
        let one_of_several = rounds.one_of_several().cloned();
        report.tell(News::Connecting { address: one_of_several.clone() }).await;
        let asked_for = name.clone();
        let dialling = async {
            let stream = match dial(executor, rounds.address()).await {
                Ok(stream) => stream,
                Err(failure) => return Some(Err(failure)),
            };
            let since = Instant::now();
            Some(greet(&stream, session, &asked_for, waits).await.map(|greeting| (stream, greeting, since)))
        };
        let closing = async {
            while idle(orders, &mut name).await == Idle::Hurry {}
            None
        };
        let met: Option<Result<(TcpStream, Greeting, Instant), Failure>> =
            future::or(dialling, closing).await;
        let (failure, lasted) = match met {
            None => return,
            Some(Err(failure)) => (failure, None),
            Some(Ok((stream, greeting, since))) => {
                let end = talk(&stream, link, greeting, &mut name, orders, report, waits).await;
                match end {
                    End::Closed => return,
                    End::Lost(failure) => (failure, Some(since.elapsed())),
                }
            }
        };
        let Failure { why, doubt, stay_away } = failure;
        let why = one_of_several.map_or(why.clone(), |address| format!("{why} ({address})"));
        let retry_in = rounds.next(lasted, stay_away);
        report.tell(News::Lost { why, retry_in, doubt }).await;
        let pause = async {
            Timer::after(retry_in).await;
            Idle::Hurry
        };
        if future::or(idle(orders, &mut name), pause).await == Idle::Over {
            return;
        }
    }
}

/// Why there is nothing to wait for any more.
#[derive(PartialEq, Eq)]
enum Idle {
    /// The orders have ended.
    Over,
    /// It is time to try.
    Hurry,
}

/// Takes orders while there is no connection.
async fn idle(orders: &Receiver<Order>, name: &mut Name) -> Idle {
    loop {
        match orders.recv().await {
            Err(_) => return Idle::Over,
            Ok(Order::RetryNow) => return Idle::Hurry,
            Ok(Order::Name { name: new, .. }) => *name = new,
            // Meant for a connection that is gone; its author learns of that and asks anew.
            Ok(_) => {}
        }
    }
}
