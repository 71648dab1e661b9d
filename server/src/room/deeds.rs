//! What admins do to others: each is done once it is in the log, told to everybody, and noted. Knows who is an
//! admin; what may not come in is kept out elsewhere.

use std::net::IpAddr;
use std::sync::Arc;

use chat_shared::{Deed, MessageId, Name, Notice};

use super::turn::Item;
use super::{Absent, Room};
use crate::batch::MemberId;
use crate::intake::Act;
use crate::log::{Ban, Change, Changed, Mute};
use crate::wish::{Wanted, Wish};

impl Room {
    /// Whether `member` has the key of an admin's name, and bears that name.
    pub(super) fn is_admin(&self, member: MemberId) -> bool {
        self.members.get(&member).is_some_and(|member| member.owner && self.wardens.is_admin(&member.name))
    }

    /// `member` wants to do something that only an admin may do.
    pub(crate) fn act(&mut self, member: MemberId, act: Act) {
        if !self.is_admin(member) {
            return self.tell(member, Notice::NotPermitted);
        }
        let by = self.members[&member].name.clone();
        let refused = match act {
            Act::Kick(name, why) => self.kick(&by, name, why),
            Act::Ban(name, why) => self.want_ban(member, by, name, why),
            Act::Unban(name) => self.want_unban(member, by, name),
            Act::Mute(name, seconds) => self.want_mute(member, by, name, seconds),
            Act::Remove(id) => self.want_removed(member, by, id),
        };
        if let Err(notice) = refused {
            self.tell(member, notice);
        }
    }

    fn kick(&mut self, by: &Name, name: Name, why: Option<String>) -> Result<(), Notice> {
        let target = self.called(&name).ok_or(Notice::NobodyHere(name))?;
        let whom = self.spare_admins(target)?;
        log::info!("{by} sent out {whom}");
        self.send_out(target, by, why.clone(), false);
        self.tell_all(Notice::Done { by: by.clone(), whom, deed: Deed::Kicked { why } });
        Ok(())
    }

    fn want_ban(
        &mut self,
        member: MemberId,
        by: Name,
        name: Name,
        why: Option<String>,
    ) -> Result<(), Notice> {
        let target = self.called(&name);
        let (whom, address) = match target {
            Some(target) => (self.spare_admins(target)?, self.came_from(target)),
            None if Name::parse(name.as_str()).is_err() => return Err(Notice::NobodyHere(name)),
            None if self.wardens.is_like_admin(&name) => return Err(Notice::NotThisOne(name)),
            None => (name, None),
        };
        if !self.wardens.may_ban() {
            return Err(Notice::Busy);
        }
        let key = target.and_then(|target| self.shown_key(target)).map(|hash| hash.to_vec());
        let ban = Ban { name: whom.to_string(), address, key, by: by.to_string() };
        let change = Change::Ban(ban, self.time);
        self.want(Wanted { member, by, whom, deed: Deed::Banned { why }, change });
        Ok(())
    }

    fn want_unban(&mut self, member: MemberId, by: Name, name: Name) -> Result<(), Notice> {
        let names = self.wardens.banned_as(&name);
        if names.is_empty() {
            return Err(Notice::NotBanned(name));
        }
        self.want(Wanted { member, by, whom: name, deed: Deed::Unbanned, change: Change::Unban(names) });
        Ok(())
    }

