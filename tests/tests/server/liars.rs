//! The load generator among servers that are wrong in one small thing: it finds that out.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use chat_tests::load::{Crowd, Fault, Pace, Plan, Until};

/// The line of a member with which it goes wrong.
const WRONG: usize = 40;

/// What a member gets instead of a line.
type Lie = fn(line: &[u8]) -> Vec<u8>;

/// When it is lied to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    /// At its line number [`WRONG`].
    Once,
    /// Then, and that line comes with the next one.
    Early,
    /// From then on.
    Always,
}

/// Somebody who listens.
struct Listener {
    stream: TcpStream,
    lines: usize,
    put_off: Vec<u8>,
}

/// A server that hands out everything to everybody but its author, and to one member, the one that
/// comes as number `victim`, tells a lie.
fn liar(victim: usize, lie: Lie, when: When) -> SocketAddr {
    let server = TcpListener::bind(("127.0.0.1", 0)).expect("there is a free port");
    let address = server.local_addr().expect("a bound socket has an address");
    let listeners: Arc<Mutex<Vec<Listener>>> = Arc::default();
    let hand_out = move |listeners: &mut Vec<Listener>, author: usize, line: &[u8]| {
        for (number, listener) in listeners.iter_mut().enumerate().filter(|(number, _)| *number != author) {
            listener.lines += 1;
            let mut bytes = line.to_vec();
            let wrong = listener.lines == WRONG || (listener.lines > WRONG && when == When::Always);
            if number == victim && wrong {
                bytes = lie(line);
                if when == When::Early {
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

/// How a talk ends in a room of ten receivers and two senders in which this member is lied to.
fn error(victim: usize, lie: Lie, when: When) -> Option<anyhow::Error> {
    let address = liar(victim, lie, when);
    let (pace, patience) = (Pace::Rate(500.0), Duration::from_secs(2));
    let plan = Plan { receivers: 10, senders: 2, pace, churn: 20.0, patience, ..Plan::at(address) };
    let mut crowd = Crowd::join(plan).expect("all can join");
    crowd.talk(Until::Time(Duration::from_secs(1))).err()
}

fn fault(victim: usize, lie: Lie, when: When) -> Option<Fault> {
    let error = error(victim, lie, when)?;
    Some(error.downcast().expect("nothing else is wrong than what is read"))
}

/// The first receiver, another one, both senders, and the first of those who come while the others talk.
const VICTIMS: [usize; 5] = [0, 5, 10, 11, 12];

fn check(lie: Lie, when: When) {
    for victim in VICTIMS {
        assert!(fault(victim, lie, when).is_some(), "member {victim}");
    }
}

#[test]
fn who_tells_no_lie_is_believed() {
    assert_eq!(fault(usize::MAX, <[u8]>::to_vec, When::Once), None);
}

#[test]
fn a_line_that_one_member_misses_is_noticed() {
    check(|_| Vec::new(), When::Once);
}

#[test]
fn a_line_that_one_member_gets_twice_is_noticed() {
    check(|line| [line, line].concat(), When::Once);
}

#[test]
fn two_lines_that_one_member_gets_in_another_order_are_noticed() {
    check(|_| Vec::new(), When::Early);
}

#[test]
fn a_byte_that_is_another_for_one_member_is_noticed() {
    let lie: Lie = |line| {
        let mut line = line.to_vec();
        let last = line.len() - 2;
        line[last] ^= 1;
        line
    };
    check(lie, When::Once);
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
    check(lie, When::Once);
}

#[test]
fn who_hears_nothing_more_ends_the_talk() {
    // Not who comes and goes: it may have gone when it would have heard something.
    let ends =
        |victim| error(victim, |_| Vec::new(), When::Always).expect("a silence is noticed").to_string();
    thread::scope(|scope| {
        for talk in [0, 5, 10, 11].map(|victim| scope.spawn(move || ends(victim))) {
            let error = talk.join().expect("the talk ends");
            assert!(error.starts_with("nothing has come for 2s"), "{error}");
        }
    });
}

#[test]
fn what_the_server_says_itself_is_told_in_its_words() {
    const WORDS: &str = "the roof is on fire";
    for victim in VICTIMS {
        let found =
            fault(victim, |line| [format!("MESSAGE * {WORDS}\n").as_bytes(), line].concat(), When::Once);
        assert_eq!(found, Some(Fault::Notice(WORDS.to_owned())), "member {victim}");
        // Though it is the last thing that the member hears.
        let found = fault(victim, |_| format!("MESSAGE * {WORDS}\n").into_bytes(), When::Always);
        assert_eq!(found, Some(Fault::Notice(WORDS.to_owned())), "member {victim}");
    }
}
