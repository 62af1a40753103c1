//! Logging in with a Kerberos ticket (SASL GSSAPI, RFC 4752): said before the LDAP library takes over, so that every
//! message is checked all the same. Only within TLS, which then protects what follows.
use std::io;

use cross_krb5::{ClientCtx, InitiateFlags, K5Ctx as _, Step};
use tokio::io::{AsyncRead, AsyncWrite};

use super::ber::{element, number, tag};
use super::greeting::{self, Outcome};

/// Logs in at the server of this name, whose certificate is bound to it (RFC 5929 section 4).
pub(super) async fn bind<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    host: &str,
    certificate: &[u8],
) -> io::Result<Outcome> {
    let server = format!("ldap/{host}");
    let binding = channel_binding(certificate);
    // Asks the domain for a ticket to the server, which takes its time.
    let beginning = tokio::task::spawn_blocking(move || {
        let (flags, binding) = (InitiateFlags::empty(), Some(binding.as_slice()));
        ClientCtx::new(flags, None, &server, binding)
            .map(|(context, token)| (context, token.to_vec()))
    });
    let (mut pending, mut token) = beginning.await?.map_err(io::Error::other)?;
    let mut context = loop {
        let outcome = say(stream, &token).await?;
        if outcome.code != IN_PROGRESS {
            return Ok(outcome);
        }
        let answer = outcome.credentials.unwrap_or_default();
        match pending.step(&answer).map_err(io::Error::other)? {
            Step::Finished((context, last)) => {
                token = last.map(|last| last.to_vec()).unwrap_or_default();
                break context;
            }
            Step::Continue((next, more)) => {
                pending = next;
                token = more.to_vec();
            }
        }
    };
    let offered = say(stream, &token).await?;
    if offered.code != IN_PROGRESS {
        return Ok(offered);
    }
    let layers = offered.credentials.unwrap_or_default();
    let layers = context.unwrap(&layers).map_err(io::Error::other)?;
    if layers.first().is_none_or(|layers| layers & NO_LAYER == 0) {
        let text = "it wants a layer of its own within TLS";
        return Err(io::Error::new(io::ErrorKind::Unsupported, text));
    }
    // No layer, hence no size; nobody else to act for.
    let chosen = context.wrap(false, &[NO_LAYER, 0, 0, 0]);
    say(stream, &chosen.map_err(io::Error::other)?).await
}

/// RFC 4752 section 3.3.
const NO_LAYER: u8 = 1;
/// saslBindInProgress (RFC 4511 section 4.2.2).
const IN_PROGRESS: i64 = 14;

async fn say<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    token: &[u8],
) -> io::Result<Outcome> {
    greeting::exchange(stream, &request(token), tag::BIND_RESPONSE).await
}

/// BindRequest by SASL (RFC 4511 section 4.2).
fn request(token: &[u8]) -> Vec<u8> {
    let mechanism = element(tag::OCTET_STRING, b"GSSAPI");
    let token = element(tag::OCTET_STRING, token);
    let parts = [
        number(tag::INTEGER, 3),
        element(tag::OCTET_STRING, b""),
        element(SASL, &[mechanism, token].concat()),
    ];
    greeting::envelope(&element(tag::BIND_REQUEST, &parts.concat()))
}

/// `[3]`, constructed.
const SASL: u8 = 0xa3;

/// `tls-server-end-point` for the certificates that are in use: signed with SHA-256, or with what counts as that.
fn channel_binding(certificate: &[u8]) -> Vec<u8> {
    let hash = ring::digest::digest(&ring::digest::SHA256, certificate);
    [b"tls-server-end-point:", hash.as_ref()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_rfc_4511_section_4_2() {
        let bytes =
            b"\x30\x17\x02\x01\x01\x60\x12\x02\x01\x03\x04\x00\xa3\x0b\x04\x06GSSAPI\x04\x01t";
        assert_eq!(request(b"t"), bytes);
    }
}
