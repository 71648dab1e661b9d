//! What a server says to one member in words: the text of a `MESSAGE * <notice>` line, or of an `ERROR`
//! line for a member that has opted in. Knows the sentences; when one is due is the server's business.
//! Kept here because a client must recognise two of them: that its name was refused, and that it sends
//! too fast.

use std::fmt;

use crate::code::ErrorCode;
use crate::id::Txn;
use crate::line::LineError;
use crate::name::{Name, NameError};
use crate::text::TextError;

/// A notice. `Display` writes its sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A `NAME` was refused; the member keeps the name it had.
    NameRefused {
        /// Why.
        why: NameRefusal,
        /// The name the member still bears.
        still: Name,
    },
    /// A message was refused and went to nobody.
    TextRefused(TextError),
    /// A line was refused whole; carries why.
    LineRefused(String),
    /// The member sends faster than `--rate` (messages per second); what it sends is read more slowly.
    TooFast(u32),
    /// The room has as many members as it may have; the connection is closed.
    RoomFull,
    /// This address has as many connections as it may have; the connection is closed.
    AddressFull,
    /// An HTTP request came; the connection is closed.
    NotHttp,
    /// A message could not be stored, and went to nobody.
    NotStored,
    /// The server stops.
    Stopping,
}

/// Why a `NAME` was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameRefusal {
    /// It is not a name.
    Invalid(NameError),
    /// Somebody in the room bears it, or one that looks like it.
    Taken,
}

const NAME_REFUSED: &str = "name refused: ";
const TOO_FAST: &str = "you send faster than ";
const STILL: &str = ". Your name is still ";

impl Notice {
    /// The notice that answers a line which is not a line of the wire.
    pub fn of_line(error: LineError<'_>) -> Self {
        Self::LineRefused(error.to_string())
    }

    /// Reads a notice that says `NAME` was refused: why, and the name still borne.
    pub fn read_name_refused(notice: &str) -> Option<(&str, &str)> {
        notice.strip_prefix(NAME_REFUSED)?.rsplit_once(STILL)
    }

    /// Reads a notice that says we send too fast: the lines a second that are allowed.
    pub fn read_too_fast(notice: &str) -> Option<u32> {
        let (rate, _) = notice.strip_prefix(TOO_FAST)?.split_once(' ')?;
        rate.parse().ok()
    }

    /// Writes the whole line, without its end.
    pub fn to_line(&self) -> String {
        format!("MESSAGE * {self}")
    }

    /// What went wrong, for a member that has opted in. `None` for the one notice that is no error:
    /// that the server stops is said in a `BYE`.
    pub fn code(&self) -> Option<ErrorCode> {
        Some(match self {
            Self::NameRefused { why: NameRefusal::Taken, .. } => ErrorCode::NameTaken,
            Self::NameRefused { why: NameRefusal::Invalid(error), .. } => (*error).into(),
            Self::TextRefused(_) => ErrorCode::TextInvalid,
            Self::LineRefused(why) => code_of_line(why),
            Self::TooFast(_) => ErrorCode::RateLimited,
            Self::RoomFull | Self::AddressFull | Self::NotStored => ErrorCode::Busy,
            Self::NotHttp => ErrorCode::UnknownCommand,
            Self::Stopping => return None,
        })
    }

    /// Writes the same as an `ERROR` line, without its end, if it has a [code](Self::code). `txn` is
    /// that of the message which is refused, if it is about one.
    pub fn to_error_line(&self, txn: Option<Txn>) -> Option<String> {
        Some(self.code()?.to_line(txn, self))
    }
}

/// What is wrong with a line, told by the words for it, which are all that a notice keeps.
fn code_of_line(why: &str) -> ErrorCode {
    [LineError::TooLong, LineError::NotUtf8(b""), LineError::ControlCharacter("")]
        .into_iter()
        .find(|error| error.to_string() == why)
        .map_or(ErrorCode::UnknownCommand, ErrorCode::from)
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NameRefused { why, still } => write!(f, "{NAME_REFUSED}{why}{STILL}{still}"),
            Self::TextRefused(error) => write!(f, "message refused: {error}"),
            Self::LineRefused(why) => write!(f, "line refused: {why}"),
            Self::TooFast(rate) => {
                write!(f, "{TOO_FAST}{rate} lines a second; nothing is lost, but it is read more slowly now")
            }
            Self::RoomFull => f.write_str("the room is full; try again later"),
            Self::AddressFull => {
                f.write_str("too many connections from your address; close one and try again")
            }
            Self::NotHttp => f.write_str("this is a chat room, not a web server"),
            Self::NotStored => f.write_str(
                "what you said could not be stored, so nobody has got it; say it again in a while",
            ),
            Self::Stopping => f.write_str("the server is stopping; come back later"),
        }
    }
}

