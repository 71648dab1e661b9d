//! A line client for tests: blocking, with a deadline on every read, and with fences. Speaks bytes and
//! lines; what a line means is the test's business.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use socket2::{Domain, SockRef, Socket, Type};

use crate::DEADLINE;
use crate::seal::{self, Sealed};

/// A connection to a server.
#[derive(Debug)]
pub struct Client {
    stream: BufReader<Stream>,
}

/// How its bytes travel.
#[derive(Debug)]
enum Stream {
    Plain(TcpStream),
    Sealed(Box<Sealed<TcpStream>>),
}

impl Stream {
    fn socket(&self) -> &TcpStream {
        match self {
            Self::Plain(socket) => socket,
            Self::Sealed(sealed) => &sealed.sock,
        }
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.read(buffer),
            Self::Sealed(sealed) => sealed.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.write(bytes),
            Self::Sealed(sealed) => sealed.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(socket) => socket.flush(),
            Self::Sealed(sealed) => sealed.flush(),
        }
    }
}

/// A name that is always refused. The refusal is for its sender alone and has its place in the order,
/// so it fences: whatever was asked before has happened, and whatever was said before has been read.
const FENCE: &str = "NAME *";
const FENCED: &str = "MESSAGE * name refused: this name is kept for the server.";

impl Client {
    /// Connects.
    ///
    /// # Panics
    ///
    /// When nobody answers.
    pub fn connect(address: SocketAddr) -> Self {
        TcpStream::connect_timeout(&address, DEADLINE).expect("the server accepts").into()
    }

    /// Connects with a small buffer (32 KiB) for what comes in: what is not read waits
    /// on the other side.
    ///
    /// # Panics
    ///
    /// When nobody answers.
    pub fn connect_narrow(address: SocketAddr) -> Self {
        let socket =
            Socket::new(Domain::for_address(address), Type::STREAM, None).expect("sockets can be had");
        socket.set_recv_buffer_size(32 * 1024).expect("a socket can be set up");
        socket.connect_timeout(&address.into(), DEADLINE).expect("the server accepts");
        TcpStream::from(socket).into()
    }

    /// Connects with TLS, whoever answers.
    ///
    /// # Panics
    ///
    /// When nobody answers, or not in TLS.
    pub fn connect_sealed(address: SocketAddr) -> Self {
        Self::try_connect_sealed(address).expect("the server speaks TLS")
    }

    /// The same with a server that perhaps does not speak it.
    ///
    /// # Errors
    ///
    /// What went wrong in the handshake.
    pub fn try_connect_sealed(address: SocketAddr) -> io::Result<Self> {
        let socket = TcpStream::connect_timeout(&address, DEADLINE)?;
        set_up(&socket);
        let mut sealed = seal::seal(socket);
        while sealed.conn.is_handshaking() {
            sealed.conn.complete_io(&mut sealed.sock)?;
        }
        Ok(Self { stream: BufReader::new(Stream::Sealed(Box::new(sealed))) })
    }

    /// The fingerprint of the certificate that the server has shown; `None` in plain text.
    pub fn fingerprint(&self) -> Option<String> {
        match self.stream.get_ref() {
            Stream::Plain(_) => None,
            Stream::Sealed(sealed) => Some(seal::fingerprint(&sealed.conn)),
        }
    }

    /// The socket itself.
    pub fn socket(&self) -> &TcpStream {
        self.stream.get_ref().socket()
    }

    /// Sends a line.
    pub fn send(&mut self, line: &str) {
        self.send_bytes(format!("{line}\n").as_bytes());
    }

    /// Sends bytes.
    pub fn send_bytes(&mut self, bytes: &[u8]) {
        let stream = self.stream.get_mut();
        stream.write_all(bytes).and_then(|()| stream.flush()).expect("the server reads");
    }

    /// Sends bytes to a server that may hang up meanwhile. False when it has.
    pub fn try_send_bytes(&mut self, bytes: &[u8]) -> bool {
        let stream = self.stream.get_mut();
        stream.write_all(bytes).and_then(|()| stream.flush()).is_ok()
    }

    /// Says that there is nothing more to come.
    pub fn finish(&mut self) {
        if let Stream::Sealed(sealed) = self.stream.get_mut() {
            sealed.conn.send_close_notify();
            sealed.flush().expect("the server reads");
        }
        self.socket().shutdown(Shutdown::Write).expect("the connection is open");
    }

    /// Breaks the connection off with a reset, as a pulled plug and a reboot look from the other side.
    pub fn reset(self) {
        let socket = SockRef::from(self.socket());
        socket.set_linger(Some(Duration::ZERO)).expect("a socket can be set up");
    }

    /// The next line, without its end; `None` when the connection has ended.
    ///
    /// # Panics
    ///
    /// When neither comes before the deadline, or the last line has no end.
    pub fn read(&mut self) -> Option<String> {
        let mut line = String::new();
        match self.stream.read_line(&mut line) {
            Ok(0) => None,
            Ok(_) => {
                Some(line.strip_suffix('\n').unwrap_or_else(|| panic!("{line:?} has no end")).to_owned())
            }
            Err(error) if error.kind() == ErrorKind::ConnectionReset && line.is_empty() => None,
            Err(error) => panic!("waited for a line: {error}; so far {line:?}"),
        }
    }

    /// The next line of a connection that may end anywhere: a line that was cut off is none.
    pub fn try_read(&mut self) -> Option<String> {
        let mut line = String::new();
        self.stream.read_line(&mut line).ok()?;
        line.strip_suffix('\n').map(str::to_owned)
    }

    /// Asserts that the next line is `line`.
    pub fn expect(&mut self, line: &str) {
        assert_eq!(self.read().as_deref(), Some(line));
    }

    /// Asserts that the next line begins with `start`, and returns the rest of it.
    pub fn expect_start(&mut self, start: &str) -> String {
        let line = self.read().unwrap_or_else(|| panic!("waited for {start:?}, but the connection ended"));
        line.strip_prefix(start)
            .unwrap_or_else(|| panic!("{line:?} does not begin with {start:?}"))
            .to_owned()
    }

    /// Waits until everything this client asked for has happened, and returns what it has read by then.
    pub fn fence(&mut self) -> Vec<String> {
        self.send(FENCE);
        let mut lines = Vec::new();
        loop {
            match self.read() {
                Some(line) if line.starts_with(FENCED) => return lines,
                Some(line) => lines.push(line),
                None => panic!("the connection ended at a fence, after {lines:?}"),
            }
        }
    }

    /// Everything up to the end of the connection.
    pub fn read_to_end(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.read()).collect()
    }

    /// Reads up to and including `end`, as the Go original reads: `bufio.Reader.ReadString`.
    /// Shorter than that only when the connection has ended.
    pub fn read_until(&mut self, end: u8) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.stream.read_until(end, &mut bytes).expect("bytes or the end come in time");
        bytes
    }
}

impl From<TcpStream> for Client {
    fn from(stream: TcpStream) -> Self {
        set_up(&stream);
        Self { stream: BufReader::new(Stream::Plain(stream)) }
    }
}

fn set_up(socket: &TcpStream) {
    socket.set_nodelay(true).expect("a socket can be set up");
    socket.set_read_timeout(Some(DEADLINE)).expect("a socket can be set up");
    socket.set_write_timeout(Some(DEADLINE)).expect("a socket can be set up");
}
