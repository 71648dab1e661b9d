//! Who is in the room, under which name, and what each of them gets to read. Pure: it turns requests
//! into a [`Batch`] and knows no socket, no queue and no clock.

use std::collections::HashMap;

use chat_shared::notice::NameRefusal;
use chat_shared::{Name, NameError, NameKey, Notice};

use crate::batch::{Batch, MemberId};

/// The room's members and what was said since the last batch was taken.
#[derive(Debug, Default)]
pub(crate) struct Room {
    members: HashMap<MemberId, Member>,
    /// Whose every key is. A name's three keys are held and given up together.
    names: HashMap<NameKey, MemberId>,
    guests: u64,
    echo: bool,
    batch: Batch,
}

#[derive(Debug)]
struct Member {
    name: Name,
    /// `MESSAGE <name> `, as each of its messages begins.
    prefix: String,
}

impl Member {
    fn new(name: Name) -> Self {
        Self { prefix: format!("MESSAGE {name} "), name }
    }
}

impl Room {
    /// An empty room. With `echo`, members get their own messages too.
    pub(crate) fn new(echo: bool) -> Self {
        Self { echo, ..Self::default() }
    }

    /// Lets `member` in, as a guest.
    pub(crate) fn join(&mut self, member: MemberId) {
        self.guests += 1;
        self.members.insert(member, Member::new(Name::guest(self.guests)));
    }

    /// Forgets `member`; its name is free again.
    pub(crate) fn leave(&mut self, member: MemberId) {
        if let Some(left) = self.members.remove(&member) {
            self.free(&left.name, member);
        }
    }

    /// `member` says these lines, each ended by LF and each a valid text.
    pub(crate) fn say(&mut self, member: MemberId, lines: &str) {
        let Some(author) = self.members.get(&member) else { return };
        let but = (!self.echo).then_some(member);
        for line in lines.split_terminator('\n') {
            self.batch.tell_all([author.prefix.as_bytes(), line.as_bytes()], but);
        }
    }

    /// `member` wants this name: it bears it from here on, or is told why not.
    pub(crate) fn rename(&mut self, member: MemberId, name: Name) {
        let Some(author) = self.members.get(&member) else { return };
        let keys = name.keys();
        if keys.iter().any(|key| self.names.get(key).is_some_and(|&holder| holder != member)) {
            let still = author.name.clone();
            self.tell(member, &Notice::NameRefused { why: NameRefusal::Taken, still });
            return;
        }
        let old = author.name.clone();
        self.free(&old, member);
        self.names.extend(keys.map(|key| (key, member)));
        self.members.insert(member, Member::new(name));
    }

    /// `member` wanted a name that is none.
    pub(crate) fn refuse_name(&mut self, member: MemberId, why: NameError) {
        let Some(author) = self.members.get(&member) else { return };
        let still = author.name.clone();
        self.tell(member, &Notice::NameRefused { why: NameRefusal::Invalid(why), still });
    }

    /// Tells one member something, in its place in the order.
    pub(crate) fn tell(&mut self, member: MemberId, notice: &Notice) {
        self.batch.tell_one(member, &notice.to_line());
    }

    /// Tells everybody something.
    pub(crate) fn tell_all(&mut self, notice: &Notice) {
        self.batch.tell_all([notice.to_line().as_bytes(), b""], None);
    }

    /// The bytes that the next batch holds so far.
    pub(crate) fn pending(&self) -> usize {
        self.batch.size()
    }

    /// Takes what was said since the last time, if anything was.
    pub(crate) fn take_batch(&mut self) -> Option<Batch> {
        (self.batch.size() > 0).then(|| std::mem::take(&mut self.batch))
    }

    fn free(&mut self, name: &Name, member: MemberId) {
        for key in name.keys() {
            // A guest's name was never held, and a key is held by one member at a time.
            if self.names.get(&key) == Some(&member) {
                self.names.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(name: &str) -> Name {
        Name::parse(name).unwrap()
    }

    /// What `member` gets of what was said since the last look at the room.
    fn seen(batch: &Batch, member: MemberId) -> String {
        let bytes: Vec<u8> = batch.view(member).flatten().copied().collect();
        String::from_utf8(bytes).unwrap()
    }

    fn room_of(members: u64) -> Room {
        let mut room = Room::new(false);
        (1..=members).for_each(|member| room.join(member));
        room
    }

    #[test]
    fn a_message_goes_to_all_others_under_the_name_of_its_moment() {
        let mut room = room_of(2);
        room.say(1, "as a guest\n");
        room.rename(1, name("ann"));
        room.say(1, "as ann\nonce more\n");
        let batch = room.take_batch().unwrap();
        let said = "MESSAGE guest-1 as a guest\nMESSAGE ann as ann\nMESSAGE ann once more\n";
        assert_eq!(seen(&batch, 2), said);
        assert_eq!(seen(&batch, 1), "");
        assert!(room.take_batch().is_none());
    }

    #[test]
    fn with_echo_it_goes_to_its_author_too() {
        let mut room = Room::new(true);
        room.join(1);
        room.say(1, "hello\n");
        assert_eq!(seen(&room.take_batch().unwrap(), 1), "MESSAGE guest-1 hello\n");
    }

    #[test]
    fn a_name_is_free_again_when_its_member_leaves_or_takes_another() {
        let mut room = room_of(3);
        room.rename(1, name("ann"));
        room.rename(2, name("ANN"));
        let refused = seen(&room.take_batch().unwrap(), 2);
        assert!(refused.starts_with("MESSAGE * name refused: somebody here"), "{refused}");
        assert!(refused.ends_with("Your name is still guest-2\n"), "{refused}");
        room.rename(1, name("bob"));
        room.rename(2, name("ANN"));
        room.leave(1);
        room.rename(3, name("bob"));
        assert!(room.take_batch().is_none(), "nobody was refused");
        room.say(2, "x\n");
        room.say(3, "y\n");
        assert_eq!(seen(&room.take_batch().unwrap(), 9), "MESSAGE ANN x\nMESSAGE bob y\n");
    }

    #[test]
    fn a_member_may_respell_its_own_name() {
        let mut room = room_of(1);
        room.rename(1, name("ann"));
        room.rename(1, name("Ann"));
        room.rename(1, name("Anna"));
        assert!(room.take_batch().is_none());
        assert_eq!(room.names.len(), 3);
        room.leave(1);
        assert!(room.names.is_empty() && room.members.is_empty());
    }

    #[test]
    fn who_has_left_says_and_changes_nothing() {
        let mut room = room_of(1);
        room.leave(1);
        room.say(1, "ghost\n");
        room.rename(1, name("ghost"));
        room.refuse_name(1, NameError::Empty);
        assert!(room.take_batch().is_none() && room.names.is_empty());
    }
}
