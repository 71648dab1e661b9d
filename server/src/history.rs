//! Looks up what a member wants to know of the past, off everybody else's way: a page at a time, and the
//! next only when the member's socket has taken the one before. Knows the log and one way out; when a
//! member hears what is said live is decided above.

use std::rc::Rc;
use std::sync::Arc;

use async_channel::{Receiver, Sender};
use chat_shared::body::escape;
use chat_shared::full::append_past;
use chat_shared::{Code, ErrorCode, History, RoomId, ServerCommand, SessionId, Text, Txn};

use crate::batch::{Batch, MemberId};
use crate::connection::Outgoing;
use crate::inbox::{Answer, Event};
use crate::log::{Entry, Log, Page, Query, ReadError};

/// What one page holds at most.
const PAGE_ROWS: usize = 1024;
const PAGE_BYTES: usize = 64 * 1024;

/// How long a member had better wait that could not be given its history, in milliseconds.
const COME_BACK: u64 = 5000;

/// Something to look up.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Errand {
    /// The messages after one and up to another.
    Range(Range),
    /// The newest `n` up to `upto` that have these words.
    Search {
        /// How many.
        n: usize,
        /// The words, as they were typed.
        words: String,
        /// The newest message there is.
        upto: u64,
    },
    /// Which id this message of this session has.
    Find(SessionId, Txn),
}

/// Messages that follow each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Range {
    /// What was asked.
    pub(crate) history: History,
    /// All after this one,
    pub(crate) after: u64,
    /// up to this one.
    pub(crate) upto: u64,
    /// How many were given already.
    pub(crate) n: u64,
    /// The log is another one than the member means: this is to be said first.
    pub(crate) other_log: bool,
    /// Who asks wants to hear what is said live once it has these.
    pub(crate) live: bool,
}

/// Does one member's errands, one after the other.
pub(crate) struct Errands {
    pub(crate) id: MemberId,
    pub(crate) room: RoomId,
    pub(crate) log: Log,
    pub(crate) inbox: Sender<Event>,
    pub(crate) outgoing: Rc<Outgoing>,
}

impl Errands {
    /// Until there are no more, or the connection is broken.
    pub(crate) async fn run(self, errands: Receiver<Errand>) {
        while let Ok(errand) = errands.recv().await {
            let answer = match errand {
                Errand::Range(range) => self.range(range).await,
                Errand::Search { n, words, upto } => self.search(n, words, upto).await,
                Errand::Find(session, txn) => {
                    self.find(session, txn).await;
                    continue;
                }
            };
            if self.inbox.send(Event::Answered(self.id, answer)).await.is_err() {
                return;
            }
        }
    }

    async fn range(&self, range: Range) -> Answer {
        let Range { history, after, upto, mut n, mut other_log, live } = range;
        let mut reached = after;
        let first = loop {
            let query = Query::After { id: reached, upto, most_rows: PAGE_ROWS, most_bytes: PAGE_BYTES };
            let page = match self.log.read(query).await {
                Ok(page) => page,
                Err(error) => return self.give_up(history, n, live, &error).await,
            };
            let mut lines = Vec::new();
            if history == History::After && (other_log || page.first > reached + 1) {
                other_log = false;
                push_line(&mut lines, &ServerCommand::Gap { room: self.room, id: page.first.max(reached + 1) });
            }
            append_entries(&mut lines, &page.entries);
            n += page.entries.len() as u64;
            reached = page.entries.last().map_or(reached, |entry| entry.id);
            self.give(lines).await;
            if !page.more {
                break page.first;
            }
        };
        // What came before that is there too, unless it has been trimmed.
        let more = history != History::After && after >= first;
        if live {
            // Never behind what was trimmed meanwhile: who was told of the gap goes on after it.
            return Answer::CaughtUp { history, reached: reached.max(first - 1), n, more };
        }
        self.end(history, n, more).await;
        Answer::Done
    }

    async fn search(&self, n: usize, words: String, upto: u64) -> Answer {
        match self.log.read(Query::Search { words, n, upto }).await {
            Ok(Page { entries, more, .. }) => {
                let count = entries.len() as u64;
                for piece in entries.chunks(PAGE_ROWS / 8) {
                    let mut lines = Vec::new();
                    append_entries(&mut lines, piece);
                    self.give(lines).await;
                }
                self.end(History::Search, count, more).await;
                Answer::Done
            }
            Err(error) => self.give_up(History::Search, 0, false, &error).await,
        }
    }

    async fn find(&self, session: SessionId, txn: Txn) {
        let line = match self.log.read(Query::Find { session: *session.as_bytes(), txn }).await {
            Ok(Page { entries, .. }) => match entries.first() {
                Some(entry) => ServerCommand::Ack { txn, id: entry.id, time: entry.time }.to_string(),
                None => ErrorCode::TxnOrder
                    .to_line(Some(txn), "it was said before, and the log has it no longer; nothing is lost"),
            },
            Err(error) => {
                log::error!("the log cannot be read: {error}");
                ErrorCode::Busy.to_line(Some(txn), "the log cannot be read now; try again later")
            }
        };
        self.give(format!("{line}\n").into_bytes()).await;
    }

    async fn end(&self, history: History, n: u64, more: bool) {
        let mut line = Vec::new();
        push_line(&mut line, &ServerCommand::End { history, n, more });
        self.give(line).await;
    }

    /// The log could not be read. Who waits for live lines would miss something, and had better come
    /// back.
    async fn give_up(&self, history: History, n: u64, live: bool, error: &ReadError) -> Answer {
        log::error!("the log cannot be read: {error}");
        let words = Text::parse("the history cannot be read now; try again later").expect("a valid text");
        let mut lines = Vec::new();
        if live {
            push_line(&mut lines, &ServerCommand::Bye { wait: COME_BACK, why: words });
            self.give(lines).await;
            self.outgoing.connection.break_off();
        } else {
            let code = Code::Known(ErrorCode::Busy);
            push_line(&mut lines, &ServerCommand::Error { code, txn: None, words });
            push_line(&mut lines, &ServerCommand::End { history, n, more: true });
            self.give(lines).await;
        }
        Answer::Done
    }

    /// Waits until the socket has taken all of it: so a member that reads slowly has one page waiting, and
    /// not its whole history.
    async fn give(&self, lines: Vec<u8>) {
        if !lines.is_empty() {
            self.outgoing.give(Arc::new(Batch::of(lines))).await;
        }
    }
}

/// Appends a `PAST` line for each of these.
pub(crate) fn append_entries(lines: &mut Vec<u8>, entries: &[Entry]) {
    for Entry { id, time, name, text, .. } in entries {
        append_past(lines, *id, *time, name, &escape(text));
    }
}

/// Appends a line and its end.
pub(crate) fn push_line(lines: &mut Vec<u8>, line: &ServerCommand<'_>) {
    lines.extend_from_slice(line.to_string().as_bytes());
    lines.push(b'\n');
}
