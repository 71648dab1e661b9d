//! More than a thousand members: nobody is named any more, there is only a count, and seldom.

use std::thread;
use std::time::{Duration, Instant};

use chat_shared::limits::{COUNT_EVERY, MAX_PRESENCE};
use chat_tests::full::{Full, draw_session};
use chat_tests::{Client, Server, allow_many_files};

/// Members of the base, of whom the room knows, with names that go on from this number.
fn members(server: &Server, from: usize, count: usize) -> Vec<Client> {
    (from..from + count).map(|n| server.member(&format!("m{n}"))).collect()
}

/// The number of a COUNT, in a room in which nobody is named.
fn count(line: &str) -> u64 {
    let count = line.strip_prefix("COUNT ").unwrap_or_else(|| panic!("{line:?} in so large a room"));
    count.parse().expect("a count is a number")
}

/// Reads COUNT lines until something is said. When each came, and its number.
fn counts(member: &mut Full) -> Vec<(Instant, u64)> {
    let mut counts = Vec::new();
    loop {
        let line = member.read().expect("the count is told");
        if line.starts_with("POST ") {
            return counts;
        }
        counts.push((Instant::now(), count(&line)));
    }
}

#[test]
fn in_a_large_room_there_is_only_a_count_and_at_most_once_a_second() {
    allow_many_files();
    let server = Server::start([]);
    let mut ann = Full::join(&server, "ann");
    // With ann, exactly as many as are named.
    let mut crowd = members(&server, 0, MAX_PRESENCE - 1);
    let named = ann.fence();
    assert_eq!(named.len(), MAX_PRESENCE - 1);
    assert!(named.iter().all(|line| line.starts_with("JOIN m")), "{named:?}");

    // Who comes after that is told the number.
    let mut bob = Full::hello(server.address(), draw_session());
    assert_eq!(bob.ask("LAST 0").past, []);
    assert_eq!(bob.arrive(), Err(MAX_PRESENCE as u64 + 1));

    // Many come, over some seconds, and nobody is named.
    let end = Instant::now() + 3 * COUNT_EVERY;
    let told = thread::scope(|scope| {
        let told = scope.spawn(|| counts(&mut ann));
        while Instant::now() < end {
            crowd.extend(members(&server, crowd.len(), 1));
            thread::sleep(Duration::from_millis(20));
        }
        crowd[0].send("SEND that was it");
        crowd[0].fence();
        told.join().unwrap()
    });
    assert!((3..=5).contains(&told.len()), "{told:?}");
    assert!(told.is_sorted_by_key(|(_, count)| *count), "{told:?}");
    // Each may have been delayed on its way, but not by much.
    let apart = |pair: &[(Instant, u64)]| pair[1].0 - pair[0].0 > COUNT_EVERY * 8 / 10;
    assert!(told.windows(2).all(apart), "{told:?}");
    // And in the end the number is right.
    let all = crowd.len() as u64 + 2;
    let mut last = told.last().map_or(0, |(_, count)| *count);
    while last != all {
        last = count(&ann.read().unwrap());
    }
    let others = bob.fence();
    let (posts, counts): (Vec<_>, Vec<_>) = others.iter().partition(|line| line.starts_with("POST 1 m0 "));
    assert_eq!(posts.len(), 1, "{others:?}");
    assert!(counts.iter().all(|line| count(line) > MAX_PRESENCE as u64));

    // When it is a small room again, all are named anew, and from then on by what they do.
    drop(bob);
    crowd.truncate(500);
    let mut line = ann.read().unwrap();
    while line.starts_with("COUNT ") {
        line = ann.read().unwrap();
    }
    let mut names = 0;
    while line.starts_with("USERS ") {
        names += line.split(' ').count() as u64 - 1;
        line = ann.read().unwrap();
    }
    assert_eq!(line, format!("END USERS {names}"));
    assert!(names <= MAX_PRESENCE as u64, "{names}");
    let mut cleo = server.member("cleo");
    cleo.send("SEND hello");
    cleo.fence();
    let told = ann.fence();
    assert!(told.iter().any(|line| line == "JOIN cleo"), "{told:?}");
}
