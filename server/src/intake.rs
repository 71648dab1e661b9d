//! What one member sends, from bytes to requests, in the language that it speaks. Knows the wire; knows no
//! socket, no room and no clock.

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

#[cfg(test)]
mod tests {
    use super::*;
    use chat_shared::limits::MAX_LINE;

    fn digest(bytes: &str) -> Digest {
        Intake::default().digest(bytes.as_bytes(), Allowed::ALL, usize::MAX)
    }

    #[test]
    fn neighbouring_messages_travel_together() {
        let digest = digest("SEND a\nSEND b\nNAME ann\nSEND c\n");
        let ann = Name::parse("ann").unwrap();
        assert_eq!(
            digest.requests,
            [Request::Say("a\nb\n".into()), Request::Rename(ann), Request::Say("c\n".into())]
        );
        assert_eq!(digest.lines, 4);
    }

    #[test]
    fn what_is_refused_is_told_in_its_place() {
        let digest = digest(&format!(
            "HELLO 1 abc\nSEND\n{}\nNAME a b\nMESSAGE ann lies\nSEND ok\n",
            "x".repeat(MAX_LINE + 1)
        ));
        let [hello, empty, long, name, forged, ok] = &digest.requests[..] else { panic!("{digest:?}") };
        assert!(matches!(hello, Request::Reply(line) if line.starts_with("ERROR unknown-command - ")));
        assert!(matches!(empty, Request::Tell(Notice::TextRefused(_))));
        assert!(matches!(long, Request::Tell(Notice::LineRefused(_))));
        assert_eq!(name, &Request::BadName(NameError::WhiteSpace));
        assert!(matches!(forged, Request::Tell(Notice::LineRefused(_))));
        assert_eq!(ok, &Request::Say("ok\n".into()));
    }

    #[test]
    fn no_more_lines_than_allowed_are_used() {
        let mut intake = Intake::default();
        let one = Allowed { lines: 1, ..Allowed::ALL };
        let mut bytes = &b"SEND a\nSEND b\nSEND c\nSEN"[..];
        let mut said = Vec::new();
        for _ in 0..3 {
            let digest = intake.digest(bytes, one, usize::MAX);
            assert_eq!(digest.lines, 1);
            said.extend(digest.requests);
            bytes = &bytes[digest.used..];
        }
        assert_eq!(said, ["a\n", "b\n", "c\n"].map(|line| Request::Say(line.into())));
        assert_eq!(bytes, b"SEN");
        assert_eq!(intake.digest(bytes, one, usize::MAX).used, 3);
        assert_eq!(intake.digest(b"D d\n", one, usize::MAX).requests, [Request::Say("d\n".into())]);
    }

    #[test]
    fn what_short_lines_become_is_bounded() {
        let mut intake = Intake::default();
        for (line, cost) in [("SEND a\n", LINE + 1), ("x\n", LINE), ("NAME bob\n", LINE)] {
            let bytes = line.repeat(1000);
            let digest = intake.digest(bytes.as_bytes(), Allowed::ALL, 10 * cost);
            assert_eq!(
                (digest.lines, digest.used, digest.cost),
                (10, 10 * line.len(), 10 * cost),
                "{line:?}"
            );
            assert!(digest.requests.len() <= 10);
            assert_eq!(intake.digest(bytes.as_bytes(), Allowed::ALL, 1).lines, 1, "one line always may");
        }
        let mut intake = Intake::default();
        let hello = intake.digest(HELLO.as_bytes(), Allowed::ALL, usize::MAX);
        assert_eq!(hello.requests.len(), 1);
        let post = format!("POST 1 {}\n", r"a\n".repeat(100));
        assert_eq!(intake.digest(post.as_bytes(), Allowed::ALL, usize::MAX).cost, 200 + 100 * LINE);
    }

    #[test]
    fn a_browser_is_let_go_before_its_body_is_read() {
        let digest = digest("POST / HTTP/1.1\r\nHost: x\r\n\r\nSEND spam\n");
        assert_eq!(digest.requests, [Request::Tell(Notice::NotHttp)]);
        assert!(digest.hang_up);
    }

    const HELLO: &str = "HELLO 1 00112233445566778899aabbccddeeff\n";

