//! TLS towards a directory server: whom we trust, and who we say we are (RFC 4513 section 3).
use std::path::Path;
use std::sync::Arc;

use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::{Bind, DirectoryConfig, DirectoryUrl};
use crate::directory::DirectoryError;

/// The client's side of TLS with this directory.
pub(super) fn client(
    config: &DirectoryConfig,
    url: &DirectoryUrl,
) -> Result<(Arc<ClientConfig>, ServerName<'static>), DirectoryError> {
    let failed = |reason: String| DirectoryError::Tls {
        url: url.clone(),
        reason,
    };
    let roots = roots(config.ca_file.as_deref()).map_err(failed)?;
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(error.to_string()))?
        .with_root_certificates(roots);
    let client = match &config.bind {
        Bind::Key(key) => builder
            .with_client_auth_cert(vec![key.certificate().clone()], key.private_key())
            .map_err(|error| failed(error.to_string()))?,
        _ => builder.with_no_client_auth(),
    };
    let name = ServerName::try_from(url.host.clone()).map_err(|error| failed(error.to_string()))?;
    Ok((Arc::new(client), name))
}

/// Those in the file, if one is given, and those that the system trusts.
fn roots(ca_file: Option<&Path>) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    if let Some(path) = ca_file {
        let told = |error: String| format!("{}: {error}", path.display());
        let certificates = CertificateDer::pem_file_iter(path).map_err(|e| told(e.to_string()))?;
        for certificate in certificates {
            let certificate = certificate.map_err(|e| told(e.to_string()))?;
            roots.add(certificate).map_err(|e| told(e.to_string()))?;
        }
        if roots.is_empty() {
            return Err(told("no certificate in it".to_owned()));
        }
    }
    // A system without any is no fault where a file was given; else the handshake says what is wrong.
    let system = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(system.certs);
    Ok(roots)
}
