//! A room that is open, and what is seen of it: carries out what concerns the room alone, and says
//! when a draft is worth remembering. Knows no settings and no other screen.

use std::time::{Duration, Instant};

use crate::action::Action;
use crate::session::Session;
use crate::views::room::RoomView;

/// A draft that has changed is remembered after this long, whatever is typed meanwhile.
const DRAFT_REST: Duration = Duration::from_secs(1);

/// A room that is open, and what is seen of it.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) session: Session,
    pub(super) view: RoomView,
    /// The draft that is remembered, and since when it is another one.
    kept: String,
    changed: Option<Instant>,
}

/// What to do about the draft.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Draft {
    /// Nothing.
    Kept,
    /// Ask again after this long.
    Waiting {
        /// How long.
        left: Duration,
    },
    /// Remember it.
    New(String),
}

impl Open {
    /// A room that was just entered, with a draft from before.
    pub(super) fn new(session: Session, draft: String) -> Self {
        Self { session, view: RoomView::new(draft.clone()), kept: draft, changed: None }
    }

    /// What is left to say when the room is left: what still waits for a connection, then the draft.
    pub(super) fn take_back(&mut self) {
        let unsent = self.session.room().unsent();
        self.view.composer.put_before(&unsent);
    }

    /// The draft, if it is to be remembered: because it is time, or `now`.
    pub(super) fn draft_to_keep(&mut self, now: bool) -> Draft {
        let draft = self.view.composer.draft();
        // A room that runs here is gone when it is left, and its drafts with it.
        if draft == self.kept || self.session.hosted().is_some() {
            self.changed = None;
            return Draft::Kept;
        }
        let since = *self.changed.get_or_insert_with(Instant::now);
        let left = DRAFT_REST.saturating_sub(since.elapsed());
        if !now && !left.is_zero() {
            return Draft::Waiting { left };
        }
        self.changed = None;
        draft.clone_into(&mut self.kept);
        Draft::New(self.kept.clone())
    }

    /// Carries out what concerns the room alone.
    pub(super) fn perform(&mut self, action: Action) {
        match action {
            Action::Send => match self.session.say(self.view.composer.draft()) {
                Ok(()) => self.view.composer.clear(),
                Err(error) => self.view.composer.refuse(error.to_string()),
            },
            Action::RetryNow => self.session.retry_now(),
            Action::Rename(name) => self.session.rename(name),
            Action::KeepName => self.session.keep_name(),
            Action::SendAgain { entry } => self.session.send_again(entry),
            Action::LeaveIt { entry } => self.session.leave_it(entry),
            // The app's own.
            Action::Join { .. }
            | Action::Host { .. }
            | Action::Forget { .. }
            | Action::Leave
            | Action::Copy(_)
            | Action::DismissNote => {}
        }
    }
}
