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
    Waits { tls: Duration::from_millis(300), ..Waits::default() }
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
        let (stream, _) = self.listener.accept().unwrap();
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
        assert_eq!(private_line(&mut server), format!("HELLO 1 {}\n", "ab".repeat(16)));
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
        let (mut stream, _) = self.listener.accept().unwrap();
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
    assert!(matches!(stage.asked(), Question::Changed { known: Some(_), .. }));
    // And who shows none is not either.
    let stage = guarded(Guard { book: Book::new(None), ..invited });
    stage.accept_and_close();
    assert!(matches!(stage.asked(), Question::PlainText { .. }));
}

#[test]
fn who_never_had_tls_is_spoken_to_in_plain_text() {
    let book = Book::new(None);
    let stage = guarded(guard(&book, nobody()));
    stage.accept_and_close();
    drop(stage.accept());
    // That is not asked again, nor tried.
    stage.accept();
    stage.connected();
    assert_eq!(book.seen(&stage.address()), Seen::Never);
    // One that answers in words has none, and neither has one that does not answer at all.
    let stage = guarded(guard(&book, nobody()));
    let (mut talks, _) = stage.listener.accept().unwrap();
    talks.write_all(REFUSAL.as_bytes()).unwrap();
    stage.accept();
    let stage = guarded(guard(&book, nobody()));
    let _silent = stage.listener.accept().unwrap();
    stage.accept();
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
