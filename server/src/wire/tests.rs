//! Bytes go through a wire as they are, in plain text and sealed, and what is sealed is one piece.

use std::net::TcpListener;
use std::thread;

use futures_lite::future;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::*;
use crate::{Certificates, Keep, Storage, Store};

/// A connection, and the other end of it.
pub(crate) fn pair() -> (Async<TcpStream>, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let theirs = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (ours, _) = listener.accept().unwrap();
    (Async::new(ours).unwrap(), theirs)
}

/// What the other end speaks through.
pub(crate) type Sealed = StreamOwned<ClientConnection, TcpStream>;

/// The same, when both have shaken hands.
pub(crate) fn sealed_pair() -> (Wire, Sealed) {
    sealed_with(false)
}

fn sealed_with(stranger: bool) -> (Wire, Sealed) {
    let store = Store::open(Storage::Memory, Keep::default()).unwrap();
    let certificates = Certificates::of(&store).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certificates.der()).unwrap();
    let (ours, theirs) = pair();
    let client = thread::spawn(move || seal_theirs(theirs, roots));
    let wire = future::block_on(Wire::seal(ours, certificates.config(), stranger)).unwrap();
    (wire, client.join().unwrap())
}

fn seal_theirs(socket: TcpStream, roots: RootCertStore) -> Sealed {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("oneroom").unwrap();
    let mut theirs = StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), socket);
    while theirs.conn.is_handshaking() {
        theirs.conn.complete_io(&mut theirs.sock).unwrap();
    }
    theirs
}

#[test]
fn what_is_written_in_pieces_is_one_record_and_arrives() {
    let (wire, mut theirs) = sealed_pair();
    let pieces = ["MESSAGE ann ", "hello", "\n"].map(|piece| IoSlice::new(piece.as_bytes()));
    assert_eq!((&wire).write_vectored(&pieces).unwrap(), 18);
    assert!(!wire.unsent());
    let mut head = [0; 5];
    theirs.sock.peek(&mut head).unwrap();
    // Its type and the padding or tag of the cipher are all that is added.
    assert_eq!((head[0], u16::from_be_bytes([head[3], head[4]])), (0x17, 18 + 1 + 16));
    let mut read = [0; 18];
    theirs.read_exact(&mut read).unwrap();
    assert_eq!(&read, b"MESSAGE ann hello\n");
}

#[test]
fn what_comes_is_read_in_order_until_the_end_with_or_without_a_good_bye() {
    for says_so in [true, false] {
        let (wire, mut theirs) = sealed_pair();
        let sender = thread::spawn(move || {
            for n in 0..20_000 {
                writeln!(theirs, "{n}").unwrap();
            }
            if says_so {
                theirs.conn.send_close_notify();
            }
            theirs.flush().unwrap();
        });
        let mut all = Vec::new();
        let mut some = [0; 1000];
        loop {
            match future::block_on(wire.read_with(|mut wire| wire.read(&mut some))).unwrap() {
                0 => break,
                read => all.extend_from_slice(&some[..read]),
            }
        }
        sender.join().unwrap();
        let expected: String = (0..20_000).map(|n| format!("{n}\n")).collect();
        assert!(all == expected.as_bytes(), "good-bye {says_so}");
    }
}

#[test]
fn what_a_socket_does_not_take_is_bounded() {
    let (wire, mut theirs) = sealed_pair();
    let much = vec![7; 1 << 20];
    let mut taken = 0;
    while let Ok(more) = (&wire).write(&much) {
        taken += more;
        assert!(taken < 1 << 30, "a socket's buffer has an end");
    }
    assert!(wire.unsent());
    let Wire::Sealed(_, tls) = &wire else { unreachable!() };
    let mut held = Vec::new();
    tls.borrow_mut().tls.write_tls(&mut held).unwrap();
    assert!(held.len() <= HELD + 1024, "{}", held.len());
    // What was cut out of the stream is seen at once.
    let mut read = vec![0; taken];
    drop(wire);
    assert!(theirs.read_exact(&mut read).is_err());
}

#[test]
fn garbage_ends_it() {
    let (wire, theirs) = sealed_pair();
    (&theirs.sock).write_all(b"SEND hello in plain text\n").unwrap();
    let read = future::block_on(wire.read_with(|mut wire| wire.read(&mut [0; 10])));
    assert_eq!(read.unwrap_err().kind(), io::ErrorKind::InvalidData);
}

#[test]
fn a_stranger_is_not_heard_at_length_and_who_was_admitted_is() {
    let read = |wire: &Wire, bytes: &mut [u8]| future::block_on(wire.read_with(|mut wire| wire.read(bytes)));
    let (wire, mut theirs) = sealed_with(true);
    theirs.write_all(&[7; 1500]).unwrap();
    assert_eq!(read(&wire, &mut [0; 1500]).unwrap(), 1500);
    theirs.write_all(&[7; 3000]).unwrap();
    let error = read(&wire, &mut [0; 1]).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    let (wire, mut theirs) = sealed_with(true);
    wire.admit();
    theirs.write_all(&[7; 3000]).unwrap();
    assert_eq!(read(&wire, &mut [0; 3000]).unwrap(), 3000);
}
