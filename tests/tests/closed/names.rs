//! Names that belong to whoever has their key.

use std::fs;

use chat_tests::full::{Full, draw_session};
use chat_tests::{Client, Place, Server};

const KEY: &str = "0123456789abcdef0123456789abcdef";
const OTHER_KEY: &str = "0123456789abcdef0123456789abcdee";

/// Says LOGIN, and gives all up to the answer: `YOU`, or an `ERROR` without a txn.
fn login(member: &mut Full, name: &str, key: &str) -> Vec<String> {
    member.send(&format!("LOGIN {name} {key}"));
    let mut lines = Vec::new();
    loop {
        let line = member.read().expect("a key is answered");
        let answer = line == format!("YOU {name}") || line.starts_with("ERROR ");
        lines.push(line);
        if answer {
            return lines;
        }
    }
}

#[test]
fn a_name_that_two_connections_register_at_once_with_one_key_is_theirs() {
    let server = Server::start([]);
    let mut both = [(); 2].map(|()| Full::hello(server.address(), draw_session()));
    for one in &mut both {
        one.send(&format!("LOGIN ann {KEY}"));
    }
    let mut third = Full::hello(server.address(), draw_session());
    third.send(&format!("LOGIN ann {OTHER_KEY}"));
    for one in &mut both {
        one.read_to("YOU ann");
    }
    while !third.read().expect("a key is answered").starts_with("ERROR ") {}
}

#[test]
fn a_name_is_registered_by_its_first_login_and_kept_from_others() {
    let server = Server::start([]);
    let mut ann = Full::hello(server.address(), draw_session());
    assert_eq!(login(&mut ann, "ann", KEY), ["YOU ann"]);
    ann.expect("NOTICE ann is yours now; keep its key");
    drop(ann);
    let mut bob = Full::join(&server, "bob");
    for look_alike in ["ann", "ANN", "Аnn", "ａｎｎ"] {
        bob.send(&format!("NAME {look_alike}"));
        let [refused] = &bob.heard()[..] else { panic!("one answer") };
        assert!(
            refused.starts_with("ERROR name-taken - name refused: this name belongs to somebody"),
            "{refused}"
        );
        if look_alike != "ann" {
            let answer = login(&mut bob, look_alike, KEY);
            assert!(answer[0].starts_with("ERROR name-taken - "), "{answer:?}");
        }
    }
    let answer = login(&mut bob, "ann", OTHER_KEY);
    assert!(
        answer[0].starts_with("ERROR key-wrong - ") && answer[0].ends_with("Your name is still bob"),
        "{answer:?}"
    );
    for bad in ["LOGIN ann short", "LOGIN ann", &format!("LOGIN guest-1 {KEY}")] {
        bob.send(bad);
        let answer = bob.read().unwrap();
        assert!(answer.starts_with("ERROR ") && !answer.contains("short "), "{answer}");
    }
    assert_eq!(bob.say("as bob"), 1);
    let log = server.log();
    assert!(log.contains("the name ann belongs to somebody") && !log.contains(KEY), "{log}");
}

#[test]
fn a_line_client_has_a_name_of_its_own_too_and_speaks_under_it_at_once() {
    let server = Server::start([]);
    let mut hears = server.guest();
    let mut ann = Client::connect(server.address());
    // All in one go: what is said behind the key is said under the name.
    ann.send_bytes(format!("LOGIN ann {KEY}\nSEND hello\nLOGIN ann {OTHER_KEY}\nSEND still me\n").as_bytes());
    ann.expect("MESSAGE * ann is yours now; keep its key");
    ann.expect_start("MESSAGE * name refused: this name belongs to somebody, and this is not its key");
    hears.expect("MESSAGE ann hello");
    hears.expect("MESSAGE ann still me");
    ann.send("LOGIN ann");
    ann.expect("MESSAGE * line refused: the line must have the form LOGIN <name> <key>");
    let mut bob = server.member("bob");
    bob.send("NAME ann");
    bob.expect_start("MESSAGE * name refused: this name belongs to somebody");
}

