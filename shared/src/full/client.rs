//! What clients say: parsed by a server, written by a client. Knows the form of each line and what is
//! to be answered to one that has not got it; knows nothing of who has opted in.

use std::fmt;

use super::Fault;
use super::args::Args;
use crate::body::Body;
use crate::id::{MessageId, RoomId, SessionId, Txn, parse_number};
use crate::line::LineError;
use crate::name::Name;
use crate::secret::{Key, Password};
use crate::text::Text;
use crate::word::{Query, Reason, Token};

/// One line of a client, whether it has opted in or not. `Display` writes it, without the line's end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientCommand<'a> {
    /// `HELLO <version> <session>`: I speak the full language. The first line, or none.
    Hello {
        /// The newest version that the client speaks, at least 1.
        version: u32,
        /// Whose messages it will send.
        session: SessionId,
    },
    /// `AUTH <password>`: the room's password, where it has one.
    Auth(Password<'a>),
    /// `NAME <name>`: my display name is now this one.
    Name(Name),
    /// `LOGIN <name> <key>`: the same with a name that belongs to whoever has its key. The first one
    /// registers it.
    Login {
        /// The name.
        name: Name,
        /// Its key.
        key: Key<'a>,
    },
    /// `SEND <text>`: a message of the base. Who has opted in says `POST` instead, so that a message can
    /// be told from its repetition.
    Send(Text<'a>),
    /// `POST <txn> <text>`: a message, or once more the same.
    Post {
        /// Its number in its session.
        txn: Txn,
        /// What is said.
        body: Body<'a>,
    },
    /// `AFTER <room> <id>`: all that was said since.
    After {
        /// The log that the id is from.
        room: RoomId,
        /// The last message that is known; 0 for none.
        id: MessageId,
    },
    /// `LAST <n>`: the newest messages.
    Last {
        /// How many, at most [`MAX_HISTORY`](crate::limits::MAX_HISTORY). 0 will do to hear what
        /// comes from now on.
        n: usize,
    },
    /// `BEFORE <id> <n>`: the messages right before one.
    Before {
        /// That one, which is known already.
        id: MessageId,
        /// How many, at most [`MAX_HISTORY`](crate::limits::MAX_HISTORY).
        n: usize,
    },
    /// `SEARCH <n> <words>`: the newest messages that match.
    Search {
        /// How many, at most [`MAX_HISTORY`](crate::limits::MAX_HISTORY).
        n: usize,
        /// What to search for.
        query: Query<'a>,
    },
    /// `PING <token>`: are you there?
    Ping(Token<'a>),
    /// `PONG <token>`: I am; answers a `PING` with the same token.
    Pong(Token<'a>),
    /// `QUIT`: good-bye.
    Quit,
    /// `KICK <name> [why]`, from an admin: this member has to go.
    Kick {
        /// Who, a guest perhaps.
        name: Name,
        /// Why, for all to read.
        why: Option<Reason<'a>>,
    },
    /// `BAN <name> [why]`, from an admin: the same for good.
    Ban {
        /// Who, a guest perhaps.
        name: Name,
        /// Why, for all to read.
        why: Option<Reason<'a>>,
    },
    /// `UNBAN <name>`, from an admin: who was banned under this name may come back.
    Unban(Name),
    /// `MUTE <name> <seconds>`, from an admin: this member is not to be heard for so long.
    Mute {
        /// Who, a guest perhaps.
        name: Name,
        /// For how long, at most [`MAX_MUTE`](crate::limits::MAX_MUTE); 0 lets it speak again.
        seconds: u64,
    },
    /// `REMOVE <id>`, from an admin: this message is taken back.
    Remove(MessageId),
}

/// The form of each command, for who gets one wrong.
const FORMS: &[&str] = &[
    "HELLO <version> <session>",
    "AUTH <password>",
    "NAME <name>",
    "LOGIN <name> <key>",
    "SEND <text>",
    "POST <txn> <text>",
    "AFTER <room> <id>",
    "LAST <n>",
    "BEFORE <id> <n>",
    "SEARCH <n> <words>",
    "PING <token>",
    "PONG <token>",
    "QUIT",
    "KICK <name> [why]",
    "BAN <name> [why]",
    "UNBAN <name>",
    "MUTE <name> <seconds>",
    "REMOVE <id>",
];

/// Why a client's line was refused, with all that an `ERROR` line needs. `Display` writes the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientError {
    /// What is wrong with it.
    pub fault: Fault,
    /// Which message it was to be, if it was a `POST` and so much of it could be read.
    pub txn: Option<Txn>,
}

impl<'a> ClientCommand<'a> {
    /// Parses a whole line, without its end and without leading spaces.
    ///
    /// As in the base, spaces around a `NAME`'s name are left out; so are those around a reason, and those
    /// before a password.
    pub fn parse(line: &'a str) -> Result<Self, ClientError> {
        Self::read(line).map_err(|fault| ClientError { fault, txn: txn_of(line.as_bytes()) })
    }

    fn read(line: &'a str) -> Result<Self, Fault> {
        let mut args = Args::of(line, FORMS)?;
        let command = match args.command {
            "HELLO" => Self::Hello { version: args.version()?, session: args.parse(SessionId::parse)? },
            "AUTH" => Self::Auth(Password::parse(args.rest())?),
            "NAME" => Self::Name(Name::parse(args.rest().trim_matches(' '))?),
            "LOGIN" => Self::Login { name: Name::parse(args.word()?)?, key: Key::parse(args.word()?)? },
            "SEND" => Self::Send(Text::parse(args.rest())?),
            "POST" => Self::Post { txn: args.number()?, body: Body::unescape(args.rest())? },
            "AFTER" => Self::After { room: args.room()?, id: args.number()? },
            "LAST" => Self::Last { n: args.history()? },
            "BEFORE" => Self::Before { id: args.number()?, n: args.history()? },
            "SEARCH" => Self::Search { n: args.history()?, query: Query::parse(args.rest())? },
            "PING" => Self::Ping(args.token()?),
            "PONG" => Self::Pong(args.token()?),
            "QUIT" => Self::Quit,
            "KICK" => Self::Kick { name: args.given_name()?, why: Reason::parse(args.rest())? },
            "BAN" => Self::Ban { name: args.given_name()?, why: Reason::parse(args.rest())? },
            "UNBAN" => Self::Unban(args.given_name()?),
            "MUTE" => Self::Mute { name: args.given_name()?, seconds: args.seconds()? },
            "REMOVE" => Self::Remove(args.number()?),
            _ => return Err(Fault::Unknown),
        };
        args.end()?;
        Ok(command)
    }
}

impl ClientError {
    /// What answers something that is not a line of the wire. A line that was too long leaves nothing
    /// from which its txn could be read.
    pub fn of_line(error: LineError<'_>) -> Self {
        let txn = match error {
            LineError::TooLong => None,
            LineError::NotUtf8(line) => txn_of(line),
            LineError::ControlCharacter(line) => txn_of(line.as_bytes()),
        };
        Self { fault: error.into(), txn }
    }

    /// Writes the `ERROR` line, without its end.
    pub fn to_line(&self) -> String {
        self.fault.code().to_line(self.txn, self)
    }
}

/// The txn of a line that begins as a `POST`, whatever follows.
fn txn_of(line: &[u8]) -> Option<Txn> {
    let words = line.trim_ascii_start().strip_prefix(b"POST ")?;
    let txn = words.split(|&byte| byte == b' ').next()?;
    parse_number(str::from_utf8(txn).ok()?).ok()
}

impl fmt::Display for ClientCommand<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hello { version, session } => write!(f, "HELLO {version} {session}"),
            Self::Auth(password) => write!(f, "AUTH {password}"),
            Self::Name(name) => write!(f, "NAME {name}"),
            Self::Login { name, key } => write!(f, "LOGIN {name} {key}"),
            Self::Send(text) => write!(f, "SEND {text}"),
            Self::Post { txn, body } => write!(f, "POST {txn} {}", body.escaped()),
            Self::After { room, id } => write!(f, "AFTER {room} {id}"),
            Self::Last { n } => write!(f, "LAST {n}"),
            Self::Before { id, n } => write!(f, "BEFORE {id} {n}"),
            Self::Search { n, query } => write!(f, "SEARCH {n} {query}"),
            Self::Ping(token) => write!(f, "PING {token}"),
            Self::Pong(token) => write!(f, "PONG {token}"),
            Self::Quit => f.write_str("QUIT"),
            Self::Kick { name, why } => with_reason(f, "KICK", name, *why),
            Self::Ban { name, why } => with_reason(f, "BAN", name, *why),
            Self::Unban(name) => write!(f, "UNBAN {name}"),
            Self::Mute { name, seconds } => write!(f, "MUTE {name} {seconds}"),
            Self::Remove(id) => write!(f, "REMOVE {id}"),
        }
    }
}

