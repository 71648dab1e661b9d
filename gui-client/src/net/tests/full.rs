//! A server that speaks the full language.

use std::io::Read;

use chat_shared::{History, RoomId};

use super::*;
use crate::link::{Message, Welcome};

const ROOM: &str = "0123456789abcdef0123456789abcdef";

impl Stage {
    /// A server that speaks the full language, and has said so.
    fn accept_full(&self) -> BufReader<TcpStream> {
        let mut server = self.accept_as("ann");
        say(&mut server, &format!("WELCOME 1 {ROOM} guest-4\n"));
        server
    }

    fn welcomed(&self) -> (u64, Welcome) {
        self.until(|news| match news {
            News::Connected { link, welcome } => Some((link, welcome.expect("the full language"))),
            _ => None,
        })
    }

    fn lost(&self) -> (String, Duration) {
        self.until(|news| match news {
            News::Lost { why, retry_in, .. } => Some((why, retry_in)),
            _ => None,
        })
    }
}

fn patient() -> Waits {
    Waits { silence: Duration::from_millis(50), ..Waits::default() }
}

#[test]
fn it_is_welcomed_and_forgets_what_was_said_before() {
    let stage = stage();
    let mut server = stage.accept_as("ann");
    say(&mut server, "MESSAGE bob too early\n");
    say(&mut server, &format!("WELCOME 1 {ROOM} guest-4\nYOU ann\n"));
    let (_, welcome) = stage.welcomed();
    assert_eq!(
        welcome,
        Welcome {
            room: RoomId::parse(ROOM).unwrap(),
            name: "guest-4".to_owned(),
            as_own: false,
            sealed: false
        }
    );
    assert_eq!(stage.lines(1), [Line::You("ann".to_owned())]);
}

#[test]
fn it_asks_and_posts_as_it_is_told() {
    let stage = stage();
    let mut server = stage.accept_full();
    let (link, Welcome { room, .. }) = stage.welcomed();
    for order in [
        Order::Post { link, txn: 7, text: "one\n\\two".to_owned() },
        Order::Post { link: link + 1, txn: 8, text: "for another connection".to_owned() },
        Order::After { link, room, id: 5 },
        Order::Last { link, n: 100 },
        Order::Before { link, id: 9, n: 3 },
    ] {
        stage.net.order(order);
    }
    for line in [r"POST 7 one\n\\two", &format!("AFTER {ROOM} 5"), "LAST 100", "BEFORE 9 3"] {
        assert_eq!(read_line(&mut server), format!("{line}\n"));
    }
    say(&mut server, "PAST 1 2 bob a\\nb\nEND LAST 1 more\n");
    let message = Message { id: 1, at: 2, from: "bob".to_owned(), text: "a\nb".to_owned() };
    assert_eq!(stage.lines(2), [Line::Past(message), Line::End { history: History::Last, more: true }]);
}

#[test]
fn a_welcome_that_comes_late_is_still_one() {
    let stage = stage_with(Waits { welcome: Duration::from_millis(20), ..Waits::default() });
    let mut server = stage.accept_as("ann");
    let link = stage.connected();
    say(&mut server, &format!("MESSAGE bob hi\nWELCOME 1 {ROOM} ann\nYOU ann\n"));
    assert_eq!(stage.lines(1).len(), 1);
    assert_eq!(stage.welcomed().0, link);
    assert_eq!(stage.lines(1), [Line::You("ann".to_owned())]);
}

#[test]
fn it_answers_whoever_asks_whether_it_is_there() {
    let stage = stage();
    let mut server = stage.accept_full();
    stage.welcomed();
    say(&mut server, "PING abc\n");
    assert_eq!(read_line(&mut server), "PONG abc\n");
}

#[test]
fn silence_is_asked_about_and_an_answer_is_enough() {
    let stage = stage_with(patient());
    let mut server = stage.accept_full();
    stage.welcomed();
    for _ in 0..3 {
        assert_eq!(read_line(&mut server), "PING 1\n");
        say(&mut server, "PONG 1\n");
    }
    // And then none comes.
    let (why, _) = stage.lost();
    assert_eq!(why, "the server does not answer any more");
}

#[test]
fn a_server_of_the_base_may_be_silent() {
    let stage = stage_with(patient());
    let mut server = stage.accept();
    stage.connected();
    server.get_ref().set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    assert!(server.read(&mut [0]).is_err(), "nothing is said");
    assert!(stage.net.next_event().is_none(), "nothing has happened");
}

#[test]
fn a_good_bye_says_when_to_come_back() {
    let stage = stage();
    let mut server = stage.accept_full();
    stage.welcomed();
    say(&mut server, "BYE 500 the server is stopping\n");
    drop(server);
    let (why, retry_in) = stage.lost();
    assert_eq!(why, "the server is stopping");
    assert_eq!(retry_in, Duration::from_millis(520), "and a little more, so that not all come at once");
}

#[test]
fn it_says_good_bye_when_the_person_leaves() {
    let stage = stage();
    let mut server = stage.accept_full();
    let (link, _) = stage.welcomed();
    stage.net.order(Order::Post { link, txn: 1, text: "last words".to_owned() });
    let reader = thread::spawn(move || {
        let mut all = String::new();
        server.read_to_string(&mut all).unwrap();
        all
    });
    stage.net.close(DEADLINE);
    assert_eq!(reader.join().unwrap(), "POST 1 last words\nQUIT\n");
}

#[test]
fn what_follows_the_welcome_in_the_same_read_is_heard_even_if_it_is_the_last() {
    let stage = stage();
    let mut server = stage.accept_as("ann");
    say(&mut server, &format!("WELCOME 1 {ROOM} ann\nBYE 0 go away\n"));
    drop(server);
    stage.welcomed();
    assert_eq!(stage.lost().0, "go away");
}

#[test]
fn asking_whether_the_server_is_there_is_no_news() {
    let stage = stage_with(Waits { silence: Duration::from_millis(200), ..Waits::default() });
    let mut server = stage.accept_full();
    stage.welcomed();
    for _ in 0..3 {
        assert_eq!(read_line(&mut server), "PING 1\n");
        say(&mut server, "PONG 1\n");
    }
    say(&mut server, "YOU ann\n");
    let first = stage.until(Some);
    assert_eq!(first, News::Lines(vec![Line::You("ann".to_owned())]));
}
