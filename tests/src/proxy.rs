//! A bad line between clients and a server: it cuts connections at any byte, holds bytes back, and passes
//! them on in any pieces, in both directions. Knows bytes only. What it does follows from a seed, as far as
//! the order in which connections come lets it.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use socket2::SockRef;

/// Bytes are held back until something happens elsewhere, but not longer than this.
const STALL: Duration = Duration::from_millis(500);

/// The most bytes that pass before something is done to a connection, as a power of two.
const REACH: u32 = 16;

/// A proxy in front of one server.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    fate: Arc<Fate>,
}

/// What is the same for all connections.
#[derive(Debug)]
struct Fate {
    server: SocketAddr,
    seed: u64,
    counts: Mutex<Counts>,
    changed: Condvar,
}

/// What has happened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Connections that were cut.
    pub cuts: usize,
    /// Times that bytes were held back.
    pub stalls: usize,
    /// Connections that came.
    pub connections: usize,
    /// So many cuts are to be made; then all passes as it is.
    wanted: usize,
}

impl Proxy {
    /// Listens on a free loopback port for connections to `server`, and cuts so many of them.
    pub fn start(server: SocketAddr, seed: u64, cuts: usize) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port can be had");
        let address = listener.local_addr().expect("a bound socket has an address");
        let counts = Mutex::new(Counts { wanted: cuts, ..Counts::default() });
        let fate = Arc::new(Fate { server, seed, counts, changed: Condvar::new() });
        let own = Arc::clone(&fate);
        // It waits for the next connection for as long as the tests run.
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                own.connect(client);
            }
        });
        Self { address, fate }
    }

    /// Where clients are to connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What has happened so far.
    pub fn counts(&self) -> Counts {
        *self.fate.counts.lock().expect("nobody panics with it")
    }

    /// Waits until so many connections have been cut, or `patience` is over. True when they are.
    pub fn wait_for_cuts(&self, cuts: usize, patience: Duration) -> bool {
        let counts = self.fate.counts.lock().expect("nobody panics with it");
        let short = |counts: &mut Counts| counts.cuts < cuts;
        let waited = self.fate.changed.wait_timeout_while(counts, patience, short);
        !waited.expect("nobody panics with it").1.timed_out()
    }
}

impl Fate {
    fn connect(self: &Arc<Self>, client: TcpStream) {
        let number = self.count(|counts| counts.connections += 1).connections as u64;
        // A server that is away refuses, and so do we.
        let Ok(server) = TcpStream::connect(self.server) else { return };
        for (way, from, to) in [(0, &client, &server), (1, &server, &client)] {
            let (Ok(from), Ok(to)) = (from.try_clone(), to.try_clone()) else { return };
            // So that pieces arrive as pieces.
            let _ = to.set_nodelay(true);
            let random =
                fastrand::Rng::with_seed(self.seed ^ (2 * number + way).wrapping_mul(0x9E37_79B9_7F4A_7C15));
            let fate = Arc::clone(self);
            thread::spawn(move || fate.pass(from, to, random, way == 0));
        }
    }

    fn count(&self, change: impl FnOnce(&mut Counts)) -> Counts {
        let mut counts = self.counts.lock().expect("nobody panics with it");
        change(&mut counts);
        self.changed.notify_all();
        *counts
    }

    /// Passes bytes on in one direction, until the connection is cut or ends by itself.
    fn pass(&self, mut from: TcpStream, mut to: TcpStream, mut random: fastrand::Rng, to_server: bool) {
        let mut left = reach(&mut random);
        let mut buffer = vec![0; 16 * 1024];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            let mut bytes = &buffer[..count];
            while !bytes.is_empty() {
                if left == 0 {
                    if random.bool() {
                        self.stall();
                    } else if self.take_cut() {
                        return cut(&from, &to, &mut random, to_server);
                    }
                    left = reach(&mut random);
                }
                let most = bytes.len().min(left);
                let piece = if random.u8(0..4) == 0 { random.usize(1..=most) } else { most };
                if to.write_all(&bytes[..piece]).is_err() {
                    let _ = from.shutdown(Shutdown::Both);
                    return;
                }
                left -= piece;
                bytes = &bytes[piece..];
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    }

    /// Holds everything back that comes behind, until some connections elsewhere have been cut or have come.
    fn stall(&self) {
        let since = self.count(|counts| counts.stalls += 1);
        if since.cuts >= since.wanted {
            return;
        }
        let counts = self.counts.lock().expect("nobody panics with it");
        let quiet = |now: &mut Counts| now.connections < since.connections + 3 && now.cuts < now.wanted;
        drop(self.changed.wait_timeout_while(counts, STALL, quiet));
    }

    /// Whether there is one more cut to be made.
    fn take_cut(&self) -> bool {
        let mut counts = self.counts.lock().expect("nobody panics with it");
        let more = counts.cuts < counts.wanted;
        counts.cuts += usize::from(more);
        self.changed.notify_all();
        more
    }
}

/// How many bytes pass until something happens: now and then hardly any, so that greetings are cut too.
fn reach(random: &mut fastrand::Rng) -> usize {
    let most = 2 << random.u32(2..REACH);
    random.usize(1..most)
}

/// Cuts a connection: so that both ends notice, or that the server only notices when it writes. A client
/// that did not notice would have to ask whether the server is there, which those of our tests do not.
fn cut(from: &TcpStream, to: &TcpStream, random: &mut fastrand::Rng, to_server: bool) {
    if random.bool() {
        for stream in [from, to] {
            // What is on its way is lost, as when a cable is pulled.
            let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    if !to_server || random.bool() {
        let _ = to.shutdown(Shutdown::Both);
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader};

    use super::*;
    use crate::{Client, DEADLINE};

    /// A server that says everything back.
    fn echo() -> SocketAddr {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                thread::spawn(move || std::io::copy(&mut &stream, &mut &stream));
            }
        });
        address
    }

    #[test]
    fn without_cuts_everything_passes_as_it_is() {
        let proxy = Proxy::start(echo(), 7, 0);
        let mut client = Client::connect(proxy.address());
        let line: String = ('a'..='z').cycle().take(100_000).collect();
        client.send(&line);
        client.expect(&line);
        client.finish();
        assert_eq!(client.read(), None);
        assert_eq!(proxy.counts().cuts, 0);
    }

    #[test]
    fn it_cuts_as_often_as_it_is_to_and_then_lets_everything_pass() {
        const CUTS: usize = 5;
        let proxy = Proxy::start(echo(), 7, CUTS);
        let line = "x".repeat(100);
        let mut connections = 0;
        while proxy.counts().cuts < CUTS {
            let mut stream = TcpStream::connect(proxy.address()).unwrap();
            let mut reading = BufReader::new(stream.try_clone().unwrap());
            connections += 1;
            let mut heard = Vec::new();
            while stream.write_all(format!("{line}\n").as_bytes()).is_ok()
                && reading.read_until(b'\n', &mut heard).is_ok()
                && heard == format!("{line}\n").as_bytes()
            {
                heard.clear();
            }
            // What has come may be a part of the line.
            assert!(line.as_bytes().starts_with(&heard), "{heard:?}");
        }
        assert!(proxy.wait_for_cuts(CUTS, DEADLINE));
        assert_eq!((proxy.counts().cuts, connections), (CUTS, CUTS));
        let mut client = Client::connect(proxy.address());
        for _ in 0..2000 {
            client.send(&line);
            client.expect(&line);
        }
    }
}
