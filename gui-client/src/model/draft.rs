//! From what a person typed to the lines that go out in the base, or to the messages that go out in the full
//! language. Knows the form of a text; when and whether they are sent is decided elsewhere.

use std::fmt;

use chat_shared::limits::{MAX_ESCAPED, MAX_TEXT};
use chat_shared::{Body, BodyError, Text, TextError};

/// What a tab becomes: the wire has no tabs.
const TAB: &str = "    ";

/// Why a draft cannot be sent. It stays with its author.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DraftError {
    /// It holds this character, which nobody can see.
    Invisible(char),
    /// So many lines wait already that these would be too many; carries the most that may wait.
    TooMuch(usize),
}

impl fmt::Display for DraftError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invisible(c) => write!(
                f,
                "This holds the invisible character U+{:04X}, which would be refused. Delete it, or type the text anew.",
                u32::from(*c)
            ),
            Self::TooMuch(most) => write!(
                f,
                "This is too much at once: at most {most} lines may wait to be sent. Send less, or wait until they are sent."
            ),
        }
    }
}

impl std::error::Error for DraftError {}

/// How a draft would go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outlook {
    /// In so many messages; none where nothing is to be seen.
    pub messages: usize,
    /// So many bytes has the longest of them.
    pub longest: usize,
}

impl Outlook {
    pub(super) fn of(parts: &[String]) -> Self {
        Self { messages: parts.len(), longest: parts.iter().map(String::len).max().unwrap_or(0) }
    }
}

/// The draft as it is shown once it is sent: without tabs, and without blank space at its end or blank
/// lines at its beginning.
pub(super) fn tidy(draft: &str) -> String {
    let draft = draft.replace("\r\n", "\n").replace('\r', "\n").replace('\t', TAB);
    let draft = draft.trim_end();
    let blank = draft.lines().take_while(|line| line.trim().is_empty()).count();
    draft.lines().skip(blank).collect::<Vec<_>>().join("\n")
}

/// The lines of a tidy draft: one for each that is not blank, more where one is too long.
pub(super) fn lines(tidy: &str) -> Result<Vec<String>, DraftError> {
    let pieces = tidy.lines().flat_map(pieces).filter(|piece| !piece.trim().is_empty());
    pieces
        .map(|piece| match Text::parse(piece) {
            Ok(_) => Ok(piece.to_owned()),
            Err(TextError::Invisible(c)) => Err(DraftError::Invisible(c)),
            Err(TextError::Empty | TextError::TooLong(_) | TextError::EscapedTooLong(_)) => {
                unreachable!("a piece is no longer than a message may be")
            }
        })
        .collect()
}

/// The messages of a tidy draft: one, more where that would be too long. It is cut between lines, and within
/// one only if that is too long by itself; blank lines at a cut are left out.
pub(super) fn bodies(tidy: &str) -> Result<Vec<String>, DraftError> {
    let mut bodies = Vec::new();
    let mut body = String::new();
    // How long its escaped form is.
    let mut escaped = 0;
    for piece in tidy.lines().flat_map(pieces) {
        let more = piece.len() + piece.matches('\\').count();
        let fits = body.len() + 1 + piece.len() <= MAX_TEXT && escaped + 2 + more <= MAX_ESCAPED;
        if !body.is_empty() && !fits {
            bodies.extend(finish(&std::mem::take(&mut body)));
        }
        if !body.is_empty() {
            body.push('\n');
            escaped += 2 + more;
        } else if piece.trim().is_empty() {
            continue;
        } else {
            escaped = more;
        }
        body.push_str(piece);
    }
    bodies.extend(finish(&body));
    for body in &bodies {
        if let Err(BodyError::Text(TextError::Invisible(c))) = Body::parse(body.as_str()) {
            return Err(DraftError::Invisible(c));
        }
    }
    Ok(bodies)
}

fn finish(body: &str) -> Option<String> {
    let body = body.trim_end();
    (!body.is_empty()).then(|| body.to_owned())
}

