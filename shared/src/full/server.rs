//! What servers say: parsed by a client, written by a server. Knows the form of each line; knows nothing
//! of when it is due, nor of what a client makes of it.

use std::fmt;

use super::args::Args;
use super::{Entry, Fault, NameList};
use crate::code::Code;
use crate::command::{Command, CommandError, Speaker};
use crate::id::{MessageId, Millis, RoomId, Txn, parse_number};
use crate::name::Name;
use crate::text::Text;
use crate::word::Token;

/// One line of a server, in the base or in full. `Display` writes it, without the line's end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerCommand<'a> {
    /// `WELCOME <version> <room> <name>`: answers `HELLO`.
    Welcome {
        /// The version that is spoken from here on, at least 1.
        version: u32,
        /// Names the room's log.
        room: RoomId,
        /// The name that the member bears until it takes another.
        name: Name,
    },
    /// `YOU <name>`: your name is now this one.
    You(Name),
    /// `USERS <name> …`: these are here, and more may follow.
    Users(NameList),
    /// `END USERS <n>`: those were all, so many.
    EndUsers(u64),
    /// `JOIN <name>`: somebody came.
    Join(Name),
    /// `LEAVE <name>`: somebody went.
    Leave(Name),
    /// `RENAME <old> <new>`: somebody took another name.
    Rename {
        /// The name until now.
        old: Name,
        /// The name from now on.
        new: Name,
    },
    /// `COUNT <n>`: so many are here; in a large room, instead of who.
    Count(u64),
    /// `POST <id> <time> <name> <text>`: a message, live.
    Post(Entry<'a>),
    /// `ACK <txn> <id> <time>`: your message is in the log.
    Ack {
        /// The message's number in its session.
        txn: Txn,
        /// Its number in the log.
        id: MessageId,
        /// When the server took it.
        time: Millis,
    },
    /// `PAST <id> <time> <name> <text>`: a message of the history that was asked for.
    Past(Entry<'a>),
    /// `END AFTER|LAST|BEFORE|SEARCH <n> <more|done>`: that was the history asked for.
    End {
        /// What is answered.
        history: History,
        /// How many messages it was.
        n: u64,
        /// Whether the log has more of what was asked for.
        more: bool,
    },
    /// `GAP <room> <id>`: the log cannot give all that was asked for.
    Gap {
        /// Names the room's log, as it is now.
        room: RoomId,
        /// The first message of what follows.
        id: MessageId,
    },
    /// `REMOVED <id>`: an admin took this message back. In a history it stands in the message's place.
    Removed(MessageId),
    /// `NOTICE <words>`: what the server has to say that is no error. Who speaks the base gets the same
    /// as `MESSAGE * <words>`.
    Notice(Text<'a>),
    /// `ADMIN`: you are logged in to a name that may send others out.
    Admin,
    /// `ERROR <code> <ref> <words>`: something was refused.
    Error {
        /// What is wrong.
        code: Code<'a>,
        /// Which message it is about, if about one.
        txn: Option<Txn>,
        /// The same for a person.
        words: Text<'a>,
    },
    /// `PING <token>`: are you there?
    Ping(Token<'a>),
    /// `PONG <token>`: I am; answers a `PING` with the same token.
    Pong(Token<'a>),
    /// `BYE <milliseconds> <why>`: the server closes the connection.
    Bye {
        /// About how long to wait before coming back, in milliseconds.
        wait: u64,
        /// Why, for a person.
        why: Text<'a>,
    },
    /// `MESSAGE <name> <text>`: all that a server says in the base.
    Message {
        /// Who says it.
        from: Speaker,
        /// What is said.
        text: Text<'a>,
    },
}

/// Which history an `END` closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum History {
    /// That of `AFTER`.
    After,
    /// That of `LAST`.
    Last,
    /// That of `BEFORE`.
    Before,
    /// That of `SEARCH`.
    Search,
}

/// The form of each command.
const FORMS: &[&str] = &[
    "WELCOME <version> <room> <name>",
    "YOU <name>",
    "USERS <name> …",
    "END USERS <n>, or END AFTER|LAST|BEFORE|SEARCH <n> <more|done>",
    "JOIN <name>",
    "LEAVE <name>",
    "RENAME <old> <new>",
    "COUNT <n>",
    "POST <id> <time> <name> <text>",
    "ACK <txn> <id> <time>",
    "PAST <id> <time> <name> <text>",
    "GAP <room> <id>",
    "REMOVED <id>",
    "NOTICE <words>",
    "ADMIN",
    "ERROR <code> <ref> <words>",
    "PING <token>",
    "PONG <token>",
    "BYE <milliseconds> <why>",
    "MESSAGE <name> <text>",
];

impl<'a> ServerCommand<'a> {
    /// Parses a whole line, without its end and without leading spaces.
    ///
    /// A line of [`Fault::Unknown`] may be one that a newer server says and an older client can do
    /// without. A code that only a newer server has is kept as it is.
    pub fn parse(line: &'a str) -> Result<Self, Fault> {
        let mut args = Args::of(line, FORMS)?;
        let command = match args.command {
            "WELCOME" => {
                Self::Welcome { version: args.version()?, room: args.room()?, name: args.given_name()? }
            }
            "YOU" => Self::You(args.given_name()?),
            "USERS" => Self::Users(NameList::read(&mut args)?),
            "END" => match args.word()? {
                "USERS" => Self::EndUsers(args.number()?),
                "AFTER" => Self::end_of(History::After, &mut args)?,
                "LAST" => Self::end_of(History::Last, &mut args)?,
                "BEFORE" => Self::end_of(History::Before, &mut args)?,
                "SEARCH" => Self::end_of(History::Search, &mut args)?,
                _ => return Err(args.fault()),
            },
            "JOIN" => Self::Join(args.given_name()?),
            "LEAVE" => Self::Leave(args.given_name()?),
            "RENAME" => Self::Rename { old: args.given_name()?, new: args.given_name()? },
            "COUNT" => Self::Count(args.number()?),
            "POST" => Self::Post(Entry::read(&mut args)?),
            "ACK" => Self::Ack { txn: args.number()?, id: args.number()?, time: args.number()? },
            "PAST" => Self::Past(Entry::read(&mut args)?),
            "GAP" => Self::Gap { room: args.room()?, id: args.number()? },
            "REMOVED" => Self::Removed(args.number()?),
            "NOTICE" => Self::Notice(text(&mut args)?),
            "ADMIN" => Self::Admin,
            "ERROR" => {
                let code = args.parse(Code::parse)?;
                let txn = args.parse(|word| match word {
                    "-" => Ok(None),
                    txn => parse_number(txn).map(Some),
                })?;
                Self::Error { code, txn, words: text(&mut args)? }
            }
            "PING" => Self::Ping(args.token()?),
            "PONG" => Self::Pong(args.token()?),
            "BYE" => Self::Bye { wait: args.number()?, why: text(&mut args)? },
            "MESSAGE" => return message(line),
            _ => return Err(Fault::Unknown),
        };
        args.end()?;
        Ok(command)
    }

    fn end_of(history: History, args: &mut Args<'a>) -> Result<Self, Fault> {
        let n = args.number()?;
        let more = match args.word()? {
            "more" => true,
            "done" => false,
            _ => return Err(args.fault()),
        };
        Ok(Self::End { history, n, more })
    }
}

fn text<'a>(args: &mut Args<'a>) -> Result<Text<'a>, Fault> {
    Ok(Text::parse(args.rest())?)
}

/// The base has its own rules for this line, and this is not the place to repeat them.
fn message(line: &str) -> Result<ServerCommand<'_>, Fault> {
    match Command::parse(line) {
        Ok(Command::Message { from, text }) => Ok(ServerCommand::Message { from, text }),
        Err(CommandError::Name(error)) => Err(error.into()),
        Err(CommandError::Text(error)) => Err(error.into()),
        Ok(Command::Name(_) | Command::Send(_)) | Err(CommandError::Unknown(_)) => Err(Fault::Unknown),
    }
}

