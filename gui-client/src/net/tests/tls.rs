//! A server that speaks TLS, or has done so: whose certificate is taken, and what is asked before.

use std::io::Read;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::*;
use crate::book::{Book, Seen};
use crate::invite::Fingerprint;
use crate::link::{Answer, Question};

/// A certificate and its key, as a server has them.
pub(super) struct Identity {
    certificate: CertificateDer<'static>,
    key: Vec<u8>,
}

impl Identity {
    pub(super) fn self_signed() -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(["127.0.0.1".to_owned()]).unwrap().self_signed(&key).unwrap();
        Self { certificate: certificate.der().clone(), key: key.serialize_der() }
    }

    pub(super) fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.certificate)
    }
}

/// Somebody who vouches for certificates.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.distinguished_name.push(DnType::CommonName, "somebody who vouches");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn trust(&self) -> Trust {
        Trust::of([self.0.der().to_vec()]).unwrap()
    }

    /// Its own certificate, as if it were a server's.
    fn itself(&self) -> Identity {
        Identity { certificate: self.0.der().clone(), key: self.0.key().serialize_der() }
    }

    /// A certificate made out for this host.
    fn issue(&self, host: &str, change: impl FnOnce(&mut CertificateParams)) -> Identity {
        let (mut params, key) =
            (CertificateParams::new([host.to_owned()]).unwrap(), KeyPair::generate().unwrap());
        change(&mut params);
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Identity { certificate: certificate.der().clone(), key: key.serialize_der() }
    }
}

type Private = BufReader<StreamOwned<ServerConnection, TcpStream>>;

pub(super) fn guard(book: &Book, trust: Trust) -> Guard {
    Guard { book: book.clone(), trust, pin: None, is_own: false }
}

fn nobody() -> Trust {
    Authority::new().trust()
}

fn hasty() -> Waits {
    Waits { tls: Duration::from_millis(300), no_tls: Duration::from_millis(300), ..Waits::default() }
}

pub(super) fn guarded(guard: Guard) -> Stage {
    stage_guarded(hasty(), Some(guard))
}

impl Stage {
    pub(super) fn address(&self) -> Address {
        Address::local(self.listener.local_addr().unwrap().port())
    }

    /// A server that has begun TLS under this certificate; the first read tells what the client thinks of it.
    pub(super) fn accept_tls(&self, identity: &Identity) -> Private {
        let stream = self.visitor();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let key = PrivateKeyDer::try_from(identity.key.clone()).unwrap();
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![identity.certificate.clone()], key)
            .unwrap();
        let server = ServerConnection::new(Arc::new(config)).unwrap();
        BufReader::new(StreamOwned::new(server, stream))
    }

    /// The same, and the client is content with it and greets.
    pub(super) fn accept_greeting(&self, identity: &Identity) -> Private {
        let mut server = self.accept_tls(identity);
        assert_eq!(private_line(&mut server), format!("HELLO 1 {}\n", "cd".repeat(16)));
        server
    }

    /// The same, and the client turns away without a word.
    fn accept_and_be_left(&self, identity: &Identity) {
        let mut server = self.accept_tls(identity);
        let mut said = Vec::new();
        server.read_to_end(&mut said).unwrap_err();
        assert_eq!(said, b"");
    }

    /// A server that has never heard of TLS and closes what it cannot read.
    fn accept_and_close(&self) {
        let mut stream = self.visitor();
        let mut first = [0];
        stream.read_exact(&mut first).unwrap();
        assert_eq!(first, [0x16], "TLS comes first");
    }

    pub(super) fn asked(&self) -> Question {
        self.until(|news| if let News::Asks(question) = news { Some(question) } else { None })
    }

    pub(super) fn answer(&self, answer: Answer) {
        self.net.order(Order::Answer(answer));
    }
}

pub(super) fn private_line(server: &mut Private) -> String {
    let mut line = String::new();
    server.read_line(&mut line).unwrap();
    line
}

pub(super) fn tell(server: &mut Private, words: &str) {
    server.get_mut().write_all(words.as_bytes()).unwrap();
    server.get_mut().flush().unwrap();
}

#[test]
fn a_certificate_of_its_own_is_accepted_once_and_pinned() {
    let (book, identity) = (Book::new(None), Identity::self_signed());
    let stage = guarded(guard(&book, nobody()));
    stage.accept_and_be_left(&identity);
    let Question::Unknown { address, fingerprint, why } = stage.asked() else { panic!("another question") };
    assert_eq!((address, fingerprint), (stage.address(), identity.fingerprint()));
    assert_eq!(why, "was issued by nobody whom this computer trusts");
    // An answer to another question is none, and neither is one about another certificate.
    stage.answer(Answer::PlainText);
    stage.answer(Answer::Trust(Fingerprint::of(b"another")));
    stage.answer(Answer::Trust(fingerprint));
    let mut server = stage.accept_greeting(&identity);
    assert_eq!(book.seen(&stage.address()), Seen::Pinned(fingerprint));
    tell(&mut server, "WELCOME 1 0123456789abcdef0123456789abcdef guest-1\n");
    stage.connected();
    drop(server);
    // From now on it is known.
    stage.accept_greeting(&identity);
}

