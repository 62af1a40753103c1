//! The key pair by which an installation of this program is known to directories (SASL EXTERNAL). Touches the file system.
use std::fmt;
use std::io;
use std::path::Path;

use rcgen::{CertificateParams, DnType, KeyPair, PublicKeyData as _};
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::disk;
use crate::object::Fingerprint;

/// A key pair with a certificate that it signed itself: only the key in it means anything, not its names and dates.
pub struct InstallationKey {
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
    fingerprint: Fingerprint,
}

impl InstallationKey {
    /// Reads the key pair from a PEM file, which is made if it is not there; only its owner may read it.
    pub fn open(path: &Path) -> io::Result<Self> {
        Self::open_named(path, &[])
    }

    /// The same, with names and addresses for a new certificate, by which those who connect know a server.
    pub(crate) fn open_named(path: &Path, names: &[String]) -> io::Result<Self> {
        let pem = match disk::read(path, MAX_FILE) {
            Ok(pem) => pem,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let pem = make(names)?;
                disk::replace(path, pem.as_bytes())?;
                pem.into_bytes()
            }
            Err(error) => return Err(error),
        };
        Self::from_pem(&pem)
    }

    /// A key pair of which nothing is kept on disk.
    pub fn fleeting() -> io::Result<Self> {
        Self::from_pem(make(&[])?.as_bytes())
    }

    fn from_pem(pem: &[u8]) -> io::Result<Self> {
        let key = PrivateKeyDer::from_pem_slice(pem).map_err(io::Error::other)?;
        let pair = KeyPair::try_from(&key).map_err(io::Error::other)?;
        Ok(Self {
            certificate: CertificateDer::from_pem_slice(pem).map_err(io::Error::other)?,
            fingerprint: Fingerprint::of(&pair.subject_public_key_info()),
            key,
        })
    }

    /// By which others know it.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The certificate, in DER.
    pub fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// The private key, for TLS and nothing else.
    pub fn private_key(&self) -> PrivateKeyDer<'static> {
        self.key.clone_key()
    }
}

impl fmt::Debug for InstallationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InstallationKey({})", self.fingerprint)
    }
}

/// A new key pair and its certificate, in PEM.
fn make(names: &[String]) -> io::Result<String> {
    let key = KeyPair::generate().map_err(io::Error::other)?;
    let mut params = CertificateParams::new(names).map_err(io::Error::other)?;
    params
        .distinguished_name
        .push(DnType::CommonName, "Rendezvous installation");
    let certificate = params.self_signed(&key).map_err(io::Error::other)?;
    Ok(format!("{}{}", key.serialize_pem(), certificate.pem()))
}

/// Many times what a key pair and its certificate need.
const MAX_FILE: u64 = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        let made = InstallationKey::open(&path).unwrap();
        let read = InstallationKey::open(&path).unwrap();
        assert_eq!(made.fingerprint(), read.fingerprint());
        assert_eq!(made.certificate(), read.certificate());
        let other = InstallationKey::fleeting().unwrap();
        assert_ne!(made.fingerprint(), other.fingerprint());
        assert!(!format!("{made:?}").contains("KEY"));
    }

    #[test]
    fn a_broken_file_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        std::fs::write(&path, "no key").unwrap();
        assert!(InstallationKey::open(&path).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"no key");
    }
}
