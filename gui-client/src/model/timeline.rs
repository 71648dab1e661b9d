//! What stands in the timeline, and in which order: messages by their ids, whenever they come, remarks
//! where they were made, and what waits to be sent at the end. Knows how much is kept; what the entries
//! say is decided by the room, and how they look by the views.

mod holes;
mod place;
mod room;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};

use chat_shared::MessageId;

pub(super) use place::Place;
pub use place::Spot;
use place::WAITING;
pub(super) use room::Limits;

use super::entry::{Delivery, Entry, Kind};
use crate::link::Message;

/// The most entries that are kept. The oldest make room for the newest, and what is far away for what is asked for.
pub const MAX_ENTRIES: usize = 1_000_000;

/// The entries of a room, in their order, each under a number that it keeps for ever.
#[derive(Debug, Default)]
pub struct Timeline {
    entries: VecDeque<Entry>,
    /// The places of all but what others said: who asks for an entry by its number means one of these, and
    /// those of others are a million.
    places: HashMap<u64, Place>,
    next_number: u64,
    log: u32,
    /// The newest message of this log.
    newest: MessageId,
    /// Where messages of this log are missing: behind which one, and the entry that says so.
    holes: Vec<(MessageId, u64)>,
    /// Up to here, messages of this log had to make room.
    dropped: MessageId,
    pub(super) limits: Limits,
}

impl Timeline {
    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entry at this position, counted from the oldest.
    pub fn get(&self, position: usize) -> Option<&Entry> {
        self.entries.get(position)
    }

