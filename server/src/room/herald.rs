//! Writes a turn, once its messages are stored or have been refused: what each member gets to read of it, in
//! which language. Knows who speaks which; what happens in the room has been decided before.

use std::collections::HashMap;
use std::slice;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chat_shared::body::escape;
use chat_shared::full::append_post;
use chat_shared::{ErrorCode, History, MessageId, Millis, Notice, ServerCommand, SessionId, Txn};

use super::recent::{Recent, size};
use super::turn::{CaughtUp, Item, Turn};
use crate::batch::{Audience, Batch, MemberId};
use crate::history::{Errand, Since, append_entries, push_line};
use crate::log::{Committed, Entry, Fate};

/// How many bytes of messages a member may be behind that is then given them at once. Who is further behind
/// is given them page by page. The part of what may wait for one member is bounded too.
const NEARLY: usize = 256 * 1024;
const QUEUE_PART: usize = 4;

/// How many bytes all who have nearly caught up are given in one turn.
const NEARLY_ALL: usize = 4 << 20;

/// What is said of a message that is sent again, and that the log has no longer.
const GONE: &str = "it was said before, and the log has it no longer; nothing is lost";

/// Who is no member here.
const NOBODY: MemberId = 0;

/// What is to be handed out of one turn.
#[derive(Debug, Default)]
pub(crate) struct Edition {
    /// Who came, and the audience that they are in before the batch.
    pub(crate) joined: Vec<(MemberId, Audience)>,
    /// What is told.
    pub(crate) batch: Batch,
    /// Who went.
    pub(crate) left: Vec<MemberId>,
    /// What is to be looked up, and for whom.
    pub(crate) errands: Vec<(MemberId, Errand)>,
    /// Who has caught up.
    pub(crate) caught_up: Vec<MemberId>,
    /// The newest message that was told.
    pub(crate) told: u64,
}

/// Who speaks what, and what everybody has been told.
#[derive(Debug)]
pub(crate) struct Herald {
    echo: bool,
    audiences: HashMap<MemberId, Audience>,
    /// How many speak the base, are told live in full, and are told nothing live.
    base: usize,
    full: usize,
    silent: usize,
    /// The newest message that was told; published for those who look up the past.
    told: u64,
    published: Arc<AtomicU64>,
    /// How many bytes a member is given at once, and how many all are still given in this turn.
    nearly: usize,
    nearly_all: usize,
    recent: Recent,
}

impl Herald {
    /// For a room of which nobody knows anything yet but that its newest message is `last`, and whose log
    /// keeps so many. With `echo`, members who speak the base get their own messages too.
    ///
    /// `published` is kept at the newest message that may be given to those who catch up; of `queue` bytes
    /// that may wait for one member, a part is given at once.
    pub(crate) fn new(last: u64, keep: u64, echo: bool, queue: usize, published: Arc<AtomicU64>) -> Self {
        published.store(last, Ordering::Relaxed);
        Self {
            nearly: NEARLY.min(queue / QUEUE_PART),
            nearly_all: NEARLY_ALL,
            published,
            echo,
            audiences: HashMap::new(),
            base: 0,
            full: 0,
            silent: 0,
            told: last,
            recent: Recent::new(keep),
        }
    }

