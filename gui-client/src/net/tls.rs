//! TLS on a connection that was just made: whether the other side speaks it at all, and whose certificate
//! it shows. Knows certificates and who vouches for them; what follows from it is decided elsewhere.

use std::fmt;
use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

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
    Tls(Box<TlsStream<TcpStream>>, Met),
    /// TLS, with one that is not. Nothing was said.
    Stranger {
        /// The certificate.
        fingerprint: Fingerprint,
        /// Why nobody vouches for it, in words: it …
        why: String,
    },
    /// The other side does not speak TLS.
    NoTls,
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

/// Begins TLS with the server at `address`. A certificate for which nobody vouches is in order only when it
/// is the one `expected`.
pub(super) async fn shake(
    stream: TcpStream,
    address: &Address,
    trust: &Trust,
    expected: Option<Fingerprint>,
) -> Shaken {
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
    let shaken = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    let verdict = doorman.verdict.lock().unwrap_or_else(PoisonError::into_inner).take();
    match (shaken, verdict) {
        (Ok(stream), Some(Ok(met))) => Shaken::Tls(Box::new(stream), met),
        (_, Some(Err((fingerprint, why)))) => Shaken::Stranger { fingerprint, why },
        (Ok(_), None) => Shaken::Failed("the server has shown no certificate".to_owned()),
        (Err(error), _) => failed(&error),
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

fn failed(error: &io::Error) -> Shaken {
    log::debug!("TLS: {error}");
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    match inner {
        Some(Error::InvalidMessage(_)) => Shaken::NoTls,
        Some(Error::PeerIncompatible(_)) => Shaken::Failed("the server’s TLS is too old".to_owned()),
        Some(error) => Shaken::Failed(format!("no TLS with the server: {error}")),
        None if is_end(error) => Shaken::NoTls,
        None => Shaken::Failed(format!("the connection failed: {error}")),
    }
}

fn is_end(error: &io::Error) -> bool {
    use ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), UnexpectedEof | ConnectionReset | ConnectionAborted | BrokenPipe)
}

/// Looks at the server's certificate, and remembers what it saw.
struct Doorman {
    trust: Option<Arc<dyn ServerCertVerifier>>,
    expected: Option<Fingerprint>,
    verdict: Mutex<Option<Result<Met, (Fingerprint, String)>>>,
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
        let verdict = match vouched {
            Ok(()) => Ok(Met::Trusted),
            Err(_) if self.expected == Some(fingerprint) => Ok(Met::Pinned(fingerprint)),
            Err(error) => Err((fingerprint, words(&error))),
        };
        let is_good = verdict.is_ok();
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
        Expired, ExpiredContext, NotValidForName, NotValidForNameContext, NotValidYet, NotValidYetContext,
        Revoked, UnknownIssuer,
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
        // The platform's own words.
        error => format!("is not in order ({error})"),
    }
}
