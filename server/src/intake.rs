//! What one member sends, from bytes to requests, in the language that it speaks. Knows the wire; knows no
//! socket, no room and no clock.

#[cfg(test)]
mod tests;

use chat_shared::{
    Body, ClientCommand, ClientError, Command, CommandError, ErrorCode, Fault, LineDecoder, MessageId, Name,
    NameError, Notice, Reason, RoomId, ServerCommand, SessionId, Txn,
};

use crate::allowance::Allowed;
use crate::keys::Secret;

/// What a member asks of the room.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// Say these lines, each a valid text ended by LF.
    Say(String),
    /// Bear this name.
    Rename(Name),
    /// Bear a name that is its own, or shall be, with this key. The last of its piece: what the member says
    /// next waits until it is known whether it bears that name.
    Login(Name, Secret),
    /// Do what only an admin may do.
    Act(Act),
    /// Bear a name that is none.
    BadName(NameError),
    /// Be told what was wrong.
    Tell(Notice),
    /// Speak the full language from here on, in this session.
    Hello(SessionId),
    /// Say this once, as this message of the session: a valid body.
    Post(Txn, String),
    /// Be told what was said.
    Ask(Question),
    /// Be answered with this line.
    Reply(String),
    /// Be taken off the list of those who are here, without delay.
    Quit,
}

/// What only an admin may do, and to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Act {
    /// Send somebody out, for this reason.
    Kick(Name, Option<String>),
    /// The same for good.
    Ban(Name, Option<String>),
    /// Let somebody come back.
    Unban(Name),
    /// Silence somebody for so many seconds.
    Mute(Name, u64),
    /// Take back a message.
    Remove(MessageId),
}

/// Which part of the history a member wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Question {
    /// All since this message of that log.
    After(RoomId, MessageId),
    /// The newest so many.
    Last(usize),
    /// So many before this message.
    Before(MessageId, usize),
    /// The newest so many with these words.
    Search(usize, String),
}

/// The reading end of one member: an unfinished line, and nothing else while it is silent.
#[derive(Debug, Default)]
pub(crate) struct Intake {
    decoder: LineDecoder,
    language: Language,
}

/// What a member speaks.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Language {
    /// It has said nothing yet: the first line tells.
    #[default]
    Unknown,
    Base,
    Full,
}

/// What a line costs beside its text, in bytes: command and name, or what is kept of it in between.
pub(crate) const LINE: usize = 32;

/// What came of some bytes.
#[derive(Debug, Default)]
pub(crate) struct Digest {
    /// In the order of their lines.
    pub(crate) requests: Vec<Request>,
    /// How many bytes are used up: all of them, unless there was more than allowed.
    pub(crate) used: usize,
    /// About how many bytes of a batch this becomes.
    pub(crate) cost: usize,
    /// How many lines that was, refused ones counted, and each line of a message.
    pub(crate) lines: usize,
    /// How many of them asked for a name, and how many for something of the past.
    pub(crate) names: usize,
    pub(crate) questions: usize,
    /// The last of them said a key: nothing is taken behind it.
    pub(crate) key: bool,
    /// The other end does not speak our language and never will, or has said good-bye: let it go.
    pub(crate) hang_up: bool,
}

impl Intake {
    /// Turns `bytes` into requests: at most as many lines as are `allowed`, or a few more where the last
    /// message has several, and no more than cost `most`, or one line; and none behind a key. Short lines become long ones: so what a read
    /// becomes is bounded too. Of what is left over, the caller hands in the same bytes again, with what
    /// came later behind them.
    pub(crate) fn digest(&mut self, bytes: &[u8], allowed: Allowed, most: usize) -> Digest {
        let mut digest = Digest::default();
        while digest.may_go_on(allowed) && digest.cost < most {
            let (used, line) = self.decoder.decode(&bytes[digest.used..]);
            digest.used += used;
            let Some(line) = line else { break };
            digest.lines += 1;
            digest.cost += LINE;
            let language = self.language;
            self.language = match (language, line) {
                (Language::Full, Ok(line)) => digest.take_full(line),
                (Language::Full, Err(error)) => {
                    digest.requests.push(Request::Reply(ClientError::of_line(error).to_line()));
                    Language::Full
                }
                (language, Ok(line)) => digest.take(line, language),
                (_, Err(error)) => {
                    digest.requests.push(Request::Tell(Notice::of_line(error)));
                    Language::Base
                }
            };
        }
        digest
    }
}

impl Digest {
    fn may_go_on(&self, allowed: Allowed) -> bool {
        let Allowed { lines, names, questions } = allowed;
        let more = self.lines < lines && self.names < names && self.questions < questions;
        more && !self.hang_up && !self.key
    }

