//! What is on the screen. Each view draws one part from what it is handed and returns what the person
//! wants; it keeps the text of its own fields and changes nothing else. Knows neither sockets nor
//! files.
//!
//! | module | what it draws |
//! |---|---|
//! | [`lobby`] | the first screen |
//! | [`composer`] | where a message is written |
//! | [`link`] | whether to follow a link |
//! | [`naming`] | a field for a name |
//! | [`note`] | something to tell that belongs to no field |
//! | `header`, `banner` | what stands above the messages |
//! | `doors` | what is asked before anything is said to a server |
//! | `blank` | what stands where the messages would be |
//! | `copied` | that something was copied |
//! | `side`, `people`, `search` | what stands beside the messages |
//! | [`settings`] | how the person likes the program |
//! | [`room`] | the room: header, banners, messages, composer |
//! | `turns` | keys and clicks of one frame take effect in their order |

mod banner;
mod blank;
pub mod composer;
mod copied;
mod doors;
mod header;
pub mod link;
pub mod lobby;
pub mod naming;
pub mod note;
mod people;
pub mod room;
mod search;
pub mod settings;
mod side;
mod turns;
