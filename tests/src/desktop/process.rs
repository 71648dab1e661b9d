//! Programs that a test starts beside itself: their readiness, their log, and that they end when the
//! test does, however that ends. Knows nothing of what they do.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// A command that ends with this process, even when this process is killed.
///
/// Strictly: with the thread that starts it. A test starts its desktop in its own thread.
pub(super) fn dying_with_us(program: &str) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "TERM", program]);
    command
}

/// A child process that is killed when dropped, and its log.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts a program. What it says on stderr goes into a file in `dir`.
    pub(super) fn start(dir: &Path, command: &mut Command) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let log = dir.join(format!("log-{number}"));
        let file = File::create(&log).expect("a log file");
        let child = command
            .stdin(Stdio::null())
            .stderr(file)
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        Self { child, log }
    }

    /// Starts a program that prints a line when it is ready.
    pub(super) fn start_and_read_line(dir: &Path, command: &mut Command) -> (Self, String) {
        let mut process = Self::start(dir, command.stdout(Stdio::piped()));
        let stdout = process.child.stdout.take().expect("a pipe");
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        assert!(line.ends_with('\n'), "{command:?} did not start: {}", process.log());
        (process, line.trim().to_owned())
    }

    /// Its process id.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, once it has.
    pub(super) fn status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("the program is our child")
    }

    /// Ends it with a signal that no program hears.
    pub(super) fn kill(&mut self) {
        self.child.kill().expect("the program is our child");
        self.child.wait().expect("the program is our child");
    }

    /// What it has said so far.
    pub(super) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Politely first: a killed Xvfb leaves its lock and socket in /tmp.
        let _ = Command::new("kill").arg(self.child.id().to_string()).stderr(Stdio::null()).status();
        let end = Instant::now() + Duration::from_secs(2);
        while Instant::now() < end && matches!(self.child.try_wait(), Ok(None)) {
            thread::sleep(Duration::from_millis(5));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
