//! TLS, as tests speak it: with whoever answers, whose certificate the test may look at afterwards. No
//! program that people use should do so.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::sync::{Arc, LazyLock};

use ring::digest;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring as provider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, Error, SignatureScheme, StreamOwned};

/// A connection that speaks TLS.
pub type Sealed<S> = StreamOwned<ClientConnection, S>;

/// Will speak TLS on this connection; hands are shaken when something is first read or written.
///
/// # Panics
///
/// When TLS cannot be had at all.
pub fn seal<S: Read + Write>(socket: S) -> Sealed<S> {
    let name = ServerName::try_from("localhost").expect("localhost is a name");
    StreamOwned::new(ClientConnection::new(config(), name).expect("TLS can be had"), socket)
}

/// The SHA-256 of the certificate that the other end has shown, in hexadecimal.
///
/// # Panics
///
/// Before hands were shaken.
pub fn fingerprint(tls: &ClientConnection) -> String {
    let certificates = tls.peer_certificates().expect("hands have been shaken");
    let digest = digest::digest(&digest::SHA256, &certificates[0]);
    digest.as_ref().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn config() -> Arc<ClientConfig> {
    static CONFIG: LazyLock<Arc<ClientConfig>> = LazyLock::new(new_config);
    Arc::clone(&CONFIG)
}

fn new_config() -> Arc<ClientConfig> {
    let provider = Arc::new(provider::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .expect("ring has all that TLS 1.2 and 1.3 need")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody(provider)))
        .with_no_client_auth();
    Arc::new(config)
}

/// Takes any certificate, but not one without its key.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
