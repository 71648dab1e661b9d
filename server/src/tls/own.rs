//! Makes a certificate for a room that was given none, and keeps it: both files, or none that counts. Says
//! nothing about who the room is; those who join look at its fingerprint.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use rcgen::{CertificateParams, DnType, KeyPair};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::CertifiedKey;

use super::CertificateError;
use super::files::Files;

/// The name in it. Nobody vouches for it, so it claims to be nobody.
const NAME: &str = "oneroom";

/// A certificate and its key.
pub(super) struct Pair {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

/// Makes one. It does not run out: who has once looked at it shall not have to do so again.
pub(super) fn make() -> Result<Pair, CertificateError> {
    let made = || {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new([NAME.to_owned()])?;
        params.distinguished_name.push(DnType::CommonName, NAME);
        Ok(Pair { certificate: params.self_signed(&key)?, key })
    };
    made().map_err(|error: rcgen::Error| CertificateError::Make { why: error.to_string() })
}

impl Pair {
    pub(super) fn certified(&self) -> Result<CertifiedKey, CertificateError> {
        let key = PrivateKeyDer::try_from(self.key.serialize_der());
        let key = key.map_err(|why| CertificateError::Make { why: why.to_owned() })?;
        CertifiedKey::from_der(vec![self.certificate.der().clone()], key, &default_provider())
            .map_err(|error| CertificateError::Make { why: error.to_string() })
    }
}

/// The room's own in its folder, made now if it is not there.
pub(super) fn kept_in(folder: &Path) -> Result<Files, CertificateError> {
    let files = Files { certificate: folder.join("cert.pem"), key: folder.join("key.pem") };
    // The certificate is written last: if it is there, they both are.
    match fs::exists(&files.certificate) {
        Ok(true) => return Ok(files),
        Ok(false) => {}
        Err(source) => return Err(CertificateError::Read { file: files.certificate, source }),
    }
    let pair = make()?;
    let keep = |file: &Path, content: String| {
        write(folder, file, content.as_bytes())
            .map_err(|source| CertificateError::Write { file: file.to_owned(), source })
    };
    keep(&files.key, pair.key.serialize_pem())?;
    keep(&files.certificate, pair.certificate.pem())?;
    log::info!("a certificate was made for this room; it is kept in {}", folder.display());
    Ok(files)
}

/// Writes a file for its owner only, whole or not at all.
fn write(folder: &Path, file: &Path, content: &[u8]) -> io::Result<()> {
    let new: PathBuf = file.with_extension("pem-new");
    // What an attempt left that came to a sudden end.
    match fs::remove_file(&new) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut opened = options.open(&new)?;
    opened.write_all(content)?;
    opened.sync_all()?;
    fs::rename(&new, file)?;
    // The name, too, must survive a loss of power. Windows cannot open a folder, and needs not.
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