#[test]
fn the_right_key_takes_the_name_from_an_old_connection() {
    let server = Server::start([]);
    let mut old = Full::join(&server, "ann");
    login(&mut old, "ann", KEY);
    let mut hears = Full::join(&server, "bob");
    let mut new = Full::join(&server, "new");
    login(&mut new, "ann", KEY);
    let lines = old.read_to("RENAME new ann");
    let [.., told, you] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!(told, "NOTICE the one to whom the name ann belongs has come; you are guest-4 now");
    assert_eq!(you, "YOU guest-4");
    hears.read_to("RENAME ann guest-4");
    new.say("I am ann");
    old.say("and I am not");
    let heard = hears.heard();
    assert!(
        heard.ends_with(&["POST 1 ann I am ann".into(), "POST 2 guest-4 and I am not".into()]),
        "{heard:?}"
    );
}

#[test]
fn a_name_belongs_to_somebody_across_a_crash() {
    let place = Place::new([]);
    let server = place.open();
    let mut ann = Full::hello(server.address(), draw_session());
    assert_eq!(login(&mut ann, "ann", KEY), ["YOU ann"]);
    // What was answered is on disk.
    server.kill();
    let server = place.open();
    let mut bob = Full::join(&server, "bob");
    bob.send("NAME Ann");
    assert!(bob.heard()[0].starts_with("ERROR name-taken - "));
    assert!(login(&mut bob, "ann", OTHER_KEY)[0].starts_with("ERROR key-wrong - "));
    assert_eq!(login(&mut bob, "ann", KEY).last().unwrap(), "YOU ann");
    server.end();
    for file in fs::read_dir(place.folder()).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(KEY.len()).any(|bytes| bytes == KEY.as_bytes()), "the key itself is nowhere");
    }
}

#[test]
fn a_storm_of_keys_keeps_nobody_from_talking() {
    let server = Server::start([]);
    let mut storm: Vec<_> = (0..100).map(|_| Full::hello(server.address(), draw_session())).collect();
    for (number, member) in storm.iter_mut().enumerate() {
        member.send(&format!("LOGIN n{number} {KEY}"));
    }
    let mut ann = Full::join(&server, "ann");
    let mut bob = Full::join(&server, "bob");
    for number in 1..=20 {
        let id = ann.say("in between");
        assert_eq!(id, number);
        bob.read_post(id);
    }
    let (mut named, mut busy) = (0, 0);
    for member in &mut storm {
        loop {
            let line = member.read().expect("a key is answered");
            if line.starts_with("YOU ") {
                named += 1;
                break;
            } else if line.starts_with("ERROR busy - ") {
                busy += 1;
                break;
            }
        }
    }
    // From this machine as many as can wait are looked at, and the rest are told so at once.
    assert!(named + busy == 100 && (10..100).contains(&named), "{named} {busy}");
}

#[test]
fn names_and_questions_that_come_too_fast_are_read_more_slowly_and_none_is_lost() {
    let server = Server::start_paced([] as [&str; 0]);
    let mut bob = Client::connect(server.address());
    // Six at once; the seventh comes after two seconds.
    bob.send_bytes(("NAME *\n".repeat(7) + "SEND hello\n").as_bytes());
    for _ in 0..6 {
        bob.expect_start("MESSAGE * name refused: this name is kept for the server.");
    }
    bob.expect_start("MESSAGE * you ask faster than this server answers; nothing is lost");
    bob.expect_start("MESSAGE * name refused: this name is kept for the server.");
    let mut zoe = Full::hello(server.address(), draw_session());
    zoe.send(&"LAST 1\n".repeat(32));
    let (mut answers, mut told) = (0, 0);
    while answers < 32 {
        match zoe.read().expect("it goes on") {
            line if line.starts_with("END LAST ")
                || line.starts_with("ERROR busy - wait for the answers") =>
            {
                answers += 1;
            }
            line if line.starts_with("ERROR rate-limited - you ask faster") => told += 1,
            _ => {}
        }
    }
    assert_eq!(told, 1);
}
