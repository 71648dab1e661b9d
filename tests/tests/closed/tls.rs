//! TLS and plain text on one port: who may come in how, with the programs that people have.

use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use chat_tests::seal::seal;
use chat_tests::{Client, DEADLINE, Server, is_installed, skip, until};

/// A program that speaks TLS to the server, and lines to us. Killed when dropped.
struct Program(Child);

impl Program {
    fn start(program: &str, arguments: &[&str]) -> Option<Self> {
        if !is_installed(program) {
            skip(&format!("{program} is not installed"));
            return None;
        }
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        Some(Self(command.spawn().expect("an installed program can be started")))
    }

    fn say(&mut self, line: &str) {
        let stdin = self.0.stdin.as_mut().expect("stdin is piped");
        writeln!(stdin, "{line}").expect("the program reads");
        stdin.flush().expect("the program reads");
    }

    fn hear(&mut self) -> String {
        let mut line = String::new();
        // One line at a time, so nothing is lost in the reader's buffer.
        let stdout = self.0.stdout.as_mut().expect("stdout is piped");
        BufReader::with_capacity(1, stdout).read_line(&mut line).expect("the program prints");
        line.trim_end().to_owned()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Joins as a base member, through `program`, and talks with somebody in plain text.
fn check_talks(server: &Server, program: Option<Program>) {
    let Some(mut program) = program else { return };
    let mut bob = server.member("bob");
    program.say("NAME ann");
    program.say("SEND hello over TLS");
    bob.expect("MESSAGE ann hello over TLS");
    bob.send("SEND hello in plain text");
    assert_eq!(program.hear(), "MESSAGE bob hello in plain text");
}

#[test]
fn openssl_joins_as_a_base_member() {
    let server = Server::start([]);
    let address = server.address().to_string();
    for version in ["-tls1_2", "-tls1_3"] {
        let arguments = ["s_client", "-quiet", "-connect", &address, version];
        check_talks(&server, Program::start("openssl", &arguments));
    }
}

#[test]
fn socat_joins_as_a_base_member() {
    let server = Server::start([]);
    let address = format!("OPENSSL:{},verify=0", server.address());
    check_talks(&server, Program::start("socat", &["-", &address]));
}

#[test]
fn the_full_language_goes_through_tls_and_large_pages_of_it() {
    const MESSAGES: u64 = 300;
    let server = Server::start([]);
    let mut ann = Client::connect_sealed(server.address());
    ann.send("HELLO 1 00112233445566778899aabbccddeeff");
    let welcome = ann.expect_start("WELCOME 1 ");
    let (room, _) = welcome.split_once(' ').unwrap();
    ann.send("NAME ann");
    ann.expect("YOU ann");
    ann.send("LAST 0");
    while !ann.expect_start("").starts_with("END LAST 0") {}
    let text = "x".repeat(4000);
    for txn in 1..=MESSAGES {
        ann.send(&format!("POST {txn} {text}"));
    }
    for txn in 1..=MESSAGES {
        loop {
            let line = ann.read().expect("an answer");
            if line.starts_with(&format!("ACK {txn} ")) {
                break;
            }
            assert!(!line.starts_with("ACK ") && !line.starts_with("ERROR "), "{line}");
        }
    }
    // More than a megabyte at once, which no socket takes without waiting.
    let mut bob = Client::connect_sealed(server.address());
    bob.send_bytes(format!("HELLO 1 ffeeddccbbaa99887766554433221100\nAFTER {room} 0\n").as_bytes());
    let mut past = Vec::new();
    loop {
        let line = bob.read().expect("the whole page");
        if let Some(entry) = line.strip_prefix("PAST ") {
            let mut words = entry.split(' ');
            past.push(words.next().unwrap().parse::<u64>().unwrap());
            assert_eq!(words.nth(2), Some(text.as_str()));
        } else if line.starts_with("END AFTER") {
            break;
        }
    }
    assert!(past.iter().copied().eq(1..=MESSAGES), "{past:?}");
    server.end();
}

#[test]
fn a_silent_member_is_let_in_without_tls() {
    let server = Server::start([]);
    let mut silent = Client::connect(server.address());
    // It is in when it hears somebody.
    let mut ann = server.member("ann");
    let heard = until(|| {
        ann.send("SEND is anybody there?");
        ann.fence();
        silent.socket().set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        silent.try_read()
    });
    assert_eq!(heard.as_deref(), Some("MESSAGE ann is anybody there?"));
}

/// A line that carries one byte at a time.
struct Dribble(TcpStream);

impl Read for Dribble {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let least = buffer.len().min(1);
        self.0.read(&mut buffer[..least])
    }
}

impl Write for Dribble {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(&bytes[..bytes.len().min(1)])
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn tls_may_come_in_any_pieces() {
    let server = Server::start([]);
    let socket = TcpStream::connect(server.address()).unwrap();
    socket.set_nodelay(true).unwrap();
    socket.set_read_timeout(Some(DEADLINE)).unwrap();
    let mut sealed = seal(Dribble(socket));
    sealed.write_all(b"NAME *\n").unwrap();
    sealed.flush().unwrap();
    let mut line = [0; 24];
    sealed.read_exact(&mut line).unwrap();
    assert_eq!(&line, b"MESSAGE * name refused: ");
}

#[test]
fn a_room_that_requires_tls_says_so_in_a_line_and_takes_nothing_else() {
    let server = Server::start(["--tls", "require"]);
    let mut plain = Client::connect(server.address());
    plain.try_send_bytes(b"NAME ann\nSEND is there anybody?\n");
    let said = plain.read_to_end();
    assert!(said.len() == 1 && said[0].starts_with("MESSAGE * this room speaks only TLS"), "{said:?}");
    let mut sealed = Client::connect_sealed(server.address());
    sealed.send("NAME ann");
    assert_eq!(sealed.fence(), [] as [&str; 0], "the name is free, and nothing was said");
    assert!(server.log().contains("was turned away: this room speaks only TLS"));
}

#[test]
fn a_room_without_tls_says_so_and_goes_on() {
    let server = Server::start(["--tls", "off"]);
    let refused = Client::try_connect_sealed(server.address()).unwrap_err();
    assert!(refused.to_string().contains("corrupt message"), "no TLS: {refused}");
    server.assert_works();
    assert!(!server.log().contains("fingerprint"), "{}", server.log());
    // What it says to a program that knows no TLS but sends it, like a line that was mixed up.
    let mut mixed = Client::connect(server.address());
    mixed.try_send_bytes(b"\x16\x03\x01");
    assert_eq!(mixed.read_to_end(), ["MESSAGE * this room does not speak TLS; connect without it"]);
}

#[test]
fn garbage_after_the_first_byte_of_tls_harms_nobody() {
    let server = Server::start([]);
    let mut ann = server.member("ann");
    for _ in 0..50 {
        let mut garbage = Client::connect(server.address());
        let mut bytes = vec![0x16];
        bytes.extend((0..500).map(|_| fastrand::u8(..)));
        garbage.try_send_bytes(&bytes);
        garbage.finish();
        // An alert, which is no line.
        let _ = garbage.read_until(0);
    }
    ann.send("SEND still here");
    assert_eq!(ann.fence(), [] as [&str; 0]);
    server.assert_works();
}

#[test]
fn a_full_room_says_so_in_tls() {
    let server = Server::start(["--max-clients", "1"]);
    let _inside = server.guest();
    let mut sealed = Client::connect_sealed(server.address());
    assert_eq!(sealed.read_to_end(), ["MESSAGE * the room is full; try again later"]);
}

#[test]
fn who_comes_while_many_are_turned_away_is_told_nothing_that_it_would_misunderstand() {
    let server = Server::start(["--max-clients", "1"]);
    let _inside = server.guest();
    for _ in 0..3 {
        // They say nothing, and are waited for.
        let _crowd: Vec<_> = (0..200).map(|_| Client::connect(server.address())).collect();
        let mut sealed = TcpStream::connect(server.address()).unwrap();
        sealed.set_read_timeout(Some(DEADLINE)).unwrap();
        let mut answer = Vec::new();
        // Cut off, or an end: but no word in plain text, which would say that this server has no TLS.
        let _ = sealed.read_to_end(&mut answer);
        assert_eq!(String::from_utf8_lossy(&answer), "");
    }
}

#[test]
fn sealed_members_are_told_when_the_server_stops_and_see_a_clean_end() {
    let server = Server::start([]);
    let mut ann = Client::connect_sealed(server.address());
    ann.send("NAME ann");
    ann.fence();
    server.end();
    // A connection that was cut off would be an error, and not an end.
    let said = ann.read_to_end();
    assert!(matches!(&said[..], [line] if line.starts_with("MESSAGE * the server is stopping")), "{said:?}");
}
