//! What the network thread and the model say to each other: orders one way, events the other. Knows
//! neither of the two; these are plain values, so that each can be tested without the other.

use std::fmt;
use std::time::{Duration, Instant};

use chat_shared::{ErrorCode, History, MessageId, Name, RoomId, SessionId, Txn};

use crate::address::Address;
use crate::invite::Fingerprint;

/// One point in time, on both of the clocks that matter.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// Milliseconds since 1970 UTC, for showing. It may jump when somebody sets the clock.
    pub wall: i64,
    /// For measuring how long something took. It never jumps.
    pub steady: Instant,
}

impl Moment {
    /// This very moment.
    pub fn now() -> Self {
        Self { wall: jiff::Timestamp::now().as_millisecond(), steady: Instant::now() }
    }
}

/// Whose messages are sent, to the server: secrets. Who has read one on the way can speak as it; so the one that
/// is said in plain text is never said through TLS, where a name may be ours by its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sessions {
    /// Said in plain text.
    pub plain: SessionId,
    /// Said through TLS only.
    pub sealed: SessionId,
}

impl Sessions {
    /// The one to say on a connection that nobody can read, or on one that is not `sealed`.
    pub fn on(self, sealed: bool) -> SessionId {
        if sealed { self.sealed } else { self.plain }
    }
}

/// What the network is told to do. Those with a `link` are meant for the connection of that number; on any
/// other they are dropped, and their author learns of the break by [`News::Lost`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Send one line of text, in the base.
    Send {
        /// The connection it is meant for. What a break swallows its author sends anew, so that it goes
        /// out once.
        link: u64,
        /// Names the line in [`News::Sent`].
        key: u64,
        /// The text: a valid one, without a line's end.
        text: String,
    },
    /// Post a message, in the full language.
    Post {
        /// The connection it is meant for.
        link: u64,
        /// Its number in the session.
        txn: Txn,
        /// The message: a valid one, of one line or several.
        text: String,
    },
    /// Ask for all messages since this one.
    After {
        /// The connection it is meant for.
        link: u64,
        /// The log that the id is from.
        room: RoomId,
        /// The last message that is known; 0 for none.
        id: MessageId,
    },
    /// Ask for the newest messages.
    Last {
        /// The connection it is meant for.
        link: u64,
        /// How many.
        n: usize,
    },
    /// Ask for the messages right before one.
    Before {
        /// The connection it is meant for.
        link: u64,
        /// That one.
        id: MessageId,
        /// How many.
        n: usize,
    },
    /// Ask for the newest messages with these words.
    Search {
        /// The connection it is meant for.
        link: u64,
        /// How many.
        n: usize,
        /// The words: such that can be searched for.
        words: String,
    },
    /// What an admin may do, in the full language.
    Deed {
        /// The connection it is meant for.
        link: u64,
        /// What.
        deed: Deed,
    },
    /// Bear this name, on the next connections at least.
    Name {
        /// The name.
        name: Name,
        /// Tell the server now, if there is a connection.
        say: bool,
        /// As one that belongs to us, where the server keeps such.
        as_own: bool,
    },
    /// Stop waiting and try to connect at once.
    RetryNow,
    /// The person's answer to what was asked last. One that fits another question is dropped.
    Answer(Answer),
}

/// What an admin may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// This member has to go.
    Kick(Name),
    /// This member has to go, and may not come back.
    Ban(Name),
    /// Who was banned under this name may come back.
    Unban(Name),
    /// This member is not heard for so many seconds; 0 lets it speak again.
    Mute(Name, u64),
    /// This message is taken back.
    Remove(MessageId),
}

/// What only the person can decide before anything is said to a server. Until then, it is not spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// It shows a certificate that nobody vouches for, and was never met with one before.
    Unknown {
        /// Which server.
        address: Address,
        /// Its certificate.
        fingerprint: Fingerprint,
        /// Why this computer does not trust it, in words: it …
        why: String,
    },
    /// It shows another certificate than the one by which it is known, and nobody vouches for that.
    Changed {
        /// Which server.
        address: Address,
        /// The certificate by which it is known; `None` for one that this computer trusted.
        known: Option<Fingerprint>,
        /// The one that it shows.
        shown: Fingerprint,
        /// Why this computer does not trust that, in words: it …
        why: String,
    },
    /// It shows another certificate than an invite has promised.
    Broken {
        /// Which server.
        address: Address,
        /// The certificate that was promised.
        promised: Fingerprint,
        /// The one that it shows.
        shown: Fingerprint,
        /// What speaks for that one, or against it, in words: it …
        what: String,
    },
    /// It speaks plain text, and was met with TLS before, or promised to have it.
    PlainText {
        /// Which server.
        address: Address,
    },
    /// It was never met with TLS, and does not answer when it is spoken to so: it may be slow, or know none.
    NoAnswer {
        /// Which server.
        address: Address,
    },
    /// The room has a password.
    Password {
        /// Which server.
        address: Address,
        /// What is wrong with the one that was given, in the server's words.
        wrong: Option<String>,
        /// It would cross the network in plain text.
        in_plain_text: bool,
    },
}

