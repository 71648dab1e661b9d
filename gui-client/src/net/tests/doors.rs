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
    drop(stage.listener.accept());
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
    drop(stage.listener.accept());
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
