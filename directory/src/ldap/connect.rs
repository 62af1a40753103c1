//! From an address to a connection over which LDAP can be spoken: TCP, StartTLS or TLS, checked messages.
use std::io;

use ldap3::{Ldap, LdapConnAsync, LdapConnSettings};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use super::ber::tag;
use super::{Bind, DirectoryConfig, DirectoryUrl, Protocol, TIMEOUT, greeting, pipe, tls};
use crate::directory::DirectoryError;

/// A connection on which nobody has logged in yet, but by version 2.
pub(super) struct Connection {
    pub(super) ldap: Ldap,
    pub(super) is_encrypted: bool,
    /// Whether the bind of version 2 has been made already.
    pub(super) is_bound: bool,
}

/// Opens a connection; `as_version_2` binds as ILS wants it.
pub(super) async fn open(
    config: &DirectoryConfig,
    url: &DirectoryUrl,
    as_version_2: bool,
) -> Result<Connection, DirectoryError> {
    let opening = open_unbounded(config, url, as_version_2);
    match tokio::time::timeout(TIMEOUT, opening).await {
        Ok(opened) => opened,
        Err(_) => Err(DirectoryError::TimedOut { url: url.clone() }),
    }
}

async fn open_unbounded(
    config: &DirectoryConfig,
    url: &DirectoryUrl,
    as_version_2: bool,
) -> Result<Connection, DirectoryError> {
    let failed = |error: io::Error| unreachable(url, &error);
    let mut tcp = TcpStream::connect((url.host.as_str(), url.port))
        .await
        .map_err(failed)?;
    tcp.set_nodelay(true).map_err(failed)?;
    let is_upgraded = config.wants_start_tls() && url.protocol != Protocol::Ldaps;
    if is_upgraded {
        start_tls(&mut tcp, url).await?;
    }
    if !is_upgraded && url.protocol != Protocol::Ldaps {
        return greet(tcp, config, url, as_version_2, false).await;
    }
    let tls = tls::connect(config, url, tcp).await?;
    #[cfg(feature = "gssapi")]
    if matches!(config.bind, Bind::Gssapi) {
        return with_ticket(tls, url).await;
    }
    greet(tls, config, url, as_version_2, true).await
}

/// Logs in with a Kerberos ticket, then lays the pipe to the library.
#[cfg(feature = "gssapi")]
async fn with_ticket(
    mut tls: tokio_rustls::client::TlsStream<TcpStream>,
    url: &DirectoryUrl,
) -> Result<Connection, DirectoryError> {
    let certificates = tls.get_ref().1.peer_certificates().unwrap_or_default();
    let certificate = certificates.first().map(|first| first.to_vec());
    let certificate = certificate.unwrap_or_default();
    let bound = super::kerberos::bind(&mut tls, &url.host, &certificate).await;
    match bound {
        Ok(outcome) if outcome.code == 0 => hand_over(tls, url, true, true).await,
        Ok(outcome) => Err(super::result::error(outcome.code, &outcome.text)),
        Err(error) => {
            // Mostly that there is no ticket, or none for this server.
            let text = format!("no login with a Kerberos ticket: {error}");
            Err(DirectoryError::Refused(text))
        }
    }
}

async fn start_tls(tcp: &mut TcpStream, url: &DirectoryUrl) -> Result<(), DirectoryError> {
    let failed = |reason: String| DirectoryError::Tls {
        url: url.clone(),
        reason,
    };
    let request = greeting::start_tls_request();
    let answer = greeting::exchange(tcp, &request, tag::EXTENDED_RESPONSE).await;
    match answer.map_err(|error| failed(error.to_string()))? {
        outcome if outcome.code == 0 => Ok(()),
        outcome => Err(failed(format!(
            "it does not offer StartTLS ({})",
            outcome.text
        ))),
    }
}

/// Binds by version 2 if that is wanted, and lays the pipe to the library.
async fn greet<S>(
    mut stream: S,
    config: &DirectoryConfig,
    url: &DirectoryUrl,
    as_version_2: bool,
    is_encrypted: bool,
) -> Result<Connection, DirectoryError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    if as_version_2 {
        let (name, password) = match &config.bind {
            Bind::Simple { dn, password } => (dn.as_str(), password.reveal()),
            _ => ("", ""),
        };
        let request = greeting::bind_v2_request(name, password);
        let answer = greeting::exchange(&mut stream, &request, tag::BIND_RESPONSE).await;
        let outcome = answer.map_err(|error| unreachable(url, &error))?;
        if outcome.code != 0 {
            return Err(super::result::error(outcome.code, &outcome.text));
        }
    }
    hand_over(stream, url, is_encrypted, as_version_2).await
}

/// Lays the pipe to the library.
async fn hand_over<S>(
    stream: S,
    url: &DirectoryUrl,
    is_encrypted: bool,
    is_bound: bool,
) -> Result<Connection, DirectoryError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let pipe = pipe::lay(stream)
        .await
        .map_err(|error| unreachable(url, &error))?;
    let settings = LdapConnSettings::new().set_std_stream(pipe.stream);
    let (driver, ldap) = LdapConnAsync::with_settings(settings, pipe.url)
        .await
        .map_err(|error| unreachable(url, &error))?;
    // Ends when the last handle is dropped, or the pipe ends. What the library panics at stays in there.
    tokio::spawn(driver.drive());
    Ok(Connection {
        ldap,
        is_encrypted,
        is_bound,
    })
}

fn unreachable(url: &DirectoryUrl, error: &impl ToString) -> DirectoryError {
    DirectoryError::Unreachable {
        url: url.clone(),
        reason: error.to_string(),
    }
}
