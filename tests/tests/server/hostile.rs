//! Connections that mean harm, or are broken. Each test is one of them; in each the others notice nothing.

use std::io::Write as _;

use chat_tests::{Client, Server};

/// A room with two members who talk while `attack` goes on, and a working server afterwards.
#[track_caller]
fn check_harmless(attack: impl FnOnce(&Server)) {
    let server = Server::start([]);
    let (mut ann, mut bob) = (server.member("ann"), server.member("bob"));
    attack(&server);
    ann.send("SEND undisturbed");
    ann.fence();
    let heard = bob.fence();
    assert!(heard.iter().any(|line| line == "MESSAGE ann undisturbed"), "{heard:?}");
    assert!(heard.iter().all(|line| !line.starts_with("MESSAGE *")), "{heard:?}");
    server.assert_works();
}

#[test]
fn one_that_sends_nothing() {
    let mut silent = Vec::new();
    check_harmless(|server| silent.extend((0..200).map(|_| Client::connect(server.address()))));
}

#[test]
fn one_that_sends_half_a_line_and_waits() {
    let mut waiting = Vec::new();
    check_harmless(|server| {
        for _ in 0..200 {
            let mut client = Client::connect(server.address());
            client.send_bytes(b"SEND half a");
            waiting.push(client);
        }
    });
}

#[cfg(target_os = "linux")]
#[test]
fn one_that_sends_half_a_line_costs_no_time() {
    let server = Server::start([]);
    let mut clients: Vec<_> = (0..50).map(|_| server.guest()).collect();
    clients.iter_mut().for_each(|client| client.send_bytes(b"SEND half a"));
    server.assert_works();
    let before = server.cpu_time();
    // Time itself is what is tested: whether any is used while nothing happens.
    std::thread::sleep(std::time::Duration::from_secs(2));
    let used = server.cpu_time() - before;
    assert!(used.as_millis() <= 20, "{used:?} of processor time in two idle seconds");
}

#[test]
fn one_that_sends_garbage() {
    let mut random = fastrand::Rng::with_seed(7);
    check_harmless(|server| {
        for _ in 0..20 {
            let mut client = Client::connect(server.address());
            let garbage: Vec<u8> = (0..100_000).map(|_| random.u8(..)).collect();
            client.try_send_bytes(&garbage);
        }
    });
}

#[cfg(target_os = "linux")]
#[test]
fn one_that_never_ends_its_line() {
    const PIECES: usize = 4096;
    let server = Server::start([]);
    let (mut ann, mut bob) = (server.member("ann"), server.member("bob"));
    let mut endless = server.guest();
    let piece = [b'x'; 64 * 1024];
    let before = server.peak_memory();
    // 256 MiB of one line. Memory that grew with it would show.
    for _ in 0..PIECES {
        endless.send_bytes(&piece);
    }
    endless.send_bytes(b"\nSEND the end\n");
    assert_eq!(endless.expect_start("MESSAGE * "), "line refused: a line may have at most 8192 bytes");
    bob.expect_start("MESSAGE guest-");
    let grown = server.peak_memory() - before;
    assert!(grown < 2 << 20, "{grown} bytes more for {} bytes in one line", PIECES * piece.len());
    ann.send("SEND hello");
    bob.expect("MESSAGE ann hello");
}

#[test]
fn one_that_takes_it_for_a_web_server() {
    check_harmless(|server| {
        let mut browser = Client::connect(server.address());
        browser.send_bytes(b"GET / HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n");
        assert_eq!(browser.read_to_end(), ["MESSAGE * this is a chat room, not a web server"]);
        // A page may make a browser post what its visitor never wrote.
        let mut page = Client::connect(server.address());
        page.send_bytes(b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nSEND spam\r\n");
        assert_eq!(page.read_to_end(), ["MESSAGE * this is a chat room, not a web server"]);
        // Nor may it hide what it does behind a request line that is too long to be read.
        let mut page = Client::connect(server.address());
        let path = "a".repeat(9000);
        page.send_bytes(format!("GET /{path} HTTP/1.1\r\nHost: x\r\n\r\nSEND spam\r\n").as_bytes());
        assert!(page.read_to_end().iter().any(|line| line.ends_with("not a web server")));
    });
}

#[test]
fn one_that_closes_at_any_byte() {
    let script = "NAME Zoë\r\nSEND hällo\nNAME *\nSEND bye\n".as_bytes();
    check_harmless(|server| {
        for cut in 0..=script.len() {
            for reset in [false, true] {
                let mut client = Client::connect(server.address());
                client.try_send_bytes(&script[..cut]);
                if reset {
                    client.reset();
                }
            }
        }
    });
}

#[test]
fn one_that_closes_while_much_waits_for_it() {
    // Room for all that is said here, so that only those who close are gone.
    let server = Server::start(["--queue", "100000000"]);
    let (mut talker, mut bob) = (server.member("talker"), server.member("bob"));
    let much = format!("SEND {}\n", "x".repeat(4000)).repeat(100);
    for _ in 0..20 {
        let listener = server.guest();
        talker.send_bytes(much.as_bytes());
        listener.reset();
    }
    talker.fence();
    assert_eq!(bob.fence().len(), 2000);
    server.assert_works();
    assert!(!server.log().contains("disconnected"), "{}", server.log());
}

#[test]
fn many_that_come_and_go_at_once() {
    check_harmless(|server| {
        for _ in 0..2000 {
            drop(Client::connect(server.address()));
        }
    });
}

#[test]
fn one_that_asks_much_and_reads_nothing() {
    let server = Server::start(["--queue", "65536"]);
    let (mut ann, mut bob) = (server.member("ann"), server.member("bob"));
    let greedy = Client::connect(server.address());
    // Each line is answered by a longer one, and no answer is read.
    let lines = b"x\n".repeat(32 * 1024);
    let sent = (0..1000).take_while(|_| greedy.socket().write_all(&lines).is_ok()).count();
    assert!(sent < 1000, "it is still in the room after {sent} times {} lines", lines.len() / 2);
    server.wait_for_log("it does not keep up");
    ann.send("SEND hello");
    bob.expect("MESSAGE ann hello");
}

#[cfg(target_os = "linux")]
#[test]
fn one_that_reads_nothing_and_gets_little_of_much() {
    // What is said is soon forgotten, so that only what waits counts.
    let server = Server::start(["--queue", "8000000", "--keep", "100"]);
    let mut ann = server.member("ann");
    // The answers to this, 6 MB, fill all buffers of the system: what it gets from here on waits in the
    // server.
    let mut greedy = Client::connect_narrow(server.address());
    greedy.send_bytes(&b"x\n".repeat(100_000));
    greedy.send("SEND ready");
    ann.expect_start("MESSAGE guest-");
    let before = server.peak_memory();
    // Much is said, of which it gets nothing, and with it a little that is for it alone.
    let much = format!("SEND {}\n", "x".repeat(4000)).repeat(15);
    let round = format!("{much}x\n");
    for _ in 0..1000 {
        greedy.send_bytes(round.as_bytes());
        (0..15).for_each(|_| drop(ann.expect_start("MESSAGE guest-")));
    }
    let grown = server.peak_memory() - before;
    assert!(grown < 16 << 20, "{grown} bytes more, for a member that has read nothing of 60 kB");
}
