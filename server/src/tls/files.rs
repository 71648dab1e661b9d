//! A certificate and its key in two files, as PEM. Reads them, and tells when they have changed; what
//! becomes of that is decided above.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;

use super::CertificateError;

/// Where they are.
#[derive(Debug)]
pub(super) struct Files {
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
}

/// When the two were changed, and how long they are.
pub(super) type Stamp = [(SystemTime, u64); 2];

impl Files {
    /// `None` while one of them is not there.
    pub(super) fn stamp(&self) -> Option<Stamp> {
        let stamp = |file: &Path| {
            let metadata = fs::metadata(file).ok()?;
            Some((metadata.modified().ok()?, metadata.len()))
        };
        Some([stamp(&self.certificate)?, stamp(&self.key)?])
    }

    pub(super) fn read(&self) -> Result<CertifiedKey, CertificateError> {
        let (wanted, file) = ("certificate", &self.certificate);
        let chain = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let chain = chain.map_err(|error| refuse(file, wanted, error))?;
        if chain.is_empty() {
            return Err(refuse(file, wanted, PemError::NoItemsFound));
        }
        // Of the others nothing is asked when hands are shaken: members would be the first to find out.
        for (nth, certificate) in (1..).zip(&chain) {
            if let Err(error) = ParsedCertificate::try_from(certificate) {
                let why = format!("what stands there as number {nth} is none ({error})");
                return Err(CertificateError::Content { file: file.clone(), wanted, why });
            }
        }
        let key = PrivateKeyDer::from_pem_file(&self.key)
            .map_err(|error| refuse(&self.key, "private key", error))?;
        CertifiedKey::from_der(chain, key, &default_provider()).map_err(|error| CertificateError::Pair {
            certificate: self.certificate.clone(),
            key: self.key.clone(),
            why: error.to_string(),
        })
    }
}

fn refuse(file: &Path, wanted: &'static str, error: PemError) -> CertificateError {
    let file = file.to_owned();
    match error {
        PemError::Io(source) => CertificateError::Read { file, source },
        PemError::NoItemsFound => CertificateError::Content { file, wanted, why: "there is none".to_owned() },
        error => CertificateError::Content { file, wanted, why: error.to_string() },
    }
}
