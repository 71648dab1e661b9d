//! Who is in the room, as far as the server says so, and the words that tell who came and went. Knows names;
//! where the words stand is the room's business.

use chat_shared::Name;

/// In a larger room nobody is told of, or all that is read is who comes and goes.
const QUIET_BEYOND: usize = 30;

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

    /// Gives whether that is worth telling, as the two below do.
    pub(super) fn join(&mut self, name: Name) -> bool {
        match self.find(&name) {
            Ok(_) => false,
            Err(at) => {
                self.names.insert(at, name);
                self.recount();
                self.is_small()
            }
        }
    }

    pub(super) fn leave(&mut self, name: &Name) -> bool {
        let was_small = self.is_small();
        match self.find(name) {
            Ok(at) => {
                self.names.remove(at);
                self.recount();
                was_small
            }
            Err(_) => false,
        }
    }

    pub(super) fn rename(&mut self, old: &Name, new: Name) -> bool {
        let was_there = self.leave(old);
        self.join(new);
        was_there
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

    fn is_small(&self) -> bool {
        self.names.len() <= QUIET_BEYOND
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
/// both is left out.
#[derive(Debug, Default)]
pub(super) struct Passage {
    /// The entry that tells of it.
    pub(super) entry: u64,
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

    /// Who has come is called otherwise now.
    pub(super) fn is_called(&mut self, old: &Name, new: Name) {
        if let Some(name) = self.came.iter_mut().find(|name| *name == old) {
            *name = new;
        }
    }

    /// The words for it; none when nothing is left to tell.
    pub(super) fn words(&self) -> Option<String> {
        let sides = [(&self.came, "came"), (&self.went, "left")];
        let told: Vec<_> = sides
            .into_iter()
            .filter(|(names, _)| !names.is_empty())
            .map(|(names, verb)| format!("{} {verb}.", list(names)))
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

fn list(names: &[Name]) -> String {
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
        presence.rename(&name("zoe"), name("al"));
        let names: Vec<_> = presence.names().iter().map(Name::as_str).collect();
        assert_eq!((names, presence.count()), (vec!["al", "Bob", "cleo"], Some(3)));
        presence.many(2000);
        assert_eq!((presence.names().len(), presence.count()), (0, Some(2000)));
    }

    #[test]
    fn a_large_room_comes_and_goes_in_silence() {
        let mut presence = Presence::default();
        let told = (0..50).filter(|n| presence.join(name(&format!("m{n}")))).count();
        assert_eq!(told, QUIET_BEYOND);
        assert!(!presence.leave(&name("m1")));
    }

    #[test]
    fn a_passage_is_told_in_words() {
        let mut passage = Passage::default();
        assert_eq!(passage.words(), None);
        passage.came(name("bob"));
        assert_eq!(passage.words().unwrap(), "bob came.");
        passage.came(name("cleo"));
        passage.went(name("zoe"));
        assert_eq!(passage.words().unwrap(), "bob and cleo came. zoe left.");
        for more in ["dan", "eve"] {
            passage.came(name(more));
        }
        assert_eq!(passage.words().unwrap(), "bob, cleo and 2 others came. zoe left.");
        for gone in ["bob", "cleo", "dan", "eve"] {
            passage.went(name(gone));
        }
        passage.came(name("zoe"));
        assert_eq!(passage.words(), None);
    }
}
