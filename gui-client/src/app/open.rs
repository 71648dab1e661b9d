//! A room that is open, and what is seen of it: carries out what concerns the room alone, and says
//! when what is left to say is worth remembering. Knows no settings and no other screen.

use std::time::{Duration, Instant};

use crate::action::Action;
use crate::host::Hosted;
use crate::session::Session;
use crate::views::room::RoomView;

/// What is left to say is remembered this long after it has changed, whatever is typed meanwhile.
const DRAFT_REST: Duration = Duration::from_secs(1);

/// A room that is open, and what is seen of it.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) session: Session,
    pub(super) view: RoomView,
    /// What is remembered of what is left to say, and since when that is something else.
    kept: String,
    changed: Option<Instant>,
    /// It was told that the room here has stopped.
    fault_told: bool,
    /// It is among the rooms used before.
    pub(super) is_remembered: bool,
}

/// What to do about what is left to say, which is a draft when the room is entered again.
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
        let view = RoomView::new(draft.clone());
        Self { session, view, kept: draft, changed: None, fault_told: false, is_remembered: false }
    }

    /// That the room on this computer has stopped by itself, in words: once.
    pub(super) fn fault(&mut self) -> Option<String> {
        if self.fault_told {
            return None;
        }
        let why = self.session.hosted().and_then(Hosted::fault)?;
        self.fault_told = true;
        Some(format!("The room on this computer has stopped: {why}."))
    }

    /// What is left to say: what still waits to be sent, then the draft, on lines of its own.
    fn left_to_say(&self) -> String {
        let (mut left, draft) = (self.session.room().unsent(), self.view.composer.draft());
        if !left.is_empty() && !draft.is_empty() {
            left.push('\n');
        }
        left.push_str(draft);
        left
    }

    /// What is left to say, if it is to be remembered: because it is time, or `now`.
    pub(super) fn draft_to_keep(&mut self, now: bool) -> Draft {
        // A room that runs here in memory is gone when it is left, and its drafts with it.
        if self.session.hosted().is_some_and(|hosted| !hosted.is_kept()) {
            return Draft::Kept;
        }
        let rest = self.changed.map(|since| DRAFT_REST.saturating_sub(since.elapsed()));
        if let Some(left) = rest.filter(|left| !now && !left.is_zero()) {
            return Draft::Waiting { left };
        }
        let left_to_say = self.left_to_say();
        if left_to_say == self.kept {
            self.changed = None;
            return Draft::Kept;
        }
        if !now && rest.is_none() {
            self.changed = Some(Instant::now());
            return Draft::Waiting { left: DRAFT_REST };
        }
        self.changed = None;
        left_to_say.clone_into(&mut self.kept);
        Draft::New(left_to_say)
    }

    /// Carries out what concerns the room alone.
    pub(super) fn perform(&mut self, action: Action) {
        match action {
            Action::Send => match self.session.say(self.view.composer.draft()) {
                Ok(()) => self.view.composer.clear(),
                Err(error) => self.view.composer.refuse(error.to_string()),
            },
            Action::RetryNow => self.session.retry_now(),
            Action::Answer(answer) => self.session.answer(answer),
            Action::Act(deed) => self.session.act(deed),
            Action::TakeBack(spot) => self.session.take_back(spot),
            Action::Rename(name) => self.session.rename(name),
            Action::KeepName => self.session.keep_name(),
            Action::SendAgain { entry } => self.session.send_again(entry),
            Action::LeaveIt { entry } => self.session.leave_it(entry),
            Action::ShowOlder => self.session.near_oldest(),
            Action::Mention(name) => self.view.composer.mention(&name),
            Action::Search(words) => self.session.search(&words),
            Action::LoadAround(spot) => self.session.load_around(spot),
            Action::Fill { entry, from_its_end } => self.session.fill(entry, from_its_end),
            // The app's own.
            Action::Join { .. }
            | Action::Host { .. }
            | Action::Forget { .. }
            | Action::Leave
            | Action::OpenSettings
            | Action::CloseSettings
            | Action::Prefer(_)
            | Action::Copy(_)
            | Action::AskLink(_)
            | Action::OpenLink(_)
            | Action::LeaveLink
            | Action::DismissNote => {}
        }
    }
}
