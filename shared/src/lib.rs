//! What both ends of an Oneroom connection must agree on: limits, names, texts, commands, notices
//! and the line codec. Nothing here does I/O, runs on an executor, or asks a clock; bytes come in,
//! values go out.
//!
//! # Map, bottom-up
//!
//! | module | what it holds |
//! |---|---|
//! | [`limits`] | every number of the wire, in one place |
//! | [`line`](mod@line) | [`LineDecoder`]: bytes in any pieces to whole lines, in bounded memory |
//! | [`id`] | [`SessionId`], [`RoomId`], and the numbers of messages and times |
//! | [`name`] | [`Name`]: a display name that was checked once, and which names look alike |
//! | [`text`] | [`Text`]: a message text that was checked once |
//! | [`body`] | [`Body`]: a text that may have several lines, and its escaped form |
//! | [`word`] | [`Token`], [`Query`], [`Reason`]: what `PING`, `SEARCH` and `KICK` carry |
//! | [`secret`] | [`Password`], [`Key`]: what is never shown |
//! | [`pattern`] | [`Pattern`]: what a person searches for, and where it is in a text |
//! | [`command`] | [`Command`]: `NAME`, `SEND`, `MESSAGE`, parsed and written |
//! | [`code`] | [`ErrorCode`]: what went wrong, in one word |
//! | [`pace`] | [`Pace`]: how fast one may speak |
//! | [`notice`] | [`Notice`]: what the server says in words, as `MESSAGE * <notice>` or in full |
//! | [`full`] | [`ClientCommand`], [`ServerCommand`]: the full language, parsed and written |
//!
//! # Invariants
//!
//! - A [`Name`], [`Text`] or [`Body`] that exists is valid: nobody checks one again.
//! - What is written parses back the same (property tests in each module).
//! - A decoder holds at most one unfinished line, however the bytes arrive.
//! - A line is passed on whole or refused whole; nothing is ever cut.

pub mod body;
pub mod code;
pub mod command;
pub mod full;
pub mod id;
pub mod limits;
pub mod line;
pub mod name;
pub mod notice;
pub mod pace;
pub mod pattern;
pub mod secret;
pub mod text;
pub mod word;

pub use body::{Body, BodyError};
pub use code::{Code, ErrorCode};
pub use command::{Command, CommandError, Speaker};
pub use full::{ClientCommand, ClientError, Entry, Fault, History, NameList, ServerCommand};
pub use id::{MessageId, Millis, RoomId, SessionId, Txn};
pub use line::{LineDecoder, LineError};
pub use name::{Name, NameError, NameKey};
pub use notice::{Deed, Notice};
pub use pace::Pace;
pub use pattern::Pattern;
pub use secret::{Key, Password};
pub use text::{Text, TextError};
pub use word::{Query, QueryError, Reason, Token};
