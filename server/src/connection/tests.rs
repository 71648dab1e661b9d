//! What is written arrives, whole and in order, in plain text and sealed.

use std::io::Read;

use super::Audience::Base;
use super::*;
use crate::wire::{pair, sealed_pair};

const ID: MemberId = 7;
const OTHER: MemberId = 8;
const MUCH: usize = 64 * 1024;

/// What a member reads from.
type Theirs = Box<dyn Read + Send>;

/// A member's way out, and the other end, which waits for what it reads.
fn member(executor: &Rc<LocalExecutor<'static>>, sealed: bool) -> (Outgoing, Theirs) {
    let (wire, theirs): (_, Theirs) = if sealed {
        let (wire, theirs) = sealed_pair();
        (wire, Box::new(theirs))
    } else {
        let (ours, theirs) = pair();
        (Wire::Plain(ours), Box::new(theirs))
    };
    let (connection, _) = Connection::new(ID, Newcomer::from_here(wire));
    (Outgoing::new(connection, executor), theirs)
}

/// A batch of `MUCH` bytes of this letter, and of one line that is not for this member.
fn batch(letter: char, but: MemberId) -> Arc<Batch> {
    let mut batch = Batch::default();
    let lines = letter.to_string().repeat(MUCH / 2 - 1);
    let line = |out: &mut Vec<u8>| out.extend_from_slice(lines.as_bytes());
    batch.tell_all(Base, line);
    batch.tell_others(Base, but, |out| out.extend_from_slice(b"ITS OWN"));
    batch.tell_all(Base, line);
    Arc::new(batch)
}

/// Pushes batches, in which one line is not for `but`, to a member that at times does not read.
fn check_order(but: MemberId, sealed: bool) {
    let executor = Rc::new(LocalExecutor::new());
    let (outgoing, mut theirs) = member(&executor, sealed);
    let size = batch('a', but).share(ID, Base).len();
    let push = |outgoing: &Outgoing, letter| {
        let batch = batch(letter, but);
        let pages = Pages::of(batch.stream(Base), || 100);
        assert!(outgoing.push(&batch, Base, batch.share(ID, Base), pages.as_ref(), 100 * MUCH));
    };
    future::block_on(executor.run(async {
        for round in 0..3 {
            push(&outgoing, 'a');
            assert_eq!((outgoing.waiting(), outgoing.backlog.borrow().is_some()), (0, round > 0), "kept up");
            let mut letters = vec!['a'];
            let mut read = Vec::new();
            while outgoing.waiting() < 4 * MUCH {
                let letter = char::from(b'a' + (letters.len() % 26) as u8);
                push(&outgoing, letter);
                letters.push(letter);
                assert!(letters.len() < 10_000, "a socket's buffer has an end");
                if outgoing.waiting() > 0 {
                    // Now the socket would take something, though the writer has not had its turn.
                    let mut some = [0; MUCH];
                    let count = theirs.read(&mut some).unwrap();
                    read.extend_from_slice(&some[..count]);
                }
            }
            let before = read.len();
            read.resize(letters.len() * size, 0);
            (theirs, read) = smol::unblock(move || {
                theirs.read_exact(&mut read[before..]).unwrap();
                (theirs, read)
            })
            .await;
            for (batch, letter) in read.chunks(size).zip(letters) {
                let lines = batch.iter().filter(|&&byte| byte == letter as u8).count();
                assert_eq!(lines, MUCH - 2, "in the place of {letter}");
            }
            // The writer hears of it after the reader.
            while outgoing.connection.wire.unsent() {
                future::yield_now().await;
            }
            assert_eq!(outgoing.waiting(), 0);
        }
        outgoing.drained().await;
        outgoing.connection.wire.finish().unwrap();
        drop(outgoing);
        assert_eq!(theirs.read(&mut [0]).unwrap(), 0, "nothing came twice");
    }));
}

#[test]
fn what_the_socket_does_not_take_comes_later_and_in_order() {
    check_order(ID, false);
    check_order(ID, true);
}

#[test]
fn so_it_is_with_what_almost_everybody_gets() {
    check_order(OTHER, false);
    check_order(OTHER, true);
}

#[test]
fn more_may_not_wait_than_allowed_but_one_batch_always_may() {
    [false, true].into_iter().for_each(check_bound);
}

fn check_bound(sealed: bool) {
    let executor = Rc::new(LocalExecutor::new());
    let (outgoing, _theirs) = member(&executor, sealed);
    let batch = batch('x', ID);
    let push = |outgoing: &Outgoing, most| outgoing.push(&batch, Base, batch.share(ID, Base), None, most);
    let mut pushed = 0;
    while outgoing.waiting() == 0 {
        assert!(push(&outgoing, 0), "something always may");
        pushed += 1;
        assert!(pushed < 10_000, "a socket's buffer has an end");
    }
    let most = outgoing.waiting() + MUCH;
    assert!(push(&outgoing, most));
    assert!(!push(&outgoing, most + MUCH - 1));
}

#[test]
fn what_tls_holds_when_nothing_more_is_said_arrives_too() {
    let executor = Rc::new(LocalExecutor::new());
    let (outgoing, mut theirs) = member(&executor, true);
    // Small enough for TLS to hold all of it when the socket takes none of it.
    let batch = Arc::new(Batch::of(vec![b'x'; MUCH / 8]));
    let mut pushed = 0;
    while !outgoing.connection.wire.unsent() {
        assert!(outgoing.push(&batch, Base, batch.share(ID, Base), None, 100 * MUCH));
        pushed += MUCH / 8;
    }
    assert_eq!(outgoing.waiting(), 0, "TLS has all of it");
    let all = smol::unblock(move || theirs.read_exact(&mut vec![0; pushed]).map(|()| theirs));
    let never = async {
        smol::Timer::after(std::time::Duration::from_secs(20)).await;
        panic!("the last of it is held back");
    };
    future::block_on(executor.run(future::or(all, never))).unwrap();
}
