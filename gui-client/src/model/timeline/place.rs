//! Where an entry stands among the others. Knows numbers; what stands there is the timeline's business.

use chat_shared::MessageId;

/// Where an entry stands among the others. Ids count within one log; a room that loses its log begins anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::model) struct Place {
    pub(super) log: u32,
    /// Of the message, or of the last one before the remark.
    pub(super) id: MessageId,
    /// Not itself a message of the log.
    pub(super) beside: bool,
    pub(super) number: u64,
}

/// The place of what waits: behind all logs.
pub(super) const WAITING: u32 = u32::MAX;

/// Where an entry stands, for who comes back to it: whatever comes and goes around it, this stays its own,
/// unless it is an own message that takes its place in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spot(pub(super) Place);

impl Place {
    pub(super) fn of_message(log: u32, id: MessageId) -> Self {
        Self { log, id, beside: false, number: 0 }
    }

    /// Where this message stands in the log that is met first.
    pub(in crate::model) fn in_first_log(id: MessageId) -> Self {
        Self::of_message(0, id)
    }

    pub(in crate::model) fn message_id(self) -> Option<MessageId> {
        (!self.beside).then_some(self.id)
    }

    /// Whether both are of one log.
    pub(in crate::model) fn is_in_log_of(self, other: Self) -> bool {
        self.log == other.log
    }
}
