//! A message that may have several lines, checked once, and its escaped form, which fits one line of the
//! full language. Knows what a text may hold and how line breaks are written; knows nothing of who says
//! it, nor when.

use std::borrow::Cow;
use std::fmt;

use crate::limits::MAX_ESCAPED;
use crate::text::{Text, TextError, check_length, first_invisible};

/// A message as members that have opted in send and get it: 1 to [`MAX_TEXT`](crate::limits::MAX_TEXT)
/// bytes of UTF-8, its lines parted by `\n`, each of characters that a [`Text`] may hold, and at most
/// [`MAX_ESCAPED`] bytes once escaped. Every text is a body of one line. Of several lines at least one is
/// not blank (nothing but white space), so that there is something to show to members which get one line
/// at a time.
///
/// Borrows what it was made from where it can: only a text with a backslash or a line break is copied.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Body<'a>(Cow<'a, str>);

/// Why a body was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyError {
    /// It is too long, or empty, or one of its lines holds what no text may hold.
    Text(TextError),
    /// None of its lines has anything to show.
    Blank,
    /// The escaped form has a backslash before this character, which is neither `n` nor a backslash.
    Escape(char),
    /// The escaped form ends in the middle of an escape.
    HalfEscape,
}

impl<'a> Body<'a> {
    /// Checks `text`, whose lines are parted by `\n`. It is taken as it is: spaces and blank lines at its
    /// ends belong to it.
    pub fn parse(text: impl Into<Cow<'a, str>>) -> Result<Self, BodyError> {
        let text = text.into();
        check_length(&text)?;
        if let Some(c) = text.split('\n').find_map(first_invisible) {
            return Err(TextError::Invisible(c).into());
        }
        if text.contains('\n') && is_blank(&text) {
            return Err(BodyError::Blank);
        }
        Ok(Self(text))
    }

    /// Reads the escaped form, in which `\n` (two characters) is a line break and `\\` a backslash.
    /// Nothing else is an escape, so a body has one escaped form.
    pub fn unescape(escaped: &'a str) -> Result<Self, BodyError> {
        if escaped.len() > MAX_ESCAPED {
            return Err(TextError::EscapedTooLong(escaped.len()).into());
        }
        if escaped.contains('\n') {
            return Err(TextError::Invisible('\n').into());
        }
        let mut text = String::new();
        let mut rest = escaped;
        while let Some((plain, escape)) = rest.split_once('\\') {
            text.push_str(plain);
            text.push(match escape.chars().next() {
                Some('n') => '\n',
                Some('\\') => '\\',
                Some(other) => return Err(BodyError::Escape(other)),
                None => return Err(BodyError::HalfEscape),
            });
            rest = &escape[1..];
        }
        if text.is_empty() {
            return Self::parse(escaped);
        }
        text.push_str(rest);
        Self::parse(text)
    }

    /// The text itself, its lines parted by `\n`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The escaped form: one line of 1 to [`MAX_ESCAPED`] bytes.
    pub fn escaped(&self) -> Cow<'_, str> {
        escape(self.as_str())
    }

    /// What members get that have not opted in, one `MESSAGE` for each: the lines that are not blank, at
    /// least one. A body of one line is given as it is, as a [`Text`] always was.
    pub fn base_lines(&self) -> impl Iterator<Item = Text<'_>> {
        let text = self.as_str();
        let one = !text.contains('\n');
        text.split('\n').filter(move |line| one || !is_blank(line)).map(Text::of_checked)
    }

    /// The same, borrowing nothing.
    pub fn into_owned(self) -> Body<'static> {
        Body(Cow::Owned(self.0.into_owned()))
    }
}

/// Escapes a text that a [`Body`] was made of: for who has kept such a text, as a log does, and need not
/// check it again.
pub fn escape(text: &str) -> Cow<'_, str> {
    let mut escaped = String::new();
    let mut rest = text;
    while let Some(at) = memchr::memchr2(b'\\', b'\n', rest.as_bytes()) {
        escaped.push_str(&rest[..at]);
        escaped.push_str(if rest.as_bytes()[at] == b'\n' { r"\n" } else { r"\\" });
        rest = &rest[at + 1..];
    }
    if escaped.is_empty() {
        return Cow::Borrowed(text);
    }
    escaped.push_str(rest);
    Cow::Owned(escaped)
}

fn is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

impl<'a> From<Text<'a>> for Body<'a> {
    fn from(text: Text<'a>) -> Self {
        Self(Cow::Borrowed(text.as_str()))
    }
}

impl From<TextError> for BodyError {
    fn from(error: TextError) -> Self {
        Self::Text(error)
    }
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(error) => error.fmt(f),
            Self::Blank => f.write_str("a message needs more than blank lines"),
            Self::Escape(c) => {
                write!(f, r"a backslash stands before n or another backslash, not before U+{:04X}", *c as u32)
            }
            Self::HalfEscape => {
                f.write_str("a message may not end in half an escape; a backslash is written as two")
            }
        }
    }
}

