//! Rooms to test against: a `chat-server` in this process that can be stopped and come back on its
//! port, one that a test plays itself, and a stand-in for the Go server that the project descends from.
//! Knows the wire only.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use chat_server::{Config, Keep, Storage, Store};
use chat_tests::Client;
use socket2::{Domain, Socket, Type};

/// A port of this test's own: nobody else gets it, not even while nobody listens there.
pub(crate) struct Port(Socket);

impl Port {
    pub(crate) fn reserve() -> Self {
        Self(bound(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))))
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.0.local_addr().ok().and_then(|address| address.as_socket()).expect("a bound socket")
    }

    /// Listens there. Once the listener is dropped, connections are refused again.
    pub(crate) fn listen(&self) -> TcpListener {
        let socket = bound(self.address());
        socket.listen(128).expect("a bound socket can listen");
        socket.into()
    }
}

/// Sockets that share a port: the one that keeps it and the one that listens.
fn bound(address: SocketAddr) -> Socket {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    socket.set_reuse_address(true).expect("a socket can be set up");
    #[cfg(unix)]
    socket.set_reuse_port(true).expect("a socket can be set up");
    socket.bind(&address.into()).expect("a port that is free or ours");
    socket
}

/// A `chat-server` in this process.
pub(crate) struct TestRoom {
    address: SocketAddr,
    running: Option<smol::channel::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl TestRoom {
    /// One on a port of its own.
    pub(crate) fn open() -> Self {
        Self::open_at(&Port::reserve())
    }

    /// One on this port, on which nobody listens. It remembers nothing of what was said there before.
    pub(crate) fn open_at(port: &Port) -> Self {
        Self::open_with(port, Storage::Memory)
    }

    /// One on this port whose log is in this folder.
    pub(crate) fn open_in(port: &Port, folder: &Path) -> Self {
        Self::open_with(port, Storage::Disk(folder.to_owned()))
    }

    fn open_with(port: &Port, storage: Storage) -> Self {
        let store = Store::open(storage, Keep::default()).expect("a log");
        let (listener, address) = (port.listen(), port.address());
        let (running, stop) = smol::channel::bounded::<()>(1);
        let thread = thread::spawn(move || {
            let shutdown = async move { stop.recv().await.unwrap_or_default() };
            let config = Config { rate: 0, ..Config::default() };
            chat_server::serve(vec![listener], store, config, shutdown).expect("the room runs");
        });
        Self { address, running: Some(running), thread: Some(thread) }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Another member, of whom nobody has to know how it works.
    pub(crate) fn member(&self, name: &str) -> Client {
        let mut member = Client::connect(self.address);
        member.send(&format!("NAME {name}"));
        member.fence();
        member
    }

    /// Stops it as a signal would.
    pub(crate) fn stop(&mut self) {
        self.running.take();
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the room ends well");
        }
    }
}

impl Drop for TestRoom {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Waits for a client on `listener` and greets it as a server of the base, for a test that plays the server
/// from there on.
pub(crate) fn accept(listener: &TcpListener, name: &str) -> Client {
    let (stream, _) = listener.accept().expect("a client comes");
    let mut client = Client::from(stream);
    client.expect_start("HELLO 1 ");
    client.expect(&format!(" NAME {name}"));
    client.send("MESSAGE * line refused: a line must begin with NAME or SEND");
    client
}

/// What the Go server does, faults and all: it reads a command up to the first space, and the rest up to the
/// line's end if it knows the command; what it does not know it passes over, a word at a time. It sends
/// every message to everybody and its author too, and takes every name in silence.
pub(crate) struct GoRoom {
    address: SocketAddr,
    members: Arc<Mutex<HashMap<SocketAddr, (TcpStream, String)>>>,
}

impl GoRoom {
    pub(crate) fn open() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port can be opened");
        let address = listener.local_addr().expect("a listener has an address");
        let members: Arc<Mutex<HashMap<SocketAddr, (TcpStream, String)>>> = Arc::default();
        let room = members.clone();
        // It ends with the process, like its model.
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let room = room.clone();
                thread::spawn(move || drop(go_member(stream, &room)));
            }
        });
        Self { address, members }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Breaks off every connection.
    pub(crate) fn cut(&self) {
        for (stream, _) in self.members.lock().unwrap_or_else(PoisonError::into_inner).values() {
            // It fails only for a connection that is gone already.
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }
}

fn go_member(
    stream: TcpStream,
    room: &Mutex<HashMap<SocketAddr, (TcpStream, String)>>,
) -> std::io::Result<()> {
    let lock = || room.lock().unwrap_or_else(PoisonError::into_inner);
    let peer = stream.peer_addr()?;
    lock().insert(peer, (stream.try_clone()?, String::new()));
    let mut reader = BufReader::new(stream);
    let result = loop {
        let (mut command, mut rest) = (Vec::new(), Vec::new());
        match reader.read_until(b' ', &mut command) {
            Ok(0) => break Ok(()),
            Ok(_) if matches!(command.as_slice(), b"NAME " | b"SEND ") => {}
            Ok(_) => continue,
            Err(error) => break Err(error),
        }
        if let Err(error) = reader.read_until(b'\n', &mut rest) {
            break Err(error);
        }
        let rest =
            String::from_utf8(rest).map_err(|error| std::io::Error::new(ErrorKind::InvalidData, error))?;
        let rest = rest.trim_end_matches('\n').to_owned();
        let mut members = lock();
        match command.as_slice() {
            b"NAME " => {
                if let Some((_, name)) = members.get_mut(&peer) {
                    *name = rest;
                }
            }
            b"SEND " => {
                let name = members.get(&peer).map(|(_, name)| name.clone()).unwrap_or_default();
                let line = format!("MESSAGE {name} {rest}\n");
                for (stream, _) in members.values_mut() {
                    // A member that is gone is taken off by its own thread.
                    let _ = stream.write_all(line.as_bytes());
                }
            }
            _ => {}
        }
    };
    lock().remove(&peer);
    result
}