#[test]
fn a_changed_certificate_stops_until_the_person_decides() {
    let book = Book::new(None);
    let [old, new] = [(); 2].map(|()| Identity::self_signed());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = Address::local(listener.local_addr().unwrap().port());
    book.note(&address, Seen::Pinned(old.fingerprint()));
    let stage = stage_on(listener, hasty(), Some(guard(&book, nobody())));
    stage.accept_and_be_left(&new);
    let Question::Changed { known, shown, .. } = stage.asked() else { panic!("another question") };
    assert_eq!((known, shown), (Some(old.fingerprint()), new.fingerprint()));
    // To try again asks again.
    stage.net.order(Order::RetryNow);
    stage.accept_and_be_left(&new);
    stage.asked();
    assert_eq!(book.seen(&stage.address()), Seen::Pinned(old.fingerprint()));
    stage.answer(Answer::Trust(new.fingerprint()));
    stage.accept_greeting(&new);
    assert_eq!(book.seen(&stage.address()), Seen::Pinned(new.fingerprint()));
}

#[test]
fn a_certificate_that_is_vouched_for_is_taken_unasked() {
    let (book, authority) = (Book::new(None), Authority::new());
    let stage = guarded(guard(&book, authority.trust()));
    let mut server = stage.accept_greeting(&authority.issue("127.0.0.1", |_| {}));
    assert_eq!(book.seen(&stage.address()), Seen::Trusted);
    tell(&mut server, "WELCOME 1 0123456789abcdef0123456789abcdef guest-1\n");
    stage.connected();
    drop(server);
    // It may have a new one whenever it likes, as long as somebody vouches for that.
    drop(stage.accept_greeting(&authority.issue("127.0.0.1", |_| {})));
    stage.accept_and_be_left(&Identity::self_signed());
    assert!(matches!(stage.asked(), Question::Changed { known: None, .. }));
}

#[test]
fn what_is_wrong_with_a_certificate_is_said() {
    let authority = Authority::new();
    let expired = authority.issue("127.0.0.1", |params| params.not_after = date_time_ymd(2001, 1, 1));
    for (identity, words) in [
        (authority.issue("chat.example.org", |_| {}), "is made out for another server"),
        (expired, "has expired"),
        (authority.itself(), "was made for somebody who vouches for others, and not for a server"),
        (
            authority.issue("127.0.0.1", |params| {
                params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
            }),
            "was not made for a server",
        ),
    ] {
        let stage = guarded(guard(&Book::new(None), authority.trust()));
        stage.accept_and_be_left(&identity);
        let Question::Unknown { why, .. } = stage.asked() else { panic!("another question") };
        assert_eq!(why, words);
    }
}

#[test]
fn an_invite_brings_the_certificate_along() {
    let (book, identity) = (Book::new(None), Identity::self_signed());
    let invited = Guard { pin: Some(identity.fingerprint()), ..guard(&book, nobody()) };
    let stage = guarded(invited.clone());
    stage.accept_greeting(&identity);
    assert_eq!(book.seen(&stage.address()), Seen::Pinned(identity.fingerprint()));
    // Who shows another one is not the server that was meant.
    let stage = guarded(Guard { book: Book::new(None), ..invited.clone() });
    stage.accept_and_be_left(&Identity::self_signed());
    assert!(matches!(stage.asked(), Question::Broken { .. }));
    // And who shows none is not either.
    let stage = guarded(Guard { book: Book::new(None), ..invited });
    stage.accept_and_close();
    assert!(matches!(stage.asked(), Question::PlainText { .. }));
}

#[test]
fn an_invite_is_not_forgotten_when_its_warning_was_heeded() {
    let (book, identity) = (Book::new(None), Identity::self_signed());
    let invited = Guard { pin: Some(identity.fingerprint()), ..guard(&book, nobody()) };
    let Stage { listener, net, .. } = guarded(invited);
    let address = Address::local(listener.local_addr().unwrap().port());
    drop(visitor(&listener));
    net.close(DEADLINE);
    // The person comes again, by the address alone, and once more after a start of the program.
    for _ in 0..2 {
        let stage = stage_on(listener.try_clone().unwrap(), hasty(), Some(guard(&book, nobody())));
        let other = Identity::self_signed();
        stage.accept_and_be_left(&other);
        let Question::Broken { promised, shown, .. } = stage.asked() else { panic!("another question") };
        assert_eq!((promised, shown), (identity.fingerprint(), other.fingerprint()));
        stage.net.order(Order::RetryNow);
        stage.accept_and_close();
        assert_eq!(stage.asked(), Question::PlainText { address: address.clone() });
    }
    // It is met as it was promised, and known by that from then on.
    let stage = stage_on(listener, hasty(), Some(guard(&book, nobody())));
    stage.accept_greeting(&identity);
    assert_eq!((book.seen(&address), book.promised(&address)), (Seen::Pinned(identity.fingerprint()), None));
}

