//! Where a room is: a host and a port, or several of them, read from what a person types. Knows how addresses
//! are written; whether anybody answers there is the network's business.

use std::fmt;
use std::net::Ipv6Addr;

use chat_shared::limits::DEFAULT_PORT;

/// The longest host name that DNS can hold, in bytes.
const MAX_HOST: usize = 253;

/// The address of a room. `Display` writes it in the shortest form that [`Address::parse`] reads back
/// the same; two addresses are equal when they are written the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    host: String,
    port: u16,
}

/// The most addresses that one room may have.
pub const MAX_ADDRESSES: usize = 8;

/// The addresses under which one room is to be found, one at least, in the order in which they are tried.
/// `Display` writes them so that [`Addresses::parse`] reads back the same, and names the room in what is
/// remembered of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses(Vec<Address>);

impl Addresses {
    /// Reads one address, or several with a comma between each two. One that is there twice counts once.
    ///
    /// # Errors
    /// The first that is none; or there are more than [`MAX_ADDRESSES`].
    pub fn parse(typed: &str) -> Result<Self, AddressError> {
        let is_list = typed.contains(',');
        let mut addresses = Vec::new();
        for typed in typed.split(',') {
            let address = match Address::parse(typed) {
                Err(AddressError::Empty) if is_list => return Err(AddressError::Missing),
                parsed => parsed?,
            };
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        if addresses.len() > MAX_ADDRESSES { Err(AddressError::TooMany) } else { Ok(Self(addresses)) }
    }

    /// All of them.
    pub fn all(&self) -> &[Address] {
        &self.0
    }
}

impl From<Address> for Addresses {
    fn from(address: Address) -> Self {
        Self(vec![address])
    }
}

impl fmt::Display for Addresses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, address) in self.0.iter().enumerate() {
            let between = if at == 0 { "" } else { "," };
            write!(f, "{between}{address}")?;
        }
        Ok(())
    }
}

/// Why something is not an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddressError {
    /// There is none.
    Empty,
    /// It is the address of a web page or the like; carries the `http` of `http://`.
    Scheme(String),
    /// The host is missing, too long, or holds something that no host name has.
    Host(String),
    /// What stands behind the colon is no port.
    Port(String),
    /// Begins with `[`, but is not an IPv6 address in brackets.
    Brackets,
    /// Before or after a comma there is none.
    Missing,
    /// There are more than [`MAX_ADDRESSES`].
    TooMany,
    /// What stands behind the `#` of an invite is no fingerprint.
    Fingerprint,
    /// It is a text with several addresses in it, which are not those of one room.
    Several,
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("Type the room’s address, such as chat.example.org or 192.168.1.20."),
            Self::Scheme(scheme) => {
                write!(f, "A room has no web address: leave out “{scheme}://” and everything after the host.")
            }
            Self::Host(host) if host.is_empty() => {
                f.write_str("The host is missing: type it before the colon, as in chat.example.org:3333.")
            }
            Self::Host(host) => write!(
                f,
                "“{host}” is not a host: type a name such as chat.example.org or an address such as 192.168.1.20."
            ),
            Self::Port(port) => {
                write!(
                    f,
                    "“{port}” is not a port: it is a number from 1 to 65535, as in chat.example.org:3333."
                )
            }
            Self::Brackets => {
                f.write_str("An IPv6 address is written as [2001:db8::1] or [2001:db8::1]:3333.")
            }
            Self::Missing => f.write_str("Before or after the comma, an address is missing."),
            Self::TooMany => write!(f, "A room may have {MAX_ADDRESSES} addresses at most."),
            Self::Several => f.write_str("There are several addresses in this text: leave the one to join."),
            Self::Fingerprint => {
                f.write_str("The invite is cut short: behind its # there must be 64 letters and digits.")
            }
        }
    }
}

impl std::error::Error for AddressError {}

impl Address {
    /// Reads `host`, `host:port`, `1.2.3.4:5`, `::1` or `[::1]:3333`; white space around it is left
    /// out, letters become small, and without a port it is [`DEFAULT_PORT`].
    pub fn parse(typed: &str) -> Result<Self, AddressError> {
        let typed = typed.trim().to_lowercase();
        if typed.is_empty() {
            return Err(AddressError::Empty);
        }
        if let Some((scheme, _)) = typed.split_once("://") {
            return Err(AddressError::Scheme(scheme.to_owned()));
        }
        if let Some(rest) = typed.strip_prefix('[') {
            let (host, rest) = rest.split_once(']').ok_or(AddressError::Brackets)?;
            let port = match rest {
                "" => DEFAULT_PORT,
                rest => parse_port(rest.strip_prefix(':').ok_or(AddressError::Brackets)?)?,
            };
            return if is_ipv6(host) {
                Ok(Self { host: host.to_owned(), port })
            } else {
                Err(AddressError::Brackets)
            };
        }
        if is_ipv6(&typed) {
            return Ok(Self { host: typed, port: DEFAULT_PORT });
        }
        let (host, port) = match typed.split_once(':') {
            None => (typed.as_str(), DEFAULT_PORT),
            Some((host, port)) => (host, parse_port(port)?),
        };
        check_host(host)?;
        Ok(Self { host: host.to_owned(), port })
    }

