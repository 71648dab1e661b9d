//! The servers that are compared, each started as a process of its own on a free loopback port, and what
//! each costs: processor time and memory, where the system tells it. Knows their flags, not their work.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use tempfile::TempDir;

use super::Figures;
use crate::load::{Crowd, Dialect, Plan, Until};
use crate::{Server, is_installed, programs, until};

/// A server that can do the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rival {
    /// Ours, with its log in memory.
    ChatServer,
    /// Ours, with its log on disk.
    Durable,
    /// Ours, with its log in memory, to members who speak TLS.
    Sealed,
    /// What fan-out costs when nothing else is done.
    Floor,
    /// Redis' publish and subscribe.
    Redis,
    /// NATS.
    Nats,
}

impl Rival {
    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::ChatServer => "chat-server",
            Self::Durable => "with a log",
            Self::Sealed => "with TLS",
            Self::Floor => "floor",
            Self::Redis => "redis",
            Self::Nats => "nats",
        }
    }

    /// What it speaks.
    pub fn dialect(self) -> Dialect {
        match self {
            Self::ChatServer | Self::Durable | Self::Sealed | Self::Floor => Dialect::Chat,
            Self::Redis => Dialect::Redis,
            Self::Nats => Dialect::Nats,
        }
    }
}

/// Those that there are on this machine.
#[derive(Debug, Clone)]
pub struct Rivals {
    server: PathBuf,
    /// What may wait for one member of ours, unless it is as usual.
    queue: Option<usize>,
    floor: PathBuf,
    all: Vec<Rival>,
}

impl Rivals {
    /// Builds ours, unless `server` is it already, and looks for the others, of which it tells those that
    /// are missing. `floor` is the floor's program. Fails when `server` is no program.
    pub fn find(server: Option<PathBuf>, floor: PathBuf) -> anyhow::Result<Self> {
        if let Some(server) = &server {
            check(server)?;
        }
        let mut all = vec![Rival::ChatServer, Rival::Durable, Rival::Sealed, Rival::Floor];
        for (rival, program) in [(Rival::Redis, "redis-server"), (Rival::Nats, "nats-server")] {
            match is_installed(program) {
                true => all.push(rival),
                false => eprintln!("{program} is not installed: measuring without {}", rival.name()),
            }
        }
        Ok(Self {
            server: server.unwrap_or_else(|| programs::release("chat-server")),
            queue: None,
            floor,
            all,
        })
    }

    /// The same, of which ours lets so many bytes wait for one member before it disconnects that.
    pub fn with_queue(&self, bytes: usize) -> Self {
        Self { queue: Some(bytes), ..self.clone() }
    }

    /// All of them, ours first.
    pub fn all(&self) -> &[Rival] {
        &self.all
    }

    /// Starts one.
    ///
    /// # Panics
    ///
    /// When it cannot be started, or does not listen within [`crate::DEADLINE`].
    pub fn start(&self, rival: Rival) -> Running {
        let mut folder = None;
        let (mut command, address) = match rival {
            Rival::ChatServer | Rival::Durable | Rival::Sealed => {
                let mut command = Command::new(&self.server);
                command.args(["--listen", "127.0.0.1:0", "--rate", "0"]);
                command.args(["--max-clients", "20000", "--max-per-ip", "20000"]);
                if rival == Rival::Durable {
                    let data = folder.insert(tempfile::tempdir().expect("a folder can be made"));
                    command.arg("--data").arg(data.path());
                } else {
                    command.arg("--memory");
                }
                if let Some(bytes) = self.queue {
                    command.args(["--queue", &bytes.to_string()]);
                }
                (command, None)
            }
            Rival::Floor => (Command::new(&self.floor), None),
            Rival::Redis => {
                let address = free_address();
                let mut command = Command::new("redis-server");
                command.args(["--bind", "127.0.0.1", "--port", &address.port().to_string()]);
                command.args(["--save", "", "--appendonly", "no", "--maxclients", "19000"]);
                // Bound to this machine, but it would take other members of 127.0.0.0/8 for strangers.
                command.args(["--protected-mode", "no"]);
                command.args(["--tcp-backlog", "4096", "--client-output-buffer-limit", "pubsub 0 0 0"]);
                (command, Some(address))
            }
            Rival::Nats => {
                let address = free_address();
                let mut command = Command::new("nats-server");
                command.args(["-a", "127.0.0.1", "-p", &address.port().to_string()]);
                (command, Some(address))
            }
        };
        command.current_dir(std::env::temp_dir());
        let server = Server::launch(command, usize::from(address.is_none()));
        let address = address.unwrap_or_else(|| server.address());
        until(|| TcpStream::connect(address).ok())
            .unwrap_or_else(|| panic!("{} does not listen; its log:\n{}", rival.name(), server.log()));
        Running { rival, server, address, _folder: folder }
    }

