//! A room with a password: nothing of it shows before the password is given, and to guess it takes long.

use std::io::Write as _;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use chat_tests::{Client, Server};

const HELLO: &str = "HELLO 1 00112233445566778899aabbccddeeff";
const REQUIRED: &str = "MESSAGE * this room has a password: say AUTH <password>";
const WRONG: &str = "MESSAGE * this is not the room's password";
const BUSY: &str = "MESSAGE * too many passwords from your address wait to be checked, and yours was not; try again in a while";
const GIVEN_UP: &str = "MESSAGE * this room has a password, and it was not given; come back when you have it";

/// A server with the password "open sesame", given in the environment.
fn guarded<const N: usize>(flags: [&str; N]) -> Server {
    let mut command = Server::command([&["--rate", "0", "--listen", "127.0.0.1:0"], &flags[..]].concat());
    command.env("CHAT_PASSWORD", "open sesame");
    Server::launch(command, 1)
}

/// Somebody who has given it, in plain text or not.
fn inside(server: &Server, name: &str, sealed: bool) -> Client {
    let connect = if sealed { Client::connect_sealed } else { Client::connect };
    let mut client = connect(server.address());
    client.send("AUTH open sesame");
    client.expect("MESSAGE * you are in");
    client.send(&format!("NAME {name}"));
    assert_eq!(client.fence(), [] as [&str; 0]);
    client
}

#[test]
fn who_gives_it_is_in_and_nobody_else_sees_anything() {
    let server = guarded([]);
    let (mut ann, mut bob) = (inside(&server, "ann", false), inside(&server, "bob", true));
    let mut outside = Client::connect(server.address());
    for line in ["NAME bob", "SEND let me in", "LAST 500", "MESSAGE ann x"] {
        outside.send(line);
        outside.expect(REQUIRED);
    }
    ann.send("SEND between us");
    bob.expect("MESSAGE ann between us");
    bob.send("SEND not for others");
    ann.expect("MESSAGE bob not for others");
    outside.send("AUTH open sesame");
    outside.expect("MESSAGE * you are in");
    // What was said before is not for it, and its name was not taken before.
    assert_eq!(outside.fence(), [] as [&str; 0]);
    assert_eq!(ann.fence(), [] as [&str; 0]);
    let log = server.log();
    assert!(!log.contains("sesame") && !log.contains("let me in"), "{log}");
}

#[test]
fn who_has_opted_in_is_welcomed_whether_hello_comes_before_or_after() {
    let server = guarded([]);
    let mut before = Client::connect_sealed(server.address());
    before.send(HELLO);
    before.expect("ERROR auth-required - this room has a password: say AUTH <password>");
    before.send(" NAME ann");
    before.expect("ERROR auth-required - this room has a password: say AUTH <password>");
    before.send("AUTH wrong");
    before.expect("ERROR auth-failed - this is not the room's password");
    before.send("AUTH open sesame");
    before.expect_start("WELCOME 1 ");
    before.send("NAME ann");
    before.expect("YOU ann");

    let mut after = Client::connect(server.address());
    // All at once: what comes after the password is for the room.
    after.send_bytes(format!("AUTH open sesame\n{HELLO}\nNAME bob\n").as_bytes());
    after.expect("MESSAGE * you are in");
    after.expect_start("WELCOME 1 ");
    after.expect("YOU bob");
    // Given once more, it does no harm.
    after.send("AUTH open sesame");
    after.expect("NOTICE no password is needed here; you are in");
}

