//! What views need to know besides what they draw: how the person likes it, which clock tells the time, and
//! who we and the others are. Borrowed for one frame; knows nothing of any view.

use chat_shared::Name;

use crate::clock::Clock;
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
    /// Who is in the room, as far as that is known.
    pub members: &'a [Name],
}

impl Look<'_> {
    /// The sizes and distances within the messages.
    pub fn metrics(&self) -> Metrics {
        Metrics::of(self.prefs.density)
    }
}