#[test]
fn an_invite_that_contradicts_what_is_known_stops_until_the_person_decides() {
    let authority = Authority::new();
    let [known, other] = [(); 2].map(|()| Identity::self_signed());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = Address::local(listener.local_addr().unwrap().port());
    let enter = |book: &Book, pin: &Identity| {
        let guard = Guard { pin: Some(pin.fingerprint()), ..guard(book, authority.trust()) };
        stage_on(listener.try_clone().unwrap(), hasty(), Some(guard))
    };
    // The server is known by its certificate, and shows it; the invite says another.
    let book = Book::new(None);
    book.note(&address, Seen::Pinned(known.fingerprint()));
    let stage = enter(&book, &other);
    stage.accept_and_be_left(&known);
    let Question::Broken { promised, shown, what, .. } = stage.asked() else { panic!("another question") };
    assert_eq!((promised, shown), (other.fingerprint(), known.fingerprint()));
    assert_eq!(what, "is the one by which the server was known until now");
    stage.answer(Answer::Trust(shown));
    drop(stage.accept_greeting(&known));
    assert_eq!((book.seen(&address), book.promised(&address)), (Seen::Pinned(known.fingerprint()), None));
    drop(stage);
    // It shows what the invite says, and is known by another: an invite alone changes nothing.
    let stage = enter(&book, &other);
    stage.accept_and_be_left(&other);
    let Question::Changed { known: by, shown, .. } = stage.asked() else { panic!("another question") };
    assert_eq!((by, shown), (Some(known.fingerprint()), other.fingerprint()));
    drop(stage);
    // Somebody vouches for what it shows, and the invite says another.
    let (book, vouched) = (Book::new(None), authority.issue("127.0.0.1", |_| {}));
    let stage = enter(&book, &other);
    stage.accept_and_be_left(&vouched);
    let Question::Broken { shown, what, .. } = stage.asked() else { panic!("another question") };
    assert_eq!(what, "was issued by somebody whom this computer trusts");
    stage.answer(Answer::Trust(shown));
    drop(stage.accept_greeting(&vouched));
    assert_eq!((book.seen(&address), book.promised(&address)), (Seen::Trusted, None));
    drop(stage);
    // An invite that says what the server shows is met then, and says nothing of its next certificate.
    let stage = enter(&book, &vouched);
    drop(stage.accept_greeting(&vouched));
    assert_eq!((book.seen(&address), book.promised(&address)), (Seen::Trusted, None));
    drop(stage.accept_greeting(&authority.issue("127.0.0.1", |_| {})));
}

#[test]
fn who_answers_that_it_has_no_tls_is_spoken_to_in_plain_text() {
    let book = Book::new(None);
    let stage = guarded(guard(&book, nobody()));
    let mut talks = stage.visitor();
    talks.write_all(REFUSAL.as_bytes()).unwrap();
    drop(stage.accept());
    // That is not asked again, nor tried.
    stage.accept();
    stage.connected();
    assert_eq!(stage.event(), News::InPlainText);
    assert_eq!(book.seen(&stage.address()), Seen::Never);
}

#[test]
fn who_closes_what_it_cannot_read_is_not_spoken_to_in_plain_text_unasked() {
    let book = Book::new(None);
    let stage = stage_guarded(patient(), Some(guard(&book, nobody())));
    stage.accept_and_close();
    let asks = Question::NoAnswer { address: stage.address() };
    assert_eq!(stage.asked(), asks);
    // Somebody on the way may have closed it.
    stage.net.order(Order::RetryNow);
    stage.accept_and_close();
    assert_eq!(stage.asked(), asks);
    assert_eq!(book.seen(&stage.address()), Seen::Never);
    stage.answer(Answer::PlainText);
    drop(stage.accept());
    assert_eq!(book.seen(&stage.address()), Seen::Plain);
    // That is remembered, and TLS is tried first all the same.
    stage.accept_and_close();
    drop(stage.accept());
    stage.accept_and_be_left(&Identity::self_signed());
    assert!(matches!(stage.asked(), Question::Unknown { .. }));
}

