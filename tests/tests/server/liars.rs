//! The load generator among servers that are wrong in one small thing: it finds that out.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use chat_tests::load::{Crowd, Fault, Pace, Plan, Until};

/// The line of a member with which it goes wrong.
const WRONG: usize = 40;

/// What a member gets instead of its line number [`WRONG`]; what is put off comes with the next line.
type Lie = fn(line: &[u8]) -> Vec<u8>;

/// Somebody who listens.
struct Listener {
    stream: TcpStream,
    lines: usize,
    put_off: Vec<u8>,
}

/// A server that hands out everything to everybody but its author, and to one member, the one that
/// comes as number `victim`, tells a lie.
fn liar(victim: usize, lie: Lie, puts_off: bool) -> SocketAddr {
    let server = TcpListener::bind(("127.0.0.1", 0)).expect("there is a free port");
    let address = server.local_addr().expect("a bound socket has an address");
    let listeners: Arc<Mutex<Vec<Listener>>> = Arc::default();
    let hand_out = move |listeners: &mut Vec<Listener>, author: usize, line: &[u8]| {
        for (number, listener) in listeners.iter_mut().enumerate().filter(|(number, _)| *number != author) {
            listener.lines += 1;
            let mut bytes = line.to_vec();
            if number == victim && listener.lines == WRONG {
                bytes = lie(line);
                if puts_off {
                    listener.put_off = line.to_vec();
                }
            } else {
                bytes.append(&mut listener.put_off);
            }
            // Who has gone hears nothing.
            let _ = listener.stream.write_all(&bytes);
        }
    };
    thread::spawn(move || {
        for stream in server.incoming().map_while(Result::ok) {
            let reader = BufReader::new(stream.try_clone().expect("a socket can be had twice"));
            let author = listeners.lock().unwrap().len();
            listeners.lock().unwrap().push(Listener { stream, lines: 0, put_off: Vec::new() });
            let listeners = Arc::clone(&listeners);
            thread::spawn(move || {
                let mut name = "guest".to_owned();
                for line in reader.lines().map_while(Result::ok) {
                    match line.split_once(' ') {
                        Some(("NAME", new)) => new.clone_into(&mut name),
                        Some(("SEND", text)) => {
                            let line = format!("MESSAGE {name} {text}\n");
                            hand_out(&mut listeners.lock().unwrap(), author, line.as_bytes());
                        }
                        _ => {}
                    }
                }
            });
        }
    });
    address
}

/// What the load generator finds in a room of ten receivers and two senders in which this member is lied
/// to.
fn fault(victim: usize, lie: Lie, puts_off: bool) -> Option<Fault> {
    let address = liar(victim, lie, puts_off);
    let pace = Pace::Rate(500.0);
    let plan = Plan { receivers: 10, senders: 2, pace, churn: 20.0, ..Plan::at(address) };
    let mut crowd = Crowd::join(plan).expect("all can join");
    let error = crowd.talk(Until::Time(Duration::from_secs(1))).err()?;
    Some(error.downcast().expect("nothing else is wrong than what is read"))
}

/// The first receiver, another one, both senders, and the first of those who come while the others talk.
const VICTIMS: [usize; 5] = [0, 5, 10, 11, 12];

fn check(lie: Lie, puts_off: bool) {
    for victim in VICTIMS {
        assert!(fault(victim, lie, puts_off).is_some(), "member {victim}");
    }
}

#[test]
fn who_tells_no_lie_is_believed() {
    assert_eq!(fault(usize::MAX, <[u8]>::to_vec, false), None);
}

#[test]
fn a_line_that_one_member_misses_is_noticed() {
    check(|_| Vec::new(), false);
}

#[test]
fn a_line_that_one_member_gets_twice_is_noticed() {
    check(|line| [line, line].concat(), false);
}

#[test]
fn two_lines_that_one_member_gets_in_another_order_are_noticed() {
    check(|_| Vec::new(), true);
}

#[test]
fn a_byte_that_is_another_for_one_member_is_noticed() {
    let lie: Lie = |line| {
        let mut line = line.to_vec();
        let last = line.len() - 2;
        line[last] ^= 1;
        line
    };
    check(lie, false);
}

#[test]
fn a_line_in_the_place_of_another_is_noticed() {
    // The number of the line is another, and all else is as it should be.
    let lie: Lie = |line| {
        let mut line = line.to_vec();
        let last = line.iter().rposition(u8::is_ascii_digit).expect("a message has a number");
        line[last] ^= 1;
        line
    };
    check(lie, false);
}
