//! One connection's bytes, in plain text or sealed by TLS. Never waits.

use std::io::{self, ErrorKind, Read, Write};

use mio::net::TcpStream;

use crate::seal::{Sealed, seal};

/// A connection, which may not be there yet.
#[derive(Debug)]
pub(super) enum Stream {
    Plain(TcpStream),
    Sealed(Box<Sealed<TcpStream>>),
}

impl Stream {
    pub(super) fn new(socket: TcpStream, tls: bool) -> Self {
        if tls { Self::Sealed(Box::new(seal(socket))) } else { Self::Plain(socket) }
    }

    pub(super) fn socket(&mut self) -> &mut TcpStream {
        match self {
            Self::Plain(socket) => socket,
            Self::Sealed(sealed) => &mut sealed.sock,
        }
    }
}

impl Read for Stream {
    /// Fills the buffer, if there is so much: who gets less need not look again.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let sealed = match self {
            Self::Plain(socket) => return socket.read(buffer),
            Self::Sealed(sealed) => sealed,
        };
        let mut read = 0;
        while read < buffer.len() {
            match sealed.read(&mut buffer[read..]) {
                Ok(0) => break,
                Ok(more) => read += more,
                Err(_) if read > 0 => break,
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => break,
                Err(error) => return Err(error),
            }
        }
        Ok(read)
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.write(bytes),
            Self::Sealed(sealed) => match sealed.write(bytes)? {
                0 => Err(ErrorKind::WouldBlock.into()),
                taken => Ok(taken),
            },
        }
    }

    /// Has the system take what TLS holds, as far as it does.
    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(_) => Ok(()),
            Self::Sealed(sealed) => sealed.flush(),
        }
    }
}
