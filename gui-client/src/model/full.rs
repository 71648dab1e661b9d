//! What a room that speaks the full language says, and what follows from it. Knows all that the room is
//! made of; what follows in the base is decided beside it.

use chat_shared::notice::NameRefusal;
use chat_shared::{ErrorCode, History as Asked, MessageId, Name, Notice, RoomId, Txn};

use super::history::{Belongs, Ended, Found, Missing};
use super::naming::Got;
use super::posts::Verdict;
use super::presence::Passage;
use super::{Delivery, Entry, Kind, Room};
use crate::link::{Line, Moment, Order, Welcome};

const OTHER_LOG: &str =
    "Something may be missing here: the room has lost its log, and a new one begins below.";
const NEWEST_LOST: &str = "Something is missing here: the room has lost the last of its messages. What follows was said after that.";
const TRIMMED: &str = "Some messages are missing here: the room no longer keeps them.";
const BEGINNING: &str = "The room keeps nothing older than this.";

impl Room {
    /// There is a connection to a server that speaks the full language.
    pub(super) fn welcomed(&mut self, link: u64, welcome: Welcome, at: Moment) -> Vec<Order> {
        let Welcome { room, name, as_own, sealed } = welcome;
        self.full = true;
        self.changes.must += u64::from(self.posts.speak_for(sealed));
        self.naming.welcomed(name, as_own);
        self.admin = false;
        self.posts.connected(at.steady);
        self.move_to_posts();
        let (found, order) = self.history.welcomed(room, link);
        if found == Found::Other {
            self.another_log(OTHER_LOG, at);
        }
        // What may be there already goes first: its confirmation tells which of the history is our own.
        let mut orders = self.hand_out(at);
        orders.push(order);
        orders
    }

    pub(super) fn hear_full(&mut self, line: Line, at: Moment) -> Vec<Order> {
        match line {
            Line::You(name) => {
                // Where that is an admin's name, the server says so next.
                self.admin = false;
                // The others are told of it in words of their own, which do not come to us.
                let names = (Name::parse_given(self.naming.given()), Name::parse_given(&name));
                if let (Ok(old), Ok(new)) = names {
                    self.presence.is_called(&old, new);
                }
                let confirmed = self.naming.confirmed(&name);
                self.ours.called(self.naming.is_own().then(|| self.posts.next_unknown()));
                let words = match confirmed {
                    None => return Vec::new(),
                    Some(Got::Back) => format!("You are {name} again."),
                    Some(Got::Free) => format!("The name {name} has become free: you are called so now."),
                };
                self.status(at, &words);
            }
            Line::Users(names) => self.presence.users(names),
            Line::EndUsers => {
                self.presence.end_users();
                // Who came and went in between is not known.
                self.passage = None;
            }
            Line::Count(count) => {
                self.presence.many(count);
                self.passage = None;
            }
            Line::Join(name) => {
                if self.presence.join(name.clone()) {
                    self.tell_passage(at, |passage| passage.came(name));
                }
            }
            Line::Leave(name) => {
                self.naming.is_free(&name, at.steady);
                if self.presence.leave(&name) {
                    self.tell_passage(at, |passage| passage.went(name));
                }
            }
            Line::Rename { old, new } => {
                self.naming.is_free(&old, at.steady);
                let words = format!("{old} is now called {new}.");
                if self.presence.is_called(&old, new.clone()) {
                    // Who has just come, and says only now who that is, has come under that name.
                    match self.passage.as_ref().filter(|_| self.goes_on_passing()) {
                        Some(passage) if passage.has_come(&old) => {
                            self.tell_passage(at, |passage| passage.is_called(&old, new));
                        }
                        _ if self.presence.is_crowd() => {}
                        _ => self.status(at, &words),
                    }
                }
            }
            Line::Post(message) => {
                self.history.live(message.id);
                self.take_in(message, true);
                self.changes.may += 1;
            }
            Line::Past(message) => match self.history.past(message.id) {
                // It was said while there was no connection.
                Belongs::Log if self.met && message.id > self.timeline.newest() => {
                    self.take_in(message, false);
                }
                Belongs::Log => drop(self.timeline.insert(message)),
                Belongs::Search(words) => self.found(&words, message),
            },
            Line::Ack { txn, id, at: time } => return self.acked(txn, id, time, at),
            Line::End { history, more } => return self.end(history, more, at),
            Line::Gap { room, id } => self.gap(room, id, at),
            Line::Removed(id) => self.removed(id),
            Line::Admin => self.admin = true,
            Line::Error { code, txn, words } => return self.error(code, txn, words, at),
            Line::Said { .. } | Line::Notice(_) | Line::Unreadable(_) => {
                unreachable!("these are heard in the base")
            }
        }
        Vec::new()
    }

