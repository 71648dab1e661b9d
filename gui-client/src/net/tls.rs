//! TLS on a connection that was just made: whether the other side speaks it at all, and whose certificate
//! it shows. Knows certificates and who vouches for them; what follows from it is decided elsewhere.

use std::cell::RefCell;
use std::fmt;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll, ready};

use chat_shared::Notice;
use futures_lite::{AsyncRead, AsyncWrite};
use futures_rustls::TlsConnector;
use futures_rustls::client::TlsStream;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use smol::net::TcpStream;

use crate::address::Address;
use crate::invite::Fingerprint;

/// What a host is called that no certificate can be made out for.
const NO_NAME: &str = "oneroom.invalid";

/// What speaks for a certificate that is not the promised one: it …
const VOUCHED: &str = "was issued by somebody whom this computer trusts";
const KNOWN: &str = "is the one by which the server was known until now";

/// What the verifier calls it when the certificate of an authority is shown by a server.
const CA_AS_SERVER: &str = "CaUsedAsEndEntity";

/// Who vouches for certificates.
#[derive(Clone, Default)]
pub struct Trust(Root);

#[derive(Clone, Default)]
enum Root {
    #[default]
    Platform,
    Given(Arc<dyn ServerCertVerifier>),
}

impl Trust {
    /// Those who issued under these certificates, and nobody else.
    ///
    /// # Errors
    /// When one of them is no certificate, or there is none.
    pub fn of(roots: impl IntoIterator<Item = Vec<u8>>) -> Result<Self, Error> {
        let mut store = RootCertStore::empty();
        for root in roots {
            store.add(CertificateDer::from(root))?;
        }
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider()).build();
        let verifier = verifier.map_err(|error| Error::General(error.to_string()))?;
        Ok(Self(Root::Given(verifier)))
    }

    /// `None` where nobody does.
    fn verifier(&self) -> Option<Arc<dyn ServerCertVerifier>> {
        match &self.0 {
            Root::Platform => platform(),
            Root::Given(verifier) => Some(Arc::clone(verifier)),
        }
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Root::Platform => "Trust::Platform",
            Root::Given(_) => "Trust::Given",
        })
    }
}

/// Those whom this computer trusts: looked up once, when the first certificate is shown.
fn platform() -> Option<Arc<dyn ServerCertVerifier>> {
    static PLATFORM: OnceLock<Option<Arc<dyn ServerCertVerifier>>> = OnceLock::new();
    let look_up = || match rustls_platform_verifier::Verifier::new(provider()) {
        Ok(verifier) => Some(Arc::new(verifier) as Arc<dyn ServerCertVerifier>),
        Err(error) => {
            log::warn!("this computer trusts nobody to vouch for certificates: {error}");
            None
        }
    };
    PLATFORM.get_or_init(look_up).clone()
}

fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    Arc::clone(PROVIDER.get_or_init(|| Arc::new(rustls::crypto::ring::default_provider())))
}

/// What came of it.
pub(super) enum Shaken {
    /// TLS, with a certificate that is in order.
    Tls(Box<TlsStream<Watched>>, Met),
    /// TLS, with one that is not. Nothing was said.
    Stranger {
        /// The certificate.
        fingerprint: Fingerprint,
        /// Why nobody vouches for it, in words: it …
        why: String,
    },
    /// TLS, with another certificate than was promised. Nothing was said.
    Broken {
        /// The certificate.
        fingerprint: Fingerprint,
        /// What speaks for it, or against it, in words: it …
        what: String,
    },
    /// The other side does not speak TLS: what it answers is something else.
    NoTls,
    /// It lets nobody in just now, for this reason, and says so before it has heard how we speak.
    TurnedAway(Notice),
    /// It has closed the connection without an answer.
    Closed,
    /// It does, but not with us.
    Failed(String),
}

/// Why a certificate is in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Met {
    /// Somebody vouches for it.
    Trusted,
    /// It is the one that was expected.
    Pinned(Fingerprint),
}