/// What the person has decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// This is the server's certificate, now and later.
    Trust(Fingerprint),
    /// Speak in plain text with it for as long as we stay; with one that does not answer in TLS, later too.
    PlainText,
    /// The room's password.
    Password {
        /// As it was typed.
        password: Secret,
        /// Remember it for the next time.
        remember: bool,
    },
}

/// A text that nobody shall find in a log.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Something that happened on the network, and when.
#[derive(Debug, Clone)]
pub struct Event {
    /// When it happened, not when it was noticed.
    pub at: Moment,
    /// What happened.
    pub news: News,
}

/// What happened on the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// An attempt to connect begins.
    Connecting {
        /// Where, when the room has several addresses.
        address: Option<Address>,
    },
    /// The room's password was given, and the server has yet to say what it thinks of it.
    CheckingPassword,
    /// The connection that there is now is in plain text: everybody on the way can read it.
    InPlainText,
    /// There is a connection, `NAME` was said on it, and it is known which language is spoken.
    Connected {
        /// Its number; each connection has a higher one than the last.
        link: u64,
        /// How the server welcomed us, if it speaks the full language.
        welcome: Option<Welcome>,
    },
    /// There is no connection, and there will be none before the person has answered.
    Asks(Question),
    /// There is no connection, and there will be another attempt.
    Lost {
        /// Why, in words.
        why: String,
        /// When the next attempt begins, counted from now.
        retry_in: Duration,
        /// How long ago a line may have been written and yet not have arrived.
        doubt: Duration,
    },
    /// Every byte of these lines was handed to the operating system, in this order.
    Sent {
        /// The keys given with [`Order::Send`].
        keys: Vec<u64>,
    },
    /// The lines of one read.
    Lines(Vec<Line>),
}

/// What a server says to who has opted in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Welcome {
    /// Names the room's log.
    pub room: RoomId,
    /// The name we bear until it takes the one we asked for.
    pub name: String,
    /// That one was asked for as one that belongs to us.
    pub as_own: bool,
    /// We speak for the session of sealed connections.
    pub sealed: bool,
}

/// A message of the room's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its place in the room's order.
    pub id: MessageId,
    /// When the server took it, in milliseconds since 1970 UTC.
    pub at: i64,
    /// Who said it.
    pub from: String,
    /// What, in one line or several.
    pub text: String,
}

/// One line from the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// In the base: a message from a member, or from ourselves where the server echoes.
    Said {
        /// Who says it.
        from: String,
        /// What is said, harmless to show.
        text: String,
    },
    /// The server itself says something.
    Notice(String),
    /// A line that could not be read; carries why.
    Unreadable(String),
    /// In the full language, as all that follow: our name now.
    You(String),
    /// Some of those who are here.
    Users(Vec<Name>),
    /// Those were all who are here.
    EndUsers,
    /// Somebody came.
    Join(Name),
    /// Somebody went.
    Leave(Name),
    /// Somebody took another name.
    Rename {
        /// The name until now.
        old: Name,
        /// The name from now on.
        new: Name,
    },
    /// So many are here, too many to be named.
    Count(u64),
    /// A message that is said now.
    Post(Message),
    /// A message of the history that was asked for.
    Past(Message),
    /// A message of ours is in the log.
    Ack {
        /// Its number in the session.
        txn: Txn,
        /// Its place in the room's order.
        id: MessageId,
        /// When the server took it, in milliseconds since 1970 UTC.
        at: i64,
    },
    /// That was the history asked for.
    End {
        /// Which.
        history: History,
        /// The log has more of it.
        more: bool,
    },
    /// The log cannot give all that was asked for.
    Gap {
        /// Names the log, as it is now.
        room: RoomId,
        /// The first message of what follows.
        id: MessageId,
    },
    /// A message was taken back by an admin: now, or, in a history, at some time.
    Removed(MessageId),
    /// We are logged in as somebody who may send others out.
    Admin,
    /// Something was refused.
    Error {
        /// What is wrong; `None` for a word that only a newer server knows.
        code: Option<ErrorCode>,
        /// Which message it is about, if about one.
        txn: Option<Txn>,
        /// The same for a person.
        words: String,
    },
}
