//! What the programs call things by: sessions, rooms, messages, their times. Knows how each is written
//! on the wire; knows nothing of how one is drawn or counted.

use std::fmt;

/// A message's number in its room's log. Ids grow with the order of the messages.
pub type MessageId = u64;

/// The number that a client gives to a message of its session: it grows by one with each new one.
pub type Txn = u64;

/// A time: milliseconds since 1970 UTC.
pub type Millis = u64;

/// A word is not a number of the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumberError;

/// A word is not 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdError;

/// Reads a decimal number, 0 to [`u64::MAX`]: digits only. Signs and leading zeros are refused, so that
/// a number has one spelling.
pub fn parse_number(word: &str) -> Result<u64, NumberError> {
    match word.as_bytes() {
        [b'0'] => Ok(0),
        // What is no digit is refused by `parse`, as is too large a number.
        [b'1'..=b'9', ..] => word.parse().map_err(|_| NumberError),
        _ => Err(NumberError),
    }
}

/// What names a client's session: 128 bits that it draws at random and keeps for as long as it may have
/// to resend something.
///
/// Who knows it can speak for that session, so it is a secret: `Debug` does not show it. `Display`
/// writes it for the wire, 32 hexadecimal digits in lower case, and must not reach a log.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionId([u8; 16]);

/// What names a room's log: 128 bits that change only when the log was lost. No secret.
///
/// `Display` writes 32 hexadecimal digits in lower case.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RoomId([u8; 16]);

macro_rules! written_in_hex {
    ($id:ident) => {
        impl $id {
            /// Reads exactly 32 hexadecimal digits, of either case.
            pub fn parse(word: &str) -> Result<Self, IdError> {
                // The number's own parser would take a sign.
                if word.len() != 32 || !word.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                    return Err(IdError);
                }
                let bits = u128::from_str_radix(word, 16).map_err(|_| IdError)?;
                Ok(Self(bits.to_be_bytes()))
            }

            /// The id of these bytes, in the order in which they are written.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// Its bytes, in the order in which they are written.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:032x}", u128::from_be_bytes(self.0))
            }
        }
    };
}

written_in_hex!(SessionId);
written_in_hex!(RoomId);

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionId(secret)")
    }
}

impl fmt::Debug for RoomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RoomId({self})")
    }
}

impl fmt::Display for NumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a number is written in digits, without sign or leading zeros, and is at most {}", u64::MAX)
    }
}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it must have 32 hexadecimal digits")
    }
}

impl std::error::Error for NumberError {}

impl std::error::Error for IdError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::MAX_DIGITS;
    use proptest::prelude::*;

    fn check_number(word: &str, expected: Option<u64>) {
        assert_eq!(parse_number(word).ok(), expected, "{word:?}");
    }

    #[test]
    fn a_number_has_one_spelling() {
        check_number("0", Some(0));
        check_number("10", Some(10));
        check_number("18446744073709551615", Some(u64::MAX));
        assert_eq!(u64::MAX.to_string().len(), MAX_DIGITS);
        for word in ["", "+1", "-1", "-0", "00", "01", " 1", "1 ", "1_0", "0x1", "1.0", "١", "x"] {
            check_number(word, None);
        }
        check_number("18446744073709551616", None);
        check_number(&"9".repeat(1000), None);
    }

    #[test]
    fn an_id_has_32_hexadecimal_digits_of_either_case() {
        let id = SessionId::parse("00112233445566778899AAbbCCddEEff").unwrap();
        assert_eq!(id.as_bytes()[..3], [0x00, 0x11, 0x22]);
        assert_eq!(id.to_string(), "00112233445566778899aabbccddeeff");
        let digits = "0".repeat(31);
        for word in [&digits, &format!("{digits}00"), &format!("+{digits}"), &format!("{digits}g"), ""] {
            assert_eq!(SessionId::parse(word), Err(IdError), "{word:?}");
            assert_eq!(RoomId::parse(word), Err(IdError), "{word:?}");
        }
        // 32 bytes, but fewer characters.
        assert_eq!(RoomId::parse(&"ä".repeat(16)), Err(IdError));
    }

    #[test]
    fn a_session_is_not_shown_where_it_may_reach_a_log() {
        let bytes = [0xAB; 16];
        let shown = format!("{:?} {:#?}", SessionId::from_bytes(bytes), Some(SessionId::from_bytes(bytes)));
        assert!(!shown.to_lowercase().contains("ab") && !shown.contains("171"), "{shown}");
        assert!(format!("{:?}", RoomId::from_bytes(bytes)).contains("abab"));
    }

    proptest! {
        #[test]
        fn what_is_written_parses_back_the_same(bytes: [u8; 16], number: u64) {
            let (session, room) = (SessionId::from_bytes(bytes), RoomId::from_bytes(bytes));
            prop_assert_eq!(SessionId::parse(&session.to_string()), Ok(session));
            prop_assert_eq!(RoomId::parse(&room.to_string().to_uppercase()), Ok(room));
            prop_assert_eq!(session.as_bytes(), &bytes);
            prop_assert_eq!(parse_number(&number.to_string()), Ok(number));
        }

        #[test]
        fn no_word_panics(word in "\\PC{0,40}|[+0-9a-fA-F]{0,40}") {
            let _ = (SessionId::parse(&word), RoomId::parse(&word));
            if let Ok(number) = parse_number(&word) {
                prop_assert_eq!(number.to_string(), word);
            }
        }
    }
}
