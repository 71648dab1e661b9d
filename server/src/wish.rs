//! What takes a while and must not hold up the room: a key that is looked at, something that happens only once
//! it is stored. Holds what is to be remembered meanwhile; knows neither who looks nor who stores.

use chat_shared::{Deed, Name};

use crate::batch::MemberId;
use crate::keys::{Secret, Work};
use crate::log::Change;

/// A key that somebody has said.
#[derive(Debug)]
pub(crate) struct Trial {
    /// Who wants which name.
    pub(crate) ticket: Ticket,
    /// With which key.
    pub(crate) secret: Secret,
    /// What is to be done with it.
    pub(crate) work: Work,
}

/// Somebody wants a name that is its own, or shall be.
#[derive(Debug)]
pub(crate) struct Ticket {
    /// Who.
    pub(crate) member: MemberId,
    /// Which.
    pub(crate) name: Name,
}

/// What shall happen once it is stored.
#[derive(Debug)]
pub(crate) enum Wish {
    /// A name becomes somebody's own.
    Own(Ticket),
    /// What the key of a name is checked against is made anew. Nobody waits for that.
    Renew,
    /// An admin does something.
    Deed(Wanted),
}

/// What an admin wants.
#[derive(Debug)]
pub(crate) struct Wanted {
    /// The admin, and its name.
    pub(crate) member: MemberId,
    pub(crate) by: Name,
    /// To whom.
    pub(crate) whom: Name,
    /// What.
    pub(crate) deed: Deed,
    /// The same, as it is stored.
    pub(crate) change: Change,
}