impl fmt::Display for NameRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(error) => error.fmt(f),
            Self::Taken => f.write_str("somebody here has this name already, or one that looks like it"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Command, CommandError, Speaker};

    #[test]
    fn every_notice_is_a_valid_line() {
        let still = Name::guest(7);
        for notice in [
            Notice::NameRefused { why: NameRefusal::Taken, still: still.clone() },
            Notice::NameRefused { why: NameRefusal::Invalid(NameError::Invisible('\u{200B}')), still },
            Notice::LineRefused(CommandError::Unknown("GET").to_string()),
            Notice::of_line(LineError::TooLong),
            Notice::of_line(LineError::ControlCharacter("\t")),
            Notice::TextRefused(TextError::TooLong(5000)),
            Notice::TooFast(10),
            Notice::RoomFull,
            Notice::AddressFull,
            Notice::NotHttp,
            Notice::Stopping,
        ] {
            let line = notice.to_line();
            match Command::parse(&line) {
                Ok(Command::Message { from: Speaker::Server, text }) => {
                    assert_eq!(text.as_str(), notice.to_string());
                }
                other => panic!("{line:?} is {other:?}"),
            }
        }
    }

    #[test]
    fn every_notice_has_a_code_but_the_good_bye() {
        fn check(notice: Notice, expected: Option<ErrorCode>) {
            assert_eq!(notice.code(), expected, "{notice}");
            let line = expected.map(|code| format!("ERROR {code} 5 {notice}"));
            assert_eq!(notice.to_error_line(Some(5)), line);
        }
        let refused = |why| Notice::NameRefused { why, still: Name::guest(7) };
        check(refused(NameRefusal::Taken), Some(ErrorCode::NameTaken));
        check(refused(NameRefusal::Invalid(NameError::Reserved)), Some(ErrorCode::NameReserved));
        check(refused(NameRefusal::Invalid(NameError::WhiteSpace)), Some(ErrorCode::NameInvalid));
        check(Notice::TextRefused(TextError::TooLong(5000)), Some(ErrorCode::TextInvalid));
        check(Notice::of_line(LineError::TooLong), Some(ErrorCode::LineTooLong));
        check(Notice::of_line(LineError::NotUtf8(b"\xff")), Some(ErrorCode::NotUtf8));
        check(Notice::of_line(LineError::ControlCharacter("\t")), Some(ErrorCode::TextInvalid));
        let unknown = CommandError::Unknown("GET").to_string();
        check(Notice::LineRefused(unknown), Some(ErrorCode::UnknownCommand));
        check(Notice::TooFast(10), Some(ErrorCode::RateLimited));
        check(Notice::RoomFull, Some(ErrorCode::Busy));
        check(Notice::AddressFull, Some(ErrorCode::Busy));
        check(Notice::NotHttp, Some(ErrorCode::UnknownCommand));
        check(Notice::NotStored, Some(ErrorCode::Busy));
        check(Notice::Stopping, None);
    }

    #[test]
    fn what_a_client_must_know_is_recognised() {
        let ann = Name::parse("ann").unwrap();
        for why in [NameRefusal::Taken, NameRefusal::Invalid(NameError::WhiteSpace)] {
            let notice = Notice::NameRefused { why, still: ann.clone() }.to_string();
            assert_eq!(Notice::read_name_refused(&notice), Some((why.to_string().as_str(), "ann")));
        }
        assert_eq!(Notice::read_name_refused(&Notice::Stopping.to_string()), None);
        assert_eq!(Notice::read_too_fast(&Notice::TooFast(12).to_string()), Some(12));
        assert_eq!(Notice::read_too_fast(&Notice::Stopping.to_string()), None);
    }
}
