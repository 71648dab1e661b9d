//! A crowd of members, and the loop that says and reads for all of them. Knows readiness and time; what
//! the bytes are is `dialect`'s and `order`'s business.

use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use mio::{Events, Poll, Token};

use super::alarm::Alarm;
use super::dialect::text;
use super::front::Front;
use super::member::{Heard, Member, Role};
use super::order::{Fault, Order};
use super::pace::Metronome;
use super::passing::{Dawdlers, Visitors};
use super::talk::Talk;
use super::{Outcome, Pace, Passing, Plan, Progress, Until, join};

/// What one read takes at most.
const READ: usize = 256 * 1024;

/// How much what everybody has read must have grown before it is forgotten, in bytes.
const FORGET: u64 = 4 << 20;

const ALARM: Token = Token(usize::MAX);

/// The members of one run.
#[derive(Debug)]
pub struct Crowd {
    plan: Plan,
    poll: Poll,
    alarm: Alarm,
    /// The receivers first, then the senders, the polite one last.
    members: Vec<Member>,
    visitors: Visitors,
    dawdlers: Dawdlers,
    order: Order,
    front: Front,
    buffer: Vec<u8>,
    /// How many messages each sender has sent.
    numbers: Vec<u64>,
    next_sender: usize,
    said: u64,
    /// Where everybody was when the order was told so.
    forgotten: u64,
}

impl Crowd {
    /// Brings everybody in. When it returns, each of them has been shown to hear the others; of slow
    /// members and of those who come and go that is shown by the talk.
    pub fn join(plan: Plan) -> anyhow::Result<Self> {
        plan.check()?;
        let (poll, members) = join::join(&plan, Poll::new()?)?;
        let polite = (plan.polite > 0.0).then_some(plan.senders);
        let senders = members.len() - plan.receivers;
        let mut dawdlers = Dawdlers::new(&plan);
        dawdlers.join(plan.slow, 0)?;
        Ok(Self {
            alarm: Alarm::new(poll.registry(), ALARM)?,
            poll,
            visitors: Visitors::new(&plan, members.len()),
            dawdlers,
            members,
            order: Order::new(plan.dialect, plan.size, senders, polite),
            front: Front::new(plan.receivers),
            buffer: vec![0; READ],
            numbers: vec![0; senders],
            next_sender: 0,
            said: 0,
            forgotten: 0,
            plan,
        })
    }

    /// How many are in now.
    pub fn members(&self) -> usize {
        self.members.len() + self.visitors.count() + self.dawdlers.count()
    }

    /// From the next talk on it talks at this pace, if that can be kept.
    pub fn set_pace(&mut self, pace: Pace) -> anyhow::Result<()> {
        pace.check(self.plan.size)?;
        self.plan.pace = pace;
        Ok(())
    }

    /// Talks at the plan's pace. Fails when somebody reads what it should not, or does not read what it
    /// should.
    pub fn talk(&mut self, until: Until) -> anyhow::Result<Outcome> {
        self.talk_and_tell(until, |_| {})
    }

