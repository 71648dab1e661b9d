//! Attacks on the real `chat-server`, over real sockets: each test is one, and its comment says what it does. While
//! it goes on and afterwards two honest members talk, one in each language, and in the end the server has given back
//! the memory and the descriptors that it took. Knows DESIGN's promises and nothing of the server's insides.
//!
//! | file | who attacks |
//! |---|---|
//! | `bytes.rs` | who sends what is no text, or no line |
//! | `words.rs` | who sends lines that are not what they seem |
//! | `names.rs` | who wants a name that is not its own |
//! | `sessions.rs` | who speaks the full language, and means harm |
//! | `storms.rs` | who asks for much, again and again |
//! | `doors.rs` | who comes, goes and does not read |
//! | `stage.rs` | the room in which it happens |

#![cfg(target_os = "linux")]

#[path = "hostile/bytes.rs"]
mod bytes;
#[path = "hostile/doors.rs"]
mod doors;
#[path = "hostile/names.rs"]
mod names;
#[path = "hostile/sessions.rs"]
mod sessions;
#[path = "hostile/stage.rs"]
mod stage;
#[path = "hostile/storms.rs"]
mod storms;
#[path = "hostile/words.rs"]
mod words;