impl fmt::Display for ServerCommand<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Welcome { version, room, name } => write!(f, "WELCOME {version} {room} {name}"),
            Self::You(name) => write!(f, "YOU {name}"),
            Self::Users(names) => write!(f, "USERS {names}"),
            Self::EndUsers(n) => write!(f, "END USERS {n}"),
            Self::Join(name) => write!(f, "JOIN {name}"),
            Self::Leave(name) => write!(f, "LEAVE {name}"),
            Self::Rename { old, new } => write!(f, "RENAME {old} {new}"),
            Self::Count(n) => write!(f, "COUNT {n}"),
            Self::Post(entry) => write!(f, "POST {entry}"),
            Self::Ack { txn, id, time } => write!(f, "ACK {txn} {id} {time}"),
            Self::Past(entry) => write!(f, "PAST {entry}"),
            Self::End { history, n, more } => {
                write!(f, "END {history} {n} {}", if *more { "more" } else { "done" })
            }
            Self::Gap { room, id } => write!(f, "GAP {room} {id}"),
            Self::Removed(id) => write!(f, "REMOVED {id}"),
            Self::Notice(words) => write!(f, "NOTICE {words}"),
            Self::Admin => f.write_str("ADMIN"),
            Self::Error { code, txn: Some(txn), words } => write!(f, "ERROR {code} {txn} {words}"),
            Self::Error { code, txn: None, words } => write!(f, "ERROR {code} - {words}"),
            Self::Ping(token) => write!(f, "PING {token}"),
            Self::Pong(token) => write!(f, "PONG {token}"),
            Self::Bye { wait, why } => write!(f, "BYE {wait} {why}"),
            Self::Message { from, text } => write!(f, "MESSAGE {from} {text}"),
        }
    }
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::After => "AFTER",
            Self::Last => "LAST",
            Self::Before => "BEFORE",
            Self::Search => "SEARCH",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::any::{any_server_command, spoil};
    use super::super::{ClientError, append_post};
    use super::*;
    use crate::body::{Body, BodyError};
    use crate::code::ErrorCode;
    use crate::limits::{MAX_ESCAPED, MAX_LINE, MAX_NAME_BYTES};
    use crate::line::LineError;
    use crate::name::NameError;
    use crate::notice::Notice;
    use crate::text::TextError;
    use proptest::prelude::*;

    const HEX: &str = "00112233445566778899aabbccddeeff";

    fn check(line: &str, expected: ServerCommand<'_>) {
        assert_eq!(expected.to_string(), line);
        assert_eq!(ServerCommand::parse(line), Ok(expected), "{line:?}");
    }

    fn check_refused(line: &str, fault: Fault) {
        assert_eq!(ServerCommand::parse(line), Err(fault), "{line:?}");
    }

    fn text(text: &str) -> Text<'_> {
        Text::parse(text).unwrap()
    }

    #[test]
    fn every_command() {
        let room = RoomId::parse(HEX).unwrap();
        let [ann, bob] = ["ann", "bob"].map(|name| Name::parse(name).unwrap());
        let guest = Name::guest(3);
        let token = Token::parse("t1").unwrap();
        let body = Body::parse("a\n\\ b").unwrap();
        let entry = Entry { id: 7, time: 1_700_000_000_000, name: ann.clone(), body };
        let welcome = ServerCommand::Welcome { version: 1, room, name: guest.clone() };
        check(&format!("WELCOME 1 {HEX} guest-3"), welcome);
        check("YOU ann", ServerCommand::You(ann.clone()));
        let names = NameList::split([ann.clone(), guest.clone()]).next().unwrap();
        check("USERS ann guest-3", ServerCommand::Users(names));
        check("END USERS 2", ServerCommand::EndUsers(2));
        check("JOIN guest-3", ServerCommand::Join(guest.clone()));
        check("LEAVE bob", ServerCommand::Leave(bob.clone()));
        check("RENAME guest-3 ann", ServerCommand::Rename { old: guest, new: ann });
        check("COUNT 1001", ServerCommand::Count(1001));
        check(r"POST 7 1700000000000 ann a\n\\ b", ServerCommand::Post(entry.clone()));
        check(r"PAST 7 1700000000000 ann a\n\\ b", ServerCommand::Past(entry));
        check("ACK 1 7 9", ServerCommand::Ack { txn: 1, id: 7, time: 9 });
        for (line, history, more) in [
            ("END AFTER 5 done", History::After, false),
            ("END LAST 5 more", History::Last, true),
            ("END BEFORE 5 done", History::Before, false),
            ("END SEARCH 5 more", History::Search, true),
        ] {
            check(line, ServerCommand::End { history, n: 5, more });
        }
        check(&format!("GAP {HEX} 5"), ServerCommand::Gap { room, id: 5 });
        let (code, words) = (Code::Known(ErrorCode::TxnOrder), text("7 comes first"));
        check("ERROR txn-order 8 7 comes first", ServerCommand::Error { code, txn: Some(8), words });
        let code = Code::parse("out-of-tea").unwrap();
        check("ERROR out-of-tea - x", ServerCommand::Error { code, txn: None, words: text("x") });
        check("PING t1", ServerCommand::Ping(token));
        check("PONG t1", ServerCommand::Pong(token));
        check("REMOVED 7", ServerCommand::Removed(7));
        check("NOTICE you are in", ServerCommand::Notice(text("you are in")));
        check("ADMIN", ServerCommand::Admin);
        check("BYE 500 so long", ServerCommand::Bye { wait: 500, why: text("so long") });
        let from = Speaker::Member(bob);
        check("MESSAGE bob  a\\n", ServerCommand::Message { from, text: text(" a\\n") });
        check("MESSAGE * x", ServerCommand::Message { from: Speaker::Server, text: text("x") });
    }

    #[test]
    fn what_has_not_its_form_is_refused() {
        check_refused("REMOVE 5", Fault::Unknown);
        check_refused("NOTICE", Fault::Body(TextError::Empty.into()));
        check_refused("ADMIN ann", Fault::Form("ADMIN"));
        check_refused("NAME ann", Fault::Unknown);
        check_refused("USERS", Fault::Form("USERS <name> …"));
        check_refused("USERS ann ", Fault::Name(NameError::Empty));
        check_refused("JOIN guest-", Fault::Name(NameError::Reserved));
        check_refused("ACK 1 2", Fault::Form("ACK <txn> <id> <time>"));
        check_refused("ACK 1 2 3 4", Fault::Form("ACK <txn> <id> <time>"));
        check_refused(r"POST 1 2 ann a\b", Fault::Body(BodyError::Escape('b')));
        check_refused("MESSAGE a\u{200B} x", Fault::Name(NameError::Invisible('\u{200B}')));
        for line in ["END", "END AFTER 5", "END LAST 5 perhaps", "END USERS 5 done", "END NAMES 5"] {
            assert!(matches!(ServerCommand::parse(line), Err(Fault::Form(_))), "{line:?}");
        }
    }

    #[test]
    fn what_a_server_says_in_words_is_a_valid_line() {
        let error = Notice::TooFast(5).to_error_line(None).unwrap();
        let code = Code::Known(ErrorCode::RateLimited);
        let words = Notice::TooFast(5).to_string();
        check(&error, ServerCommand::Error { code, txn: None, words: text(&words) });
        let error = ClientError::of_line(LineError::NotUtf8(b"POST 5 \xff")).to_line();
        let words = LineError::NotUtf8(b"").to_string();
        let code = Code::Known(ErrorCode::NotUtf8);
        check(&error, ServerCommand::Error { code, txn: Some(5), words: text(&words) });
    }

    #[test]
    fn the_longest_message_fits() {
        let (name, escaped) = ("王".repeat(21) + "x", r"\\".repeat(MAX_ESCAPED / 2));
        assert_eq!(name.len(), MAX_NAME_BYTES);
        let mut line = Vec::new();
        append_post(&mut line, u64::MAX, u64::MAX, &name, &escaped);
        let line = str::from_utf8(&line).unwrap().trim_end_matches('\n');
        assert!(line.len() > MAX_ESCAPED && line.len() <= MAX_LINE);
        assert!(matches!(ServerCommand::parse(line), Ok(ServerCommand::Post(_))));
    }

    proptest! {
        #[test]
        fn what_is_written_parses_back_the_same(command in any_server_command()) {
            let line = command.to_string();
            prop_assert!(line.len() <= MAX_LINE);
            prop_assert_eq!(ServerCommand::parse(&line), Ok(command));
        }

        #[test]
        fn no_line_panics(command in any_server_command(), at: usize, with in "\\PC{0,3}", line in "\\PC{0,40}") {
            let spoilt = spoil(&command.to_string(), at, &with);
            for line in [&line, &spoilt] {
                if let Ok(command) = ServerCommand::parse(line) {
                    // Whatever is taken is written the one way there is.
                    prop_assert!(command.to_string().eq_ignore_ascii_case(line));
                }
            }
        }
    }
}
