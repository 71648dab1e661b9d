//! A display name, checked once, and the question whether two names look alike. Knows the characters
//! and the reserved words; knows nothing of who holds which name.

use std::fmt;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};
use unicode_security::skeleton;

use crate::limits::{MAX_NAME_BYTES, MAX_NAME_CHARS, MAX_NAME_MARKS};

#[cfg(test)]
mod attacks;
#[cfg(test)]
mod tests;

/// Whole names that nobody may take, nor anything that looks like them.
const RESERVED: [&str; 5] = ["*", "server", "server:", "system", "system:"];

/// How the names begin that the server gives to members without one.
const GUEST: &str = "guest-";

/// A display name: 1 to [`MAX_NAME_CHARS`] characters, at most [`MAX_NAME_BYTES`] bytes, all of them visible.
///
/// `==` compares spellings. Whether two names may stand beside each other in one room is asked
/// through [`Name::keys`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Name(Box<str>);

/// Why a name was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameError {
    /// There is none.
    Empty,
    /// More than [`MAX_NAME_CHARS`] characters or [`MAX_NAME_BYTES`] bytes.
    TooLong,
    /// Holds white space.
    WhiteSpace,
    /// Holds this character, which cannot be seen or has no agreed look.
    Invisible(char),
    /// Begins with a mark that would be drawn onto whatever stands before the name.
    LeadingMark,
    /// Has more than [`MAX_NAME_MARKS`] marks on one letter, which would be drawn into other lines.
    TooManyMarks,
    /// Is, or looks like, a name that the server keeps for itself.
    Reserved,
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a name needs at least one character"),
            Self::TooLong => {
                write!(f, "a name may have at most {MAX_NAME_CHARS} characters and {MAX_NAME_BYTES} bytes")
            }
            Self::WhiteSpace => f.write_str("a name may not hold white space"),
            Self::Invisible(c) => {
                write!(f, "a name may not hold the invisible character U+{:04X}", *c as u32)
            }
            Self::LeadingMark => f.write_str("a name may not begin with a combining mark"),
            Self::TooManyMarks => {
                write!(f, "a name may have at most {MAX_NAME_MARKS} combining marks on one letter")
            }
            Self::Reserved => f.write_str("this name is kept for the server"),
        }
    }
}

impl std::error::Error for NameError {}

/// One way in which a name can be the same as another. Two names look alike when they share any key
/// of the same place in [`Name::keys`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NameKey {
    way: u8,
    form: Box<str>,
}

impl Name {
    /// Checks a name that somebody wants to take.
    pub fn parse(name: &str) -> Result<Self, NameError> {
        if name.is_empty() {
            return Err(NameError::Empty);
        }
        if name.len() > MAX_NAME_BYTES || name.chars().count() > MAX_NAME_CHARS {
            return Err(NameError::TooLong);
        }
        if name.contains(char::is_whitespace) {
            return Err(NameError::WhiteSpace);
        }
        if let Some(c) = name.chars().find(|&c| is_invisible(c)) {
            return Err(NameError::Invisible(c));
        }
        if name.starts_with(is_combining_mark) {
            return Err(NameError::LeadingMark);
        }
        if has_a_pile(name) {
            return Err(NameError::TooManyMarks);
        }
        let name = Self(name.into());
        if name.is_reserved() { Err(NameError::Reserved) } else { Ok(name) }
    }

    /// The name of a member that has not given one yet. Only a server makes these; [`Name::parse`]
    /// refuses them.
    pub fn guest(number: u64) -> Self {
        Self(format!("{GUEST}{number}").into())
    }

    /// Reads a name in a server's line, where guests' names are names like any other.
    pub fn parse_given(name: &str) -> Result<Self, NameError> {
        match name.strip_prefix(GUEST).map(str::parse) {
            Some(Ok(number)) if Self::guest(number).as_str() == name => Ok(Self::guest(number)),
            _ => Self::parse(name),
        }
    }

    /// The name as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The forms in which this name must be unique in its room.
    ///
    /// Width is folded (NFKC) in all three. TR39's skeletons tell look-alikes, but know nothing of
    /// upper and lower case, and the two do not commute: `I` looks like `l`, `i` does not; `ν` looks
    /// like `v`, `Ν` like `N`. So names are compared as they are drawn, in lower case and in upper
    /// case, each way by itself.
    pub fn keys(&self) -> [NameKey; 3] {
        keys(&self.0)
    }

    /// Whether a reader could take one for the other.
    pub fn looks_like(&self, other: &Name) -> bool {
        share_a_key(&self.keys(), &other.keys())
    }

    fn is_reserved(&self) -> bool {
        // Made once: skeletons cost more than all the rest of a name.
        static WORDS: LazyLock<[[NameKey; 3]; RESERVED.len()]> = LazyLock::new(|| RESERVED.map(keys));
        static BEGINNING: LazyLock<[NameKey; 3]> = LazyLock::new(|| keys(GUEST));
        let ours = self.keys();
        WORDS.iter().any(|word| share_a_key(&ours, word))
            || ours.iter().zip(BEGINNING.iter()).any(|(key, guest)| key.form.starts_with(&*guest.form))
    }
}

fn share_a_key(one: &[NameKey; 3], other: &[NameKey; 3]) -> bool {
    one.iter().zip(other).any(|(one, other)| one == other)
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn keys(name: &str) -> [NameKey; 3] {
    let name: String = name.nfkc().collect();
    let skeleton = |name: &str| skeleton(name).collect::<String>();
    [
        NameKey { way: 0, form: skeleton(&name).to_lowercase().into() },
        NameKey { way: 1, form: skeleton(&name.to_lowercase()).into() },
        NameKey { way: 2, form: skeleton(&name.to_uppercase()).into() },
    ]
}

/// Whether more marks follow each other than a letter may have. Those that take room of their own, as vowel signs
/// of India do, are not drawn onto anything.
fn has_a_pile(name: &str) -> bool {
    let mut marks = 0;
    name.chars().any(|c| {
        let on_top = [GeneralCategory::NonspacingMark, GeneralCategory::EnclosingMark];
        marks = if on_top.contains(&c.general_category()) { marks + 1 } else { 0 };
        marks > MAX_NAME_MARKS
    })
}

fn is_invisible(c: char) -> bool {
    // Drawn as nothing, though their category is that of letters or marks (Unicode's
    // Default_Ignorable_Code_Point, less what the categories below cover already).
    let ignorable = matches!(c,
        '\u{034F}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FFA0}' | '\u{E0100}'..='\u{E01EF}');
    ignorable
        || matches!(
            c.general_category(),
            GeneralCategory::Control
                | GeneralCategory::Format
                | GeneralCategory::PrivateUse
                | GeneralCategory::Unassigned
        )
}
