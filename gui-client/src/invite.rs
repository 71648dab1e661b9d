//! What a person gives to another to join a room: its addresses and, where it has one, the fingerprint of
//! its certificate. Knows how both are written, also with words around them, and nothing of how they are
//! used.

use std::fmt::{self, Write};
use std::net::IpAddr;

use crate::address::{Address, AddressError, Addresses};

/// What an invite begins with that carries more than addresses.
const SCHEME: &str = "oneroom://";

/// The SHA-256 of a server's certificate, by which it is known again. `Display` writes it as the server's
/// log does: 64 small hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// That of the certificate with these bytes of DER.
    pub fn of(certificate: &[u8]) -> Self {
        let digest = ring::digest::digest(&ring::digest::SHA256, certificate);
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest.as_ref());
        Self(bytes)
    }

    /// Reads 64 hexadecimal digits, large or small, also with colons or blanks between them.
    pub fn parse(typed: &str) -> Option<Self> {
        let mut digits = typed.chars().filter(|c| !matches!(c, ':' | ' '));
        let mut bytes = [0; 32];
        for byte in &mut bytes {
            let mut half = || digits.next().and_then(|c| c.to_digit(16));
            *byte = (half()? << 4 | half()?) as u8;
        }
        digits.next().is_none().then_some(Self(bytes))
    }

    /// In groups of four digits, which eyes can compare.
    pub fn in_groups(&self) -> String {
        let mut words = String::new();
        for (at, byte) in self.0.iter().enumerate() {
            let between = if at > 0 && at % 2 == 0 { " " } else { "" };
            // Writing into a string cannot fail.
            let _ = write!(words, "{between}{byte:02x}");
        }
        words
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

/// Where a room is, and by which certificate it is known from the start. `Display` writes it so that
/// [`Invite::parse`] reads back the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invite {
    /// The room's addresses.
    pub addresses: Addresses,
    /// The fingerprint of its certificate, if the invite says so.
    pub pin: Option<Fingerprint>,
}

impl Invite {
    /// Reads addresses as [`Addresses::parse`] does, or `oneroom://address,address/#fingerprint`; there the
    /// slash and the fingerprint may be missing. Where there are words around it, as in a message that
    /// somebody has sent, it reads the one invite among them, or else the one address.
    ///
    /// # Errors
    /// When an address is none, or what stands behind the `#` is no fingerprint; or there are several invites.
    pub fn parse(typed: &str) -> Result<Self, AddressError> {
        let error = match Self::parse_alone(typed.trim()) {
            Ok(invite) => return Ok(invite),
            Err(error) => error,
        };
        let mut invites = links(typed).map(Self::parse_alone).collect::<Result<Vec<_>, _>>()?;
        if invites.is_empty() {
            invites.extend(typed.split_whitespace().filter_map(address_in).map(Self::from));
        }
        let Some(invite) = invites.pop() else { return Err(error) };
        if invites.iter().all(|other| *other == invite) { Ok(invite) } else { Err(AddressError::Several) }
    }

    /// Reads an invite without words around it.
    fn parse_alone(typed: &str) -> Result<Self, AddressError> {
        let scheme = typed.get(..SCHEME.len()).filter(|begin| begin.eq_ignore_ascii_case(SCHEME));
        let rest = match scheme {
            Some(scheme) => &typed[scheme.len()..],
            None => return Addresses::parse(typed).map(Self::from),
        };
        let (place, pin) = match rest.split_once('#') {
            None => (rest, None),
            Some((place, pin)) => {
                let pin = Fingerprint::parse(pin).ok_or(AddressError::Fingerprint)?;
                (place, Some(pin))
            }
        };
        let addresses = Addresses::parse(place.strip_suffix('/').unwrap_or(place))?;
        Ok(Self { addresses, pin })
    }
}

/// What begins as an invite with a fingerprint does, wherever in these words, up to where none can go on.
fn links(words: &str) -> impl Iterator<Item = &str> {
    let is_part = |letter: char| letter.is_alphanumeric() || "-._:,[]%/#".contains(letter);
    // In ASCII alone: the letters keep their places.
    let small = words.to_ascii_lowercase();
    let begins: Vec<_> = small.match_indices(SCHEME).map(|(at, _)| at).collect();
    begins.into_iter().map(move |at| {
        let end = words[at..].find(|letter| !is_part(letter)).map_or(words.len(), |length| at + length);
        // What ends a sentence is no part of it.
        words[at..end].trim_end_matches(['.', ',', ':'])
    })
}

