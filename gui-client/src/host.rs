//! A room on this computer: the server, run inside this program. Knows how to start and stop it and
//! which addresses to give to others; what goes on in the room is the server's business, and the
//! person who hosts joins it like everybody else.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::thread;
use std::time::Duration;

use async_channel::{Receiver, Sender};
use chat_server::{Config, Keep, Storage, Store};
use chat_shared::limits::DEFAULT_PORT;
use futures_lite::future;
use smol::Timer;

use crate::address::Address;

/// More addresses than this would confuse rather than help.
const MAX_ADDRESSES: usize = 4;

/// So many of its newest messages a room here remembers, until it is closed.
const KEPT: u64 = 100_000;

/// A room that runs on this computer for as long as this is held. Dropping it stops the room: what was
/// said is delivered, everybody is told and let go, on a thread that is not waited for.
#[derive(Debug)]
pub struct Hosted {
    port: u16,
    addresses: Vec<Address>,
    /// Closing it stops the server.
    _running: Sender<()>,
    /// Nothing is ever sent here; it closes when the server has stopped.
    stopped: Receiver<()>,
}

impl Hosted {
    /// Starts a room on `preferred`, or on a free port when that one is taken.
    ///
    /// # Errors
    /// When no port can be had, in words for a person.
    pub fn start(preferred: u16) -> Result<Self, String> {
        let listener = listen(preferred)?;
        let port = match listener.local_addr() {
            Ok(address) => address.port(),
            Err(error) => return Err(format!("A room cannot run on this computer: {error}.")),
        };
        let keep = Keep { messages: Some(KEPT), ..Keep::default() };
        let store = Store::open(Storage::Memory, keep)
            .map_err(|error| format!("A room cannot run on this computer: {error}."))?;
        let (running, stop) = async_channel::bounded::<()>(1);
        let (life, stopped) = async_channel::bounded::<()>(1);
        let shutdown = async move {
            let _ = stop.recv().await;
        };
        let server = move || {
            if let Err(error) = chat_server::serve(vec![listener], store, Config::default(), shutdown) {
                log::error!("the hosted room stopped: {error}");
            }
            drop(life);
        };
        match thread::Builder::new().name("hosted room".to_owned()).spawn(server) {
            Ok(_) => Ok(Self { port, addresses: addresses(port), _running: running, stopped }),
            Err(error) => Err(format!("A room cannot run on this computer: {error}.")),
        }
    }

    /// The usual port, [`DEFAULT_PORT`], which others need not type.
    pub const USUAL_PORT: u16 = DEFAULT_PORT;

    /// The port it runs on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address under which the person who hosts joins.
    pub fn own_address(&self) -> Address {
        Address::local(self.port)
    }

    /// The addresses to give to others, the likeliest first. Empty when this computer is offline.
    pub fn addresses(&self) -> &[Address] {
        &self.addresses
    }

    /// Whether it has stopped by itself, which only a fault can make it do.
    pub fn has_stopped(&self) -> bool {
        self.stopped.is_closed()
    }

    /// Stops the room and waits, for `limit` at most, until everybody got what was said.
    pub fn stop(self, limit: Duration) {
        let Self { _running: running, stopped, .. } = self;
        drop(running);
        smol::block_on(future::or(
            async {
                let _ = stopped.recv().await;
            },
            async {
                Timer::after(limit).await;
            },
        ));
    }
}

/// Both families where there are both; the free port only when the preferred one is taken.
fn listen(preferred: u16) -> Result<TcpListener, String> {
    let mut last = None;
    for port in [preferred, 0] {
        for ip in [IpAddr::from(Ipv6Addr::UNSPECIFIED), IpAddr::from(Ipv4Addr::UNSPECIFIED)] {
            match chat_server::bind(SocketAddr::new(ip, port)) {
                Ok(listener) => return Ok(listener),
                Err(error) => {
                    let taken = error.kind() == ErrorKind::AddrInUse;
                    last = Some(error);
                    // The other family may be free, but half a room helps nobody.
                    if taken {
                        break;
                    }
                }
            }
        }
    }
    let why = last.map(|error| error.to_string()).unwrap_or_default();
    Err(format!("A room cannot run on this computer: no port can be opened ({why})."))
}

/// The addresses of this computer that others may reach, those of the local network first.
fn addresses(port: u16) -> Vec<Address> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_else(|error| {
        log::warn!("the addresses of this computer: {error}");
        Vec::new()
    });
    let mut ips: Vec<IpAddr> = interfaces.into_iter().map(|interface| interface.ip()).collect();
    ips.retain(|ip| useful(*ip));
    ips.sort_by_key(|ip| !matches!(ip, IpAddr::V4(v4) if v4.is_private()));
    ips.dedup();
    ips.truncate(MAX_ADDRESSES);
    ips.into_iter().filter_map(|ip| Address::parse(&SocketAddr::new(ip, port).to_string()).ok()).collect()
}

/// Addresses that mean the same to another computer: neither this computer itself nor one link.
fn useful(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => !v4.is_loopback() && !v4.is_link_local() && !v4.is_unspecified(),
        IpAddr::V6(v6) => !v6.is_loopback() && !v6.is_unicast_link_local() && !v6.is_unspecified(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::TcpStream;

    const LIMIT: Duration = Duration::from_secs(20);

    fn join(hosted: &Hosted, name: &str) -> BufReader<TcpStream> {
        let mut stream = TcpStream::connect(("127.0.0.1", hosted.port())).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        writeln!(stream, "NAME {name}").unwrap();
        BufReader::new(stream)
    }

    #[test]
    fn others_can_join_and_are_let_go_at_the_end() {
        let hosted = Hosted::start(0).unwrap();
        assert_ne!(hosted.port(), 0);
        assert!(!hosted.has_stopped());
        let (ann, mut bob) = (join(&hosted, "ann"), join(&hosted, "bob"));
        let mut line = String::new();
        // Bob may still be on his way in; ann speaks until he hears her.
        bob.get_ref().set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        while line.is_empty() {
            writeln!(ann.get_ref(), "SEND hello").unwrap();
            let _ = bob.read_line(&mut line);
        }
        assert_eq!(line, "MESSAGE ann hello\n");
        bob.get_ref().set_read_timeout(Some(LIMIT)).unwrap();
        hosted.stop(LIMIT);
        let mut rest = String::new();
        bob.read_to_string(&mut rest).unwrap();
        assert!(rest.contains("MESSAGE * "), "{rest:?}");
    }

    #[test]
    fn a_taken_port_is_no_obstacle() {
        let first = Hosted::start(0).unwrap();
        let second = Hosted::start(first.port()).unwrap();
        assert_ne!(first.port(), second.port());
        assert_eq!(second.own_address(), Address::local(second.port()));
    }

    #[test]
    fn addresses_for_others_are_none_of_this_computer_only() {
        for ip in ["127.0.0.1", "::1", "169.254.1.1", "fe80::1", "0.0.0.0", "::"] {
            assert!(!useful(ip.parse().unwrap()), "{ip}");
        }
        for ip in ["192.168.1.20", "10.0.0.1", "2001:db8::1", "fd00::1"] {
            assert!(useful(ip.parse().unwrap()), "{ip}");
        }
    }
}