    fn acked(&mut self, txn: Txn, id: MessageId, time: i64, at: Moment) -> Vec<Order> {
        self.history.live(id);
        if let Some(entry) = self.posts.acked(txn) {
            self.timeline.settle(entry, id, time);
            // Before the log is caught up with, it is not known which one is to be kept.
            if self.history.is_live() {
                self.ours.confirmed(txn, self.naming.given(), self.timeline.place_of(id));
            }
        }
        if self.history.is_live() {
            // It may have been said long ago, and stand by itself.
            self.show_holes();
        }
        self.changes.may += 1;
        self.hand_out(at)
    }

    fn end(&mut self, history: Asked, more: bool, at: Moment) -> Vec<Order> {
        let known_before = self.history.known().is_some();
        let Ended { caught_up, beginning, found } = self.history.end(history, more);
        if let Some((_, first_time)) = self.timeline.oldest() {
            let (reach, newest) = (self.history.reach().unwrap_or(0), self.timeline.newest());
            if let Some(id) = self.history.news_after(reach, newest) {
                self.mark_news(id);
            }
            if beginning && self.timeline.is_first_log() {
                self.timeline.push_after(0, first_time, Kind::Status(BEGINNING.to_owned()));
            }
        }
        if let Some(words) = found {
            self.all_found(&words, more);
        }
        if caught_up {
            // From now on what is said is kept here, even while the room cannot be reached.
            self.changes.must += u64::from(!known_before);
            self.changes.may += 1;
            self.tell_connected(at);
        }
        self.show_holes();
        self.ask(at)
    }

    /// Where messages are missing that can be asked for, that is said, and nowhere else.
    pub(super) fn show_holes(&mut self) {
        self.history.forget(self.timeline.dropped());
        let holes: Vec<_> = self.history.holes().map(|(before, _)| before).collect();
        self.timeline.set_holes(&holes);
    }

    /// Marks where others have said something new since this message.
    fn mark_news(&mut self, after: MessageId) {
        let name = self.naming.name.as_str();
        let is_news = |by: &str, is_own: bool| by != name && !is_own;
        let first = self
            .timeline
            .newer_than(after)
            .find(|entry| entry.author().is_some_and(|by| is_news(by, entry.is_own())))
            .and_then(Entry::id);
        if let Some(id) = first {
            self.unread.begin(self.timeline.spot_of(id));
        }
    }

    fn gap(&mut self, room: RoomId, id: MessageId, at: Moment) {
        match self.history.gap(room, id) {
            Missing::Nothing => {}
            Missing::Log => self.another_log(OTHER_LOG, at),
            Missing::Newest => self.another_log(NEWEST_LOST, at),
            Missing::Before(id) => {
                let time = self.last_time(at);
                self.timeline.push_after(id - 1, time, Kind::Gap(TRIMMED.to_owned()));
            }
        }
    }

    /// What comes from here on is numbered anew.
    fn another_log(&mut self, words: &str, at: Moment) {
        let time = self.last_time(at);
        self.timeline.begin_log(time, Kind::Gap(words.to_owned()));
        if let Some(finds) = &mut self.finds {
            finds.another_log(at.steady);
        }
    }

    /// The time of the last entry: a remark about what was long ago begins no new day. Where there is none, it
    /// is now.
    fn last_time(&self, now: Moment) -> i64 {
        self.timeline.last_settled().map_or(now.wall, |entry| entry.at)
    }

