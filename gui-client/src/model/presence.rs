//! Who is in the room, as far as the server says so, and the words that tell who came and went. Knows names;
//! where the words stand is the room's business.

use chat_shared::Name;

/// In a larger room nobody is told of by name, or all that is read is who comes and goes.
const CROWD_BEYOND: usize = 30;

/// In such a room it is told once so many have come and gone.
const MANY: usize = 10;

/// So many names stand in one remark; the rest are counted.
const MAX_NAMED: usize = 3;

/// Who is in the room.
#[derive(Debug, Default)]
pub(super) struct Presence {
    names: Vec<Name>,
    count: Option<u64>,
    /// A list that is still coming.
    coming: Vec<Name>,
}

impl Presence {
    /// Their names, in alphabetical order. Empty in a room of which only the number is known, and where
    /// the server does not say.
    pub(super) fn names(&self) -> &[Name] {
        &self.names
    }

    /// How many they are, if the server says so.
    pub(super) fn count(&self) -> Option<u64> {
        self.count
    }

    pub(super) fn users(&mut self, names: Vec<Name>) {
        self.coming.extend(names);
    }

    pub(super) fn end_users(&mut self) {
        self.names = std::mem::take(&mut self.coming);
        self.names.sort_by_cached_key(key);
        self.names.dedup();
        self.recount();
    }

    /// Gives whether that is new, as the two below do.
    pub(super) fn join(&mut self, name: Name) -> bool {
        match self.find(&name) {
            Ok(_) => false,
            Err(at) => {
                self.names.insert(at, name);
                self.recount();
                true
            }
        }
    }

    pub(super) fn leave(&mut self, name: &Name) -> bool {
        match self.find(name) {
            Ok(at) => {
                self.names.remove(at);
                self.recount();
                true
            }
            Err(_) => false,
        }
    }

    /// Somebody who is here is called otherwise from now on, also in a list that is still coming.
    pub(super) fn is_called(&mut self, old: &Name, new: Name) -> bool {
        if let Some(name) = self.coming.iter_mut().find(|name| *name == old) {
            *name = new.clone();
        }
        self.leave(old) && self.join(new)
    }

    /// So many are here, too many to be named.
    pub(super) fn many(&mut self, count: u64) {
        self.names.clear();
        self.count = Some(count);
    }

    /// The connection is gone, and with it all that is known.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    fn recount(&mut self) {
        self.count = Some(self.names.len() as u64);
    }

    /// Whether so many are here that nobody is told of by name.
    pub(super) fn is_crowd(&self) -> bool {
        self.names.len() > CROWD_BEYOND
    }

    fn find(&self, name: &Name) -> Result<usize, usize> {
        let wanted = key(name);
        self.names.binary_search_by(|there| key(there).cmp(&wanted))
    }
}

fn key(name: &Name) -> (String, String) {
    (name.as_str().to_lowercase(), name.as_str().to_owned())
}

/// Who came and went without anybody saying something in between: one remark for all of them. Whoever did
/// both is left out. In a crowd all are counted, and nobody is named.
#[derive(Debug, Default)]
pub(super) struct Passage {
    /// The entry that tells of it. There is none while nothing is worth telling.
    pub(super) entry: Option<u64>,
    came: Vec<Name>,
    went: Vec<Name>,
}

impl Passage {
    pub(super) fn came(&mut self, name: Name) {
        pass(&mut self.went, &mut self.came, name);
    }

    pub(super) fn went(&mut self, name: Name) {
        pass(&mut self.came, &mut self.went, name);
    }

    pub(super) fn has_come(&self, name: &Name) -> bool {
        self.came.contains(name)
    }

    /// Who has come is called otherwise now; and who left under that name is back.
    pub(super) fn is_called(&mut self, old: &Name, new: Name) {
        let Some(at) = self.came.iter().position(|name| name == old) else { return };
        match self.went.iter().position(|name| *name == new) {
            Some(back) => {
                self.came.remove(at);
                self.went.remove(back);
            }
            None => self.came[at] = new,
        }
    }

