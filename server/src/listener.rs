//! The doors: binds sockets, accepts connections, finds each a seat or says why there is none. Knows
//! sockets and quotas; what a member does inside is the session's business.

use std::cell::Cell;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use async_channel::Sender;
use chat_shared::Notice;
use futures_lite::future;
use smol::{Async, LocalExecutor, Timer};
use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};

use crate::Config;
use crate::batch::MemberId;
use crate::inbox::{Event, Newcomer};
use crate::quota::Seats;
use crate::session::linger;

/// Connections that may wait to be accepted. The system lowers it to its own limit.
const BACKLOG: i32 = 4096;

/// The pauses after an accept that failed: doubled each time, from the first to the last.
const PAUSES: [Duration; 2] = [Duration::from_millis(10), Duration::from_secs(1)];

/// How many of those who are turned away may be waited for at a time, so that they can read why.
const MOST_REFUSED: usize = 64;

/// When the system asks a silent peer whether it is still there, and how often before it gives up:
/// a member whose machine has vanished is gone within two minutes.
fn keep_alive() -> TcpKeepalive {
    let keep_alive = TcpKeepalive::new().with_time(Duration::from_secs(60));
    #[cfg(not(any(target_os = "openbsd", target_os = "redox", target_os = "solaris")))]
    let keep_alive = keep_alive.with_interval(Duration::from_secs(15));
    keep_alive
}

/// Binds a listening socket. `[::]` takes IPv4 as well; where the machine has no IPv6 at all, it takes
/// IPv4 alone. Port 0 picks a free one.
///
/// Fails as the system says, most often because the port is in use.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    match bind_exactly(address) {
        Err(error) if address.ip() == Ipv6Addr::UNSPECIFIED && has_no_ipv6(&error) => {
            bind_exactly((Ipv4Addr::UNSPECIFIED, address.port()).into())
        }
        bound => bound,
    }
}

fn bind_exactly(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(address.ip() != Ipv6Addr::UNSPECIFIED)?;
    }
    // Elsewhere than on Unix this would let a second server take the same port.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// The address family is unknown to the system, or has no address to bind.
fn has_no_ipv6(error: &io::Error) -> bool {
    // EAFNOSUPPORT as Linux, macOS and the BSDs, and Windows number it.
    matches!(error.raw_os_error(), Some(97 | 47 | 10047)) || error.kind() == io::ErrorKind::AddrNotAvailable
}

/// What all listening sockets of one room share.
pub(crate) struct Door {
    executor: Rc<LocalExecutor<'static>>,
    inbox: Sender<Event>,
    seats: Arc<Seats>,
    last_id: Cell<MemberId>,
    /// How many are waited for; shared with their tasks, which must not hold the executor they run on.
    refused: Rc<Cell<usize>>,
}

impl Door {
    pub(crate) fn new(executor: Rc<LocalExecutor<'static>>, inbox: Sender<Event>, config: &Config) -> Self {
        let seats = Seats::new(config.max_clients, config.max_per_ip);
        Self { executor, inbox, seats, last_id: Cell::default(), refused: Rc::default() }
    }

    /// Shows somebody in, or out.
    async fn admit(&self, stream: Async<TcpStream>, peer: SocketAddr) {
        let socket = SockRef::from(&stream);
        // A connection that cannot be set up so is still a connection.
        let _ = socket.set_tcp_nodelay(true);
        let _ = socket.set_tcp_keepalive(&keep_alive());
        let seat = match self.seats.take(peer.ip()) {
            Ok(seat) => seat,
            Err(notice) => return self.refuse(stream, peer, notice),
        };
        let id = self.last_id.get() + 1;
        self.last_id.set(id);
        log::debug!("member {id} comes from {peer}");
        // Fails only when the room closes; the connection is then dropped with the event.
        let _ = self.inbox.send(Event::Join(id, Newcomer { stream, seat, address: peer.ip() })).await;
    }

    fn refuse(&self, stream: Async<TcpStream>, peer: SocketAddr, notice: Notice) {
        log::info!("{peer} was turned away: {notice}");
        let line = format!("{}\n", notice.to_line());
        // A new socket's buffer is empty: it takes a line at once, or is broken.
        let _ = io::Write::write(&mut stream.get_ref(), line.as_bytes());
        if self.refused.get() >= MOST_REFUSED {
            return;
        }
        self.refused.set(self.refused.get() + 1);
        let refused = Rc::clone(&self.refused);
        self.executor
            .spawn(async move {
                linger(&stream).await;
                refused.set(refused.get() - 1);
            })
            .detach();
    }
}

/// Accepts for ever; ends when dropped.
pub(crate) async fn accept(listener: Async<TcpListener>, door: Rc<Door>) {
    let mut pause = None;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                if pause.take().is_some() {
                    log::info!("connections are accepted again");
                }
                door.admit(stream, peer).await;
                // A thousand who come at once are let in one by one: who is in has its turn in between.
                future::yield_now().await;
            }
            // The one that came has gone again; the next may be fine.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::ConnectionAborted
                        | io::ErrorKind::ConnectionReset
                        | io::ErrorKind::Interrupted
                ) => {}
            Err(error) => {
                if pause.is_none() {
                    log::error!(
                        "no connection can be accepted: {error}; those who are in are not touched, trying on"
                    );
                }
                let [first, last] = PAUSES;
                let wait = pause.map_or(first, |pause: Duration| (pause * 2).min(last));
                pause = Some(wait);
                Timer::after(wait).await;
            }
        }
    }
}