impl std::error::Error for BodyError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::MAX_TEXT;
    use proptest::prelude::*;

    fn check(text: &str, expected: Result<(), BodyError>) {
        assert_eq!(Body::parse(text).map(|_| ()), expected, "{text:?}");
    }

    fn check_escaped(text: &str, escaped: &str) {
        let body = Body::parse(text).unwrap();
        assert_eq!(body.escaped(), escaped);
        assert_eq!(Body::unescape(escaped), Ok(body));
    }

    fn check_base_lines(text: &str, expected: &[&str]) {
        let body = Body::parse(text).unwrap();
        assert_eq!(body.base_lines().map(Text::as_str).collect::<Vec<_>>(), expected, "{text:?}");
    }

    fn refused(escaped: &str) -> BodyError {
        Body::unescape(escaped).unwrap_err()
    }

    #[test]
    fn lines_follow_the_rules_of_a_text() {
        check("one line", Ok(()));
        check("  two\nlines \n\n", Ok(()));
        check("", Err(TextError::Empty.into()));
        check(&"x".repeat(MAX_TEXT), Ok(()));
        check(&"x\n".repeat(MAX_TEXT / 2 + 1), Err(TextError::TooLong(MAX_TEXT + 2).into()));
        for c in ['\t', '\r', '\u{85}', '\u{2028}', '\u{202E}', '\u{E0041}'] {
            check(&format!("a\nb{c}"), Err(TextError::Invisible(c).into()));
        }
        // A flag's letters do not reach over a line's end.
        check("🏴\n\u{E0067}", Err(TextError::Invisible('\u{E0067}').into()));
    }

    #[test]
    fn of_several_lines_one_must_say_something() {
        check("\n", Err(BodyError::Blank));
        check(" \n\u{3000}\n", Err(BodyError::Blank));
        check("\n.", Ok(()));
        check(" ", Ok(()));
    }

    #[test]
    fn line_breaks_and_backslashes_are_escaped() {
        check_escaped("plain", "plain");
        check_escaped("a\nb", r"a\nb");
        check_escaped(r"C:\new", r"C:\\new");
        check_escaped("\\\n\\\\n", r"\\\n\\\\n");
        check_escaped("\nä\n", r"\nä\n");
    }

    #[test]
    fn nothing_else_is_an_escape() {
        assert_eq!(refused(r"a\tb"), BodyError::Escape('t'));
        assert_eq!(refused(r"\N"), BodyError::Escape('N'));
        assert_eq!(refused(r"\ä"), BodyError::Escape('ä'));
        assert_eq!(refused(r"\"), BodyError::HalfEscape);
        assert_eq!(refused(r"a\\\"), BodyError::HalfEscape);
        assert_eq!(refused("a\nb"), TextError::Invisible('\n').into());
        assert_eq!(refused(r"\n \n"), BodyError::Blank);
        assert_eq!(refused(""), TextError::Empty.into());
    }

    #[test]
    fn the_escaped_form_has_its_own_length() {
        let doubled = MAX_ESCAPED - MAX_TEXT;
        for c in ["\\", "\n"] {
            let longest = c.repeat(doubled) + &"x".repeat(MAX_TEXT - doubled);
            check(&longest, Ok(()));
            let escaped = Body::parse(longest.as_str()).unwrap().escaped().into_owned();
            assert_eq!(escaped.len(), MAX_ESCAPED);
            assert_eq!(Body::unescape(&escaped).unwrap().as_str(), longest);
            let longer = c.repeat(doubled + 1) + &"x".repeat(MAX_TEXT - doubled - 1);
            check(&longer, Err(TextError::EscapedTooLong(MAX_ESCAPED + 1).into()));
        }
        assert_eq!(refused(&"x".repeat(MAX_ESCAPED + 1)), TextError::EscapedTooLong(MAX_ESCAPED + 1).into());
        assert_eq!(refused(&"x".repeat(MAX_ESCAPED)), TextError::TooLong(MAX_ESCAPED).into());
    }

    #[test]
    fn the_usual_text_is_not_copied() {
        let body = Body::unescape("hello").unwrap();
        assert!(matches!(body.0, Cow::Borrowed(_)));
        assert!(matches!(body.escaped(), Cow::Borrowed(_)));
    }

    #[test]
    fn base_members_get_the_lines_that_say_something() {
        check_base_lines("one", &["one"]);
        check_base_lines(" a \n\n \u{3000}\nb\n", &[" a ", "b"]);
        check_base_lines("  ", &["  "]);
    }

    proptest! {
        #[test]
        fn every_text_is_a_body_of_one_line(text in "[ \\\\]{1,5}|(\\PC|[\\\\]){1,60}") {
            if let Ok(text) = Text::parse(&text) {
                let body = Body::from(text);
                prop_assert_eq!(Body::parse(text.as_str()), Ok(body.clone()));
                let escaped = body.escaped();
                prop_assert_eq!(Body::unescape(&escaped), Ok(body.clone()));
                prop_assert_eq!(body.base_lines().collect::<Vec<_>>(), [text]);
            }
        }

        #[test]
        fn what_is_escaped_comes_back_the_same(text in "(\\PC|[\n\\\\]){1,100}") {
            if let Ok(body) = Body::parse(text.as_str()) {
                let escaped = body.escaped();
                prop_assert!(!escaped.contains('\n'));
                prop_assert_eq!(escaped.len(), text.len() + text.matches(['\\', '\n']).count());
                prop_assert_eq!(Body::unescape(&escaped), Ok(body.clone()));
            }
        }

        #[test]
        fn what_is_unescaped_goes_back_the_same(escaped in "(\\PC|[n\n\\\\]){0,60}") {
            if let Ok(body) = Body::unescape(&escaped) {
                prop_assert_eq!(body.escaped(), escaped.as_str());
            }
        }

        #[test]
        fn every_base_line_is_a_text(text in "([a ]|\\PC|[\n\\\\]){1,60}") {
            if let Ok(body) = Body::parse(text.as_str()) {
                prop_assert!(body.base_lines().count() > 0);
                for line in body.base_lines() {
                    prop_assert_eq!(Text::parse(line.as_str()), Ok(line));
                }
            }
        }
    }
}
