//! What a server says to members in words: the text of a `MESSAGE * <notice>` line, or for a member that
//! has opted in of an `ERROR`, a `BYE` or a `NOTICE`. Knows the sentences; when one is due is the server's
//! business. Kept here because a client must recognise three of them: that its name was refused, that one is
//! its own now, and that it sends too fast.

mod deed;
#[cfg(test)]
mod tests;

use std::fmt;

use crate::code::ErrorCode;
use crate::id::{MessageId, Txn};
use crate::line::LineError;
use crate::name::{Name, NameError};
use crate::text::TextError;
pub use deed::Deed;

/// When members should come back to a server that stops, and when one that was sent out, or is not to come
/// back; in milliseconds.
const RESTARTED: u64 = 2000;
const SENT_OUT: u64 = 60_000;
const BANNED: u64 = 24 * 3600 * 1000;
/// The same for who is not let in for now, and where many guess at the password.
const TURNED_AWAY: u64 = 10_000;
const GUESSING: u64 = 30_000;

/// A notice. `Display` writes its sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A `NAME` or a `LOGIN` was refused; the member keeps the name it had.
    NameRefused {
        /// Why.
        why: NameRefusal,
        /// The name the member still bears.
        still: Name,
    },
    /// This name was registered just now, for who has the key that came with it.
    Registered(Name),
    /// Whose name this is has come with its key: the member that bore it bears another from here on.
    NameTakenOver {
        /// The name that it bore.
        lost: Name,
        /// The name that it bears now.
        now: Name,
    },
    /// The room has a password, which was not given yet.
    AuthRequired,
    /// That was not the room's password.
    AuthFailed,
    /// It took too long, or too many wrong ones came; the connection is closed.
    AuthGivenUp,
    /// So many passwords wait to be checked that this one was not looked at; the connection is closed.
    AuthBusy,
    /// A password was given to a room that has none, or has been given it already.
    NoPassword,
    /// The password was right.
    Admitted,
    /// The room speaks TLS only, and this was something else; the connection is closed.
    TlsRequired,
    /// The room does not speak TLS, and this was TLS; the connection is closed.
    TlsOff,
    /// A message was refused and went to nobody.
    TextRefused(TextError),
    /// A line was refused whole; carries why.
    LineRefused(String),
    /// The member sends faster than `--rate` (messages per second); what it sends is read more slowly.
    TooFast(u32),
    /// The member asks for names or for history faster than it may; what it sends is read more slowly.
    AsksTooFast,
    /// The room has as many members as it may have; the connection is closed.
    RoomFull,
    /// This address has as many connections as it may have; the connection is closed.
    AddressFull,
    /// This address was banned; the connection is closed.
    AddressBanned,
    /// An HTTP request came; the connection is closed.
    NotHttp,
    /// A message could not be stored, and went to nobody.
    NotStored,
    /// What an admin wanted, or a `LOGIN`, cannot be done just now.
    Busy,
    /// Only an admin may do this.
    NotPermitted,
    /// An admin wants something of somebody who is not here.
    NobodyHere(Name),
    /// An admin wants to send out another, or itself.
    NotThisOne(Name),
    /// Nobody who was banned has this name.
    NotBanned(Name),
    /// An admin wants to take back a message that is not there.
    NoSuchMessage(MessageId),
    /// The member is not to be heard for so many seconds yet; its message went to nobody.
    Muted(u64),
    /// An admin has done this; everybody is told.
    Done {
        /// The admin.
        by: Name,
        /// To whom.
        whom: Name,
        /// What.
        deed: Deed,
    },
    /// An admin sends this member out, and the connection is closed.
    SentOut {
        /// The admin.
        by: Name,
        /// Why, if it said so: a [`Reason`](crate::Reason).
        why: Option<String>,
        /// Not for now, but for good.
        banned: bool,
    },
    /// The server stops.
    Stopping,
}

/// Why a name was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameRefusal {
    /// It is not a name.
    Invalid(NameError),
    /// Somebody in the room bears it, or one that looks like it.
    Taken,
    /// It is registered, or looks like one that is, and no key was given.
    Owned,
    /// It is registered with another key.
    KeyWrong,
    /// It was banned, or looks like one that was.
    Banned,
    /// Its key was banned, under whatever name.
    KeyBanned,
    /// There are as many registered names as there may be.
    TooMany,
    /// So many have come with keys that there is no time for this one; or the disk took nothing.
    Busy,
}

