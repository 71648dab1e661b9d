//! A server that speaks only the base; and the connection as such, whatever is spoken.

use std::io::Read;
use std::time::Instant;

use super::*;

fn said(from: &str, text: &str) -> Line {
    Line::Said { from: from.to_owned(), text: text.to_owned() }
}

#[test]
fn it_says_its_name_then_what_it_is_told() {
    let stage = stage();
    let mut server = stage.accept();
    let link = stage.connected();
    stage.send(link, 7, "hello  there ");
    stage.send(link, 8, "again");
    assert_eq!(read_line(&mut server), "SEND hello  there \n");
    assert_eq!(read_line(&mut server), "SEND again\n");
    let mut sent = Vec::new();
    while sent.len() < 2 {
        sent.extend(stage.until(|news| if let News::Sent { keys } = news { Some(keys) } else { None }));
    }
    assert_eq!(sent, [7, 8]);
}

#[test]
fn lines_arrive_whole_however_they_are_cut() {
    let stage = stage();
    let mut server = stage.accept();
    stage.connected();
    for byte in "MESSAGE bob grüße\r\nMESSAGE * mind the gap\nMESSAGE a\u{202E}b c\td\n".bytes() {
        server.get_mut().write_all(&[byte]).unwrap();
    }
    server.get_mut().write_all(b"WELCOME 1\nMESSAGE bob \xFF\nMESSAGE bob on\n").unwrap();
    let lines = stage.lines(6);
    assert_eq!(lines[0], said("bob", "grüße"));
    assert_eq!(lines[1], Line::Notice("mind the gap".to_owned()));
    assert_eq!(lines[2], said("a\u{FFFD}b", "c\u{FFFD}d"));
    assert!(matches!(lines[3], Line::Unreadable(_)));
    assert!(matches!(lines[4], Line::Unreadable(_)));
    assert_eq!(lines[5], said("bob", "on"));
}

#[test]
fn one_read_is_one_event() {
    let stage = stage();
    let mut server = stage.accept();
    stage.connected();
    let burst = "MESSAGE bob x\n".repeat(1000);
    server.get_mut().write_all(burst.as_bytes()).unwrap();
    let (mut lines, mut events) = (0, 0);
    while lines < 1000 {
        lines += stage.lines(1).len();
        events += 1;
    }
    assert!(events < 100, "{events} events for one burst");
}

#[test]
fn it_comes_back_with_a_new_number_and_drops_what_was_meant_for_the_old_one() {
    let stage = stage();
    let server = stage.accept();
    let first = stage.connected();
    drop(server);
    let (why, retry_in) = stage.until(|news| match news {
        News::Lost { why, retry_in, .. } => Some((why, retry_in)),
        _ => None,
    });
    assert!(why.contains("closed") || why.contains("cut"), "{why}");
    assert_eq!(retry_in, Duration::from_millis(20));
    let mut server = stage.accept();
    let second = stage.connected();
    assert!(second > first);
    stage.send(first, 1, "late");
    stage.send(second, 2, "in time");
    assert_eq!(read_line(&mut server), "SEND in time\n");
}

#[test]
fn a_name_holds_for_later_connections() {
    let stage = stage();
    let mut server = stage.accept();
    stage.connected();
    stage.net.order(Order::Name { name: Name::parse("eve").unwrap(), say: true, as_own: true });
    stage.net.order(Order::Name { name: Name::parse("zoe").unwrap(), say: false, as_own: true });
    assert_eq!(read_line(&mut server), "NAME eve\n");
    drop(server);
    stage.accept_as("zoe");
}

#[test]
fn nobody_there_is_said_in_words_and_tried_again() {
    let Stage { listener, net, woken } = stage();
    drop(visitor(&listener));
    drop(listener);
    loop {
        woken.recv_timeout(DEADLINE).unwrap();
        if let Some(Event { news: News::Lost { why, retry_in, .. }, .. }) = net.next_event()
            && why == "no server is running there"
        {
            assert!(retry_in > Duration::ZERO);
            break;
        }
    }
    // It goes on trying by itself.
    while !matches!(net.next_event(), Some(Event { news: News::Connecting { .. }, .. })) {
        woken.recv_timeout(DEADLINE).unwrap();
    }
}

#[test]
fn a_long_pause_can_be_cut_short() {
    let mut stage = stage();
    let addresses = Address::local(stage.listener.local_addr().unwrap().port()).into();
    let pauses = Pauses::new(Duration::from_secs(600), Duration::from_secs(600), || 0.5);
    let (wake, woken) = std::sync::mpsc::channel();
    let options = Options {
        addresses,
        name: Name::parse("bob").unwrap(),
        pauses,
        waits: Waits::default(),
        guard: None,
    };
    stage.net = Net::start(options, SESSIONS, move || wake.send(()).unwrap_or_default()).unwrap();
    stage.woken = woken;
    // Two threads have dialled this listener; only bob's connection matters.
    let server = loop {
        let mut server = BufReader::new(stage.visitor());
        read_line(&mut server);
        if read_line(&mut server) == " NAME bob\n" {
            break server;
        }
    };
    drop(server);
    stage.until(|news| matches!(news, News::Lost { .. }).then_some(()));
    stage.net.order(Order::RetryNow);
    stage.until(|news| matches!(news, News::Connecting { .. }).then_some(()));
}

