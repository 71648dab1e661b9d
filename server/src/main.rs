//! `chat-server`: flags, sockets and signals around the library. Prints where it listens on stdout,
//! everything else on stderr.

mod doors;

use std::io::Write as _;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use argh::FromArgs;
use async_signal::{Signal, Signals};
use chat_server::{Config, Keep, Storage, Store, Tls, bind, serve};
use chat_shared::Name;
use directories::ProjectDirs;
use doors::TlsFlag;
use futures_lite::StreamExt as _;
use log::LevelFilter;

/// One chat room over TCP. People join with chat-client, or with nc: NAME, SEND, MESSAGE.
#[derive(FromArgs)]
struct Flags {
    /// address to listen on, can be given more than once (default: [::]:3333, IPv6 and IPv4; port 0
    /// picks a free one)
    #[argh(option, arg_name = "addr")]
    listen: Vec<String>,
    /// folder in which what is said is kept; one server at a time (default: oneroom, where the platform
    /// keeps what programs store)
    #[argh(option, arg_name = "dir")]
    data: Option<PathBuf>,
    /// keep what is said in memory only: it goes with the server
    #[argh(switch)]
    memory: bool,
    /// how much is kept: a number of messages, or an age such as 90d or 12h; can be given for both
    /// (default: 1000000 messages, with --memory 10000)
    #[argh(option, arg_name = "n", from_str_fn(limit))]
    keep: Vec<Limit>,
    /// file with the password that everybody has to say (default: none; or give it in `CHAT_PASSWORD`)
    #[argh(option, arg_name = "file")]
    password_file: Option<PathBuf>,
    /// off, offer (default; with TLS or without, on the same port) or require
    #[argh(option, arg_name = "mode", default = "TlsFlag::Offer")]
    tls: TlsFlag,
    /// certificate, and those that lead to a trusted one, as PEM; read again on SIGHUP and when it changes
    /// (default: one that is made once and kept beside what is said)
    #[argh(option, arg_name = "file")]
    cert: Option<PathBuf>,
    /// the certificate's private key, as PEM
    #[argh(option, arg_name = "file")]
    key: Option<PathBuf>,
    /// members at the same time (default: 10000, or what the limit of open files leaves)
    #[argh(option, arg_name = "n")]
    max_clients: Option<usize>,
    /// connections at the same time from one address, loopback exempt (default: 256)
    #[argh(option, arg_name = "n", default = "Config::default().max_per_ip")]
    max_per_ip: usize,
    /// bytes that may wait for one member before it is disconnected (default: 1048576)
    #[argh(option, arg_name = "bytes", default = "Config::default().queue")]
    queue: usize,
    /// lines per second from one connection, five times that in a burst; 0 is no limit (default: 10)
    #[argh(option, arg_name = "n", default = "Config::default().rate")]
    rate: u32,
    /// name of an admin, who may send others out; counts for who has said LOGIN with its key, and can be
    /// given more than once
    #[argh(option, arg_name = "name", from_str_fn(admin))]
    admin: Vec<Name>,
    /// send members their own messages too, as the original Go server did
    #[argh(switch)]
    echo: bool,
    /// off, error, warn, info (default), debug or trace; the log goes to stderr
    #[argh(option, arg_name = "level", default = "LevelFilter::Info")]
    log: LevelFilter,
}

