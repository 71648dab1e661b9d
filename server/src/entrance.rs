//! The thread on which people come in: started, watched and ended. Knows nothing of what happens on it.

use std::convert::Infallible;
use std::io;
use std::net::TcpListener;
use std::rc::Rc;
use std::thread;

use async_channel::{Receiver, Sender};
use smol::{Async, LocalExecutor};

use crate::bans::Bans;
use crate::inbox::Event;
use crate::tls::Tls;
use crate::{Config, drive, listener};

/// The thread on which people come in, for as long as this is held.
pub(crate) struct Entrance {
    _open: Sender<Infallible>,
    /// Closed when the thread has ended.
    closed: Receiver<Infallible>,
}

impl Entrance {
    pub(crate) fn open<'scope>(
        scope: &'scope thread::Scope<'scope, '_>,
        listeners: Vec<Async<TcpListener>>,
        inbox: Sender<Event>,
        bans: Bans,
        config: Config,
    ) -> io::Result<Self> {
        let (open, closing) = async_channel::bounded(1);
        let (running, closed) = async_channel::bounded(1);
        let run = move || {
            let _running: Sender<Infallible> = running;
            let executor = Rc::new(LocalExecutor::new());
            drive(&executor, listener::run(Rc::clone(&executor), listeners, inbox, bans, config, closing));
        };
        thread::Builder::new().name("door".to_owned()).spawn_scoped(scope, run)?;
        Ok(Self { _open: open, closed })
    }

    /// Waits for its end, which only a fault can be.
    pub(crate) async fn fails(&self) {
        let _ = self.closed.recv().await;
    }

    pub(crate) async fn close(self) {
        let Self { _open: open, closed } = self;
        drop(open);
        let _ = closed.recv().await;
    }
}

/// A password that anybody on the way can read protects nobody for long.
pub(crate) fn warn_of_open_passwords(listeners: &[TcpListener], config: &Config) {
    let abroad =
        |listener: &TcpListener| listener.local_addr().is_ok_and(|address| !address.ip().is_loopback());
    if config.password.is_some() && !matches!(config.tls, Tls::Require(_)) && listeners.iter().any(abroad) {
        log::warn!(
            "the room's password may cross the network in plain text, where others can read it; \
             --tls require prevents that"
        );
    }
}
