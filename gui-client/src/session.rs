//! One room that is open: the network thread and the model, and the room's server when it runs here.
//! Carries events from one to the other and orders back. Knows neither windows nor settings.

use std::io;
use std::time::{Duration, Instant};

use chat_shared::Name;

use crate::address::Address;
use crate::host::Hosted;
use crate::link::{Moment, Order};
use crate::model::{DraftError, Room};
use crate::net::{Net, Options};

/// Events taken up in one go, so that a flood cannot keep the window from being drawn.
const MAX_EVENTS: usize = 16;

/// How long what was said last may take to go out when a session is closed.
const FLUSH: Duration = Duration::from_secs(2);
/// How long the members of a hosted room may take to get what was said last.
const DRAIN: Duration = Duration::from_secs(6);

/// A room that is open. Dropping it leaves the room without waiting.
#[derive(Debug)]
pub struct Session {
    address: Address,
    // Before the server in order: at the end, our connection closes first.
    net: Net,
    room: Room,
    hosted: Option<Hosted>,
}

impl Session {
    /// Enters a room. `wake` is called whenever [`Session::pump`] has something to do.
    ///
    /// # Errors
    /// When the operating system has no thread to give.
    pub fn enter(
        options: Options,
        hosted: Option<Hosted>,
        wake: impl Fn() + Send + 'static,
    ) -> io::Result<Self> {
        let (address, room) = (options.address.clone(), Room::new(options.name.clone()));
        Ok(Self { address, net: Net::start(options, wake)?, room, hosted })
    }

    /// Where the room is.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// The room.
    pub fn room(&self) -> &Room {
        &self.room
    }

    /// The server, when it runs here.
    pub fn hosted(&self) -> Option<&Hosted> {
        self.hosted.as_ref()
    }

    /// Takes up what has happened and does what is due. Gives when to call it again, if that is before
    /// the next event.
    pub fn pump(&mut self) -> Option<Instant> {
        for _ in 0..MAX_EVENTS {
            match self.net.next_event() {
                Some(event) => {
                    let orders = self.room.apply(event);
                    self.give(orders);
                }
                None => {
                    let orders = self.room.tick(Moment::now());
                    self.give(orders);
                    return self.room.next_tick();
                }
            }
        }
        Some(Instant::now())
    }

    /// See [`Room::say`].
    ///
    /// # Errors
    /// When the draft cannot be sent.
    pub fn say(&mut self, draft: &str) -> Result<(), DraftError> {
        let orders = self.room.say(draft, Moment::now())?;
        self.give(orders);
        Ok(())
    }

    /// See [`Room::rename`].
    pub fn rename(&mut self, name: Name) {
        let orders = self.room.rename(name, Moment::now());
        self.give(orders);
    }

    /// See [`Room::keep_name`].
    pub fn keep_name(&mut self) {
        self.room.keep_name();
    }

    /// See [`Room::send_again`].
    pub fn send_again(&mut self, entry: u64) {
        let orders = self.room.send_again(entry, Moment::now());
        self.give(orders);
    }

    /// See [`Room::leave_it`].
    pub fn leave_it(&mut self, entry: u64) {
        self.room.leave_it(entry);
    }

    /// Tries to connect now.
    pub fn retry_now(&self) {
        self.net.order(Order::RetryNow);
    }

    /// Leaves the room and waits, for a few seconds at most, until what was said is out.
    pub fn close(self) {
        let Self { net, hosted, .. } = self;
        net.close(FLUSH);
        if let Some(hosted) = hosted {
            hosted.stop(DRAIN);
        }
    }

    fn give(&self, orders: Vec<Order>) {
        for order in orders {
            self.net.order(order);
        }
    }
}
