//! One connection's bytes, in and out, whether they travel in plain text or sealed by TLS. Everything but
//! the handshake is done at once or not at all, so that a member needs no task for it. Knows nothing of
//! lines, nor of who is at the other end.

use std::cell::RefCell;
use std::io::{self, IoSlice, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;

use futures_lite::future;
use rustls::{ServerConfig, ServerConnection};
use smol::Async;

use crate::gate::Gate;

/// How much of what was written TLS may hold, in bytes, until the socket takes it.
const HELD: usize = 64 * 1024;

/// A connection. Reading and writing go through a shared reference, as with a [`TcpStream`], and never wait:
/// they fail with [`io::ErrorKind::WouldBlock`]. What is written may be held for a while; see
/// [`Wire::unsent`].
#[derive(Debug)]
pub(crate) enum Wire {
    Plain(Async<TcpStream>),
    Sealed(Async<TcpStream>, Box<RefCell<Seal>>),
}

/// TLS on one connection.
#[derive(Debug)]
pub(crate) struct Seal {
    tls: ServerConnection,
    /// For as long as whoever is there is a stranger, to whom little memory is given.
    gate: Option<Gate>,
}

impl Wire {
    /// Shakes hands with somebody who has begun to speak TLS. Takes as long as the other end does. What a
    /// `stranger` says after that must come in small records, until it is [admitted](Self::admit).
    pub(crate) async fn seal(
        socket: Async<TcpStream>,
        config: Arc<ServerConfig>,
        stranger: bool,
    ) -> io::Result<Self> {
        let mut tls = ServerConnection::new(config).map_err(io::Error::other)?;
        tls.set_buffer_limit(Some(HELD));
        let mut gate = stranger.then(Gate::default);
        loop {
            while tls.wants_write() {
                socket.write_with(|mut socket| tls.write_tls(&mut socket)).await?;
            }
            if !tls.is_handshaking() {
                gate.iter_mut().for_each(Gate::narrow);
                return Ok(Self::Sealed(socket, Box::new(RefCell::new(Seal { tls, gate }))));
            }
            if socket.read_with(|socket| read_tls(&mut tls, gate.as_mut(), socket)).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let Err(error) = tls.process_new_packets() {
                // What was wrong, for the other end; a socket that does not take it has been told nothing.
                let _ = tls.write_tls(&mut socket.get_ref());
                return Err(io::Error::new(io::ErrorKind::InvalidData, error));
            }
        }
    }

    fn stream(&self) -> &Async<TcpStream> {
        match self {
            Self::Plain(stream) | Self::Sealed(stream, _) => stream,
        }
    }

    /// Whoever is there is no stranger any more.
    pub(crate) fn admit(&self) {
        if let Self::Sealed(_, seal) = self {
            seal.borrow_mut().gate = None;
        }
    }

    /// The socket, where what is written to it reaches the other end as it is.
    pub(crate) fn plain(&self) -> Option<&TcpStream> {
        match self {
            Self::Plain(stream) => Some(stream.get_ref()),
            Self::Sealed(..) => None,
        }
    }

    /// Does `read`, again and again until it need not wait any more.
    pub(crate) async fn read_with<T>(&self, mut read: impl FnMut(&Self) -> io::Result<T>) -> io::Result<T> {
        // Not `Async::read_with`, whose way to wait costs each silent member some hundred bytes more. This one
        // is for a single task, and one task reads a member.
        let stream = self.stream();
        loop {
            match read(self) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                done => return done,
            }
            future::poll_fn(|context| stream.poll_readable(context)).await?;
        }
    }

    /// Does `write`, again and again until it need not wait any more.
    pub(crate) async fn write_with<T>(&self, mut write: impl FnMut(&Self) -> io::Result<T>) -> io::Result<T> {
        self.stream().write_with(|_| write(self)).await
    }

    /// Whether bytes are held that were written and have yet to reach the socket: somebody must flush.
    pub(crate) fn unsent(&self) -> bool {
        match self {
            Self::Plain(_) => false,
            Self::Sealed(_, seal) => seal.borrow().tls.wants_write(),
        }
    }

    /// Says that nothing more will be written. What the socket has not taken by now is lost.
    pub(crate) fn finish(&self) -> io::Result<()> {
        if let Self::Sealed(socket, seal) = self {
            let tls = &mut seal.borrow_mut().tls;
            tls.send_close_notify();
            let _ = send(tls, socket.get_ref());
        }
        self.stream().get_ref().shutdown(Shutdown::Write)
    }

    /// Does `read` with what the socket itself has, for who does not want to know what that says.
    pub(crate) async fn read_raw<T>(&self, read: impl FnMut(&TcpStream) -> io::Result<T>) -> io::Result<T> {
        self.stream().read_with(read).await
    }

    /// Breaks the connection off.
    pub(crate) fn break_off(&self) {
        let _ = self.stream().get_ref().shutdown(Shutdown::Both);
    }
}

