//! Says who comes and goes, or, of a crowd, only how many are here. Knows time, and how many have been
//! announced; who they are is kept elsewhere.

use std::sync::Arc;
use std::time::Instant;

use chat_shared::full::users_lines;
use chat_shared::limits::{COUNT_EVERY, MAX_PRESENCE};
use chat_shared::{Name, ServerCommand};

use super::turn::Item;
use crate::batch::MemberId;

/// From a crowd of this size downwards, members are named again: not at once where counting began, lest
/// one who comes and goes makes everybody read all names each time.
const FEW_AGAIN: u64 = MAX_PRESENCE as u64 / 10 * 9;

/// What has been said of who is here.
#[derive(Debug, Default)]
pub(super) struct Presence {
    /// How many have been announced as being here.
    here: u64,
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
    /// Who is here, in whole lines; of a crowd, how many. `names` are those who have been announced, in any
    /// order. They are looked at only when somebody came or went since the last time.
    pub(super) fn users<'a>(&mut self, names: impl Iterator<Item = &'a str>) -> Arc<str> {
        let (here, counting) = (self.here, self.counting);
        let users = self.users.get_or_insert_with(|| {
            if counting {
                return format!("{}\n", ServerCommand::Count(here)).into();
            }
            let mut names: Vec<_> = names.collect();
            debug_assert_eq!(names.len() as u64, here);
            names.sort_unstable();
            (users_lines(names) + &format!("{}\n", ServerCommand::EndUsers(here))).into()
        });
        Arc::clone(users)
    }

    /// Somebody is here now.
    pub(super) fn came(&mut self, items: &mut Vec<Item>, id: MemberId, name: &Name) {
        self.here += 1;
        self.users = None;
        self.counting |= self.here > MAX_PRESENCE as u64;
        self.changed = true;
        if !self.counting {
            items.push(Item::News(ServerCommand::Join(name.clone()).to_string(), Some(id)));
        }
    }

    /// Somebody is not here any more.
    pub(super) fn went(&mut self, items: &mut Vec<Item>, name: &Name) {
        self.here -= 1;
        self.users = None;
        self.changed = true;
        if !self.counting {
            items.push(Item::News(ServerCommand::Leave(name.clone()).to_string(), None));
        }
    }

    /// Somebody has another name now.
    pub(super) fn renamed(&mut self, items: &mut Vec<Item>, id: MemberId, old: Name, new: Name) {
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
        if self.here <= FEW_AGAIN {
            self.counting = false;
            self.users = None;
            return true;
        }
        items.push(Item::News(ServerCommand::Count(self.here).to_string(), None));
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
        let almost = start + COUNT_EVERY - Duration::from_millis(1);
        assert!(!presence.tick(&mut items, almost));
        assert!(lines(&mut items).is_empty());
        assert!(!presence.tick(&mut items, start + COUNT_EVERY));
        assert_eq!(lines(&mut items), ["COUNT 1000"]);
        assert!(presence.due(start).is_none(), "nothing has changed");
        (1..=MAX_PRESENCE / 10).for_each(|number| presence.went(&mut items, &name(number)));
        assert!(presence.tick(&mut items, start + 2 * COUNT_EVERY), "all are named again");
        assert!(lines(&mut items).is_empty() && !presence.counting);
        presence.went(&mut items, &name(500));
        assert_eq!(lines(&mut items), ["LEAVE guest-500"]);
    }
}
