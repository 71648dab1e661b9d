//! Which messages of the log are ours, though it was another run of the program that said them. Knows names and
//! places; who bears which name when is found out elsewhere.
//!
//! A name tells nothing by itself: whoever bears it now, somebody else may have before. But one that the server
//! keeps for us is ours for ever, from then on. Since when, a confirmation tells: a message that went out after
//! the server had said so has a higher id than all that anybody else ever said under that name. So what is said
//! under it from that message on is ours, in whichever run and whether or not there is a connection, and nothing
//! before it is. Under a name that is not kept for us, only what this run has said is known to be ours.

use chat_shared::{MessageId, Name, Txn};

use super::entry::Entry;
use super::kept::KeptName;
use super::timeline::Place;

/// So many names are known to be ours; of more, the oldest is forgotten.
pub const MAX_NAMES: usize = 16;

/// Which names are ours, and since which message.
#[derive(Debug, Default)]
pub struct Ours {
    names: Vec<(Name, Place)>,
    /// The server keeps the name that we bear for us, and this and later messages go out after it said so.
    fresh: Option<Txn>,
}

impl Ours {
    /// What was kept, of the log that is known.
    pub(super) fn new(kept: Vec<KeptName>) -> Self {
        let names = kept.into_iter().map(|KeptName { name, since }| (name, Place::in_first_log(since)));
        Self { names: names.collect(), fresh: None }
    }

    /// What is to be kept: of the log that this place is in.
    pub(super) fn kept(&self, log: Place) -> Vec<KeptName> {
        let of_log = self.names.iter().filter(|(_, since)| since.is_in_log_of(log));
        let kept =
            |(name, since): &(Name, Place)| Some(KeptName { name: name.clone(), since: since.message_id()? });
        of_log.filter_map(kept).collect()
    }

    /// The server says what we are called: by a name that it keeps for us if there is a number, which is that of
    /// the next message to go out for the first time.
    pub(super) fn called(&mut self, fresh: Option<Txn>) {
        self.fresh = fresh;
    }

    /// The message of this number is in the log at this place; and we are called so.
    pub(super) fn confirmed(&mut self, txn: Txn, name: &str, place: Place) {
        let is_fresh = self.fresh.is_some_and(|fresh| fresh <= txn);
        let is_known = |(known, since): &(Name, Place)| known.as_str() == name && since.is_in_log_of(place);
        if !is_fresh || self.names.iter().any(is_known) {
            return;
        }
        if let Ok(name) = Name::parse(name) {
            if self.names.len() == MAX_NAMES {
                self.names.remove(0);
            }
            self.names.push((name, place));
        }
    }

    /// Whether we wrote this: in this run, or under a name that was ours by then.
    pub fn has(&self, entry: &Entry) -> bool {
        entry.is_own() || entry.id().is_some_and(|id| self.is_under_own_name(entry, id))
    }

    fn is_under_own_name(&self, entry: &Entry, id: MessageId) -> bool {
        self.names.iter().any(|(name, since)| {
            since.is_in_log_of(entry.place)
                && since.message_id() <= Some(id)
                && entry.author() == Some(name.as_str())
        })
    }
}
