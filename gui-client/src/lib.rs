//! The desktop client of Oneroom: a window into one chat room. The program `chat-client` is flags and
//! a window around [`app::ChatApp`].
//!
//! # Map, bottom-up; imports run one way
//!
//! | module | what it does |
//! |---|---|
//! | [`address`] | reads where a room is from what a person types |
//! | [`invite`] | the same with the fingerprint of the room's certificate |
//! | [`files`] | small files that are whole at every moment |
//! | [`book`] | what is known of each server: its certificate, our key there, its password |
//! | [`text`] | what a message looks like, before anybody knows fonts; pure |
//! | [`clock`] | times and days as they are shown |
//! | [`link`] | what the network thread and the model say to each other |
//! | [`net`] | the network thread: connects, reads, writes, comes back |
//! | [`model`] | the room as one person sees it; pure |
//! | [`store`] | what of each room outlives the program, so that all is sent once |
//! | [`settings`] | what is remembered from one time to the next |
//! | [`host`] | a room on this computer |
//! | [`session`] | one open room: network, model and server together |
//! | [`theme`] | every colour, size and distance |
//! | [`attention`] | when to call a person who does not look at the window; pure |
//! | [`notify`] | calls them through the system's notifications |
//! | `portal` | whether the system is dark or light, where windows are not told (Linux) |
//! | [`look`] | what views need to know besides what they draw |
//! | [`action`] | everything that a view can ask for |
//! | [`timeline`] | the list of messages, of which only what is seen is drawn |
//! | [`views`] | what is on the screen |
//! | [`app`] | which screen is shown; carries actions out |
//! | [`icon`] | the program's icon |
//!
//! # How a message travels
//!
//! The composer asks to send; the app hands the draft to the model, which shows it at once, gives it the
//! session's next number and orders the network to post it. On its way the order passes the store, which
//! lets it through once the file holds it. The thread writes it; the server's `ACK` gives the message its
//! place in the room's order, and until that comes it is sent again on each new connection. What the
//! server sends is read on the thread, becomes one event per read, and wakes the window, whose `logic`
//! takes it up, hidden or not, before anything is drawn.
//!
//! Where the server speaks only the base, the message goes out in lines, and counts as sent when the
//! operating system has every byte.
//!
//! # Invariants
//!
//! - The window's thread never waits for the network, and for a disk only when a room is entered or left. The network's thread waits for the
//!   window only when [`net`]'s bounded queue of events is full, and then stops reading.
//! - The model knows neither egui nor sockets, and no clock but what is handed in.
//! - An own message is in the room once. In the full language it keeps its session and number until it is
//!   confirmed, over breaks and crashes, and no other window speaks for that session. In the base a line goes
//!   out once; it goes out again when it was surely not written, or when a person says so. The connection's
//!   number in each order keeps a late one from going out on the next.
//! - Messages of the log stand in the order of their ids, whenever they come; where some are missing, that is
//!   said in their place.
//! - A view changes nothing but the text of its own fields; it returns [`action::Action`]s.
//! - Nothing is drawn unless something has happened: no spinner, no blinking cursor, and a countdown is
//!   drawn once a second.
//! - Absent on purpose: a copy of the room's log. It is the server's; only what the server has yet to get is
//!   kept here.

pub mod action;
pub mod address;
pub mod app;
pub mod attention;
pub mod book;
pub mod clock;
pub mod files;
pub mod host;
pub mod icon;
pub mod invite;
pub mod link;
pub mod look;
pub mod model;
pub mod net;
pub mod notify;
#[cfg(target_os = "linux")]
pub mod portal;
pub mod session;
pub mod settings;
pub mod store;
pub mod text;
pub mod theme;
pub mod timeline;
pub mod views;
