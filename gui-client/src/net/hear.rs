//! From the bytes of a connection to lines with a meaning, in the base or in the full language. Keeps what
//! is not yet a whole line, so that a read can be given up at any time and nothing is lost. Knows the form
//! of lines; what they lead to is decided elsewhere.

use std::time::Duration;

use chat_shared::command::salvage_message;
use chat_shared::text::harmless;
use chat_shared::{Code, Command, Entry, ErrorCode, Fault, LineDecoder, LineError, ServerCommand, Speaker};
use futures_lite::AsyncReadExt;

use super::dial::Failure;
use super::wire::Wire;
use crate::link::{Line, Message, Welcome};
use crate::text::tame;

/// What one read takes at most; the lines of one read become one event.
const READ_SIZE: usize = 64 * 1024;

/// The longest that a server may ask us to stay away. A number beyond is a mistake.
const MAX_BYE: Duration = Duration::from_secs(3600);

/// What one line was.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// Something for the model.
    Line(Line),
    /// The server speaks the full language from here on.
    Welcome(Welcome),
    /// The server wants to hear that we are there.
    Ping(String),
    /// The server closes the connection.
    Bye {
        /// Why, in words.
        why: String,
        /// The earliest time to come back.
        wait: Duration,
    },
    /// The room's password is wanted before anything else.
    PasswordWanted,
    /// The password was not the right one; carries the server's words.
    PasswordWrong(String),
    /// We are not let in, or something was refused before that; carries the server's words.
    Refused(String),
    /// Nothing that anybody needs to know.
    Nothing,
}

/// Reads a connection.
pub(super) struct Ear {
    stream: Wire,
    buffer: Vec<u8>,
    words: Understanding,
}

impl Ear {
    pub(super) fn new(stream: Wire) -> Self {
        Self { stream, buffer: vec![0; READ_SIZE], words: Understanding::default() }
    }

    /// Waits for the next read, and adds its lines to `lines`. Dropping it while it waits loses nothing.
    pub(super) async fn hear(&mut self, lines: &mut Vec<Heard>) -> Result<(), Failure> {
        match self.stream.read(&mut self.buffer).await {
            Ok(0) => Err(Failure::closed()),
            Ok(count) => {
                self.words.take(&self.buffer[..count], lines);
                Ok(())
            }
            Err(error) => Err(Failure::broken(&error)),
        }
    }
}

/// From bytes to lines: in the base, until the server says that it speaks the full language.
#[derive(Debug, Default)]
pub(super) struct Understanding {
    decoder: LineDecoder,
    full: bool,
}

impl Understanding {
    /// Adds to `lines` what these bytes complete.
    pub(super) fn take(&mut self, mut bytes: &[u8], lines: &mut Vec<Heard>) {
        loop {
            let (used, line) = self.decoder.decode(bytes);
            bytes = &bytes[used..];
            let Some(line) = line else { return };
            self.full = self.full || is_welcome(line);
            lines.push(if self.full { understand(line) } else { understand_early(line) });
        }
    }
}

fn is_welcome(line: Result<&str, LineError<'_>>) -> bool {
    matches!(line, Ok(text) if matches!(ServerCommand::parse(text), Ok(ServerCommand::Welcome { .. })))
}

/// Reads a line before it is known that the server speaks the full language: one of the base, or what a
/// room says to who has yet to give its password, or is not let in.
fn understand_early(line: Result<&str, LineError<'_>>) -> Heard {
    let Ok(text) = line else { return Heard::Line(understand_base(line)) };
    match ServerCommand::parse(text) {
        Ok(ServerCommand::Error { code, words, .. }) => match code {
            Code::Known(ErrorCode::AuthRequired) => Heard::PasswordWanted,
            Code::Known(ErrorCode::AuthFailed) => Heard::PasswordWrong(words.as_str().to_owned()),
            _ => Heard::Refused(words.as_str().to_owned()),
        },
        Ok(ServerCommand::Bye { .. }) => understand(line),
        _ => Heard::Line(understand_base(line)),
    }
}

