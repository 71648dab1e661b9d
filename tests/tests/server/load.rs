//! The server under the load generator, which compares what every member reads, byte for byte.

use std::time::{Duration, Instant};

use chat_tests::Server;
use chat_tests::load::{Crowd, Fault, Pace, Plan, Until};

#[test]
fn under_load_everybody_reads_the_same() {
    for (senders, window) in [(1, 1), (1, 256), (20, 256)] {
        let server = Server::start([]);
        let plan = Plan { receivers: 50, senders, pace: Pace::Window(window), ..Plan::at(server.address()) };
        let until = Until::Time(Duration::from_millis(500));
        let outcome = Crowd::join(plan).and_then(|mut crowd| crowd.talk(until));
        let outcome = outcome.unwrap_or_else(|fault| panic!("{fault:#}"));
        assert!(outcome.messages > 10, "{outcome:?}");
        // Each sender hears the others too, though not itself.
        let listeners = 50 + senders as u64 - 1;
        assert_eq!(outcome.deliveries, outcome.messages * listeners);
    }
}

#[test]
fn among_those_who_come_and_go_and_those_who_hardly_read_too() {
    let server = Server::start([]);
    let plan = Plan {
        receivers: 30,
        senders: 5,
        pace: Pace::Window(64),
        size: 1000,
        polite: 50.0,
        churn: 100.0,
        slow: 3,
        ..Plan::at(server.address())
    };
    let mut crowd = Crowd::join(plan).expect("all can join");
    let outcome = crowd.talk(Until::Time(Duration::from_secs(1))).unwrap_or_else(|fault| panic!("{fault:#}"));
    // Five senders and the polite one, each of whom hears the others.
    assert_eq!(outcome.deliveries, outcome.messages * 35);
    assert_eq!(outcome.polite.len() % 30, 0, "every receiver hears each polite message");
    assert!(outcome.polite.len() >= 30 * 10, "{outcome:?}");
    let passing = outcome.passing;
    assert!(passing.came >= 50 && passing.heard >= passing.came / 2, "{passing:?}");
    assert!(passing.deliveries > passing.heard, "{passing:?}");
    // Those who hardly read are behind, or were, so far that they were let go and have just come back.
    assert!(passing.behind > 0 || passing.rejoined > 0, "{passing:?}");
}

#[test]
fn at_a_rate_each_message_is_said_when_it_is_due() {
    let server = Server::start([]);
    let plan = Plan { receivers: 20, senders: 2, pace: Pace::Rate(200.0), ..Plan::at(server.address()) };
    let mut crowd = Crowd::join(plan).expect("all can join");
    let outcome = crowd.talk(Until::Time(Duration::from_secs(1))).unwrap_or_else(|fault| panic!("{fault:#}"));
    // Those that are due in a second, and what came due in its last moment, however late the machine was.
    let (said, most) = (outcome.messages, 1.0 + 200.0 * outcome.elapsed.as_secs_f64());
    assert!(said >= 200 && said as f64 <= most, "{said} messages in {:?}", outcome.elapsed);
    assert_eq!(outcome.latency.len(), outcome.messages * 20);
}

#[test]
fn so_many_deliveries_are_made_as_are_asked_for() {
    let server = Server::start([]);
    let plan = Plan { receivers: 20, pace: Pace::Window(16), ..Plan::at(server.address()) };
    let mut crowd = Crowd::join(plan).expect("all can join");
    for _ in 0..2 {
        let outcome = crowd.talk(Until::Deliveries(999)).unwrap_or_else(|fault| panic!("{fault:#}"));
        assert_eq!((outcome.messages, outcome.deliveries), (50, 1000));
    }
}

#[test]
fn what_the_server_objects_to_is_told_at_once() {
    let server = Server::start_paced([] as [&str; 0]);
    let plan = Plan { receivers: 20, senders: 2, ..Plan::at(server.address()) };
    let mut crowd = Crowd::join(plan.clone()).expect("all can join");
    let start = Instant::now();
    let error = crowd.talk(Until::Time(Duration::from_secs(60))).expect_err("it is too fast");
    let error = format!("{error:#}");
    assert!(error.contains("you send faster than 10 ") && error.ends_with("--rate 0"), "{error}");
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    // The first crowd is still in, with the names that this one wants.
    // Who asks for a name may be let in before the server has come to that: then it is told later.
    let refused = (0..20).find_map(|_| Crowd::join(plan.clone()).err()).expect("the names are taken");
    let error = format!("{refused:#}");
    assert!(error.contains("the server says: name refused"), "{error}");
}

#[test]
fn a_sender_that_hears_itself_is_noticed() {
    let server = Server::start(["--echo"]);
    let mut crowd = Crowd::join(Plan::at(server.address())).expect("all can join");
    let error = crowd.talk(Until::Time(Duration::from_secs(1))).expect_err("it is told twice");
    assert!(error.downcast_ref::<Fault>().is_some(), "{error:#}");
}
