//! The desktop's portal, as far as it tells whether the system is dark or light. Knows the bus, and none of
//! the programs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use futures_lite::future::block_on;
use zbus::connection::Builder;
use zbus::zvariant::Value;
use zbus::{Connection, fdo};

const PATH: &str = "/org/freedesktop/portal/desktop";
const INTERFACE: &str = "org.freedesktop.portal.Settings";
const SETTING: (&str, &str) = ("org.freedesktop.appearance", "color-scheme");

/// The portal of a desktop, while it is there.
#[derive(Debug)]
pub struct Portal {
    scheme: Arc<AtomicU32>,
    bus: Connection,
}

impl Portal {
    /// Opens the portal of this session. The system is dark.
    pub(super) fn open(session: &str) -> zbus::Result<Self> {
        let scheme = Arc::new(AtomicU32::new(1));
        let bus = Builder::address(session)?
            .name("org.freedesktop.portal.Desktop")?
            .serve_at(PATH, Service(Arc::clone(&scheme)))?
            .build();
        Ok(Self { scheme, bus: block_on(bus)? })
    }

    /// The system is light from now on, or dark, which is told to who listens.
    pub fn set_light(&self, light: bool) {
        let scheme = if light { 2 } else { 1 };
        self.scheme.store(scheme, Ordering::SeqCst);
        let change = (SETTING.0, SETTING.1, Value::from(scheme));
        let told = self.bus.emit_signal(None::<&str>, PATH, INTERFACE, "SettingChanged", &change);
        block_on(told).expect("the bus takes signals");
    }
}

/// What answers on the bus.
struct Service(Arc<AtomicU32>);

#[zbus::interface(name = "org.freedesktop.portal.Settings")]
impl Service {
    fn read_one(&self, namespace: &str, key: &str) -> fdo::Result<Value<'static>> {
        if (namespace, key) != SETTING {
            return Err(fdo::Error::Failed("there is no such setting".to_owned()));
        }
        Ok(Value::from(self.0.load(Ordering::SeqCst)))
    }
}
