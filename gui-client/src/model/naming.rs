//! What we are called in the room, and what to do when the server says no. In the base a server is
//! silent when it agrees, so a name counts as ours from the moment we ask for it until a refusal
//! comes. Knows names and the clock it is handed; entries and connections are the room's business.

use std::time::{Duration, Instant};

use chat_shared::Name;
use chat_shared::notice::NameRefusal;

use crate::link::Order;

/// After a break our own lost connection may hold our name until the server gives it up. For so long
/// it is asked for again, each [`ASK_AGAIN`], before anybody is bothered with it.
const RECLAIM_FOR: Duration = Duration::from_secs(60);
const ASK_AGAIN: Duration = Duration::from_secs(5);

/// A server that has no time to look at our key is asked again after this long at first, and after twice as long
/// each time, up to the second.
const PUT_OFF: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(60)];

/// When no refusal came for this long, the silence means that the server agrees.
const SILENCE: Duration = Duration::from_secs(3);

/// A name that the server refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The name that was asked for.
    pub wanted: Name,
    /// Why it was refused, in the server's words.
    pub why: String,
    /// The name that we bear instead.
    pub still: String,
}

/// What a refusal leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reaction {
    /// The person is asked what to do, and the orders are given.
    Ask(Vec<Order>),
    /// The name is ours, only not yet again; the first time that is worth a word.
    Patience {
        /// It is the first refusal since the break.
        first: bool,
    },
}

/// How a name that was waited for became ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Got {
    /// It was ours before the connection broke.
    Back,
    /// It was refused before, because somebody else bore it.
    Free,
}

/// A name that is waited for: ours from before the connection broke, or one that was refused and that nobody
/// bears by now.
#[derive(Debug)]
struct Reclaim {
    /// When we last asked, if that has not been refused since.
    asked: Option<Instant>,
    /// When to ask again.
    next: Instant,
}

#[derive(Debug)]
pub(super) struct Naming {
    /// What we are called, as far as we know.
    pub(super) name: String,
    /// What we want to be called.
    pub(super) wanted: Name,
    pub(super) refused: Option<Refused>,
    /// What the server last said that we are called, where it says so.
    given: Option<String>,
    /// The wanted name was ours when the connection broke; on the next it is worth waiting for until
    /// then.
    was_ours: bool,
    patience_ends: Option<Instant>,
    reclaim: Option<Reclaim>,
    /// How long the server was left alone last that has no time for our key.
    put_off: Option<Duration>,
    /// When a name was last asked for again, on this connection.
    asked_again: Option<Instant>,
    /// On this connection names are asked for as our own.
    as_own: bool,
    /// The server keeps the name that we bear for us.
    is_own: bool,
}

impl Naming {
    pub(super) fn new(wanted: Name) -> Self {
        Self {
            name: wanted.to_string(),
            wanted,
            refused: None,
            given: None,
            was_ours: false,
            patience_ends: None,
            reclaim: None,
            put_off: None,
            asked_again: None,
            as_own: false,
            is_own: false,
        }
    }

    /// There is a connection, and the wanted name was asked for on it.
    pub(super) fn connected(&mut self, at: Instant) {
        self.name = self.wanted.to_string();
        self.refused = None;
        self.given = None;
        (self.reclaim, self.asked_again, self.put_off) = (None, None, None);
        (self.as_own, self.is_own) = (false, false);
        self.patience_ends = self.was_ours.then(|| at + RECLAIM_FOR);
    }

    /// The server speaks the full language, and calls us so until it has read the name that we asked for: as
    /// our own, if `as_own`.
    pub(super) fn welcomed(&mut self, given: String, as_own: bool) {
        self.given = Some(given);
        self.as_own = as_own;
    }

    /// Whether the server keeps the name that we bear for us.
    pub(super) fn is_own(&self) -> bool {
        self.is_own
    }

    /// The server did not know a word that we said. Where that may have been how we asked for a name, gives
    /// how to ask in the other way.
    pub(super) fn not_understood(&mut self) -> Option<Order> {
        let asked = std::mem::take(&mut self.as_own) && !self.is_own;
        asked.then(|| Order::Name { name: self.wanted.clone(), say: true, as_own: false })
    }

    /// The server calls us so from now on. Gives whether that is a name which was waited for.
    pub(super) fn confirmed(&mut self, given: &str) -> Option<Got> {
        self.given = Some(given.to_owned());
        given.clone_into(&mut self.name);
        self.put_off = self.put_off.filter(|_| given != self.wanted.as_str());
        self.is_own = self.as_own && given == self.wanted.as_str();
        if given != self.wanted.as_str() {
            return None;
        }
        self.reclaim.take()?;
        self.patience_ends = None;
        Some(if self.refused.take().is_some() { Got::Free } else { Got::Back })
    }

