//! A running `chat-server`: started on a free port, its log collected, ended when dropped.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
#[cfg(target_os = "linux")]
use std::time::Duration;

#[cfg(unix)]
use rustix::process::{Pid, Signal, kill_process};

use crate::{Client, DEADLINE, programs, until};

/// A running server. Killed when dropped, unless it has ended.
#[derive(Debug)]
pub struct Server {
    child: Child,
    addresses: Vec<SocketAddr>,
    stderr: Arc<Output>,
    stdout: Arc<Output>,
}

/// What a program has printed so far.
#[derive(Debug, Default)]
struct Output {
    text: Mutex<String>,
    grown: Condvar,
}

impl Server {
    /// Starts `chat-server` on a free loopback port, without limit of pace, and with more `flags`.
    ///
    /// # Panics
    ///
    /// When it does not say within [`DEADLINE`] where it listens.
    pub fn start<const N: usize>(flags: [&str; N]) -> Self {
        Self::start_paced([&["--rate", "0"], &flags[..]].concat())
    }

    /// Starts `chat-server` on a free loopback port with these `flags` and the rate it has by default.
    pub fn start_paced(flags: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        let mut command = Self::command(flags);
        command.args(["--listen", "127.0.0.1:0"]);
        Self::launch(command, 1)
    }

    /// `chat-server` with these `flags`. Its log is in memory, unless they name a folder: no test is to
    /// touch the log of the person who runs it, nor another test's.
    pub fn command(flags: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
        let flags: Vec<_> = flags.into_iter().collect();
        let mut command = Command::new(programs::program("chat-server"));
        if flags.iter().all(|flag| flag.as_ref() != "--data") {
            command.arg("--memory");
        }
        command.args(flags);
        command
    }

    /// Starts `command`, which is to print `sockets` lines that say where it listens.
    pub fn launch(mut command: Command, sockets: usize) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("chat-server can be started");
        let stdout = collect(child.stdout.take().expect("stdout is piped"));
        let stderr = collect(child.stderr.take().expect("stderr is piped"));
        let mut server = Self { child, addresses: Vec::new(), stderr, stdout };
        server.stdout.wait("where the server listens", |text| text.matches('\n').count() >= sockets);
        let address = |line: &str| line.strip_prefix("listening on ")?.parse().ok();
        let printed = server.stdout();
        server.addresses = printed.lines().map(|line| address(line).expect(&printed)).collect();
        server
    }

    /// Its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Where it listens, the first socket.
    pub fn address(&self) -> SocketAddr {
        self.addresses[0]
    }

    /// Where it listens, all sockets in the order of its flags.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// A new member without a name, known to the room.
    pub fn guest(&self) -> Client {
        let mut client = Client::connect(self.address());
        client.fence();
        client
    }

    /// A new member named `name`, known to the room.
    pub fn member(&self, name: &str) -> Client {
        let mut client = Client::connect(self.address());
        client.send(&format!("NAME {name}"));
        assert_eq!(client.fence(), [] as [String; 0], "{name} is free");
        client
    }

    /// Everything it has logged so far.
    pub fn log(&self) -> String {
        self.stderr.so_far()
    }

    /// Everything it has printed so far.
    pub fn stdout(&self) -> String {
        self.stdout.so_far()
    }

    /// Waits until the log holds `words`.
    pub fn wait_for_log(&self, words: &str) {
        self.stderr.wait(words, |text| text.contains(words));
    }

    /// Sends it a signal.
    #[cfg(unix)]
    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).expect("the server is there to be signalled");
    }

    /// Asks it to stop, as `kill` does.
    #[cfg(unix)]
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Ends it as a crash does (`kill -9`): it has no chance to do anything more.
    pub fn kill(mut self) {
        self.child.kill().expect("the server is our child");
        self.child.wait().expect("the server is our child");
    }

    /// Ends it gently, where a program can do that to another, and asserts that it ends well.
    pub fn end(mut self) {
        #[cfg(unix)]
        {
            self.terminate();
            assert_eq!(self.wait_for_exit().code(), Some(0), "{}", self.log());
        }
        #[cfg(not(unix))]
        self.child.kill().expect("the server is our child");
    }

    /// Waits for its end.
    pub fn wait_for_exit(&mut self) -> ExitStatus {
        let ended = until(|| self.child.try_wait().expect("the server is our child"));
        ended.unwrap_or_else(|| panic!("the server does not end; its log:\n{}", self.log()))
    }

    /// Asserts that it runs, and that a newcomer can talk to another.
    pub fn assert_works(&self) {
        let (mut one, mut two) = (self.guest(), self.guest());
        one.send("SEND does it work?");
        one.fence();
        let heard = two.fence();
        assert!(heard.iter().any(|line| line.ends_with(" does it work?")), "{heard:?}");
    }

    /// Its resident memory in bytes, from the kernel.
    #[cfg(target_os = "linux")]
    pub fn memory(&self) -> usize {
        self.memory_field("VmRSS:")
    }

    /// The most resident memory it has ever had, in bytes, from the kernel.
    #[cfg(target_os = "linux")]
    pub fn peak_memory(&self) -> usize {
        self.memory_field("VmHWM:")
    }

    #[cfg(target_os = "linux")]
    fn memory_field(&self, field: &str) -> usize {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(path).expect("Linux tells a process's memory");
        let line = status.lines().find_map(|line| line.strip_prefix(field)).expect("it is told");
        line.trim().trim_end_matches(" kB").parse::<usize>().expect("memory is a number") * 1024
    }

    /// The processor time of all its threads so far, from the kernel.
    #[cfg(target_os = "linux")]
    pub fn cpu_time(&self) -> Duration {
        let path = format!("/proc/{}/stat", self.child.id());
        let stat = std::fs::read_to_string(path).expect("Linux tells a process's times");
        // Behind the name, which is in brackets, utime and stime are the 12th and 13th field (proc(5)).
        let (_, fields) = stat.rsplit_once(')').expect("the name is in brackets");
        let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
        let ticks: u64 = ticks.map(|field| field.expect("a time is a number")).sum();
        Duration::from_secs(ticks)
            / u32::try_from(rustix::param::clock_ticks_per_second()).expect("few ticks")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("the server's log:\n{}", self.log());
        }
    }
}

impl Output {
    fn so_far(&self) -> String {
        self.text.lock().expect("no reader panics").clone()
    }

    fn wait(&self, what: &str, enough: impl Fn(&str) -> bool) {
        let text = self.text.lock().expect("no reader panics");
        let (text, _) =
            self.grown.wait_timeout_while(text, DEADLINE, |text| !enough(text)).expect("no reader panics");
        assert!(enough(&text), "waited for {what}; so far:\n{text}");
    }
}

fn collect(stream: impl Read + Send + 'static) -> Arc<Output> {
    let output = Arc::new(Output::default());
    let filled = Arc::clone(&output);
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let mut text = filled.text.lock().expect("no waiter panics with the lock");
            text.push_str(&line);
            text.push('\n');
            filled.grown.notify_all();
        }
    });
    output
}
