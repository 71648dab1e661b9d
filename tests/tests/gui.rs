//! Behaviour tests of the client's window: the real `ChatApp`, with real keys and clicks, against real
//! servers on loopback. They read the window as a screen reader does, through its accessibility tree,
//! and know nothing of its pixels.

#[path = "gui/breaks.rs"]
mod breaks;
#[path = "gui/doors.rs"]
mod doors;
#[path = "gui/folder.rs"]
mod folder;
#[path = "gui/go.rs"]
mod go;
#[path = "gui/history.rs"]
mod history;
#[path = "gui/host.rs"]
mod host;
#[path = "gui/list.rs"]
mod list;
#[path = "gui/lobby.rs"]
mod lobby;
#[path = "gui/names.rs"]
mod names;
#[path = "gui/people.rs"]
mod people;
#[path = "gui/pictures.rs"]
mod pictures;
#[path = "gui/room.rs"]
mod room;
#[path = "gui/rooms.rs"]
mod rooms;
#[path = "gui/screen.rs"]
mod screen;
#[path = "gui/search.rs"]
mod search;
#[path = "gui/select.rs"]
mod select;
#[path = "gui/settings.rs"]
mod settings;
#[path = "gui/text.rs"]
mod text;
#[path = "gui/typing.rs"]
mod typing;
#[path = "gui/unread.rs"]
mod unread;
