//! From an address to a connection: resolve, try every address found, and say in words why it did not
//! work. Knows nothing of what is said on the connection.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;

use chat_shared::Notice;
use futures_lite::future;
use smol::net::TcpStream;
use smol::{LocalExecutor, Timer};
use socket2::{SockRef, TcpKeepalive};

use crate::address::Address;

/// Resolving and connecting together may take this long.
pub(super) const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// A further address is tried beside the ones before after this long: an IPv6 route that swallows
/// everything must not eat the time of the IPv4 one that works (RFC 8305).
const STAGGER: Duration = Duration::from_millis(250);

/// A silent connection is probed after this long, and then at each [`PROBE_INTERVAL`].
const PROBE_AFTER: Duration = Duration::from_secs(30);
const PROBE_INTERVAL: Duration = Duration::from_secs(10);
/// A connection that leaves so many probes unanswered is dead.
const PROBES: u32 = 3;

/// A connection that leaves what was sent unanswered for so long is dead. Without this the operating
/// system goes on trying for a quarter of an hour.
#[cfg(any(target_os = "linux", target_os = "android"))]
const UNANSWERED_LIMIT: Duration = Duration::from_secs(30);

/// A line that was written this long before an ordinary break may not have arrived.
const DOUBT: Duration = Duration::from_secs(10);
/// When the network went silent, all that was written since before the silence is in doubt.
const DOUBT_AFTER_SILENCE: Duration = Duration::from_secs(60);

/// A server that turned us away without saying for how long is left alone for so long.
const ELSEWHERE: Duration = Duration::from_secs(10);

/// Why there is no connection, or no more.
#[derive(Debug)]
pub(super) struct Failure {
    /// In words, without a full stop.
    pub(super) why: String,
    /// See [`News::Lost`](crate::link::News::Lost).
    pub(super) doubt: Duration,
    /// The server does not want us back any sooner.
    pub(super) stay_away: Duration,
}

impl Failure {
    /// The server closed a connection that worked.
    pub(super) fn closed() -> Self {
        Self::new("the server closed the connection".to_owned(), DOUBT)
    }

    /// The server did not even answer when it was asked whether it is there.
    pub(super) fn silent() -> Self {
        Self::new("the server does not answer any more".to_owned(), DOUBT_AFTER_SILENCE)
    }

    /// The server said good-bye.
    pub(super) fn bye(why: String, stay_away: Duration) -> Self {
        Self { stay_away, ..Self::new(why, DOUBT) }
    }

    /// The server lets nobody in just now.
    pub(super) fn turned_away(notice: &Notice) -> Self {
        Self::bye(notice.to_string(), ELSEWHERE)
    }

    /// There is no connection, and this is why.
    pub(super) fn of(why: String) -> Self {
        Self::new(why, DOUBT)
    }

    fn new(why: String, doubt: Duration) -> Self {
        Self { why, doubt, stay_away: Duration::ZERO }
    }

    /// A connection that worked broke.
    pub(super) fn broken(error: &io::Error) -> Self {
        let (why, doubt) = match error.kind() {
            // Through TLS, an end without a good-bye is one like any other.
            ErrorKind::UnexpectedEof => return Self::closed(),
            ErrorKind::TimedOut => ("the server does not answer any more".to_owned(), DOUBT_AFTER_SILENCE),
            ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
                ("the connection was cut".to_owned(), DOUBT)
            }
            ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable | ErrorKind::NetworkDown => {
                ("this computer has no way to the server any more".to_owned(), DOUBT_AFTER_SILENCE)
            }
            _ => (format!("the connection failed: {error}"), DOUBT),
        };
        Self::new(why, doubt)
    }
}

/// Connects to `address`, within [`CONNECT_LIMIT`].
pub(super) async fn dial(executor: &LocalExecutor<'_>, address: &Address) -> Result<TcpStream, Failure> {
    let limit = async {
        Timer::after(CONNECT_LIMIT).await;
        Err(format!("no answer within {} seconds", CONNECT_LIMIT.as_secs()))
    };
    match future::or(resolve_and_connect(executor, address), limit).await {
        Ok(stream) => {
            set_up(&stream);
            Ok(stream)
        }
        Err(why) => Err(Failure::of(why)),
    }
}

async fn resolve_and_connect(executor: &LocalExecutor<'_>, address: &Address) -> Result<TcpStream, String> {
    let found = smol::net::resolve((address.host(), address.port())).await;
    let found = found.map_err(|error| {
        log::debug!("resolving {address}: {error}");
        format!("no computer named “{}” could be found", address.host())
    })?;
    if found.is_empty() {
        return Err(format!("“{}” has no address", address.host()));
    }
    race(executor, found).await.map_err(|error| words(&error))
}

/// The first of `addresses` that answers. Attempts that lose are dropped with their tasks.
async fn race(executor: &LocalExecutor<'_>, addresses: Vec<SocketAddr>) -> io::Result<TcpStream> {
    let (outcomes, outcome) = async_channel::bounded(addresses.len());
    let mut attempts = Vec::new();
    for (turn, address) in (0..).zip(addresses) {
        let outcomes = outcomes.clone();
        attempts.push(executor.spawn(async move {
            if turn > 0 {
                Timer::after(STAGGER * turn).await;
            }
            // Nobody may be left to listen: another attempt has won.
            let _ = outcomes.try_send(TcpStream::connect(address).await);
        }));
    }
    drop(outcomes);
    let mut last = io::Error::from(ErrorKind::NotFound);
    while let Ok(outcome) = outcome.recv().await {
        match outcome {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn words(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::ConnectionRefused => "no server is running there".to_owned(),
        ErrorKind::TimedOut | ErrorKind::HostUnreachable => "the computer there does not answer".to_owned(),
        ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown | ErrorKind::AddrNotAvailable => {
            "this computer has no way there; is it online?".to_owned()
        }
        ErrorKind::PermissionDenied => "this computer does not allow the connection".to_owned(),
        _ => format!("connecting failed: {error}"),
    }
}

/// A socket that refuses one of these still works, only less well, so failures are merely logged.
fn set_up(stream: &TcpStream) {
    let socket = SockRef::from(stream);
    let probes =
        TcpKeepalive::new().with_time(PROBE_AFTER).with_interval(PROBE_INTERVAL).with_retries(PROBES);
    if let Err(error) = socket.set_tcp_nodelay(true).and_then(|()| socket.set_tcp_keepalive(&probes)) {
        log::warn!("a socket option was refused: {error}");
    }
    #[cfg(any(target_os = "linux", target_os = "android"))]
    if let Err(error) = socket.set_tcp_user_timeout(Some(UNANSWERED_LIMIT)) {
        log::warn!("a socket option was refused: {error}");
    }
}