/// Has TLS take what the socket has, past the gate where there is one.
fn read_tls(
    tls: &mut ServerConnection,
    gate: Option<&mut Gate>,
    mut socket: &TcpStream,
) -> io::Result<usize> {
    match gate {
        None => tls.read_tls(&mut socket),
        Some(gate) => tls.read_tls(&mut Gated { gate, socket }),
    }
}

/// A socket behind a gate.
struct Gated<'a> {
    gate: &'a mut Gate,
    socket: &'a TcpStream,
}

impl Read for Gated<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.gate.read(self.socket, bytes)
    }
}

/// Has the socket take what TLS holds.
fn send(tls: &mut ServerConnection, mut socket: &TcpStream) -> io::Result<()> {
    while tls.wants_write() {
        tls.write_tls(&mut socket)?;
    }
    Ok(())
}

/// The same; false when the socket does not take all of it now.
fn sent_all(tls: &mut ServerConnection, socket: &TcpStream) -> io::Result<bool> {
    match send(tls, socket) {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
        sent => sent.map(|()| true),
    }
}

/// What comes after so many bytes of these.
fn rest_of<'a>(pieces: &'a [IoSlice<'_>], mut skip: usize) -> Vec<IoSlice<'a>> {
    let mut rest = Vec::new();
    for piece in pieces {
        if skip < piece.len() {
            rest.push(IoSlice::new(&piece[skip..]));
        }
        skip = skip.saturating_sub(piece.len());
    }
    rest
}

impl Read for &Wire {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let (socket, Seal { tls, gate }) = match self {
            Wire::Plain(stream) => return stream.get_ref().read(bytes),
            Wire::Sealed(stream, seal) => (stream.get_ref(), &mut *seal.borrow_mut()),
        };
        loop {
            match tls.reader().read(bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                // Many programs just close. A line that was cut off has no end, and is not taken for one.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(0),
                read => return read,
            }
            if read_tls(tls, gate.as_mut(), socket)? == 0 {
                return Ok(0);
            }
            let processed = tls.process_new_packets();
            if tls.wants_write() {
                // TLS answers by itself, now or with what is written next.
                let _ = send(tls, socket);
            }
            processed.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        }
    }
}

impl Write for &Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Wire::Plain(stream) => stream.get_ref().write(bytes),
            Wire::Sealed(..) => self.write_vectored(&[IoSlice::new(bytes)]),
        }
    }

    fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        let (socket, Seal { tls, .. }) = match self {
            Wire::Plain(stream) => return stream.get_ref().write_vectored(pieces),
            Wire::Sealed(stream, seal) => (stream.get_ref(), &mut *seal.borrow_mut()),
        };
        // So that no more is held than once.
        send(tls, socket)?;
        let all = pieces.iter().map(|piece| piece.len()).sum::<usize>();
        let mut taken = tls.writer().write_vectored(pieces)?;
        while sent_all(tls, socket)? && taken < all {
            taken += tls.writer().write_vectored(&rest_of(pieces, taken))?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Wire::Plain(_) => Ok(()),
            Wire::Sealed(stream, seal) => send(&mut seal.borrow_mut().tls, stream.get_ref()),
        }
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use tests::{pair, sealed_pair};
