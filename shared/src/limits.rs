//! Every number of the wire. Knows no type of ours; the modules beside it enforce what is said here.

/// The longest line, in bytes, without its end (LF or CR LF).
pub const MAX_LINE: usize = 8192;

/// The longest message text, in bytes of UTF-8. It fits one line with room for command and name.
pub const MAX_TEXT: usize = 4096;

/// The longest display name, in characters (Unicode scalar values).
pub const MAX_NAME_CHARS: usize = 32;

/// The longest display name, in bytes of UTF-8.
pub const MAX_NAME_BYTES: usize = 64;

/// The port a server listens on, and a client connects to, unless told otherwise.
pub const DEFAULT_PORT: u16 = 3333;
