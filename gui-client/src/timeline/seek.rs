//! Where the list is led: to a message that a search has found, once it is there, and what is loaded on the
//! way, before the eye comes to it. Knows positions and what is missing; who asks the server is the room.

use super::anchor::Seen;
use super::{Key, NEAR, TimelineView};
use crate::action::Action;
use crate::model::{Spot, Timeline};

/// So great a share of the view is above a message that was gone to.
pub(super) const ABOVE: f32 = 0.3;

/// What can be loaded by now.
#[derive(Debug, Clone, Copy)]
pub struct Loads {
    /// What is older than all that is there.
    pub older: bool,
    /// What is missing in between.
    pub holes: bool,
}

/// A message that was found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    spot: Spot,
    /// The number of its entry, if it was there when it was found.
    number: Option<u64>,
    /// The list is still to go there.
    pub(super) is_sought: bool,
}

impl Found {
    fn position(self, timeline: &Timeline) -> Option<usize> {
        timeline.find_again(self.spot, self.number.unwrap_or(u64::MAX))
    }
}

impl TimelineView {
    /// Goes to the message that belongs at this spot, under this number if it has one already, as soon as it
    /// is there, and marks it.
    pub fn seek(&mut self, spot: Spot, number: Option<u64>) {
        self.found = Some(Found { spot, number, is_sought: true });
    }

    /// Marks no message any more.
    pub fn unmark(&mut self) {
        self.found = None;
    }

    /// Lets the eye go to what is sought, if it is there by now. Gives whether it went.
    pub(super) fn arrive(&mut self, timeline: &Timeline, height: f32) -> bool {
        let Some(found) = self.found.as_mut().filter(|found| found.is_sought) else { return false };
        let Some(position) = found.position(timeline) else { return false };
        found.is_sought = false;
        if let (Some(entry), Some(spot)) = (timeline.get(position), timeline.spot(position)) {
            self.eye.go(Key { spot, number: entry.number }, height * ABOVE);
        }
        true
    }

    /// The number of the entry that is marked.
    pub(super) fn marked(&self, timeline: &Timeline) -> Option<u64> {
        let position = self.found?.position(timeline)?;
        timeline.get(position).map(|entry| entry.number)
    }
}

/// What is to be loaded before the eye comes to it.
pub(super) fn ahead(seen: &Seen, timeline: &Timeline, loads: Loads) -> Option<Action> {
    if loads.older && seen.first <= NEAR * seen.count {
        return Some(Action::ShowOlder);
    }
    let (first, last) = (seen.rows.first()?.position, seen.rows.last()?.position);
    let reach = (NEAR * seen.count).ceil() as usize;
    let near = first.saturating_sub(reach)..=last + reach;
    let (entry, at) = timeline.holes().find(|(_, at)| loads.holes && near.contains(at))?;
    // What is in sight stays where it is: the rest comes above it, or below.
    Some(Action::Fill { entry, from_its_end: at <= first })
}

#[cfg(test)]
mod tests {
    use chat_shared::{History, Name, RoomId};
    use std::time::Instant;

    use super::super::anchor::{Row, Span};
    use super::*;
    use crate::link::{Event, Line, Message, Moment, News, Welcome};
    use crate::model::{Kept, Room};

    /// A room with messages up to 1,000, of which 201 to 900 are missing.
    fn room() -> Room {
        let at = Moment { wall: 0, steady: Instant::now() };
        let mut room = Room::new(Name::parse("ann").unwrap(), Kept::default());
        let welcome = Some(Welcome {
            room: RoomId::from_bytes([1; 16]),
            name: "ann".to_owned(),
            as_own: false,
            sealed: false,
        });
        let past = |ids: std::ops::Range<u64>| {
            let message = |id| Message { id, at: 0, from: "bob".to_owned(), text: id.to_string() };
            ids.map(|id| Line::Past(message(id))).collect::<Vec<_>>()
        };
        let end = |history| Line::End { history, more: true };
        let tell = |room: &mut Room, lines: Vec<Line>| {
            room.apply(Event { at, news: News::Lines(lines) });
        };
        room.apply(Event { at, news: News::Connected { link: 1, welcome } });
        tell(&mut room, past(901..1001));
        tell(&mut room, vec![end(History::Last)]);
        tell(&mut room, past(101..201));
        tell(&mut room, vec![end(History::Before)]);
        room
    }

    #[test]
    fn what_is_missing_is_loaded_from_where_the_eye_comes_from() {
        let room = room();
        let timeline = room.timeline();
        let (entry, hole) = timeline.holes().next().expect("a hole");
        let all = Loads { older: false, holes: true };
        let ahead = |first: usize, loads| {
            let span = Span { lead: 0.0, body: 20.0, tail: 0.0 };
            let rows = (first..first + 10).map(|position| Row { position, top: 0.0, span }).collect();
            super::ahead(&Seen { rows, first: first as f64, count: 10.0, all: false }, timeline, loads)
        };
        let fill = |from_its_end| Some(Action::Fill { entry, from_its_end });
        assert_eq!(ahead(hole - 40, all), None);
        assert_eq!(ahead(hole - 25, all), fill(false));
        assert_eq!(ahead(hole - 3, all), fill(false));
        assert_eq!(ahead(hole, all), fill(true));
        assert_eq!(ahead(hole + 15, all), fill(true));
        assert_eq!(ahead(hole + 30, all), None);
        assert_eq!(ahead(hole, Loads { older: false, holes: false }), None);
        assert_eq!(ahead(0, Loads { older: true, holes: true }), Some(Action::ShowOlder));
    }
}