fn with_reason(
    f: &mut fmt::Formatter<'_>,
    command: &str,
    name: &Name,
    why: Option<Reason<'_>>,
) -> fmt::Result {
    match why {
        Some(why) => write!(f, "{command} {name} {why}"),
        None => write!(f, "{command} {name}"),
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fault.fmt(f)
    }
}

impl std::error::Error for ClientError {}

#[cfg(test)]
mod tests {
    use super::super::any::{any_client_command, spoil};
    use super::*;
    use crate::body::BodyError;
    use crate::limits::{MAX_ESCAPED, MAX_HISTORY, MAX_LINE, MAX_MUTE};
    use crate::name::NameError;
    use crate::secret::{KeyError, PasswordError};
    use crate::text::TextError;
    use crate::word::{QueryError, ReasonError};
    use proptest::prelude::*;

    const HEX: &str = "00112233445566778899aabbccddeeff";

    fn check(line: &str, expected: ClientCommand<'_>) {
        assert_eq!(expected.to_string(), line);
        assert_eq!(ClientCommand::parse(line), Ok(expected), "{line:?}");
    }

    fn check_refused(line: &str, fault: Fault, txn: Option<Txn>) {
        assert_eq!(ClientCommand::parse(line), Err(ClientError { fault, txn }), "{line:?}");
    }

