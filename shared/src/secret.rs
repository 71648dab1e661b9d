//! What nobody else may see: a room's password, and the key of a name. Knows their form, and that they are
//! not shown where they could reach a log; knows nothing of how they are checked or kept.

use std::fmt;

use crate::limits::{MAX_KEY, MAX_PASSWORD, MIN_KEY};
use crate::text::first_invisible;

/// A room's password: 1 to [`MAX_PASSWORD`] bytes, of the characters that a [`Text`](crate::Text) may hold.
/// It does not begin with a space.
///
/// `Debug` shows nothing of it; `Display` writes it, for the line that carries it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Password<'a>(&'a str);

/// The key of a name: [`MIN_KEY`] to [`MAX_KEY`] bytes of visible ASCII.
///
/// `Debug` shows nothing of it; `Display` writes it, for the line that carries it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Key<'a>(&'a str);

/// Something is not a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordError;

/// Something is not a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyError;

impl<'a> Password<'a> {
    /// Checks a password. Spaces before it are left out, as they are before every line; those in it and
    /// behind it belong to it.
    pub fn parse(words: &'a str) -> Result<Self, PasswordError> {
        let words = words.trim_start_matches(' ');
        let fits = (1..=MAX_PASSWORD).contains(&words.len()) && first_invisible(words).is_none();
        if fits { Ok(Self(words)) } else { Err(PasswordError) }
    }

    /// The password itself.
    pub fn as_str(self) -> &'a str {
        self.0
    }
}

impl<'a> Key<'a> {
    /// Checks a key.
    pub fn parse(word: &'a str) -> Result<Self, KeyError> {
        let fits = (MIN_KEY..=MAX_KEY).contains(&word.len());
        if fits && word.bytes().all(|byte| byte.is_ascii_graphic()) { Ok(Self(word)) } else { Err(KeyError) }
    }

    /// The key itself.
    pub fn as_str(self) -> &'a str {
        self.0
    }
}

impl fmt::Debug for Password<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(secret)")
    }
}

impl fmt::Debug for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(secret)")
    }
}

impl fmt::Display for Password<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Display for PasswordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a password has 1 to {MAX_PASSWORD} bytes, and no invisible characters")
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a key has {MIN_KEY} to {MAX_KEY} visible ASCII characters, and no spaces")
    }
}

impl std::error::Error for PasswordError {}

impl std::error::Error for KeyError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_may_have_spaces_but_not_before_it() {
        let read = |words: &'static str| Password::parse(words).map(Password::as_str);
        assert_eq!(read("open sesame "), Ok("open sesame "));
        assert_eq!(read("  grün"), Ok("grün"));
        for words in ["", "  ", "a\tb", "a\u{200B}b"] {
            assert_eq!(read(words), Err(PasswordError), "{words:?}");
        }
        assert!(Password::parse(&"x".repeat(MAX_PASSWORD)).is_ok());
        assert!(Password::parse(&"x".repeat(MAX_PASSWORD + 1)).is_err());
    }

    #[test]
    fn a_key_is_long_enough_not_to_be_guessed() {
        for (word, valid) in [
            ("x".repeat(MIN_KEY), true),
            ("x".repeat(MAX_KEY), true),
            ("x".repeat(MIN_KEY - 1), false),
            ("x".repeat(MAX_KEY + 1), false),
            ("ä".repeat(MIN_KEY), false),
            ("x y".repeat(MIN_KEY), false),
        ] {
            assert_eq!(Key::parse(&word).is_ok(), valid, "{word:?}");
        }
    }

    #[test]
    fn neither_is_shown_where_it_may_reach_a_log() {
        let (password, key) = (Password::parse("sesame").unwrap(), Key::parse("0123456789abcdef").unwrap());
        let shown = format!("{password:?} {key:#?}");
        assert!(!shown.contains("sesame") && !shown.contains("0123"), "{shown}");
        assert_eq!(format!("{password} {key}"), "sesame 0123456789abcdef");
    }
}
