//! Whose names are whose, and how often keys may be tried. Knows names and what their keys are checked
//! against; knows no member, and checks no key.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use chat_shared::{Name, NameKey};

use crate::allowance::Bucket;
use crate::log::Owned;

/// How many names may belong to somebody. Each has three forms in memory, which is some hundred bytes.
const MOST: usize = 100_000;

/// How many keys may be tried from one address at once, and how many a second after that.
const TRIES: f64 = 10.0;
const TRIES_A_SECOND: f64 = 1.0;

/// Of so many addresses it is remembered how many keys they have tried. Those that have tried none for a while
/// are forgotten first.
const MOST_ADDRESSES: usize = 10_000;

/// How many keys somebody may try: from one address the wrong ones, and those of new names; on one connection, all.
pub(super) fn tries(now: Instant) -> Bucket {
    Bucket::new(TRIES, TRIES_A_SECOND, now)
}

/// All names that belong to somebody.
#[derive(Debug, Default)]
pub(super) struct Registry {
    owned: HashMap<Name, Arc<[u8]>>,
    keys: HashMap<NameKey, Arc<Name>>,
    tries: HashMap<IpAddr, Bucket>,
}

impl Registry {
    /// Those of a log. What is no name by today's rules is nobody's: nobody can take it either.
    pub(super) fn new(owned: Vec<Owned>) -> Self {
        let mut registry = Self::default();
        for Owned { name, hash } in owned {
            if let Ok(name) = Name::parse(&name) {
                registry.insert(name, hash.into());
            }
        }
        registry
    }

    /// The name that belongs to somebody and has one of these keys.
    pub(super) fn owner(&self, keys: &[NameKey]) -> Option<&Name> {
        keys.iter().find_map(|key| self.keys.get(key)).map(|name| &**name)
    }

    /// What the key of exactly this name is checked against, if it belongs to somebody.
    pub(super) fn hash(&self, name: &Name) -> Option<&Arc<[u8]>> {
        self.owned.get(name)
    }

    /// Why nobody can be an admin under this name yet, in words, if that is so.
    pub(super) fn doubt(&self, admin: &Name) -> Option<String> {
        if self.hash(admin).is_some() {
            return None;
        }
        Some(match self.owner(&admin.keys()) {
            Some(owner) => format!(
                "the admin's name {admin} can be nobody's: it looks like {owner}, which belongs to somebody; if that \
                 is the admin, give --admin {owner}"
            ),
            None => format!(
                "the admin's name {admin} belongs to nobody yet, and to whoever says LOGIN {admin} <key> first; do \
                 that before you let others in"
            ),
        })
    }

    pub(super) fn is_full(&self) -> bool {
        self.owned.len() >= MOST
    }

    /// `name` belongs to somebody from now on, or did before. It looks like no other that does.
    pub(super) fn insert(&mut self, name: Name, hash: Arc<[u8]>) {
        let shared = Arc::new(name.clone());
        self.keys.extend(name.keys().map(|key| (key, Arc::clone(&shared))));
        self.owned.insert(name, hash);
    }

    /// It does not, after all.
    pub(super) fn remove(&mut self, name: &Name) {
        if self.owned.remove(name).is_some() {
            for key in name.keys() {
                self.keys.remove(&key);
            }
        }
    }

    /// Whether a key may be tried from there now; `None` is this machine, from where one always may. If so, it
    /// counts.
    pub(super) fn may_try(&mut self, from: Option<IpAddr>, now: Instant) -> bool {
        let Some(from) = from else { return true };
        if self.tries.len() >= MOST_ADDRESSES && !self.tries.contains_key(&from) {
            self.tries.retain(|_, bucket| !bucket.is_full(now));
            if self.tries.len() >= MOST_ADDRESSES {
                return false;
            }
        }
        self.tries.entry(from).or_insert_with(|| tries(now)).take(now)
    }

    /// What was tried from there was right, or was not looked at: it counts for nothing.
    pub(super) fn give_back(&mut self, from: Option<IpAddr>) {
        if let Some(tries) = from.and_then(|from| self.tries.get_mut(&from)) {
            tries.give_back();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn name(name: &str) -> Name {
        Name::parse(name).unwrap()
    }

    #[test]
    fn a_name_belongs_with_all_that_look_like_it() {
        let owned = |name: &str| Owned { name: name.into(), hash: vec![1] };
        let mut registry = Registry::new(vec![owned("Ann"), owned("no name"), owned("bob")]);
        let owner = |registry: &Registry, who: &str| registry.owner(&name(who).keys()).cloned();
        for look_alike in ["Ann", "ann", "ANN", "Аnn"] {
            assert_eq!(owner(&registry, look_alike), Some(name("Ann")), "{look_alike}");
        }
        assert_eq!(owner(&registry, "anna"), None);
        let hash = |name| registry.hash(&name).map(|hash| &hash[..]);
        assert_eq!((hash(name("Ann")), hash(name("ann"))), (Some(&[1][..]), None));
        registry.remove(&name("ann"));
        assert!(owner(&registry, "ann").is_some());
        registry.remove(&name("Ann"));
        assert_eq!((owner(&registry, "ann"), owner(&registry, "bob")), (None, Some(name("bob"))));
    }

    #[test]
    fn of_an_admins_name_that_is_not_its_own_is_said_what_is_true() {
        let registry = Registry::new(vec![Owned { name: "ann".into(), hash: vec![1] }]);
        assert_eq!(registry.doubt(&name("ann")), None);
        let doubt = |who| registry.doubt(&name(who)).unwrap();
        assert!(doubt("Ann").contains("can be nobody's") && doubt("Ann").ends_with("give --admin ann"));
        assert!(doubt("bob").contains("LOGIN bob <key> first"));
    }

    #[test]
    fn keys_cannot_be_tried_without_end() {
        let (mut registry, start) = (Registry::default(), Instant::now());
        let [one, other] = ["10.0.0.1", "10.0.0.2"].map(|address| Some(address.parse().unwrap()));
        let tries = (0..100).filter(|_| registry.may_try(one, start)).count();
        assert_eq!((tries, registry.may_try(other, start)), (10, true));
        assert!(registry.may_try(one, start + Duration::from_secs(1)));
        assert!(!registry.may_try(one, start + Duration::from_secs(1)));
        registry.give_back(one);
        assert!(registry.may_try(one, start + Duration::from_secs(1)));
        let later = start + Duration::from_secs(100);
        (0..100).for_each(|_| registry.give_back(one));
        assert_eq!((0..100).filter(|_| registry.may_try(one, later)).count(), 10, "no more than there were");
        assert!((0..100).all(|_| registry.may_try(None, start)), "on this machine");
    }

    #[test]
    fn who_tried_long_ago_is_forgotten() {
        let (mut registry, start) = (Registry::default(), Instant::now());
        let from = |number: usize| Some(IpAddr::V4((number as u32).into()));
        assert!((0..MOST_ADDRESSES).all(|number| registry.may_try(from(number), start)));
        let one_more = Some("10.0.0.1".parse().unwrap());
        assert!(!registry.may_try(one_more, start), "nobody can be forgotten");
        assert!(registry.may_try(one_more, start + Duration::from_secs(2)));
        assert_eq!(registry.tries.len(), 1);
    }
}