#[test]
fn wrong_ones_take_longer_each_time_and_for_the_whole_address() {
    let server = guarded([]);
    let start = Instant::now();
    let mut guess = Client::connect(server.address());
    for wrong in ["a", "b"] {
        guess.send(&format!("AUTH {wrong}"));
        guess.expect(WRONG);
    }
    // Half a second, then a whole one.
    assert!(start.elapsed() >= Duration::from_millis(1500), "{:?}", start.elapsed());
    let (again, mut other) = (Instant::now(), Client::connect(server.address()));
    other.send("AUTH c");
    other.expect(WRONG);
    assert!(again.elapsed() >= Duration::from_secs(2), "{:?}", again.elapsed());
    // The right one costs nothing.
    let right = Instant::now();
    inside(&server, "ann", false);
    assert!(right.elapsed() < Duration::from_secs(2), "{:?}", right.elapsed());
}

#[test]
fn many_who_guess_at_once_are_not_heard_and_nobody_inside_notices() {
    let server = guarded([]);
    let mut ann = inside(&server, "ann", false);
    let mut guesses: Vec<_> = (0..100).map(|_| Client::connect(server.address())).collect();
    for guess in &mut guesses {
        guess.send("AUTH guess");
    }
    let (tells, ends) = mpsc::channel();
    for mut guess in guesses {
        let tells = tells.clone();
        // Those who have their turn are let go when the server is; nobody waits for their end.
        thread::spawn(move || tells.send(guess.read_to_end()));
    }
    // Seven have their turn within a minute, in whatever order they came; the others need not wait.
    let (mut turns, mut given_up) = (0, 0);
    while given_up < 93 {
        match ends.recv_timeout(Duration::from_secs(30)).expect("they are let go").as_slice() {
            [only] if only == BUSY => given_up += 1,
            [first, ..] if first == WRONG => turns += 1,
            other => panic!("{other:?}"),
        }
        assert!(turns <= 7, "more than seven have had their turn");
        assert_eq!(ann.fence(), [] as [&str; 0]);
    }
}

#[test]
fn a_line_without_end_browsers_and_talkers_are_let_go() {
    let server = guarded([]);
    let mut endless = Client::connect(server.address());
    endless.try_send_bytes(&vec![b'x'; 1 << 20]);
    assert_eq!(endless.read_to_end(), [REQUIRED, GIVEN_UP]);
    let mut browser = Client::connect(server.address());
    browser.try_send_bytes(b"POST / HTTP/1.1\r\nHost: x\r\n\r\nAUTH open sesame\nSEND spam\n");
    assert_eq!(browser.read_to_end(), ["MESSAGE * this is a chat room, not a web server"]);
    let mut talker = Client::connect(server.address());
    talker.try_send_bytes("SEND hello\n".repeat(100).as_bytes());
    let said = talker.read_to_end();
    assert_eq!((said.len(), said.last().map(String::as_str)), (33, Some(GIVEN_UP)));
    let mut quitter = Client::connect(server.address());
    quitter.send_bytes(b"QUIT\n");
    assert_eq!(quitter.read_to_end(), [] as [&str; 0]);
}

#[test]
fn who_says_nothing_is_asked() {
    let server = guarded(["--tls", "require"]);
    let mut silent = Client::connect_sealed(server.address());
    silent.expect(REQUIRED);
    silent.send("AUTH open sesame");
    silent.expect("MESSAGE * you are in");
}

#[test]
fn it_may_be_in_a_file_and_a_warning_says_where_others_could_read_it() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    writeln!(file, "from a file").unwrap();
    let path = file.path().to_str().unwrap();
    let server = Server::start(["--password-file", path, "--listen", "0.0.0.0:0"]);
    let mut ann = Client::connect(server.address());
    ann.send("AUTH from a file");
    ann.expect("MESSAGE * you are in");
    server.wait_for_log("may cross the network in plain text");
    let quiet = |server: Server| assert!(!server.log().contains("plain text, where"), "{}", server.log());
    quiet(Server::start(["--password-file", path]));
    quiet(Server::start(["--password-file", path, "--listen", "0.0.0.0:0", "--tls", "require"]));
}

