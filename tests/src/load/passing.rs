//! Those who do not stay and those who do not keep up: visitors come, read for about a second and go;
//! dawdlers read at a trickle, and come back when the server has let them go. What either reads is
//! compared with what everybody reads.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use mio::{Registry, Token};

use super::Plan;
use super::dialect::Dialect;
use super::member::{Heard, Member, Role};
use super::order::Order;
use super::pace::Metronome;
use super::socket::{connect, connect_narrow};
use super::stream::Stream;

/// How long a visitor stays.
const VISIT: Duration = Duration::from_secs(1);

/// What a dawdler reads at a time, in bytes, and how long it waits until the next time: half of what it
/// takes to follow a hundred short messages a second.
const SIP: usize = 512;
const PAUSE: Duration = Duration::from_millis(100);

/// What the system is asked to keep for a dawdler that has not read it. It may make it a little more.
const RECEIVE_BUFFER: usize = 2048;

/// A dawdler that is further behind, in bytes, leaves by itself. It may have been let go long ago: what
/// the system still holds for it hides that for minutes. Or it has not, where a server waits for ever,
/// and then this end has to remember what it has not read. The first dawdler's patience is this, and
/// the last one's is three times this, so that some leave in the midst of what waits for them.
const TOO_FAR: u64 = 2 << 20;

/// Those who come and go.
#[derive(Debug)]
pub(super) struct Visitors {
    address: SocketAddr,
    dialect: Dialect,
    /// Their events' tokens are from here on.
    first_token: usize,
    seats: Vec<Option<Member>>,
    /// Who leaves when, the first one first.
    leaving: VecDeque<(Instant, usize)>,
    metronome: Option<Metronome>,
    pub(super) came: u64,
    pub(super) heard: u64,
    /// Bytes of the stream that they have read.
    pub(super) bytes: u64,
}

impl Visitors {
    pub(super) fn new(plan: &Plan, first_token: usize) -> Self {
        Self {
            address: plan.address,
            dialect: plan.dialect,
            first_token,
            seats: Vec::new(),
            leaving: VecDeque::new(),
            metronome: None,
            came: 0,
            heard: 0,
            bytes: 0,
        }
    }

    /// From now on so many a second come.
    pub(super) fn begin(&mut self, now: Instant, per_second: f64) {
        self.metronome = Metronome::new(now, per_second);
        (self.came, self.heard, self.bytes) = (0, 0, 0);
    }

    /// Nobody comes any more. Those who are in leave when their time is over.
    pub(super) fn end(&mut self) {
        self.metronome = None;
    }

    /// When the next one comes or goes.
    pub(super) fn next(&self) -> Option<Instant> {
        let comes = self.metronome.as_ref().map(Metronome::next);
        let goes = self.leaving.front().map(|&(when, _)| when);
        comes.into_iter().chain(goes).min()
    }

    /// Lets those go who should by now, once they have read what has come.
    pub(super) fn see_off(
        &mut self,
        now: Instant,
        order: &mut Order,
        buffer: &mut [u8],
    ) -> anyhow::Result<()> {
        while let Some((_, seat)) = self.leaving.pop_front_if(|(when, _)| *when <= now) {
            self.read(self.first_token + seat, order, buffer)?;
            let visitor = self.seats[seat].take();
            self.heard += u64::from(visitor.is_some_and(|visitor| visitor.has_heard()));
        }
        Ok(())
    }

    /// Lets those come who should by now. Everybody else has read up to `read`.
    pub(super) fn let_in(&mut self, now: Instant, read: u64, registry: &Registry) -> anyhow::Result<()> {
        while self.metronome.as_mut().and_then(|metronome| metronome.beat(now)).is_some() {
            let stream = connect(self.address, 0).context("a visitor cannot join")?;
            let mut visitor =
                Member::new(Stream::Plain(stream), self.dialect, Role::Newcomer, self.dialect.join())?;
            visitor.not_before(read);
            let seat = self.seats.iter().position(Option::is_none).unwrap_or(self.seats.len());
            visitor.register(registry, Token(self.first_token + seat))?;
            match self.seats.get_mut(seat) {
                Some(free) => *free = Some(visitor),
                None => self.seats.push(Some(visitor)),
            }
            self.leaving.push_back((now + VISIT, seat));
            self.came += 1;
        }
        Ok(())
    }