#[test]
fn the_next_address_is_tried_at_once_and_named() {
    // A port on which nobody listens, nor will.
    let closed = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    closed.bind(&std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let first = closed.local_addr().unwrap().as_socket().unwrap().to_string();
    let open = TcpListener::bind("127.0.0.1:0").unwrap();
    let second = open.local_addr().unwrap().to_string();
    let addresses = Addresses::parse(&format!("{first},{second}")).unwrap();
    // The test would not live to see the end of a pause.
    let pauses = Pauses::new(Duration::from_secs(600), Duration::from_secs(600), || 0.5);
    let (wake, woken) = std::sync::mpsc::channel();
    let options = Options {
        addresses,
        name: Name::parse("ann").unwrap(),
        pauses,
        waits: Waits::default(),
        guard: None,
    };
    let net = Net::start(options, SESSIONS, move || wake.send(()).unwrap_or_default()).unwrap();
    let stage = Stage { listener: open, net, woken };
    let tried = || {
        stage.until(|news| match news {
            News::Connecting { address } => Some(address.unwrap().to_string()),
            _ => None,
        })
    };
    assert_eq!(tried(), first);
    let News::Lost { why, retry_in, .. } = stage.event() else { panic!("nobody is there") };
    assert_eq!(why, format!("no server is running there ({first})"));
    assert_eq!(retry_in, Duration::ZERO);
    assert_eq!(tried(), second);
    let server = stage.accept();
    stage.connected();
    // After a short connection it is the other's turn again, and both have failed then.
    drop(server);
    let lost = || {
        stage.until(|news| match news {
            News::Lost { why, retry_in, .. } => Some((why, retry_in)),
            _ => None,
        })
    };
    let (why, retry_in) = lost();
    assert!(why.ends_with(&format!("({second})")) && retry_in > Duration::ZERO, "{why} {retry_in:?}");
    stage.net.order(Order::RetryNow);
    assert_eq!(tried(), first);
    lost();
    assert_eq!(tried(), second);
    stage.accept();
}

#[test]
fn a_flood_reaches_a_server_that_reads_late_and_is_told_of_exactly_once() {
    let stage = stage();
    let mut server = stage.accept();
    let link = stage.connected();
    let text = "x".repeat(4000);
    for key in 0..2000 {
        stage.send(link, key, &text);
    }
    let reader = thread::spawn(move || (0..2000).map(|_| read_line(&mut server).len()).sum::<usize>());
    let mut sent = Vec::new();
    while sent.len() < 2000 {
        sent.extend(stage.until(|news| if let News::Sent { keys } = news { Some(keys) } else { None }));
    }
    assert_eq!(sent, (0..2000).collect::<Vec<_>>());
    assert_eq!(reader.join().unwrap(), 2000 * "SEND \n".len() + 2000 * 4000);
}

#[test]
fn a_window_that_hangs_holds_up_the_server_and_loses_nothing() {
    let stage = stage();
    let mut server = stage.accept();
    stage.connected();
    let writer = thread::spawn(move || {
        let line = format!("MESSAGE bob {}\n", "x".repeat(4000));
        for _ in 0..8000 {
            server.get_mut().write_all(line.as_bytes()).unwrap();
        }
        server
    });
    // Nobody takes events: the writer must come to a stand before all is written.
    while stage.net.events.len() < MAX_EVENTS {
        thread::yield_now();
    }
    assert!(!writer.is_finished());
    assert_eq!(stage.lines(8000).len(), 8000);
    drop(writer.join().unwrap());
}

#[test]
fn closing_writes_what_was_ordered_and_ends_cleanly() {
    let stage = stage();
    let mut server = stage.accept();
    let link = stage.connected();
    stage.send(link, 1, "last words");
    let reader = thread::spawn(move || {
        let mut all = String::new();
        server.read_to_string(&mut all).unwrap();
        all
    });
    stage.net.close(DEADLINE);
    assert_eq!(reader.join().unwrap(), "SEND last words\n");
}

#[test]
fn closing_does_not_wait_for_a_pause_or_a_deaf_server() {
    let Stage { listener, net, woken } = stage();
    let _deaf = visitor(&listener);
    woken.recv_timeout(DEADLINE).unwrap();
    let before = Instant::now();
    net.close(DEADLINE);
    assert!(before.elapsed() < DEADLINE / 2);
}

#[test]
fn a_server_that_does_not_answer_speaks_the_base() {
    let waits = Waits { welcome: Duration::from_millis(50), ..Waits::default() };
    let stage = stage_with(waits);
    let mut server = stage.accept_as("ann");
    let link = stage.connected();
    stage.send(link, 1, "hello");
    assert_eq!(read_line(&mut server), "SEND hello\n");
}

#[test]
fn what_is_said_before_the_language_is_known_is_heard() {
    let stage = stage();
    let mut server = stage.accept_as("ann");
    say(&mut server, &format!("MESSAGE bob before\n{REFUSAL}MESSAGE bob after\n"));
    stage.connected();
    assert_eq!(stage.lines(2), [said("bob", "before"), said("bob", "after")]);
}

#[test]
fn who_is_turned_away_at_once_hears_why() {
    let stage = stage();
    let mut server = stage.accept_as("ann");
    say(&mut server, "MESSAGE * the room is full; try again later\n");
    drop(server);
    assert!(matches!(stage.event(), News::Connecting { .. }));
    let News::Lost { why, .. } = stage.event() else { panic!("it was connected") };
    assert_eq!(why, "the room is full; try again later");
}

#[test]
fn a_name_that_changes_during_the_greeting_is_said_after_it() {
    let stage = stage();
    let mut server = stage.accept_as("ann");
    stage.net.order(Order::Name { name: Name::parse("eve").unwrap(), say: true, as_own: true });
    stage.until(|news| matches!(news, News::Connecting { .. }).then_some(()));
    while !stage.net.orders.0.is_empty() {
        thread::yield_now();
    }
    say(&mut server, REFUSAL);
    assert_eq!(read_line(&mut server), "NAME eve\n");
}
