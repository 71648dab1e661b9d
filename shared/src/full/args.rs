//! The words of one line, read one after the other against the form that its command must have. Knows
//! how words are parted; knows no command.

use super::Fault;
use crate::id::{RoomId, parse_number};
use crate::limits::{MAX_HISTORY, MAX_MUTE};
use crate::name::Name;
use crate::word::Token;

/// What is left of a line.
pub(super) struct Args<'a> {
    /// The line's first word.
    pub(super) command: &'a str,
    /// `None` once there are no more words.
    rest: Option<&'a str>,
    form: &'static str,
}

impl<'a> Args<'a> {
    /// Takes the command's word off `line` and looks up its form among `forms`, each of which begins
    /// with the word of its command.
    pub(super) fn of(line: &'a str, forms: &[&'static str]) -> Result<Self, Fault> {
        let (command, rest) = part(line);
        let form = forms.iter().find(|form| part(form).0 == command).ok_or(Fault::Unknown)?;
        Ok(Self { command, rest, form })
    }

    /// The line has not its command's form.
    pub(super) fn fault(&self) -> Fault {
        Fault::Form(self.form)
    }

    /// The next word.
    pub(super) fn word(&mut self) -> Result<&'a str, Fault> {
        let (word, rest) = part(self.rest.ok_or(self.fault())?);
        self.rest = rest;
        Ok(word)
    }

    /// The next word, if `parse` takes it.
    pub(super) fn parse<T, E>(&mut self, parse: impl FnOnce(&'a str) -> Result<T, E>) -> Result<T, Fault> {
        let word = self.word()?;
        parse(word).map_err(|_| self.fault())
    }

    pub(super) fn number(&mut self) -> Result<u64, Fault> {
        self.parse(parse_number)
    }

    /// How many messages are asked for.
    pub(super) fn history(&mut self) -> Result<usize, Fault> {
        let n = self.number()?;
        if n <= MAX_HISTORY as u64 { Ok(n as usize) } else { Err(Fault::TooMany) }
    }

    /// For how long somebody is not to be heard.
    pub(super) fn seconds(&mut self) -> Result<u64, Fault> {
        let seconds = self.number()?;
        if seconds <= MAX_MUTE { Ok(seconds) } else { Err(Fault::TooLongMute) }
    }

    /// A version of the language: any but 0, since what comes later is to be understood too.
    pub(super) fn version(&mut self) -> Result<u32, Fault> {
        match u32::try_from(self.number()?) {
            Ok(version @ 1..) => Ok(version),
            _ => Err(self.fault()),
        }
    }

    pub(super) fn room(&mut self) -> Result<RoomId, Fault> {
        self.parse(RoomId::parse)
    }

    pub(super) fn token(&mut self) -> Result<Token<'a>, Fault> {
        self.parse(Token::parse)
    }

    /// A name that a server gave to somebody: there, guests' names are names like any other.
    pub(super) fn given_name(&mut self) -> Result<Name, Fault> {
        Ok(Name::parse_given(self.word()?)?)
    }

    /// All that is left, spaces and all; nothing, if nothing is left.
    pub(super) fn rest(&mut self) -> &'a str {
        self.rest.take().unwrap_or("")
    }

    /// Whether there is another word.
    pub(super) fn more(&self) -> bool {
        self.rest.is_some()
    }

    /// Checks that nothing is left.
    pub(super) fn end(&self) -> Result<(), Fault> {
        if self.more() { Err(self.fault()) } else { Ok(()) }
    }
}

fn part(words: &str) -> (&str, Option<&str>) {
    match words.split_once(' ') {
        Some((word, rest)) => (word, Some(rest)),
        None => (words, None),
    }
}
