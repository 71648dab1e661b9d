//! The floor: what fan-out costs when nothing else is done. One thread, one wait for readiness, one
//! batch of all that has come, one write for each client and batch. No limits and no checks: it is a
//! yardstick for `chat-server`, and no server that anybody should run.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::ops::Range;

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Registry, Token};
use socket2::{Domain, Protocol, Socket, Type};

const LISTENER: Token = Token(usize::MAX);

fn main() -> io::Result<()> {
    let mut poll = Poll::new()?;
    let mut listener = listen()?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    println!("listening on {}", listener.local_addr()?);
    let mut floor = Floor::default();
    let mut events = Events::with_capacity(4096);
    loop {
        poll.poll(&mut events, None)?;
        for event in &events {
            match event.token() {
                LISTENER => floor.accept(&listener, poll.registry())?,
                Token(place) => {
                    if event.is_writable() {
                        floor.flush(place);
                    }
                    if event.is_readable() {
                        floor.read(place);
                    }
                }
            }
        }
        floor.hand_out();
    }
}

/// A listener with room for as many as a system may let wait. What is usual elsewhere is 128, and who
/// finds no room then is tried again by the system only after a second.
fn listen() -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into())?;
    socket.listen(4096)?;
    socket.set_nonblocking(true)?;
    Ok(TcpListener::from_std(socket.into()))
}

#[derive(Default)]
struct Floor {
    clients: Vec<Option<Client>>,
    free: Vec<usize>,
    batch: Vec<u8>,
    /// Whose the parts of the batch are.
    authors: Vec<(usize, Range<usize>)>,
    scratch: Vec<u8>,
}

struct Client {
    stream: TcpStream,
    prefix: Vec<u8>,
    half: Vec<u8>,
    unsent: Vec<u8>,
}

impl Floor {
    fn accept(&mut self, listener: &TcpListener, registry: &Registry) -> io::Result<()> {
        while let Ok((mut stream, _)) = listener.accept() {
            stream.set_nodelay(true)?;
            let place = self.free.pop().unwrap_or(self.clients.len());
            registry.register(&mut stream, Token(place), Interest::READABLE | Interest::WRITABLE)?;
            let (prefix, half, unsent) = (b"MESSAGE guest ".to_vec(), Vec::new(), Vec::new());
            let client = Some(Client { stream, prefix, half, unsent });
            match self.clients.get_mut(place) {
                Some(empty) => *empty = client,
                None => self.clients.push(client),
            }
        }
        Ok(())
    }

    fn read(&mut self, place: usize) {
        self.scratch.resize(65536, 0);
        while let Some(client) = &mut self.clients[place] {
            match client.stream.read(&mut self.scratch) {
                Ok(count @ 1..) => {
                    let start = self.batch.len();
                    client.take(&self.scratch[..count], &mut self.batch);
                    self.authors.push((place, start..self.batch.len()));
                    if count < self.scratch.len() {
                        return;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                _ => {
                    self.clients[place] = None;
                    self.free.push(place);
                }
            }
            if self.batch.len() >= 65536 {
                self.hand_out();
            }
        }
    }

    fn hand_out(&mut self) {
        if self.batch.is_empty() {
            return;
        }
        for (place, client) in self.clients.iter_mut().enumerate() {
            let Some(client) = client else { continue };
            if self.authors.iter().any(|(author, _)| *author == place) {
                let others = self.authors.iter().filter(|(author, _)| *author != place);
                let view: Vec<u8> = others.flat_map(|(_, part)| &self.batch[part.clone()]).copied().collect();
                client.send(&view);
            } else {
                client.send(&self.batch);
            }
        }
        self.batch.clear();
        self.authors.clear();
    }

    fn flush(&mut self, place: usize) {
        if let Some(client) = &mut self.clients[place] {
            let unsent = std::mem::take(&mut client.unsent);
            client.send(&unsent);
        }
    }
}

impl Client {
    /// Turns what came into what goes out.
    fn take(&mut self, bytes: &[u8], batch: &mut Vec<u8>) {
        let mut rest = bytes;
        while let Some(end) = memchr::memchr(b'\n', rest) {
            self.half.extend_from_slice(&rest[..end]);
            rest = &rest[end + 1..];
            match (&self.half[..5.min(self.half.len())], self.half.get(5..)) {
                (b"SEND ", Some(text)) => {
                    batch.extend_from_slice(&self.prefix);
                    batch.extend_from_slice(text);
                    batch.push(b'\n');
                }
                (b"NAME ", Some(name)) => self.prefix = [b"MESSAGE ", name, b" "].concat(),
                _ => {}
            }
            self.half.clear();
        }
        self.half.extend_from_slice(rest);
    }

    /// Writes what the socket takes, and keeps the rest. A broken client is noticed when it is read.
    fn send(&mut self, bytes: &[u8]) {
        let mut sent = 0;
        if self.unsent.is_empty() {
            while sent < bytes.len() {
                match self.stream.write(&bytes[sent..]) {
                    Ok(count) => sent += count,
                    Err(_) => break,
                }
            }
        }
        self.unsent.extend_from_slice(&bytes[sent..]);
    }
}