/// Cuts a line so that each piece fits one message: at a space where there is one in a piece's latter
/// half, else between two characters. The space at a cut is left out.
fn pieces(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let line = rest?;
        let most = longest_piece(line);
        if line.len() <= most {
            return rest.take();
        }
        let (piece, after) = match line[..most].rfind(' ') {
            Some(space) if space >= most / 2 => (&line[..space], &line[space + 1..]),
            _ => line.split_at(most),
        };
        rest = Some(after);
        Some(piece)
    })
}

/// The most bytes of `line` that a message may have. One with thousands of backslashes has room for fewer:
/// each counts twice.
fn longest_piece(line: &str) -> usize {
    let most = line.floor_char_boundary(MAX_TEXT);
    match Text::parse(&line[..most]) {
        Err(TextError::EscapedTooLong(_)) => line.floor_char_boundary(MAX_ESCAPED / 2),
        _ => most,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(draft: &str, expected: &[&str]) {
        assert_eq!(lines(&tidy(draft)).unwrap(), expected, "{draft:?}");
    }

    #[test]
    fn a_message_for_each_line_that_is_not_blank() {
        check("one", &["one"]);
        check("one\n\n two \r\nthree\n\n", &["one", " two ", "three"]);
        check("  \n\n", &[]);
        check("", &[]);
        check("\n  indented", &["  indented"]);
        check("\tx\ty", &["    x    y"]);
        assert_eq!(tidy("\n \n a\n\nb \n"), " a\n\nb");
    }

    #[test]
    fn a_long_line_is_cut_where_it_hurts_least() {
        let word = "x".repeat(3000);
        check(&format!("{word} {word} y"), &[&word, &format!("{word} y")]);
        let solid = "ä".repeat(3000);
        check(&solid, &[&"ä".repeat(2048), &"ä".repeat(952)]);
        check(&"x".repeat(MAX_TEXT), &[&"x".repeat(MAX_TEXT)]);
        check(&"\\".repeat(MAX_TEXT), &[&"\\".repeat(4000), &"\\".repeat(96)]);
    }

    fn check_bodies(draft: &str, expected: &[&str]) {
        assert_eq!(bodies(&tidy(draft)).unwrap(), expected, "{draft:?}");
    }

    #[test]
    fn one_message_unless_it_is_too_long() {
        check_bodies("one", &["one"]);
        check_bodies("\n one\n\n  two \n", &[" one\n\n  two"]);
        check_bodies("  \n", &[]);
        let (a, b) = ("a".repeat(3000), "b".repeat(2000));
        check_bodies(&format!("{a}\n\n{b}\nc"), &[&a, &format!("{b}\nc")]);
        let solid = "x".repeat(5000);
        check_bodies(&format!("y\n{solid}"), &["y", &solid[..MAX_TEXT], &solid[MAX_TEXT..]]);
        assert_eq!(bodies("a\u{202E}"), Err(DraftError::Invisible('\u{202E}')));
    }

    #[test]
    fn what_nobody_can_see_is_refused_in_words() {
        let error = lines("fine\nnot\u{202E}fine").unwrap_err();
        assert_eq!(error, DraftError::Invisible('\u{202E}'));
        assert!(error.to_string().contains("U+202E"));
    }

    proptest! {
        #[test]
        fn nothing_visible_is_lost(draft in "([a-zä 😀\t\n]|a{500}){0,60}") {
            let sent: String = lines(&tidy(&draft)).unwrap().concat();
            let visible = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(visible(&sent), visible(&draft));
        }

        #[test]
        fn every_message_is_a_body_and_nothing_visible_is_lost(draft in "([a-zä 😀\t\n\\\\]|(a\n){500}|\\\\{3000}|a{500}){0,20}") {
            let bodies = bodies(&tidy(&draft)).unwrap();
            for body in &bodies {
                prop_assert!(Body::parse(body.as_str()).is_ok(), "{:?}", body);
            }
            let visible = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(visible(&bodies.concat()), visible(&draft));
        }

        #[test]
        fn every_line_is_a_text(draft in "(\\PC|[\t\r\n]){0,80}") {
            if let Ok(lines) = lines(&tidy(&draft)) {
                for line in lines {
                    prop_assert!(Text::parse(&line).is_ok(), "{:?}", line);
                }
            }
        }
    }
}