fn main() -> ExitCode {
    let flags: Flags = argh::from_env();
    env_logger::Builder::new().filter_level(flags.log).target(env_logger::Target::Stderr).init();
    match run(&flags) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("chat-server: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(flags: &Flags) -> anyhow::Result<()> {
    ensure!(
        flags.max_clients != Some(0) && flags.max_per_ip != 0,
        "--max-clients and --max-per-ip of 0 would let nobody in; give 1 or more"
    );
    let password = doors::password(flags.password_file.as_deref())?;
    let store = open(flags)?;
    let tls = doors::tls(flags.tls, flags.cert.as_deref(), flags.key.as_deref(), &store)?;
    let config = Config {
        echo: flags.echo,
        queue: flags.queue,
        rate: flags.rate,
        max_clients: flags.max_clients.unwrap_or_else(seats),
        max_per_ip: flags.max_per_ip,
        admins: flags.admin.clone(),
        tls: tls.clone(),
        password,
    };
    let reload = reader(tls)?;
    let mut signals = Signals::new(SIGNALS).context("the system does not let us wait for signals")?;
    let listeners = listen(&flags.listen)?;
    announce(&listeners, flags.tls != TlsFlag::Require)?;
    let shutdown = async move {
        while let Some(Ok(signal)) = signals.next().await {
            if Some(signal) == RELOAD_SIGNAL {
                // One that waits already will do.
                let _ = reload.try_send(());
                continue;
            }
            log::info!("stopping, because of {signal:?}; a second signal stops at once");
            break;
        }
        std::thread::spawn(move || {
            smol::block_on(async {
                let again = |signal: Result<_, _>| signal.is_ok_and(|signal| Some(signal) == RELOAD_SIGNAL);
                while signals.next().await.is_some_and(again) {}
            });
            std::process::exit(1);
        });
    };
    serve(listeners, store, config, shutdown).context("the server could not be started")
}

/// One `--keep`.
#[derive(Debug, Clone, Copy)]
enum Limit {
    Messages(u64),
    Age(Duration),
}

fn limit(value: &str) -> Result<Limit, String> {
    let hint = || {
        format!("`{value}` is neither a number of messages, such as 100000, nor an age, such as 90d or 12h")
    };
    let days = |number: &str, hours: u64| {
        let seconds = number.parse::<u64>().ok()?.checked_mul(hours * 3600)?;
        Some(Limit::Age(Duration::from_secs(seconds)))
    };
    let limit = match value.strip_suffix('d') {
        Some(number) => days(number, 24),
        None => match value.strip_suffix('h') {
            Some(number) => days(number, 1),
            None => value.parse().ok().map(Limit::Messages),
        },
    };
    limit.ok_or_else(hint)
}

fn admin(value: &str) -> Result<Name, String> {
    Name::parse(value).map_err(|why| format!("`{value}` is nobody's name: {why}"))
}

/// Opens the log: before the sockets, since a server that cannot keep what is said had better not listen.
fn open(flags: &Flags) -> anyhow::Result<Store> {
    ensure!(
        !(flags.memory && flags.data.is_some()),
        "--memory keeps nothing on disk, so it does not go with --data; leave one of them out"
    );
    let mut keep = Keep { messages: None, age: None };
    for limit in &flags.keep {
        match *limit {
            Limit::Messages(messages) => keep.messages = Some(messages),
            Limit::Age(age) => keep.age = Some(age),
        }
    }
    let (storage, most) = if flags.memory {
        (Storage::Memory, 10_000)
    } else {
        let folder = flags
            .data
            .clone()
            .or_else(|| ProjectDirs::from("", "", "oneroom").map(|folders| folders.data_dir().to_path_buf()));
        let folder =
            folder.context("there is no home folder to keep what is said in; give --data or --memory")?;
        log::info!("what is said is kept in {}", folder.display());
        (Storage::Disk(folder), 1_000_000)
    };
    if flags.keep.is_empty() {
        keep.messages = Some(most);
    }
    Ok(Store::open(storage, keep)?)
}

#[cfg(unix)]
const SIGNALS: [Signal; 3] = [Signal::Term, Signal::Int, Signal::Hup];
#[cfg(not(unix))]
const SIGNALS: [Signal; 1] = [Signal::Int];

/// Does not stop the server, but has it read the certificate again.
#[cfg(unix)]
const RELOAD_SIGNAL: Option<Signal> = Some(Signal::Hup);
#[cfg(not(unix))]
const RELOAD_SIGNAL: Option<Signal> = None;

/// Reads the certificate again whenever it is told to, on a thread of its own: a disk that does not answer must
/// not hold up the room.
fn reader(tls: Tls) -> anyhow::Result<async_channel::Sender<()>> {
    let (again, asked) = async_channel::bounded(1);
    let read = move || {
        while asked.recv_blocking().is_ok() {
            match &tls {
                Tls::Offer(certificates) | Tls::Require(certificates) => certificates.reload(),
                Tls::Off => log::info!("there is no certificate to be read again"),
            }
        }
    };
    std::thread::Builder::new().name("certificates".into()).spawn(read).context("no thread can be had")?;
    Ok(again)
}

fn listen(addresses: &[String]) -> anyhow::Result<Vec<TcpListener>> {
    let default = [format!("[::]:{}", chat_shared::limits::DEFAULT_PORT)];
    let addresses = if addresses.is_empty() { &default } else { addresses };
    addresses.iter().map(|address| listen_on(address)).collect()
}

fn listen_on(address: &str) -> anyhow::Result<TcpListener> {
    let hint = "give --listen an address of this machine and a port, such as [::]:3333 or 127.0.0.1:0";
    let resolved: SocketAddr = address
        .to_socket_addrs()
        .with_context(|| format!("`{address}` is no address to listen on; {hint}"))?
        .next()
        .with_context(|| format!("`{address}` has no address; {hint}"))?;
    bind(resolved).map_err(|error| {
        let taken = error.kind() == std::io::ErrorKind::AddrInUse;
        let why = if taken { "is another server running there? If so, " } else { "" };
        anyhow::Error::new(error).context(format!("cannot listen on {address}; {why}{hint}"))
    })
}

/// One line for each socket on stdout, and for people how to join on stderr.
fn announce(listeners: &[TcpListener], plain: bool) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    for listener in listeners {
        let address = listener.local_addr().context("a socket has no address")?;
        writeln!(stdout, "listening on {address}").context("cannot write to stdout")?;
        let port = address.port();
        log::info!("join from this machine:   chat-client localhost:{port} --name YOU");
        let how = if plain { "nc localhost " } else { "openssl s_client -quiet -connect localhost:" };
        log::info!("or without a client:      {how}{port}   then type: NAME you, and: SEND hello");
        if !address.ip().is_loopback() {
            log::info!("from another machine:     the same with this machine's name or address");
        }
    }
    stdout.flush().context("cannot write to stdout")
}

/// As many members as there are descriptors for, up to the default, once the limit of open files is
/// as high as it may be.
#[cfg(unix)]
fn seats() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    /// What the program itself has open, and who is being turned away.
    const OURS: u64 = 128;
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    // macOS refuses "no limit" here. Then the old limit stays, and is what we count with.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    let most = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let most = usize::try_from(most.saturating_sub(OURS)).unwrap_or(usize::MAX);
    Config::default().max_clients.min(most.max(1))
}

#[cfg(not(unix))]
fn seats() -> usize {
    Config::default().max_clients
}
