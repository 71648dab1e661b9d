//! The network thread against servers that follow a script: they split lines, close early, refuse
//! and echo. Knows the thread only by its orders and events.
//!
//! | module | what it tests |
//! |---|---|
//! | `base` | a server that speaks only the base, and the connection as such |
//! | `full` | a server that speaks the full language |
//! | `tls` | a server that speaks TLS, or has done so |
//! | `doors` | a room with a password, and names that belong to somebody |

mod base;
mod doors;
mod full;
mod tls;

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

use chat_shared::SessionId;

use super::*;
use crate::address::Address;
use crate::link::Line;

const DEADLINE: Duration = Duration::from_secs(20);

/// A thread to test, a listener to play the server, and the wake-ups to wait on.
struct Stage {
    listener: TcpListener,
    net: Net,
    woken: std::sync::mpsc::Receiver<()>,
}

const SESSIONS: Sessions =
    Sessions { plain: SessionId::from_bytes([0xAB; 16]), sealed: SessionId::from_bytes([0xCD; 16]) };

/// How a server of the base answers what it does not know.
const REFUSAL: &str = "MESSAGE * line refused: a line must begin with NAME or SEND\n";

fn stage() -> Stage {
    stage_with(Waits::default())
}

fn stage_with(waits: Waits) -> Stage {
    stage_guarded(waits, None)
}

fn stage_guarded(waits: Waits, guard: Option<Guard>) -> Stage {
    stage_on(TcpListener::bind("127.0.0.1:0").unwrap(), waits, guard)
}

fn stage_on(listener: TcpListener, waits: Waits, guard: Option<Guard>) -> Stage {
    let addresses = Address::local(listener.local_addr().unwrap().port()).into();
    let pauses = Pauses::new(Duration::from_millis(20), Duration::from_millis(80), || 0.5);
    let name = Name::parse("ann").unwrap();
    let (wake, woken) = std::sync::mpsc::channel();
    let options = Options { addresses, name, pauses, waits, guard };
    let net = Net::start(options, SESSIONS, move || wake.send(()).unwrap_or_default()).unwrap();
    Stage { listener, net, woken }
}

impl Stage {
    /// The next event, which must come before the deadline and must have been announced.
    fn event(&self) -> News {
        self.woken.recv_timeout(DEADLINE).expect("an event before the deadline");
        self.net.next_event().expect("the event that was announced").news
    }

    /// Events up to the first that `wanted` likes.
    fn until<T>(&self, wanted: impl Fn(News) -> Option<T>) -> T {
        loop {
            if let Some(found) = wanted(self.event()) {
                return found;
            }
        }
    }

    fn connected(&self) -> u64 {
        self.until(|news| if let News::Connected { link, .. } = news { Some(link) } else { None })
    }

    /// Lines from the server, until there are `count`.
    fn lines(&self, count: usize) -> Vec<Line> {
        let mut lines = Vec::new();
        while lines.len() < count {
            lines.extend(self.until(|news| if let News::Lines(lines) = news { Some(lines) } else { None }));
        }
        lines
    }

    fn send(&self, link: u64, key: u64, text: &str) {
        self.net.order(Order::Send { link, key, text: text.to_owned() });
    }

    /// Whoever comes next.
    fn visitor(&self) -> TcpStream {
        visitor(&self.listener)
    }

    /// A server that has got a greeting under this name, and has yet to answer it.
    fn accept_as(&self, name: &str) -> BufReader<TcpStream> {
        let stream = self.visitor();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        let mut server = BufReader::new(stream);
        assert_eq!(read_line(&mut server), format!("HELLO 1 {}\n", "ab".repeat(16)));
        assert_eq!(read_line(&mut server), format!(" NAME {name}\n"));
        server
    }

    /// A server that speaks only the base, and has said so.
    fn accept(&self) -> BufReader<TcpStream> {
        let mut server = self.accept_as("ann");
        say(&mut server, REFUSAL);
        server
    }
}

/// Whoever comes next, which must be before the deadline.
fn visitor(listener: &TcpListener) -> TcpStream {
    let listener = smol::Async::new(listener.try_clone().unwrap()).unwrap();
    let comes = async { Some(listener.accept().await.unwrap().0) };
    let deadline = async {
        smol::Timer::after(DEADLINE).await;
        None
    };
    let visitor = smol::block_on(futures_lite::future::or(comes, deadline));
    let stream = visitor.expect("somebody who comes before the deadline").into_inner().unwrap();
    stream.set_nonblocking(false).unwrap();
    stream
}

fn read_line(server: &mut BufReader<TcpStream>) -> String {
    let mut line = String::new();
    server.read_line(&mut line).unwrap();
    line
}

fn say(server: &mut BufReader<TcpStream>, words: &str) {
    server.get_mut().write_all(words.as_bytes()).unwrap();
}
