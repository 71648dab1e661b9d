//! Tests of the log as a whole. What must hold wherever it is kept is in `both`.

mod both;

use std::sync::Arc;
use std::time::Duration;

use smol::block_on;

use super::*;

/// A log.
struct Fixture {
    log: Log,
    opened: Opened,
    last: u64,
}

const ANN: SessionId = [0xa1; 16];
const BOB: SessionId = [0xb0; 16];

const ALL: Keep = Keep { messages: None, age: None };

fn keep(messages: u64) -> Keep {
    Keep { messages: Some(messages), age: None }
}

/// Runs the same with every kind of log.
fn each(keep: Keep, test: impl Fn(&mut Fixture)) {
    test(&mut Fixture::in_memory(keep));
}

impl Fixture {
    fn in_memory(keep: Keep) -> Self {
        let (log, opened) = open(Storage::Memory, keep).unwrap();
        Self { log, opened, last: 0 }
    }

    /// The next entries: a base member says each of these.
    fn entries(&self, texts: &[&str]) -> Arc<[Entry]> {
        let entry = |(id, &text): (u64, &&str)| entry(id, None, text);
        (self.last + 1..).zip(texts).map(entry).collect()
    }

    fn say(&mut self, texts: &[&str]) {
        let entries = self.entries(texts);
        self.commit(entries).unwrap();
    }

    /// Somebody says something under the number `txn`.
    fn say_as(&mut self, session: SessionId, txn: u64, text: &str) {
        let said = entry(self.last + 1, Some((session, txn)), text);
        self.commit([said].into()).unwrap();
    }

    /// So many messages, in one go.
    fn say_much(&mut self, count: u64) {
        let ids = self.last + 1..=self.last + count;
        let entries = ids.map(|id| entry(id, None, &format!("number {id} of many")));
        self.commit(entries.collect()).unwrap();
    }

    fn commit(&mut self, entries: Arc<[Entry]>) -> Result<(), CommitError> {
        let last = entries.last().map_or(self.last, |entry| entry.id);
        block_on(self.log.commit(entries))?;
        self.last = last;
        Ok(())
    }

    fn read(&self, query: Query) -> Page {
        block_on(self.log.read(query)).unwrap()
    }

    fn ids(&self, query: Query) -> (Vec<u64>, bool) {
        let page = self.read(query);
        (page.entries.iter().map(|entry| entry.id).collect(), page.more)
    }

    fn search(&self, words: &str) -> Vec<u64> {
        let (ids, more) = self.ids(Query::Search { words: words.into(), n: 100, upto: self.last });
        assert!(!more, "{words}");
        ids
    }

    /// Waits until there is nothing more to be done between commits.
    fn settle(&self) {}
}

/// Tells by its end that the log's threads have ended.
fn ended(log: &Log) -> async_channel::Receiver<std::convert::Infallible> {
    match &log.0 {
        Kind::Memory(log) => log.ended(),
    }
}

fn entry(id: u64, from: Option<(SessionId, u64)>, text: &str) -> Entry {
    Entry { id, time: id * 1000, from, name: "ann".into(), text: text.into() }
}

fn after(id: u64, upto: u64, most_rows: usize) -> Query {
    Query::After { id, upto, most_rows, most_bytes: usize::MAX }
}
