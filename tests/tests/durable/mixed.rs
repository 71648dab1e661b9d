//! Rooms with members of both kinds: those that have opted in, and those of the base. Each hears the same
//! in its own language.

use std::thread;

use chat_shared::ServerCommand;
use chat_tests::full::{Full, draw_session};
use chat_tests::{Client, Server};

use crate::check::on_both;

#[test]
fn what_one_kind_says_the_other_hears() {
    on_both([], |server| {
        let (mut ann, mut bob) = (Full::join(server, "ann"), server.member("bob"));
        ann.heard();
        ann.say("hello");
        bob.expect("MESSAGE ann hello");
        bob.send("SEND hello  yourself ");
        ann.expect("POST 2 bob hello  yourself ");
        bob.send(r"SEND C:\new");
        ann.expect(r"POST 3 bob C:\\new");
        ann.say(r"C:\\old");
        bob.expect(r"MESSAGE ann C:\old");
        let mut guest = server.guest();
        guest.send("SEND nameless");
        guest.fence();
        let heard = ann.heard();
        assert!(matches!(&heard[..], [line] if line.starts_with("POST 5 guest-")), "{heard:?}");
        assert_eq!(ann.ask("LAST 10").past.len(), 5);
    });
}

#[test]
fn several_lines_reach_the_base_as_lines_and_blank_ones_do_not() {
    on_both([], |server| {
        let (mut ann, mut cleo) = (Full::join(server, "ann"), Full::join(server, "cleo"));
        let mut bob = server.member("bob");
        cleo.heard();
        ann.say(r"\none\n\n  \n two \nthree\n");
        ann.say("end");
        assert_eq!(
            bob.fence(),
            ["MESSAGE ann one", "MESSAGE ann  two ", "MESSAGE ann three", "MESSAGE ann end"]
        );
        assert_eq!(cleo.heard(), [r"POST 1 ann \none\n\n  \n two \nthree\n", "POST 2 ann end"]);
    });
}

#[test]
fn one_that_goes_live_hears_the_base_from_then_on() {
    on_both([], |server| {
        let mut bob = server.member("bob");
        bob.send("SEND before");
        bob.fence();
        let mut ann = Full::hello(server.address(), draw_session());
        bob.send("SEND while it is silent");
        bob.fence();
        let answer = ann.ask(&format!("AFTER {} 0", ann.room));
        assert_eq!(answer.texts(), ["before", "while it is silent"]);
        ann.arrive().unwrap();
        bob.send("SEND live");
        bob.fence();
        assert_eq!(ann.heard(), ["POST 3 bob live"]);
    });
}

#[test]
fn both_kinds_hear_the_same_order() {
    const EACH: usize = 150;
    const KIND: usize = 4;
    on_both([], |server| {
        let mut base_witness = server.member("base-witness");
        let mut witness = Full::join(server, "witness");
        let base: Vec<_> = (0..KIND).map(|n| server.member(&format!("b{n}"))).collect();
        let full: Vec<_> = (0..KIND).map(|n| Full::join(server, &format!("f{n}"))).collect();
        thread::scope(|scope| {
            for (n, mut member) in base.into_iter().enumerate() {
                scope.spawn(move || {
                    for i in 0..EACH {
                        member.send(&format!("SEND b{n}-{i}"));
                        if i % 10 == 0 {
                            member.fence();
                        }
                    }
                    let heard = member.fence();
                    assert!(heard.iter().all(|line| !line.starts_with(&format!("MESSAGE b{n} "))));
                });
            }
            for (n, mut member) in full.into_iter().enumerate() {
                scope.spawn(move || member.say_all((0..EACH).map(|i| format!("f{n}-{i}"))));
            }
        });
        let heard = base_witness.fence();
        let heard: Vec<_> = heard.iter().map(|line| line.splitn(3, ' ').nth(2).unwrap().to_owned()).collect();
        let lines = witness.heard();
        let lines = lines.iter().map(|line| {
            let words: Vec<_> = line.splitn(4, ' ').collect();
            (words[0].to_owned(), words[1].parse::<u64>().unwrap(), words[3].to_owned())
        });
        let lines: Vec<_> = lines.collect();
        assert!(lines.iter().all(|(word, ..)| word == "POST"));
        assert!(lines.iter().map(|(_, id, _)| *id).eq(1..=(2 * KIND * EACH) as u64));
        assert!(lines.iter().map(|(.., text)| text).eq(&heard), "two orders");
        // Each is in the order in which its author said it.
        for author in ["b0-", "f0-"] {
            let own = heard
                .iter()
                .filter_map(|text| text.strip_prefix(author))
                .map(|n| n.parse::<usize>().unwrap());
            assert!(own.eq(0..EACH), "{author}");
        }
        let after = witness.ask(&format!("AFTER {} 0", witness.room));
        assert_eq!(after.texts(), heard);
    });
}