    fn error(&mut self, code: Option<ErrorCode>, txn: Option<Txn>, words: String, at: Moment) -> Vec<Order> {
        if let Some(rate) = Notice::read_too_fast(&words) {
            self.posts.slow_down(rate, at.steady);
        }
        let Some(txn) = txn else { return self.error_without_message(code, words, at) };
        match self.posts.refused(txn, code, at.steady) {
            Verdict::Nothing => {}
            Verdict::Sent { entry } => {
                self.changes.may += 1;
                self.set_delivery(entry, Delivery::Sent);
                self.timeline.set_waiting(entry, false);
            }
            Verdict::Refused { entry } => {
                self.changes.must += 1;
                self.set_delivery(entry, Delivery::Refused);
                self.timeline.set_waiting(entry, false);
                self.add(at, Kind::Notice(words));
            }
        }
        self.hand_out(at)
    }

    fn error_without_message(&mut self, code: Option<ErrorCode>, words: String, at: Moment) -> Vec<Order> {
        match code {
            Some(
                ErrorCode::NameTaken | ErrorCode::NameInvalid | ErrorCode::NameReserved | ErrorCode::KeyWrong,
            ) => {
                let (why, still) = match Notice::read_name_refused(&words) {
                    Some((why, still)) => (why.to_owned(), still.to_owned()),
                    None => (words, self.naming.given().to_owned()),
                };
                let is_taken = code == Some(ErrorCode::NameTaken) && self.may_be_taken(&why);
                let why = if is_taken { NameRefusal::Taken.to_string() } else { why };
                self.name_refused(&why, &still, at)
            }
            Some(ErrorCode::UnknownCommand) if let Some(order) = self.naming.not_understood() => vec![order],
            Some(ErrorCode::Busy) if let Some(still) = put_off(&words) => {
                if self.naming.was_put_off(still, at.steady) {
                    let (wanted, name) = (&self.naming.wanted, &self.naming.name);
                    let words = format!(
                        "The server has no time just now to see that the name {wanted} is yours. You are {name} until it has."
                    );
                    self.status(at, &words);
                }
                Vec::new()
            }
            // It is asked again when it is time.
            Some(ErrorCode::Busy) if self.history.busy(at.steady) => Vec::new(),
            // A name may be refused for other reasons too.
            _ => self.notice(words, at),
        }
    }

    /// Whether the name that we want may have been refused because somebody here bears it, and not because it
    /// belongs to somebody who may be away: by the server's words, or else by who is here.
    fn may_be_taken(&self, why: &str) -> bool {
        let here = self.presence.names();
        let wanted = &self.naming.wanted;
        let is_other = |name: &&Name| name.as_str() != self.naming.given();
        why != NameRefusal::Owned.to_string()
            && (here.is_empty()
                || why == NameRefusal::Taken.to_string()
                || here.iter().filter(is_other).any(|name| name.looks_like(wanted)))
    }

    /// Whether nothing was told or said since it was told who came and went, if it was.
    fn goes_on_passing(&self) -> bool {
        let last = self.timeline.last_settled().map(|entry| entry.number);
        let told = self.passage.as_ref().and_then(|passage| passage.entry);
        told.is_none() || told == last
    }

    /// Tells who came or went, in the last remark if that told of the same.
    fn tell_passage(&mut self, at: Moment, passes: impl FnOnce(&mut Passage)) {
        if !self.goes_on_passing() {
            self.passage = None;
        }
        let mut passage = self.passage.take().unwrap_or_default();
        let was_told = passage.entry.take().map(|entry| self.timeline.take(entry)).is_some();
        passes(&mut passage);
        if let Some(words) = passage.words(self.presence.is_crowd(), was_told) {
            passage.entry = Some(self.timeline.push(at.wall, Kind::Status(words)));
        }
        self.passage = Some(passage);
    }

    /// Who is in the room, in alphabetical order, as far as the server says so.
    pub fn members(&self) -> &[Name] {
        self.presence.names()
    }

    /// How many are in the room, if the server says so.
    pub fn member_count(&self) -> Option<u64> {
        self.presence.count()
    }
}

/// The name that we bear still, if these words say that there was no time to look at our key.
fn put_off(words: &str) -> Option<&str> {
    let (why, still) = Notice::read_name_refused(words)?;
    (why == NameRefusal::Busy.to_string()).then_some(still)
}
