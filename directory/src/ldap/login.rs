//! Logging in, and finding out as whom.
use super::connect::Connection;
use super::detect::Features;
use super::session::{Fault, Session};
use super::{Bind, DirectoryConfig};
use crate::directory::DirectoryError;
use crate::disk;
use crate::object::Principal;

/// The local user of our own server.
const LOCAL: &str = "cn=local,o=rendezvous";
/// More than such a secret has.
const MAX_TOKEN: u64 = 4 << 10;

/// Logs in as the settings say; on a connection that has been bound already there is nothing to do.
pub(super) async fn log_in(
    config: &DirectoryConfig,
    connection: &Connection,
    session: &Session,
) -> Result<(), DirectoryError> {
    if connection.is_bound {
        return Ok(());
    }
    match &config.bind {
        // RFC 4511 section 4.2.1: who has not bound is anonymous.
        Bind::Anonymous => Ok(()),
        Bind::Simple { dn, password } => Ok(session.bind(dn, password.reveal()).await?),
        Bind::Token(path) => {
            let token = disk::read(path, MAX_TOKEN).map_err(|_| DirectoryError::BadCredentials)?;
            let token = String::from_utf8_lossy(&token);
            Ok(session.bind(LOCAL, token.trim()).await?)
        }
        Bind::Key(_) if !connection.is_encrypted => Err(DirectoryError::Tls {
            url: session.url.clone(),
            reason: "a key needs TLS: use ldaps:// or StartTLS".to_owned(),
        }),
        Bind::Key(_) => Ok(session.bind_external().await?),
        Bind::Gssapi if cfg!(feature = "gssapi") => Err(DirectoryError::Tls {
            url: session.url.clone(),
            reason: "a Kerberos ticket needs TLS: use ldaps:// or StartTLS".to_owned(),
        }),
        Bind::Gssapi => Err(DirectoryError::Unsupported(
            "it was built without Kerberos: build it with --features gssapi",
        )),
    }
}

/// As whom the server knows us; none for anonymous.
pub(super) async fn identity(
    config: &DirectoryConfig,
    session: &Session,
    features: &Features,
) -> Result<Option<Principal>, Fault> {
    if features.has_extension("1.3.6.1.4.1.4203.1.11.3") {
        match session.who_am_i().await {
            Ok(said) => return Ok(principal(&said)),
            Err(fault) if fault.code().is_none() => return Err(fault),
            Err(_) => {}
        }
    }
    Ok(match &config.bind {
        Bind::Simple { dn, .. } => Some(Principal::Account(dn.clone())),
        Bind::Token(_) => Some(Principal::Account(LOCAL.to_owned())),
        Bind::Key(key) => Some(Principal::Key(key.fingerprint())),
        Bind::Anonymous | Bind::Gssapi => None,
    })
}

/// As whom entries of ours may be marked: our own server knows a key by itself, others the name it is mapped to.
pub(super) fn identities(config: &DirectoryConfig, told: Option<Principal>) -> Vec<Principal> {
    let key = match &config.bind {
        Bind::Key(key) => Some(Principal::Key(key.fingerprint())),
        _ => None,
    };
    told.into_iter().chain(key).collect()
}

/// An authorisation identity (RFC 4513 section 5.2.1.8).
fn principal(said: &str) -> Option<Principal> {
    match said.split_once(':')? {
        ("dn", name) if !name.is_empty() => Some(Principal::Account(name.to_owned())),
        ("u", user) if !user.is_empty() => {
            let known = user.parse().ok();
            known.or_else(|| Some(Principal::Account(user.to_owned())))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities() {
        let account = |name: &str| Some(Principal::Account(name.to_owned()));
        assert_eq!(principal("dn:uid=ann,o=x"), account("uid=ann,o=x"));
        assert_eq!(principal("u:ann"), account("ann"));
        let key = format!("key:{}", "0a".repeat(32));
        assert_eq!(principal(&format!("u:{key}")), key.parse().ok());
        for nobody in ["", "dn:", "u:", "ann"] {
            assert_eq!(principal(nobody), None);
        }
    }
}
