//! What the system is asked for: descriptors, addresses, buffers.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use mio::net::TcpStream;
use socket2::{Domain, Protocol, Socket, Type};

/// How many connections come from one address. There are 28,000 ports to an address, and once half of
/// them are taken the system searches longer for each.
const FROM_ONE_ADDRESS: usize = 6_000;

/// Raises this process's limit of open files, and that of what it starts, as high as the system lets it,
/// and gives it if there is one: each member is one file, and many systems allow a thousand unless asked.
pub fn raise_limit() -> Option<usize> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
        // macOS refuses "no limit" here; then the old one stays.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
        usize::try_from(getrlimit(Resource::Nofile).current?).ok()
    }
    #[cfg(not(unix))]
    None
}

/// Begins the connection of this number, and leaves it to events to tell how it ends.
pub(super) fn connect(address: SocketAddr, number: usize) -> io::Result<TcpStream> {
    let row = u32::try_from(number / FROM_ONE_ADDRESS).map_err(io::Error::other)?;
    // Linux has all of 127.0.0.0/8 to connect from; elsewhere it goes on from one address.
    if cfg!(target_os = "linux") && row > 0 && address.is_ipv4() && address.ip().is_loopback() {
        let from = Ipv4Addr::from_bits(Ipv4Addr::LOCALHOST.to_bits() + row);
        return connect_with(address, |socket| socket.bind(&SocketAddr::from((from, 0)).into()));
    }
    TcpStream::connect(address)
}

/// Begins a connection for which the system keeps no more than about so many unread bytes. They have to
/// be few before the connection is there: the other end is told then how much it may send at all.
pub(super) fn connect_narrow(address: SocketAddr, bytes: usize) -> io::Result<TcpStream> {
    connect_with(address, |socket| socket.set_recv_buffer_size(bytes))
}

fn connect_with(
    address: SocketAddr,
    prepare: impl FnOnce(&Socket) -> io::Result<()>,
) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    prepare(&socket)?;
    // A server that is behind with accepting must not stop the loop.
    socket.set_nonblocking(true)?;
    // EINPROGRESS has no kind of its own; what is wrong in earnest, the first read tells.
    let _ = socket.connect(&address.into());
    Ok(TcpStream::from_std(socket.into()))
}
