//! Who the room is, to those who speak TLS: its certificate and key, made or given, and taken up again when
//! the files change. Connections that are open keep what they began with. Knows no socket.
//!
//! | module | what it does |
//! |---|---|
//! | `error` | why a certificate cannot be used, in words for a person |
//! | `files` | certificates and keys in files |
//! | `own` | makes a certificate for a room that was given none, and keeps it |

mod error;
mod files;
mod own;

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use ring::digest;
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::Store;
use files::{Files, Stamp};

pub use error::CertificateError;

/// Who may come in how.
#[derive(Debug, Clone, Default)]
pub enum Tls {
    /// In plain text only.
    #[default]
    Off,
    /// With TLS or without.
    Offer(Certificates),
    /// With TLS only.
    Require(Certificates),
}

/// A room's certificate and key, shared by all that hold a clone of it.
#[derive(Clone)]
pub struct Certificates(Arc<Current>);

struct Current {
    /// `None` when there are no files, because nothing of the room is kept.
    files: Option<Files>,
    /// How the files were when they were last looked at. Held while they are read, which can take long: by one
    /// at a time, and never by whoever shakes hands.
    seen: Mutex<Option<Stamp>>,
    // A std lock: held for a look-up, never across an await.
    key: RwLock<Arc<CertifiedKey>>,
}

impl Certificates {
    /// The certificate in `certificate`, followed by those that lead to a trusted one, and its private
    /// key in `key`, both as PEM.
    ///
    /// # Errors
    /// When a file cannot be read or does not hold that, or the key is another certificate's.
    pub fn from_files(certificate: &Path, key: &Path) -> Result<Self, CertificateError> {
        Self::load(Files { certificate: certificate.to_owned(), key: key.to_owned() })
    }

    /// The room's own certificate, which nobody else vouches for. It is made once and kept beside the log, as
    /// `cert.pem` and `key.pem`, the key for its owner only; for a log in memory, it is made anew each time.
    ///
    /// # Errors
    /// When the files are there but cannot be used, or cannot be written.
    pub fn of(store: &Store) -> Result<Self, CertificateError> {
        match &store.folder {
            Some(folder) => Self::load(own::kept_in(folder)?),
            None => Ok(Self::with(None, None, own::make()?.certified()?)),
        }
    }

    /// What tells this certificate from all others: the SHA-256 of its DER, as 64 hexadecimal digits in
    /// lower case. People who join compare it, or are given it in an invite.
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.0.key())
    }

    /// Reads the files again. When they are of no use, that is logged, and the room goes on with what it has.
    /// Waits for the disk, and for who reads them already: not to be called where anybody waits.
    pub fn reload(&self) {
        let Some(files) = &self.0.files else {
            log::info!("the certificate is in memory only: there is nothing to read again");
            return;
        };
        let mut seen = self.0.seen.lock().unwrap_or_else(PoisonError::into_inner);
        *seen = files.stamp();
        self.0.take_up(files);
    }

    /// The same, if the files have changed since they were last looked at. Waits for the disk.
    pub(crate) fn reload_if_changed(&self) {
        if let Some(files) = &self.0.files {
            let mut seen = self.0.seen.lock().unwrap_or_else(PoisonError::into_inner);
            let stamp = files.stamp();
            if std::mem::replace(&mut *seen, stamp) != stamp {
                self.0.take_up(files);
            }
        }
    }

    /// How to shake hands. Always with the certificate of the moment.
    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        let builder = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring has all that TLS 1.2 and 1.3 need");
        let mut config = builder
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&self.0) as Arc<dyn ResolvesServerCert>);
        // Members stay for hours: to come back sooner is not worth remembering everybody.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Arc::new(config)
    }

    #[cfg(test)]
    pub(crate) fn der(&self) -> rustls::pki_types::CertificateDer<'static> {
        self.0.key().cert[0].clone()
    }

    fn load(files: Files) -> Result<Self, CertificateError> {
        let stamp = files.stamp();
        let key = files.read()?;
        Ok(Self::with(Some(files), stamp, key))
    }

    fn with(files: Option<Files>, stamp: Option<Stamp>, key: CertifiedKey) -> Self {
        Self(Arc::new(Current { files, seen: Mutex::new(stamp), key: RwLock::new(Arc::new(key)) }))
    }
}

impl Current {
    fn key(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.key.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn take_up(&self, files: &Files) {
        match files.read() {
            Ok(key) => {
                let fingerprint = fingerprint(&key);
                *self.key.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(key);
                log::info!("a new certificate is in use, fingerprint {fingerprint}");
            }
            Err(error) => log::error!("the old certificate stays in use: {error}"),
        }
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.key())
    }
}

impl fmt::Debug for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificates({})", fingerprint(&self.key()))
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn fingerprint(key: &CertifiedKey) -> String {
    let der = key.cert.first().expect("a chain begins with the room's own certificate");
    let digest = digest::digest(&digest::SHA256, der);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
