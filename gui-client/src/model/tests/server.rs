//! A server of the full language, as far as one client can tell: a log, its order, and what a break or a crash
//! swallows. Lines wait on either way until the test lets them through.

use std::collections::VecDeque;

use chat_shared::{ErrorCode, History, RoomId};

use super::*;
use crate::link::{Message, Welcome};

pub(super) const ANN: &str = "ann";

pub(super) fn room(byte: u8) -> RoomId {
    RoomId::from_bytes([byte; 16])
}

pub(super) fn message(id: u64, from: &str, text: &str) -> Message {
    Message { id, at: id as i64, from: from.to_owned(), text: text.to_owned() }
}

/// The server, and the connection to it.
pub(super) struct Server {
    pub(super) log: Vec<Message>,
    /// Which message each number of the session became.
    txns: Vec<u64>,
    /// What is on its way to the server, and to the client.
    pub(super) up: VecDeque<Order>,
    pub(super) down: VecDeque<Line>,
    live: bool,
    /// So many commits fail.
    pub(super) busy: usize,
    refused: bool,
}

impl Server {
    pub(super) fn new() -> Self {
        Self {
            log: Vec::new(),
            txns: Vec::new(),
            up: VecDeque::new(),
            down: VecDeque::new(),
            live: false,
            busy: 0,
            refused: false,
        }
    }

    /// Somebody else says something.
    pub(super) fn say(&mut self, text: &str) {
        let message = message(self.log.len() as u64 + 1, "bob", text);
        self.log.push(message.clone());
        if self.live {
            self.down.push_back(Line::Post(message));
        }
    }

    pub(super) fn welcome(&mut self) -> Welcome {
        self.cut();
        Welcome { room: room(1), name: ANN.to_owned(), as_own: false, sealed: false }
    }

    /// The connection is gone, with all that was on its way.
    pub(super) fn cut(&mut self) {
        self.up.clear();
        self.down.clear();
        (self.live, self.refused) = (false, false);
    }

    /// Takes up the next order that is on its way.
    pub(super) fn take(&mut self) {
        match self.up.pop_front() {
            None | Some(Order::Name { .. } | Order::RetryNow | Order::Answer(_) | Order::Deed { .. }) => {}
            Some(Order::Send { .. }) => panic!("nothing goes out in the base"),
            Some(Order::Post { txn, text, .. }) => self.post(txn, text),
            Some(Order::After { id, .. }) => self.answer(History::After, id as usize, usize::MAX),
            Some(Order::Last { n, .. }) => {
                self.answer(History::Last, self.log.len().saturating_sub(n), usize::MAX);
            }
            Some(Order::Before { id, n, .. }) => {
                let end = id as usize - 1;
                self.answer(History::Before, end.saturating_sub(n), end);
            }
            Some(Order::Search { n, words, .. }) => self.search(n, &words),
        }
    }

    fn search(&mut self, n: usize, words: &str) {
        let found: Vec<_> = self.log.iter().filter(|there| there.text.contains(words)).collect();
        let newest = &found[found.len().saturating_sub(n)..];
        self.down.extend(newest.iter().map(|there| Line::Past((*there).clone())));
        self.down.push_back(Line::End { history: History::Search, more: newest.len() < found.len() });
    }

    fn answer(&mut self, history: History, from: usize, to: usize) {
        let to = to.min(self.log.len());
        self.down.extend(self.log[from..to].iter().cloned().map(Line::Past));
        let more = history != History::After && from > 0;
        self.down.push_back(Line::End { history, more });
        self.live = true;
    }

    fn post(&mut self, txn: u64, text: String) {
        let last = self.txns.len() as u64;
        if let Some(&id) = txn.checked_sub(1).and_then(|at| self.txns.get(at as usize)) {
            self.down.push_back(Line::Ack { txn, id, at: id as i64 });
        } else if txn > last + 1 {
            self.error(ErrorCode::TxnOrder, txn);
        } else if self.busy > 0 {
            self.busy -= 1;
            self.error(ErrorCode::Busy, txn);
        } else if text.contains("bad") {
            self.error(ErrorCode::TextInvalid, txn);
        } else {
            let id = self.log.len() as u64 + 1;
            self.log.push(message(id, ANN, &text));
            self.txns.push(id);
            self.down.push_back(Line::Ack { txn, id, at: id as i64 });
        }
    }

    fn error(&mut self, code: ErrorCode, txn: u64) {
        self.down.push_back(Line::Error { code: Some(code), txn: Some(txn), words: "no".to_owned() });
    }
}
