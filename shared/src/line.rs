//! Bytes to lines. A sans-I/O decoder: it is handed whatever arrived and gives back whole lines, one
//! at a time. It knows the form of a line (its end, its longest length, its characters) and nothing
//! of what a line says, nor where the bytes came from.

use std::fmt;

use crate::limits::MAX_LINE;

/// What is kept of an unfinished line: the line and a CR whose LF has yet to come.
const MAX_HELD: usize = MAX_LINE + 1;

/// Turns bytes, in whatever pieces they arrive, into lines.
///
/// Holds nothing but the start of an unfinished line (at most [`MAX_LINE`] + 1 bytes), and gives that
/// memory back when the line is complete, so a connection that is between lines costs no buffer.
#[derive(Debug, Default)]
pub struct LineDecoder {
    held: Vec<u8>,
    /// The last call handed out `held`; it is emptied by the next one.
    handed_out: bool,
    /// The line was refused as too long; what is left of it, up to its end, is thrown away.
    discarding: bool,
}

/// Why a line was refused. The rest of the connection is unharmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineError<'a> {
    /// More than [`MAX_LINE`] bytes without an end. Said once for each such line, as soon as that is
    /// certain; the rest of the line is skipped.
    TooLong,
    /// Not UTF-8. Carries the line's bytes.
    NotUtf8(&'a [u8]),
    /// Holds a control character (U+0000–U+001F, U+007F–U+009F). Carries the line.
    ControlCharacter(&'a str),
}

impl fmt::Display for LineError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "a line may have at most {MAX_LINE} bytes"),
            Self::NotUtf8(_) => f.write_str("a line must be UTF-8 text"),
            Self::ControlCharacter(_) => f.write_str("a line may not hold tabs or other control characters"),
        }
    }
}

impl std::error::Error for LineError<'_> {}

impl LineDecoder {
    /// A decoder at the start of a line.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one line from the front of `input`.
    ///
    /// Returns how many bytes of `input` are used up, and the line: without its end, without leading
    /// spaces, never empty. `None` means that all of `input` was used and no further line is complete.
    /// Call it again with what is left of `input` until it returns `None`.
    pub fn decode<'a>(&'a mut self, input: &'a [u8]) -> (usize, Option<Result<&'a str, LineError<'a>>>) {
        if self.handed_out {
            self.handed_out = false;
            self.held = Vec::new();
        }
        let mut used = 0;
        // Blank lines are passed over here, so that no caller has to know of them.
        while let Some(end) = memchr::memchr(b'\n', &input[used..]).map(|at| used + at) {
            let piece = &input[used..end];
            used = end + 1;
            if self.discarding {
                self.discarding = false;
                continue;
            }
            if self.held.is_empty() {
                if let Some(line) = check(piece) {
                    return (used, Some(line));
                }
            } else if without_cr(piece).len() + self.held.len() > MAX_HELD {
                self.held = Vec::new();
                return (used, Some(Err(LineError::TooLong)));
            } else {
                self.held.extend_from_slice(piece);
                if is_blank(without_cr(&self.held)) {
                    self.held.clear();
                    continue;
                }
                self.handed_out = true;
                return (used, check(&self.held));
            }
        }
        let rest = &input[used..];
        if !self.discarding {
            if self.held.len() + rest.len() > MAX_HELD {
                self.held = Vec::new();
                self.discarding = true;
                return (input.len(), Some(Err(LineError::TooLong)));
            }
            self.held.extend_from_slice(rest);
        }
        (input.len(), None)
    }

    /// The bytes kept of an unfinished line: at most [`MAX_LINE`] + 1.
    pub fn held(&self) -> usize {
        self.held.len()
    }
}

fn without_cr(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|&byte| byte == b' ')
}

