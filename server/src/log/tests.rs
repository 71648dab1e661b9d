//! Tests of the log as a whole. What must hold wherever it is kept is checked in both places, `both`, and
//! for what comes to mind to nobody, `alike` draws questions at random.

mod age;
mod alike;
mod both;
mod disk;
mod keeper;
mod people;
mod refusals;
mod wal;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use smol::block_on;
use tempfile::TempDir;

use super::entry::SessionId;
use super::keeper::Keeper;
use super::page::MOST_ROWS;
use super::writer::Writer;
use super::*;

/// A log, and its folder if it has one.
struct Fixture {
    log: Log,
    opened: Opened,
    keep: Keep,
    folder: Option<TempDir>,
    last: u64,
}

const ANN: SessionId = [0xa1; 16];
const BOB: SessionId = [0xb0; 16];

const ALL: Keep = Keep { messages: None, age: None };

fn keep(messages: u64) -> Keep {
    Keep { messages: Some(messages), age: None }
}

/// Runs the same with a log in memory and with one on disk.
fn each(keep: Keep, test: impl Fn(&mut Fixture)) {
    test(&mut Fixture::in_memory(keep));
    test(&mut Fixture::on_disk(keep));
}

impl Fixture {
    fn in_memory(keep: Keep) -> Self {
        let (log, opened) = open(Storage::Memory, keep).unwrap();
        Self { log, opened, keep, folder: None, last: 0 }
    }

    fn on_disk(keep: Keep) -> Self {
        Self::over(tempfile::tempdir().unwrap(), keep)
    }

    fn over(folder: TempDir, keep: Keep) -> Self {
        let (log, opened) = open(Storage::Disk(folder.path().to_owned()), keep).unwrap();
        let last = opened.last;
        Self { log, opened, keep, folder: Some(folder), last }
    }

    /// The same log, by who comes after us, without a farewell.
    fn reopened(self) -> Self {
        let Self { log, keep, folder, .. } = self;
        let ended = ended(&log);
        drop(log);
        assert!(block_on(ended.recv()).is_err(), "nothing is ever sent there");
        Self::over(folder.unwrap(), keep)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.as_ref().unwrap().path().join(name)
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

    fn change(&self, change: Change) -> Changed {
        let (reply, answer) = std::sync::mpsc::channel();
        self.log.change(change, Box::new(move |changed| reply.send(changed.unwrap()).unwrap()));
        answer.recv().unwrap()
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

    /// Does something on the thread that writes, and waits for it. On disk only.
    fn on_keeper<T: Send + 'static>(&self, probe: impl FnOnce(&mut Keeper) -> T + Send + 'static) -> T {
        let Kind::Disk(disk) = &self.log.0 else { panic!("a log in memory has no thread that writes") };
        let (reply, answer) = std::sync::mpsc::channel();
        disk.probe(move |keeper| reply.send(probe(keeper)).unwrap());
        answer.recv().unwrap()
    }

    /// The same with what it writes through.
    fn on_writer<T: Send + 'static>(&self, probe: impl FnOnce(&mut Writer) -> T + Send + 'static) -> T {
        self.on_keeper(|keeper| probe(&mut keeper.writer))
    }

    /// Waits until there is nothing more to be done between commits.
    fn settle(&self) {
        if self.folder.is_some() {
            self.on_keeper(|keeper| {
                while keeper.has_work() {
                    keeper.tend();
                    // It would go on for ever.
                    assert!(matches!(keeper.patience(), Duration::ZERO | Duration::MAX), "upkeep failed");
                }
            });
        }
    }
}

/// Tells by its end that the log's threads have ended.
fn ended(log: &Log) -> async_channel::Receiver<std::convert::Infallible> {
    match &log.0 {
        Kind::Disk(log) => log.ended(),
        Kind::Memory(log) => log.ended(),
    }
}

fn entry(id: u64, from: Option<(SessionId, u64)>, text: &str) -> Entry {
    Entry { id, time: id * 1000, from, name: "ann".into(), text: text.into() }
}

fn after(id: u64, upto: u64, most_rows: usize) -> Query {
    Query::After { id, upto, most_rows, most_bytes: usize::MAX }
}
