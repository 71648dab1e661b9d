//! A room with a password, and names that belong to somebody.

use super::tls::{Identity, guard, guarded, private_line, tell};
use super::*;
use crate::book::{Book, Seen};
use crate::link::{Answer, Question, Secret};

const WELCOME: &str = "WELCOME 1 0123456789abcdef0123456789abcdef guest-4\n";
const WANTED: &str = "ERROR auth-required - this room has a password: say AUTH <password>\n";
const WRONG: &str = "ERROR auth-failed - this is not the room's password\n";

fn password(words: &str, remember: bool) -> Answer {
    Answer::Password { password: Secret(words.to_owned()), remember }
}

/// A server that is known by its certificate.
fn known() -> (Stage, Book, Identity) {
    let (book, identity) = (Book::new(None), Identity::self_signed());
    let pin = Some(identity.fingerprint());
    (guarded(Guard { pin, ..guard(&book, Trust::default()) }), book, identity)
}

/// The server has no TLS, and says so in its way.
fn answer_in_words(stage: &Stage) {
    let mut talks = stage.visitor();
    talks.write_all(REFUSAL.as_bytes()).unwrap();
}

#[test]
fn a_name_is_asked_for_as_our_own_with_a_key_that_stays() {
    let (stage, book, identity) = known();
    let mut server = stage.accept_greeting(&identity);
    tell(&mut server, WELCOME);
    let key = book.key(&stage.address(), &stage.address().into());
    assert_eq!(private_line(&mut server), format!("LOGIN ann {key}\n"));
    let welcome = stage.until(|news| if let News::Connected { welcome, .. } = news { welcome } else { None });
    assert!(welcome.as_own);
    let rename = |name, as_own| Order::Name { name: Name::parse(name).unwrap(), say: true, as_own };
    stage.net.order(rename("eve", true));
    assert_eq!(private_line(&mut server), format!("LOGIN eve {key}\n"));
    stage.net.order(rename("zoe", false));
    assert_eq!(private_line(&mut server), "NAME zoe\n");
}

#[test]
fn a_key_is_said_to_nobody_who_speaks_plain_text() {
    let book = Book::new(None);
    let stage = guarded(guard(&book, Trust::default()));
    answer_in_words(&stage);
    let mut server = stage.accept_as("ann");
    say(&mut server, WELCOME);
    stage.net.order(Order::Name { name: Name::parse("eve").unwrap(), say: true, as_own: true });
    stage.connected();
    assert_eq!(read_line(&mut server), "NAME eve\n");
}

#[test]
fn the_password_is_asked_for_said_and_remembered() {
    let (stage, book, identity) = known();
    let mut server = stage.accept_greeting(&identity);
    tell(&mut server, WANTED);
    let Question::Password { wrong: None, in_plain_text: false, .. } = stage.asked() else {
        panic!("another question")
    };
    stage.answer(password("guess", true));
    let mut server = stage.accept_greeting(&identity);
    tell(&mut server, WANTED);
    assert_eq!(private_line(&mut server), "AUTH guess\n");
    tell(&mut server, WRONG);
    let Question::Password { wrong: Some(words), .. } = stage.asked() else { panic!("another question") };
    assert_eq!(words, "this is not the room's password");
    assert_eq!(book.password(&stage.address()), None);
    stage.answer(password("open sesame", true));
    let mut server = stage.accept_greeting(&identity);
    tell(&mut server, WANTED);
    assert_eq!(private_line(&mut server), "AUTH open sesame\n");
    tell(&mut server, WELCOME);
    assert!(private_line(&mut server).starts_with("LOGIN ann "));
    assert_eq!(book.password(&stage.address()).as_deref(), Some("open sesame"));
    drop(server);
    // The next connection needs nobody.
    let mut server = stage.accept_greeting(&identity);
    tell(&mut server, WANTED);
    assert_eq!(private_line(&mut server), "AUTH open sesame\n");
}

#[test]
fn a_password_crosses_the_network_in_plain_text_only_when_that_is_wanted() {
    let book = Book::new(None);
    let stage = guarded(guard(&book, Trust::default()));
    book.remember_password(&stage.address(), Some("open sesame"));
    answer_in_words(&stage);
    let mut server = stage.accept_as("ann");
    say(&mut server, &WANTED.repeat(2));
    assert!(matches!(stage.asked(), Question::Password { in_plain_text: true, wrong: None, .. }));
    let mut rest = String::new();
    server.read_line(&mut rest).unwrap();
    assert_eq!(rest, "", "nothing was said");
    stage.answer(password("open sesame", false));
    let mut server = stage.accept_as("ann");
    say(&mut server, &WANTED.repeat(2));
    assert_eq!(read_line(&mut server), "AUTH open sesame\n");
    say(&mut server, WELCOME);
    assert_eq!(read_line(&mut server), "NAME ann\n", "the first was not heard");
    assert_eq!(book.seen(&stage.address()), Seen::Never);
}

