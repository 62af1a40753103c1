//! What is said before the LDAP library takes over: StartTLS, and the bind of version 2 that it does not know.
use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::ber::{Element, element, number, tag};
use super::message::{self, Malformed};

/// Outcome of a bind or extended operation (RFC 4511 section 4.1.9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) code: i64,
    pub(super) text: String,
    /// What the server adds to a bind by SASL (RFC 4511 section 4.2.2).
    #[cfg(feature = "gssapi")]
    pub(super) credentials: Option<Vec<u8>>,
}

/// The request to go on in TLS (RFC 4511 section 4.14.1).
pub(super) fn start_tls_request() -> Vec<u8> {
    let name = element(tag::context(0), b"1.3.6.1.4.1.1466.20037");
    envelope(&element(tag::EXTENDED_REQUEST, &name))
}

/// A simple bind of version 2, as ILS wants it (MS-TAIL section 3.5.2; RFC 1777 section 4.1).
pub(super) fn bind_v2_request(name: &str, password: &str) -> Vec<u8> {
    let parts = [
        number(tag::INTEGER, 2),
        element(tag::OCTET_STRING, name.as_bytes()),
        element(tag::context(0), password.as_bytes()),
    ];
    envelope(&element(tag::BIND_REQUEST, &parts.concat()))
}

/// Message 1: nothing else has been said, and the library starts counting anew.
pub(super) fn envelope(operation: &[u8]) -> Vec<u8> {
    element(
        tag::SEQUENCE,
        &[&number(tag::INTEGER, 1), operation].concat(),
    )
}

/// Sends one request and reads the one response, and not a byte more.
pub(super) async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    request: &[u8],
    response: u8,
) -> io::Result<Outcome> {
    stream.write_all(request).await?;
    let mut message = Vec::new();
    loop {
        let wanted = message::length(&message).map_err(malformed)?;
        match wanted {
            Some(length) if message.len() == length => break,
            // The header one byte at a time, so that nothing of what follows is taken.
            _ => {
                let missing = wanted.map_or(1, |length| length - message.len());
                let start = message.len();
                message.resize(start + missing, 0);
                stream
                    .read_exact(message.get_mut(start..).unwrap_or_default())
                    .await?;
            }
        }
    }
    message::check(&message).map_err(malformed)?;
    outcome(&message, response).ok_or_else(|| malformed(Malformed))
}

pub(super) fn outcome(message: &[u8], response: u8) -> Option<Outcome> {
    let mut parts = Element::only(message)?.open(tag::SEQUENCE)?;
    let mut parts = parts.nth(1)?.open(response)?;
    let code = parts.next()?.number(tag::ENUMERATED)?;
    let text = parts.nth(1)?.within(tag::OCTET_STRING)?;
    let text = String::from_utf8_lossy(text).into_owned();
    Some(Outcome {
        code,
        text,
        #[cfg(feature = "gssapi")]
        credentials: parts.find_map(|part| part.within(tag::context(7)).map(<[u8]>::to_vec)),
    })
}

fn malformed(error: Malformed) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
