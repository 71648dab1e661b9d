//! The one thread that changes the log on disk. It commits what it is handed, and in between, step by step,
//! does what the log needs. When commits leave no time for that, what must not fall behind without end is
//! done right after them. Nothing is lost when it fails: it is tried again later. Knows no SQL.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use async_channel::Sender;
use rusqlite::ffi::SQLITE_CORRUPT_VTAB;

use super::change::{Change, Changed, Told};
use super::entry::Entry;
use super::error::CommitError;
use super::pace::Pace;
use super::writer::Writer;

/// So long nothing must come before upkeep begins. In a flood, the next commit comes sooner.
const CALM: Duration = Duration::from_millis(20);

/// The same when there is hardly anything to do. Where people just talk, a step for each message would
/// write more than the message.
const LONG_CALM: Duration = Duration::from_secs(1);

/// From so many messages on that are to be indexed or trimmed, there is something to do.
const WORTH: u64 = 64;

/// When so many messages more than are to be kept are there, some are trimmed right after each commit,
/// and twice as many when there are twice so many.
const OVERFULL: u64 = 1 << 14;

/// Pages that the write-ahead log may hold before they are copied to the file when there is time, some
/// 2 MiB. Twice as many, and it is done right after a commit, and takes some milliseconds.
const CHECKPOINT: u64 = 500;

/// The index gets a part with each step. From so many new ones on, they are merged before it gets more:
/// each makes every search slower, and beyond a thousand FTS5 would merge them all in one go.
const MANY_PARTS: u32 = 32;

/// How long upkeep rests after a failure; after each further one twice as long, up to [`MOST_REST`].
const REST: Duration = Duration::from_secs(1);

/// A minute, or so.
const MOST_REST: Duration = Duration::from_secs(64);

/// How often it is said that something failed.
const COMPLAIN: Duration = Duration::from_secs(60);

/// What the writing thread is given to do.
pub(super) enum Job {
    /// Put these into the log, and say how that went.
    Commit(Arc<[Entry]>, Sender<Result<(), CommitError>>),
    /// Change this, and tell.
    Change(Change, Told),
    /// It is now so many milliseconds since 1970 UTC: what is too old by then is to be trimmed. Until
    /// the other time, see to it at once that nobody is given it any more, and say so.
    Trim(u64, Instant, Sender<()>),
    /// Say when all up to this id can be searched for, or when that cannot be had. Not to be hurried
    /// any more once nobody waits.
    Index(u64, Sender<()>),
    /// Nobody reads just now where this comes from: a moment to copy all of the write-ahead log to the file,
    /// so that it begins anew. Say when that has been tried.
    Checkpoint(Sender<()>),
    /// The index was found to be damaged.
    Heal,
    /// Nothing more comes.
    Close,
    /// A test wants to see to something.
    #[cfg(test)]
    Probe(Box<dyn FnOnce(&mut Keeper) + Send>),
}

/// The log, and what is to be done besides commits.
pub(super) struct Keeper {
    pub(super) writer: Writer,
    trimming: Pace,
    indexing: Pace,
    /// Parts that the index got since there was nothing to merge.
    parts: u32,
    /// The file may have too many free pages.
    vacuum: bool,
    /// A message was taken back, and the write-ahead log may still have it: from when on that is seen to.
    scrub: Option<Instant>,
    /// The index was found to be damaged.
    damaged: bool,
    /// It has been made anew once already. Once more would not help.
    healed: bool,
    /// Up to where the index is wanted, and by whom.
    waiting: Vec<(u64, Sender<()>)>,
    /// Who reads has stopped for a checkpoint.
    quiet: bool,
    /// Nothing has come since the last step.
    pub(super) calm: bool,
    /// Something failed: when to go on, and how long to rest the next time.
    rest: Option<(Instant, Duration)>,
    /// When that was last said.
    complained: Option<Instant>,
}