    /// Takes a line of the base, or the one that opts in. Says what is spoken from here on.
    fn take(&mut self, line: &str, language: Language) -> Language {
        let request = match Command::parse(line) {
            Ok(Command::Send(text)) => {
                self.say(text.as_str());
                return Language::Base;
            }
            Ok(Command::Name(name)) => self.rename(name),
            Err(CommandError::Name(error)) if line.starts_with("NAME") => self.bad_name(error),
            Err(CommandError::Text(error)) if line.starts_with("SEND") => {
                Request::Tell(Notice::TextRefused(error))
            }
            Err(_) if is_http(line) => {
                self.hang_up = true;
                Request::Tell(Notice::NotHttp)
            }
            // A server's word, MESSAGE, is none in a client's mouth.
            Ok(Command::Message { .. }) | Err(_) => match ClientCommand::parse(line) {
                Ok(ClientCommand::Hello { session, .. }) if language == Language::Unknown => {
                    self.requests.push(Request::Hello(session));
                    return Language::Full;
                }
                // Who says HELLO understands this, and may try again.
                Err(error) if language == Language::Unknown && line.starts_with("HELLO") => {
                    self.requests.push(Request::Reply(error.to_line()));
                    return Language::Unknown;
                }
                Ok(ClientCommand::Auth(_)) => {
                    // HELLO may still follow.
                    self.requests.push(Request::Tell(Notice::NoPassword));
                    return language;
                }
                Ok(command) => match self.privilege(command) {
                    Some(request) => request,
                    None => unknown(line),
                },
                Err(error) if PRIVILEGES.contains(&line.split(' ').next().unwrap_or("")) => {
                    Request::Tell(Notice::LineRefused(error.to_string()))
                }
                Err(_) => unknown(line),
            },
        };
        self.requests.push(request);
        Language::Base
    }

    /// Takes a line of the full language.
    fn take_full(&mut self, line: &str) -> Language {
        let request = match ClientCommand::parse(line) {
            Ok(ClientCommand::Name(name)) => self.rename(name),
            Ok(ClientCommand::Send(text)) => {
                self.say(text.as_str());
                return Language::Full;
            }
            Ok(ClientCommand::Post { txn: 0, .. }) => {
                let words = "the messages of a session are numbered from 1 on";
                Request::Reply(ErrorCode::TxnOrder.to_line(Some(0), words))
            }
            Ok(ClientCommand::Post { txn, body }) => {
                // Members who speak the base get it line by line: so it is counted.
                let more = lines(&body) - 1;
                self.lines += more;
                self.cost += body.as_str().len() + more * LINE;
                Request::Post(txn, body.as_str().to_owned())
            }
            Ok(ClientCommand::After { room, id }) => self.ask(Question::After(room, id)),
            Ok(ClientCommand::Last { n }) => self.ask(Question::Last(n)),
            Ok(ClientCommand::Before { id, n }) => self.ask(Question::Before(id, n)),
            Ok(ClientCommand::Search { n, query }) => {
                self.ask(Question::Search(n, query.as_str().to_owned()))
            }
            Ok(ClientCommand::Auth(_)) => Request::Tell(Notice::NoPassword),
            Ok(ClientCommand::Ping(token)) => Request::Reply(ServerCommand::Pong(token).to_string()),
            // That the line came is all that it says.
            Ok(ClientCommand::Pong(_)) => return Language::Full,
            Ok(ClientCommand::Quit) => {
                self.hang_up = true;
                Request::Quit
            }
            Ok(ClientCommand::Hello { .. }) => {
                Request::Reply(ErrorCode::UnknownCommand.to_line(None, "HELLO is the first line, or none"))
            }
            Ok(command) => match self.privilege(command) {
                Some(request) => request,
                None => return Language::Full,
            },
            Err(error) => {
                self.names += usize::from(matches!(error.fault, Fault::Name(_)));
                Request::Reply(error.to_line())
            }
        };
        self.requests.push(request);
        Language::Full
    }

    /// What both languages have beside what is said and asked: keys, and what admins do. `None` for
    /// everything else.
    fn privilege(&mut self, command: ClientCommand<'_>) -> Option<Request> {
        let reason = |why: Option<Reason<'_>>| why.map(|why| why.as_str().to_owned());
        Some(Request::Act(match command {
            ClientCommand::Login { name, key } => {
                self.names += 1;
                self.key = true;
                return Some(Request::Login(name, Secret::of(key)));
            }
            ClientCommand::Kick { name, why } => Act::Kick(name, reason(why)),
            ClientCommand::Ban { name, why } => Act::Ban(name, reason(why)),
            ClientCommand::Unban(name) => Act::Unban(name),
            ClientCommand::Mute { name, seconds } => Act::Mute(name, seconds),
            ClientCommand::Remove(id) => Act::Remove(id),
            _ => return None,
        }))
    }

    fn rename(&mut self, name: Name) -> Request {
        self.names += 1;
        Request::Rename(name)
    }

    fn bad_name(&mut self, why: NameError) -> Request {
        self.names += 1;
        Request::BadName(why)
    }

    fn ask(&mut self, question: Question) -> Request {
        self.questions += 1;
        Request::Ask(question)
    }

    fn say(&mut self, text: &str) {
        self.cost += text.len();
        // Neighbours travel together: one request, however many lines.
        if let Some(Request::Say(lines)) = self.requests.last_mut() {
            lines.push_str(text);
            lines.push('\n');
        } else {
            self.requests.push(Request::Say(format!("{text}\n")));
        }
    }
}

/// Of these a member that speaks the base is told what is wrong with them.
const PRIVILEGES: [&str; 7] = ["AUTH", "LOGIN", "KICK", "BAN", "UNBAN", "MUTE", "REMOVE"];

/// No line of the base.
fn unknown(line: &str) -> Request {
    Request::Tell(Notice::LineRefused(CommandError::Unknown(line).to_string()))
}

fn lines(body: &Body<'_>) -> usize {
    if body.as_str().contains('\n') { body.base_lines().count() } else { 1 }
}

/// A browser, or something that takes this port for a web server. What follows its first lines is
/// perhaps a body that somebody else wrote: none of it is for the room. A request line may be too long
/// to be read; the host that every request names comes before the body too.
pub(crate) fn is_http(line: &str) -> bool {
    let names_host = line.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("host:"));
    names_host || [" HTTP/1.1", " HTTP/1.0", " HTTP/2.0"].iter().any(|version| line.ends_with(version))
}
