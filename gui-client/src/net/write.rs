//! The writing side of a connection: gathers what is ordered into batches, writes them, and knows which
//! lines are out whole. Knows the form of lines; knows nothing of what the server says.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::time::Duration;

use async_channel::Receiver;
use chat_shared::{Body, ClientCommand, Key, Name, Query, Token};
use futures_lite::{AsyncWriteExt, future};
use smol::Timer;

use super::Reporter;
use super::wire::Wire;
use crate::link::{Deed, Order, Secret};

/// What is gathered into one write.
const WRITE_SIZE: usize = 64 * 1024;

/// How often a writer looks whether the window has caught up with the events.
const FULL_RETRY: Duration = Duration::from_millis(20);

/// What the reading side wants written.
pub(super) enum Aside {
    /// Ask whether the server is there.
    Ping,
    /// Say that we are there.
    Pong(String),
}

/// What there is to write next.
enum Next {
    Order(Order),
    Aside(Aside),
    /// The orders have ended.
    Over,
}

/// Writes a connection.
pub(super) struct Pen<'a> {
    stream: Wire,
    link: u64,
    /// The server speaks the full language.
    full: &'a Cell<bool>,
    /// Our key to names with this server.
    key: Option<Secret>,
    report: &'a Reporter,
    /// The keys of lines that are written and yet to be told.
    written: &'a RefCell<Vec<u64>>,
    batch: Batch,
}

impl<'a> Pen<'a> {
    pub(super) fn new(
        stream: Wire,
        link: u64,
        full: &'a Cell<bool>,
        key: Option<Secret>,
        report: &'a Reporter,
        written: &'a RefCell<Vec<u64>>,
    ) -> Self {
        Self { stream, link, full, key, report, written, batch: Batch::default() }
    }

    /// Says a name that has yet to be said, or was changed since the greeting, before anything else.
    pub(super) fn say_name(&mut self, name: &Name) {
        self.ask_for(name, true);
    }

    /// Asks for a name: as our own, where we have a key and that is wanted.
    fn ask_for(&mut self, name: &Name, as_own: bool) {
        let key = self.key.as_ref().filter(|_| as_own && self.full.get());
        // One that is none was changed by hand in the file.
        let key = key.and_then(|key| Key::parse(&key.0).ok());
        self.batch.line(&match key {
            Some(key) => ClientCommand::Login { name: name.clone(), key },
            None => ClientCommand::Name(name.clone()),
        });
    }

    /// Writes what is ordered until the orders end, and then good-bye.
    pub(super) async fn write(
        &mut self,
        name: &mut Name,
        orders: &Receiver<Order>,
        asides: &Receiver<Aside>,
    ) -> io::Result<()> {
        self.flush().await?;
        loop {
            let order = async {
                // Their end is noticed only once all of them were taken.
                orders.recv().await.map_or(Next::Over, Next::Order)
            };
            let aside = async {
                match asides.recv().await {
                    Ok(aside) => Next::Aside(aside),
                    // The reading side has ended, and says so itself.
                    Err(_) => future::pending().await,
                }
            };
            match future::or(order, aside).await {
                Next::Over => {
                    if self.full.get() {
                        self.batch.line(&ClientCommand::Quit);
                    }
                    return self.flush().await;
                }
                Next::Order(order) => self.take(order, name),
                Next::Aside(Aside::Ping) => self.batch.line(&"PING 1"),
                Next::Aside(Aside::Pong(token)) => match Token::parse(&token) {
                    Ok(token) => self.batch.line(&ClientCommand::Pong(token)),
                    Err(_) => unreachable!("it was a token when it was read"),
                },
            }
            while self.batch.bytes.len() < WRITE_SIZE
                && let Ok(order) = orders.try_recv()
            {
                self.take(order, name);
            }
            self.flush().await?;
        }
    }

    async fn flush(&mut self) -> io::Result<()> {
        let mut done = 0;
        while done < self.batch.bytes.len() {
            done += match self.stream.write(&self.batch.bytes[done..]).await? {
                0 => return Err(io::ErrorKind::WriteZero.into()),
                count => count,
            };
            // Through TLS, what is written is out only then.
            self.stream.flush().await?;
            self.written.borrow_mut().extend(self.batch.complete(done));
            self.report.try_tell_sent(&mut self.written.borrow_mut());
        }
        while !self.written.borrow().is_empty() {
            Timer::after(FULL_RETRY).await;
            self.report.try_tell_sent(&mut self.written.borrow_mut());
        }
        self.batch = Batch::default();
        Ok(())
    }

    /// Takes what an order wants written, if it is meant for this connection.
    fn take(&mut self, order: Order, name: &mut Name) {
        let batch = &mut self.batch;
        match order {
            Order::Send { link, key, text } if link == self.link => {
                batch.line(&format_args!("SEND {text}"));
                batch.ends.push_back((key, batch.bytes.len()));
            }
            Order::Post { link, txn, text } if link == self.link => match Body::parse(text) {
                Ok(body) => batch.line(&ClientCommand::Post { txn, body }),
                // It was checked when it was typed.
                Err(error) => log::error!("a message is not sent: {error}"),
            },
            Order::After { link, room, id } if link == self.link => {
                batch.line(&ClientCommand::After { room, id });
            }
            Order::Last { link, n } if link == self.link => batch.line(&ClientCommand::Last { n }),
            Order::Before { link, id, n } if link == self.link => {
                batch.line(&ClientCommand::Before { id, n });
            }
            Order::Search { link, n, words } if link == self.link => match Query::parse(&words) {
                Ok(query) => batch.line(&ClientCommand::Search { n, query }),
                // It was checked when it was typed.
                Err(error) => log::error!("nothing is searched for: {error}"),
            },
            Order::Deed { link, deed } if link == self.link => batch.line(&match deed {
                Deed::Kick(name) => ClientCommand::Kick { name, why: None },
                Deed::Ban(name) => ClientCommand::Ban { name, why: None },
                Deed::Unban(name) => ClientCommand::Unban(name),
                Deed::Mute(name, seconds) => ClientCommand::Mute { name, seconds },
                Deed::Remove(id) => ClientCommand::Remove(id),
            }),
            Order::Name { name: new, say, as_own } => {
                *name = new;
                if say {
                    self.ask_for(name, as_own);
                }
            }
            Order::Send { .. }
            | Order::Post { .. }
            | Order::After { .. }
            | Order::Last { .. }
            | Order::Before { .. }
            | Order::Search { .. }
            | Order::Deed { .. }
            | Order::RetryNow
            // Nothing is asked while there is a connection.
            | Order::Answer(_) => {}
        }
    }
}

/// Lines about to be written, and where those end of which somebody wants to know.
#[derive(Default)]
struct Batch {
    bytes: Vec<u8>,
    ends: VecDeque<(u64, usize)>,
}

impl Batch {
    fn line(&mut self, line: &dyn fmt::Display) {
        self.bytes.extend_from_slice(format!("{line}\n").as_bytes());
    }

    /// The keys of the lines that are whole within the first `written` bytes, each given once.
    fn complete(&mut self, written: usize) -> impl Iterator<Item = u64> {
        let count = self.ends.partition_point(|&(_, end)| end <= written);
        self.ends.drain(..count).map(|(key, _)| key)
    }
}