#[test]
fn who_is_turned_away_in_plain_text_has_not_heard_how_the_server_speaks() {
    use chat_shared::Notice::{AddressBanned, AddressFull, RoomFull};
    for notice in [RoomFull, AddressFull, AddressBanned] {
        let identity = Identity::self_signed();
        for seen in [Seen::Never, Seen::Pinned(identity.fingerprint())] {
            let (book, listener) = (Book::new(None), TcpListener::bind("127.0.0.1:0").unwrap());
            book.note(&Address::local(listener.local_addr().unwrap().port()), seen);
            let stage = stage_on(listener, hasty(), Some(guard(&book, nobody())));
            let (mut door, _) = stage.listener.accept().unwrap();
            door.write_all(format!("{}\n", notice.to_line()).as_bytes()).unwrap();
            let why = stage.until(|news| if let News::Lost { why, .. } = news { Some(why) } else { None });
            assert_eq!((why, book.seen(&stage.address())), (notice.to_string(), seen));
            drop(door);
            // TLS is tried again, and nothing else.
            stage.net.order(Order::RetryNow);
            if seen == Seen::Never {
                stage.accept_and_be_left(&identity);
            } else {
                drop(stage.accept_greeting(&identity));
            }
        }
    }
}

/// Waits for TLS that do not end before a test does.
fn patient() -> Waits {
    Waits { tls: DEADLINE, no_tls: DEADLINE, ..Waits::default() }
}

#[test]
fn who_does_not_answer_in_tls_is_not_spoken_to_in_plain_text_unasked() {
    let book = Book::new(None);
    let stage = guarded(guard(&book, nobody()));
    let asks = Question::NoAnswer { address: stage.address() };
    let _silent = stage.visitor();
    assert_eq!(stage.asked(), asks);
    // It may have been slow.
    stage.net.order(Order::RetryNow);
    let _silent = stage.visitor();
    assert_eq!(stage.asked(), asks);
    assert_eq!(book.seen(&stage.address()), Seen::Never);
    stage.answer(Answer::PlainText);
    drop(stage.accept());
    stage.connected();
    assert_eq!(book.seen(&stage.address()), Seen::Plain);
    // From now on nobody is asked, and TLS is tried first all the same.
    let _silent = stage.visitor();
    drop(stage.accept());
    stage.connected();
    let identity = Identity::self_signed();
    stage.accept_and_be_left(&identity);
    assert!(matches!(stage.asked(), Question::Unknown { .. }));
}

#[test]
fn a_handshake_that_breaks_off_is_not_an_answer_in_plain_text() {
    let stage = stage_guarded(patient(), Some(guard(&Book::new(None), nobody())));
    let mut begins = stage.visitor();
    // A piece of a handshake, and the end.
    begins.read_exact(&mut [0]).unwrap();
    begins.write_all(&[0x16, 3, 3, 0, 100, 2]).unwrap();
    begins.shutdown(std::net::Shutdown::Write).unwrap();
    let why = stage.until(|news| if let News::Lost { why, .. } = news { Some(why) } else { None });
    assert_eq!(why, "the connection was cut");
    drop(begins);
    stage.accept_and_be_left(&Identity::self_signed());
}

#[test]
fn a_server_that_says_it_takes_only_tls_gets_it_at_once() {
    let words = chat_shared::Notice::TlsRequired.to_string();
    for said in
        [format!("MESSAGE * {words}\n"), format!("ERROR not-permitted - {words}\nBYE 10000 {words}\n")]
    {
        let stage = guarded(guard(&Book::new(None), nobody()));
        let says_so = || {
            let mut talks = stage.visitor();
            talks.write_all(REFUSAL.as_bytes()).unwrap();
            say(&mut stage.accept_as("ann"), &said);
        };
        says_so();
        let identity = Identity::self_signed();
        stage.accept_and_be_left(&identity);
        let mut events = std::iter::repeat_with(|| stage.event());
        let asks = events.find(|news| !matches!(news, News::Connecting { .. }));
        assert!(matches!(asks, Some(News::Asks(Question::Unknown { .. }))), "{asks:?}");
        // TLS has not worked after all: then there is a pause.
        stage.net.order(Order::RetryNow);
        says_so();
        let why = stage.until(|news| if let News::Lost { why, .. } = news { Some(why) } else { None });
        assert_eq!(why, words);
        stage.accept_and_be_left(&identity);
    }
}

#[test]
fn who_had_tls_is_not_spoken_to_in_plain_text_unasked() {
    let book = Book::new(None);
    let authority = Authority::new();
    let stage = guarded(guard(&book, authority.trust()));
    drop(stage.accept_greeting(&authority.issue("127.0.0.1", |_| {})));
    stage.accept_and_close();
    assert_eq!(stage.asked(), Question::PlainText { address: stage.address() });
    stage.answer(Answer::PlainText);
    stage.accept();
    assert_eq!(book.seen(&stage.address()), Seen::Trusted, "the next time it is asked again");
}
