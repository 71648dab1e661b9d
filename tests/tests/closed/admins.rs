//! What admins do, to members of both kinds, and after a restart.

use std::fs;
use std::net::{SocketAddr, UdpSocket};

use chat_tests::full::{Full, draw_session, untimed};
use chat_tests::{Client, Place, Server};

const KEY: &str = "0123456789abcdef0123456789abcdef";

/// Ann, the admin.
fn admin(address: SocketAddr) -> Full {
    let mut ann = Full::hello(address, draw_session());
    ann.send(&format!("LOGIN ann {KEY}\nLAST 0"));
    ann.read_to("YOU ann");
    ann.expect("ADMIN");
    ann.answer("LAST 0");
    let _ = ann.arrive();
    ann
}

#[test]
fn kick_with_base_and_opted_in_members() {
    let server = Server::start(["--admin", "ann"]);
    server.wait_for_log("the admin's name ann belongs to nobody yet");
    let mut ann = admin(server.address());
    let mut base = server.member("bob");
    let mut full = Full::join(&server, "zoe");
    let mut hears = server.guest();
    ann.send("KICK bob too loud");
    assert_eq!(base.read(), Some("MESSAGE * you were sent out by ann: too loud".into()));
    assert_eq!(base.read_to_end(), [] as [&str; 0], "once is enough");
    hears.expect("MESSAGE * bob was sent out by ann: too loud");
    ann.read_to("NOTICE bob was sent out by ann: too loud");
    ann.send("KICK zoe");
    full.read_to("BYE 60000 you were sent out by ann");
    assert_eq!(full.read(), None);
    hears.expect("MESSAGE * zoe was sent out by ann");
    // They may come back.
    server.member("bob");
    Full::join(&server, "zoe");
    let log = server.log();
    assert!(log.contains("ann sent out bob") && !log.contains("too loud"), "{log}");
}

#[test]
fn who_is_no_admin_may_do_nothing_of_it() {
    let server = Server::start(["--admin", "ann"]);
    // To bear the name is not enough.
    let mut false_ann = Full::join(&server, "ann");
    let mut base = server.member("bob");
    for act in ["KICK bob", "BAN bob", "UNBAN bob", "MUTE bob 60", "REMOVE 1"] {
        false_ann.send(act);
        let told = false_ann.heard();
        assert_eq!(told, ["ERROR not-permitted - only an admin may do this, logged in to its name"], "{act}");
        base.send(act);
        base.expect("MESSAGE * only an admin may do this, logged in to its name");
    }
    server.assert_works();
}

#[test]
fn a_ban_holds_after_a_restart_until_it_is_lifted() {
    let place = Place::new(["--admin", "ann"]);
    let server = place.open();
    let mut ann = admin(server.address());
    let mut eve = Full::hello(server.address(), draw_session());
    eve.send("LOGIN eve eves-key-0123456789");
    eve.read_to("YOU eve");
    ann.send("BAN eve");
    eve.read_to("BYE 86400000 you were banned by ann");
    assert_eq!(eve.read(), None);
    ann.read_to("NOTICE eve was banned by ann");
    server.kill();
    let server = place.open();
    let mut eve = Client::connect(server.address());
    for line in ["NAME EVE", "LOGIN eve eves-key-0123456789"] {
        eve.send(line);
        eve.expect_start("MESSAGE * name refused: this name was banned");
    }
    let mut ann = admin(server.address());
    ann.send("UNBAN eve");
    eve.expect("MESSAGE * eve may come back, says ann");
    eve.send("LOGIN eve eves-key-0123456789\nSEND back");
    ann.read_to("NOTICE eve may come back, says ann");
    while ann.read().as_deref().map(untimed).as_deref() != Some("POST 1 eve back") {}
}

#[test]
fn a_ban_holds_for_the_key_under_every_name_after_a_restart_too_until_it_is_lifted() {
    const EVES: &str = "eves-key-0123456789";
    const KEY_BANNED: &str = "MESSAGE * name refused: whoever has this key was banned from this room";
    let place = Place::new(["--admin", "ann"]);
    let server = place.open();
    let mut ann = admin(server.address());
    let comes_as = |server: &Server, name: &str, key: &str| {
        let mut somebody = Client::connect(server.address());
        somebody.send(&format!("LOGIN {name} {key}"));
        somebody.expect(&format!("MESSAGE * {name} is yours now; keep its key"));
        somebody
    };
    let comes_in_vain = |server: &Server, names: &[&str]| {
        let mut eve = Client::connect(server.address());
        for name in names {
            eve.send(&format!("LOGIN {name} {EVES}"));
            eve.expect_start(KEY_BANNED);
        }
    };
    // She is not here when she is banned, under one of her names.
    for name in ["eve", "mallory"] {
        let mut eve = comes_as(&server, name, EVES);
        eve.finish();
        eve.read_to_end();
    }
    ann.send("BAN eve");
    ann.read_to("NOTICE eve was banned by ann");
    comes_in_vain(&server, &["mallory", "trudy"]);
    server.kill();
    let server = place.open();
    comes_in_vain(&server, &["mallory", "trudy"]);
    comes_as(&server, "zoe", "zoes-key-0123456789");
    let mut ann = admin(server.address());
    ann.send("UNBAN eve");
    ann.read_to("NOTICE eve may come back, says ann");
    // She is here under a name that is nobody's, and has shown her key before.
    let mut eve = comes_as(&server, "trudy", EVES);
    eve.send("NAME troll");
    eve.fence();
    ann.send("BAN troll");
    eve.expect_start("MESSAGE * you were banned by ann");
    server.kill();
    let server = place.open();
    comes_in_vain(&server, &["eve", "mallory", "trudy", "grace"]);
    let log = server.log();
    assert!(!log.contains(EVES), "{log}");
    let mut ann = admin(server.address());
    ann.send("UNBAN troll");
    ann.read_to("NOTICE troll may come back, says ann");
    comes_as(&server, "grace", EVES);
}

