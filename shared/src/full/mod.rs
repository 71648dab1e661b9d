//! The lines of the full language, for members that have opted in with `HELLO`: parsed from what
//! [`LineDecoder`](crate::LineDecoder) hands out, and written. Knows the form of each line; what one
//! leads to, and who may send it when, is the server's and the client's business.
//!
//! One space parts the words of a line, and none stands at its end. A text or the words to search for
//! come last and reach to the line's end, spaces and all.
//!
//! | file | what it holds |
//! |---|---|
//! | `args.rs` | the words of a line, read one after the other |
//! | `entry.rs` | [`Entry`]: a message of the log, and the fast way to write one |
//! | `names.rs` | [`NameList`]: names that fit one line |
//! | `client.rs` | [`ClientCommand`]: what clients say |
//! | `server.rs` | [`ServerCommand`]: what servers say |

use std::fmt;

use crate::body::BodyError;
use crate::code::ErrorCode;
use crate::limits::{MAX_HISTORY, MAX_MUTE};
use crate::line::LineError;
use crate::name::NameError;
use crate::secret::{KeyError, PasswordError};
use crate::text::TextError;
use crate::word::{QueryError, ReasonError};

#[cfg(test)]
mod any;
mod args;
mod client;
mod entry;
mod names;
mod server;

pub use client::{ClientCommand, ClientError};
pub use entry::{Entry, append_past, append_post};
pub use names::{NameList, users_lines};
pub use server::{History, ServerCommand};

/// Why a line is no command of the full language. `Display` writes it for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Its first word names no command.
    Unknown,
    /// It has not its command's form, which is this one.
    Form(&'static str),
    /// It asks for more than [`MAX_HISTORY`] messages. Refused, not cut down to what is allowed: who
    /// got fewer than asked for would take them for all there are.
    TooMany,
    /// The name in it is not one.
    Name(NameError),
    /// The text in it is not one.
    Body(BodyError),
    /// The words to search for are none.
    Query(QueryError),
    /// The password in it is none.
    Password(PasswordError),
    /// The key in it is none.
    Key(KeyError),
    /// The reason in it is none.
    Reason(ReasonError),
    /// It silences somebody for longer than [`MAX_MUTE`].
    TooLongMute,
    /// It is longer than a line may be.
    LineTooLong,
    /// It is not UTF-8.
    NotUtf8,
    /// It holds a control character.
    ControlCharacter,
}

impl Fault {
    /// The code that answers it: `unknown-command` for whatever is wrong beside names, texts and the
    /// line as such.
    pub fn code(self) -> ErrorCode {
        match self {
            Self::Unknown | Self::Form(_) | Self::TooMany | Self::TooLongMute => ErrorCode::UnknownCommand,
            Self::Name(error) => error.into(),
            Self::Body(_) | Self::Query(_) | Self::Reason(_) => ErrorCode::TextInvalid,
            Self::Password(_) => ErrorCode::AuthFailed,
            Self::Key(_) => ErrorCode::KeyWrong,
            Self::LineTooLong => LineError::TooLong.into(),
            Self::NotUtf8 => LineError::NotUtf8(b"").into(),
            Self::ControlCharacter => LineError::ControlCharacter("").into(),
        }
    }
}

impl From<LineError<'_>> for Fault {
    fn from(error: LineError<'_>) -> Self {
        match error {
            LineError::TooLong => Self::LineTooLong,
            LineError::NotUtf8(_) => Self::NotUtf8,
            LineError::ControlCharacter(_) => Self::ControlCharacter,
        }
    }
}

impl From<NameError> for Fault {
    fn from(error: NameError) -> Self {
        Self::Name(error)
    }
}

impl From<QueryError> for Fault {
    fn from(error: QueryError) -> Self {
        Self::Query(error)
    }
}

impl From<PasswordError> for Fault {
    fn from(error: PasswordError) -> Self {
        Self::Password(error)
    }
}

impl From<KeyError> for Fault {
    fn from(error: KeyError) -> Self {
        Self::Key(error)
    }
}

impl From<ReasonError> for Fault {
    fn from(error: ReasonError) -> Self {
        Self::Reason(error)
    }
}

impl From<BodyError> for Fault {
    fn from(error: BodyError) -> Self {
        Self::Body(error)
    }
}

impl From<TextError> for Fault {
    fn from(error: TextError) -> Self {
        Self::Body(error.into())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("the line begins with no command that is known here"),
            Self::Form(form) => write!(f, "the line must have the form {form}"),
            Self::TooMany => write!(f, "at most {MAX_HISTORY} messages can be asked for at once"),
            Self::Name(error) => error.fmt(f),
            Self::Body(error) => error.fmt(f),
            Self::Query(error) => error.fmt(f),
            Self::Password(error) => error.fmt(f),
            Self::Key(error) => error.fmt(f),
            Self::Reason(error) => error.fmt(f),
            Self::TooLongMute => write!(f, "somebody can be silenced for {MAX_MUTE} seconds at most"),
            Self::LineTooLong => LineError::TooLong.fmt(f),
            Self::NotUtf8 => LineError::NotUtf8(b"").fmt(f),
            Self::ControlCharacter => LineError::ControlCharacter("").fmt(f),
        }
    }
}

impl std::error::Error for Fault {}
