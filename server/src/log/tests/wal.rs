//! The write-ahead log stays small, whoever reads.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::*;

/// In MiB: it is cut back to 16.
const MOST: u64 = 24;

/// How large the write-ahead log becomes, in MiB, while some are said that take about so many, and others ask
/// each of these again and again.
fn largest(mib: u64, asks: &[fn(&Log, u64)]) -> u64 {
    let mut room = Fixture::on_disk(ALL);
    room.say_much(20_000);
    room.settle();
    let (log, last, done) = (room.log.clone(), room.last, AtomicBool::new(false));
    thread::scope(|scope| {
        for ask in asks {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    ask(&log, last);
                }
            });
        }
        let text = "long ".repeat(800);
        let mut largest = 0;
        for _ in 0..mib {
            for _ in 0..16 {
                room.say(&[&*text; 16]);
            }
            largest = largest.max(fs::metadata(room.file("room.db-wal")).unwrap().len());
        }
        done.store(true, Ordering::Relaxed);
        largest >> 20
    })
}

fn search(log: &Log, upto: u64) {
    let search = Query::Search { words: "number many".into(), n: 500, upto };
    block_on(log.read(search)).unwrap();
}

fn page(log: &Log, upto: u64) {
    block_on(log.read(after(0, upto, 1024))).unwrap();
}

#[test]
fn under_searches_back_to_back() {
    let largest = largest(80, &[search]);
    assert!(largest <= MOST, "{largest} MiB");
}

#[test]
fn under_searches_and_pages_back_to_back() {
    let largest = largest(80, &[search, page]);
    assert!(largest <= MOST, "{largest} MiB");
}