/// An address of this machine that is no loopback. None of it leaves the machine: nothing is sent.
fn own_address() -> Option<std::net::IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_loopback() && !address.is_unspecified()).then_some(address)
}

#[test]
fn a_banned_address_is_turned_away_at_the_door() {
    let Some(own) = own_address() else {
        eprintln!("this machine has loopback only: there is no address that could be banned");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let flags = ["--admin", "ann", "--listen", "0.0.0.0:0", "--data", folder.path().to_str().unwrap()];
    let server = Server::launch(Server::command(flags), 1);
    let port = server.address().port();
    let mut ann = admin(([127, 0, 0, 1], port).into());
    let mut eve = Client::connect((own, port).into());
    eve.fence();
    ann.send("BAN guest-2");
    ann.read_to("NOTICE guest-2 was banned by ann");
    eve.read_to_end();
    let turned_away = |port| {
        let mut again = Client::connect((own, port).into());
        again.expect("MESSAGE * your address was banned from this room");
        assert_eq!(again.read(), None);
        let mut again = Client::connect((own, port).into());
        again.send("HELLO 1 00112233445566778899aabbccddeeff");
        let words = "your address was banned from this room";
        let told = [format!("ERROR not-permitted - {words}"), format!("BYE 86400000 {words}")];
        assert_eq!(again.read_to_end(), told);
    };
    turned_away(port);
    server.kill();
    let server = Server::launch(Server::command(flags), 1);
    turned_away(server.address().port());
    let mut ann = admin(([127, 0, 0, 1], server.address().port()).into());
    ann.send("UNBAN guest-2");
    ann.read_to("NOTICE guest-2 may come back, says ann");
    Client::connect((own, server.address().port()).into()).fence();
}

#[test]
fn who_is_silenced_is_not_heard_even_after_a_restart() {
    let place = Place::new(["--admin", "ann"]);
    let server = place.open();
    let mut ann = admin(server.address());
    let mut base = server.member("bob");
    ann.send("MUTE bob 600");
    base.expect("MESSAGE * bob was silenced by ann for 10 minutes");
    base.send("SEND hello?");
    base.expect_start("MESSAGE * an admin has silenced you; you may speak again in ");
    ann.fence();
    server.end();
    let server = place.open();
    let mut bob = Full::join(&server, "bob");
    let txn = bob.post("hello?");
    let answer = bob.answer_to_post(txn);
    assert!(answer.starts_with("ERROR not-permitted 1 an admin has silenced you"), "{answer}");
    let mut ann = admin(server.address());
    ann.send("MUTE bob 0");
    bob.read_to("NOTICE bob may speak again, says ann");
    bob.send("POST 1 hello!");
    assert_eq!(bob.acknowledged(1).0, 1);
    ann.read_post(1);
}

#[test]
fn what_is_taken_back_is_gone_from_history_search_and_the_files() {
    const SECRET: &str = "zanzibarquux";
    let place = Place::new(["--admin", "ann"]);
    let has = || {
        let files = fs::read_dir(place.folder()).unwrap().map(|file| fs::read(file.unwrap().path()).unwrap());
        files.into_iter().any(|bytes| bytes.windows(SECRET.len()).any(|bytes| bytes == SECRET.as_bytes()))
    };
    let server = place.open();
    let mut ann = admin(server.address());
    let mut bob = Full::join(&server, "bob");
    let mut base = server.guest();
    bob.say_all((0..100).map(|number| format!("number {number}")));
    let id = bob.say(&format!("the word is {SECRET}"));
    bob.say("something else");
    assert_eq!(bob.ask(&format!("SEARCH 9 {SECRET}")).ids(), [id]);
    assert!(has());
    ann.send(&format!("REMOVE {id}"));
    for member in [&mut ann, &mut bob] {
        member.read_to(&format!("REMOVED {id}"));
        member.expect("NOTICE ann took back a message of bob");
    }
    assert_eq!(base.fence().last().unwrap(), "MESSAGE * ann took back a message of bob");
    assert_eq!(bob.ask(&format!("SEARCH 9 {SECRET}")).ids(), []);
    bob.send("LAST 2");
    bob.expect(&format!("REMOVED {id}"));
    bob.expect(&format!("PAST {} bob something else", id + 1));
    bob.expect("END LAST 2 more");
    // A moment without a reader, and no file has it: while the server runs, and after.
    assert!(chat_tests::until(|| (!has()).then_some(())).is_some(), "it is still in a file");
    let room = bob.room;
    server.end();
    assert!(!has());
    let server = place.open();
    let mut ann = admin(server.address());
    ann.send(&format!("AFTER {room} {}", id - 2));
    let lines = ann.read_to("END AFTER 3 done");
    assert_eq!(lines[1], format!("REMOVED {id}"), "{lines:?}");
    ann.send(&format!("REMOVE {id}"));
    ann.expect(&format!("ERROR not-permitted - there is no message {id} to be taken back"));
}

#[test]
fn a_line_client_that_has_not_opted_in_can_be_an_admin_too() {
    let server = Server::start(["--admin", "ann"]);
    let mut ann = Client::connect(server.address());
    ann.send(&format!("LOGIN ann {KEY}"));
    ann.expect("MESSAGE * ann is yours now; keep its key");
    let mut bob = server.member("bob");
    ann.send("KICK bob");
    ann.expect("MESSAGE * bob was sent out by ann");
    bob.read_to_end();
}
