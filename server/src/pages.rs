//! A large batch in memory of the system's own. What a socket is given by `write`, the system copies for
//! each socket; of these pages, all sockets hold the same ones. Measured with batches of 80 KB, that
//! halves what a delivery costs, and what slow members keep waiting in the system is there once. On Linux;
//! elsewhere there are no such pages, and everything is written. Knows neither members nor what is said.

#[cfg(target_os = "linux")]
pub(crate) use linux::Pages;
#[cfg(not(target_os = "linux"))]
pub(crate) use none::Pages;

/// Fewer bytes are copied as fast as pages are found.
#[cfg(target_os = "linux")]
const LEAST_BYTES: usize = 8 * 1024;

/// For fewer sockets it does not pay to fill pages first.
#[cfg(target_os = "linux")]
const LEAST_SOCKETS: usize = 32;

#[cfg(target_os = "linux")]
mod linux {
    use std::io;
    use std::net::TcpStream;
    use std::os::fd::OwnedFd;

    use rustix::fs::{MemfdFlags, memfd_create, sendfile};

    use super::{LEAST_BYTES, LEAST_SOCKETS};

    /// Bytes that never change, in a file without a name: its pages live for as long as a socket has yet
    /// to send one of them, whether or not this is still there.
    #[derive(Debug)]
    pub(crate) struct Pages {
        file: OwnedFd,
        size: usize,
    }

    impl Pages {
        /// Pages of these bytes, if it pays for so many sockets.
        pub(crate) fn of(bytes: &[u8], sockets: impl FnOnce() -> usize) -> Option<Self> {
            if bytes.len() < LEAST_BYTES || sockets() < LEAST_SOCKETS {
                return None;
            }
            let file = memfd_create("batch", MemfdFlags::CLOEXEC).ok()?;
            // A system that has no memory for it may have enough to write as ever.
            let filled = rustix::io::write(&file, bytes).ok()? == bytes.len();
            filled.then_some(Self { file, size: bytes.len() })
        }

        /// Gives a socket as much as it takes at once, and says how much that was.
        pub(crate) fn send(&self, socket: &TcpStream) -> io::Result<usize> {
            let mut sent = 0;
            // The system gives a socket 64 KiB at a time.
            while sent < self.size as u64 {
                let left = self.size - sent as usize;
                match sendfile(socket, &self.file, Some(&mut sent), left) {
                    Ok(0) => break,
                    Ok(_) => {}
                    Err(_) if sent > 0 => break,
                    Err(error) => return Err(error.into()),
                }
            }
            Ok(sent as usize)
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod none {
    use std::io;
    use std::net::TcpStream;

    /// There are none.
    #[derive(Debug)]
    pub(crate) enum Pages {}

    impl Pages {
        /// None.
        pub(crate) fn of(_bytes: &[u8], _sockets: impl FnOnce() -> usize) -> Option<Self> {
            None
        }

        /// Cannot be called.
        pub(crate) fn send(&self, _socket: &TcpStream) -> io::Result<usize> {
            match *self {}
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::Read as _;
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn only_what_is_much_for_many_is_worth_pages() {
        assert!(Pages::of(&[0; LEAST_BYTES], || LEAST_SOCKETS).is_some());
        assert!(Pages::of(&[0; LEAST_BYTES - 1], || LEAST_SOCKETS).is_none());
        assert!(Pages::of(&[0; LEAST_BYTES], || LEAST_SOCKETS - 1).is_none());
    }

    #[test]
    fn what_a_socket_has_taken_arrives_when_the_pages_are_gone() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let ours = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut theirs, _) = listener.accept().unwrap();
        ours.set_nonblocking(true).unwrap();
        let bytes: Vec<u8> = (0..200_000u32).map(|at| (at % 251) as u8).collect();
        let (mut taken, mut sent) = (Vec::new(), bytes.len());
        while sent == bytes.len() {
            // The last time, a socket takes only some, or nothing.
            sent = Pages::of(&bytes, || LEAST_SOCKETS).unwrap().send(&ours).unwrap_or(0);
            taken.extend_from_slice(&bytes[..sent]);
        }
        assert!(taken.len() > bytes.len(), "a whole batch fits a socket");
        drop(ours);
        let mut read = Vec::new();
        theirs.read_to_end(&mut read).unwrap();
        assert!(read == taken);
    }
}