#[test]
fn each_is_told_in_its_own_language() {
    let server = Server::start([]);
    let (mut ann, mut bob) = (Full::join(&server, "ann"), server.member("bob"));
    ann.heard();
    ann.send("NAME bob");
    bob.send("NAME ann");
    let told = ann.read().unwrap();
    assert!(told.starts_with("ERROR name-taken - "), "{told}");
    bob.expect_start("MESSAGE * name refused: somebody here has this name");
    ann.send("BOGUS");
    bob.send("BOGUS");
    let told = ann.read().unwrap();
    assert!(told.starts_with("ERROR unknown-command - "), "{told}");
    bob.expect_start("MESSAGE * line refused: ");
    // Names are one set, whoever bears them; and of a name the base hears only with what is said.
    ann.send("NAME anna");
    ann.expect("YOU anna");
    bob.send("NAME robert");
    assert_eq!(bob.fence(), [] as [&str; 0]);
    assert_eq!(ann.fence(), ["RENAME bob robert"]);
    ann.say("hello");
    bob.expect("MESSAGE anna hello");
}

#[cfg(unix)]
#[test]
fn when_it_stops_each_is_told_in_its_own_language() {
    let mut server = Server::start([]);
    let (mut ann, mut bob) = (Full::join(&server, "ann"), server.member("bob"));
    ann.heard();
    let mut silent = Full::hello(server.address(), draw_session());
    server.terminate();
    for told in [ann.client().read_to_end(), silent.client().read_to_end()] {
        let (bye, others) = told.split_last().expect("it is told");
        assert!(others.iter().all(|line| line.starts_with("JOIN ")), "{told:?}");
        let bye = ServerCommand::parse(bye);
        assert!(matches!(bye, Ok(ServerCommand::Bye { wait: 2000, .. })), "{told:?}");
    }
    assert_eq!(bob.read_to_end(), ["MESSAGE * the server is stopping; come back later"]);
    drop((ann, bob, silent));
    assert_eq!(server.wait_for_exit().code(), Some(0));
}

#[test]
fn with_echo_only_the_base_hears_itself() {
    let server = Server::start(["--echo"]);
    let (mut ann, mut bob) = (Full::join(&server, "ann"), server.member("bob"));
    ann.heard();
    bob.send("SEND hello");
    bob.expect("MESSAGE bob hello");
    ann.expect("POST 1 bob hello");
    ann.send("POST 1 hello yourself");
    ann.expect("ACK 1 2");
    bob.expect("MESSAGE ann hello yourself");
    assert_eq!(ann.heard(), [] as [&str; 0]);
}

#[test]
fn one_that_has_opted_in_never_hears_the_base_again() {
    let server = Server::start([]);
    let mut flood = server.member("flood");
    // It comes in the midst of a flood, so that it may be sent some of it before it has opted in.
    thread::scope(|scope| {
        let flooding = scope.spawn(|| {
            for n in 0..2000 {
                flood.send(&format!("SEND {n}"));
            }
            flood.fence();
        });
        while !flooding.is_finished() {
            let mut client = Client::connect(server.address());
            client.send(&format!("HELLO 1 {}\n NAME late\nLAST 0\nQUIT", draw_session()));
            let lines = client.read_to_end();
            let welcome =
                lines.iter().position(|line| line.starts_with("WELCOME 1 ")).expect("it is welcomed");
            let (before, after) = lines.split_at(welcome);
            assert!(before.iter().all(|line| line.starts_with("MESSAGE ")), "{before:?}");
            assert!(after.iter().all(|line| !line.starts_with("MESSAGE ")), "{after:?}");
        }
    });
}
