//! What an admin does to others and to what they said, and what the room shows of it. Knows all that the room
//! is made of; who is an admin the server says.

use super::{Kind, Room, Spot};
use crate::link::{Deed, Order};
use chat_shared::MessageId;

/// What stands in a message's place.
const REMOVED: &str = "An admin has taken this message back.";

impl Room {
    /// Whether we may send others out, and take back what they say.
    pub fn is_admin(&self) -> bool {
        self.admin && self.naming.is_own()
    }

    /// Does what only an admin may. Whether it was done, the server says.
    pub fn act(&mut self, deed: Deed) -> Vec<Order> {
        let Some(link) = self.link.filter(|_| self.is_admin()) else { return Vec::new() };
        self.posts.spend(1);
        vec![Order::Deed { link, deed }]
    }

    /// Takes back the message at this spot, as an admin may.
    pub fn take_back(&mut self, spot: Spot) -> Vec<Order> {
        match self.timeline.id_at(spot) {
            Some(id) => self.act(Deed::Remove(id)),
            None => Vec::new(),
        }
    }

    /// A message was taken back: now, or, in an answer of the history, at some time.
    pub(super) fn removed(&mut self, id: MessageId) {
        self.history.removed(id);
        self.timeline.replace(id, Kind::Status(REMOVED.to_owned()));
        if let Some(finds) = &mut self.finds {
            finds.remove(self.timeline.spot_of(id));
        }
    }
}