    fn want_mute(&mut self, member: MemberId, by: Name, name: Name, seconds: u64) -> Result<(), Notice> {
        let target = self.called(&name);
        let (whom, address) = match target {
            Some(target) => {
                let whom = self.spare_admins(target)?;
                let target = self.members.get(&target).filter(|target| !target.owner);
                (whom, target.and_then(|target| target.address))
            }
            // Who has its key is known whenever it comes.
            None if self.registry.hash(&name).is_some() && !self.wardens.is_admin(&name) => (name, None),
            None if seconds == 0 && !self.wardens.muted_as(&name).is_empty() => (name, None),
            None => return Err(Notice::NobodyHere(name)),
        };
        let (deed, change) = if seconds > 0 {
            if !self.wardens.may_mute(self.time) {
                return Err(Notice::Busy);
            }
            let until = self.time.saturating_add(seconds * 1000);
            let mute = Mute { name: whom.to_string(), address, until };
            (Deed::Muted(seconds), Change::Mute(mute))
        } else {
            let mut names = self.wardens.muted_as(&whom);
            // It may have been silenced under another name.
            let target = target.and_then(|target| self.members.get(&target));
            names.extend(target.and_then(|target| target.muted.as_ref()).map(|mute| mute.name.clone()));
            (Deed::Unmuted, Change::Unmute(names))
        };
        self.want(Wanted { member, by, whom, deed, change });
        Ok(())
    }

    fn want_removed(&mut self, member: MemberId, by: Name, id: MessageId) -> Result<(), Notice> {
        // Whose it was, the log will say.
        let whom = by.clone();
        self.want(Wanted { member, by, whom, deed: Deed::Removed(id), change: Change::Remove(id) });
        Ok(())
    }

    fn want(&mut self, wanted: Wanted) {
        let change = wanted.change.clone();
        self.turn.wishes.push((Wish::Deed(wanted), change));
    }

    /// A change is in the log, or could not be stored.
    pub(crate) fn changed(&mut self, wish: Wish, stored: Option<Changed>) {
        match (wish, stored) {
            (Wish::Own(ticket), stored) => self.owned(ticket, stored),
            // If it could not be stored, it is made anew once more after the next start.
            (Wish::Renew, _) => {}
            (Wish::Deed(wanted), Some(changed)) => self.done(wanted, changed),
            (Wish::Deed(Wanted { member, .. }), None) => self.tell(member, Notice::Busy),
        }
    }

    fn done(&mut self, wanted: Wanted, changed: Changed) {
        let Wanted { member, by, mut whom, deed, change } = wanted;
        match (&change, changed) {
            (Change::Remove(id), Changed::Removed(author)) => {
                whom = Name::parse_given(&author).unwrap_or(whom);
                self.removed(*id);
            }
            (&Change::Remove(id), _) => return self.tell(member, Notice::NoSuchMessage(id)),
            (Change::Ban(ban, _), _) => {
                self.wardens.ban(ban.clone(), &self.registry);
                self.turn.banned = Some(self.wardens.addresses());
                if let Deed::Banned { why } = &deed {
                    if let Some(target) = self.called(&whom) {
                        self.send_out(target, &by, why.clone(), true);
                    }
                    // And who was banned with it: the same person under another name.
                    for target in self.with_banned_key() {
                        self.send_out(target, &by, why.clone(), true);
                    }
                }
            }
            (Change::Unban(names), _) => {
                self.wardens.unban(names, &self.registry);
                self.turn.banned = Some(self.wardens.addresses());
            }
            (Change::Mute(mute), _) => {
                self.wardens.mute(mute.clone());
                self.silence(&whom, Some(Box::new(mute.clone())));
            }
            (Change::Unmute(names), _) => {
                self.wardens.unmute(names);
                self.silence(&whom, None);
            }
            (Change::Own(..), _) => {}
        }
        let notice = Notice::Done { by, whom, deed };
        log::info!("{}", without_reason(&notice));
        self.tell_all(notice);
    }

    /// A message has been taken back. Who has a page of the past on its way is told once more when it has come:
    /// the message may be on it.
    fn removed(&mut self, id: MessageId) {
        self.turn.items.push(Item::Removed(id));
        for asker in self.members.values_mut().filter(|asker| !asker.asked.is_empty()) {
            asker.removed.push(id);
        }
    }

    fn silence(&mut self, whom: &Name, mute: Option<Box<Mute>>) {
        if let Some(target) = self.called(whom)
            && let Some(target) = self.members.get_mut(&target)
        {
            target.muted = mute;
        }
    }

    /// For how many seconds `member` is not to be heard yet, if it is not.
    pub(super) fn silenced(&self, member: MemberId) -> Option<u64> {
        let until = self.members.get(&member)?.muted.as_ref()?.until;
        (until > self.time).then(|| (until - self.time).div_ceil(1000))
    }

