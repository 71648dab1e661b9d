//! What went wrong, as the one word of an `ERROR` line that a program can tell apart. Knows which word
//! stands for which of our errors; the words for a person are those errors' own.

use std::fmt;

use crate::id::Txn;
use crate::line::LineError;
use crate::name::NameError;
use crate::word::{Token, TokenError};

/// Makes the enum and its words from one table.
macro_rules! error_codes {
    ($($(#[$doc:meta])+ $code:ident $word:literal)+) => {
        /// What went wrong. `Display` writes its word.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ErrorCode {
            $($(#[$doc])+ $code,)+
        }

        impl ErrorCode {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$code),+];

            /// Its word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$code => $word,)+
                }
            }
        }
    };
}

error_codes! {
    /// Somebody in the room bears this name, or one that looks like it.
    NameTaken "name-taken"
    /// It is not a name.
    NameInvalid "name-invalid"
    /// It is, or looks like, a name that the server keeps for itself.
    NameReserved "name-reserved"
    /// The name is registered with another key.
    KeyWrong "key-wrong"
    /// It is not a text, or not words to search for.
    TextInvalid "text-invalid"
    /// The line was longer than a line may be.
    LineTooLong "line-too-long"
    /// The line was not UTF-8.
    NotUtf8 "not-utf8"
    /// The line begins with no command's word, or has not that command's form.
    UnknownCommand "unknown-command"
    /// The room has a password, and it was not given yet.
    AuthRequired "auth-required"
    /// The password was wrong.
    AuthFailed "auth-failed"
    /// Only others may do this.
    NotPermitted "not-permitted"
    /// Lines come faster than the server allows, and are read more slowly now.
    RateLimited "rate-limited"
    /// The message's txn does not follow the last one of its session.
    TxnOrder "txn-order"
    /// The server cannot do this now; later it may.
    Busy "busy"
}

impl ErrorCode {
    /// The code of this word. `None` for a word of a newer server; [`Code`] keeps it.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == word)
    }

    /// Writes `ERROR <code> <ref> <words>`, without the line's end. `txn` is that of the message which
    /// is refused, if it is about one. `words` must be a valid [`Text`](crate::Text).
    pub fn to_line(self, txn: Option<Txn>, words: impl fmt::Display) -> String {
        match txn {
            Some(txn) => format!("ERROR {self} {txn} {words}"),
            None => format!("ERROR {self} - {words}"),
        }
    }
}

/// The code of an `ERROR` line as a client reads it: a newer server may have more of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code<'a> {
    /// One that we know.
    Known(ErrorCode),
    /// Another: never a word of [`ErrorCode`], if it came from [`Code::parse`].
    Other(Token<'a>),
}

impl<'a> Code<'a> {
    /// Reads any word that could be a code: visible ASCII, as a token is.
    pub fn parse(word: &'a str) -> Result<Self, TokenError> {
        match ErrorCode::parse(word) {
            Some(code) => Ok(Self::Known(code)),
            None => Token::parse(word).map(Self::Other),
        }
    }
}

impl From<NameError> for ErrorCode {
    fn from(error: NameError) -> Self {
        match error {
            NameError::Reserved => Self::NameReserved,
            NameError::Empty
            | NameError::TooLong
            | NameError::WhiteSpace
            | NameError::Invisible(_)
            | NameError::LeadingMark
            | NameError::TooManyMarks => Self::NameInvalid,
        }
    }
}

impl From<LineError<'_>> for ErrorCode {
    fn from(error: LineError<'_>) -> Self {
        match error {
            LineError::TooLong => Self::LineTooLong,
            LineError::NotUtf8(_) => Self::NotUtf8,
            LineError::ControlCharacter(_) => Self::TextInvalid,
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Code<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(code) => code.fmt(f),
            Self::Other(word) => word.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_word() {
        let words: Vec<_> = ErrorCode::ALL.iter().map(ErrorCode::to_string).collect();
        assert_eq!(
            words.join(" "),
            "name-taken name-invalid name-reserved key-wrong text-invalid line-too-long not-utf8 \
             unknown-command auth-required auth-failed not-permitted rate-limited txn-order busy"
        );
        for (code, word) in ErrorCode::ALL.iter().zip(&words) {
            assert_eq!(Code::parse(word), Ok(Code::Known(*code)));
        }
    }

    #[test]
    fn the_word_of_a_newer_server_is_kept() {
        let code = Code::parse("out-of-tea").unwrap();
        assert!(matches!(code, Code::Other(_)));
        assert_eq!(code.to_string(), "out-of-tea");
        assert_eq!(Code::parse(""), Err(TokenError));
    }

    #[test]
    fn an_error_refers_to_a_message_or_to_none() {
        assert_eq!(ErrorCode::Busy.to_line(None, "later"), "ERROR busy - later");
        assert_eq!(ErrorCode::TxnOrder.to_line(Some(7), "6 first"), "ERROR txn-order 7 6 first");
    }
}
