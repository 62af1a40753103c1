//! A server that tells far more changes than anybody listens to (RFC 4533).
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use super::super::ber::{element, number, tag};
use super::super::{DirectoryConfig, DirectoryUrl, Protocol, message, watch};
use crate::directory::Change;
use crate::object::Kind;

const SYNC: &[u8] = b"1.3.6.1.4.1.4203.1.9.1.1";
const SYNC_STATE: &[u8] = b"1.3.6.1.4.1.4203.1.9.1.2";
const SYNC_INFO: &[u8] = b"1.3.6.1.4.1.4203.1.9.1.4";
/// More bytes in all than two sockets hold.
const CHANGES: u32 = 100_000;
const ENTRIES: u32 = 10;

fn text(text: &[u8]) -> Vec<u8> {
    element(tag::OCTET_STRING, text)
}

fn attribute(name: &[u8], value: &[u8]) -> Vec<u8> {
    let values = element(tag::SET, &text(value));
    element(tag::SEQUENCE, &[text(name), values].concat())
}

fn envelope(id: i64, parts: &[Vec<u8>]) -> Vec<u8> {
    let parts = [number(tag::INTEGER, id), parts.concat()].concat();
    element(tag::SEQUENCE, &parts)
}

fn entry(name: &[u8], attributes: &[Vec<u8>]) -> Vec<u8> {
    let attributes = element(tag::SEQUENCE, &attributes.concat());
    element(0x64, &[text(name), attributes].concat())
}

/// SearchResultDone, success.
fn done(id: i64) -> Vec<u8> {
    envelope(id, &[b"\x65\x07\x0a\x01\x00\x04\x00\x04\x00".to_vec()])
}

/// The `count`th change, of one of a few people.
fn change(id: i64, count: u32) -> Vec<u8> {
    let name = format!("person {}", count % ENTRIES);
    let attributes = [
        attribute(b"objectClass", b"rtPerson"),
        attribute(b"cn", name.as_bytes()),
        attribute(b"entryCSN", count.to_string().as_bytes()),
    ];
    let dn = format!("cn={name},ou=People,o=x");
    let uuid = [u8::try_from(count % ENTRIES).unwrap(); 16];
    let state = [number(tag::ENUMERATED, 2), text(&uuid)].concat();
    let control = [text(SYNC_STATE), text(&element(tag::SEQUENCE, &state))];
    let control = element(tag::SEQUENCE, &control.concat());
    let told = entry(dn.as_bytes(), &attributes);
    envelope(id, &[told, element(0xa0, &control)])
}

/// Everything has been told.
fn refreshed(id: i64) -> Vec<u8> {
    let value = b"\xa2\x00";
    let parts = [element(0x80, SYNC_INFO), element(0x81, value)];
    envelope(id, &[element(0x79, &parts.concat())])
}

async fn next_request(stream: &mut TcpStream) {
    let mut request = Vec::new();
    while message::length(&request).unwrap() != Some(request.len()) {
        request.push(stream.read_u8().await.unwrap());
    }
}

#[test]
fn a_flood_of_changes_is_taken_though_nobody_listens() {
    crate::runtime::new().unwrap().block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let flooding = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            next_request(&mut stream).await;
            let root = entry(b"", &[attribute(b"supportedControl", SYNC)]);
            let root = [envelope(1, &[root]), done(1)].concat();
            stream.write_all(&root).await.unwrap();
            next_request(&mut stream).await;
            for count in 0..CHANGES {
                stream.write_all(&change(2, count)).await.unwrap();
            }
            stream.write_all(&refreshed(2)).await.unwrap();
            stream
        });
        let url = DirectoryUrl {
            port,
            ..DirectoryUrl::new(Protocol::Ldap, "127.0.0.1")
        };
        let mut config = DirectoryConfig::new(vec![url.clone()]);
        config.base = Some("o=x".to_owned());
        let (sender, mut changes) = mpsc::channel(1);
        let watching = tokio::spawn(async move {
            let mut known = watch::Known::default();
            watch::server(Arc::new(config), &url, Kind::Person, &mut known, &sender).await
        });
        // All has been sent before anything is listened to.
        let stream = flooding.await.unwrap();
        let mut told = 0;
        let mut newest = [0; ENTRIES as usize];
        loop {
            match changes.recv().await.unwrap() {
                Change::Present(found) => {
                    told += 1;
                    let count: u32 = found.published.revision.unwrap().parse().unwrap();
                    newest[(count % ENTRIES) as usize] = count;
                }
                Change::Resynced(_) => break,
                other => panic!("{other:?}"),
            }
        }
        let last: Vec<u32> = (CHANGES - ENTRIES..CHANGES).collect();
        assert_eq!(newest.to_vec(), last);
        // More than one of an entry only of what was still in the sockets.
        assert!(told <= CHANGES / 100, "{told} were told");
        drop((changes, stream));
        watching.await.unwrap().unwrap();
    });
}