    /// One of them can be read. It may have left since that was noticed.
    pub(super) fn read(&mut self, token: usize, order: &mut Order, buffer: &mut [u8]) -> anyhow::Result<()> {
        let seat = token - self.first_token;
        while let Some(visitor) = self.seats.get_mut(seat).and_then(Option::as_mut) {
            visitor.flush()?;
            match visitor.read(order, buffer).context("a visitor")? {
                Heard::Bytes(count) => {
                    self.bytes += count as u64;
                    if count < buffer.len() {
                        break;
                    }
                }
                Heard::Nothing => break,
                Heard::End => bail!("the server has closed a visitor's connection"),
            }
        }
        Ok(())
    }

    /// Finds the places of those who came a moment ago.
    pub(super) fn find_places(&mut self, order: &mut Order) -> anyhow::Result<()> {
        for visitor in self.seats.iter_mut().flatten() {
            visitor.find_place(order)?;
        }
        Ok(())
    }

    /// Whether all of them have read up to `end`, from wherever they began.
    pub(super) fn have_read(&self, end: u64) -> bool {
        self.seats.iter().flatten().all(|visitor| match visitor.has_heard() {
            true => visitor.at() == end,
            false => !visitor.waits_for_place(),
        })
    }

    /// Lets everybody go at once.
    pub(super) fn disperse(&mut self) {
        let left = self.seats.drain(..).flatten();
        self.heard += left.filter(Member::has_heard).count() as u64;
        self.leaving.clear();
    }

    /// How many are in.
    pub(super) fn count(&self) -> usize {
        self.leaving.len()
    }

    /// Where they are in the order.
    pub(super) fn places(&self) -> impl Iterator<Item = u64> {
        self.seats.iter().flatten().map(Member::at)
    }
}

/// Those who read at a trickle.
#[derive(Debug)]
pub(super) struct Dawdlers {
    address: SocketAddr,
    dialect: Dialect,
    members: Vec<Member>,
    next: Instant,
    pub(super) rejoined: u64,
    /// Bytes of the stream that they have read.
    pub(super) bytes: u64,
}

impl Dawdlers {
    /// Nobody yet.
    pub(super) fn new(plan: &Plan) -> Self {
        let (address, dialect) = (plan.address, plan.dialect);
        Self { address, dialect, members: Vec::new(), next: Instant::now(), rejoined: 0, bytes: 0 }
    }

    /// Brings in as many as there should be. Everybody else has read up to `read`.
    pub(super) fn join(&mut self, count: usize, read: u64) -> anyhow::Result<()> {
        while self.members.len() < count {
            let dawdler = self.connect(read)?;
            self.members.push(dawdler);
        }
        Ok(())
    }

    fn connect(&self, read: u64) -> anyhow::Result<Member> {
        let stream = connect_narrow(self.address, RECEIVE_BUFFER).context("a slow member cannot join")?;
        let mut member =
            Member::new(Stream::Plain(stream), self.dialect, Role::Newcomer, self.dialect.join())?;
        member.not_before(read);
        Ok(member)
    }

    /// A talk begins: what is counted is counted anew.
    pub(super) fn begin(&mut self) {
        (self.rejoined, self.bytes) = (0, 0);
    }

    /// When they read next.
    pub(super) fn next(&self) -> Option<Instant> {
        (!self.members.is_empty()).then_some(self.next)
    }

    /// Each has a sip, if it is time. Everybody else has read up to `read`.
    pub(super) fn turn(&mut self, now: Instant, read: u64, order: &mut Order) -> anyhow::Result<()> {
        if self.next().is_none_or(|next| next > now) {
            return Ok(());
        }
        self.next = now + PAUSE;
        let count = self.members.len();
        for number in 0..count {
            let dawdler = &mut self.members[number];
            dawdler.flush()?;
            dawdler.find_place(order)?;
            let heard = dawdler.read(order, &mut [0; SIP]).context("a slow member")?;
            if let Heard::Bytes(count) = heard {
                self.bytes += count as u64;
            }
            let patience = TOO_FAR + 2 * TOO_FAR * number as u64 / count as u64;
            if heard == Heard::End || order.end().saturating_sub(dawdler.at()) > patience {
                self.members[number] = self.connect(read)?;
                self.rejoined += 1;
            }
        }
        Ok(())
    }

    /// How far behind the middle one of them is, in bytes.
    pub(super) fn behind(&self, order: &Order) -> u64 {
        let mut behind: Vec<_> = self.places().map(|at| order.end().saturating_sub(at)).collect();
        behind.sort_unstable();
        behind.get(behind.len() / 2).copied().unwrap_or(0)
    }

    /// How many are in.
    pub(super) fn count(&self) -> usize {
        self.members.len()
    }

    /// Where they are in the order.
    pub(super) fn places(&self) -> impl Iterator<Item = u64> {
        self.members.iter().map(Member::at)
    }
}