    /// Writes what happened. `committed` is what came of the turn's messages, and what else is new in the log;
    /// or, when they could not be stored, what would have.
    pub(crate) fn write(&mut self, turn: Turn, committed: Committed, stored: bool) -> Edition {
        let mut edition = Edition::default();
        let Committed { entries, fates } = committed;
        let (failed, entries) = if stored { (Arc::default(), entries) } else { (entries, Arc::default()) };
        self.recent.push(Arc::clone(&entries));
        let (mut entries, mut fates) = (entries.iter(), fates.into_iter());
        self.nearly_all = NEARLY_ALL;
        let mut refused = None;
        for item in turn.items {
            let batch = &mut edition.batch;
            match item {
                Item::Joined(id) => {
                    // Nothing was said before in this batch: it can be taken for one who was there.
                    let at_start = batch.stream(Audience::Base).is_empty();
                    let before = if at_start { Audience::Base } else { Audience::Silent };
                    edition.joined.push((id, before));
                    if !at_start {
                        batch.switch(id, before, Audience::Base);
                    }
                    self.audiences.insert(id, Audience::Base);
                    self.base += 1;
                }
                Item::Left(id) => {
                    if let Some(audience) = self.audiences.remove(&id) {
                        *self.count(audience) -= 1;
                        // Who speaks the base gets the rest of the batch: there is no harm in it.
                        if audience == Audience::Full {
                            batch.switch(id, audience, Audience::Silent);
                        }
                        edition.left.push(id);
                    }
                }
                Item::Said { author, txn } => {
                    let fate = fates.next();
                    debug_assert!(fate.is_some(), "something becomes of each message");
                    match (fate, txn) {
                        (Some(Fate::Said(_)), _) if !stored => self.refuse(batch, author, txn, &mut refused),
                        (Some(Fate::Said(id)), _) => {
                            self.said_elsewhere(batch, &mut entries, id);
                            if let Some(entry) = entries.next() {
                                self.said(batch, entry, author, txn.map(|(_, txn)| txn));
                            }
                        }
                        // What was sent twice in this very turn was not said once.
                        (Some(Fate::Repeated), Some((session, txn)))
                            if failed.iter().any(|entry| entry.from == Some((*session.as_bytes(), txn))) =>
                        {
                            self.refuse(batch, author, Some((session, txn)), &mut refused);
                        }
                        (Some(Fate::Repeated), Some((session, txn))) => {
                            let otherwise = ErrorCode::TxnOrder.to_line(Some(txn), GONE);
                            edition.errands.push((author, Errand::Find { session, txn, otherwise }));
                        }
                        (Some(Fate::Early), Some((_, txn))) => self.early(batch, author, txn),
                        _ => {}
                    }
                }
                Item::Tell(id, notice) => self.tell(batch, id, &notice),
                Item::Line(id, line) => {
                    if let Some(&audience) = self.audiences.get(&id) {
                        batch.tell_one(id, audience, &line);
                    }
                }
                Item::TellAll(notice) => self.tell_all(batch, &notice),
                Item::News(line, but) => self.news(batch, &line, but),
                Item::Removed(id) => self.removed(batch, id),
                Item::OptedIn(id) => self.switch(batch, id, Audience::Silent),
                Item::CaughtUp(id, caught_up) => match self.caught_up(batch, id, &caught_up) {
                    Some(errand) => edition.errands.push((id, errand)),
                    None => edition.caught_up.push(id),
                },
                Item::Ask(id, errand) => edition.errands.push((id, errand.up_to(self.told))),
            }
        }
        self.said_elsewhere(&mut edition.batch, &mut entries, u64::MAX);
        self.published.store(self.told, Ordering::Relaxed);
        edition.told = self.told;
        edition
    }

    /// What was said before this time is too old to be kept.
    pub(crate) fn forget(&mut self, before: Millis) {
        self.recent.forget(before);
    }

    fn count(&mut self, audience: Audience) -> &mut usize {
        match audience {
            Audience::Base => &mut self.base,
            Audience::Full => &mut self.full,
            Audience::Silent => &mut self.silent,
        }
    }

    fn switch(&mut self, batch: &mut Batch, id: MemberId, to: Audience) {
        let Some(audience) = self.audiences.get_mut(&id) else { return };
        let from = std::mem::replace(audience, to);
        *self.count(from) -= 1;
        *self.count(to) += 1;
        batch.switch(id, from, to);
    }

    /// What members of other servers said before the message of this id.
    fn said_elsewhere(&mut self, batch: &mut Batch, entries: &mut slice::Iter<'_, Entry>, before: u64) {
        while entries.as_slice().first().is_some_and(|entry| entry.id < before)
            && let Some(entry) = entries.next()
        {
            self.said(batch, entry, NOBODY, None);
        }
    }

    /// Numbers of its session are missing before this one.
    fn early(&self, batch: &mut Batch, author: MemberId, txn: Txn) {
        if let Some(&audience) = self.audiences.get(&author) {
            let words = "messages of this session are missing before it; send them first";
            batch.tell_one(author, audience, &ErrorCode::TxnOrder.to_line(Some(txn), words));
        }
    }

    fn said(&mut self, batch: &mut Batch, entry: &Entry, author: MemberId, txn: Option<Txn>) {
        self.told = entry.id;
        let its = self.audiences.get(&author).copied();
        if self.base > 0 {
            let but = (its == Some(Audience::Base) && !self.echo).then_some(author);
            for line in base_lines(&entry.text) {
                tell(batch, Audience::Base, but, |out| {
                    for part in ["MESSAGE ", &entry.name, " ", line] {
                        out.extend_from_slice(part.as_bytes());
                    }
                });
            }
        }
        if self.full > 0 {
            // Who has no number for it gets no acknowledgement either, but the message.
            let but = (its == Some(Audience::Full) && txn.is_some()).then_some(author);
            tell(batch, Audience::Full, but, |out| {
                append_post(out, entry.id, entry.time, &entry.name, &escape(&entry.text));
                // The batch ends each line itself.
                out.pop();
            });
        }
        if let (Some(txn), Some(audience)) = (txn, its) {
            let ack = ServerCommand::Ack { txn, id: entry.id, time: entry.time };
            batch.tell_one(author, audience, &ack.to_string());
        }
    }