#[test]
fn a_password_that_is_none_is_said_and_not_shown() {
    let refused = |command: &mut Command| {
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && !said.contains("secret"), "{said}");
        said
    };
    let empty = refused(Server::command(["--listen", "127.0.0.1:0"]).env("CHAT_PASSWORD", ""));
    assert!(empty.contains("CHAT_PASSWORD holds no password"), "{empty}");
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt as _;
        let mut latin = Server::command(["--listen", "127.0.0.1:0"]);
        let latin = refused(latin.env("CHAT_PASSWORD", std::ffi::OsStr::from_bytes(b"secr\xe9t")));
        assert!(latin.contains("the password in CHAT_PASSWORD is not UTF-8"), "{latin}");
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "secret\nof two lines").unwrap();
    let path = file.path().to_str().unwrap();
    let lines = refused(&mut Server::command(["--listen", "127.0.0.1:0", "--password-file", path]));
    assert!(lines.contains("holds no password: a room's password has 1 to 256 bytes"), "{lines}");
    let mut both = Server::command(["--listen", "127.0.0.1:0", "--password-file", path]);
    let both = refused(both.env("CHAT_PASSWORD", "secret"));
    assert!(both.contains("two passwords"), "{both}");
    let missing = refused(&mut Server::command(["--listen", "127.0.0.1:0", "--password-file", "/nowhere/x"]));
    assert!(missing.contains("/nowhere/x cannot be read"), "{missing}");
}

#[cfg(target_os = "linux")]
#[test]
fn who_has_not_given_it_costs_little() {
    const OUTSIDERS: usize = 500;
    chat_tests::allow_many_files();
    let server = guarded([]);
    inside(&server, "ann", false);
    let before = server.memory();
    let come = |_| {
        let mut outsider = Client::connect(server.address());
        outsider.send(HELLO);
        outsider.expect_start("ERROR auth-required");
        outsider.send_bytes(&vec![b'x'; 10_000]);
        outsider.expect_start("ERROR auth-required");
        outsider
    };
    let outsiders: Vec<_> = (0..OUTSIDERS).map(come).collect();
    let each = (server.memory() - before) / outsiders.len();
    eprintln!("{each} bytes for each who is outside");
    assert!(each < 8192, "{each} bytes for each: what is read of it, its task and its seat");
}

/// A core dump would hold what the memory does. What TLS decrypts passes through buffers that are not ours.
#[cfg(target_os = "linux")]
#[test]
fn the_server_forgets_what_it_was_given() {
    const WORDS: &str = "correct horse battery staple";
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), WORDS).unwrap();
    let path = file.path().to_str().unwrap();
    let server = Server::start(["--password-file", path]);
    let mut wrong = Client::connect(server.address());
    wrong.send(&format!("AUTH not {WORDS}"));
    wrong.expect(WRONG);
    let mut ann = Client::connect(server.address());
    ann.send(&format!("AUTH {WORDS}"));
    ann.expect("MESSAGE * you are in");
    ann.send("NAME ann");
    assert_eq!(ann.fence(), [] as [&str; 0]);
    assert!(memory_holds(server.process(), b"you are in"), "this finds nothing");
    assert!(!memory_holds(server.process(), WORDS.as_bytes()), "the password is still there");
}

/// Whether these bytes are anywhere in the memory of this process.
#[cfg(target_os = "linux")]
fn memory_holds(process: u32, bytes: &[u8]) -> bool {
    use std::os::unix::fs::FileExt as _;
    let maps = std::fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
    let memory = std::fs::File::open(format!("/proc/{process}/mem")).unwrap();
    maps.lines().filter(|line| line.contains(" r")).any(|line| {
        let (range, _) = line.split_once(' ').unwrap();
        let (begin, end) = range.split_once('-').unwrap();
        let [begin, end] = [begin, end].map(|address| u64::from_str_radix(address, 16).unwrap());
        let mut held = vec![0; (end - begin) as usize];
        // Some of it is the kernel's, which does not show it.
        memory.read_exact_at(&mut held, begin).is_ok() && memchr::memmem::find(&held, bytes).is_some()
    })
}
