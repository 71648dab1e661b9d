//! The doors, on a thread of their own: binds sockets, accepts connections, finds each a seat or says why
//! there is none, and has those who pass the porch join the room. However many come, and however slowly,
//! nobody who is in has to wait for it. Knows sockets and quotas; what a member does inside is the session's
//! business.

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_channel::{Receiver, Sender};
use chat_shared::Notice;
use futures_lite::future;
use smol::lock::Semaphore;
use smol::{Async, LocalExecutor, Timer};
use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};

use crate::Config;
use crate::bans::Bans;
use crate::batch::MemberId;
use crate::inbox::{Event, Newcomer};
use crate::porch::{Farewell, Limits, Porch, Turned, keep_current, speaks_plain_text};
use crate::question::tell;
use crate::quota::{Arrivals, Seat, Seats};
use crate::session::linger;
use crate::wire::Wire;

/// Connections that may wait to be accepted. The system lowers it to its own limit.
const BACKLOG: i32 = 4096;

/// The pauses after an accept that failed: doubled each time, from the first to the last.
const PAUSES: [Duration; 2] = [Duration::from_millis(10), Duration::from_secs(1)];

/// How often it is said that no connection can be accepted.
const NOW_AND_THEN: Duration = Duration::from_secs(60);

/// How many of those who are turned away may be waited for at a time, so that they can read why.
const MOST_REFUSED: usize = 64;

/// How often it is logged at most that somebody was turned away.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// How many may be on the way from the doors to their seats. With a thousand who come back at once, what is
/// said meanwhile waits for so many of them, and not for a thousand.
const ON_THE_WAY: usize = 16;

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

/// Lets people in until `closing` closes; then whoever is not in yet is dropped. Runs on `executor`, this
/// thread's, which must be dropped after it.
pub(crate) async fn run(
    executor: Rc<LocalExecutor<'static>>,
    listeners: Vec<Async<TcpListener>>,
    inbox: Sender<Event>,
    bans: Bans,
    config: Config,
    closing: Receiver<Infallible>,
) {
    let hall = Rc::new(Hall {
        inbox,
        seats: Seats::new(config.max_clients, config.max_per_ip),
        arrivals: RefCell::default(),
        bans,
        porch: Porch::new(&config.tls, config.password, Limits::default()),
        last_id: Cell::default(),
        way: Arc::new(Semaphore::new(ON_THE_WAY)),
        refused: Cell::default(),
        told: Cell::default(),
    });
    let doors = listeners.into_iter().map(|listener| {
        let door = Door { executor: Rc::downgrade(&executor), hall: Rc::clone(&hall) };
        executor.spawn(accept(listener, door))
    });
    let _doors: Vec<_> = doors.chain([executor.spawn(keep_current(config.tls))]).collect();
    // Nothing is ever sent: it ends when the other end is dropped.
    let _ = closing.recv().await;
}

/// One listening socket.
struct Door {
    // Weak: this is held by tasks that run on it.
    executor: Weak<LocalExecutor<'static>>,
    hall: Rc<Hall>,
}

/// What all listening sockets of one room share.
struct Hall {
    inbox: Sender<Event>,
    seats: Arc<Seats>,
    arrivals: RefCell<Arrivals>,
    bans: Bans,
    porch: Porch,
    last_id: Cell<MemberId>,
    way: Arc<Semaphore>,
    /// How many are waited for who got no seat.
    refused: Cell<usize>,
    /// When it was last logged that somebody was turned away, and how many have been since.
    told: Cell<(Option<Instant>, u64)>,
}

impl Door {
    /// Shows somebody in, or out.
    fn admit(&self, stream: Async<TcpStream>, peer: SocketAddr) {
        let socket = SockRef::from(&stream);
        // A connection that cannot be set up so is still a connection.
        let _ = socket.set_tcp_nodelay(true);
        let _ = socket.set_tcp_keepalive(&keep_alive());
        let Some(executor) = self.executor.upgrade() else { return };
        let hall = Rc::clone(&self.hall);
        let seat = match hall.arrivals.borrow_mut().may_come(peer.ip(), Instant::now()) {
            true if hall.bans.keep_out(peer.ip()) => Err(Notice::AddressBanned),
            true => hall.seats.take(peer.ip()),
            false => Err(Notice::AddressFull),
        };
        match seat {
            Ok(seat) => executor.spawn(async move { hall.show_in(stream, peer, seat).await }).detach(),
            Err(notice) if hall.refused.get() < MOST_REFUSED => {
                executor.spawn(async move { hall.refuse(stream, peer, notice).await }).detach();
            }
            Err(notice) => {
                self.hall.log(peer, &notice);
                // Who speaks TLS, or may yet, would take words in plain text for a server without it.
                if speaks_plain_text(stream.get_ref()) {
                    // A new socket's buffer is empty: it takes a line at once, or is broken.
                    let _ = tell(&Wire::Plain(stream), &notice.to_line());
                }
            }
        }
    }
}