const NAME_REFUSED: &str = "name refused: ";
const REGISTERED: &str = " is yours now; keep its key";
const TOO_FAST: &str = "you send faster than ";
const STILL: &str = ". Your name is still ";

impl Notice {
    /// The notice that answers a line which is not a line of the wire.
    pub fn of_line(error: LineError<'_>) -> Self {
        Self::LineRefused(error.to_string())
    }

    /// Reads a notice that says a name was refused: why, and the name still borne.
    pub fn read_name_refused(notice: &str) -> Option<(&str, &str)> {
        notice.strip_prefix(NAME_REFUSED)?.rsplit_once(STILL)
    }

    /// Reads a notice that says a name was registered just now, for us: that name.
    pub fn read_registered(notice: &str) -> Option<&str> {
        notice.strip_suffix(REGISTERED)
    }

    /// Reads a notice that says we send too fast: the lines a second that are allowed.
    pub fn read_too_fast(notice: &str) -> Option<u32> {
        let (rate, _) = notice.strip_prefix(TOO_FAST)?.split_once(' ')?;
        rate.parse().ok()
    }

    /// Writes the whole line of the base, without its end.
    pub fn to_line(&self) -> String {
        format!("MESSAGE * {self}")
    }

    /// Writes the whole line for a member that has opted in, without its end: a `BYE`, an `ERROR` or a
    /// `NOTICE`.
    pub fn to_full_line(&self) -> String {
        match (self.wait(), self.code()) {
            (Some(wait), _) => format!("BYE {wait} {self}"),
            (None, Some(code)) => code.to_line(None, self),
            (None, None) => format!("NOTICE {self}"),
        }
    }

    /// Writes what is said to who has opted in and is not let in, without the end of the last line: an `ERROR`,
    /// if it has a [code](Self::code), and a `BYE`.
    pub fn to_farewell(&self) -> String {
        let wait = match self {
            Self::AddressBanned => BANNED,
            Self::AuthBusy => GUESSING,
            _ => self.wait().unwrap_or(TURNED_AWAY),
        };
        let error = self.to_error_line(None).map_or_else(String::new, |line| format!("{line}\n"));
        format!("{error}BYE {wait} {self}")
    }

    /// What went wrong, for a member that has opted in. `None` for what is no error.
    pub fn code(&self) -> Option<ErrorCode> {
        Some(match self {
            Self::NameRefused { why, .. } => why.code(),
            Self::AuthRequired => ErrorCode::AuthRequired,
            Self::AuthFailed | Self::AuthGivenUp => ErrorCode::AuthFailed,
            Self::TextRefused(_) => ErrorCode::TextInvalid,
            Self::LineRefused(why) => code_of_line(why),
            Self::TooFast(_) | Self::AsksTooFast => ErrorCode::RateLimited,
            Self::RoomFull | Self::AddressFull | Self::AuthBusy | Self::NotStored | Self::Busy => {
                ErrorCode::Busy
            }
            Self::NotHttp => ErrorCode::UnknownCommand,
            Self::AddressBanned
            | Self::TlsRequired
            | Self::TlsOff
            | Self::NotPermitted
            | Self::NobodyHere(_)
            | Self::NotThisOne(_)
            | Self::NotBanned(_)
            | Self::NoSuchMessage(_)
            | Self::Muted(_) => ErrorCode::NotPermitted,
            Self::Registered(_)
            | Self::NameTakenOver { .. }
            | Self::NoPassword
            | Self::Admitted
            | Self::Done { .. }
            | Self::SentOut { .. }
            | Self::Stopping => return None,
        })
    }

    /// Writes the same as an `ERROR` line, without its end, if it has a [code](Self::code). `txn` is
    /// that of the message which is refused, if it is about one.
    pub fn to_error_line(&self, txn: Option<Txn>) -> Option<String> {
        Some(self.code()?.to_line(txn, self))
    }

    /// When to come back, in milliseconds, after what is a good-bye.
    fn wait(&self) -> Option<u64> {
        match self {
            Self::Stopping => Some(RESTARTED),
            Self::SentOut { banned, .. } => Some(if *banned { BANNED } else { SENT_OUT }),
            _ => None,
        }
    }
}