/// Reads a line of the full language.
fn understand(line: Result<&str, LineError<'_>>) -> Heard {
    let text = match line {
        Ok(line) => line,
        Err(error) => return unreadable(&error),
    };
    let line = match ServerCommand::parse(text) {
        Ok(ServerCommand::Welcome { room, name, .. }) => {
            return Heard::Welcome(Welcome { room, name: name.to_string(), as_own: false, sealed: false });
        }
        Ok(ServerCommand::Ping(token)) => return Heard::Ping(token.as_str().to_owned()),
        Ok(ServerCommand::Pong(_)) => return Heard::Nothing,
        Ok(ServerCommand::Bye { wait, why }) => {
            let wait = Duration::from_millis(wait).min(MAX_BYE);
            return Heard::Bye { why: why.as_str().to_owned(), wait };
        }
        Ok(ServerCommand::Message { .. }) => understand_base(line),
        Ok(ServerCommand::You(name)) => Line::You(name.to_string()),
        Ok(ServerCommand::Users(names)) => Line::Users(names.into_names()),
        Ok(ServerCommand::EndUsers(_)) => Line::EndUsers,
        Ok(ServerCommand::Join(name)) => Line::Join(name),
        Ok(ServerCommand::Leave(name)) => Line::Leave(name),
        Ok(ServerCommand::Rename { old, new }) => Line::Rename { old, new },
        Ok(ServerCommand::Count(count)) => Line::Count(count),
        Ok(ServerCommand::Post(entry)) => Line::Post(message(entry)),
        Ok(ServerCommand::Past(entry)) => Line::Past(message(entry)),
        Ok(ServerCommand::Ack { txn, id, time }) => Line::Ack { txn, id, at: millis(time) },
        Ok(ServerCommand::End { history, more, .. }) => Line::End { history, more },
        Ok(ServerCommand::Gap { room, id }) => Line::Gap { room, id },
        Ok(ServerCommand::Error { code, txn, words }) => {
            let code = match code {
                Code::Known(code) => Some(code),
                Code::Other(_) => None,
            };
            Line::Error { code, txn, words: words.as_str().to_owned() }
        }
        Ok(ServerCommand::Removed(id)) => Line::Removed(id),
        Ok(ServerCommand::Notice(words)) => Line::Notice(words.as_str().to_owned()),
        Ok(ServerCommand::Admin) => Line::Admin,
        // What only a newer server says we can do without.
        Err(Fault::Unknown) => return Heard::Nothing,
        Err(fault) => return unreadable(&fault),
    };
    Heard::Line(line)
}

/// Reads a line of the base strictly, else shows what can be shown of it, else says that it cannot be read.
fn understand_base(line: Result<&str, LineError<'_>>) -> Line {
    let text = match line {
        Ok(line) | Err(LineError::ControlCharacter(line)) => line,
        Err(error @ (LineError::TooLong | LineError::NotUtf8(_))) => {
            return Line::Unreadable(error.to_string());
        }
    };
    if let Ok(Command::Message { from, text }) = Command::parse(text) {
        let text = text.as_str().to_owned();
        return match from {
            Speaker::Server => Line::Notice(text),
            Speaker::Member(name) => Line::Said { from: name.to_string(), text },
        };
    }
    match salvage_message(text) {
        Some((from, text)) => Line::Said { from: tame::name(&from), text },
        None => Line::Unreadable("it is not a message".to_owned()),
    }
}

fn unreadable(error: &dyn std::error::Error) -> Heard {
    Heard::Line(Line::Unreadable(harmless(&error.to_string())))
}

fn message(entry: Entry<'_>) -> Message {
    Message {
        id: entry.id,
        at: millis(entry.time),
        from: entry.name.to_string(),
        text: entry.body.as_str().to_owned(),
    }
}

/// A time that no calendar knows is shown as none.
fn millis(time: u64) -> i64 {
    i64::try_from(time).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: Heard) {
        assert_eq!(understand(Ok(line)), expected, "{line:?}");
    }

    #[test]
    fn the_full_language_is_understood() {
        let message = |text: &str| Message { id: 7, at: 8, from: "bob".to_owned(), text: text.to_owned() };
        check("POST 7 8 bob a\\nb", Heard::Line(Line::Post(message("a\nb"))));
        check("PAST 7 8 bob x ", Heard::Line(Line::Past(message("x "))));
        check("ACK 5 7 8", Heard::Line(Line::Ack { txn: 5, id: 7, at: 8 }));
        check("PING abc", Heard::Ping("abc".to_owned()));
        check("PONG abc", Heard::Nothing);
        check(
            "END BEFORE 5 more",
            Heard::Line(Line::End { history: chat_shared::History::Before, more: true }),
        );
        check("END USERS 5", Heard::Line(Line::EndUsers));
        let error = |code| Line::Error { code, txn: Some(3), words: "no".to_owned() };
        check("ERROR busy 3 no", Heard::Line(error(Some(chat_shared::ErrorCode::Busy))));
        check("ERROR out-of-tea 3 no", Heard::Line(error(None)));
        check("BYE 2000 the end", Heard::Bye { why: "the end".to_owned(), wait: Duration::from_secs(2) });
    }

    #[test]
    fn what_a_newer_server_says_is_passed_over_and_what_is_wrong_is_told() {
        check("TYPING bob", Heard::Nothing);
        for wrong in ["POST x y", "POST 1 2 bob a\\tb", "ACK 1", "END TEA 1 more"] {
            assert!(matches!(understand(Ok(wrong)), Heard::Line(Line::Unreadable(_))), "{wrong}");
        }
    }

    #[test]
    fn nobody_is_told_to_stay_away_for_ever() {
        check(&format!("BYE {} the end", u64::MAX), Heard::Bye { why: "the end".to_owned(), wait: MAX_BYE });
    }
}
