//! A folder for a log and an address: what stays when one server ends and the next one takes its place.
//! Knows flags and ports; knows nothing of what is in the folder.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;

use tempfile::TempDir;

use crate::{DEADLINE, Server, until};

/// Where one server can run after the other, with the same log. The folder goes when this is dropped.
#[derive(Debug)]
pub struct Place {
    folder: TempDir,
    address: SocketAddr,
    flags: Vec<String>,
}

impl Place {
    /// An empty folder and a free port, for servers with these `flags` besides.
    pub fn new<const N: usize>(flags: [&str; N]) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be had");
        Self { folder, address: free_address(), flags: flags.map(str::to_owned).into() }
    }

    /// Starts a server here, without limit of pace. There must be no other.
    pub fn open(&self) -> Server {
        Server::launch(Server::command(self.flags()), 1)
    }

    /// What a server is started with here.
    pub fn flags(&self) -> Vec<String> {
        let folder = self.folder().to_str().expect("the system's folder for such things has a plain name");
        let here =
            ["--rate", "0", "--data", folder, "--listen", &self.address.to_string()].map(str::to_owned);
        here.into_iter().chain(self.flags.iter().cloned()).collect()
    }

    /// Where its servers listen.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where its servers keep their log.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// An address where nobody listens, on a port that no system gives out by itself: while a server is away,
/// a client that tries again and again would at times be given the server's port for its own end, and
/// then talk to itself.
fn free_address() -> SocketAddr {
    let free = until(|| {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, fastrand::u16(10_000..32_000)));
        TcpListener::bind(address).is_ok().then_some(address)
    });
    free.unwrap_or_else(|| panic!("no port is free, after {DEADLINE:?}"))
}