/// The rules for one whole line, its LF taken off. `None` for a blank one.
fn check(line: &[u8]) -> Option<Result<&str, LineError<'_>>> {
    let line = without_cr(line);
    if line.len() > MAX_LINE {
        return Some(Err(LineError::TooLong));
    }
    if is_blank(line) {
        return None;
    }
    let Ok(line) = std::str::from_utf8(line) else {
        return Some(Err(LineError::NotUtf8(line)));
    };
    let line = line.trim_start_matches(' ');
    Some(if line.chars().any(char::is_control) { Err(LineError::ControlCharacter(line)) } else { Ok(line) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What a decoder makes of `pieces`, in words that own their text; asserts its memory's bound.
    fn decode_all<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Result<String, String>> {
        let mut decoder = LineDecoder::new();
        let mut lines = Vec::new();
        for mut piece in pieces {
            loop {
                let (used, line) = decoder.decode(piece);
                piece = &piece[used..];
                let Some(line) = line else { break };
                lines.push(line.map(str::to_owned).map_err(|error| error.to_string()));
            }
            assert!(decoder.held() <= MAX_HELD);
            assert!(decoder.held.capacity() <= 2 * MAX_HELD);
        }
        lines
    }

    fn check_lines(bytes: &[u8], expected: &[Result<&str, LineError<'_>>]) {
        let expected: Vec<_> =
            expected.iter().map(|line| line.map(str::to_owned).map_err(|error| error.to_string())).collect();
        assert_eq!(decode_all([bytes]), expected, "in one piece");
        assert_eq!(decode_all(bytes.chunks(1)), expected, "byte by byte");
    }

    #[test]
    fn lines_end_in_lf_or_cr_lf_and_lose_leading_spaces() {
        check_lines(b"SEND a\r\n  SEND  b \nSEND", &[Ok("SEND a"), Ok("SEND  b ")]);
    }

    #[test]
    fn blank_lines_are_passed_over() {
        check_lines(b"\n\r\n   \n  \r\nx\n", &[Ok("x")]);
    }

    #[test]
    fn the_longest_line_passes_with_either_end() {
        let line = "x".repeat(MAX_LINE);
        for end in ["\n", "\r\n"] {
            check_lines(format!("{line}{end}y\n").as_bytes(), &[Ok(&line), Ok("y")]);
        }
    }

    #[test]
    fn one_byte_more_is_refused_once_and_skipped_whole() {
        for extra in [1, 2, 3, MAX_LINE, 10 * MAX_LINE] {
            for end in ["\n", "\r\n"] {
                let bytes = format!("{}{end}y\n", "x".repeat(MAX_LINE + extra));
                check_lines(bytes.as_bytes(), &[Err(LineError::TooLong), Ok("y")]);
            }
        }
    }

    #[test]
    fn a_line_without_end_is_refused_before_its_end_comes() {
        let mut decoder = LineDecoder::new();
        let flood = [b'x'; MAX_LINE + 2];
        let refused = decoder.decode(&flood);
        assert_eq!(refused, (flood.len(), Some(Err(LineError::TooLong))));
        for _ in 0..1000 {
            assert_eq!(decoder.decode(&flood), (flood.len(), None));
            assert_eq!(decoder.held(), 0);
        }
    }

    #[test]
    fn broken_text_and_control_characters_are_refused() {
        check_lines(
            b"a\xff\nb\tc\nd\re\n\xc2\x85\nok\n",
            &[
                Err(LineError::NotUtf8(b"a\xff")),
                Err(LineError::ControlCharacter("b\tc")),
                Err(LineError::ControlCharacter("d\re")),
                Err(LineError::ControlCharacter("\u{85}")),
                Ok("ok"),
            ],
        );
    }

    #[test]
    fn memory_is_given_back_between_lines() {
        let mut decoder = LineDecoder::new();
        decoder.decode(b"half");
        assert_eq!(decoder.held(), 4);
        assert_eq!(decoder.decode(b" line\n").1, Some(Ok("half line")));
        assert_eq!(decoder.decode(b"").1, None);
        assert_eq!(decoder.held.capacity(), 0);
    }

    proptest! {
        /// Pieces must not matter, nothing may panic, and no more than one line is ever held.
        #[test]
        fn any_bytes_in_any_pieces_give_the_same_lines(
            bytes in prop::collection::vec(
                prop_oneof![Just(b'\n'), Just(b'\r'), Just(b' '), any::<u8>()], 0..400),
            size in 1usize..50,
            stretch in 1usize..200,
        ) {
            // Stretched, so that some lines pass the limit.
            let bytes: Vec<u8> = bytes.iter()
                .flat_map(|&byte| std::iter::repeat_n(byte, if byte.is_ascii_alphabetic() { stretch } else { 1 }))
                .collect();
            prop_assert_eq!(decode_all([bytes.as_slice()]), decode_all(bytes.chunks(size)));
        }

        #[test]
        fn lines_come_back_as_they_were_written(lines in prop::collection::vec("[^ \\p{Cc}]\\P{Cc}{0,60}", 0..20)) {
            let bytes: String = lines.iter().map(|line| format!("{line}\n")).collect();
            let expected: Vec<_> = lines.into_iter().map(Ok).collect();
            prop_assert_eq!(decode_all([bytes.as_bytes()]), expected);
        }
    }
}
