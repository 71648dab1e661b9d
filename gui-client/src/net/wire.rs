//! One connection, in plain text or through TLS, as bytes that come and go. Knows how bytes travel, and
//! neither what they mean nor whom one speaks to.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures_lite::{AsyncRead, AsyncWrite};
use futures_rustls::client::TlsStream;
use smol::net::TcpStream;

use super::tls::Watched;

/// A connection. Clones are the same one: it may be read through one of them and written through another,
/// within one task.
#[derive(Clone)]
pub(super) enum Wire {
    /// In plain text.
    Plain(TcpStream),
    /// Through TLS.
    Tls(Rc<RefCell<TlsStream<Watched>>>),
}

impl Wire {
    pub(super) fn tls(stream: TlsStream<Watched>) -> Self {
        Self::Tls(Rc::new(RefCell::new(stream)))
    }

    /// Whether nobody in between can read it.
    pub(super) fn is_private(&self) -> bool {
        matches!(self, Self::Tls(_))
    }
}

// A stream is borrowed for one poll and no longer, and no poll leads to another.
impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::Tls(stream) => Pin::new(&mut *stream.borrow_mut()).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Tls(stream) => Pin::new(&mut *stream.borrow_mut()).poll_write(cx, bytes),
        }
    }

    /// What was written is with the operating system once this is done, and not before.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(&mut *stream.borrow_mut()).poll_flush(cx),
        }
    }

    /// Our side says that it is done; the other one may still speak.
    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_close(cx),
            Self::Tls(stream) => Pin::new(&mut *stream.borrow_mut()).poll_close(cx),
        }
    }
}
