//! What happens on the network, and what the room does about it: connections that come and go, and lines
//! that are handed on to whoever knows their language. Knows all that the room is made of.

use super::{Connection, Room};
use crate::link::{Event, Line, Moment, News, Order};

impl Room {
    /// Something happened on the network.
    pub fn apply(&mut self, event: Event) -> Vec<Order> {
        let Event { at, news } = event;
        match news {
            News::Connecting { address } => {
                let before = std::mem::replace(&mut self.connection, Connection::Online);
                let (why, since) = match before {
                    Connection::Offline { why, .. } => (Some(why), None),
                    // One address after the other.
                    Connection::Connecting { why, since, .. } => (why, since),
                    Connection::Online | Connection::Asking(_) | Connection::CheckingPassword { .. } => {
                        (None, None)
                    }
                };
                let since = since.or(Some(at.steady));
                self.connection = Connection::Connecting { why, address, since };
                Vec::new()
            }
            News::CheckingPassword => {
                self.connection = Connection::CheckingPassword { since: at.steady };
                Vec::new()
            }
            News::InPlainText => {
                self.open = true;
                Vec::new()
            }
            News::Connected { link, welcome } => {
                // A server may be late to say that it speaks the full language.
                let is_new = self.link.replace(link) != Some(link);
                self.connection = Connection::Online;
                if is_new {
                    self.open = false;
                    self.naming.connected(at.steady);
                }
                match welcome {
                    Some(welcome) => self.welcomed(link, welcome, at),
                    None => self.connected_in_base(at),
                }
            }
            News::Asks(question) => {
                self.connection = Connection::Asking(question);
                Vec::new()
            }
            News::Lost { why, retry_in, doubt } => {
                if self.link.take().is_some() {
                    self.release();
                    self.status(at, &format!("Connection lost: {why}."));
                    self.naming.broke();
                    self.ours.called(None);
                    self.history.broke();
                    self.presence.forget();
                    self.posts.broke();
                    let entries = self.outbox.broke(at.steady, doubt);
                    self.refresh(&entries);
                }
                self.connection = Connection::Offline { why, retry_at: at.steady + retry_in };
                Vec::new()
            }
            News::Sent { keys } => {
                let entries = self.outbox.written(&keys, at.steady);
                self.refresh(&entries);
                Vec::new()
            }
            News::Lines(lines) => {
                self.outbox.settle(at.steady);
                lines.into_iter().flat_map(|line| self.hear(line, at)).collect()
            }
        }
    }

    fn hear(&mut self, line: Line, at: Moment) -> Vec<Order> {
        match line {
            Line::Said { from, text } => {
                self.said(from, text, at);
                Vec::new()
            }
            Line::Notice(notice) => self.notice(notice, at),
            Line::Unreadable(why) => {
                self.unreadable(&why, at);
                Vec::new()
            }
            line => self.hear_full(line, at),
        }
    }
}
