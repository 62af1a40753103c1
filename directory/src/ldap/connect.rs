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
    let unreachable = |error: io::Error| DirectoryError::Unreachable {
        url: url.clone(),
        reason: error.to_string(),
    };
    let mut tcp = TcpStream::connect((url.host.as_str(), url.port))
        .await
        .map_err(unreachable)?;
    tcp.set_nodelay(true).map_err(unreachable)?;
    let is_upgraded = config.start_tls && url.protocol != Protocol::Ldaps;
    if is_upgraded {
        start_tls(&mut tcp, url).await?;
    }
    if !is_upgraded && url.protocol != Protocol::Ldaps {
        return greet(tcp, config, url, as_version_2, false).await;
    }
    let tls = tls::connect(config, url, tcp).await?;
    greet(tls, config, url, as_version_2, true).await
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
    let unreachable = |reason: String| DirectoryError::Unreachable {
        url: url.clone(),
        reason,
    };
    if as_version_2 {
        let (name, password) = match &config.bind {
            Bind::Simple { dn, password } => (dn.as_str(), password.reveal()),
            _ => ("", ""),
        };
        let request = greeting::bind_v2_request(name, password);
        let answer = greeting::exchange(&mut stream, &request, tag::BIND_RESPONSE).await;
        let outcome = answer.map_err(|error| unreachable(error.to_string()))?;
        if outcome.code != 0 {
            return Err(super::result::error(outcome.code, &outcome.text));
        }
    }
    let pipe = pipe::lay(stream)
        .await
        .map_err(|error| unreachable(error.to_string()))?;
    let settings = LdapConnSettings::new().set_std_stream(pipe.stream);
    let (driver, ldap) = LdapConnAsync::with_settings(settings, pipe.url)
        .await
        .map_err(|error| unreachable(error.to_string()))?;
    // Ends when the last handle is dropped, or the pipe ends. What the library panics at stays in there.
    tokio::spawn(driver.drive());
    Ok(Connection {
        ldap,
        is_encrypted,
        is_bound: as_version_2,
    })
}
