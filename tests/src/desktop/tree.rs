//! The accessibility tree of a window, as a screen reader gets it: AT-SPI over D-Bus. Knows roles, states
//! and texts; knows nothing of keys, clicks and pixels.

use futures_lite::future::block_on;
use serde::Serialize;
use zbus::connection::Builder;
use zbus::zvariant::{DynamicType, OwnedObjectPath, Type, Value};
use zbus::{Connection, Message};

use crate::DEADLINE;

/// States, as AT-SPI numbers them.
pub(super) const ACTIVE: u32 = 1;
pub(super) const EDITABLE: u32 = 7;
pub(super) const FOCUSED: u32 = 12;

/// The accessibility bus.
#[derive(Debug)]
pub(super) struct Bus(Connection);

/// A program's tree on it.
#[derive(Debug)]
pub(super) struct Tree {
    bus: Connection,
    name: String,
}

impl Bus {
    /// Switches accessibility on in this session, and connects to its bus.
    pub(super) fn connect(session: &str) -> zbus::Result<Self> {
        block_on(connect(session)).map(Self)
    }

    /// The tree of the program with this process id, once it is there.
    pub(super) fn tree_of(&self, pid: u32) -> Option<Tree> {
        let name = block_on(self.name_of(pid)).ok().flatten()?;
        Some(Tree { bus: self.0.clone(), name })
    }

    async fn name_of(&self, pid: u32) -> zbus::Result<Option<String>> {
        let reply = self
            .0
            .call_method(
                Some("org.a11y.atspi.Registry"),
                "/org/a11y/atspi/accessible/root",
                Some("org.a11y.atspi.Accessible"),
                "GetChildren",
                &(),
            )
            .await?;
        let apps: Vec<(String, OwnedObjectPath)> = reply.body().deserialize()?;
        for (name, _) in apps {
            let reply = self
                .0
                .call_method(
                    Some("org.freedesktop.DBus"),
                    "/org/freedesktop/DBus",
                    Some("org.freedesktop.DBus"),
                    "GetConnectionUnixProcessID",
                    &name.as_str(),
                )
                .await;
            // A program that has just left has no process id any more.
            if reply.is_ok_and(|reply| reply.body().deserialize::<u32>().is_ok_and(|p| p == pid)) {
                return Ok(Some(name));
            }
        }
        Ok(None)
    }
}

impl Tree {
    /// Everything in it, in reading order; `None` when the program does not answer, or has drawn
    /// nothing yet.
    pub(super) fn items(&self) -> Option<Vec<Item>> {
        let name = Some(self.name.as_str());
        let cache = "/org/a11y/atspi/cache";
        // The whole tree in one answer: nothing vanishes between two questions.
        let call = self.bus.call_method(name, cache, Some("org.a11y.atspi.Cache"), "GetItems", &());
        let items: Vec<Item> = block_on(call).ok()?.body().deserialize().ok()?;
        // The first is the program itself, the second its window.
        (items.len() > 2).then(|| items.into_iter().skip(1).collect())
    }

    /// The content of a text field.
    pub(super) fn field_text(&self, item: &Item) -> Option<String> {
        let whole = (0_i32, -1_i32);
        self.ask(item, "org.a11y.atspi.Text", "GetText", &whole)?.body().deserialize().ok()
    }

    /// The middle of an item, in the window's pixels, if it has any extent.
    pub(super) fn middle(&self, item: &Item) -> Option<(i32, i32)> {
        let in_window = 1_u32;
        let reply = self.ask(item, "org.a11y.atspi.Component", "GetExtents", &in_window)?;
        let (x, y, width, height): (i32, i32, i32, i32) = reply.body().deserialize().ok()?;
        (width > 0).then_some((x + width / 2, y + height / 2))
    }

    /// Asks one item; `None` when it has gone meanwhile.
    fn ask<B: Serialize + DynamicType>(
        &self,
        item: &Item,
        interface: &str,
        method: &str,
        body: &B,
    ) -> Option<Message> {
        let path = item.object.1.as_str();
        block_on(self.bus.call_method(Some(self.name.as_str()), path, Some(interface), method, body)).ok()
    }
}

/// One line of `org.a11y.atspi.Cache.GetItems`.
#[derive(Debug, serde::Deserialize, Type)]
pub(super) struct Item {
    object: (String, OwnedObjectPath),
    _application: (String, OwnedObjectPath),
    _parent: (String, OwnedObjectPath),
    _index: i32,
    _children: i32,
    _interfaces: Vec<String>,
    pub(super) name: String,
    _role: u32,
    _description: String,
    states: Vec<u32>,
}

impl Item {
    /// Whether it is in this state of AT-SPI's.
    pub(super) fn is(&self, state: u32) -> bool {
        self.states.first().is_some_and(|bits| bits & (1 << state) != 0)
    }
}

async fn connect(session: &str) -> zbus::Result<Connection> {
    let session = Builder::address(session)?.method_timeout(DEADLINE).build().await?;
    // This call starts the accessibility bus, if need be.
    let reply = session
        .call_method(Some("org.a11y.Bus"), "/org/a11y/bus", Some("org.a11y.Bus"), "GetAddress", &())
        .await?;
    let address: String = reply.body().deserialize()?;
    session
        .call_method(
            Some("org.a11y.Bus"),
            "/org/a11y/bus",
            Some("org.freedesktop.DBus.Properties"),
            "Set",
            &("org.a11y.Status", "IsEnabled", Value::from(true)),
        )
        .await?;
    Builder::address(address.as_str())?.method_timeout(DEADLINE).build().await
}