impl Hall {
    async fn show_in(&self, stream: Async<TcpStream>, peer: SocketAddr, seat: Seat) {
        match self.receive(stream, peer).await {
            Ok((wire, said)) => {
                let way = Some(self.way.acquire_arc().await);
                let id = self.last_id.get() + 1;
                self.last_id.set(id);
                let how = if wire.plain().is_some() { "plain text" } else { "TLS" };
                log::debug!("member {id} comes from {peer} and speaks {how}");
                let newcomer = Box::new(Newcomer { wire, seat, address: peer.ip(), said, _way: way });
                // Fails only when the room closes; the connection is then dropped with the event.
                let _ = self.inbox.send(Event::Join(id, newcomer)).await;
            }
            Err(Turned::Away(wire, farewell)) => Box::pin(self.see_off(&wire, peer, farewell)).await,
            Err(Turned::Gone(error)) => log::debug!("{peer} has not come in: {error}"),
        }
    }

    async fn receive(&self, stream: Async<TcpStream>, peer: SocketAddr) -> Result<(Wire, Vec<u8>), Turned> {
        let wire = self.porch.greet(stream).await?;
        match self.porch.question(&wire, peer.ip()).await {
            Ok(said) => Ok((wire, said)),
            Err(Some(farewell)) => Err(Turned::Away(wire, farewell)),
            Err(None) => Err(Turned::Gone(io::ErrorKind::ConnectionAborted.into())),
        }
    }

    /// Says to somebody who has no seat why that is, in the way that it speaks.
    async fn refuse(&self, stream: Async<TcpStream>, peer: SocketAddr, notice: Notice) {
        self.refused.set(self.refused.get() + 1);
        match self.porch.greet(stream).await {
            Ok(wire) | Err(Turned::Away(wire, _)) => self.see_off(&wire, peer, notice.into()).await,
            Err(Turned::Gone(error)) => log::debug!("{peer} was turned away, and has gone: {error}"),
        }
        self.refused.set(self.refused.get() - 1);
    }

    /// Says good-bye in the language that is understood: who speaks the base would die of any other.
    async fn see_off(&self, wire: &Wire, peer: SocketAddr, Farewell { notice, opted_in }: Farewell) {
        self.log(peer, &notice);
        let opted_in = match opted_in {
            Some(opted_in) => opted_in,
            None => self.porch.opts_in(wire).await,
        };
        let words = if opted_in { notice.to_farewell() } else { notice.to_line() };
        if tell(wire, &words).is_ok() {
            linger(wire).await;
        }
    }

    /// Logs that somebody was turned away, but no flood of it.
    fn log(&self, peer: SocketAddr, notice: &Notice) {
        let now = Instant::now();
        match self.told.get() {
            (Some(last), more) if now < last + TELL_EVERY => self.told.set((Some(last), more + 1)),
            (_, more) => {
                self.told.set((Some(now), 0));
                let others = if more > 0 { format!(" (and {more} others meanwhile)") } else { String::new() };
                log::info!("{peer} was turned away: {notice}{others}");
            }
        }
    }
}

/// Accepts for ever; ends when dropped.
async fn accept(listener: Async<TcpListener>, door: Door) {
    let mut pause = None;
    // Whether it was said that nobody can be let in, and when last: where a descriptor comes and goes, this
    // begins and ends many times a second.
    let (mut said, mut say_again) = (false, None);
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                pause = None;
                if std::mem::take(&mut said) {
                    log::info!("connections are accepted again");
                }
                door.admit(stream, peer);
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
                if say_again.is_none_or(|again| Instant::now() >= again) {
                    say_again = Some(Instant::now() + NOW_AND_THEN);
                    said = true;
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