impl Keeper {
    pub(super) fn new(writer: Writer) -> Self {
        Self {
            writer,
            trimming: Pace::default(),
            indexing: Pace::default(),
            parts: 0,
            vacuum: false,
            scrub: None,
            damaged: false,
            healed: false,
            waiting: Vec::new(),
            quiet: false,
            calm: false,
            rest: None,
            complained: None,
        }
    }

    /// Works until there is nothing more to come.
    pub(super) fn run(&mut self, jobs: &Receiver<Job>) {
        loop {
            match jobs.recv_timeout(self.patience()) {
                Ok(Job::Close) | Err(RecvTimeoutError::Disconnected) => break,
                Ok(job) => {
                    self.take(job);
                    self.hurry();
                }
                Err(RecvTimeoutError::Timeout) => self.tend(),
            }
        }
    }

    fn take(&mut self, job: Job) {
        match job {
            Job::Commit(entries, reply) => {
                let committed = self.writer.commit(&entries);
                // The disk takes something again. What is committed must not fill it before upkeep has made
                // room: that is not put off any more.
                if committed.is_ok() {
                    self.rest = None;
                }
                // Who waited may be gone.
                _ = reply.try_send(committed);
            }
            Job::Change(change, told) => {
                let changed = self.writer.change(&change);
                if matches!(changed, Ok(Changed::Removed(_))) {
                    self.scrub = Some(Instant::now());
                }
                told(changed);
            }
            Job::Trim(now, until, reply) => {
                self.writer.look_for_old_ones(now);
                // When it fails, upkeep will too, and says so.
                while self.writer.is_sifting() && Instant::now() < until && self.writer.sift().is_ok() {}
                // To drop it is to tell.
                drop(reply);
            }
            Job::Index(upto, reply) => self.wait_for_index(upto, reply),
            Job::Checkpoint(reply) => {
                self.quiet = true;
                if self.resting().is_none() {
                    self.tend();
                }
                drop(reply);
            }
            Job::Heal => self.damaged = true,
            Job::Close => {}
            #[cfg(test)]
            Job::Probe(probe) => probe(self),
        }
    }

    /// How long to wait for a job before a step is done instead.
    pub(super) fn patience(&self) -> Duration {
        let scrub = self.scrub.map(|at| at.saturating_duration_since(Instant::now()));
        let scrub = scrub.filter(|_| self.resting().is_none());
        self.patience_with_upkeep().min(scrub.unwrap_or(Duration::MAX))
    }

    fn patience_with_upkeep(&self) -> Duration {
        if !self.has_upkeep() {
            self.scrub.and(self.resting()).unwrap_or(Duration::MAX)
        } else if let Some(rest) = self.resting() {
            rest
        } else if self.calm || !self.waiting.is_empty() {
            Duration::ZERO
        } else if self.writer.unsaved() >= CHECKPOINT
            || self.writer.has_old_ones()
            || self.writer.is_sweeping()
            || self.writer.surplus().max(self.writer.marks.last - self.writer.marks.indexed) >= WORTH
        {
            CALM
        } else {
            LONG_CALM
        }
    }

    /// How long nothing is to be tried yet, after a failure.
    fn resting(&self) -> Option<Duration> {
        let rest = self.rest?.0.saturating_duration_since(Instant::now());
        (!rest.is_zero()).then_some(rest)
    }

    /// There is time: does one step.
    pub(super) fn tend(&mut self) {
        self.calm = true;
        self.rest = match (self.step(), self.rest) {
            (Ok(()), _) => None,
            (Err(error), before) => {
                let rest = before.map_or(REST, |(_, rest)| (rest * 2).min(MOST_REST));
                if self.complained.is_none_or(|at| at.elapsed() >= COMPLAIN) {
                    self.complained = Some(Instant::now());
                    log::warn!("the log's upkeep failed, and is tried again: {error}");
                }
                self.writer.unsure = true;
                Some((Instant::now() + rest, rest))
            }
        };
        self.tell_waiting();
    }

