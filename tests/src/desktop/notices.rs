//! The system's notifications, as a desktop would show them: takes what programs tell it and keeps it for the
//! test. Knows the bus, and none of the programs.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_lite::future::block_on;
use zbus::Connection;
use zbus::connection::Builder;
use zbus::zvariant::OwnedValue;

/// A notification that was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Which program it is from.
    pub program: String,
    /// Its short line.
    pub summary: String,
    /// What it says, as markup.
    pub body: String,
    /// Its number.
    pub number: u32,
}

/// All notifications of a desktop, from when this was made.
#[derive(Debug)]
pub struct Notices {
    shown: Arc<Mutex<Vec<Shown>>>,
    _bus: Connection,
}

impl Notices {
    /// Takes the notifications of this session.
    pub(super) fn take(session: &str) -> zbus::Result<Self> {
        let shown: Arc<Mutex<Vec<Shown>>> = Arc::default();
        let service = Service(Arc::clone(&shown));
        let bus = Builder::address(session)?
            .name("org.freedesktop.Notifications")?
            .serve_at("/org/freedesktop/Notifications", service)?
            .build();
        Ok(Self { shown, _bus: block_on(bus)? })
    }

    /// Those that were shown so far.
    pub fn shown(&self) -> Vec<Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What answers on the bus.
struct Service(Arc<Mutex<Vec<Shown>>>);

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Service {
    // As the specification has it.
    #[allow(clippy::too_many_arguments)]
    fn notify(
        &self,
        app_name: String,
        replaces_id: u32,
        _app_icon: String,
        summary: String,
        body: String,
        _actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _expire_timeout: i32,
    ) -> u32 {
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = if replaces_id > 0 { replaces_id } else { shown.len() as u32 + 1 };
        shown.push(Shown { program: app_name, summary, body, number });
        number
    }

    fn get_capabilities(&self) -> Vec<String> {
        vec!["body".to_owned(), "body-markup".to_owned()]
    }
}