    /// All of them, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Entry> + ExactSizeIterator + Clone {
        self.entries.iter()
    }

    /// Where the entry at this position stands.
    pub fn spot(&self, position: usize) -> Option<Spot> {
        self.entries.get(position).map(|entry| Spot(entry.place))
    }

    /// How many entries stand before this spot: the position of the one that is there, or of the next.
    pub fn position(&self, spot: Spot) -> usize {
        self.after(spot.0)
    }

    /// The position of the entry that stood at this spot under this number, if there still is one: that of
    /// an own message wherever it stands by now, that of what others said where it was.
    pub fn find_again(&self, spot: Spot, number: u64) -> Option<usize> {
        self.position_of(spot.0).or_else(|| self.find(number))
    }

    /// Where this message of this log stands, or would.
    pub(super) fn spot_of(&self, id: MessageId) -> Spot {
        Spot(Place::of_message(self.log, id))
    }

    /// Where this message of this log stands, or would, among the entries.
    pub(super) fn place_of(&self, id: MessageId) -> Place {
        Place::of_message(self.log, id)
    }

    /// Where the last entry stands that does not wait.
    pub(super) fn last_spot(&self) -> Option<Spot> {
        self.last_settled().map(|entry| Spot(entry.place))
    }

    /// The id of the message that belongs at this spot, if that is one of this log.
    pub(super) fn id_at(&self, spot: Spot) -> Option<MessageId> {
        spot.0.message_id().filter(|_| spot.0.log == self.log)
    }

    /// Up to which message of this log all had to make room; 0 for none.
    pub(super) fn dropped(&self) -> MessageId {
        self.dropped
    }

    /// The number that the next entry gets: lower ones are known already.
    pub fn next_number(&self) -> u64 {
        self.next_number
    }

    /// The number of the last entry that does not wait.
    pub(super) fn last_settled(&self) -> Option<&Entry> {
        self.entries.iter().rev().find(|entry| entry.place.log != WAITING)
    }

    /// The oldest message of this log, and the time of it.
    pub(super) fn oldest(&self) -> Option<(MessageId, i64)> {
        let from = self.after(Place::of_message(self.log, 0));
        let of_log = self.entries.range(from..).take_while(|entry| entry.place.log == self.log);
        of_log.filter_map(|entry| Some((entry.id()?, entry.at))).next()
    }

    /// The newest message of this log; 0 if there is none.
    pub(super) fn newest(&self) -> MessageId {
        self.newest
    }

    /// The messages of this log that are newer than this one, the oldest first.
    pub(super) fn newer_than(&self, id: MessageId) -> impl Iterator<Item = &Entry> {
        let from = self.after(Place { number: u64::MAX, beside: true, ..Place::of_message(self.log, id) });
        let of_log = self.entries.range(from..).take_while(|entry| entry.place.log == self.log);
        of_log.filter(|entry| entry.id().is_some())
    }

    /// From here on, ids are those of another log; this entry stands between the two.
    pub(super) fn begin_log(&mut self, at: i64, kind: Kind) {
        // Whatever ids a server gives, nothing of either log comes to stand on the other's side of it.
        self.add(Place { log: self.log + 1, id: 0, beside: true, number: 0 }, at, kind);
        self.log += 2;
        (self.newest, self.dropped) = (0, 0);
        // What was missing in the log before is not to be had any more.
        self.holes.clear();
    }

    /// Whether this is the log that we began with.
    pub(super) fn is_first_log(&self) -> bool {
        self.log == 0
    }

    /// Adds an entry behind all that does not wait, and gives its number.
    pub(super) fn push(&mut self, at: i64, kind: Kind) -> u64 {
        self.push_after(self.newest, at, kind)
    }

    /// Adds an entry right behind this message and what stands behind it already.
    pub(super) fn push_after(&mut self, id: MessageId, at: i64, kind: Kind) -> u64 {
        let place = Place { beside: true, ..Place::of_message(self.log, id) };
        self.add(place, at, kind)
    }

    /// Adds an own message that waits, at the end.
    pub(super) fn push_waiting(&mut self, at: i64, kind: Kind) -> u64 {
        self.add(Place { log: WAITING, id: 0, beside: true, number: 0 }, at, kind)
    }

    fn add(&mut self, place: Place, at: i64, kind: Kind) -> u64 {
        let number = self.next_number;
        self.next_number += 1;
        let place = if place.beside { Place { number, ..place } } else { place };
        self.put(Entry { number, at, kind, place });
        number
    }

    /// Adds a message of the log in its place, unless it is there. Gives whether it was not.
    pub(super) fn insert(&mut self, message: Message) -> bool {
        let Message { id, at, from, text } = message;
        let place = Place::of_message(self.log, id);
        if let Some(there) = self.position_of(place) {
            // The log knows best what we were called.
            if let Kind::Own { by, .. } = &mut self.entries[there].kind {
                *by = from;
            }
            return false;
        }
        self.newest = self.newest.max(id);
        self.add(place, at, Kind::Said { by: from, text });
        true
    }

    /// Something else stands in the place of this message of this log, if that is there.
    pub(super) fn replace(&mut self, id: MessageId, kind: Kind) {
        if let Some(there) = self.position_of(Place::of_message(self.log, id)) {
            self.entries[there].kind = kind;
        }
    }

    /// An own message is in the log under this id. It takes its place there, and that of the copy which
    /// came from the log before this was known.
    pub(super) fn settle(&mut self, number: u64, id: MessageId, at: i64) {
        let Some(mut entry) = self.take(number) else { return };
        let place = Place::of_message(self.log, id);
        if let Some(there) = self.position_of(place) {
            self.remove_at(there);
        }
        if let Kind::Own { delivery, .. } = &mut entry.kind {
            *delivery = Delivery::Sent;
        }
        self.newest = self.newest.max(id);
        self.put(Entry { at, place, ..entry });
    }

    /// What waits shall wait at the end, behind all that waits already; or no longer.
    pub(super) fn set_waiting(&mut self, number: u64, waits: bool) {
        if self.by_number(number).is_none_or(|entry| (entry.place.log == WAITING) == waits) {
            return;
        }
        let Some(entry) = self.take(number) else { return };
        let (log, id) = if waits { (WAITING, 0) } else { (self.log, self.newest) };
        let place = Place { log, id, beside: true, number: self.next_number };
        self.next_number += 1;
        self.put(Entry { place, ..entry });
    }

    /// Takes an entry out.
    pub(super) fn take(&mut self, number: u64) -> Option<Entry> {
        let position = self.find(number)?;
        self.remove_at(position)
    }

    pub(super) fn get_mut(&mut self, number: u64) -> Option<&mut Entry> {
        let position = self.find(number)?;
        self.entries.get_mut(position)
    }

    pub(super) fn by_number(&self, number: u64) -> Option<&Entry> {
        self.find(number).and_then(|position| self.get(position))
    }

    /// The position of an entry that is not what somebody else said.
    fn find(&self, number: u64) -> Option<usize> {
        self.position_of(*self.places.get(&number)?)
    }

    fn position_of(&self, place: Place) -> Option<usize> {
        let position = self.after(place);
        self.entries.get(position).is_some_and(|entry| entry.place == place).then_some(position)
    }

    /// How many entries stand before this place.
    fn after(&self, place: Place) -> usize {
        // Nearly everything that comes belongs at the end.
        match self.entries.back() {
            Some(last) if last.place < place => self.entries.len(),
            _ => self.entries.partition_point(|entry| entry.place < place),
        }
    }

    fn put(&mut self, entry: Entry) {
        let position = self.after(entry.place);
        if !matches!(entry.kind, Kind::Said { .. }) {
            self.places.insert(entry.number, entry.place);
        }
        self.entries.insert(position, entry);
        if self.is_full(0)
            && let Some(place) = self.remove_at(0).map(|entry| entry.place)
            && place.log == self.log
        {
            self.dropped = self.dropped.max(place.id);
        }
    }

    fn remove_at(&mut self, position: usize) -> Option<Entry> {
        let entry = self.entries.remove(position)?;
        self.places.remove(&entry.number);
        Some(entry)
    }
}
