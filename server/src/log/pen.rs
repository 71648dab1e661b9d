//! The one hand that writes the log: gives drafts their ids and has them stored, all or none. Knows neither
//! who said what nor who is told.

use std::pin::Pin;
use std::sync::Arc;

use super::entry::{Committed, Draft};
use super::error::CommitError;
use super::numbering::Numbering;
use super::sessions::Sessions;
use super::{Log, Opened};

/// What comes of a commit.
pub(crate) type Committing = Pin<Box<dyn Future<Output = Result<Committed, Failed>> + Send>>;

/// Nothing of it is in the log.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) error: CommitError,
    /// What would have come of it.
    pub(crate) committed: Committed,
}

/// Writes the log. There is one for each.
#[derive(Debug)]
pub(crate) struct Pen {
    log: Log,
    numbering: Numbering,
}

impl Pen {
    /// For a log that was just opened so.
    pub(crate) fn new(log: Log, opened: &Opened) -> Self {
        let sessions = opened.sessions.iter().copied();
        Self { log, numbering: Numbering::new(opened.last, Sessions::new(sessions)) }
    }

    /// The log that it writes.
    pub(crate) fn log(&self) -> &Log {
        &self.log
    }

    /// The same, when nothing more is to be written.
    pub(crate) fn into_log(self) -> Log {
        self.log
    }

    /// Puts all of these into the log, or none: but for those that it has already, and those that are not
    /// due. When this is `Ok` the rest is durable, and only then may anybody see it.
    ///
    /// Commits are to be waited for one by one; after an error, [`Pen::undo`] is to be called before the next.
    pub(crate) fn commit(&mut self, drafts: Vec<Draft>) -> Committing {
        let committed = self.numbering.number(drafts);
        if committed.entries.is_empty() {
            // Where things are only sent again, the log has time for other things.
            return Box::pin(async { Ok(committed) });
        }
        let storing = self.log.commit(Arc::clone(&committed.entries));
        Box::pin(async move {
            match storing.await {
                Ok(()) => Ok(committed),
                Err(error) => Err(Failed { error, committed }),
            }
        })
    }

    /// The last commit failed.
    pub(crate) fn undo(&mut self, failed: &Committed) {
        self.numbering.undo(&failed.entries);
    }

    /// What would come of these, if they could be stored.
    pub(crate) fn judge(&mut self, drafts: Vec<Draft>) -> Committed {
        let committed = self.numbering.number(drafts);
        self.undo(&committed);
        committed
    }
}