    /// Who is here under this name, or under one that looks like it; perhaps one that has dropped out.
    fn called(&self, name: &Name) -> Option<MemberId> {
        let here = self.members.iter().find(|(_, member)| member.name == *name).map(|(&id, _)| id);
        // A guest's name is held by nobody.
        let absent = || self.absent.values().find(|absent| absent.name == *name).map(|absent| absent.id);
        here.or_else(|| name.keys().iter().find_map(|key| self.names.get(key)).copied()).or_else(absent)
    }

    /// Who is here, or has dropped out, and has a key that was banned; but no admin.
    fn with_banned_key(&self) -> Vec<MemberId> {
        let is_banned =
            |key: &Option<Arc<[u8]>>| key.as_ref().is_some_and(|key| self.wardens.keep_out_key(key));
        let here = self.members.iter().filter(|(_, member)| is_banned(&member.key)).map(|(&id, _)| id);
        let here = here.filter(|&member| !self.is_admin(member));
        let may_go = |absent: &&Absent| is_banned(&absent.key) && !self.may_stay(absent);
        let absent = self.absent.values().filter(may_go);
        here.chain(absent.map(|absent| absent.id)).collect()
    }

    /// Whether this was an admin who dropped out.
    pub(super) fn may_stay(&self, absent: &Absent) -> bool {
        absent.owner && self.wardens.is_admin(&absent.name)
    }

    /// Where somebody comes from who is here, or came from who has dropped out.
    fn came_from(&self, target: MemberId) -> Option<IpAddr> {
        let absent = || self.absent.values().find(|absent| absent.id == target);
        match self.members.get(&target) {
            Some(member) => member.address,
            None => absent()?.address,
        }
    }

    /// The hash of the key that somebody has shown who is here, or has dropped out, whatever its name is now.
    fn shown_key(&self, target: MemberId) -> Option<&Arc<[u8]>> {
        let absent = || self.absent.values().find(|absent| absent.id == target);
        match self.members.get(&target) {
            Some(member) => member.key.as_ref(),
            None => absent()?.key.as_ref(),
        }
    }

    /// The name of one who may be sent out: one admin cannot do that to another.
    fn spare_admins(&self, target: MemberId) -> Result<Name, Notice> {
        let absent = || self.absent.values().find(|absent| absent.id == target).map(|absent| &absent.name);
        let name = self.members.get(&target).map(|target| &target.name).or_else(absent);
        let name = name.expect("it is here, or has dropped out").clone();
        let is_absent = |absent: &Absent| absent.id == target && self.may_stay(absent);
        if self.is_admin(target) || self.absent.values().any(is_absent) {
            Err(Notice::NotThisOne(name))
        } else {
            Ok(name)
        }
    }

    fn send_out(&mut self, target: MemberId, by: &Name, why: Option<String>, banned: bool) {
        let Some(gone) = self.members.remove(&target) else { return self.absent_is_gone(target) };
        self.tell(target, Notice::SentOut { by: by.clone(), why, banned });
        self.turn.items.push(Item::Left(target));
        if let Some(session) = gone.session {
            self.live.remove(&session);
        }
        self.gone(target, &gone.name, gone.announced);
    }

    /// Somebody who has dropped out does not count as here any longer.
    pub(super) fn absent_is_gone(&mut self, member: MemberId) {
        let session = self.absent.iter().find(|(_, absent)| absent.id == member).map(|(&session, _)| session);
        if let Some(absent) = session.and_then(|session| self.absent.remove(&session)) {
            self.gone(member, &absent.name, true);
        }
    }
}

/// What goes to the log: people's words do not.
fn without_reason(notice: &Notice) -> Notice {
    match notice.clone() {
        Notice::Done { by, whom, deed: Deed::Banned { .. } } => {
            Notice::Done { by, whom, deed: Deed::Banned { why: None } }
        }
        notice => notice,
    }
}
