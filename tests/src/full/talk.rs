//! A member that has opted in and does what a test says, line by line. Knows the lines by which a history
//! and a fence end; what the others mean is the test's business.

use std::collections::VecDeque;
use std::net::SocketAddr;

use chat_shared::full::Entry;
use chat_shared::{MessageId, RoomId, ServerCommand, SessionId, Txn};

use super::WINDOW;
use crate::{Client, Server};

/// A connection that has said HELLO, and was welcomed.
#[derive(Debug)]
pub struct Full {
    client: Client,
    /// The log's name, as WELCOME gave it.
    pub room: RoomId,
    /// Its name, as WELCOME gave it.
    pub name: String,
    txn: Txn,
}

/// The answer to a question about history.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// What GAP said: another room or the same, and what follows begins at this id.
    pub gap: Option<(RoomId, MessageId)>,
    /// Each message's id, name and text.
    pub past: Vec<(MessageId, String, String)>,
    /// There is more.
    pub more: bool,
    /// Lines that came in between and have nothing to do with it.
    pub others: Vec<String>,
}

/// Refused always, with its place in the order: see [`Client::fence`].
const FENCE: &str = "NAME *";
const FENCED: &str = "ERROR name-reserved - ";

/// Draws a session.
pub fn draw_session() -> SessionId {
    SessionId::from_bytes(fastrand::u128(..).to_be_bytes())
}

impl Full {
    /// Opts in, under the name that the server gives, and asks for nothing yet.
    pub fn hello(address: SocketAddr, session: SessionId) -> Self {
        Self::greet(address, session, "")
    }

    /// Opts in as `name`, which is free, in a new session, and goes live without history.
    pub fn join(server: &Server, name: &str) -> Self {
        Self::join_as(server.address(), name, draw_session())
    }

    /// Opts in as `name`, which is free or this session's, and goes live without history.
    pub fn join_as(address: SocketAddr, name: &str, session: SessionId) -> Self {
        // At once, as a client does it: else it might be announced under the name that it is given.
        let mut member = Self::greet(address, session, &format!(" NAME {name}\nLAST 0\n"));
        member.named(name);
        assert_eq!(member.answer("LAST 0").past, []);
        // Names or a number: whichever it is.
        let _ = member.arrive();
        member
    }

    fn greet(address: SocketAddr, session: SessionId, lines: &str) -> Self {
        let mut client = Client::connect(address);
        client.send_bytes(format!("HELLO 1 {session}\n{lines}").as_bytes());
        loop {
            let line = client.read().expect("the server welcomes who opts in");
            // What was said to a member of the base before the server read its HELLO.
            if line.starts_with("MESSAGE ") {
                continue;
            }
            match ServerCommand::parse(&line) {
                Ok(ServerCommand::Welcome { version: 1, room, name }) => {
                    return Self { client, room, name: name.to_string(), txn: 0 };
                }
                other => panic!("{line:?} instead of WELCOME: {other:?}"),
            }
        }
    }

    /// Takes a free name.
    pub fn take_name(&mut self, name: &str) {
        self.send(&format!(" NAME {name}"));
        self.named(name);
    }

    /// Reads up to the answer to NAME, which was asked for before.
    fn named(&mut self, name: &str) {
        let taken = format!("YOU {name}");
        loop {
            let line = self.client.read().expect("a name is answered");
            assert!(!line.starts_with("ERROR "), "{line}");
            if line == taken {
                self.name = name.to_owned();
                return;
            }
        }
    }

    /// Reads who is here: what ends the silence after the first history. Gives the names, or how many
    /// there are when they are too many to be named.
    pub fn arrive(&mut self) -> Result<Vec<String>, u64> {
        let mut names = Vec::new();
        loop {
            let line = self.client.read().expect("who is here is told");
            match ServerCommand::parse(&line) {
                Ok(ServerCommand::Users(list)) => {
                    names.extend(list.into_names().iter().map(ToString::to_string));
                }
                Ok(ServerCommand::EndUsers(n)) => {
                    assert_eq!(n, names.len() as u64, "{names:?}");
                    return Ok(names);
                }
                Ok(ServerCommand::Count(n)) if names.is_empty() => return Err(n),
                other => panic!("{line:?} before it is told who is here: {other:?}"),
            }
        }
    }

    /// The line client below.
    pub fn client(&mut self) -> &mut Client {
        &mut self.client
    }

    /// Sends a line.
    pub fn send(&mut self, line: &str) {
        self.client.send(line);
    }

    /// The next line.
    pub fn read(&mut self) -> Option<String> {
        self.client.read()
    }

    /// Asserts that the next line is `line`, whatever the times in it.
    #[track_caller]
    pub fn expect(&mut self, line: &str) {
        assert_eq!(self.read().as_deref().map(untimed).as_deref(), Some(line));
    }

    /// Breaks the connection off without QUIT.
    pub fn drop_out(self) {
        self.client.reset();
    }

    /// Posts this escaped text under the session's next txn, and gives that.
    pub fn post(&mut self, escaped: &str) -> Txn {
        self.txn += 1;
        self.client.send(&format!("POST {} {escaped}", self.txn));
        self.txn
    }