    /// A job has been done, and maybe there is never time: does what must not wait.
    fn hurry(&mut self) {
        self.calm = false;
        let steps = self.writer.surplus() / OVERFULL
            + u64::from(self.writer.has_old_ones())
            + u64::from(self.writer.unsaved() >= 2 * CHECKPOINT)
            + u64::from(self.is_scrub_due())
            + u64::from(!self.waiting.is_empty());
        for _ in 0..steps {
            if self.resting().is_some() {
                return;
            }
            self.tend();
            self.calm = false;
        }
    }

    /// Lets somebody wait for the index, if it makes sense to wait.
    pub(super) fn wait_for_index(&mut self, upto: u64, reply: Sender<()>) {
        self.waiting.push((upto.min(self.writer.marks.last), reply));
        self.tell_waiting();
    }

    fn tell_waiting(&mut self) {
        let (indexed, hopeless) = (self.writer.marks.indexed, self.resting().is_some());
        let waiting = |upto: u64, reply: &Sender<()>| upto > indexed && !hopeless && !reply.is_closed();
        // To drop it is to tell.
        self.waiting.retain(|(upto, reply)| waiting(*upto, reply));
    }

    #[cfg(test)]
    pub(super) fn has_work(&self) -> bool {
        self.scrub.is_some() || self.has_upkeep()
    }

    fn has_upkeep(&self) -> bool {
        let Self { damaged, healed, parts, vacuum, .. } = *self;
        self.writer.unsure
            || damaged && !healed
            || self.writer.unsaved() >= CHECKPOINT
            || self.writer.has_old_ones()
            || self.writer.surplus() > 0
            || self.writer.marks.indexed < self.writer.marks.last
            || parts > 0
            || self.writer.is_sweeping()
            || vacuum
    }

    fn step(&mut self) -> rusqlite::Result<()> {
        if self.writer.unsure {
            self.writer.refresh()?;
        }
        let done = self.next_step();
        let damage =
            |error: &rusqlite::Error| error.sqlite_extended_error_code() == Some(SQLITE_CORRUPT_VTAB);
        self.damaged |= done.as_ref().is_err_and(damage);
        done
    }

    fn next_step(&mut self) -> rusqlite::Result<()> {
        if std::mem::take(&mut self.quiet) {
            return self.writer.checkpoint();
        }
        if self.is_scrub_due() {
            // Who reads is done in a while.
            self.scrub = (!self.writer.scrub()?).then(|| Instant::now() + REST);
            return Ok(());
        }
        self.writer.sift()?;
        let before = self.writer.marks;
        if self.damaged && !self.healed {
            self.writer.heal()?;
            self.healed = true;
        } else if self.writer.unsaved() >= CHECKPOINT {
            self.writer.checkpoint()?;
        } else if self.parts >= MANY_PARTS {
            self.merge()?;
        } else if (self.writer.has_old_ones() || self.writer.surplus() > 0) && self.waiting.is_empty() {
            let time = self.writer.trim(self.trimming.0)?;
            self.trimming.took(self.writer.marks.first - before.first, time);
            self.vacuum = true;
            self.parts += 1;
        } else if before.indexed < before.last {
            let time = self.writer.index(self.indexing.0)?;
            self.indexing.took(self.writer.marks.indexed - before.indexed, time);
            self.parts += 1;
        } else if self.parts > 0 {
            self.merge()?;
        } else if self.writer.is_sweeping() {
            self.writer.sweep()?;
        } else if self.vacuum {
            self.vacuum = self.writer.vacuum()?;
        }
        Ok(())
    }

    fn is_scrub_due(&self) -> bool {
        self.scrub.is_some_and(|at| at <= Instant::now())
    }

    fn merge(&mut self) -> rusqlite::Result<()> {
        if !self.writer.merge()? {
            self.parts = 0;
        }
        Ok(())
    }
}