    /// A message could not be stored: nobody sees it, and its author is told. In the base, where messages
    /// have no numbers, one notice stands for all that follow each other.
    fn refuse(
        &self,
        batch: &mut Batch,
        author: MemberId,
        txn: Option<(SessionId, Txn)>,
        refused: &mut Option<MemberId>,
    ) {
        let Some(&audience) = self.audiences.get(&author) else { return };
        match txn {
            Some((_, txn)) => {
                batch.tell_one(author, audience, &ErrorCode::Busy.to_line(Some(txn), Notice::NotStored));
            }
            None if refused.replace(author) != Some(author) => self.tell(batch, author, &Notice::NotStored),
            None => {}
        }
    }

    fn tell(&self, batch: &mut Batch, id: MemberId, notice: &Notice) {
        if let Some(&audience) = self.audiences.get(&id) {
            batch.tell_one(id, audience, &in_language(notice, audience));
        }
    }

    fn tell_all(&self, batch: &mut Batch, notice: &Notice) {
        for audience in [Audience::Base, Audience::Full] {
            let line = in_language(notice, audience);
            batch.tell_all(audience, |out| out.extend_from_slice(line.as_bytes()));
        }
        if self.silent == 0 {
            return;
        }
        for (&id, &audience) in &self.audiences {
            if audience == Audience::Silent {
                batch.tell_one(id, audience, &in_language(notice, audience));
            }
        }
    }

    fn news(&self, batch: &mut Batch, line: &str, but: Option<MemberId>) {
        if self.full == 0 {
            return;
        }
        let but = but.filter(|id| self.audiences.get(id) == Some(&Audience::Full));
        tell(batch, Audience::Full, but, |out| out.extend_from_slice(line.as_bytes()));
    }

    /// A message was taken back: all who have opted in are told, those too who do not hear what is said live
    /// yet. They may have it already.
    fn removed(&mut self, batch: &mut Batch, id: MessageId) {
        self.recent.remove(id);
        let line = ServerCommand::Removed(id).to_string();
        self.news(batch, &line, None);
        if self.silent == 0 {
            return;
        }
        for (&member, &audience) in
            self.audiences.iter().filter(|(_, audience)| **audience == Audience::Silent)
        {
            batch.tell_one(member, audience, &line);
        }
    }

    /// Lets a member hear what is said live, if it has, or can be given now, all that was said before.
    /// Otherwise gives what is to be looked up first.
    fn caught_up(&mut self, batch: &mut Batch, id: MemberId, caught_up: &CaughtUp) -> Option<Errand> {
        let &CaughtUp { history, reached, n, more, ref users } = caught_up;
        let audience = *self.audiences.get(&id)?;
        let most = self.nearly.min(self.nearly_all);
        let Some(rest) = self.recent.range(reached, self.told, most) else {
            let (after, upto) = (reached, self.told);
            return Some(Errand::Since(Since {
                history,
                after,
                upto,
                n,
                more,
                other_log: false,
                live: true,
            }));
        };
        self.nearly_all -= rest.iter().map(|entry| size(entry)).sum::<usize>();
        // Who hears what is said live already knows who is here.
        let here = if audience == Audience::Silent { users } else { "" };
        batch.tell_one_with(id, audience, |out| {
            let end = |n| ServerCommand::End { history, n, more };
            match history {
                History::After => {
                    append_entries(out, rest.iter().copied());
                    push_line(out, &end(n + rest.len() as u64));
                    out.extend_from_slice(here.as_bytes());
                }
                // The newest when it asked. What was said since is live.
                _ => {
                    push_line(out, &end(n));
                    out.extend_from_slice(here.as_bytes());
                    for entry in rest {
                        match entry {
                            Entry { id, text, .. } if text.is_empty() => {
                                push_line(out, &ServerCommand::Removed(*id));
                            }
                            Entry { id, time, name, text, .. } => {
                                append_post(out, *id, *time, name, &escape(text));
                            }
                        }
                    }
                }
            }
        });
        if audience == Audience::Silent {
            self.switch(batch, id, Audience::Full);
        }
        None
    }
}

fn tell(batch: &mut Batch, audience: Audience, but: Option<MemberId>, write: impl FnOnce(&mut Vec<u8>)) {
    match but {
        Some(member) => batch.tell_others(audience, member, write),
        None => batch.tell_all(audience, write),
    }
}

/// What members that speak the base get of a message: its lines, without the blank ones.
fn base_lines(text: &str) -> impl Iterator<Item = &str> {
    let one = !text.contains('\n');
    text.split('\n').filter(move |line| one || !line.chars().all(char::is_whitespace))
}

fn in_language(notice: &Notice, audience: Audience) -> String {
    if audience == Audience::Base { notice.to_line() } else { notice.to_full_line() }
}
