//! What a room allows: how many, how fast, and what happens when the system itself runs out.

use std::process::Command;
use std::time::{Duration, Instant};

use chat_tests::{Client, Server, programs::program, until};

#[test]
fn a_flooding_member_is_slowed_and_told_once_and_nothing_is_lost() {
    const LINES: usize = 80;
    let server = Server::start_paced(["--rate", "20"]);
    let (mut flood, mut polite, mut witness) =
        (Client::connect(server.address()), server.member("polite"), server.member("witness"));
    flood.send("NAME flood");
    let lines: String = (0..LINES).map(|n| format!("SEND {n}\n")).collect();
    let start = Instant::now();
    flood.send_bytes(lines.as_bytes());
    // A hundred lines are free. Another member is not made to wait for those that are not.
    flood.send_bytes(lines.as_bytes());
    flood.expect(
        "MESSAGE * you send faster than 20 lines a second; nothing is lost, but it is read more slowly now",
    );
    polite.send("SEND excuse me");
    polite.fence();

    let mut heard = Vec::new();
    while heard.len() < 2 * LINES + 1 {
        heard.push(witness.read().unwrap());
    }
    let taken = start.elapsed();
    let polite_at = heard.iter().position(|line| line == "MESSAGE polite excuse me").unwrap();
    assert!(polite_at < 2 * LINES, "the polite member waited for the whole flood");
    heard.remove(polite_at);
    let all = (0..2).flat_map(|_| (0..LINES).map(|n| format!("MESSAGE flood {n}")));
    assert!(heard.into_iter().eq(all), "nothing lost, nothing twice, in order");
    // 161 lines, 100 of them at once, 20 a second: three seconds. The bucket was full at the start.
    assert!(taken > Duration::from_millis(2900), "{taken:?}");
    assert_eq!(flood.fence(), ["MESSAGE polite excuse me"], "it is told once");
}

#[test]
fn without_limit_nobody_is_told_anything() {
    let server = Server::start_paced(["--rate", "0"]);
    let mut flood = server.member("flood");
    flood.send_bytes("SEND x\n".repeat(20_000).as_bytes());
    assert_eq!(flood.fence(), [] as [&str; 0]);
}

#[test]
fn one_more_than_may_come_in_is_told_so_and_let_in_when_there_is_room() {
    let server = Server::start(["--max-clients", "2"]);
    let (one, mut two) = (server.guest(), server.guest());
    for _ in 0..100 {
        let mut three = Client::connect(server.address());
        // It may have said something already: that must not cost it the answer.
        three.try_send_bytes(b"NAME three\nSEND hello\n");
        assert_eq!(three.read_to_end(), ["MESSAGE * the room is full; try again later"]);
    }
    drop(one);
    let let_in = until(|| {
        let mut client = Client::connect(server.address());
        client.try_send_bytes(b"NAME *\n");
        client.read().filter(|line| line.starts_with("MESSAGE * name refused"))
    });
    assert!(let_in.is_some(), "there is still no room");
    two.send("SEND still here");
    assert_eq!(two.fence(), [] as [&str; 0]);
}

#[cfg(unix)]
#[test]
fn out_of_descriptors_it_waits_and_goes_on() {
    const FILES: usize = 40;
    let mut command = Command::new("sh");
    let limited = format!("ulimit -n {FILES} && exec \"$0\" \"$@\"");
    command.args(["-c", &limited]).arg(program("chat-server"));
    command.args(["--memory", "--listen", "127.0.0.1:0", "--rate", "0", "--max-clients", "1000"]);
    let server = Server::launch(command, 1);
    let (mut ann, mut bob) = (server.member("ann"), server.member("bob"));
    // The system accepts for the server, until that has no descriptor left to accept with.
    let crowd: Vec<_> = (0..FILES).map(|_| Client::connect(server.address())).collect();
    server.wait_for_log("no connection can be accepted");
    ann.send("SEND are you there?");
    bob.expect("MESSAGE ann are you there?");
    drop(crowd);
    server.wait_for_log("connections are accepted again");
    server.assert_works();
    assert_eq!(server.log().matches("no connection can be accepted").count(), 1, "{}", server.log());
}

#[cfg(unix)]
#[test]
fn with_few_descriptors_it_says_full_instead() {
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 140 && exec \"$0\" \"$@\""]).arg(program("chat-server"));
    command.args(["--memory", "--listen", "127.0.0.1:0"]);
    let server = Server::launch(command, 1);
    let _inside: Vec<_> = (0..12).map(|_| server.guest()).collect();
    let mut one_more = Client::connect(server.address());
    assert_eq!(one_more.read_to_end(), ["MESSAGE * the room is full; try again later"]);
}
