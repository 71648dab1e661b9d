//! What views need to know besides what they draw: how the person likes it, which clock tells the time, and
//! who we and the others are. Borrowed for one frame; knows nothing of any view.

use chat_shared::Name;

use crate::clock::Clock;
use crate::model::{Entry, Ours};
use crate::settings::Prefs;
use crate::theme::Metrics;

/// How things are to look, and to whom.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// How the person likes it.
    pub prefs: &'a Prefs,
    /// Tells the time, with the hours that the person likes.
    pub clock: &'a Clock,
    /// What we are called.
    pub name: &'a str,
    /// The server keeps that name for us.
    pub name_is_own: bool,
    /// What of all that was said we have said.
    pub ours: &'a Ours,
    /// We may send others out, and take back what they say.
    pub is_admin: bool,
    /// Who is in the room, as far as that is known.
    pub members: &'a [Name],
}

impl Look<'_> {
    /// Whether we wrote this, as far as that is known.
    pub fn is_ours(&self, entry: &Entry) -> bool {
        self.ours.has(entry)
    }

    /// The sizes and distances within the messages.
    pub fn metrics(&self) -> Metrics {
        Metrics::of(self.prefs.density)
    }
}