impl NameRefusal {
    fn code(self) -> ErrorCode {
        match self {
            Self::Invalid(error) => error.into(),
            Self::Taken | Self::Owned => ErrorCode::NameTaken,
            Self::KeyWrong => ErrorCode::KeyWrong,
            Self::Banned | Self::KeyBanned => ErrorCode::NotPermitted,
            Self::TooMany | Self::Busy => ErrorCode::Busy,
        }
    }
}

/// What is wrong with a line, told by the words for it, which are all that a notice keeps.
fn code_of_line(why: &str) -> ErrorCode {
    [LineError::TooLong, LineError::NotUtf8(b""), LineError::ControlCharacter("")]
        .into_iter()
        .find(|error| error.to_string() == why)
        .map_or(ErrorCode::UnknownCommand, ErrorCode::from)
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NameRefused { why, still } => return write!(f, "{NAME_REFUSED}{why}{STILL}{still}"),
            Self::Registered(name) => return write!(f, "{name}{REGISTERED}"),
            Self::NameTakenOver { lost, now } => {
                return write!(f, "the one to whom the name {lost} belongs has come; you are {now} now");
            }
            Self::AuthRequired => "this room has a password: say AUTH <password>",
            Self::AuthFailed => "this is not the room's password",
            Self::AuthGivenUp => "this room has a password, and it was not given; come back when you have it",
            Self::AuthBusy => {
                "too many passwords from your address wait to be checked, and yours was not; try again in a while"
            }
            Self::NoPassword => "no password is needed here; you are in",
            Self::Admitted => "you are in",
            Self::TlsOff => "this room does not speak TLS; connect without it",
            Self::TlsRequired => {
                "this room speaks only TLS: come with chat-client, or with a program for TLS"
            }
            Self::TextRefused(error) => return write!(f, "message refused: {error}"),
            Self::LineRefused(why) => return write!(f, "line refused: {why}"),
            Self::TooFast(rate) => {
                return write!(
                    f,
                    "{TOO_FAST}{rate} lines a second; nothing is lost, but it is read more slowly now"
                );
            }
            Self::AsksTooFast => {
                "you ask faster than this server answers; nothing is lost, but it is read more slowly now"
            }
            Self::RoomFull => "the room is full; try again later",
            Self::AddressFull => "too many connections from your address; close one and try again",
            Self::AddressBanned => "your address was banned from this room",
            Self::NotHttp => "this is a chat room, not a web server",
            Self::NotStored => {
                "what you said could not be stored, so nobody has got it; say it again in a while"
            }
            Self::Busy => "this cannot be done just now; try again in a while",
            Self::NotPermitted => "only an admin may do this, logged in to its name",
            Self::NobodyHere(name) => return write!(f, "nobody here is called {name}"),
            Self::NotThisOne(name) => return write!(f, "{name} is an admin too"),
            Self::NotBanned(name) => return write!(f, "nobody called {name} was banned"),
            Self::NoSuchMessage(id) => return write!(f, "there is no message {id} to be taken back"),
            Self::Muted(seconds) => {
                return write!(f, "an admin has silenced you; you may speak again in {seconds} seconds");
            }
            Self::Done { by, whom, deed } => return deed.tell(f, by, whom),
            Self::SentOut { by, why, banned } => {
                return deed::tell_sent_out(f, "you were", by, why.as_deref(), *banned);
            }
            Self::Stopping => "the server is stopping; come back later",
        })
    }
}

impl fmt::Display for NameRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Invalid(error) => return error.fmt(f),
            Self::Taken => "somebody here has this name already, or one that looks like it",
            Self::Owned => {
                "this name belongs to somebody, or looks like one that does; with its key, LOGIN takes it"
            }
            Self::KeyWrong => "this name belongs to somebody, and this is not its key",
            Self::Banned => "this name was banned from this room, or looks like one that was",
            Self::KeyBanned => "whoever has this key was banned from this room",
            Self::TooMany => {
                "there are as many names with keys as this server keeps; NAME takes it without one"
            }
            Self::Busy => "keys cannot be looked at just now; try again in a while",
        })
    }
}
