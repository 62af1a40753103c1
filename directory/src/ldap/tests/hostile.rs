//! What a server may not do to us: too long, too deep, malformed, silent.
use std::sync::Arc;

use proptest::prelude::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::super::message::{self, Malformed};
use super::super::{Client, DirectoryConfig, DirectoryUrl, Protocol};
use crate::directory::DirectoryError;

/// RFC 4511: LDAPMessage 1, SearchResultDone, success.
const DONE: &[u8] = b"\x30\x0c\x02\x01\x01\x65\x07\x0a\x01\x00\x04\x00\x04\x00";
/// LDAPMessage 1, SearchResultEntry `o=x` with `o: x`.
const ENTRY: &[u8] = b"\x30\x14\x02\x01\x01\x64\x0f\x04\x03o=x\x30\x08\x30\x06\x04\x01o\x31\x01x";

#[test]
fn lengths_are_known_early_and_bounded() {
    assert_eq!(message::length(DONE), Ok(Some(14)));
    assert_eq!(message::length(&[]), Ok(None));
    assert_eq!(message::length(&[0x30]), Ok(None));
    assert_eq!(message::length(&[0x30, 0x82, 1]), Ok(None));
    assert_eq!(message::length(&[0x30, 0x82, 1, 0]), Ok(Some(260)));
    for bad in [
        &[0x31u8][..],
        &[0x30, 0x80],
        &[0x30, 0x85],
        &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
        &[0x30, 0x84, 0x00, 0x50, 0x00, 0x00],
    ] {
        assert_eq!(message::length(bad), Err(Malformed), "{bad:x?}");
    }
}

#[test]
fn sound_messages_pass() {
    assert_eq!(message::check(DONE), Ok(()));
    // A set whose element is missing a header is found.
    assert_eq!(message::check(ENTRY), Err(Malformed));
    let entry =
        b"\x30\x16\x02\x01\x01\x64\x11\x04\x03o=x\x30\x0a\x30\x08\x04\x01o\x31\x03\x04\x01x";
    assert_eq!(message::check(entry), Ok(()));
}

#[test]
fn depth_is_bounded() {
    let mut nested = vec![];
    for _ in 0..200 {
        nested = super::super::ber::element(0x30, &nested);
    }
    let parts = [&[2, 1, 1][..], &nested].concat();
    let message = super::super::ber::element(0x30, &parts);
    assert_eq!(message::check(&message), Err(Malformed));
}

proptest! {
    #[test]
    fn any_bytes_are_a_message_or_not(bytes: Vec<u8>) {
        if let Ok(Some(length)) = message::length(&bytes) {
            prop_assert!(length <= message::MAX_MESSAGE);
        }
        let _checked = message::check(&bytes);
    }

    /// A message with any one byte changed is never worse than an error.
    #[test]
    fn any_changed_byte_is_survived(at in 0usize..14, byte: u8) {
        let mut bytes = DONE.to_vec();
        bytes[at] = byte;
        let _checked = message::check(&bytes);
    }
}

/// Connects to a server that answers whatever comes with these bytes, then hangs up.
fn connect_to(answer: &'static [u8]) -> DirectoryError {
    crate::runtime::new().unwrap().block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 1024];
            let _read = stream.read(&mut request).await;
            let _written = stream.write_all(answer).await;
            let _shut = stream.shutdown().await;
            // Until the client has hung up, so that it is the answer that it minds.
            let _read = stream.read(&mut request).await;
        });
        let url = DirectoryUrl {
            port,
            ..DirectoryUrl::new(Protocol::Ldap, "127.0.0.1")
        };
        let config = Arc::new(DirectoryConfig::new(vec![url.clone()]));
        let ended = Client::connect(config, &url).await;
        server.abort();
        ended.err().unwrap()
    })
}

#[test]
fn a_server_that_speaks_no_ldap_is_hung_up_on() {
    for answer in [
        &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..],
        b"\x30\x84\xff\xff\xff\xff",
        b"\x30\x05\x02\x01\x01\x65\x00",
        b"\x30\x0c\x02\x01\x01\x65\x07\x0a\x01\x00\x04\x00\x04\xff",
        // A result of another operation than was asked for, at which the library panics in its own task.
        b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00",
        b"",
    ] {
        let error = connect_to(answer);
        assert!(error.is_temporary(), "{answer:x?}: {error}");
    }
}
