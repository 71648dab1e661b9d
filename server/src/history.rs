//! Looks up what a member wants to know of the past, off everybody else's way: a page at a time, and the
//! next only when the member's socket has taken the one before. Knows the log and one way out; when a
//! member hears what is said live is decided above.

use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_channel::{Receiver, Sender};
use chat_shared::body::escape;
use chat_shared::full::append_past;
use chat_shared::{Code, ErrorCode, History, RoomId, ServerCommand, SessionId, Text, Txn};

use crate::batch::{Batch, MemberId};
use crate::connection::Outgoing;
use crate::inbox::{Answer, Event};
use crate::log::{Entry, Log, Page, Query, ReadError};
use crate::session::finishes_by;
use crate::turns::{MyTurn, SLOW, Turns};

/// What one page of all that came since holds at most.
const PAGE_ROWS: usize = 1024;
const PAGE_BYTES: usize = 64 * 1024;

/// How many messages of a page are written at a time.
const PIECE_ROWS: usize = 64;

/// How long a member's socket may take for one page. Who is slower has better things to do, and keeps a page
/// in memory for nothing.
const PATIENCE: Duration = Duration::from_secs(60);

/// How many errands of one member may wait.
pub(crate) const MOST_ERRANDS: usize = 4096;

/// How long a member had better wait that could not be given its history, in milliseconds.
const COME_BACK: u64 = 5000;

/// Something to look up.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Errand {
    /// All since a message.
    Since(Since),
    /// One page of what the log has to this.
    Page {
        /// What was asked.
        history: History,
        /// The same for the log.
        query: Query,
        /// Who asks wants to hear what is said live once it has the page, which ends with the newest.
        live: bool,
    },
    /// Which id this message of this session has.
    Find {
        session: SessionId,
        txn: Txn,
        /// What is said when the log does not have it.
        otherwise: String,
    },
}

impl Errand {
    /// The same, of all that has been told by now: this is the newest.
    pub(crate) fn up_to(mut self, told: u64) -> Self {
        match &mut self {
            Self::Since(Since { upto, .. })
            | Self::Page { query: Query::Last { upto, .. } | Query::Search { upto, .. }, .. } => *upto = told,
            Self::Page { query: Query::Before { id, .. }, .. } => *id = (*id).min(told + 1),
            _ => {}
        }
        self
    }
}

/// Messages that follow each other.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Since {
    /// What was asked: `AFTER`, or `LAST` of one who has the page and has fallen behind meanwhile.
    pub(crate) history: History,
    /// All after this one,
    pub(crate) after: u64,
    /// up to this one.
    pub(crate) upto: u64,
    /// How many were given already.
    pub(crate) n: u64,
    /// The log has older ones, of which it did not ask.
    pub(crate) more: bool,
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
    /// Its shard's.
    pub(crate) turns: Rc<Turns>,
    /// The newest message that may be given.
    pub(crate) told: Arc<AtomicU64>,
}

impl Errands {
    /// Until there are no more, or the connection is broken.
    pub(crate) async fn run(self, errands: Receiver<Errand>) {
        while let Ok(errand) = errands.recv().await {
            let answer = match errand {
                Errand::Since(since) => self.since(since).await,
                Errand::Page { history, query, live } => self.page(history, query, live).await,
                Errand::Find { session, txn, otherwise } => {
                    self.find(session, txn, otherwise).await;
                    continue;
                }
            };
            if self.inbox.send(Event::Answered(self.id, answer)).await.is_err() {
                return;
            }
        }
    }

