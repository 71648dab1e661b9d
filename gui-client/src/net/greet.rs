//! The first words on a connection: says who we are, and finds out which language the server speaks. Gives
//! the room's password where it is wanted. Knows nothing of what is said afterwards.

use std::io;
use std::time::Duration;

use chat_shared::limits::VERSION;
use chat_shared::{ClientCommand, Name, Notice, Password, SessionId};
use futures_lite::{AsyncWriteExt, future};
use smol::Timer;

use super::approach::{Stop, Visit};
use super::dial::Failure;
use super::hear::{Ear, Heard};
use super::wire::Wire;
use super::{Reporter, Waits};
use crate::address::{Address, Addresses};
use crate::link::{Line, News, Secret, Sessions, Welcome};

/// How a server that speaks only the base begins its answer to a line that it does not know.
const REFUSED: &str = "line refused: ";

/// Who has TLS has more than the base, and is given more time to say so: the way there may be long.
const PATIENCE_WITH_TLS: u32 = 5;

/// What came of it.
pub(super) struct Greeting {
    /// The name that was said, if one was.
    pub(super) name: Option<Name>,
    /// Our key to names with this server, where it may be said.
    pub(super) key: Option<Secret>,
    /// Whoever listens from here on.
    pub(super) ear: Ear,
    /// Others on the way can read what is said.
    pub(super) open: bool,
    /// The server's welcome, if it speaks the full language.
    pub(super) welcome: Option<Welcome>,
    /// What the server has said besides.
    pub(super) lines: Vec<Heard>,
    /// The connection is over already; what was said before still counts.
    pub(super) over: Option<Failure>,
}

/// Where a greeting goes, and who we are there.
pub(super) struct Guest<'a> {
    pub(super) address: &'a Address,
    pub(super) room: &'a Addresses,
    pub(super) sessions: Sessions,
    pub(super) name: &'a Name,
}

/// Says that we speak the full language, and our name unless that is to be asked for as our own, once the
/// server's language is known; then waits until it is: by its welcome, by its refusal of the line, or by its
/// silence. Who is turned away instead is told why.
pub(super) async fn greet(
    wire: &Wire,
    guest: Guest<'_>,
    visit: &mut Visit,
    waits: Waits,
    report: &Reporter,
) -> Result<Greeting, Stop> {
    let Guest { address, room, sessions, name } = guest;
    let session = sessions.on(wire.is_private());
    let key = visit.key(address, room, wire);
    let mut said = key.is_none().then(|| name.clone());
    introduce(wire, session, said.as_ref()).await.map_err(|error| Failure::broken(&error))?;
    let mut ear = Ear::new(wire.clone());
    let (mut lines, mut over, mut welcome) = (Vec::new(), None, None);
    // One for the whole time: each line that comes must not begin it anew.
    let patience = if wire.is_private() { PATIENCE_WITH_TLS } else { 1 };
    let mut silence = Timer::after(waits.welcome * patience);
    let mut given = false;
    while over.is_none() {
        let hearing = async { Some(ear.hear(&mut lines).await) };
        let waiting = async {
            (&mut silence).await;
            None
        };
        match future::or(hearing, waiting).await {
            None if given => {
                return Err(
                    Failure::of("the server does not say whether the password is right".to_owned()).into()
                );
            }
            None => break,
            Some(Ok(())) => {}
            Some(Err(failure)) => over = Some(failure),
        }
        if let Some(words) = take_wrong_password(&mut lines) {
            return Err(Stop::Ask(visit.password_was_wrong(address, wire, words)));
        }
        welcome = take_welcome(&mut lines);
        if welcome.is_some() {
            if given {
                visit.password_was_right(address);
            }
            break;
        }
        if let Some(stop) = turned_away(&lines, over.as_ref()) {
            return Err(stop);
        }
        if lines.contains(&Heard::PasswordWanted) && !given {
            let password = visit.password(address, wire).map_err(Stop::Ask)?;
            let checked = match Password::parse(&password.0) {
                Ok(checked) => checked,
                Err(error) => {
                    return Err(Stop::Ask(visit.password_was_wrong(address, wire, error.to_string())));
                }
            };
            let line = format!("{}\n", ClientCommand::Auth(checked));
            say(wire, &line).await.map_err(|error| Failure::broken(&error))?;
            // Nothing that was said before it counts but the greeting itself.
            (given, said) = (true, None);
            silence = Timer::after(waits.password);
            report.tell(News::CheckingPassword).await;
        }
        if !given && take_refusal(&mut lines) {
            break;
        }
    }
    if let Some(welcome) = &mut welcome {
        (welcome.as_own, welcome.sealed) = (key.is_some(), wire.is_private());
    }
    Ok(Greeting { name: said, key, ear, open: visit.is_open(wire), welcome, lines, over })
}

/// Why we were not let in, if that is so: the server has said good-bye, or the connection is over before
/// anything was heard but words of the server's own, if any.
fn turned_away(lines: &[Heard], over: Option<&Failure>) -> Option<Stop> {
    let why = lines.iter().rev().find_map(|heard| match heard {
        Heard::Bye { why, wait } => Some((why, *wait)),
        _ => None,
    });
    let (words, wait) = match why {
        Some((why, wait)) => (why, wait),
        None => {
            let over = over?;
            if lines.is_empty() {
                return Some(Failure::of(over.why.clone()).into());
            }
            let mut words = lines.iter().map(|heard| match heard {
                Heard::Refused(words) | Heard::Line(Line::Notice(words)) => Some(words),
                _ => None,
            });
            (words.try_fold(None, |_, words| words.map(Some))??, Duration::ZERO)
        }
    };
    if *words == Notice::TlsRequired.to_string() {
        return Some(Stop::TlsOnly(words.clone()));
    }
    Some(Failure::bye(words.clone(), wait).into())
}

/// Takes out the server's words if it says that the password was wrong.
fn take_wrong_password(lines: &mut Vec<Heard>) -> Option<String> {
    let at = lines.iter().position(|heard| matches!(heard, Heard::PasswordWrong(_)))?;
    match lines.swap_remove(at) {
        Heard::PasswordWrong(words) => Some(words),
        _ => None,
    }
}

/// Takes out the welcome, if it is there, and all that came before: until it read our line, the server took
/// us for a member of the base, and what it told us as such is in the log, or was for the moment.
fn take_welcome(lines: &mut Vec<Heard>) -> Option<Welcome> {
    let at = lines.iter().position(|heard| matches!(heard, Heard::Welcome(_)))?;
    match lines.drain(..=at).next_back() {
        Some(Heard::Welcome(welcome)) => Some(welcome),
        _ => None,
    }
}

/// Takes out the answer to our first line, if it is there: it is of no interest to a person.
fn take_refusal(lines: &mut Vec<Heard>) -> bool {
    let is_refusal =
        |heard: &Heard| matches!(heard, Heard::Line(Line::Notice(notice)) if notice.starts_with(REFUSED));
    let found = lines.iter().position(is_refusal);
    found.map(|at| lines.remove(at)).is_some()
}

/// The space before the second line lets a server that reads word by word find its way again.
async fn introduce(wire: &Wire, session: SessionId, name: Option<&Name>) -> io::Result<()> {
    let hello = ClientCommand::Hello { version: VERSION, session };
    let name = name.map_or_else(String::new, |name| format!(" {}\n", ClientCommand::Name(name.clone())));
    say(wire, &format!("{hello}\n{name}")).await
}

async fn say(wire: &Wire, words: &str) -> io::Result<()> {
    let mut wire = wire.clone();
    wire.write_all(words.as_bytes()).await?;
    wire.flush().await
}