    /// Nobody bears this name any more. Where it kept us from the one that we want, that one is asked for, but
    /// not more often than each [`ASK_AGAIN`]: somebody may come and go all the time.
    pub(super) fn is_free(&mut self, name: &Name, at: Instant) {
        let wanted = match &self.refused {
            Some(refused) if refused.why == NameRefusal::Taken.to_string() => &refused.wanted,
            None if self.reclaim.is_some() => &self.wanted,
            _ => return,
        };
        // The answer to a question that is on its way comes after this.
        let is_asked = self.reclaim.as_ref().is_some_and(|reclaim| reclaim.asked.is_some());
        if !is_asked && name.looks_like(wanted) {
            let next = self.asked_again.map_or(at, |asked| at.max(asked + ASK_AGAIN));
            self.reclaim = Some(Reclaim { asked: None, next });
        }
    }

    /// What the server calls us, as far as we know.
    pub(super) fn given(&self) -> &str {
        self.given.as_deref().unwrap_or(&self.name)
    }

    /// A connection that worked is gone.
    pub(super) fn broke(&mut self) {
        self.is_own = false;
        let is_back_soon = self.reclaim.take().is_some() && self.refused.is_none();
        self.was_ours = is_back_soon || self.name == self.wanted.as_str();
    }

    /// The server has no time to see that the name is ours, and calls us otherwise meanwhile: it is asked again. Gives
    /// whether that is the first time.
    pub(super) fn was_put_off(&mut self, still: &str, at: Instant) -> bool {
        let [first, longest] = PUT_OFF;
        let pause = self.put_off.map_or(first, |pause| (pause * 2).min(longest));
        self.name = still.to_owned();
        self.reclaim = Some(Reclaim { asked: None, next: at + pause });
        self.put_off.replace(pause).is_none()
    }

    /// The server refused a name: why, and the name we bear.
    pub(super) fn was_refused(&mut self, why: &str, still: &str, at: Instant) -> Reaction {
        self.name = still.to_owned();
        let patience = self.patience_ends.filter(|&ends| at < ends && why == NameRefusal::Taken.to_string());
        if let Some(until) = patience {
            let first = self.reclaim.is_none();
            let next = at + ASK_AGAIN;
            if next < until {
                self.reclaim = Some(Reclaim { asked: None, next });
                return Reaction::Patience { first };
            }
        }
        self.reclaim = None;
        self.patience_ends = None;
        self.refused =
            Some(Refused { wanted: self.wanted.clone(), why: why.to_owned(), still: still.to_owned() });
        match Name::parse(still) {
            // The next connection shall begin with the name that works, not with the refused one.
            Ok(name) => {
                self.wanted = name.clone();
                Reaction::Ask(vec![Order::Name { name, say: false, as_own: self.as_own }])
            }
            // A guest's name cannot be asked for, so there the wanted one stays.
            Err(_) => Reaction::Ask(Vec::new()),
        }
    }

    /// Does what is due. Gives whether our name has come back, and what to order.
    pub(super) fn tick(&mut self, now: Instant) -> (bool, Option<Order>) {
        let Some(reclaim) = &mut self.reclaim else { return (false, None) };
        // A server that says what we are called will say this too.
        let is_silence = |asked| self.given.is_none() && now >= asked + SILENCE;
        if reclaim.asked.is_some_and(is_silence) {
            self.name = self.wanted.to_string();
            self.reclaim = None;
            return (true, None);
        }
        if reclaim.asked.is_some() || now < reclaim.next {
            return (false, None);
        }
        reclaim.asked = Some(now);
        self.asked_again = Some(now);
        if let Some(refused) = &self.refused {
            self.wanted = refused.wanted.clone();
        }
        (false, Some(Order::Name { name: self.wanted.clone(), say: true, as_own: self.as_own }))
    }

    /// When [`Naming::tick`] next has something to do.
    pub(super) fn next_tick(&self) -> Option<Instant> {
        let reclaim = self.reclaim.as_ref()?;
        match reclaim.asked {
            None => Some(reclaim.next),
            Some(asked) => self.given.is_none().then(|| asked + SILENCE),
        }
    }

    /// The person makes do with the name that the server gave.
    pub(super) fn keep(&mut self) {
        self.refused = None;
        self.reclaim = None;
    }

    /// The person wants another name.
    pub(super) fn rename(&mut self, name: Name) -> Order {
        self.name = name.to_string();
        self.wanted = name.clone();
        self.refused = None;
        self.reclaim = None;
        self.patience_ends = None;
        Order::Name { name, say: true, as_own: self.as_own }
    }
}