    /// A room on this computer.
    pub fn local(port: u16) -> Self {
        Self { host: "127.0.0.1".to_owned(), port }
    }

    /// The host: a name or an IP address, without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.port, self.host.contains(':')) {
            (DEFAULT_PORT, _) => f.write_str(&self.host),
            (port, true) => write!(f, "[{}]:{port}", self.host),
            (port, false) => write!(f, "{}:{port}", self.host),
        }
    }
}

fn parse_port(port: &str) -> Result<u16, AddressError> {
    match port.parse() {
        Ok(number) if number > 0 && port.bytes().all(|byte| byte.is_ascii_digit()) => Ok(number),
        _ => Err(AddressError::Port(port.to_owned())),
    }
}

/// With or without a zone, as in `fe80::1%eth0`.
fn is_ipv6(host: &str) -> bool {
    let (address, zone) = host.split_once('%').unwrap_or((host, "0"));
    address.parse::<Ipv6Addr>().is_ok() && !zone.is_empty() && zone.chars().all(|c| c.is_ascii_alphanumeric())
}

fn check_host(host: &str) -> Result<(), AddressError> {
    let fits = !host.is_empty() && host.len() <= MAX_HOST;
    if fits && host.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '.' | '_')) {
        Ok(())
    } else {
        Err(AddressError::Host(host.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(typed: &str, host: &str, port: u16, shown: &str) {
        let address = Address::parse(typed).unwrap_or_else(|error| panic!("{typed:?}: {error}"));
        assert_eq!((address.host(), address.port()), (host, port), "{typed:?}");
        assert_eq!(address.to_string(), shown, "{typed:?}");
    }

    #[test]
    fn every_way_to_write_an_address() {
        check("chat.example.org", "chat.example.org", 3333, "chat.example.org");
        check("  Chat.Example.org ", "chat.example.org", 3333, "chat.example.org");
        check("localhost:5", "localhost", 5, "localhost:5");
        check("1.2.3.4:5", "1.2.3.4", 5, "1.2.3.4:5");
        check("1.2.3.4:3333", "1.2.3.4", 3333, "1.2.3.4");
        check("::1", "::1", 3333, "::1");
        check("[::1]", "::1", 3333, "::1");
        check("[::1]:3333", "::1", 3333, "::1");
        check("[2001:DB8::1]:80", "2001:db8::1", 80, "[2001:db8::1]:80");
        check("fe80::1%eth0", "fe80::1%eth0", 3333, "fe80::1%eth0");
        check("my_pc", "my_pc", 3333, "my_pc");
        check("münchen.example", "münchen.example", 3333, "münchen.example");
    }

    #[test]
    fn what_is_no_address_says_why() {
        for (typed, error) in [
            ("", AddressError::Empty),
            ("  ", AddressError::Empty),
            ("https://chat.example.org/", AddressError::Scheme("https".into())),
            (":3333", AddressError::Host(String::new())),
            ("a b", AddressError::Host("a b".into())),
            ("host/path", AddressError::Host("host/path".into())),
            ("host:", AddressError::Port(String::new())),
            ("host:0", AddressError::Port("0".into())),
            ("host:+5", AddressError::Port("+5".into())),
            ("host:65536", AddressError::Port("65536".into())),
            ("1:2:3", AddressError::Port("2:3".into())),
            ("[::1", AddressError::Brackets),
            ("[::1]x", AddressError::Brackets),
            ("[host]:5", AddressError::Brackets),
        ] {
            assert_eq!(Address::parse(typed), Err(error), "{typed:?}");
        }
        assert!(Address::parse(&"x".repeat(254)).is_err());
    }

    #[test]
    fn several_addresses_have_commas_between_them() {
        for (typed, shown) in [
            ("host", "host"),
            (" A:3333, b:5 ", "a,b:5"),
            ("a,::1,a:3333,[::1]", "a,::1"),
            ("[2001:db8::1]:5,1.2.3.4:5", "[2001:db8::1]:5,1.2.3.4:5"),
        ] {
            let addresses = Addresses::parse(typed).unwrap();
            assert_eq!(addresses.to_string(), shown, "{typed:?}");
            assert_eq!(Addresses::parse(shown), Ok(addresses));
        }
        let many = |count: usize| (1..=count).map(|port| format!("a:{port}")).collect::<Vec<_>>().join(",");
        assert_eq!(Addresses::parse(&many(MAX_ADDRESSES)).unwrap().all().len(), MAX_ADDRESSES);
        assert_eq!(Addresses::parse(&many(MAX_ADDRESSES + 1)), Err(AddressError::TooMany));
        for (typed, error) in [
            ("", AddressError::Empty),
            ("a,", AddressError::Missing),
            (",a", AddressError::Missing),
            ("a,b c", AddressError::Host("b c".into())),
        ] {
            assert_eq!(Addresses::parse(typed), Err(error), "{typed:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_the_same(typed in "\\PC{0,30}|[a-f0-9:.\\[\\]%]{0,30}|[a-z.]{1,10}:[0-9]{1,5}") {
            if let Ok(address) = Address::parse(&typed) {
                prop_assert_eq!(Address::parse(&address.to_string()), Ok(address));
            }
        }
    }
}
