//! What admins do to others, as everybody is told. Knows the sentences; who may do what is the server's
//! business.

use std::fmt;

use crate::id::MessageId;
use crate::name::Name;

/// What an admin has done to somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Sent it out.
    Kicked {
        /// Why, if it said so: a [`Reason`](crate::Reason).
        why: Option<String>,
    },
    /// Sent it out for good.
    Banned {
        /// Why, if it said so: a [`Reason`](crate::Reason).
        why: Option<String>,
    },
    /// Lets it come back.
    Unbanned,
    /// Silenced it for so many seconds.
    Muted(u64),
    /// Lets it speak again.
    Unmuted,
    /// Took back this message of it.
    Removed(MessageId),
}

impl Deed {
    pub(super) fn tell(&self, f: &mut fmt::Formatter<'_>, by: &Name, whom: &Name) -> fmt::Result {
        match self {
            Self::Kicked { why } => tell_sent_out(f, format_args!("{whom} was"), by, why.as_deref(), false),
            Self::Banned { why } => tell_sent_out(f, format_args!("{whom} was"), by, why.as_deref(), true),
            Self::Unbanned => write!(f, "{whom} may come back, says {by}"),
            Self::Muted(seconds) => write!(f, "{whom} was silenced by {by} for {}", Duration(*seconds)),
            Self::Unmuted => write!(f, "{whom} may speak again, says {by}"),
            Self::Removed(_) => write!(f, "{by} took back a message of {whom}"),
        }
    }
}

/// `who` is a subject and its verb.
pub(super) fn tell_sent_out(
    f: &mut fmt::Formatter<'_>,
    who: impl fmt::Display,
    by: &Name,
    why: Option<&str>,
    banned: bool,
) -> fmt::Result {
    let how = if banned { "banned" } else { "sent out" };
    match why {
        Some(why) => write!(f, "{who} {how} by {by}: {why}"),
        None => write!(f, "{who} {how} by {by}"),
    }
}

/// So many seconds, in the largest unit that counts them without a rest.
struct Duration(u64);

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (size, unit) = [(86_400, "day"), (3600, "hour"), (60, "minute")]
            .into_iter()
            .find(|&(size, _)| self.0.is_multiple_of(size))
            .unwrap_or((1, "second"));
        let count = self.0 / size;
        write!(f, "{count} {unit}{}", if count == 1 { "" } else { "s" })
    }
}