    #[test]
    fn every_command() {
        let (session, room) = (SessionId::parse(HEX).unwrap(), RoomId::parse(HEX).unwrap());
        let token = Token::parse("t1").unwrap();
        check(&format!("HELLO 1 {HEX}"), ClientCommand::Hello { version: 1, session });
        check("NAME ann", ClientCommand::Name(Name::parse("ann").unwrap()));
        check("SEND a\\nb", ClientCommand::Send(Text::parse("a\\nb").unwrap()));
        check(r"POST 7  a\nb ", ClientCommand::Post { txn: 7, body: Body::parse(" a\nb ").unwrap() });
        check(&format!("AFTER {HEX} 0"), ClientCommand::After { room, id: 0 });
        check("LAST 0", ClientCommand::Last { n: 0 });
        check("BEFORE 12 500", ClientCommand::Before { id: 12, n: MAX_HISTORY });
        let query = Query::parse("some words").unwrap();
        check("SEARCH 20 some words", ClientCommand::Search { n: 20, query });
        check("PING t1", ClientCommand::Ping(token));
        check("PONG t1", ClientCommand::Pong(token));
        check("QUIT", ClientCommand::Quit);
        let (ann, guest) = (Name::parse("ann").unwrap(), Name::guest(3));
        check("AUTH open sesame", ClientCommand::Auth(Password::parse("open sesame").unwrap()));
        let key = Key::parse(HEX).unwrap();
        check(&format!("LOGIN ann {HEX}"), ClientCommand::Login { name: ann.clone(), key });
        let why = Reason::parse("too  loud").unwrap();
        check("KICK guest-3 too  loud", ClientCommand::Kick { name: guest.clone(), why });
        check("KICK ann", ClientCommand::Kick { name: ann.clone(), why: None });
        check("BAN ann too  loud", ClientCommand::Ban { name: ann.clone(), why });
        check("BAN guest-3", ClientCommand::Ban { name: guest.clone(), why: None });
        check("UNBAN ann", ClientCommand::Unban(ann));
        check("MUTE guest-3 600", ClientCommand::Mute { name: guest, seconds: 600 });
        check("REMOVE 12", ClientCommand::Remove(12));
    }

