//! What somebody says who has yet to give the room's password: its lines, in very little memory, of which
//! only AUTH and the HELLO before it count. When it must be done, and what a wrong one costs, is the
//! porch's business.

use std::io::{self, Read as _, Write as _};

use chat_shared::{ClientCommand, Notice};
use futures_lite::future;
use zeroize::Zeroizing;

use crate::intake::is_http;
use crate::password::Password;
use crate::wire::Wire;

/// The longest line, in bytes, with its end: a password of the greatest length has room in it.
const LONGEST: usize = 1024;

/// Who has said so much, or so many lines, and still no password, will not give one.
const MOST_BYTES: usize = 16 * 1024;
const MOST_LINES: usize = 32;

/// What came of a question.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A password, and whether it was the right one.
    Password(bool),
    /// Nothing yet.
    None,
    /// It is to be let go, and told this first, if anything.
    Away(Option<Notice>),
}

/// Somebody who is being asked for the password.
pub(crate) struct Questioning<'a> {
    wire: &'a Wire,
    password: &'a Password,
    /// What was read and not yet looked at. Never longer than it was made, so that no copy of a password
    /// stays behind in memory.
    held: Zeroizing<Vec<u8>>,
    /// The line that is being read is too long already.
    too_long: bool,
    bytes: usize,
    lines: usize,
    /// HELLO, if that was the first line beside AUTH.
    hello: Option<String>,
    /// A line beside AUTH and HELLO has come: it is too late for HELLO.
    spoken: bool,
}

impl<'a> Questioning<'a> {
    pub(crate) fn new(wire: &'a Wire, password: &'a Password) -> Self {
        let held = Zeroizing::new(Vec::with_capacity(LONGEST));
        Self { wire, password, held, too_long: false, bytes: 0, lines: 0, hello: None, spoken: false }
    }

    /// Whether it has said anything.
    pub(crate) fn has_spoken(&self) -> bool {
        self.lines > 0
    }

    /// Whether it understands the full language.
    pub(crate) fn has_opted_in(&self) -> bool {
        self.hello.is_some()
    }

    /// Reads until a password comes. Loses nothing when it is dropped meanwhile.
    pub(crate) async fn answer(&mut self) -> io::Result<Answer> {
        loop {
            if let Some(answer) = self.next_line()? {
                return Ok(answer);
            }
            if self.bytes > MOST_BYTES {
                return Ok(Answer::Away(Some(Notice::AuthGivenUp)));
            }
            let (wire, held) = (self.wire, &mut self.held);
            let read = wire.read_with(|mut wire| {
                let before = held.len();
                held.resize(LONGEST, 0);
                let read = wire.read(&mut held[before..]);
                held.truncate(before + read.as_ref().copied().unwrap_or(0));
                read
            });
            match read.await? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                read => self.bytes += read,
            }
            // A socket that always has more would keep this thread for itself.
            future::yield_now().await;
        }
    }

    /// Looks at lines that are held, until one leads to something. `None` when there are none any more.
    fn next_line(&mut self) -> io::Result<Option<Answer>> {
        while let Some(end) = memchr::memchr(b'\n', &self.held) {
            let line = Zeroizing::new(self.held[..end].to_vec());
            self.held.drain(..=end);
            if std::mem::take(&mut self.too_long) {
                continue;
            }
            self.lines += 1;
            if self.lines > MOST_LINES {
                return Ok(Some(Answer::Away(Some(Notice::AuthGivenUp))));
            }
            let line = line.strip_suffix(b"\r").unwrap_or(&line).trim_ascii_start();
            if line.is_empty() {
                continue;
            }
            if let Some(answer) = self.hear(str::from_utf8(line).unwrap_or_default())? {
                return Ok(Some(answer));
            }
        }
        if self.held.len() == LONGEST || self.too_long {
            self.held.clear();
            if !std::mem::replace(&mut self.too_long, true) {
                self.lines += 1;
                self.spoken = true;
                self.reply(&Notice::AuthRequired)?;
            }
        }
        Ok(None)
    }

    /// One line; an empty one stands for what is no text.
    fn hear(&mut self, line: &str) -> io::Result<Option<Answer>> {
        match ClientCommand::parse(line) {
            Ok(ClientCommand::Auth(given)) => return Ok(Some(Answer::Password(self.password.is(given)))),
            Ok(ClientCommand::Hello { .. }) if !self.spoken && self.hello.is_none() => {
                self.hello = Some(format!("{line}\n"));
            }
            // Who says HELLO understands this, and may try again.
            Err(error) if !self.spoken && self.hello.is_none() && line.split(' ').next() == Some("HELLO") => {
                return tell(self.wire, &error.to_line()).map(|()| None);
            }
            // A password that can be none.
            Err(_) if line == "AUTH" || line.starts_with("AUTH ") => {}
            Ok(ClientCommand::Quit) => return Ok(Some(Answer::Away(None))),
            _ if is_http(line) => return Ok(Some(Answer::Away(Some(Notice::NotHttp)))),
            _ => self.spoken = true,
        }
        self.reply(&Notice::AuthRequired).map(|()| None)
    }

    /// Says something in the language that is spoken so far.
    pub(crate) fn reply(&self, notice: &Notice) -> io::Result<()> {
        match self.hello {
            Some(_) => tell(self.wire, &notice.to_full_line()),
            None => tell(self.wire, &notice.to_line()),
        }
    }

    /// Says that it is in, unless the room will say so by itself. What it has said so far that is for the
    /// room is given back.
    pub(crate) fn admit(self) -> io::Result<Vec<u8>> {
        let mut said = match self.hello {
            Some(hello) => hello.into_bytes(),
            None => {
                tell(self.wire, &Notice::Admitted.to_line())?;
                Vec::new()
            }
        };
        said.extend_from_slice(&self.held);
        Ok(said)
    }
}

/// Writes a line. Who does not read as little as is said here is not waited for.
pub(crate) fn tell(mut wire: &Wire, line: &str) -> io::Result<()> {
    let line = format!("{line}\n");
    let written = wire.write(line.as_bytes())?;
    if written < line.len() || wire.unsent() { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(()) }
}