/// The addresses that this word of a text is, if it cannot well be anything else: each has a port or a domain,
/// or is made of numbers.
fn address_in(word: &str) -> Option<Addresses> {
    let word = word.trim_start_matches(['(', '<', '"', '\'', '“', '‘', '«']);
    let word = word.trim_end_matches(['.', ',', ':', ';', '!', '?', ')', '>', '"', '\'', '”', '’', '»']);
    let is_plain = |part: &str| {
        let Ok(address) = Address::parse(part) else { return false };
        let host = address.host();
        // Such as “i.e.” has is no domain, and a time of the day has no host.
        let has_domain = host.rsplit_once('.').is_some_and(|(_, domain)| domain.chars().count() > 1);
        let is_named = host.contains(char::is_alphabetic) && (has_domain || part.contains(':'));
        is_named || host.parse::<IpAddr>().is_ok()
    };
    word.split(',').all(is_plain).then(|| Addresses::parse(word).ok()).flatten()
}

impl From<Addresses> for Invite {
    fn from(addresses: Addresses) -> Self {
        Self { addresses, pin: None }
    }
}

impl fmt::Display for Invite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pin {
            None => write!(f, "{}", self.addresses),
            Some(pin) => write!(f, "{SCHEME}{}/#{pin}", self.addresses),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn a_fingerprint_is_the_digest_in_hex() {
        let empty = Fingerprint::of(b"");
        assert_eq!(empty.to_string(), HEX);
        assert!(empty.in_groups().starts_with("e3b0 c442 98fc") && empty.in_groups().len() == 79);
        for typed in
            [HEX.to_owned(), HEX.to_uppercase(), empty.in_groups(), empty.in_groups().replace(' ', ":")]
        {
            assert_eq!(Fingerprint::parse(&typed), Some(empty), "{typed}");
        }
        for typed in ["", &HEX[1..], &format!("{HEX}0"), &HEX.replace('e', "g"), &format!("+{}", &HEX[1..])] {
            assert_eq!(Fingerprint::parse(typed), None, "{typed}");
        }
    }

    #[test]
    fn an_invite_is_addresses_and_perhaps_a_fingerprint() {
        let pin = Some(Fingerprint::of(b""));
        for (typed, shown, pin) in [
            ("chat.example.org", "chat.example.org".to_owned(), None),
            ("oneroom://A:1/", "a:1".to_owned(), None),
            ("  OneRoom://a:1,b:2 ", "a:1,b:2".to_owned(), None),
            (&format!("oneroom://a:1,[::1]:2/#{HEX}"), format!("oneroom://a:1,[::1]:2/#{HEX}"), pin),
            (&format!("oneroom://a#{HEX}"), format!("oneroom://a/#{HEX}"), pin),
        ] {
            let invite = Invite::parse(typed).unwrap_or_else(|error| panic!("{typed}: {error}"));
            assert_eq!((invite.to_string(), invite.pin), (shown, pin), "{typed}");
        }
        for (typed, error) in [
            ("oneroom://", AddressError::Empty),
            ("oneroom://a/#", AddressError::Fingerprint),
            ("oneroom://a/#12", AddressError::Fingerprint),
            ("https://a", AddressError::Scheme("https".to_owned())),
            ("oneroom://a/b", AddressError::Host("a/b".to_owned())),
        ] {
            assert_eq!(Invite::parse(typed), Err(error), "{typed}");
        }
    }

    #[test]
    fn the_one_invite_among_words_is_read() {
        let link = format!("oneroom://192.168.1.7,[fd00::7]:4000/#{HEX}");
        for (words, expected) in [
            (
                format!("Come and talk in my room. Start Oneroom’s chat-client, with this address:\n{link}"),
                &*link,
            ),
            (format!("Kommst du? „{link}“, um 10:30."), &link),
            (format!("[here]({link}). Not 10.0.0.1, and once more: <{link}>"), &link),
            ("come to ONEROOM://Chat.example.org:4000.".to_owned(), "chat.example.org:4000"),
            ("The room (chat.example.org) opens at 10:30, i.e. later.".to_owned(), "chat.example.org"),
            ("give it this address:\n192.168.1.20:5,2001:db8::1".to_owned(), "192.168.1.20:5,2001:db8::1"),
            ("“localhost:5”, or there? No, localhost:5!".to_owned(), "localhost:5"),
        ] {
            let invite = Invite::parse(&words).unwrap_or_else(|error| panic!("{words}: {error}"));
            assert_eq!(invite.to_string(), expected, "{words}");
        }
        for (words, error) in [
            (format!("{link} or oneroom://b"), AddressError::Several),
            ("chat.example.org or 10.0.0.1".to_owned(), AddressError::Several),
            (format!("the link is {}", &link[..link.len() - 1]), AddressError::Fingerprint),
            ("come at 10:30".to_owned(), AddressError::Host("come at 10".to_owned())),
            ("two words".to_owned(), AddressError::Host("two words".to_owned())),
        ] {
            assert_eq!(Invite::parse(&words), Err(error), "{words}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_the_same(typed in "(oneroom://)?[a-z.:/#,\\[\\]]{0,20}(#[0-9a-f]{64})?|\\PC{0,30}") {
            if let Ok(invite) = Invite::parse(&typed) {
                prop_assert_eq!(Invite::parse(&invite.to_string()), Ok(invite));
            }
        }
    }
}