    /// Posts, and reads up to the acknowledgement. Gives the message's id.
    pub fn say(&mut self, escaped: &str) -> MessageId {
        let txn = self.post(escaped);
        self.acknowledged(txn).0
    }

    /// Posts all of these, many of them on their way at once, and reads up to the last acknowledgement.
    pub fn say_all(&mut self, escaped: impl IntoIterator<Item = String>) {
        let mut waiting = VecDeque::new();
        for text in escaped {
            waiting.push_back(self.post(&text));
            if waiting.len() == WINDOW {
                self.acknowledged(waiting.pop_front().expect("some wait"));
            }
        }
        for txn in waiting {
            self.acknowledged(txn);
        }
    }

    /// Reads up to the acknowledgement of `txn`: where the message is, and when it was taken.
    pub fn acknowledged(&mut self, txn: Txn) -> (MessageId, u64) {
        let line = self.answer_to_post(txn);
        match ServerCommand::parse(&line) {
            Ok(ServerCommand::Ack { id, time, .. }) => (id, time),
            _ => panic!("{line}"),
        }
    }

    /// Reads up to the answer to the message of this txn: ACK or ERROR.
    pub fn answer_to_post(&mut self, txn: Txn) -> String {
        loop {
            let line = self.client.read().expect("what is said is answered");
            match ServerCommand::parse(&line) {
                Ok(
                    ServerCommand::Ack { txn: answered, .. }
                    | ServerCommand::Error { txn: Some(answered), .. },
                ) if answered == txn => {
                    return line;
                }
                _ => {}
            }
        }
    }

    /// Reads up to and including the message of this id, live.
    pub fn read_post(&mut self, id: MessageId) {
        let start = format!("POST {id} ");
        while !self.client.read().expect("what is said is heard").starts_with(&start) {}
    }

    /// Reads up to and including this line, and gives what came before.
    pub fn read_to(&mut self, line: &str) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            match self.client.read() {
                Some(read) if read == line => return lines,
                Some(read) => lines.push(read),
                None => panic!("waited for {line:?}, but the connection ended after {lines:?}"),
            }
        }
    }

    /// Waits until everything this member asked for has happened, and gives what it has read by then,
    /// without times.
    pub fn fence(&mut self) -> Vec<String> {
        self.client.send(FENCE);
        let mut lines = Vec::new();
        loop {
            match self.client.read() {
                Some(line) if line.starts_with(FENCED) => return lines,
                Some(line) => lines.push(untimed(&line)),
                None => panic!("the connection ended at a fence, after {lines:?}"),
            }
        }
    }

    /// The same, but what is said alone, not who comes and goes.
    pub fn heard(&mut self) -> Vec<String> {
        let presence = ["JOIN ", "LEAVE ", "RENAME ", "COUNT "];
        let mut lines = self.fence();
        lines.retain(|line| !presence.iter().any(|word| line.starts_with(word)));
        lines
    }

    /// Asks for history, and reads the whole answer.
    pub fn ask(&mut self, question: &str) -> Answer {
        self.client.send(question);
        self.answer(question)
    }

    /// Reads the answer to this question, which was asked before.
    pub fn answer(&mut self, question: &str) -> Answer {
        let word = question.split(' ').next().expect("a question has a word");
        let mut answer = Answer::default();
        loop {
            let line = self.client.read().expect("a question is answered");
            match ServerCommand::parse(&line) {
                Ok(ServerCommand::Past(entry)) => answer.past.push(told(&entry)),
                Ok(ServerCommand::Gap { room, id }) => {
                    assert_eq!(answer.gap, None, "a gap is told once");
                    assert_eq!(answer.past, [], "a gap is told first");
                    answer.gap = Some((room, id));
                }
                Ok(ServerCommand::End { history, n, more }) => {
                    assert_eq!(history.to_string(), word, "answers come in the order of questions");
                    assert_eq!(n, answer.past.len() as u64);
                    answer.more = more;
                    return answer;
                }
                Ok(ServerCommand::Error { txn: None, .. }) => panic!("{question} is answered by {line}"),
                _ => answer.others.push(line),
            }
        }
    }
}

impl Answer {
    /// The ids.
    pub fn ids(&self) -> Vec<MessageId> {
        self.past.iter().map(|(id, ..)| *id).collect()
    }

    /// The texts.
    pub fn texts(&self) -> Vec<&str> {
        self.past.iter().map(|(.., text)| text.as_str()).collect()
    }
}

fn told(entry: &Entry<'_>) -> (MessageId, String, String) {
    (entry.id, entry.name.to_string(), entry.body.as_str().to_owned())
}

/// A line without the time that it may carry.
pub fn untimed(line: &str) -> String {
    let words: Vec<_> = line.splitn(4, ' ').collect();
    match words[..] {
        [word @ ("POST" | "PAST"), id, _time, rest] => format!("{word} {id} {rest}"),
        ["ACK", txn, id, _time] => format!("ACK {txn} {id}"),
        _ => line.to_owned(),
    }
}