    #[test]
    fn who_opts_in_speaks_the_full_language_from_there_on() {
        let lines = r"POST 7 two\nlines
POST x
PING a
PONG b
SEND plain
LAST 0
BEFORE 9 2
SEARCH 5 the words
HELLO 1 00112233445566778899aabbccddeeff
QUIT
SEND too late
";
        let digest = digest(&format!("{HELLO}{lines}"));
        let [hello, post, bad, pong, say, last, before, search, again, quit] = &digest.requests[..] else {
            panic!("{digest:?}")
        };
        assert!(matches!(hello, Request::Hello(_)));
        assert_eq!(post, &Request::Post(7, "two\nlines".into()));
        assert!(matches!(bad, Request::Reply(line) if line.starts_with("ERROR unknown-command - ")));
        assert_eq!(pong, &Request::Reply("PONG a".into()));
        assert_eq!(say, &Request::Say("plain\n".into()));
        assert_eq!(last, &Request::Ask(Question::Last(0)));
        assert_eq!(before, &Request::Ask(Question::Before(9, 2)));
        assert_eq!(search, &Request::Ask(Question::Search(5, "the words".into())));
        assert!(matches!(again, Request::Reply(line) if line.starts_with("ERROR unknown-command - HELLO")));
        assert_eq!(quit, &Request::Quit);
        // One more than there are lines: a message of two lines counts as two. QUIT was the last.
        assert_eq!((digest.lines, digest.hang_up), (12, true));
    }

    #[test]
    fn only_the_first_line_opts_in() {
        for first in ["SEND a\n", "NAME ann\n", "NAME *\n", "nonsense\n", "\t\n"] {
            let digest = digest(&format!("{first}{HELLO}"));
            assert!(matches!(digest.requests[..], [_, Request::Tell(Notice::LineRefused(_))]), "{first:?}");
        }
    }

    #[test]
    fn a_password_or_a_spoilt_hello_is_not_yet_the_first_line() {
        for first in ["AUTH sesame\n", "HELLO 1 abc\n", "HELLO\n"] {
            let digest = digest(&format!("{first}{HELLO}"));
            assert!(matches!(digest.requests[..], [_, Request::Hello(_)]), "{first:?}");
        }
    }

    #[test]
    fn names_and_questions_are_counted_and_end_what_is_taken() {
        let lines = "NAME a\nNAME *\nLAST 5\nNAME b\nSEARCH 5 x\nSEND c\n".repeat(10);
        let bytes = format!("{HELLO}{lines}");
        let take = |names, questions| {
            let allowed = Allowed { lines: usize::MAX, names, questions };
            let digest = Intake::default().digest(bytes.as_bytes(), allowed, usize::MAX);
            (digest.lines, digest.names, digest.questions)
        };
        assert_eq!(take(usize::MAX, usize::MAX), (61, 30, 20));
        assert_eq!(take(2, usize::MAX), (3, 2, 0));
        assert_eq!(take(usize::MAX, 2), (6, 3, 2));
    }

    #[test]
    fn nothing_is_taken_behind_a_key() {
        for first in ["", HELLO] {
            let bytes = format!("{first}LOGIN ann 0123456789abcdef\nSEND as ann\n");
            let digest = digest(&bytes);
            let Some(Request::Login(name, _)) = digest.requests.last() else { panic!("{digest:?}") };
            assert_eq!((name.as_str(), digest.key), ("ann", true));
            assert_eq!(&bytes[digest.used..], "SEND as ann\n");
            assert!(!format!("{digest:?}").contains("abcdef"));
        }
    }

    #[test]
    fn what_admins_say_is_the_same_in_both_languages() {
        let lines = "KICK bob too loud\nBAN guest-7\nUNBAN bob\nMUTE bob 60\nREMOVE 7\n";
        let bob = || Name::parse("bob").unwrap();
        let acts = [
            Act::Kick(bob(), Some("too loud".into())),
            Act::Ban(Name::guest(7), None),
            Act::Unban(bob()),
            Act::Mute(bob(), 60),
            Act::Remove(7),
        ]
        .map(Request::Act);
        assert_eq!(digest(lines).requests, acts);
        assert_eq!(digest(&format!("{HELLO}{lines}")).requests[1..], acts);
        let refused = digest("MUTE bob\n").requests;
        assert_eq!(
            refused,
            [Request::Tell(Notice::LineRefused("the line must have the form MUTE <name> <seconds>".into()))]
        );
    }

    #[test]
    fn messages_are_numbered_from_one() {
        let digest = digest(&format!("{HELLO}POST 0 a\n"));
        assert!(
            matches!(&digest.requests[1], Request::Reply(line) if line.starts_with("ERROR txn-order 0 "))
        );
    }

    #[test]
    fn people_may_quote_what_browsers_say() {
        let digest = digest("SEND try GET / HTTP/1.1\n");
        assert_eq!(digest.requests, [Request::Say("try GET / HTTP/1.1\n".into())]);
        assert!(!digest.hang_up);
    }
}
