//! Who bears which name, and who takes one that is its own. Knows whose names are whose; that somebody has a
//! key is found out elsewhere, and what is decided here about a name counts only once it is in the log.

use chat_shared::notice::NameRefusal;
use chat_shared::{Name, NameError, NameKey, Notice, ServerCommand};

use super::Room;
use super::registry::tries;
use super::turn::Item;
use crate::batch::MemberId;
use crate::keys::{Outcome, Secret, Work};
use crate::log::{Change, Changed, Mute, Owned};
use crate::wish::{Ticket, Trial, Wish};

impl Room {
    /// `member` wants this name: it bears it from here on, or is told why not.
    pub(crate) fn rename(&mut self, member: MemberId, name: Name) {
        let Some(bearer) = self.members.get(&member) else { return };
        let has_key = bearer.owner && bearer.name == name;
        let keys = name.keys();
        if self.wardens.keep_out(&keys) {
            self.refuse(member, NameRefusal::Banned);
        } else if self.registry.owner(&keys).is_some() && !has_key {
            self.refuse(member, NameRefusal::Owned);
        } else if self.is_taken(&keys, member) {
            self.refuse(member, NameRefusal::Taken);
        } else {
            self.take(member, name, has_key);
        }
    }

    /// `member` wanted a name that is none.
    pub(crate) fn refuse_name(&mut self, member: MemberId, why: NameError) {
        self.refuse(member, NameRefusal::Invalid(why));
    }

    /// `member` wants a name that is its own, or shall be: with this key.
    pub(crate) fn login(&mut self, member: MemberId, name: Name, secret: Secret) {
        let Some(bearer) = self.members.get_mut(&member) else { return };
        let (address, waits) = (bearer.address, bearer.has_said_key);
        // All count for the connection, the right ones too: each costs as much as any other.
        let may_try = !waits && bearer.tries.get_or_insert_with(|| Box::new(tries(self.now))).take(self.now);
        let keys = name.keys();
        let work = if !may_try || !self.registry.may_try(address, self.now) {
            Err(NameRefusal::Busy)
        } else if let Some(hash) = self.registry.hash(&name) {
            // Where the name was banned, too: a hash that an older server made is of use against the key's
            // other names only once it is made anew.
            Ok(Work::Check(hash.to_vec()))
        } else if self.wardens.keep_out(&keys) {
            Err(NameRefusal::Banned)
        } else {
            self.may_own(member, &keys).map(|()| Work::Hash)
        };
        match work {
            Ok(work) => {
                self.members.get_mut(&member).expect("it is here").has_said_key = true;
                self.turn.trials.push(Trial { ticket: Ticket { member, name }, secret, work });
            }
            Err(why) => {
                self.refuse(member, why);
                self.turn.tried.extend((!waits).then_some(member));
            }
        }
    }

    /// Whether a name with these keys can become `member`'s own.
    fn may_own(&self, member: MemberId, keys: &[NameKey]) -> Result<(), NameRefusal> {
        if self.registry.owner(keys).is_some() {
            Err(NameRefusal::Owned)
        } else if self.is_taken(keys, member) {
            Err(NameRefusal::Taken)
        } else if self.registry.is_full() {
            Err(NameRefusal::TooMany)
        } else {
            Ok(())
        }
    }

    /// A key has been looked at.
    pub(crate) fn tried(&mut self, ticket: Ticket, outcome: Outcome) {
        let Ticket { member, name } = ticket;
        let keys = name.keys();
        if let Outcome::Right(hash) = &outcome {
            self.renew(&name, hash);
        }
        if matches!(outcome, Outcome::Right(_) | Outcome::Busy) {
            // A household, or a company, may well come all at once.
            self.registry.give_back(self.members.get(&member).and_then(|member| member.address));
        }
        // Much may have happened meanwhile.
        let refusal = if self.wardens.keep_out(&keys) {
            Some(NameRefusal::Banned)
        } else {
            match outcome {
                // An admin of whom another name was banned is an admin still.
                Outcome::Right(hash) if self.wardens.keep_out_key(&hash) && !self.wardens.is_admin(&name) => {
                    Some(NameRefusal::KeyBanned)
                }
                Outcome::Hashed(hash) if self.wardens.keep_out_key(&hash) => Some(NameRefusal::KeyBanned),
                Outcome::Right(_) => {
                    self.own(member, name);
                    None
                }
                // It became somebody's while this key waited to be looked at: in one room, a key has one hash.
                Outcome::Hashed(hash) if self.registry.hash(&name).is_some_and(|known| **known == *hash) => {
                    self.own(member, name);
                    None
                }
                Outcome::Hashed(hash) => match self.may_own(member, &keys) {
                    Ok(()) if self.members.contains_key(&member) => {
                        // Nobody else may have it while it is being stored.
                        self.registry.insert(name.clone(), hash.clone().into());
                        let change = Change::Own(Owned { name: name.to_string(), hash }, self.time);
                        self.turn.wishes.push((Wish::Own(Ticket { member, name }), change));
                        return;
                    }
                    Ok(()) => None,
                    Err(why) => Some(why),
                },
                Outcome::Wrong => Some(NameRefusal::KeyWrong),
                Outcome::Busy => Some(NameRefusal::Busy),
            }
        };
        self.has_tried(member, refusal);
    }

