//! The flags that say who may come in: TLS, the certificate, the password. Knows flags and files; what the
//! doors do with them is the library's business.

use std::env::VarError;
use std::fmt::Display;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use argh::FromArgValue;
use chat_server::{Certificates, Password, Store, Tls};
use zeroize::Zeroizing;

/// Where the password may be instead of in a file.
const VARIABLE: &str = "CHAT_PASSWORD";

/// `--tls`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TlsFlag {
    Off,
    Offer,
    Require,
}

impl FromArgValue for TlsFlag {
    fn from_arg_value(value: &str) -> Result<Self, String> {
        match value {
            "off" => Ok(Self::Off),
            "offer" => Ok(Self::Offer),
            "require" => Ok(Self::Require),
            other => Err(format!("`{other}` is none of off, offer and require")),
        }
    }
}

/// The certificate that was given, or the room's own.
pub(crate) fn tls(
    flag: TlsFlag,
    cert: Option<&Path>,
    key: Option<&Path>,
    store: &Store,
) -> anyhow::Result<Tls> {
    ensure!(cert.is_some() == key.is_some(), "--cert and --key belong together: give both, or none");
    if flag == TlsFlag::Off {
        ensure!(
            cert.is_none(),
            "--cert and --key are for TLS, which --tls off switches off; leave one of them out"
        );
        return Ok(Tls::Off);
    }
    let certificates = match (cert, key) {
        (Some(cert), Some(key)) => Certificates::from_files(cert, key)?,
        _ => Certificates::of(store)?,
    };
    log::info!("certificate fingerprint {}", certificates.fingerprint());
    Ok(if flag == TlsFlag::Require { Tls::Require(certificates) } else { Tls::Offer(certificates) })
}

/// The room's password, from a file or from the environment, if there is one.
pub(crate) fn password(file: Option<&Path>) -> anyhow::Result<Option<Password>> {
    let variable = match std::env::var(VARIABLE) {
        Ok(words) => Some(Zeroizing::new(words)),
        Err(VarError::NotPresent) => None,
        // Whoever sets it wants a password: no room is open because of how it is written.
        Err(VarError::NotUnicode(_)) => bail!("the password in {VARIABLE} is not UTF-8"),
    };
    let (words, from): (_, &dyn Display) = match (file, variable) {
        (Some(_), Some(_)) => {
            bail!("there are two passwords, in --password-file and in {VARIABLE}; leave one out")
        }
        (Some(file), None) => {
            let words = fs::read_to_string(file)
                .with_context(|| format!("--password-file {} cannot be read", file.display()))?;
            (Zeroizing::new(words), &file.display())
        }
        (None, Some(words)) => (words, &VARIABLE),
        (None, None) => return Ok(None),
    };
    let line = words.strip_suffix('\n').unwrap_or(&words);
    let line = line.strip_suffix('\r').unwrap_or(line);
    Password::new(line).with_context(|| format!("{from} holds no password")).map(Some)
}
