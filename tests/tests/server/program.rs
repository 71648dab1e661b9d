//! The program itself: its flags, what it prints, and how it fails.

use std::net::TcpListener;
use std::process::Output;

use chat_tests::{Client, Server};

fn run(flags: &[&str]) -> Output {
    Server::command(flags).output().expect("chat-server can be started")
}

/// Asserts that `flags` end the program at once with these words on stderr and nothing on stdout.
#[track_caller]
fn check_fails(flags: &[&str], words: &str) {
    let output = run(flags);
    let (stdout, stderr) = (String::from_utf8(output.stdout), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert_eq!(stdout.as_deref(), Ok(""));
    assert!(stderr.contains(words), "{stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
}

#[cfg(unix)]
#[test]
fn it_prints_a_line_for_each_socket_and_nothing_else_on_stdout() {
    let flags = ["--listen", "127.0.0.1:0", "--listen", "[::1]:0", "--listen", "localhost:0"];
    let mut server = Server::launch(Server::command(flags), 3);
    let [one, two, three] = *server.addresses() else { panic!("{:?}", server.addresses()) };
    assert!(one.is_ipv4() && two.is_ipv6());
    // One room behind all doors.
    let mut members = [one, two, three].map(Client::connect);
    members.iter_mut().for_each(|member| drop(member.fence()));
    members[0].send("SEND hello");
    members[0].fence();
    for member in &mut members[1..] {
        assert!(member.fence()[0].ends_with(" hello"));
    }
    server.terminate();
    assert!(server.wait_for_exit().success());
    let printed = format!("listening on {one}\nlistening on {two}\nlistening on {three}\n");
    assert_eq!(server.stdout(), printed);
}

#[test]
fn both_families_join_where_the_default_listens() {
    let server = Server::launch(Server::command(["--listen", "[::]:0"]), 1);
    let port = server.address().port();
    for address in [format!("127.0.0.1:{port}"), format!("[::1]:{port}")] {
        Client::connect(address.parse().unwrap()).fence();
    }
}

#[test]
fn it_says_how_to_join() {
    let server = Server::start([]);
    let port = server.address().port();
    server.wait_for_log(&format!("chat-client localhost:{port}"));
    server.wait_for_log(&format!("nc localhost {port}"));
}

#[test]
fn the_log_holds_no_text_and_no_name() {
    let server = Server::start(["--log", "trace"]);
    let mut ann = server.member("Annabella");
    ann.send("SEND confidential");
    ann.send("confidential nonsense");
    ann.fence();
    drop(ann);
    server.wait_for_log("has left");
    let log = server.log();
    assert!(!log.contains("confidential") && !log.contains("Annabella"), "{log}");
}

#[test]
fn a_port_in_use_is_said() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    check_fails(&["--listen", &address], "is another server running there?");
}

#[test]
fn flags_that_mean_nothing_are_said() {
    check_fails(&["--listen", "nowhere"], "`nowhere` is no address to listen on");
    check_fails(&["--queue", "much"], "--queue");
    check_fails(&["--log", "loud"], "--log");
    check_fails(&["--bogus"], "--bogus");
    check_fails(&["--memory", "--max-clients", "0"], "would let nobody in");
    check_fails(&["--memory", "--max-per-ip", "0"], "would let nobody in");
}

#[test]
fn help_names_every_flag() {
    let help = String::from_utf8(run(&["--help"]).stdout).unwrap();
    let flags = [
        "--listen",
        "--data",
        "--memory",
        "--keep",
        "--max-clients",
        "--max-per-ip",
        "--queue",
        "--rate",
        "--echo",
        "--tls",
        "--cert",
        "--key",
        "--password-file",
        "--admin",
        "--log",
    ];
    for flag in flags {
        assert!(help.contains(flag), "{help}");
    }
}
