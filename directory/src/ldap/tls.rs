//! TLS towards a directory server: whom we trust, and who we say we are (RFC 4513 section 3).
use std::io;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::{
    CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

use super::{Bind, DirectoryConfig, DirectoryUrl};
use crate::directory::DirectoryError;
use crate::object::Fingerprint;

/// Goes on in TLS.
pub(super) async fn connect<S: AsyncRead + AsyncWrite + Unpin>(
    config: &DirectoryConfig,
    url: &DirectoryUrl,
    stream: S,
) -> Result<TlsStream<S>, DirectoryError> {
    let told = |reason: String| DirectoryError::Tls {
        url: url.clone(),
        reason,
    };
    let verifier = Arc::new(Verifier::new(config).map_err(told)?);
    let client = client(config, Arc::clone(&verifier)).map_err(|error| told(error.to_string()))?;
    let name = ServerName::try_from(url.host.clone()).map_err(|error| told(error.to_string()))?;
    let connected = TlsConnector::from(Arc::new(client))
        .connect(name, stream)
        .await;
    connected.map_err(|error| match verifier.refused.get() {
        Some((fingerprint, reason)) => DirectoryError::UnknownKey {
            url: url.clone(),
            reason: reason.clone(),
            fingerprint: *fingerprint,
        },
        None => told(plain(&error)),
    })
}

fn client(config: &DirectoryConfig, verifier: Arc<Verifier>) -> Result<ClientConfig, Error> {
    let builder = ClientConfig::builder_with_provider(Arc::clone(&verifier.provider))
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    match &config.bind {
        Bind::Key(key) => {
            builder.with_client_auth_cert(vec![key.certificate().clone()], key.private_key())
        }
        _ => Ok(builder.with_no_client_auth()),
    }
}

/// Trusts one key, or what the authorities vouch for; keeps what it refused.
#[derive(Debug)]
struct Verifier {
    trust: Trust,
    provider: Arc<CryptoProvider>,
    refused: OnceLock<(Fingerprint, String)>,
}

#[derive(Debug)]
enum Trust {
    Key(Fingerprint),
    Authorities(Arc<WebPkiServerVerifier>),
    /// There are no authorities on this computer.
    Nobody,
}

impl Verifier {
    fn new(config: &DirectoryConfig) -> Result<Self, String> {
        let provider = Arc::new(ring::default_provider());
        let trust = match config.server_key {
            Some(key) => Trust::Key(key),
            None => match roots(config.ca_file.as_deref())? {
                roots if roots.is_empty() => Trust::Nobody,
                roots => {
                    let provider = Arc::clone(&provider);
                    let verifier =
                        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
                    Trust::Authorities(verifier.build().map_err(|error| error.to_string())?)
                }
            },
        };
        Ok(Self {
            trust,
            provider,
            refused: OnceLock::new(),
        })
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let parsed = ParsedCertificate::try_from(end_entity)?;
        let key = Fingerprint::of(&parsed.subject_public_key_info());
        let unknown = || Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let trusted = match &self.trust {
            Trust::Key(trusted) if *trusted == key => Ok(ServerCertVerified::assertion()),
            Trust::Key(_) | Trust::Nobody => Err(unknown()),
            Trust::Authorities(authorities) => authorities.verify_server_cert(
                end_entity,
                intermediates,
                server_name,
                ocsp_response,
                now,
            ),
        };
        trusted.inspect_err(|error| {
            let reason = match &self.trust {
                Trust::Key(_) => "it has another key than the one that is trusted".to_owned(),
                _ => error.to_string(),
            };
            self.refused.get_or_init(|| (key, reason));
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
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
    // A system that has none is no fault: there may be a file, or a key that is trusted.
    let system = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(system.certs);
    Ok(roots)
}

/// What went wrong, as TLS says it.
fn plain(error: &io::Error) -> String {
    let inner = error.get_ref().map(ToString::to_string);
    inner.unwrap_or_else(|| error.to_string())
}
