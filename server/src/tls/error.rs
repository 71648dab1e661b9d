//! Why a certificate cannot be used, in words for a person.

use std::path::PathBuf;
use std::{fmt, io};

/// Why a certificate or its key cannot be used.
#[derive(Debug)]
pub enum CertificateError {
    /// A file cannot be read.
    Read {
        /// Which.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file cannot be written.
    Write {
        /// Which, or its folder.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file does not hold what it should.
    Content {
        /// Which.
        file: PathBuf,
        /// What it should hold.
        wanted: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// The two do not belong together, or are of a kind that is not known here.
    Pair {
        /// The certificate.
        certificate: PathBuf,
        /// Its key.
        key: PathBuf,
        /// What is wrong with them.
        why: String,
    },
    /// None could be made.
    Make {
        /// What went wrong.
        why: String,
    },
}

impl fmt::Display for CertificateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { file, source } => {
                write!(f, "{} cannot be read: {source}; check its path and its rights", file.display())
            }
            Self::Write { file, source } => {
                write!(
                    f,
                    "the room's own certificate cannot be kept in {}: {source}; give another --data, or --tls off",
                    file.display()
                )
            }
            Self::Content { file, wanted, why } => {
                write!(f, "{} has no {wanted} as PEM in it: {why}", file.display())
            }
            Self::Pair { certificate, key, why } => write!(
                f,
                "{} and {} cannot be used together: {why}; the key must be that of the first certificate",
                certificate.display(),
                key.display()
            ),
            Self::Make { why } => write!(f, "no certificate can be made for the room: {why}"),
        }
    }
}

impl std::error::Error for CertificateError {}
