//! The final account: what everybody was shown and told is compared with what the log holds, asked over
//! the wire and read from its file. Knows the file's table as any other program may know it.

use std::path::Path;

use chat_tests::full::{Full, Ledger, Resident, Row, Story, draw_session};
use chat_tests::{Place, Server};
use rusqlite::Connection;

/// Who comes to stay in these tests.
pub(crate) const RESIDENTS: usize = 20;

/// A message as it is on disk.
pub(crate) struct Stored {
    pub(crate) id: u64,
    pub(crate) session: Option<Vec<u8>>,
    pub(crate) txn: Option<u64>,
    pub(crate) row: Row,
}

/// What the environment says that `name` is, or else this.
pub(crate) fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |value| value.parse().expect("settings are numbers"))
}

/// A seed for what is random in a test: drawn, unless the environment gives it. It is printed.
pub(crate) fn seed(name: &str) -> u64 {
    let seed = setting(name, fastrand::u64(..));
    eprintln!("{name}={seed} repeats this");
    seed
}

/// Lets a server with a log in memory pass `check`, and one with a log on disk.
pub(crate) fn on_both<const N: usize>(flags: [&str; N], check: impl Fn(&Server)) {
    check(&Server::start(flags));
    let place = Place::new(flags);
    check(&place.open());
}

/// Reads the log that no server has open.
pub(crate) fn read_log(folder: &Path) -> Vec<Stored> {
    let connection = Connection::open(folder.join("room.db")).expect("the log is a database");
    let sql = "SELECT id, time, session, txn, name, text FROM message ORDER BY id";
    let mut rows = connection.prepare(sql).expect("the log has this table");
    let number = |row: &rusqlite::Row<'_>, column| row.get(column).map(i64::cast_unsigned);
    let rows = rows.query_map([], |row| {
        let shown = Row { time: number(row, 1)?, name: row.get(4)?, text: row.get(5)? };
        let txn: Option<i64> = row.get(3)?;
        Ok(Stored { id: number(row, 0)?, session: row.get(2)?, txn: txn.map(i64::cast_unsigned), row: shown })
    });
    rows.expect("the log can be read").map(|row| row.expect("the log's rows are sound")).collect()
}

/// Lets all come to rest, ends the server, and asserts that the log and what everybody was shown are the
/// same: what the residents said, and so many messages of `others`. Gives what became of each.
pub(crate) fn settle(
    place: &Place,
    server: Server,
    residents: Vec<Resident>,
    ledger: &Ledger,
    others: usize,
) -> Vec<Story> {
    residents.iter().for_each(|resident| resident.talk(0));
    residents.iter().for_each(Resident::wait_until_at_rest);

    let mut reader = Full::hello(place.address(), draw_session());
    let question = format!("AFTER {} 0", reader.room);
    let answer = reader.ask(&question);
    assert_eq!((answer.gap, answer.more), (None, false));
    let last = answer.past.len() as u64;
    assert!(answer.ids().into_iter().eq(1..=last), "ids have gaps: {:?}", answer.ids());
    drop(reader);
    residents.iter().for_each(|resident| resident.wait_for(last));
    let stories: Vec<_> = residents.into_iter().map(Resident::leave).collect();

    server.end();

    let log = read_log(place.folder());
    assert!(log.iter().map(|stored| stored.id).eq(1..=last), "the file has other ids");
    for (stored, (id, name, text)) in log.iter().zip(&answer.past) {
        assert_eq!((&stored.row.name, &stored.row.text), (name, text), "{id} is another in the file");
    }
    let shown = ledger.rows();
    assert_eq!(shown.len() as u64, last, "somebody was shown what is not in the log");
    for (stored, shown) in log.iter().zip(&shown) {
        assert_eq!(stored.row, *shown, "{} was shown otherwise", stored.id);
    }
    stories.iter().for_each(|story| check_story(story, &log));
    let said: usize = stories.iter().map(|story| story.said.len()).sum();
    assert_eq!(log.len(), said + others, "the log has messages that nobody said");
    let connections: usize = stories.iter().map(|story| story.connections).sum();
    eprintln!("{last} messages, {connections} connections");
    stories
}

/// Asserts that all that one member said is in the log exactly once, in its order, and where it was told.
fn check_story(story: &Story, log: &[Stored]) {
    let name = &story.name;
    let own = log.iter().filter(|stored| stored.session.as_deref() == Some(&story.session.as_bytes()[..]));
    let own: Vec<_> = own.collect();
    for (stored, said) in own.iter().zip(&story.said) {
        assert_eq!(stored.row.text, *said, "{} of {name} is another in the log", stored.id);
    }
    assert_eq!(own.len(), story.said.len(), "of {name} the log has more, or less");
    assert!(own.iter().map(|stored| stored.txn).eq((1..=own.len() as u64).map(Some)), "txns of {name}");
    assert!(own.iter().all(|stored| stored.row.name == *name), "{name} has another name in the log");
    assert_eq!(story.places.len(), story.said.len(), "{name} was not told of all");
    for (stored, (txn, place)) in own.iter().zip(&story.places) {
        assert_eq!((stored.id, stored.row.time), *place, "{name} was told another place of {txn}");
    }
    assert_eq!(story.last, log.len() as u64, "{name} was not shown all");
}
