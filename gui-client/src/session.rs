//! One room that is open: the network thread and the model, what is kept of it, and the room's server when
//! it runs here. Carries events from one to the other and orders back. Knows neither windows nor settings.

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use chat_shared::Name;

use crate::address::Addresses;
use crate::host::Hosted;
use crate::link::{Answer, Deed, Moment, Order};
use crate::model::{Calls, Changes, DraftError, Eyes, Room, Spot};
use crate::net::{Net, Options};
use crate::store::{self, Opened, Saver};

/// Events taken up in one go, so that a flood cannot keep the window from being drawn.
const MAX_EVENTS: usize = 16;

/// How long what was said last may take to go out when a session is closed.
const FLUSH: Duration = Duration::from_secs(2);
/// How long the members of a hosted room may take to get what was said last.
const DRAIN: Duration = Duration::from_secs(6);

/// A room that is open. Dropping it leaves the room without waiting.
#[derive(Debug)]
pub struct Session {
    address: Addresses,
    // In this order they end: what is kept gives its last orders, then our connection closes, and the server
    // stops after that.
    saver: Option<Saver>,
    net: Net,
    room: Room,
    /// What of the room's changes is kept.
    kept: Changes,
    /// Something to tell that was found when the room was entered.
    note: Option<String>,
    hosted: Option<Hosted>,
}

impl Session {
    /// Enters a room. What is kept of it is in the folder `folder`; without one, nothing is. `wake` is called
    /// whenever [`Session::pump`] has something to do.
    ///
    /// # Errors
    /// When the operating system has no thread to give.
    pub fn enter(
        options: Options,
        folder: Option<&Path>,
        hosted: Option<Hosted>,
        wake: impl Fn() + Send + 'static,
    ) -> io::Result<Self> {
        let (address, name) = (options.addresses.clone(), options.name.clone());
        let Opened { sessions, kept, shelf, note } = match folder {
            Some(folder) => store::open(folder, &address),
            None => Opened::new(),
        };
        let net = Net::start(options, sessions, wake)?;
        let saver = match shelf {
            Some(shelf) => Some(Saver::start(shelf, sessions, net.orders())?),
            None => None,
        };
        let room = Room::new(name, kept);
        Ok(Self { address, saver, net, room, kept: Changes::default(), note, hosted })
    }

    /// Where the room is.
    pub fn address(&self) -> &Addresses {
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
                    return self.room.next_tick(Instant::now());
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

    /// See [`Room::near_oldest`].
    pub fn near_oldest(&mut self) {
        let orders = self.room.near_oldest(Moment::now());
        self.give(orders);
    }

    /// See [`Room::look`].
    pub fn look(&mut self, eyes: Eyes) {
        self.room.look(eyes);
    }

    /// See [`Room::take_calls`].
    pub fn take_calls(&mut self) -> Calls {
        self.room.take_calls()
    }

    /// See [`Room::fill`].
    pub fn fill(&mut self, entry: u64, from_its_end: bool) {
        let orders = self.room.fill(entry, from_its_end, Moment::now());
        self.give(orders);
    }

    /// See [`Room::load_around`].
    pub fn load_around(&mut self, spot: Spot) {
        let orders = self.room.load_around(spot, Moment::now());
        self.give(orders);
    }

    /// See [`Room::search`].
    pub fn search(&mut self, words: &str) {
        self.room.search(words, Moment::now());
    }

    /// Why something cannot be kept, in words, if that has happened since this was last asked.
    pub fn complaint(&mut self) -> Option<String> {
        self.note.take().or_else(|| self.saver.as_ref()?.error())
    }

    /// Tries to connect now.
    pub fn retry_now(&self) {
        self.net.order(Order::RetryNow);
    }

    /// See [`Room::act`].
    pub fn act(&mut self, deed: Deed) {
        let orders = self.room.act(deed);
        self.give(orders);
    }

    /// See [`Room::take_back`].
    pub fn take_back(&mut self, spot: Spot) {
        let orders = self.room.take_back(spot);
        self.give(orders);
    }

    /// Answers what is asked before there is a connection.
    pub fn answer(&self, answer: Answer) {
        self.net.order(Order::Answer(answer));
    }

    /// Leaves the room and waits, for a few seconds at most, until what was said is out.
    pub fn close(self) {
        let Self { saver, net, hosted, .. } = self;
        drop(saver);
        net.close(FLUSH);
        if let Some(hosted) = hosted {
            hosted.stop(DRAIN);
        }
    }

    /// Gives orders, once what they depend on is kept.
    fn give(&mut self, orders: Vec<Order>) {
        let changes = self.room.changes();
        let before = std::mem::replace(&mut self.kept, changes);
        let Some(saver) = &self.saver else {
            return orders.into_iter().for_each(|order| self.net.order(order));
        };
        if changes != before || !orders.is_empty() {
            let kept = (changes != before).then(|| self.room.kept());
            saver.keep(kept, changes.must != before.must, orders);
        }
    }
}
