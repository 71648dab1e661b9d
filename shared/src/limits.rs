//! Every number of the wire. Knows no type of ours; the modules beside it enforce what is said here.

use std::time::Duration;

/// The version of the full language that this crate speaks, in `HELLO` and `WELCOME`.
pub const VERSION: u32 = 1;

/// The longest line, in bytes, without its end (LF or CR LF).
pub const MAX_LINE: usize = 8192;

/// The longest message text, in bytes of UTF-8. It fits one line with room for command and name.
pub const MAX_TEXT: usize = 4096;

/// The longest escaped form of a message text, in bytes: backslashes and line breaks count twice. What
/// is longer is refused, so that every line which carries a text has room for all that stands before it.
pub const MAX_ESCAPED: usize = 8000;

/// The longest display name, in characters (Unicode scalar values).
pub const MAX_NAME_CHARS: usize = 32;

/// The longest display name, in bytes of UTF-8.
pub const MAX_NAME_BYTES: usize = 64;

/// The most combining marks that follow each other in a name: no language needs more of them on one letter.
pub const MAX_NAME_MARKS: usize = 4;

/// The port a server listens on, and a client connects to, unless told otherwise.
pub const DEFAULT_PORT: u16 = 3333;

/// The longest number, in decimal digits: that many has [`u64::MAX`].
pub const MAX_DIGITS: usize = 20;

/// The longest token of `PING` and `PONG`, in bytes of visible ASCII.
pub const MAX_TOKEN: usize = 64;

/// The longest words to `SEARCH` for, in bytes of UTF-8.
pub const MAX_QUERY: usize = 256;

/// The longest password of a room, in bytes of UTF-8.
pub const MAX_PASSWORD: usize = 256;

/// The shortest and the longest key of a name, in bytes of visible ASCII.
pub const MIN_KEY: usize = 16;
/// See [`MIN_KEY`].
pub const MAX_KEY: usize = 128;

/// The longest reason of a `KICK` or a `BAN`, in bytes of UTF-8.
pub const MAX_REASON: usize = 256;

/// For how long one `MUTE` may be, in seconds: a year.
pub const MAX_MUTE: u64 = 365 * 24 * 3600;

/// The most words of a `SEARCH` that are looked at. There is room for more, and each has its price.
pub const MAX_WORDS: usize = 32;

/// The most messages that one `LAST`, `BEFORE` or `SEARCH` may ask for. `AFTER` knows no such limit.
pub const MAX_HISTORY: usize = 500;

/// How long a client waits for `WELCOME` before it takes the server for one that speaks only the base.
pub const WELCOME_WITHIN: Duration = Duration::from_secs(2);

/// A server says within so long whether a password is the right one, however many guesses wait to be looked at
/// before it: nobody need wait longer for that.
pub const PASSWORD_WITHIN: Duration = Duration::from_secs(90);

/// The most members of whose coming, going and renaming everybody is told; in a larger room there is
/// only `COUNT`.
pub const MAX_PRESENCE: usize = 1000;

/// How long there is at least from one `COUNT` to the next.
pub const COUNT_EVERY: Duration = Duration::from_secs(1);

// The longest line of a client and the longest of a server: id, time, name, text, each with its space.
const _: () = assert!("POST".len() + 1 + MAX_DIGITS + 1 + MAX_ESCAPED <= MAX_LINE);
const _: () = assert!("PAST".len() + 2 * (1 + MAX_DIGITS) + 1 + MAX_NAME_BYTES + 1 + MAX_ESCAPED <= MAX_LINE);
