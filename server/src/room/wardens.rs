//! Who is an admin, who may not come in, and who is not to be heard. Knows names, keys and addresses; knows no
//! member, and nothing of how anybody is told.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::Arc;

use chat_shared::{Millis, Name, NameKey};

use super::registry::Registry;
use crate::log::{Ban, Mute};

/// How many bans there may be, and how many mutes.
const MOST: usize = 10_000;

/// What admins have decided.
#[derive(Debug, Default)]
pub(super) struct Wardens {
    admins: Vec<Name>,
    bans: Vec<Ban>,
    /// The keys of all names that were banned.
    banned: HashSet<NameKey>,
    /// The hashes of the keys of all who were banned: those that they had shown, and those of the names.
    banned_keys: HashSet<Arc<[u8]>>,
    mutes: Vec<Silenced>,
}

#[derive(Debug)]
struct Silenced {
    mute: Mute,
    keys: [NameKey; 3],
}

impl Wardens {
    /// What a log knows, and whose names are those of admins.
    pub(super) fn new(admins: Vec<Name>, bans: Vec<Ban>, mutes: Vec<Mute>, registry: &Registry) -> Self {
        let mut wardens = Self { admins, bans, ..Self::default() };
        wardens.look_at_bans(registry);
        mutes.into_iter().for_each(|mute| wardens.mute(mute));
        wardens
    }

    /// Whether who has the key of this name is an admin.
    pub(super) fn is_admin(&self, name: &Name) -> bool {
        self.admins.contains(name)
    }

    /// Whether this is the name of an admin, or looks like one: what holds for it holds for that one too.
    pub(super) fn is_like_admin(&self, name: &Name) -> bool {
        let keys = name.keys();
        self.admins.iter().any(|admin| admin.keys().iter().any(|key| keys.contains(key)))
    }

    /// Whether there is room for one more.
    pub(super) fn may_ban(&self) -> bool {
        self.bans.len() < MOST
    }

    /// The same of mutes, once those are forgotten that are over.
    pub(super) fn may_mute(&mut self, now: Millis) -> bool {
        self.mutes.retain(|silenced| silenced.mute.until > now);
        self.mutes.len() < MOST
    }

    pub(super) fn ban(&mut self, ban: Ban, registry: &Registry) {
        let same =
            |other: &Ban| (&other.name, other.address, &other.key) == (&ban.name, ban.address, &ban.key);
        self.bans.retain(|other| !same(other));
        self.bans.push(ban);
        self.look_at_bans(registry);
    }

    /// Under which names somebody was banned who looks like this one.
    pub(super) fn banned_as(&self, name: &Name) -> Vec<String> {
        let alike = |ban: &&Ban| read(&ban.name).is_some_and(|banned| banned.looks_like(name));
        let mut names: Vec<_> = self.bans.iter().filter(alike).map(|ban| ban.name.clone()).collect();
        names.dedup();
        names
    }

    pub(super) fn unban(&mut self, names: &[String], registry: &Registry) {
        self.bans.retain(|ban| !names.contains(&ban.name));
        self.look_at_bans(registry);
    }

    /// Whether a name with these keys, or one that looks like it, was banned.
    pub(super) fn keep_out(&self, keys: &[NameKey]) -> bool {
        keys.iter().any(|key| self.banned.contains(key))
    }

    /// Whether somebody was banned who has the key with this hash.
    pub(super) fn keep_out_key(&self, hash: &[u8]) -> bool {
        self.banned_keys.contains(hash)
    }

    /// Whether nobody may come in from there.
    pub(super) fn keep_out_from(&self, address: IpAddr) -> bool {
        self.bans.iter().any(|ban| ban.address == Some(address))
    }

    /// The addresses that were banned.
    pub(super) fn addresses(&self) -> Vec<IpAddr> {
        self.bans.iter().filter_map(|ban| ban.address).collect()
    }

    pub(super) fn mute(&mut self, mute: Mute) {
        let Some(name) = read(&mute.name) else { return };
        let same = |other: &Mute| (&other.name, other.address) == (&mute.name, mute.address);
        self.mutes.retain(|silenced| !same(&silenced.mute));
        self.mutes.push(Silenced { keys: name.keys(), mute });
    }

    /// Under which names somebody was silenced who looks like this one.
    pub(super) fn muted_as(&self, name: &Name) -> Vec<String> {
        let keys = name.keys();
        let alike = |silenced: &&Silenced| silenced.keys.iter().any(|key| keys.contains(key));
        self.mutes.iter().filter(alike).map(|silenced| silenced.mute.name.clone()).collect()
    }

    pub(super) fn unmute(&mut self, names: &[String]) {
        self.mutes.retain(|silenced| !names.contains(&silenced.mute.name));
    }

    /// Until when somebody is not to be heard who takes this name: `owned`, with its key; otherwise it counts
    /// from where it comes.
    pub(super) fn muted(&self, name: &Name, owned: bool, address: Option<IpAddr>) -> Option<&Mute> {
        if self.mutes.is_empty() {
            return None;
        }
        let keys = name.keys();
        let its = |silenced: &&Silenced| {
            silenced.keys.iter().any(|key| keys.contains(key)) && (owned || silenced.mute.address == address)
        };
        self.mutes.iter().filter(its).map(|silenced| &silenced.mute).max_by_key(|mute| mute.until)
    }