    #[test]
    fn what_is_refused_says_why_and_of_which_message() {
        let empty = Fault::Body(TextError::Empty.into());
        check_refused("POST 5", empty, Some(5));
        check_refused("POST 5 ", empty, Some(5));
        check_refused(r"POST 5 a\t", Fault::Body(BodyError::Escape('t')), Some(5));
        check_refused("POST 5 a\u{202E}", Fault::Body(TextError::Invisible('\u{202E}').into()), Some(5));
        check_refused("POST x hello", Fault::Form("POST <txn> <text>"), None);
        check_refused("POST", Fault::Form("POST <txn> <text>"), None);
        check_refused("SEND", empty, None);
        check_refused("NAME a b", Fault::Name(NameError::WhiteSpace), None);
        check_refused("NAME guest-1", Fault::Name(NameError::Reserved), None);
        check_refused("LAST 501", Fault::TooMany, None);
        check_refused("LAST", Fault::Form("LAST <n>"), None);
        check_refused("LAST 5 ", Fault::Form("LAST <n>"), None);
        check_refused("SEARCH 5", Fault::Query(QueryError::Blank), None);
        check_refused(&format!("HELLO 0 {HEX}"), Fault::Form("HELLO <version> <session>"), None);
        check_refused("HELLO 1", Fault::Form("HELLO <version> <session>"), None);
        check_refused("QUIT now", Fault::Form("QUIT"), None);
        check_refused("AUTH", Fault::Password(PasswordError), None);
        check_refused("LOGIN ann", Fault::Form("LOGIN <name> <key>"), None);
        check_refused("LOGIN ann short", Fault::Key(KeyError), None);
        check_refused(&format!("LOGIN guest-1 {HEX}"), Fault::Name(NameError::Reserved), None);
        check_refused(&format!("LOGIN ann {HEX} "), Fault::Form("LOGIN <name> <key>"), None);
        check_refused("KICK", Fault::Form("KICK <name> [why]"), None);
        check_refused("KICK *", Fault::Name(NameError::Reserved), None);
        let invisible = Fault::Reason(ReasonError::Invisible('\u{202E}'));
        check_refused("BAN ann a\u{202E}", invisible, None);
        check_refused("MUTE ann", Fault::Form("MUTE <name> <seconds>"), None);
        check_refused(&format!("MUTE ann {}", MAX_MUTE + 1), Fault::TooLongMute, None);
        check_refused("REMOVE x", Fault::Form("REMOVE <id>"), None);
        check_refused("DANCE ann", Fault::Unknown, None);
        check_refused("quit", Fault::Unknown, None);
        check_refused("", Fault::Unknown, None);
    }

    #[test]
    fn a_line_that_is_none_is_told_with_its_txn_too() {
        let refused = |error| ClientError::of_line(error).to_line();
        assert!(
            refused(LineError::ControlCharacter("POST 5 a\tb")).starts_with("ERROR text-invalid 5 a line")
        );
        assert!(refused(LineError::NotUtf8(b" POST 6 \xff")).starts_with("ERROR not-utf8 6 a line"));
        assert!(refused(LineError::NotUtf8(b"POST \xff")).starts_with("ERROR not-utf8 - a line"));
        assert!(refused(LineError::TooLong).starts_with("ERROR line-too-long - a line"));
    }

    #[test]
    fn no_secret_is_shown_where_it_may_reach_a_log() {
        for line in [format!("AUTH {HEX}"), format!("LOGIN ann {HEX}")] {
            let shown = format!("{:?}", ClientCommand::parse(&line).unwrap());
            assert!(!shown.contains(HEX), "{shown}");
        }
    }

    #[test]
    fn the_longest_lines_fit() {
        let body = Body::parse("\\".repeat(MAX_ESCAPED / 2)).unwrap();
        let post = ClientCommand::Post { txn: Txn::MAX, body }.to_string();
        assert!(post.len() > MAX_ESCAPED && post.len() <= MAX_LINE);
        assert!(ClientCommand::parse(&post).is_ok());
    }

    proptest! {
        #[test]
        fn what_is_written_parses_back_the_same(command in any_client_command()) {
            let line = command.to_string();
            prop_assert!(line.len() <= MAX_LINE);
            prop_assert_eq!(ClientCommand::parse(&line), Ok(command));
        }

        #[test]
        fn no_line_panics(command in any_client_command(), at: usize, with in "\\PC{0,3}", line in "\\PC{0,40}") {
            let spoilt = spoil(&command.to_string(), at, &with);
            for line in [&line, &spoilt] {
                match ClientCommand::parse(line) {
                    // Spaces are left out there.
                    Ok(
                        ClientCommand::Name(_)
                        | ClientCommand::Auth(_)
                        | ClientCommand::Kick { .. }
                        | ClientCommand::Ban { .. },
                    ) => {}
                    // Whatever is taken is written the one way there is.
                    Ok(command) => prop_assert!(command.to_string().eq_ignore_ascii_case(line)),
                    Err(error) => prop_assert!(error.to_line().len() < 300),
                }
            }
        }
    }
}
