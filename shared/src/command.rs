//! The lines of the base language: parsed from what [`LineDecoder`](crate::LineDecoder) hands out,
//! and written. Knows the form of a command; what one leads to is the server's and the client's business.

use std::fmt;

use crate::name::{Name, NameError};
use crate::text::{Text, TextError, harmless};

/// One line, either way. `Display` writes it, without the line's end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command<'a> {
    /// Client to server, `NAME <name>`: my display name is now this one.
    Name(Name),
    /// Client to server, `SEND <text>`: a message to the room.
    Send(Text<'a>),
    /// Server to client, `MESSAGE <name> <text>`: a message from somebody else.
    Message {
        /// Who says it.
        from: Speaker,
        /// What is said.
        text: Text<'a>,
    },
}

/// Who speaks in a `MESSAGE` line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Speaker {
    /// The server itself, written `*`.
    Server,
    /// A member.
    Member(Name),
}

/// Why a line is not a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommandError<'a> {
    /// The line's first word names no command.
    Unknown(&'a str),
    /// The name in it is not one.
    Name(NameError),
    /// The text in it is not one.
    Text(TextError),
}

impl<'a> Command<'a> {
    /// Parses a whole line, without its end and without leading spaces.
    ///
    /// One space parts the words; what follows a text's space belongs to the text, spaces and all.
    /// A name ends at the line's end, and spaces behind it are left out.
    pub fn parse(line: &'a str) -> Result<Self, CommandError<'a>> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "SEND" => Text::parse(rest).map(Command::Send).map_err(CommandError::Text),
            "NAME" => Name::parse(rest.trim_matches(' ')).map(Command::Name).map_err(CommandError::Name),
            "MESSAGE" => {
                let (from, text) = rest.split_once(' ').unwrap_or((rest, ""));
                let from = match from {
                    "*" => Speaker::Server,
                    name => Speaker::Member(Name::parse_given(name).map_err(CommandError::Name)?),
                };
                let text = Text::parse(text).map_err(CommandError::Text)?;
                Ok(Command::Message { from, text })
            }
            _ => Err(CommandError::Unknown(word)),
        }
    }
}

/// What a reader can still be shown of a `MESSAGE` line that breaks our rules: name and text, made
/// harmless. Servers that check nothing pass such lines on, and a person wrote them.
/// `None` when it is no `MESSAGE` line at all.
pub fn salvage_message(line: &str) -> Option<(String, String)> {
    let rest = line.strip_prefix("MESSAGE ")?;
    let (name, text) = rest.split_once(' ').unwrap_or((rest, ""));
    Some((harmless(name), harmless(text)))
}

impl fmt::Display for Command<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(f, "NAME {name}"),
            Self::Send(text) => write!(f, "SEND {text}"),
            Self::Message { from, text } => write!(f, "MESSAGE {from} {text}"),
        }
    }
}

impl fmt::Display for Speaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server => f.write_str("*"),
            Self::Member(name) => name.fmt(f),
        }
    }
}

impl fmt::Display for CommandError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(_) => f.write_str("a line must begin with NAME or SEND"),
            Self::Name(error) => error.fmt(f),
            Self::Text(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for CommandError<'_> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::{MAX_LINE, MAX_NAME_BYTES, MAX_TEXT};
    use proptest::prelude::*;

    fn text(text: &str) -> Text<'_> {
        Text::parse(text).unwrap()
    }

    fn check(line: &str, expected: Result<Command<'_>, CommandError<'_>>) {
        assert_eq!(Command::parse(line), expected, "{line:?}");
    }

    #[test]
    fn the_three_commands() {
        let ann = Name::parse("ann").unwrap();
        check("NAME ann", Ok(Command::Name(ann.clone())));
        check("NAME  ann ", Ok(Command::Name(ann.clone())));
        check("SEND hello there", Ok(Command::Send(text("hello there"))));
        check("SEND   x ", Ok(Command::Send(text("  x "))));
        check("MESSAGE ann  x", Ok(Command::Message { from: Speaker::Member(ann), text: text(" x") }));
        check("MESSAGE * x", Ok(Command::Message { from: Speaker::Server, text: text("x") }));
        let guest = Speaker::Member(Name::guest(3));
        check("MESSAGE guest-3 x", Ok(Command::Message { from: guest, text: text("x") }));
    }

    #[test]
    fn what_is_no_command_says_why() {
        check("SEND", Err(CommandError::Text(TextError::Empty)));
        check("SEND ", Err(CommandError::Text(TextError::Empty)));
        check("NAME", Err(CommandError::Name(NameError::Empty)));
        check("NAME a b", Err(CommandError::Name(NameError::WhiteSpace)));
        check("NAME *", Err(CommandError::Name(NameError::Reserved)));
        check("send x", Err(CommandError::Unknown("send")));
        check("SENDx", Err(CommandError::Unknown("SENDx")));
        check("GET / HTTP/1.1", Err(CommandError::Unknown("GET")));
        check("MESSAGE ann", Err(CommandError::Text(TextError::Empty)));
    }

    #[test]
    fn the_longest_message_fits_a_line() {
        assert!("MESSAGE  ".len() + MAX_NAME_BYTES + MAX_TEXT <= MAX_LINE);
    }

    #[test]
    fn what_other_servers_let_through_is_shown_harmless() {
        assert_eq!(
            salvage_message("MESSAGE server\u{202E} a\tb"),
            Some(("server\u{FFFD}".into(), "a\u{FFFD}b".into())),
        );
        assert_eq!(salvage_message("WELCOME 1"), None);
    }

    fn any_name() -> impl Strategy<Value = Name> {
        "[^\\s\\p{C}]{1,16}".prop_filter_map("a valid name", |name| Name::parse(&name).ok())
    }

    fn any_text() -> impl Strategy<Value = String> {
        "\\PC{1,200}".prop_filter("a valid text", |text| Text::parse(text).is_ok())
    }

    proptest! {
        #[test]
        fn what_is_written_parses_back_the_same(name in any_name(), words in any_text(), number: u64) {
            let text = text(&words);
            for command in [
                Command::Name(name.clone()),
                Command::Send(text),
                Command::Message { from: Speaker::Member(name), text },
                Command::Message { from: Speaker::Member(Name::guest(number)), text },
                Command::Message { from: Speaker::Server, text },
            ] {
                let line = command.to_string();
                prop_assert_eq!(Command::parse(&line), Ok(command));
            }
        }

        #[test]
        fn no_line_panics(line in "((NAME|SEND|MESSAGE) )?\\PC{0,100}") {
            let _ = Command::parse(&line);
            let _ = salvage_message(&line);
        }
    }
}
