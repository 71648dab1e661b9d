//! What all members together have been shown. One of them is the first to see an id, and from then on
//! nobody may see anything else under it, not even after a crash. Knows neither members nor sockets.

use std::fmt;
use std::sync::{Condvar, Mutex, MutexGuard};

use chat_shared::full::Entry;
use chat_shared::{MessageId, Millis};

use crate::DEADLINE;

/// A message as members are shown it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// When the server took it.
    pub time: Millis,
    /// Who said it.
    pub name: String,
    /// What was said, unescaped.
    pub text: String,
}

/// What has been shown under each id from 1 on, by whomever it was seen first.
#[derive(Debug, Default)]
pub struct Ledger {
    pages: Mutex<Pages>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Pages {
    rows: Vec<Option<Row>>,
    fault: Option<String>,
}

impl Row {
    /// What a line shows.
    pub fn of(entry: &Entry<'_>) -> Self {
        Self { time: entry.time, name: entry.name.to_string(), text: entry.body.as_str().to_owned() }
    }
}

impl Ledger {
    /// Somebody is shown this under `id`. An error when somebody else was shown another.
    pub fn shown(&self, id: MessageId, row: Row) -> Result<(), String> {
        let place = usize::try_from(id).ok().and_then(|id| id.checked_sub(1)).ok_or("there is no id 0")?;
        let mut pages = self.pages();
        let rows = &mut pages.rows;
        if rows.len() <= place {
            if place - rows.len() > 1 << 24 {
                return Err(format!("the id {id} is beyond all measure"));
            }
            rows.resize(place + 1, None);
            self.changed.notify_all();
        }
        match &rows[place] {
            Some(known) if *known == row => Ok(()),
            Some(known) => Err(format!("{id} is {row}, but to somebody else it was {known}")),
            None => {
                rows[place] = Some(row);
                Ok(())
            }
        }
    }

    /// A promise to somebody was broken: nobody needs to wait any more.
    pub(super) fn fail(&self, fault: &str) {
        self.pages().fault.get_or_insert(fault.to_owned());
        self.changed.notify_all();
    }

    /// The highest id that anybody has been shown.
    pub fn last(&self) -> MessageId {
        self.pages().rows.len() as MessageId
    }

    /// Waits until somebody has been shown `id`.
    ///
    /// # Panics
    ///
    /// When a promise to one of those who write here was broken, and after [`DEADLINE`].
    pub fn wait_for(&self, id: MessageId) {
        let short = |pages: &mut Pages| pages.fault.is_none() && (pages.rows.len() as MessageId) < id;
        let waited = self.changed.wait_timeout_while(self.pages(), DEADLINE, short);
        let (pages, late) = waited.expect("nobody panics with it");
        let (fault, last) = (pages.fault.clone(), pages.rows.len());
        // Others go on with it, whatever becomes of this test.
        drop(pages);
        assert_eq!(fault, None);
        assert!(!late.timed_out(), "nobody is shown {id}; the last one is {last}");
    }

    /// Everything, under the ids from 1 on.
    ///
    /// # Panics
    ///
    /// When nobody was shown one of them.
    pub fn rows(&self) -> Vec<Row> {
        let rows = self.pages().rows.clone();
        let shown = |(place, row): (usize, Option<Row>)| {
            row.unwrap_or_else(|| panic!("nobody was shown {}", place + 1))
        };
        rows.into_iter().enumerate().map(shown).collect()
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().expect("nobody panics with it")
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} of {} at {}", self.text, self.name, self.time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str) -> Row {
        Row { time: 7, name: "ann".into(), text: text.into() }
    }

    #[test]
    fn everybody_is_to_be_shown_the_same() {
        let ledger = Ledger::default();
        assert_eq!(ledger.shown(2, row("two")), Ok(()));
        assert_eq!(ledger.shown(1, row("one")), Ok(()));
        assert_eq!(ledger.shown(2, row("two")), Ok(()));
        assert_eq!(ledger.rows(), [row("one"), row("two")]);
        assert!(ledger.shown(1, row("another")).is_err());
        assert!(ledger.shown(1, Row { time: 8, ..row("one") }).is_err());
        assert!(ledger.shown(0, row("none")).is_err());
        assert!(ledger.shown(u64::MAX, row("none")).is_err());
        ledger.wait_for(2);
        assert_eq!(ledger.last(), 2);
    }

    #[test]
    #[should_panic(expected = "nobody was shown 1")]
    fn what_nobody_was_shown_is_no_part_of_it() {
        let ledger = Ledger::default();
        ledger.shown(2, row("two")).unwrap();
        ledger.rows();
    }
}
