//! Anything a line may hold, for property tests, and the way to spoil a line.

use proptest::prelude::*;

use super::{ClientCommand, Entry, History, NameList, ServerCommand};
use crate::body::Body;
use crate::code::{Code, ErrorCode};
use crate::command::Speaker;
use crate::id::{RoomId, SessionId};
use crate::limits::{MAX_HISTORY, MAX_MUTE};
use crate::name::Name;
use crate::secret::{Key, Password};
use crate::text::Text;
use crate::word::{Query, Reason, Token};

pub(super) fn any_client_command() -> impl Strategy<Value = ClientCommand<'static>> {
    let n = 0..=MAX_HISTORY;
    let session = any::<[u8; 16]>().prop_map(SessionId::from_bytes);
    prop_oneof![
        (1u32.., session).prop_map(|(version, session)| ClientCommand::Hello { version, session }),
        any_name().prop_map(ClientCommand::Name),
        any_text().prop_map(ClientCommand::Send),
        (number(), any_body()).prop_map(|(txn, body)| ClientCommand::Post { txn, body }),
        (any_room(), number()).prop_map(|(room, id)| ClientCommand::After { room, id }),
        n.clone().prop_map(|n| ClientCommand::Last { n }),
        (number(), n.clone()).prop_map(|(id, n)| ClientCommand::Before { id, n }),
        (n, any_query()).prop_map(|(n, query)| ClientCommand::Search { n, query }),
        any_token().prop_map(ClientCommand::Ping),
        any_token().prop_map(ClientCommand::Pong),
        Just(ClientCommand::Quit),
        any_password().prop_map(ClientCommand::Auth),
        (any_name(), any_key()).prop_map(|(name, key)| ClientCommand::Login { name, key }),
        (any_given_name(), any_reason()).prop_map(|(name, why)| ClientCommand::Kick { name, why }),
        (any_given_name(), any_reason()).prop_map(|(name, why)| ClientCommand::Ban { name, why }),
        any_given_name().prop_map(ClientCommand::Unban),
        (any_given_name(), 0..=MAX_MUTE).prop_map(|(name, seconds)| ClientCommand::Mute { name, seconds }),
        number().prop_map(ClientCommand::Remove),
    ]
}

pub(super) fn any_server_command() -> impl Strategy<Value = ServerCommand<'static>> {
    let (text, name) = (any_text, any_given_name);
    let names = prop::collection::vec(name(), 1..20).prop_filter_map("one line", |names| {
        let mut lists = NameList::split(names);
        lists.next().filter(|_| lists.next().is_none())
    });
    let history = prop::sample::select(&[History::After, History::Last, History::Before, History::Search]);
    let code = prop_oneof![
        prop::sample::select(ErrorCode::ALL).prop_map(Code::Known),
        any_token().prop_map(|word| Code::parse(word.as_str()).unwrap()),
    ];
    let speaker = prop_oneof![Just(Speaker::Server), name().prop_map(Speaker::Member)];
    prop_oneof![
        (1u32.., any_room(), name()).prop_map(|(version, room, name)| ServerCommand::Welcome {
            version,
            room,
            name
        }),
        name().prop_map(ServerCommand::You),
        names.prop_map(ServerCommand::Users),
        number().prop_map(ServerCommand::EndUsers),
        name().prop_map(ServerCommand::Join),
        name().prop_map(ServerCommand::Leave),
        (name(), name()).prop_map(|(old, new)| ServerCommand::Rename { old, new }),
        number().prop_map(ServerCommand::Count),
        any_entry().prop_map(ServerCommand::Post),
        (number(), number(), number()).prop_map(|(txn, id, time)| ServerCommand::Ack { txn, id, time }),
        any_entry().prop_map(ServerCommand::Past),
        (history, number(), any::<bool>()).prop_map(|(history, n, more)| ServerCommand::End {
            history,
            n,
            more
        }),
        (any_room(), number()).prop_map(|(room, id)| ServerCommand::Gap { room, id }),
        (code, prop::option::of(number()), text()).prop_map(|(code, txn, words)| ServerCommand::Error {
            code,
            txn,
            words
        }),
        any_token().prop_map(ServerCommand::Ping),
        any_token().prop_map(ServerCommand::Pong),
        number().prop_map(ServerCommand::Removed),
        text().prop_map(ServerCommand::Notice),
        Just(ServerCommand::Admin),
        (number(), text()).prop_map(|(wait, why)| ServerCommand::Bye { wait, why }),
        (speaker, text()).prop_map(|(from, text)| ServerCommand::Message { from, text }),
    ]
}

pub(super) fn any_entry() -> impl Strategy<Value = Entry<'static>> {
    (number(), number(), any_given_name(), any_body()).prop_map(|(id, time, name, body)| Entry {
        id,
        time,
        name,
        body,
    })
}

fn number() -> impl Strategy<Value = u64> {
    any::<u64>()
}

fn any_room() -> impl Strategy<Value = RoomId> {
    any::<[u8; 16]>().prop_map(RoomId::from_bytes)
}

fn any_name() -> impl Strategy<Value = Name> {
    "[^\\s\\p{C}]{1,16}".prop_filter_map("a valid name", |name| Name::parse(&name).ok())
}

/// A name in a server's line.
fn any_given_name() -> impl Strategy<Value = Name> {
    prop_oneof![3 => any_name(), 1 => number().prop_map(Name::guest)]
}

/// Mostly short, at times near the most that a body may be.
fn any_body() -> impl Strategy<Value = Body<'static>> {
    ("(\\PC|[ \n\\\\n]){1,100}", prop_oneof![9 => Just(1), 1 => Just(40)])
        .prop_filter_map("a valid body", |(text, times)| Body::parse(text.repeat(times)).ok())
}

// What only borrows needs something to borrow from. Tests end soon: they may leak it.

fn any_text() -> impl Strategy<Value = Text<'static>> {
    "\\PC{1,100}".prop_filter_map("a valid text", |text| Text::parse(text.leak()).ok())
}

fn any_token() -> impl Strategy<Value = Token<'static>> {
    "[!-~]{1,64}".prop_map(|token| Token::parse(token.leak()).unwrap())
}

fn any_password() -> impl Strategy<Value = Password<'static>> {
    "\\PC{1,64}".prop_filter_map("a valid password", |words| Password::parse(words.leak()).ok())
}

fn any_key() -> impl Strategy<Value = Key<'static>> {
    "[!-~]{16,128}".prop_map(|word| Key::parse(word.leak()).unwrap())
}

fn any_reason() -> impl Strategy<Value = Option<Reason<'static>>> {
    "\\PC{0,64}".prop_filter_map("a valid reason", |words| Reason::parse(words.leak()).ok())
}

fn any_query() -> impl Strategy<Value = Query<'static>> {
    "\\PC{1,64}".prop_filter_map("a valid query", |words| Query::parse(words.leak()).ok())
}

/// `line` with one of its characters replaced by `with`: which one, `at` says, whatever it is.
pub(super) fn spoil(line: &str, at: usize, with: &str) -> String {
    let at = line.floor_char_boundary(at % line.len());
    let mut after = line[at..].chars();
    after.next();
    format!("{}{with}{}", &line[..at], after.as_str())
}
