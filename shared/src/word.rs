//! Small things that a line may carry beside names and texts: a token to be answered with, words to search
//! for, and the reason for which somebody has to go. Knows their form; knows nothing of liveness, of how a
//! log is searched, nor of who may send whom away.

use std::fmt;

use crate::limits::{MAX_QUERY, MAX_REASON, MAX_TOKEN};
use crate::text::first_invisible;

/// 1 to [`MAX_TOKEN`] bytes of visible ASCII: what a `PONG` repeats from its `PING`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Token<'a>(&'a str);

/// A word is not 1 to [`MAX_TOKEN`] bytes of visible ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenError;

/// What to `SEARCH` for: 1 to [`MAX_QUERY`] bytes, of the characters that a [`Text`](crate::Text) may
/// hold, and not blank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Query<'a>(&'a str);

/// Why words to search for were refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryError {
    /// There are none, or only white space.
    Blank,
    /// So many bytes, which is more than [`MAX_QUERY`].
    TooLong(usize),
    /// Hold this character, which no message may hold either.
    Invisible(char),
}

/// Why somebody is sent out: 1 to [`MAX_REASON`] bytes, of the characters that a [`Text`](crate::Text) may
/// hold, without spaces at its ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reason<'a>(&'a str);

/// Why a reason was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReasonError {
    /// So many bytes, which is more than [`MAX_REASON`].
    TooLong(usize),
    /// Holds this character, which no message may hold either.
    Invisible(char),
}

impl<'a> Reason<'a> {
    /// Checks `words`; spaces at their ends are left out. `None` when nothing else is there: who sends
    /// somebody out need not say why.
    pub fn parse(words: &'a str) -> Result<Option<Self>, ReasonError> {
        let words = words.trim_matches(' ');
        if words.len() > MAX_REASON {
            return Err(ReasonError::TooLong(words.len()));
        }
        match first_invisible(words) {
            Some(c) => Err(ReasonError::Invisible(c)),
            None => Ok((!words.is_empty()).then_some(Self(words))),
        }
    }

    /// The words as they are written.
    pub fn as_str(self) -> &'a str {
        self.0
    }
}

impl<'a> Token<'a> {
    /// Checks a word.
    pub fn parse(word: &'a str) -> Result<Self, TokenError> {
        let fits = (1..=MAX_TOKEN).contains(&word.len());
        if fits && word.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(word))
        } else {
            Err(TokenError)
        }
    }

    /// The token as it is written.
    pub fn as_str(self) -> &'a str {
        self.0
    }
}

impl<'a> Query<'a> {
    /// Checks `words`, which are taken as they are: spaces at their ends belong to them.
    pub fn parse(words: &'a str) -> Result<Self, QueryError> {
        if words.trim().is_empty() {
            return Err(QueryError::Blank);
        }
        if words.len() > MAX_QUERY {
            return Err(QueryError::TooLong(words.len()));
        }
        match first_invisible(words) {
            Some(c) => Err(QueryError::Invisible(c)),
            None => Ok(Self(words)),
        }
    }

    /// The words as they are written.
    pub fn as_str(self) -> &'a str {
        self.0
    }
}

impl fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Display for Query<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Display for Reason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Display for ReasonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong(bytes) => {
                write!(f, "a reason may have at most {MAX_REASON} bytes, this one has {bytes}")
            }
            Self::Invisible(c) => {
                write!(f, "a reason may not hold the invisible character U+{:04X}", *c as u32)
            }
        }
    }
}

impl std::error::Error for ReasonError {}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a token must be 1 to {MAX_TOKEN} visible ASCII characters")
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blank => f.write_str("a search needs words to search for"),
            Self::TooLong(bytes) => {
                write!(f, "words to search for may have at most {MAX_QUERY} bytes, these have {bytes}")
            }
            Self::Invisible(c) => {
                write!(f, "words to search for may not hold the invisible character U+{:04X}", *c as u32)
            }
        }
    }
}

impl std::error::Error for TokenError {}

impl std::error::Error for QueryError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_token(word: &str, valid: bool) {
        assert_eq!(Token::parse(word).is_ok(), valid, "{word:?}");
    }

    fn check_query(words: &str, expected: Result<(), QueryError>) {
        assert_eq!(Query::parse(words).map(|_| ()), expected, "{words:?}");
    }

    #[test]
    fn a_token_is_visible_ascii() {
        check_token("x", true);
        check_token("!~0aZ", true);
        check_token(&"x".repeat(MAX_TOKEN), true);
        check_token(&"x".repeat(MAX_TOKEN + 1), false);
        for word in ["", " ", "a b", "ä", "a\u{7F}", "a\t"] {
            check_token(word, false);
        }
    }

    #[test]
    fn a_query_has_something_to_search_for() {
        check_query("hello  there ", Ok(()));
        check_query("नमस्ते", Ok(()));
        check_query(&"x".repeat(MAX_QUERY), Ok(()));
        check_query(&"x".repeat(MAX_QUERY + 1), Err(QueryError::TooLong(MAX_QUERY + 1)));
        check_query("", Err(QueryError::Blank));
        check_query(" \u{3000} ", Err(QueryError::Blank));
        check_query("a\u{202E}b", Err(QueryError::Invisible('\u{202E}')));
        check_query("a\nb", Err(QueryError::Invisible('\n')));
    }

    #[test]
    fn a_reason_may_be_left_out() {
        let read = |words: &'static str| Reason::parse(words).map(|reason| reason.map(Reason::as_str));
        assert_eq!(read("too  loud "), Ok(Some("too  loud")));
        assert_eq!(read(""), Ok(None));
        assert_eq!(read("  "), Ok(None));
        assert_eq!(read("a\u{202E}b"), Err(ReasonError::Invisible('\u{202E}')));
        let long = "x".repeat(MAX_REASON + 1);
        assert_eq!(Reason::parse(&long), Err(ReasonError::TooLong(MAX_REASON + 1)));
    }
}