    /// The same, and tells each second how it goes.
    pub fn talk_and_tell(&mut self, until: Until, mut tell: impl FnMut(Progress)) -> anyhow::Result<Outcome> {
        let mut events = Events::with_capacity(4096);
        let (start, first) = (Instant::now(), self.said);
        let mut talk = self.begin(start);
        let mut next_word = start + Duration::from_secs(1);
        let (last, end) = match until {
            Until::Time(duration) => (u64::MAX, Some(start + duration)),
            Until::Deliveries(count) => (first + count.div_ceil(self.listeners()), None),
        };
        loop {
            let now = Instant::now();
            // Who waits for nothing has patience. It is not asked each time, since that takes time.
            if now.saturating_duration_since(talk.heard) > self.plan.patience / 2 && self.all_have_read() {
                talk.heard = now;
            }
            let over = self.said >= last || end.is_some_and(|end| now >= end);
            if over {
                if let Some(end) = end {
                    // What was due by then is still said, however late it is now.
                    self.say_what_is_due(&mut talk, end)?;
                }
                (talk.beat, talk.polite) = (None, None);
                self.visitors.end();
            } else if let Pace::Window(window) = self.plan.pace {
                let room = (window as u64).saturating_sub(self.said - self.front.all());
                self.say(room.min(last - self.said), now)?;
            }
            self.say_what_is_due(&mut talk, now)?;
            self.let_pass(now)?;
            if over && self.all_have_read() {
                break;
            }
            if now >= next_word {
                next_word += Duration::from_secs(1);
                tell(self.progress(&talk, now - start));
            }
            let patience = self.plan.patience;
            ensure!(
                now.saturating_duration_since(talk.heard) <= patience,
                "nothing has come for {patience:?}, and not everybody has read all that was said: {} messages \
                 are missing at some receiver",
                self.said - self.front.all()
            );
            let due = [talk.next(), self.visitors.next(), self.dawdlers.next(), end.filter(|_| !over)];
            let wake = due.into_iter().flatten().fold(next_word, Instant::min);
            self.alarm.set(wake, now)?;
            poll(&mut self.poll, &mut events, wake.saturating_duration_since(now))?;
            for event in &events {
                self.turn(event.token(), &mut talk)?;
            }
        }
        Ok(talk.end(start, self.said - first, self.part()))
    }

    fn begin(&mut self, now: Instant) -> Talk {
        self.visitors.begin(now, self.plan.churn);
        self.dawdlers.begin();
        let beat = match self.plan.pace {
            Pace::Window(_) => None,
            Pace::Rate(rate) => Metronome::new(now, rate),
        };
        let polite = Metronome::new(now, self.plan.polite);
        Talk::new(now, beat, polite, self.said_politely())
    }

    /// Says so many messages, one sender after the other.
    fn say(&mut self, messages: u64, now: Instant) -> anyhow::Result<()> {
        for _ in 0..messages {
            self.say_next(now);
        }
        if messages > 0 { self.flush() } else { Ok(()) }
    }

    fn say_next(&mut self, when: Instant) {
        self.say_one(self.next_sender, when);
        self.next_sender = (self.next_sender + 1) % self.plan.senders;
    }

    fn say_one(&mut self, sender: usize, when: Instant) {
        let text = text(sender, self.numbers[sender], self.plan.size);
        self.numbers[sender] += 1;
        self.members[self.plan.receivers + sender].say(|bytes| self.plan.dialect.say(&text, bytes));
        self.order.sent(sender, when);
        self.said += 1;
    }

    fn said_politely(&self) -> u64 {
        self.numbers.get(self.plan.senders).copied().unwrap_or(0)
    }

    fn flush(&mut self) -> anyhow::Result<()> {
        for (number, speaker) in (1..).zip(&mut self.members[self.plan.receivers..]) {
            speaker.flush().with_context(|| format!("member {}", self.plan.receivers + number))?;
        }
        Ok(())
    }

    fn say_what_is_due(&mut self, talk: &mut Talk, now: Instant) -> anyhow::Result<()> {
        if talk.next().is_none_or(|next| next > now) {
            return Ok(());
        }
        while let Some(due) = talk.beat.as_mut().and_then(|beat| beat.beat(now)) {
            self.say_next(due);
        }
        while let Some(due) = talk.polite.as_mut().and_then(|polite| polite.beat(now)) {
            talk.speaks_politely(self.said - self.order.end() / self.order.unit(), Instant::now());
            self.say_one(self.plan.senders, due);
        }
        self.flush()
    }

    /// Whatever can be done where something has become possible.
    fn turn(&mut self, token: Token, talk: &mut Talk) -> anyhow::Result<()> {
        match token {
            ALARM => {}
            Token(number) if number < self.members.len() => {
                let mut now = self.read(number, talk)?;
                // It is the server's doing when the first receiver can have the polite one's message, and
                // not to be this side's, which has many to read: so the first is looked at again and again.
                if talk.awaits_polite(self.said_politely()) {
                    now = self.read(0, talk)?;
                }
                // To read for everybody can take long; what is due meanwhile is said on time.
                self.say_what_is_due(talk, now)?;
            }
            Token(visitor) => self.visitors.read(visitor, &mut self.order, &mut self.buffer)?,
        }
        Ok(())
    }