/// What comes of it when the server says this instead of a welcome, and closes.
fn turned_away(said: &str) -> (String, Duration) {
    let (stage, _, identity) = known();
    let mut server = stage.accept_greeting(&identity);
    tell(&mut server, said);
    drop(server);
    assert!(matches!(stage.event(), News::Connecting { .. }));
    match stage.event() {
        News::Lost { why, retry_in, .. } => (why, retry_in),
        other => panic!("{other:?}"),
    }
}

#[test]
fn who_is_turned_away_is_told_why_and_comes_back_when_told() {
    let said = "ERROR busy - the room is full\nBYE 10000 the room is full; try again later\n";
    let (why, wait) = turned_away(said);
    assert_eq!(why, "the room is full; try again later");
    assert!((10..12).contains(&wait.as_secs()), "{wait:?}");
    let (_, wait) = turned_away(&format!("BYE {} never again\n", u64::MAX));
    assert!((3600..3610).contains(&wait.as_secs()), "{wait:?}");
    // An older server says it in the base.
    for said in
        ["MESSAGE * the room is full; try again later\n", "ERROR busy - the room is full; try again later\n"]
    {
        let (why, wait) = turned_away(said);
        assert_eq!(why, "the room is full; try again later");
        assert!(wait < Duration::from_secs(1), "{wait:?}");
    }
    // One that says nothing has let nobody in either.
    assert_eq!(turned_away("").0, "the server closed the connection");
}

#[test]
fn who_has_heard_others_was_let_in() {
    let (stage, _, identity) = known();
    let mut server = stage.accept_greeting(&identity);
    tell(&mut server, "MESSAGE bob hi\nMESSAGE * the server is stopping\n");
    drop(server);
    assert!(matches!(stage.event(), News::Connecting { .. }));
    assert!(matches!(stage.event(), News::Connected { welcome: None, .. }));
    let said = Line::Said { from: "bob".to_owned(), text: "hi".to_owned() };
    assert_eq!(stage.lines(2), [said, Line::Notice("the server is stopping".to_owned())]);
}

#[test]
fn a_password_that_takes_long_to_be_checked_is_waited_for() {
    let (book, identity) = (Book::new(None), Identity::self_signed());
    let guard = Guard { pin: Some(identity.fingerprint()), ..guard(&book, Trust::default()) };
    let short = Duration::from_millis(50);
    let stage = stage_guarded(Waits { welcome: short, ..Waits::default() }, Some(guard.clone()));
    book.remember_password(&stage.address(), Some("open sesame"));
    let mut server = stage.accept_greeting(&identity);
    tell(&mut server, WANTED);
    assert_eq!(private_line(&mut server), "AUTH open sesame\n");
    assert!(matches!(stage.event(), News::Connecting { .. }));
    assert_eq!(stage.event(), News::CheckingPassword);
    // Whatever is said meanwhile, it is given once, and only a welcome tells that it was right.
    tell(&mut server, WANTED);
    tell(&mut server, "MESSAGE * line refused: unknown command\n");
    // Longer than a welcome is waited for, with and without TLS.
    assert_eq!(stage.woken.recv_timeout(short * 8), Err(std::sync::mpsc::RecvTimeoutError::Timeout));
    tell(&mut server, WELCOME);
    assert!(private_line(&mut server).starts_with("LOGIN ann "));
    assert!(matches!(stage.event(), News::Connected { welcome: Some(_), .. }));
    // It is no member of the base that gets no answer at all.
    let stage = stage_guarded(Waits { password: short, ..Waits::default() }, Some(guard));
    book.remember_password(&stage.address(), Some("open sesame"));
    let mut server = stage.accept_greeting(&identity);
    tell(&mut server, WANTED);
    let events = std::iter::repeat_with(|| stage.event());
    let ends = |news: &News| matches!(news, News::Lost { .. } | News::Connected { .. });
    let Some(News::Lost { why, .. }) = events.into_iter().find(ends) else { panic!("it is connected") };
    assert_eq!(why, "the server does not say whether the password is right");
    assert!(Waits::default().password > chat_shared::limits::PASSWORD_WITHIN);
}
