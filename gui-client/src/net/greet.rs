//! The first words on a connection: says who we are, and finds out which language the server speaks. Knows
//! nothing of what is said afterwards.

use std::io;

use chat_shared::limits::VERSION;
use chat_shared::{ClientCommand, Name, SessionId};
use futures_lite::{AsyncWriteExt, future};
use smol::Timer;
use smol::net::TcpStream;

use super::Waits;
use super::dial::Failure;
use super::hear::{Ear, Heard};
use crate::link::{Line, Welcome};

/// How a server that speaks only the base begins its answer to a line that it does not know.
const REFUSED: &str = "line refused: ";

/// What came of it.
pub(super) struct Greeting {
    /// The name that was said.
    pub(super) name: Name,
    /// Whoever listens from here on.
    pub(super) ear: Ear,
    /// The server's welcome, if it speaks the full language.
    pub(super) welcome: Option<Welcome>,
    /// What the server has said besides.
    pub(super) lines: Vec<Heard>,
    /// The connection is over already; what was said before still counts.
    pub(super) over: Option<Failure>,
}

/// Says that we speak the full language, and our name; then waits until the server's language is known: by
/// its welcome, by its refusal of the line, or by its silence.
pub(super) async fn greet(
    stream: &TcpStream,
    session: SessionId,
    name: &Name,
    waits: Waits,
) -> Result<Greeting, Failure> {
    introduce(stream, session, name).await.map_err(|error| Failure::broken(&error))?;
    let mut greeting = Greeting {
        name: name.clone(),
        ear: Ear::new(stream.clone()),
        welcome: None,
        lines: Vec::new(),
        over: None,
    };
    // One for the whole time: each line that comes must not begin it anew.
    let mut silence = Timer::after(waits.welcome);
    loop {
        let hearing = async { Some(greeting.ear.hear(&mut greeting.lines).await) };
        let waiting = async {
            (&mut silence).await;
            None
        };
        match future::or(hearing, waiting).await {
            None => return Ok(greeting),
            Some(Ok(())) => {}
            Some(Err(failure)) => {
                greeting.over = Some(failure);
                return Ok(greeting);
            }
        }
        greeting.welcome = take_welcome(&mut greeting.lines);
        if greeting.welcome.is_some() || take_refusal(&mut greeting.lines) {
            return Ok(greeting);
        }
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
async fn introduce(stream: &TcpStream, session: SessionId, name: &Name) -> io::Result<()> {
    let hello = ClientCommand::Hello { version: VERSION, session };
    let name = ClientCommand::Name(name.clone());
    stream.clone().write_all(format!("{hello}\n {name}\n").as_bytes()).await
}