/// By what a server is to be recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Expected {
    /// The certificate that is in order though nobody vouches for it.
    pub(super) pinned: Option<Fingerprint>,
    /// The only one that is in order, whoever vouches for another.
    pub(super) promised: Option<Fingerprint>,
}

/// Begins TLS with the server at `address`, which is to show a certificate such as `expected`.
pub(super) async fn shake(stream: TcpStream, address: &Address, trust: &Trust, expected: Expected) -> Shaken {
    let name = server_name(address);
    let doorman = Arc::new(Doorman {
        trust: trust.verifier().filter(|_| name.is_some()),
        expected,
        verdict: Mutex::new(None),
    });
    let config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("ring has what these versions need")
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&doorman) as Arc<dyn ServerCertVerifier>)
        .with_no_client_auth();
    let name = name.unwrap_or_else(|| ServerName::try_from(NO_NAME).expect("a good name"));
    let answer = Rc::new(RefCell::default());
    let stream = Watched { stream, answer: Rc::clone(&answer) };
    let shaken = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    let verdict = doorman.verdict.lock().unwrap_or_else(PoisonError::into_inner).take();
    match (shaken, verdict) {
        (Ok(stream), Some(Verdict::Good(met))) => Shaken::Tls(Box::new(stream), met),
        (_, Some(Verdict::Stranger(fingerprint, why))) => Shaken::Stranger { fingerprint, why },
        (_, Some(Verdict::Broken(fingerprint, what))) => Shaken::Broken { fingerprint, what },
        (Ok(_), None) => Shaken::Failed("the server has shown no certificate".to_owned()),
        (Err(error), _) => failed(&error, &answer.borrow()),
    }
}

/// A connection of which it is known how what has come on it begins.
pub(super) struct Watched {
    stream: TcpStream,
    answer: Rc<RefCell<Vec<u8>>>,
}

/// So much of an answer is looked at: a line of a server that turns somebody away has room in it.
const ANSWER: usize = 256;

impl AsyncRead for Watched {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let read = ready!(Pin::new(&mut this.stream).poll_read(cx, buffer));
        if let Ok(count) = read {
            let mut answer = this.answer.borrow_mut();
            let missing = ANSWER.saturating_sub(answer.len());
            answer.extend_from_slice(&buffer[..count.min(missing)]);
        }
        Poll::Ready(read)
    }
}

impl AsyncWrite for Watched {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_close(cx)
    }
}

/// The name for which its certificate must be made out. `None` where there can be none.
fn server_name(address: &Address) -> Option<ServerName<'static>> {
    let host = address.host();
    // Not every certificate is written in the letters that people use.
    let host = match url::Host::parse(host) {
        Ok(url::Host::Domain(ascii)) => ascii,
        _ => host.split('%').next().unwrap_or(host).to_owned(),
    };
    ServerName::try_from(host).ok()
}

fn failed(error: &io::Error, answer: &[u8]) -> Shaken {
    log::debug!("TLS: {error}");
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    match inner {
        Some(Error::InvalidMessage(_)) => turned_away(answer).map_or(Shaken::NoTls, Shaken::TurnedAway),
        Some(Error::PeerIncompatible(_)) => Shaken::Failed("the server’s TLS is too old".to_owned()),
        Some(error) => Shaken::Failed(format!("no TLS with the server: {error}")),
        None if is_end(error) && answer.is_empty() => Shaken::Closed,
        None if is_end(error) => Shaken::Failed("the connection was cut".to_owned()),
        None => Shaken::Failed(format!("the connection failed: {error}")),
    }
}

/// Why nobody is let in, if an answer in plain text says that. It may come before the server has looked how we
/// speak, and is no sign of how it does.
fn turned_away(answer: &[u8]) -> Option<Notice> {
    let line = answer.split(|&byte| byte == b'\n').next()?;
    let reasons = [Notice::RoomFull, Notice::AddressFull, Notice::AddressBanned];
    reasons.into_iter().find(|notice| notice.to_line().as_bytes() == line.trim_ascii_end())
}