    async fn since(&self, since: Since) -> Answer {
        let Since { history, after, upto, mut n, more, mut other_log, live } = since;
        let mut reached = after;
        loop {
            let turn = self.turns.mine().await;
            // Who wants to go on live is given what has been said by now, lest it be as far behind again.
            let upto = if live { self.told.load(Ordering::Relaxed) } else { upto };
            let query = Query::After { id: reached, upto, most_rows: PAGE_ROWS, most_bytes: PAGE_BYTES };
            let page = match self.log.read(query).await {
                Ok(page) => page,
                Err(error) => return self.give_up(history, n, live, &error).await,
            };
            let mut lines = Vec::new();
            if other_log || page.first > reached + 1 {
                other_log = false;
                // Never again behind what has been trimmed: who was told of the gap goes on after it.
                reached = reached.max(page.first - 1);
                if history == History::After {
                    push_line(&mut lines, &ServerCommand::Gap { room: self.room, id: reached + 1 });
                }
            }
            append_entries(&mut lines, &page.entries);
            n += page.entries.len() as u64;
            reached = page.entries.last().map_or(reached, |entry| entry.id);
            self.give_in_turn(lines, turn).await;
            if !page.more {
                break;
            }
        }
        if live {
            return Answer::CaughtUp { history, reached, n, more };
        }
        self.end(history, n, more).await;
        Answer::Done
    }

    async fn page(&self, history: History, query: Query, live: bool) -> Answer {
        let Page { entries, more, first } = match self.log.read(query).await {
            Ok(page) => page,
            Err(error) => return self.give_up(history, 0, live, &error).await,
        };
        let n = entries.len() as u64;
        for piece in entries.chunks(PIECE_ROWS) {
            let turn = self.turns.mine().await;
            let mut lines = Vec::new();
            append_entries(&mut lines, piece);
            self.give_in_turn(lines, turn).await;
        }
        if live {
            let reached = entries.last().map_or(first - 1, |entry| entry.id);
            return Answer::CaughtUp { history, reached, n, more };
        }
        self.end(history, n, more).await;
        Answer::Done
    }

    async fn find(&self, session: SessionId, txn: Txn, otherwise: String) {
        let line = match self.log.read(Query::Find { session: *session.as_bytes(), txn }).await {
            Ok(Page { entries, .. }) => match entries.first() {
                Some(entry) => ServerCommand::Ack { txn, id: entry.id, time: entry.time }.to_string(),
                None => otherwise,
            },
            // The server stops. Who does not know whether it was said asks the next one.
            Err(ReadError::Closed) => return,
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
        if matches!(error, ReadError::Closed) {
            // The server stops, and has said so to everybody.
            return Answer::Done;
        }
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

    /// Like [`Errands::give`]; others have their turn when it is given, or when the socket is slow.
    async fn give_in_turn(&self, lines: Vec<u8>, turn: MyTurn<'_>) {
        let mut given = pin!(self.give(lines));
        if finishes_by(Instant::now() + SLOW, given.as_mut()).await {
            self.turns.pause(turn).await;
        } else {
            drop(turn);
            given.await;
        }
    }

    /// Waits until the socket has taken all of it: so a member that reads slowly has one page waiting, and
    /// not its whole history.
    async fn give(&self, lines: Vec<u8>) {
        if lines.is_empty() {
            return;
        }
        let given = self.outgoing.give(Arc::new(Batch::of(lines)));
        if !finishes_by(Instant::now() + PATIENCE, given).await {
            log::warn!("member {} disconnected: it does not read what it has asked for", self.id);
            self.outgoing.connection.break_off();
        }
    }
}

/// Appends a `PAST` line for each of these, or a `REMOVED` in its place.
pub(crate) fn append_entries<'a>(lines: &mut Vec<u8>, entries: impl IntoIterator<Item = &'a Entry>) {
    for Entry { id, time, name, text, .. } in entries {
        if text.is_empty() {
            push_line(lines, &ServerCommand::Removed(*id));
        } else {
            append_past(lines, *id, *time, name, &escape(text));
        }
    }
}

/// Appends a line and its end.
pub(crate) fn push_line(lines: &mut Vec<u8>, line: &ServerCommand<'_>) {
    lines.extend_from_slice(line.to_string().as_bytes());
    lines.push(b'\n');
}
