//! Who has been announced as being here: says who comes and goes, or, of a crowd, only how many there are.
//! Knows names and time; who may bear which name is decided elsewhere.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use chat_shared::full::users_lines;
use chat_shared::limits::{COUNT_EVERY, MAX_PRESENCE};
use chat_shared::{Name, ServerCommand};

use super::turn::Item;
use crate::batch::MemberId;

/// From a crowd of this size downwards, members are named again: not at once where counting began, lest
/// one who comes and goes makes everybody read all names each time.
const FEW_AGAIN: usize = MAX_PRESENCE / 10 * 9;

/// What has been said of who is here.
#[derive(Debug, Default)]
pub(super) struct Presence {
    /// Under their names, in order.
    announced: BTreeSet<Box<str>>,
    /// Who is here, as it is told, until somebody comes or goes.
    users: Option<Arc<str>>,
    /// They are too many to be named.
    counting: bool,
    /// The number has changed since it was last told.
    changed: bool,
    /// When it was last told.
    counted: Option<Instant>,
}

impl Presence {
    /// Who is here, in whole lines; of a crowd, how many.
    pub(super) fn users(&mut self) -> Arc<str> {
        let users = self.users.get_or_insert_with(|| {
            let count = self.announced.len() as u64;
            if self.counting {
                return format!("{}\n", ServerCommand::Count(count)).into();
            }
            let lines = users_lines(self.announced.iter().map(|name| &**name));
            (lines + &format!("{}\n", ServerCommand::EndUsers(count))).into()
        });
        Arc::clone(users)
    }

    /// Somebody is here now.
    pub(super) fn came(&mut self, items: &mut Vec<Item>, id: MemberId, name: &Name) {
        self.announced.insert(name.as_str().into());
        self.users = None;
        self.counting |= self.announced.len() > MAX_PRESENCE;
        self.changed = true;
        if !self.counting {
            items.push(Item::News(ServerCommand::Join(name.clone()).to_string(), Some(id)));
        }
    }

    /// Somebody is not here any more.
    pub(super) fn went(&mut self, items: &mut Vec<Item>, name: &Name) {
        self.announced.remove(name.as_str());
        self.users = None;
        self.changed = true;
        if !self.counting {
            items.push(Item::News(ServerCommand::Leave(name.clone()).to_string(), None));
        }
    }

    /// Somebody has another name now.
    pub(super) fn renamed(&mut self, items: &mut Vec<Item>, id: MemberId, old: Name, new: Name) {
        self.announced.remove(old.as_str());
        self.announced.insert(new.as_str().into());
        self.users = None;
        if !self.counting {
            items.push(Item::News(ServerCommand::Rename { old, new }.to_string(), Some(id)));
        }
    }

    /// When [`Presence::tick`] next has something to do.
    pub(super) fn due(&self, now: Instant) -> Option<Instant> {
        let due = || self.counted.map_or(now, |counted| counted + COUNT_EVERY);
        (self.counting && self.changed).then(due)
    }

    /// Tells the number if it is due. True when members are few enough again to be named: then everybody
    /// is to be told all names.
    pub(super) fn tick(&mut self, items: &mut Vec<Item>, now: Instant) -> bool {
        if self.due(now).is_none_or(|due| due > now) {
            return false;
        }
        self.changed = false;
        self.counted = Some(now);
        if self.announced.len() <= FEW_AGAIN {
            self.counting = false;
            self.users = None;
            return true;
        }
        items.push(Item::News(ServerCommand::Count(self.announced.len() as u64).to_string(), None));
        false
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn lines(items: &mut Vec<Item>) -> Vec<String> {
        items
            .drain(..)
            .map(|item| match item {
                Item::News(line, _) => line,
                item => panic!("{item:?}"),
            })
            .collect()
    }

    #[test]
    fn a_crowd_is_counted_once_a_second() {
        let (mut presence, mut items, start) = (Presence::default(), Vec::new(), Instant::now());
        let name = |number: usize| Name::guest(number as u64);
        (0..MAX_PRESENCE).for_each(|number| presence.came(&mut items, 1, &name(number)));
        assert_eq!(lines(&mut items).len(), MAX_PRESENCE);
        assert!(presence.due(start).is_none() && !presence.counting);
        presence.came(&mut items, 1, &name(MAX_PRESENCE));
        assert_eq!(presence.due(start), Some(start));
        assert!(!presence.tick(&mut items, start));
        assert_eq!(lines(&mut items), ["COUNT 1001"]);
        presence.went(&mut items, &name(0));
        presence.renamed(&mut items, 2, name(1), name(5000));
        presence.renamed(&mut items, 2, name(5000), name(1));
        let almost = start + COUNT_EVERY - Duration::from_millis(1);
        assert!(!presence.tick(&mut items, almost));
        assert!(lines(&mut items).is_empty());
        assert!(!presence.tick(&mut items, start + COUNT_EVERY));
        assert_eq!(lines(&mut items), ["COUNT 1000"]);
        assert!(presence.due(start).is_none(), "nothing has changed");
        (1..=MAX_PRESENCE - FEW_AGAIN).for_each(|number| presence.went(&mut items, &name(number)));
        assert!(presence.tick(&mut items, start + 2 * COUNT_EVERY), "all are named again");
        assert!(lines(&mut items).is_empty() && !presence.counting);
        presence.went(&mut items, &name(500));
        assert_eq!(lines(&mut items), ["LEAVE guest-500"]);
    }
}