fn is_end(error: &io::Error) -> bool {
    use ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), UnexpectedEof | ConnectionReset | ConnectionAborted | BrokenPipe)
}

/// Looks at the server's certificate, and remembers what it saw.
struct Doorman {
    trust: Option<Arc<dyn ServerCertVerifier>>,
    expected: Expected,
    verdict: Mutex<Option<Verdict>>,
}

/// What the doorman thinks of a certificate.
enum Verdict {
    Good(Met),
    /// Nobody vouches for it, and this is why.
    Stranger(Fingerprint, String),
    /// Another was promised, whatever there is to be said of it.
    Broken(Fingerprint, String),
}

impl fmt::Debug for Doorman {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Doorman").field("expected", &self.expected).finish_non_exhaustive()
    }
}

impl ServerCertVerifier for Doorman {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let fingerprint = Fingerprint::of(certificate);
        let vouched = match &self.trust {
            Some(trust) => trust.verify_server_cert(certificate, between, name, ocsp, now).map(drop),
            None => Err(CertificateError::UnknownIssuer.into()),
        };
        let Expected { pinned, promised } = self.expected;
        let is_broken = promised.is_some_and(|promised| promised != fingerprint);
        let verdict = match vouched {
            Ok(()) if is_broken => Verdict::Broken(fingerprint, VOUCHED.to_owned()),
            Err(_) if is_broken && pinned == Some(fingerprint) => {
                Verdict::Broken(fingerprint, KNOWN.to_owned())
            }
            Err(error) if is_broken => Verdict::Broken(fingerprint, words(&error)),
            Ok(()) => Verdict::Good(Met::Trusted),
            Err(_) if pinned == Some(fingerprint) => Verdict::Good(Met::Pinned(fingerprint)),
            Err(error) => Verdict::Stranger(fingerprint, words(&error)),
        };
        let is_good = matches!(verdict, Verdict::Good(_));
        *self.verdict.lock().unwrap_or_else(PoisonError::into_inner) = Some(verdict);
        if is_good {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = provider().signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, &algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = provider().signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, &algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }
}

/// Why nobody vouches for a certificate: it …
fn words(error: &Error) -> String {
    use CertificateError::{
        BadEncoding, BadSignature, Expired, ExpiredContext, InvalidPurpose, InvalidPurposeContext,
        NotValidForName, NotValidForNameContext, NotValidYet, NotValidYetContext, Other, Revoked,
        UnknownIssuer,
    };
    let Error::InvalidCertificate(error) = error else {
        return format!("cannot be checked ({error})");
    };
    match error {
        Expired | ExpiredContext { .. } => "has expired".to_owned(),
        NotValidYet | NotValidYetContext { .. } => "is not valid yet".to_owned(),
        NotValidForName | NotValidForNameContext { .. } => "is made out for another server".to_owned(),
        Revoked => "was revoked".to_owned(),
        UnknownIssuer => "was issued by nobody whom this computer trusts".to_owned(),
        BadEncoding => "cannot be read".to_owned(),
        BadSignature => "bears a signature that is not its issuer’s".to_owned(),
        InvalidPurpose | InvalidPurposeContext { .. } => "was not made for a server".to_owned(),
        Other(other) => match other.to_string() {
            name if name == CA_AS_SERVER => {
                "was made for somebody who vouches for others, and not for a server".to_owned()
            }
            // The platform's own; a single word is the name of an error and says nothing to anybody.
            words if words.contains(' ') => format!("is not in order ({})", words.trim_end_matches('.')),
            _ => "is not in order".to_owned(),
        },
        error => {
            log::debug!("a certificate: {error}");
            "is not in order".to_owned()
        }
    }
}
