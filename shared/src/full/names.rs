//! Who is here, in as many lines as it takes. Knows how many names fit a line; knows nothing of who
//! they are.

use std::fmt;

use super::Fault;
use super::args::Args;
use crate::limits::{MAX_LINE, MAX_NAME_BYTES};
use crate::name::Name;

/// Names for one `USERS` line: at least one, and no more than fit. `Display` writes them with a space
/// between each two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameList(Vec<Name>);

const _: () = assert!("USERS".len() + 1 + MAX_NAME_BYTES <= MAX_LINE);

impl NameList {
    /// Shares out any number of names, in their order, to as few lines as will hold them. No names are
    /// no lines.
    pub fn split(names: impl IntoIterator<Item = Name>) -> impl Iterator<Item = Self> {
        let mut names = names.into_iter().peekable();
        std::iter::from_fn(move || {
            let mut list = Vec::new();
            let mut length = "USERS".len();
            while let Some(name) = names.next_if(|name| length + 1 + name.as_str().len() <= MAX_LINE) {
                length += 1 + name.as_str().len();
                list.push(name);
            }
            (!list.is_empty()).then_some(Self(list))
        })
    }

    /// Reads what is left of a line.
    pub(super) fn read(args: &mut Args<'_>) -> Result<Self, Fault> {
        let mut list = vec![args.given_name()?];
        while args.more() {
            list.push(args.given_name()?);
        }
        Ok(Self(list))
    }

    /// The names.
    pub fn names(&self) -> &[Name] {
        &self.0
    }

    /// The names.
    pub fn into_names(self) -> Vec<Name> {
        self.0
    }
}

/// Writes `USERS` lines with all these names, in their order, each line with its LF. No names are no lines.
///
/// For a server whose room is full: it takes what a [`Name`] is written as, and checks nothing.
pub fn users_lines<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut lines = String::new();
    let mut length = MAX_LINE;
    for name in names {
        length += 1 + name.len();
        if length > MAX_LINE {
            lines.push_str(if lines.is_empty() { "USERS" } else { "\nUSERS" });
            length = "USERS".len() + 1 + name.len();
        }
        lines.push(' ');
        lines.push_str(name);
    }
    if !lines.is_empty() {
        lines.push('\n');
    }
    lines
}

impl fmt::Display for NameList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, name) in self.0.iter().enumerate() {
            f.write_str(if at == 0 { "" } else { " " })?;
            name.fmt(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::ServerCommand;
    use super::*;

    /// Splits so many names that begin with `start` and checks the lines that come of it.
    fn check(start: &str, count: u64, lines: usize) {
        let names: Vec<_> = (0..count).map(|n| Name::parse(&format!("{start}{n:04}")).unwrap()).collect();
        let lists: Vec<_> = NameList::split(names.clone()).collect();
        assert_eq!(lists.len(), lines, "{count} × {start}");
        for list in &lists {
            let line = ServerCommand::Users(list.clone()).to_string();
            assert!(line.len() <= MAX_LINE);
            assert_eq!(ServerCommand::parse(&line), Ok(ServerCommand::Users(list.clone())));
        }
        let written: String = lists.iter().map(|list| format!("USERS {list}\n")).collect();
        assert_eq!(users_lines(names.iter().map(Name::as_str)), written);
        assert_eq!(lists.into_iter().flat_map(NameList::into_names).collect::<Vec<_>>(), names);
    }

    #[test]
    fn any_number_of_names_fits_some_lines() {
        check("x", 0, 0);
        check("x", 1, 1);
        // Five bytes and a space each, and eight thousand one hundred and eighty-seven of them free.
        check("x", 1364, 1);
        check("x", 1365, 2);
        let long = "王".repeat(20);
        check(&long, 125, 1);
        check(&long, 126, 2);
        check(&long, 1000, 8);
    }
}