    /// Sees which names and keys are banned: who was banned has the key of its name too, if that belongs to
    /// somebody, and need not be here for that.
    pub(super) fn look_at_bans(&mut self, registry: &Registry) {
        let names: Vec<_> =
            self.bans.iter().filter_map(|ban| read(&ban.name)).map(|name| name.keys()).collect();
        let of_names = names.iter().filter_map(|keys| registry.hash(registry.owner(keys)?)).cloned();
        let shown = self.bans.iter().filter_map(|ban| ban.key.as_deref()).map(Arc::from);
        self.banned_keys = shown.chain(of_names).collect();
        self.banned = names.into_iter().flatten().collect();
    }
}

/// A name in the log. `None` when it is none by today's rules: then nobody can bear it.
fn read(name: &str) -> Option<Name> {
    Name::parse_given(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::Owned;

    fn name(name: &str) -> Name {
        Name::parse(name).unwrap()
    }

    fn address(number: u8) -> Option<IpAddr> {
        Some(IpAddr::from([10, 0, 0, number]))
    }

    fn ban(name: &str, from: u8) -> Ban {
        Ban { name: name.into(), address: address(from), key: None, by: "ann".into() }
    }

    fn mute(name: &str, address: Option<IpAddr>, until: u64) -> Mute {
        Mute { name: name.into(), address, until }
    }

    #[test]
    fn a_ban_holds_for_all_that_look_alike_until_it_is_lifted() {
        let nobodys = &Registry::default();
        let mut wardens = Wardens::new(vec![name("ann")], vec![ban("Eve", 1)], Vec::new(), nobodys);
        assert!(wardens.is_admin(&name("ann")) && !wardens.is_admin(&name("Ann")));
        assert!(wardens.is_like_admin(&name("Ann")) && !wardens.is_like_admin(&name("bob")));
        assert!(wardens.keep_out(&name("eve").keys()) && !wardens.keep_out(&name("bob").keys()));
        wardens.ban(ban("Eve", 2), nobodys);
        wardens.ban(ban("Eve", 2), nobodys);
        wardens.ban(ban("bob", 3), nobodys);
        assert_eq!(wardens.addresses().len(), 3);
        assert_eq!(wardens.banned_as(&name("EVE")), ["Eve"]);
        wardens.unban(&["Eve".into()], nobodys);
        assert_eq!(wardens.addresses(), [address(3).unwrap()]);
        assert!(!wardens.keep_out(&name("eve").keys()) && wardens.keep_out(&name("bob").keys()));
        assert!(wardens.banned_as(&name("eve")).is_empty());
    }

    #[test]
    fn a_ban_holds_for_the_key_that_was_shown_and_for_that_of_the_name() {
        let owned = |name: &str, hash| Owned { name: name.into(), hash: vec![hash] };
        let mut registry = Registry::new(vec![owned("eve", 1), owned("mallory", 1), owned("bob", 2)]);
        let shown = |hash| Ban { key: Some(vec![hash]), ..ban("guest-7", 1) };
        // As from a log: a look-alike of a name that is somebody's, and one who had given up its own.
        let mut wardens = Wardens::new(Vec::new(), vec![ban("EVE", 1), shown(3)], Vec::new(), &registry);
        let banned =
            |wardens: &Wardens| (0..6).filter(|&hash| wardens.keep_out_key(&[hash])).collect::<Vec<_>>();
        assert_eq!(banned(&wardens), [1, 3]);
        // Two who came from one place under one name, each with a key.
        wardens.ban(shown(4), &registry);
        wardens.ban(shown(4), &registry);
        wardens.ban(ban("guest-7", 1), &registry);
        assert_eq!((banned(&wardens), wardens.bans.len()), (vec![1, 3, 4], 4));
        registry.insert(name("eve"), [5].into());
        wardens.unban(&["guest-7".into()], &registry);
        assert_eq!(banned(&wardens), [5], "the hash of the name has been made anew");
        wardens.unban(&["EVE".into()], &registry);
        assert!(banned(&wardens).is_empty());
    }

    #[test]
    fn a_mute_holds_for_a_key_or_for_an_address() {
        let mut wardens = Wardens::default();
        wardens.mute(mute("eve", address(1), 100));
        let until = |wardens: &Wardens, who, owned, from| {
            wardens.muted(&name(who), owned, from).map(|mute| mute.until)
        };
        assert_eq!(until(&wardens, "Eve", false, address(1)), Some(100));
        assert_eq!(until(&wardens, "eve", false, address(2)), None);
        assert_eq!(until(&wardens, "eve", true, address(2)), Some(100));
        wardens.mute(mute("eve", address(1), 50));
        assert_eq!(until(&wardens, "eve", false, address(1)), Some(50), "the later word counts");
        assert!(wardens.may_mute(50) && wardens.mutes.is_empty());
        wardens.mute(mute("eve", None, 100));
        assert_eq!(wardens.muted_as(&name("EVE")), ["eve"]);
        wardens.unmute(&["eve".into()]);
        assert!(wardens.mutes.is_empty());
    }
}
