//! What members ask of the past: which of it is at hand, what is to be looked up, and from when on they hear
//! what is said live. Knows no log; what is looked up is somebody else's errand.

use std::sync::Arc;

use chat_shared::{ErrorCode, History, ServerCommand};

use super::Room;
use super::turn::{CaughtUp, Item};
use crate::batch::MemberId;
use crate::history::{Errand, Since};
use crate::inbox::Answer;
use crate::intake::Question;
use crate::log::Query;

/// The most questions of one member that may wait while one is being answered. The answer to that one may be
/// out already, which is known here only later: so four may always be asked by who has read the ones before.
const MOST_ASKED: usize = 4;

impl Room {
    /// `member` wants to know what was said. Its questions are answered in their order: each waits for the
    /// one before.
    pub(crate) fn ask(&mut self, member: MemberId, question: Question) {
        self.announce(member);
        let Some(asker) = self.members.get_mut(&member) else { return };
        if asker.asked.len() > MOST_ASKED {
            let words = "wait for the answers to what you asked before";
            return self.reply(member, ErrorCode::Busy.to_line(None, words));
        }
        asker.asked.push_back(question);
        if asker.asked.len() == 1 {
            self.look_up(member);
        }
    }

    /// Sees to the first of `member`'s questions.
    fn look_up(&mut self, member: MemberId) {
        let last = self.last;
        let Some(asker) = self.members.get_mut(&member) else { return };
        let Some(question) = asker.asked.front().cloned() else { return };
        let errand = match question {
            Question::After(room, id) => {
                let live = !std::mem::replace(&mut asker.live, true);
                let (ours, known) = (room == self.id, id <= last);
                if live && ours && known {
                    return self.catch_up(member, History::After, id, 0, false);
                }
                let after = if ours { id.min(last) } else { 0 };
                let (history, other_log) = (History::After, !(ours && known));
                Errand::Since(Since { history, after, upto: last, n: 0, more: false, other_log, live })
            }
            Question::Last(n) => {
                let live = !std::mem::replace(&mut asker.live, true);
                if live && n == 0 {
                    return self.catch_up(member, History::Last, last, 0, last > 0);
                }
                Errand::Page { history: History::Last, query: Query::Last { n, upto: last }, live }
            }
            Question::Before(id, n) => {
                Errand::Page { history: History::Before, query: Query::Before { id, n }, live: false }
            }
            Question::Search(n, words) => {
                let query = Query::Search { words, n, upto: last };
                Errand::Page { history: History::Search, query, live: false }
            }
        };
        self.turn.items.push(Item::Ask(member, errand));
    }

    /// A question of `member` has been answered, or all but the end of it.
    pub(crate) fn answered(&mut self, member: MemberId, answer: Answer) {
        match answer {
            Answer::Done => self.next_question(member),
            Answer::CaughtUp { history, reached, n, more } => {
                self.catch_up(member, history, reached, n, more);
            }
        }
    }

    /// `member`'s question has been answered to its end.
    pub(crate) fn next_question(&mut self, member: MemberId) {
        let Some(asker) = self.members.get_mut(&member) else { return };
        asker.asked.pop_front();
        for id in std::mem::take(&mut asker.removed) {
            self.turn.items.push(Item::Line(member, ServerCommand::Removed(id).to_string()));
        }
        self.look_up(member);
    }

    fn catch_up(&mut self, member: MemberId, history: History, reached: u64, n: u64, more: bool) {
        self.catching_up.push((member, CaughtUp { history, reached, n, more, users: Arc::default() }));
    }

    /// Those who have caught up do so at the end of the turn, all of them with one list of who is here: of a
    /// thousand who come back at once, each would have a list of its own made otherwise.
    pub(super) fn let_catch_up(&mut self) {
        if self.catching_up.is_empty() {
            return;
        }
        let users = self.users();
        for (member, caught_up) in std::mem::take(&mut self.catching_up) {
            let users = Arc::clone(&users);
            self.turn.items.push(Item::CaughtUp(member, CaughtUp { users, ..caught_up }));
        }
    }
}
