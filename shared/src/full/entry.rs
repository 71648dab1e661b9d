//! A message as the log has it, and how it is written behind `POST` and `PAST`. Knows the form; knows
//! neither the log nor who is to read it.

use std::fmt;

use super::Fault;
use super::args::Args;
use crate::body::Body;
use crate::id::{MessageId, Millis};
use crate::limits::{MAX_DIGITS, MAX_ESCAPED, MAX_NAME_BYTES};
use crate::name::Name;

/// A message of the log. `Display` writes what stands behind `POST` or `PAST`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Its number, which is its place in the order.
    pub id: MessageId,
    /// When the server took it.
    pub time: Millis,
    /// Who said it, under the name of that moment.
    pub name: Name,
    /// What was said.
    pub body: Body<'a>,
}

impl<'a> Entry<'a> {
    /// Reads what is left of a line.
    pub(super) fn read(args: &mut Args<'a>) -> Result<Self, Fault> {
        Ok(Self {
            id: args.number()?,
            time: args.number()?,
            name: args.given_name()?,
            body: Body::unescape(args.rest())?,
        })
    }
}

impl fmt::Display for Entry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} {}", self.id, self.time, self.name, self.body.escaped())
    }
}

/// Appends `POST <id> <time> <name> <text>` to `out`, and LF.
///
/// For a server's busiest path: it takes what a log keeps, and neither checks nor formats more than it
/// must. `name` must be what a [`Name`] is written as, and `escaped` a [`Body`]'s escaped form.
pub fn append_post(out: &mut Vec<u8>, id: MessageId, time: Millis, name: &str, escaped: &str) {
    append("POST ", out, id, time, name, escaped);
}

/// Appends `PAST <id> <time> <name> <text>` to `out`, and LF; the rest is as with [`append_post`].
pub fn append_past(out: &mut Vec<u8>, id: MessageId, time: Millis, name: &str, escaped: &str) {
    append("PAST ", out, id, time, name, escaped);
}

fn append(command: &str, out: &mut Vec<u8>, id: MessageId, time: Millis, name: &str, escaped: &str) {
    debug_assert!(!name.is_empty() && name.len() <= MAX_NAME_BYTES && !name.contains([' ', '\n']));
    debug_assert!(!escaped.is_empty() && escaped.len() <= MAX_ESCAPED && !escaped.contains('\n'));
    out.reserve(command.len() + 2 * (MAX_DIGITS + 1) + name.len() + 1 + escaped.len() + 1);
    out.extend_from_slice(command.as_bytes());
    append_number(out, id);
    out.push(b' ');
    append_number(out, time);
    out.push(b' ');
    out.extend_from_slice(name.as_bytes());
    out.push(b' ');
    out.extend_from_slice(escaped.as_bytes());
    out.push(b'\n');
}

fn append_number(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; MAX_DIGITS];
    let mut start = MAX_DIGITS;
    loop {
        start -= 1;
        digits[start] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[start..]);
}

#[cfg(test)]
mod tests {
    use super::super::any::any_entry;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_is_appended_whole() {
        let mut out = b"before\n".to_vec();
        append_post(&mut out, 0, 10, "ann", r"a\nb");
        append_past(&mut out, u64::MAX, 1_700_000_000_000, "guest-1", "x ");
        let expected = "before\nPOST 0 10 ann a\\nb\nPAST 18446744073709551615 1700000000000 guest-1 x \n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    proptest! {
        #[test]
        fn both_ways_of_writing_are_the_same(entry in any_entry()) {
            let mut out = Vec::new();
            append_past(&mut out, entry.id, entry.time, entry.name.as_str(), &entry.body.escaped());
            prop_assert_eq!(String::from_utf8(out).unwrap(), format!("PAST {entry}\n"));
        }
    }
}
