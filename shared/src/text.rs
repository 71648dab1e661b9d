//! The text of one message, checked once. Knows which characters a text may hold and how long it may
//! be; knows nothing of who says it, nor how it is drawn.

use std::fmt;

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use crate::limits::{MAX_ESCAPED, MAX_TEXT};

/// A message text: 1 to [`MAX_TEXT`] bytes of UTF-8 on one line, without bidi overrides and other
/// invisible controls, and at most [`MAX_ESCAPED`] bytes when each backslash counts twice, as it does
/// in the full language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text<'a>(&'a str);

/// Why a text was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextError {
    /// There is none.
    Empty,
    /// So many bytes, which is more than [`MAX_TEXT`].
    TooLong(usize),
    /// So many bytes once its backslashes and line breaks are escaped, which is more than [`MAX_ESCAPED`].
    EscapedTooLong(usize),
    /// Holds this character, which nobody can see and which can change how the rest is read.
    Invisible(char),
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a message needs a text"),
            Self::TooLong(bytes) => {
                write!(f, "a message may have at most {MAX_TEXT} bytes, this one has {bytes}")
            }
            Self::EscapedTooLong(bytes) => write!(
                f,
                "a message may have at most {MAX_ESCAPED} bytes when each backslash and line break counts as two, this one has {bytes}"
            ),
            Self::Invisible(c) => {
                write!(f, "a message may not hold the invisible character U+{:04X}", *c as u32)
            }
        }
    }
}

impl std::error::Error for TextError {}

impl<'a> Text<'a> {
    /// Checks `text`, which is taken as it is: spaces at its ends belong to it.
    pub fn parse(text: &'a str) -> Result<Self, TextError> {
        check_length(text)?;
        match first_invisible(text) {
            Some(c) => Err(TextError::Invisible(c)),
            None => Ok(Self(text)),
        }
    }

    /// A line of a text that was checked already.
    pub(crate) fn of_checked(text: &'a str) -> Self {
        Self(text)
    }

    /// The text itself.
    pub fn as_str(self) -> &'a str {
        self.0
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// `text` with U+FFFD in the place of every character that a [`Text`] may not hold: for showing what
/// a server that checks nothing passed on.
pub fn harmless(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, c)) = find_invisible(rest) {
        shown.push_str(&rest[..at]);
        shown.push(char::REPLACEMENT_CHARACTER);
        rest = &rest[at + c.len_utf8()..];
    }
    shown.push_str(rest);
    shown
}

/// The rules for a text's length, which are the same for one line and for several.
pub(crate) fn check_length(text: &str) -> Result<(), TextError> {
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    if text.len() > MAX_TEXT {
        return Err(TextError::TooLong(text.len()));
    }
    // A shorter one fits even when every byte of it counts twice: the usual text is not looked through.
    if text.len() > MAX_ESCAPED / 2 {
        let escaped = text.len() + memchr::memchr2_iter(b'\\', b'\n', text.as_bytes()).count();
        if escaped > MAX_ESCAPED {
            return Err(TextError::EscapedTooLong(escaped));
        }
    }
    Ok(())
}

/// The first character of `text` that a [`Text`] may not hold.
pub(crate) fn first_invisible(text: &str) -> Option<char> {
    find_invisible(text).map(|(_, c)| c)
}

fn find_invisible(text: &str) -> Option<(usize, char)> {
    // Most text is plain ASCII, and a look at its bytes is many times faster than one at its characters.
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return None;
    }
    // How many more tag characters the flag before them may have.
    let mut tags_left = 0;
    text.char_indices().find(|&(_, c)| {
        tags_left = match c {
            WAVING_BLACK_FLAG => FLAG_TAGS,
            c if is_tag(c) && tags_left > 0 => tags_left - 1,
            c => {
                tags_left = 0;
                return is_invisible_control(c);
            }
        };
        false
    })
}

/// Starts the flags of England, Scotland, Wales and other regions, which are spelt in tag characters
/// (UTS #51, emoji tag sequences). Only behind it is a tag character an innocent part of a picture.
const WAVING_BLACK_FLAG: char = '\u{1F3F4}';

/// How many tag characters spell a flag: a region and its part, at most six letters and digits, and
/// the tag that ends them.
const FLAG_TAGS: usize = 7;