    /// The words for it; none when nothing is left to tell. In a crowd it must be many, unless it `was_told`.
    pub(super) fn words(&self, is_crowd: bool, was_told: bool) -> Option<String> {
        let count = self.came.len() + self.went.len();
        if is_crowd && !was_told && count < MANY {
            return None;
        }
        let is_crowd = is_crowd || count > CROWD_BEYOND;
        let sides = [(&self.came, "came"), (&self.went, "left")];
        let told: Vec<_> = sides
            .into_iter()
            .filter(|(names, _)| !names.is_empty())
            .map(|(names, verb)| format!("{} {verb}.", list(names, is_crowd)))
            .collect();
        (!told.is_empty()).then(|| told.join(" "))
    }
}

fn pass(from: &mut Vec<Name>, to: &mut Vec<Name>, name: Name) {
    match from.iter().position(|there| *there == name) {
        Some(at) => drop(from.remove(at)),
        None => to.push(name),
    }
}

fn list(names: &[Name], is_crowd: bool) -> String {
    if is_crowd {
        return match names.len() {
            1 => "1 person".to_owned(),
            count => format!("{count} people"),
        };
    }
    let names: Vec<_> = names.iter().map(Name::as_str).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] if names.len() <= MAX_NAMED => format!("{} and {last}", first.join(", ")),
        [first @ .., _] => {
            let named = &first[..MAX_NAMED - 1];
            format!("{} and {} others", named.join(", "), names.len() - named.len())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(name: &str) -> Name {
        Name::parse(name).unwrap()
    }

    #[test]
    fn names_are_in_order_and_each_is_there_once() {
        let mut presence = Presence::default();
        presence.users(vec![name("zoe"), name("Bob")]);
        presence.users(vec![name("ann")]);
        presence.end_users();
        assert!(presence.join(name("cleo")) && !presence.join(name("cleo")));
        assert!(presence.leave(&name("ann")) && !presence.leave(&name("ann")));
        assert!(presence.is_called(&name("zoe"), name("al")));
        let names: Vec<_> = presence.names().iter().map(Name::as_str).collect();
        assert_eq!((names, presence.count()), (vec!["al", "Bob", "cleo"], Some(3)));
        presence.many(2000);
        assert_eq!((presence.names().len(), presence.count()), (0, Some(2000)));
    }

    #[test]
    fn a_crowd_comes_and_goes_by_count() {
        let mut passage = Passage::default();
        let people: Vec<_> = (0..50).map(|n| name(&format!("m{n}"))).collect();
        people.iter().take(MANY - 1).for_each(|one| passage.came(one.clone()));
        assert_eq!(passage.words(true, false), None, "a few of many");
        assert_eq!(passage.words(true, true).unwrap(), "9 people came.", "what was told is not taken back");
        people.iter().skip(MANY - 1).for_each(|one| passage.came(one.clone()));
        assert_eq!(passage.words(true, false).unwrap(), "50 people came.");
        passage.went(name("zoe"));
        assert_eq!(passage.words(false, true).unwrap(), "50 people came. 1 person left.");
        people.iter().for_each(|one| passage.went(one.clone()));
        assert_eq!(passage.words(false, true).unwrap(), "zoe left.");
    }

    #[test]
    fn who_comes_back_under_another_name_first_has_not_left() {
        let mut passage = Passage::default();
        passage.went(name("zoe"));
        passage.came(Name::guest(1));
        passage.came(name("bob"));
        passage.is_called(&Name::guest(1), name("zoe"));
        assert_eq!(passage.words(false, true).unwrap(), "bob came.");
    }

    #[test]
    fn a_passage_is_told_in_words() {
        let mut passage = Passage::default();
        let words = |passage: &Passage| passage.words(false, false);
        assert_eq!(words(&passage), None);
        passage.came(name("bob"));
        assert_eq!(words(&passage).unwrap(), "bob came.");
        passage.came(name("cleo"));
        passage.went(name("zoe"));
        assert_eq!(words(&passage).unwrap(), "bob and cleo came. zoe left.");
        for more in ["dan", "eve"] {
            passage.came(name(more));
        }
        assert_eq!(words(&passage).unwrap(), "bob, cleo and 2 others came. zoe left.");
        for gone in ["bob", "cleo", "dan", "eve"] {
            passage.went(name(gone));
        }
        passage.came(name("zoe"));
        assert_eq!(words(&passage), None);
    }
}
