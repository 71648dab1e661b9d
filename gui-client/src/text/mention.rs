//! Who is meant: our own name wherever it stands as a word, and whatever follows an `@`. Knows no list
//! of members: how a message looks does not change when somebody leaves.

use std::ops::Range;

/// So many names of one message are looked for.
const MAX_NAMES: usize = 64;

/// A name in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Where it stands, in bytes, with its `@` if it has one.
    pub range: Range<usize>,
    /// It is ours.
    pub is_us: bool,
}

/// The names in `text`, in order and apart from each other, as a member called `own` sees them. An empty
/// name is nobody's.
pub fn find(text: &str, own: &str) -> Vec<Named> {
    let mut found = Vec::new();
    let mut before = None;
    let mut resume = 0;
    for (at, letter) in text.char_indices() {
        let begins = at >= resume && !(before.is_some_and(joins) && joins(letter) || before == Some('@'));
        let begins = begins && !(letter == '@' && before.is_some_and(joins));
        before = Some(letter);
        if !begins {
            continue;
        }
        let word = &text[at..];
        let bare = word.strip_prefix('@').unwrap_or(word);
        let sign = word.len() - bare.len();
        let named = match own_name(bare, own) {
            Some(length) => Named { range: at..at + sign + length, is_us: true },
            None if sign > 0 => match other_name(bare) {
                Some(length) => Named { range: at..at + sign + length, is_us: false },
                None => continue,
            },
            None => continue,
        };
        resume = named.range.end;
        found.push(named);
        if found.len() == MAX_NAMES {
            break;
        }
    }
    found
}

/// Whether a letter is part of a word. Scripts that put no space between words have no such borders.
fn joins(letter: char) -> bool {
    (letter.is_alphanumeric() || letter == '_') && letter < '\u{2e80}'
}

/// How much of the beginning of `text` is our name, upper or lower case, as a word.
fn own_name(text: &str, own: &str) -> Option<usize> {
    let mut wanted = own.chars().flat_map(char::to_lowercase).peekable();
    wanted.peek()?;
    let mut last = ' ';
    for (at, letter) in text.char_indices() {
        if wanted.peek().is_none() {
            return (!(joins(last) && joins(letter))).then_some(at);
        }
        if !letter.to_lowercase().all(|part| wanted.next() == Some(part)) {
            return None;
        }
        last = letter;
    }
    wanted.peek().is_none().then_some(text.len())
}

/// How much of the beginning of `text` may be a name, which begins with a letter.
fn other_name(text: &str) -> Option<usize> {
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.');
    let end = text.find(|letter| !is_part(letter)).unwrap_or(text.len());
    let name = text[..end].trim_end_matches(['.', '-']);
    let good = name.starts_with(char::is_alphabetic) && name.len() <= chat_shared::limits::MAX_NAME_BYTES;
    good.then_some(name.len())
}
