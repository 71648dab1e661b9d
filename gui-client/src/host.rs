//! A room on this computer: the server, run inside this program. Knows how to start and stop it and
//! which addresses to give to others; what goes on in the room is the server's business. The person
//! who hosts joins it like everybody else, and is its admin.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use async_channel::{Receiver, Sender, TryRecvError};
use chat_server::{Certificates, Config, Keep, OpenError, Storage, Store, Tls};
use chat_shared::Name;
use chat_shared::limits::DEFAULT_PORT;
use directories::ProjectDirs;
use futures_lite::future;
use smol::Timer;

use crate::address::{Address, Addresses};
use crate::invite::{Fingerprint, Invite};

/// How many rooms may run on this computer at the same time, each with a log of its own.
const MAX_ROOMS: u32 = 8;

/// How many messages a room keeps: on disk, and in memory.
const KEPT: [u64; 2] = [1_000_000, 10_000];

/// More addresses than this would confuse rather than help.
const MAX_ADDRESSES: usize = 4;

/// A room that runs on this computer for as long as this is held. Dropping it stops the room: what was
/// said is delivered, everybody is told and let go, on a thread that is not waited for.
#[derive(Debug)]
pub struct Hosted {
    port: u16,
    addresses: Vec<Address>,
    fingerprint: Arc<OnceLock<Fingerprint>>,
    is_kept: bool,
    /// Closing it stops the server.
    _running: Sender<()>,
    /// What is wrong, if something is; it closes when the server has stopped.
    stopped: Receiver<String>,
}