fn is_tag(c: char) -> bool {
    ('\u{E0020}'..='\u{E007F}').contains(&c)
}

fn is_invisible_control(c: char) -> bool {
    match c {
        // Joiners, which emoji, Persian and the Indic scripts are spelt with, and the marks with which
        // people set right the order of mixed Hebrew or Arabic: they move nothing beyond their neighbours.
        '\u{200C}'..='\u{200F}' | '\u{061C}' => false,
        // Signs above or below a number: format characters by category, yet drawn.
        '\u{0600}'..='\u{0605}'
        | '\u{06DD}'
        | '\u{070F}'
        | '\u{0890}'..='\u{0891}'
        | '\u{08E2}'
        | '\u{110BD}'
        | '\u{110CD}' => false,
        _ => matches!(
            c.general_category(),
            GeneralCategory::Control
                | GeneralCategory::Format
                | GeneralCategory::LineSeparator
                | GeneralCategory::ParagraphSeparator
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expected: Result<(), TextError>) {
        assert_eq!(Text::parse(text).map(|_| ()), expected, "{text:?}");
    }

    #[test]
    fn length_is_counted_in_bytes() {
        check("", Err(TextError::Empty));
        check(&"x".repeat(MAX_TEXT), Ok(()));
        check(&"x".repeat(MAX_TEXT + 1), Err(TextError::TooLong(MAX_TEXT + 1)));
        check(&"ä".repeat(MAX_TEXT / 2), Ok(()));
        check(&"ä".repeat(MAX_TEXT / 2 + 1), Err(TextError::TooLong(MAX_TEXT + 2)));
    }

    #[test]
    fn backslashes_count_twice() {
        let most = MAX_ESCAPED - MAX_TEXT;
        let text = |backslashes| "\\".repeat(backslashes) + &"x".repeat(MAX_TEXT - backslashes);
        check(&text(most), Ok(()));
        check(&text(most + 1), Err(TextError::EscapedTooLong(MAX_ESCAPED + 1)));
        check(&"\\".repeat(MAX_ESCAPED / 2), Ok(()));
        check(&"\\".repeat(MAX_ESCAPED / 2 + 1), Err(TextError::EscapedTooLong(MAX_ESCAPED + 2)));
    }

    #[test]
    fn people_can_write_their_languages() {
        for text in [
            "plain",
            " spaces stay ",
            "grüße, Ωραία, Привет, 你好, こんにちは, 안녕",
            "نمی\u{200C}خواهم",
            "שלום\u{200F}!",
            "क्\u{200D}ष",
            "👩\u{200D}👩\u{200D}👧 ❤\u{FE0F}",
            "🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}",
        ] {
            check(text, Ok(()));
        }
    }

    #[test]
    fn invisible_controls_are_refused() {
        for c in [
            '\n',
            '\t',
            '\u{7F}',
            '\u{9B}',
            '\u{AD}',
            '\u{200B}',
            '\u{2028}',
            '\u{2029}',
            '\u{202A}',
            '\u{202E}',
            '\u{2060}',
            '\u{2066}',
            '\u{2069}',
            '\u{206F}',
            '\u{FEFF}',
            '\u{FFF9}',
            '\u{E0001}',
            '\u{E0041}',
        ] {
            check(&format!("a{c}b"), Err(TextError::Invisible(c)));
            assert_eq!(harmless(&format!("a{c}b")), "a\u{FFFD}b");
        }
    }

    #[test]
    fn tags_pass_only_inside_a_flag() {
        check("🏴x\u{E0067}", Err(TextError::Invisible('\u{E0067}')));
        check(&format!("🏴{}", "\u{E0067}".repeat(7)), Ok(()));
        check(&format!("🏴{}", "\u{E0067}".repeat(8)), Err(TextError::Invisible('\u{E0067}')));
    }

    proptest! {
        #[test]
        fn what_was_made_harmless_passes(text in "(\\PC|\\p{Cf}|\\p{Cc}){1,100}") {
            prop_assert!(Text::parse(&harmless(&text)).is_ok());
        }

        #[test]
        fn what_passes_is_left_as_it_is(text in "\\PC{1,100}") {
            if Text::parse(&text).is_ok() {
                prop_assert_eq!(harmless(&text), text);
            }
        }
    }
}