    /// Starts one, lets a crowd that is made of `plan` talk for `warm_up` and then `until`, and gives the
    /// figures of the latter.
    pub fn measure(
        &self,
        rival: Rival,
        plan: &Plan,
        warm_up: Duration,
        until: Until,
    ) -> anyhow::Result<Figures> {
        let running = self.start(rival);
        let measured = || {
            let mut crowd = running.join(plan)?;
            crowd.talk(Until::Time(warm_up))?;
            running.measure(&mut crowd, until)
        };
        measured().with_context(|| format!("{}, {plan:?}", rival.name()))
    }
}

/// Fails unless this is a program, wherever it is started from.
fn check(program: &Path) -> anyhow::Result<()> {
    let shown = program.display();
    ensure!(program.is_absolute(), "{shown} is no absolute path, so it is not told from where it counts");
    let about = program.metadata().with_context(|| format!("{shown} cannot be started"))?;
    ensure!(about.is_file(), "{shown} cannot be started: it is no file");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let may_run = about.permissions().mode() & 0o111 != 0;
        ensure!(may_run, "{shown} cannot be started: it is no program, or not allowed to run");
    }
    Ok(())
}

/// A server that runs, until it is dropped.
#[derive(Debug)]
pub struct Running {
    rival: Rival,
    server: Server,
    address: SocketAddr,
    /// Where its log is, if it is on disk.
    _folder: Option<TempDir>,
}

impl Running {
    /// Brings in a crowd that is made of `plan`, whatever address and language that has.
    pub fn join(&self, plan: &Plan) -> anyhow::Result<Crowd> {
        let (dialect, tls) = (self.rival.dialect(), self.rival == Rival::Sealed);
        Crowd::join(Plan { address: self.address, dialect, tls, ..plan.clone() })
    }

    /// Lets the crowd talk, and gives the figures of that alone.
    pub fn measure(&self, crowd: &mut Crowd, until: Until) -> anyhow::Result<Figures> {
        let before = (self.busy(), busy(std::process::id()));
        let outcome = crowd.talk(until)?;
        let after = (self.busy(), busy(std::process::id()));
        let passed =
            |before: Option<Duration>, after| before.zip(after).map(|(before, after)| after - before);
        Ok(Figures::new(&outcome, passed(before.0, after.0), passed(before.1, after.1)))
    }

    /// The processor time of all its threads so far, where the system tells it.
    pub fn busy(&self) -> Option<Duration> {
        busy(self.server.process())
    }

    /// Its resident memory in bytes.
    #[cfg(target_os = "linux")]
    pub fn memory(&self) -> Option<f64> {
        Some(self.server.memory() as f64)
    }

    /// Its resident memory in bytes: this system does not tell.
    #[cfg(not(target_os = "linux"))]
    pub fn memory(&self) -> Option<f64> {
        None
    }
}

/// The processor time of all threads of a process so far, where the system tells it.
#[cfg(target_os = "linux")]
pub fn busy(process: u32) -> Option<Duration> {
    use nix::time::ClockId;
    use nix::unistd::Pid;
    let process = Pid::from_raw(i32::try_from(process).ok()?);
    Some(ClockId::pid_cpu_clock_id(process).ok()?.now().ok()?.into())
}

/// The processor time of a process: this system does not tell.
#[cfg(not(target_os = "linux"))]
pub fn busy(_process: u32) -> Option<Duration> {
    None
}

/// A loopback address that was free a moment ago, for programs that cannot say which they have found.
fn free_address() -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("there is a free port");
    listener.local_addr().expect("a bound socket has an address")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_program_is_refused_in_words() {
        let folder = tempfile::tempdir().unwrap();
        let text = folder.path().join("text");
        std::fs::write(&text, "no program").unwrap();
        let find = |path: &Path| check(path).map_err(|error| format!("{error:#}"));
        assert!(find(Path::new("target/release/chat-server")).unwrap_err().contains("no absolute path"));
        let missing = find(&folder.path().join("nonexistent")).unwrap_err();
        assert!(missing.contains("nonexistent cannot be started"), "{missing}");
        assert!(find(folder.path()).unwrap_err().contains("it is no file"));
        #[cfg(unix)]
        assert!(find(&text).unwrap_err().contains("no program"));
        assert_eq!(find(&std::env::current_exe().unwrap()), Ok(()));
    }
}