    /// This hash was made of the key of `name`, and is to be kept if the one that is kept is an older server's.
    fn renew(&mut self, name: &Name, hash: &[u8]) {
        if self.registry.hash(name).is_none_or(|known| **known == *hash) {
            return;
        }
        self.registry.insert(name.clone(), hash.into());
        if self.wardens.keep_out(&name.keys()) {
            self.wardens.look_at_bans(&self.registry);
        }
        let owned = Owned { name: name.to_string(), hash: hash.to_vec() };
        self.turn.wishes.push((Wish::Renew, Change::Own(owned, self.time)));
    }

    /// A name is in the log as `member`'s own, or could not be stored.
    pub(super) fn owned(&mut self, ticket: Ticket, stored: Option<Changed>) {
        let Ticket { member, name } = ticket;
        if stored.is_none() {
            self.registry.remove(&name);
            return self.has_tried(member, Some(NameRefusal::Busy));
        }
        log::info!("the name {name} belongs to somebody from now on");
        if self.members.contains_key(&member) {
            self.own(member, name.clone());
            self.tell(member, Notice::Registered(name));
        }
        self.has_tried(member, None);
    }

    /// What `member` says next is heard again.
    fn has_tried(&mut self, member: MemberId, refusal: Option<NameRefusal>) {
        if let Some(bearer) = self.members.get_mut(&member) {
            bearer.has_said_key = false;
            if let Some(why) = refusal {
                self.refuse(member, why);
            }
        }
        self.turn.tried.push(member);
    }

    /// `member` has the key of this name, and bears it from here on, whoever else did.
    fn own(&mut self, member: MemberId, name: Name) {
        if !self.members.contains_key(&member) {
            return;
        }
        for key in name.keys() {
            if let Some(&holder) = self.names.get(&key).filter(|&&holder| holder != member) {
                self.make_way(holder);
            }
        }
        let key = self.registry.hash(&name).cloned();
        if let Some(bearer) = self.members.get_mut(&member) {
            bearer.key = key;
        }
        self.take(member, name, true);
    }

    /// `holder` has to give up its name.
    fn make_way(&mut self, holder: MemberId) {
        if !self.members.contains_key(&holder) {
            // It has dropped out. Who it was is here.
            self.absent_is_gone(holder);
            return;
        }
        self.guests += 1;
        let now = Name::guest(self.guests);
        let bearer = self.members.get_mut(&holder).expect("it is here");
        let lost = bearer.bear(now.clone());
        bearer.owner = false;
        let (announced, opted_in) = (bearer.announced, bearer.session.is_some());
        self.free(&lost, holder);
        self.tell(holder, Notice::NameTakenOver { lost: lost.clone(), now: now.clone() });
        if opted_in {
            self.turn.items.push(Item::Line(holder, ServerCommand::You(now.clone()).to_string()));
        }
        if announced {
            self.presence.renamed(&mut self.turn.items, holder, lost, now);
        }
    }

    /// `member` bears this name from here on, which nobody else does: with its key, or because it is nobody's.
    fn take(&mut self, member: MemberId, name: Name, owner: bool) {
        let Some(bearer) = self.members.get_mut(&member) else { return };
        let old = bearer.bear(name.clone());
        bearer.owner = owner;
        let until = |mute: &Option<Box<Mute>>| mute.as_ref().map_or(0, |mute| mute.until);
        let muted = self.wardens.muted(&name, owner, bearer.address).cloned().map(Box::new);
        if until(&muted) > until(&bearer.muted) {
            bearer.muted = muted;
        }
        let (announced, opted_in) = (bearer.announced, bearer.session.is_some());
        self.free(&old, member);
        self.names.extend(name.keys().map(|key| (key, member)));
        if opted_in {
            self.turn.items.push(Item::Line(member, ServerCommand::You(name.clone()).to_string()));
            self.tell_admin(member);
        }
        if !announced {
            self.announce(member);
        } else if old != name {
            self.presence.renamed(&mut self.turn.items, member, old, name);
        }
    }

    /// Tells a member that has opted in that it is an admin, if it is one.
    pub(super) fn tell_admin(&mut self, member: MemberId) {
        if self.is_admin(member) {
            self.turn.items.push(Item::Line(member, ServerCommand::Admin.to_string()));
        }
    }

    fn is_taken(&self, keys: &[NameKey], member: MemberId) -> bool {
        keys.iter().any(|key| self.names.get(key).is_some_and(|&holder| holder != member))
    }

    pub(super) fn refuse(&mut self, member: MemberId, why: NameRefusal) {
        let Some(bearer) = self.members.get(&member) else { return };
        let still = bearer.name.clone();
        self.tell(member, Notice::NameRefused { why, still });
    }

    /// `name` is nobody's any more, if it was `member`'s.
    pub(super) fn free(&mut self, name: &Name, member: MemberId) {
        for key in name.keys() {
            // A guest's name was never held, and a key is held by one member at a time.
            if self.names.get(&key) == Some(&member) {
                self.names.remove(&key);
            }
        }
    }
}
