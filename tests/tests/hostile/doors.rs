//! Who comes, goes, and does not read.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::Instant;

use chat_tests::Client;
use chat_tests::full::{Full, draw_session};
use socket2::SockRef;

use crate::stage::{survives, survives_crowds, survives_with};

/// Connects ten thousand times, as fast as the system lets it, and says nothing.
#[test]
fn ten_thousand_connects() {
    survives_crowds(|stage| {
        let (address, start) = (stage.server.address(), Instant::now());
        let four: Vec<_> = (0..4)
            .map(|_| {
                thread::spawn(move || {
                    for _ in 0..2500 {
                        let stream = TcpStream::connect(address).expect("the server accepts");
                        // With a reset, so that the system has nothing to remember of it.
                        let _ = SockRef::from(&stream).set_linger(Some(std::time::Duration::ZERO));
                    }
                })
            })
            .collect();
        four.into_iter().for_each(|one| one.join().expect("it connects"));
        eprintln!("ten thousand connects in {:?}", start.elapsed());
    });
}

/// Comes a thousand times and stays, without a word.
#[test]
fn a_thousand_who_say_nothing() {
    survives(|stage| (0..1000).map(|_| stage.stranger()).collect::<Vec<_>>());
}

/// Breaks off with a reset in each state that a connection has.
#[test]
fn resets_in_each_state() {
    let hello = format!("HELLO 1 {}\n", draw_session());
    let states = [
        String::new(),
        "S".to_owned(),
        "SEND half a".to_owned(),
        "NAME eve\n".to_owned(),
        "NAME *\nNAME *\n".to_owned(),
        hello.trim_end().to_owned(),
        hello.clone(),
        format!("{hello} NAME eve\n"),
        format!("{hello}LAST 500\n"),
        format!("{hello}LAST 0\nPOST 1 said\nPOST 1 said\n"),
        format!("{hello}SEARCH 500 x\nSEARCH 500 y\n"),
        format!("{hello}QUIT\n"),
        "GET / HTTP/1.1\r\n".to_owned(),
        "\x16\x03\x01\x02\x00\x01\x00".to_owned(),
    ];
    survives_crowds(|stage| {
        for _ in 0..20 {
            for state in &states {
                let mut mallory = stage.stranger();
                mallory.try_send_bytes(state.as_bytes());
                mallory.reset();
            }
        }
    });
}

/// The same, once the server has answered.
#[test]
fn resets_amid_answers() {
    survives(|stage| {
        for number in 0..50 {
            let mut mallory = stage.insider(&format!("mallory{number}"));
            mallory.client().send_bytes("PING x\n".repeat(500).as_bytes());
            mallory.expect("PONG x");
            mallory.drop_out();
        }
    });
}

/// Closes its writing end and stays, three hundred times: half a connection is none.
#[test]
fn half_open_peers() {
    survives(|stage| {
        let half = || {
            let mut mallory = stage.stranger();
            mallory.send("NAME *");
            mallory.finish();
            assert!(mallory.read_to_end().len() == 1);
            mallory
        };
        (0..300).map(|_| half()).collect::<Vec<_>>()
    });
}

/// Closes its reading end, and goes on writing.
#[test]
fn deaf_peers() {
    survives(|stage| {
        let deaf = || {
            let mut mallory = stage.stranger();
            mallory.socket().shutdown(Shutdown::Read).expect("it is open");
            mallory.try_send_bytes("BOGUS\n".repeat(100).as_bytes());
            mallory
        };
        (0..100).map(|_| deaf()).collect::<Vec<_>>()
    });
}

/// Two hundred hold a line open, and send a byte of it now and then.
#[test]
fn slow_loris() {
    survives(|stage| {
        let mut all: Vec<_> = (0..200).map(|_| stage.stranger()).collect();
        for byte in "SEND this takes for ever".bytes() {
            all.iter_mut().for_each(|one| one.send_bytes(&[byte]));
            stage.talk();
        }
        all
    });
}

/// Twenty read nothing while more is said than may wait for them: they are let go.
#[test]
fn windows_of_zero() {
    survives_with(["--queue", "65536", "--keep", "10"], |stage| {
        let come = |_| {
            let mut client = Client::connect_narrow(stage.server.address());
            // Who says nothing at all is let in late.
            client.send("");
            client
        };
        let all: Vec<_> = (0..20).map(come).collect();
        let mut loud = stage.server.member("loud");
        let text = format!("SEND {}\n", "x".repeat(4000)).repeat(10);
        for _ in 0..200 {
            loud.send_bytes(text.as_bytes());
            loud.fence();
            stage.talk();
            if stage.server.log().matches("disconnected: it does not keep up").count() >= all.len() {
                return all;
            }
        }
        panic!("they are still here: {}", stage.server.log());
    });
}

/// Reads one byte at a time.
#[test]
fn a_byte_at_a_time() {
    survives(|stage| {
        let mallory = stage.server.guest();
        let mut socket = mallory.socket();
        for _ in 0..10 {
            stage.talk();
            for _ in 0..20 {
                assert_eq!(socket.read(&mut [0]).expect("something is said"), 1);
            }
        }
        mallory
    });
}

/// Sends urgent bytes, which some systems hand over by another way.
#[test]
fn urgent_bytes() {
    survives(|stage| {
        let mut mallory = stage.stranger();
        for _ in 0..100 {
            SockRef::from(mallory.socket()).send_out_of_band(b"!").expect("it is taken");
            mallory.send("SEND x");
        }
        mallory.fence();
        mallory
    });
}

/// Comes once more than may come in, a hundred times, and says something before it is told.
#[test]
fn a_full_room() {
    survives_with(["--max-clients", "40"], |stage| {
        let inside: Vec<_> = (0..38).map(|_| stage.server.guest()).collect();
        for _ in 0..100 {
            let mut mallory = stage.stranger();
            mallory.try_send_bytes(b"NAME eve\nSEND spam\n");
            assert_eq!(mallory.read_to_end(), ["MESSAGE * the room is full; try again later"]);
        }
        assert_eq!(stage.talk()[0], [] as [&str; 0]);
        inside
    });
}

/// A hundred leave while much waits for them.
#[test]
fn leaving_while_much_waits() {
    survives_with(["--keep", "10"], |stage| {
        let mut loud = stage.server.member("loud");
        let text = format!("SEND {}\n", "x".repeat(4000)).repeat(20);
        for _ in 0..25 {
            let all: Vec<_> = (0..4).map(|_| stage.stranger()).collect();
            loud.send_bytes(text.as_bytes());
            all.into_iter().for_each(Client::reset);
            loud.fence();
            stage.talk();
        }
    });
}

/// Comes as somebody who opts in, and goes at once, five hundred times.
#[test]
fn five_hundred_who_drop_in() {
    survives(|stage| {
        for _ in 0..500 {
            let mut mallory = Full::hello(stage.server.address(), draw_session());
            mallory.send("LAST 0");
            mallory.drop_out();
        }
    });
}

/// Sends what begins as an encrypted connection and goes on as noise.
#[test]
fn garbage_after_a_first_byte_of_tls() {
    survives(|stage| {
        let mut random = fastrand::Rng::with_seed(3);
        let garbage = |length: usize| {
            let mallory = stage.stranger();
            let mut bytes = vec![0x16, 3, 1, (length >> 8) as u8, length as u8, 1];
            bytes.extend((0..length).map(|_| random.u8(..)));
            let _ = mallory.socket().write_all(&bytes);
            let _ = mallory.socket().shutdown(Shutdown::Write);
            mallory
        };
        [0, 1, 5, 100, 512, 16_384, 65_535, 3].map(garbage)
    });
}