    /// Reads all that a member's socket has, and tells what time it is then.
    fn read(&mut self, number: usize, talk: &mut Talk) -> anyhow::Result<Instant> {
        let unit = self.order.unit();
        let who = || format!("member {}", number + 1);
        self.members[number].flush().with_context(who)?;
        loop {
            let member = &mut self.members[number];
            let before = member.at() / unit;
            let heard = member.read(&mut self.order, &mut self.buffer).with_context(who)?;
            let now = Instant::now();
            let count = match heard {
                Heard::Bytes(count) => count,
                Heard::Nothing => return Ok(now),
                Heard::End => bail!("the server has closed the connection of member {}", number + 1),
            };
            let after = member.at() / unit;
            talk.heard = now;
            talk.deliveries += after - before;
            if let Role::Sender(sender) = member.role() {
                let too_much = member.at() > (self.said - self.numbers[sender]) * unit;
                ensure!(!too_much, Fault::TooMuch { sender });
            }
            if member.role() == Role::Receiver && after > before {
                talk.look(&self.order, before..after, now);
                talk.look_at_polite(&self.order, member, now);
                let receivers = &self.members[..self.plan.receivers];
                self.front.moved(before, || receivers.iter().map(|member| member.at() / unit));
            }
            // A short read has taken all there was; what comes later is told anew.
            if count < READ {
                return Ok(now);
            }
        }
    }

    /// Those who come and go do so, those who are slow read a little, and what nobody needs is forgotten.
    fn let_pass(&mut self, now: Instant) -> anyhow::Result<()> {
        let read = self.front.all() * self.order.unit();
        self.visitors.see_off(now, &mut self.order, &mut self.buffer)?;
        self.visitors.let_in(now, read, self.poll.registry())?;
        self.visitors.find_places(&mut self.order)?;
        self.dawdlers.turn(now, read, &mut self.order)?;
        for (number, speaker) in (1..).zip(&mut self.members[self.plan.receivers..]) {
            let who = || format!("member {}", self.plan.receivers + number);
            speaker.catch_up(&self.order).with_context(who)?;
        }
        if read - self.forgotten > FORGET {
            self.forgotten = read;
            let speakers = &self.members[self.plan.receivers..];
            let speakers = speakers.iter().filter(|speaker| speaker.role() != Role::Publisher);
            let late = self.visitors.places().chain(self.dawdlers.places());
            let late = late.chain(speakers.map(Member::compared));
            self.order.forget(late.fold(read, u64::min));
        }
        Ok(())
    }

    /// Whether nothing is on its way any more, except to the slow.
    fn all_have_read(&self) -> bool {
        let unit = self.order.unit();
        let senders = self.members[self.plan.receivers..].iter().all(|member| match member.role() {
            Role::Sender(sender) => member.has_heard_just((self.said - self.numbers[sender]) * unit),
            _ => true,
        });
        senders && self.front.all() == self.said && self.visitors.have_read(self.said * unit)
    }

    /// What each message makes: it is read by all receivers, and by all senders but its own.
    fn listeners(&self) -> u64 {
        let speakers = self.members.len() - self.plan.receivers;
        let senders = if self.plan.dialect.senders_receive() { speakers - 1 } else { 0 };
        (self.plan.receivers + senders) as u64
    }

    fn progress(&self, talk: &Talk, elapsed: Duration) -> Progress {
        let in_flight = self.said - self.front.all();
        Progress { elapsed, deliveries: talk.deliveries, members: self.members(), in_flight }
    }

    /// The talk is over: who came goes, and what became of them is told.
    fn part(&mut self) -> Passing {
        self.visitors.disperse();
        Passing {
            came: self.visitors.came,
            heard: self.visitors.heard,
            deliveries: (self.visitors.bytes + self.dawdlers.bytes) / self.order.unit(),
            rejoined: self.dawdlers.rejoined,
            behind: self.dawdlers.behind(&self.order),
        }
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        for member in &mut self.members {
            member.leave_no_trace();
        }
    }
}

fn poll(poll: &mut Poll, events: &mut Events, wait: Duration) -> io::Result<()> {
    match poll.poll(events, Some(wait)) {
        Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
        polled => polled,
    }
}
