//! Has each turn's messages stored before anybody is told of them, and lives with a log that cannot take
//! any: says so now and then, and tries again, later and later. Knows the log; knows neither who said what
//! nor who is told.

use std::error::Error as _;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use chat_shared::Millis;

use crate::log::{Change, Changed, CommitError, Committed, Committing, Draft, Failed, Keep, Pen};
use crate::session::finishes_by;

/// How long the first attempt after a failed one waits, and the last.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(5)];

/// How often it is said that nothing can be stored, and how often what is too old is trimmed.
const NOW_AND_THEN: Duration = Duration::from_secs(60);

/// A room's log, as the sequencer has it.
pub(crate) struct Ledger {
    pen: Pen,
    keep: Keep,
    trouble: Option<Trouble>,
    /// When it was last trimmed, and from when on it may be said again that nothing can be stored.
    trimmed: Instant,
    say_again: Instant,
}

/// The log takes nothing.
struct Trouble {
    pause: Duration,
    try_again: Instant,
    /// How many messages have been refused since.
    refused: u64,
    /// It has been said.
    said: bool,
}

/// Messages on their way into the log.
pub(crate) enum Storing {
    /// They are being stored.
    Comes(Committing),
    /// It is not even tried: what would have come of it.
    NotTried(Committed),
}

/// What came of it.
pub(crate) struct Stored {
    pub(crate) committed: Committed,
    /// False when nothing of it is in the log, nor may be shown.
    pub(crate) stored: bool,
}

impl Ledger {
    pub(crate) fn new(pen: Pen, keep: Keep, now: Instant) -> Self {
        Self { pen, keep, trouble: None, trimmed: now, say_again: now }
    }

    /// Begins to store these. In memory, they are stored.
    pub(crate) fn store(&mut self, drafts: Vec<Draft>, now: Instant) -> Storing {
        if self.trouble.as_ref().is_some_and(|trouble| now < trouble.try_again) {
            return Storing::NotTried(self.pen.judge(drafts));
        }
        Storing::Comes(self.pen.commit(drafts))
    }

    /// How it went.
    pub(crate) async fn stored(&mut self, storing: Storing) -> Stored {
        let committing = match storing {
            Storing::Comes(committing) => committing,
            Storing::NotTried(committed) => {
                self.refused(&committed);
                return Stored { stored: committed.entries.is_empty(), committed };
            }
        };
        match committing.await {
            Ok(committed) => {
                if !committed.entries.is_empty()
                    && let Some(Trouble { refused, said: true, .. }) = self.trouble.take()
                {
                    log::info!("messages are stored again; {refused} were refused meanwhile");
                }
                Stored { committed, stored: true }
            }
            Err(Failed { error, committed }) => {
                self.pen.undo(&committed);
                self.failed(&error);
                self.refused(&committed);
                Stored { committed, stored: false }
            }
        }
    }

    fn failed(&mut self, error: &CommitError) {
        let now = Instant::now();
        let [first, last] = PAUSES;
        let none = Trouble { pause: first / 2, try_again: now, refused: 0, said: false };
        let trouble = self.trouble.get_or_insert(none);
        trouble.pause = (trouble.pause * 2).min(last);
        trouble.try_again = now + trouble.pause;
        if now >= self.say_again {
            self.say_again = now + NOW_AND_THEN;
            trouble.said = true;
            let cause = error.source().map(|cause| format!(" ({cause})")).unwrap_or_default();
            log::error!(
                "messages cannot be stored: {error}{cause}; their authors are told, members stay connected, and \
                 it is tried again"
            );
        }
    }

    fn refused(&mut self, committed: &Committed) {
        if let Some(trouble) = &mut self.trouble {
            trouble.refused += committed.entries.len() as u64;
        }
    }

    /// Begins to change something beside what is said. `told` is called, on whatever thread, with what came of
    /// it, or with `None` when it could not be stored.
    pub(crate) fn change(&self, change: Change, told: impl FnOnce(Option<Changed>) + Send + 'static) {
        let told = |changed: Result<Changed, CommitError>| {
            told(changed.map_err(|error| log::error!("a change cannot be stored: {error}")).ok());
        };
        self.pen.log().change(change, Box::new(told));
    }

    /// Trims what is too old, if it is time to look for it. Says from which time on things are kept.
    pub(crate) fn trim(&mut self, now: Instant, time: Millis) -> Option<Millis> {
        if now.saturating_duration_since(self.trimmed) < NOW_AND_THEN {
            return None;
        }
        self.trimmed = now;
        self.pen.log().trim(time);
        self.keep.cutoff(time)
    }

    /// Puts the log in order. Not waited for any longer than until then: nothing is lost.
    pub(crate) async fn close(self, deadline: Instant) {
        finishes_by(deadline, self.pen.into_log().close()).await;
    }
}

/// The time of day.
pub(crate) fn wall_clock() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