impl Hosted {
    /// Starts a room on `preferred`, or on a free port when that one is taken. What is said is kept in the
    /// folder `data`, or in memory for as long as it runs. Whoever bears the name `admin`, and has its key, may
    /// send others out.
    ///
    /// # Errors
    /// When no port can be had, in words for a person.
    pub fn start(preferred: u16, data: Option<PathBuf>, admin: Name) -> Result<Self, String> {
        let listener = listen(preferred)?;
        let port = match listener.local_addr() {
            Ok(address) => address.port(),
            Err(error) => return Err(format!("A room cannot run on this computer: {error}.")),
        };
        let is_kept = data.is_some();
        let (running, stop) = async_channel::bounded::<()>(1);
        let (life, stopped) = async_channel::bounded(1);
        let shutdown = async move {
            let _ = stop.recv().await;
        };
        let fingerprint = Arc::<OnceLock<_>>::default();
        let known = Arc::clone(&fingerprint);
        let server = move || {
            // Here and not in the window's thread, which never waits for a disk. Who joins waits until the
            // log is open.
            let served = open(data).map_err(|error| error.to_string()).and_then(|store| {
                let certificates = Certificates::of(&store).map_err(|error| error.to_string())?;
                if let Some(fingerprint) = Fingerprint::parse(&certificates.fingerprint()) {
                    let _ = known.set(fingerprint);
                }
                let tls = Tls::Offer(certificates);
                let config = Config { tls, admins: vec![admin], ..Config::default() };
                let served = chat_server::serve(vec![listener], store, config, shutdown);
                served.map_err(|error| error.to_string())
            });
            if let Err(error) = served {
                log::error!("the hosted room stopped: {error}");
                let _ = life.try_send(error);
            }
        };
        match thread::Builder::new().name("hosted room".to_owned()).spawn(server) {
            Ok(_) => Ok(Self {
                port,
                addresses: addresses(port),
                fingerprint,
                is_kept,
                _running: running,
                stopped,
            }),
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

    /// The fingerprint of the room's certificate, which tells who joins that it is this room. `None` for a moment, until the room's log is open; nobody is answered before that.
    pub fn fingerprint(&self) -> Option<Fingerprint> {
        self.fingerprint.get().copied()
    }

    /// Whether what is said in it is there when it runs again.
    pub fn is_kept(&self) -> bool {
        self.is_kept
    }

    /// Why it has stopped by itself, if it has, which only a fault can make it do.
    pub fn fault(&self) -> Option<String> {
        match self.stopped.try_recv() {
            Ok(why) => Some(why),
            Err(TryRecvError::Closed) => Some("it has failed".to_owned()),
            Err(TryRecvError::Empty) => None,
        }
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

/// What to send to somebody who shall join at these addresses, which are tried in turn, and know the room by
/// this certificate.
pub fn invite(addresses: &[Address], pin: Option<Fingerprint>) -> String {
    let addresses = addresses.iter().map(Address::to_string).collect::<Vec<_>>().join(",");
    let address = match Addresses::parse(&addresses) {
        Ok(addresses) => Invite { addresses, pin }.to_string(),
        // More than an invite may have.
        Err(_) => addresses,
    };
    format!("Come and talk in my room. Start Oneroom’s chat-client, and give it this address:\n{address}")
}

/// Where the platform keeps what programs store. `None` where there is no home folder.
pub fn default_rooms() -> Option<PathBuf> {
    ProjectDirs::from("", "", "oneroom").map(|folders| folders.data_dir().join("hosted"))
}

/// Opens the first log in this folder that no other room on this computer has.
fn open(data: Option<PathBuf>) -> Result<Store, OpenError> {
    let [on_disk, in_memory] = KEPT;
    let keep = |messages| Keep { messages: Some(messages), age: None };
    let Some(folder) = data else { return Store::open(Storage::Memory, keep(in_memory)) };
    let mut number = 1;
    loop {
        match Store::open(Storage::Disk(folder.join(format!("room-{number}"))), keep(on_disk)) {
            Err(OpenError::InUse { .. }) if number < MAX_ROOMS => number += 1,
            opened => return opened,
        }
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

    fn start(preferred: u16, data: Option<PathBuf>) -> Hosted {
        Hosted::start(preferred, data, Name::parse("ann").unwrap()).unwrap()
    }

    fn join(hosted: &Hosted, name: &str) -> BufReader<TcpStream> {
        let mut stream = TcpStream::connect(("127.0.0.1", hosted.port())).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        writeln!(stream, "NAME {name}").unwrap();
        BufReader::new(stream)
    }

    #[test]
    fn others_can_join_and_are_let_go_at_the_end() {
        let hosted = start(0, None);
        assert_ne!(hosted.port(), 0);
        assert_eq!(hosted.fault(), None);
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
        let first = start(0, None);
        let second = start(first.port(), None);
        assert_ne!(first.port(), second.port());
        assert_eq!(second.own_address(), Address::local(second.port()));
    }

    #[test]
    fn rooms_that_run_at_the_same_time_have_logs_of_their_own_which_are_there_the_next_time() {
        let folder = tempfile::tempdir().unwrap();
        let data = || Some(folder.path().to_path_buf());
        let [first, second] = [(); 2].map(|()| start(0, data()));
        for hosted in [&first, &second] {
            // Who is answered is in a room whose log is open.
            let mut ann = join(hosted, "*");
            ann.read_line(&mut String::new()).unwrap();
        }
        [first, second].into_iter().for_each(|hosted| hosted.stop(LIMIT));
        assert!(
            folder.path().join("room-1/room.db").exists() && folder.path().join("room-2/room.db").exists()
        );
        let again = start(0, data());
        join(&again, "*").read_line(&mut String::new()).unwrap();
        let fingerprint = again.fingerprint();
        again.stop(LIMIT);
        assert!(fingerprint.is_some());
        assert!(folder.path().join("room-1/key.pem").exists());
        assert!(!folder.path().join("room-3").exists());
    }

    #[test]
    fn a_room_whose_log_is_of_no_use_says_so() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("room-1")).unwrap();
        std::fs::write(
            folder.path().join("room-1/room.db"),
            "a text that is no database, and longer than a head",
        )
        .unwrap();
        let hosted = start(0, Some(folder.path().to_path_buf()));
        let fault = smol::block_on(hosted.stopped.recv()).unwrap();
        assert!(fault.contains("room.db is not the log of a chat-server"), "{fault}");
    }

    #[test]
    fn an_invite_ends_with_what_the_client_takes_for_an_address() {
        let addresses = ["192.168.1.20:5", "2001:db8::1"].map(|address| Address::parse(address).unwrap());
        assert!(invite(&addresses, None).ends_with("\n192.168.1.20:5,2001:db8::1"));
        let pin = Some(Fingerprint::of(b"certificate"));
        let invite = invite(&addresses, pin);
        let read = Invite::parse(invite.lines().last().unwrap()).unwrap();
        assert_eq!((read.addresses.all(), read.pin), (&addresses[..], pin));
        const { assert!(MAX_ADDRESSES <= crate::address::MAX_ADDRESSES) };
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
