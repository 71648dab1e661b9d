//! Who is here: what members that have opted in are told of those who come, go and take another name.

use std::time::{Duration, Instant};

use chat_tests::full::{Full, draw_session};
use chat_tests::{Client, Server};

/// How long a member may be away before the others are told.
const AWAY: Duration = Duration::from_secs(10);

#[test]
fn coming_going_and_renaming_are_told() {
    let server = Server::start([]);
    let mut ann = Full::join(&server, "ann");
    let mut bob = Full::join(&server, "bob");
    assert_eq!(ann.fence(), ["JOIN bob"]);
    assert_eq!(bob.fence(), [] as [&str; 0], "nobody is told of itself");
    bob.send("NAME robert");
    bob.expect("YOU robert");
    assert_eq!(ann.fence(), ["RENAME bob robert"]);
    bob.send("QUIT");
    assert_eq!(bob.client().read_to_end(), [] as [&str; 0]);
    assert_eq!(ann.read().as_deref(), Some("LEAVE robert"));
    // Its name is free at once.
    let mut cleo = Full::join(&server, "cleo");
    cleo.send("NAME robert");
    cleo.expect("YOU robert");
    assert_eq!(ann.fence(), ["JOIN cleo", "RENAME cleo robert"]);
}

#[test]
fn who_comes_is_told_who_is_here() {
    let server = Server::start([]);
    let _base = [server.member("base"), server.member("basil")];
    let mut ann = Full::hello(server.address(), draw_session());
    ann.take_name("ann");
    assert_eq!(ann.ask("LAST 0").past, []);
    let mut here = ann.arrive().expect("they are few");
    here.sort();
    assert_eq!(here, ["ann", "base", "basil"]);
    // One after the other, and each is told once.
    let mut others: Vec<_> = (0..200).map(|n| Full::join(&server, &format!("member{n}"))).collect();
    let mut bob = Full::hello(server.address(), draw_session());
    bob.take_name("bob");
    let room = bob.room;
    assert_eq!(bob.ask(&format!("AFTER {room} 0")).past, []);
    assert_eq!(bob.arrive().expect("they are few").len(), 204);
    let joined = ann.fence();
    assert!(joined.iter().filter(|line| line.starts_with("JOIN ")).count() == 201, "{joined:?}");
    assert_eq!(others[0].fence().len(), 200);
}

#[test]
fn members_of_the_base_come_and_go_for_them_too() {
    let server = Server::start([]);
    let mut ann = Full::join(&server, "ann");
    let mut bob = server.member("bob");
    assert_eq!(ann.fence(), ["JOIN bob"]);
    bob.send("NAME robert");
    assert_eq!(bob.fence(), [] as [&str; 0], "the base is told nothing");
    assert_eq!(ann.fence(), ["RENAME bob robert"]);
}

#[test]
fn one_that_says_nothing_is_announced_all_the_same() {
    let server = Server::start([]);
    let mut ann = Full::join(&server, "ann");
    let _silent = Client::connect(server.address());
    let line = ann.read().unwrap();
    assert!(line.starts_with("JOIN guest-"), "{line}");
}

#[test]
fn whose_line_breaks_and_who_is_back_soon_has_never_been_away() {
    let server = Server::start([]);
    let session = draw_session();
    let mut bob = Full::join_as(server.address(), "bob", session);
    let mut ann = Full::join(&server, "ann");
    bob.fence();
    for _ in 0..5 {
        bob.drop_out();
        bob = Full::hello(server.address(), session);
        assert_eq!(bob.name, "bob", "its name was kept for it");
        assert_eq!(bob.ask("LAST 0").past, []);
        let mut here = bob.arrive().expect("they are few");
        here.sort();
        assert_eq!(here, ["ann", "bob"]);
        assert_eq!(ann.fence(), [] as [&str; 0]);
    }
    bob.say("still here");
    assert_eq!(ann.fence(), ["POST 1 bob still here"]);
}

#[test]
fn whose_line_breaks_and_who_does_not_come_back_has_left_after_a_while() {
    let server = Server::start([]);
    let (mut ann, bob) = (Full::join(&server, "ann"), Full::join(&server, "bob"));
    assert_eq!(ann.fence(), ["JOIN bob"]);
    let gone = Instant::now();
    bob.drop_out();
    // Until then its name is kept for it.
    ann.send("NAME bob");
    let line = ann.read().unwrap();
    assert!(line.starts_with("ERROR name-taken - "), "{line}");
    assert_eq!(ann.read().as_deref(), Some("LEAVE bob"));
    let away = gone.elapsed();
    assert!(away >= AWAY - Duration::from_millis(100) && away < AWAY + Duration::from_secs(5), "{away:?}");
    ann.send("NAME bob");
    ann.expect("YOU bob");
}

#[test]
fn who_resumes_again_and_again_leaves_once_and_late() {
    let server = Server::start([]);
    let session = draw_session();
    let mut ann = Full::join(&server, "ann");
    Full::join_as(server.address(), "bob", session).drop_out();
    assert_eq!(ann.fence(), ["JOIN bob"]);
    for _ in 0..3 {
        Full::hello(server.address(), session).drop_out();
    }
    let last = Instant::now();
    assert_eq!(ann.read().as_deref(), Some("LEAVE bob"));
    assert!(last.elapsed() >= AWAY - Duration::from_millis(500), "{:?}", last.elapsed());
    // There was one absence, not four.
    assert_eq!(ann.fence(), [] as [&str; 0]);
}
