//! Accepting connections, as many as there is room for.
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::spawn_local;
use tokio::time::{sleep, timeout};
use tokio_rustls::server::TlsStream;

use super::connection::{Connection, End};
use super::gate::{Gate, Pass};
use super::{Shared, tls};
use crate::server::options::{Access, Listener};
use crate::server::session::Link;

/// After the system could not give a connection, most likely for want of descriptors.
const PAUSE: Duration = Duration::from_millis(100);
/// A watcher may be silent for ever; one whose computer is gone is found out after a few of these.
const KEEPALIVE: Duration = Duration::from_secs(60);

/// Accepts for ever.
pub(super) async fn run(
    shared: Shared,
    gate: Rc<RefCell<Gate>>,
    socket: TcpListener,
    listener: Listener,
) {
    loop {
        let Ok((stream, peer)) = socket.accept().await else {
            sleep(PAUSE).await;
            continue;
        };
        let limits = shared.core.borrow().limits.clone();
        let address = peer.ip().to_canonical();
        let (all, each) = (limits.connections, limits.connections_per_address);
        let Some(pass) = Gate::enter(&gate, address, all, each) else {
            shared.counters.turned_away.add(1);
            continue;
        };
        let link = Link {
            is_read_only: listener.access == Access::ReadOnly,
            is_local: address.is_loopback(),
            is_encrypted: false,
            key: None,
        };
        spawn_local(attend(shared.clone(), pass, stream, link, listener.is_tls));
    }
}

/// One connection from its beginning to its end.
async fn attend(shared: Shared, pass: Pass, stream: TcpStream, link: Link, is_tls: bool) {
    shared.counters.accepted.add(1);
    shared.counters.connections.add(1);
    converse(&shared, stream, link, is_tls).await;
    shared.counters.connections.sub(1);
    drop(pass);
}

async fn converse(shared: &Shared, mut stream: TcpStream, link: Link, is_tls: bool) {
    // Answers are written whole; there is nothing to wait for. A socket that cannot be told either works as well.
    drop(stream.set_nodelay(true));
    let alive = TcpKeepalive::new()
        .with_time(KEEPALIVE)
        .with_interval(KEEPALIVE);
    drop(SockRef::from(&stream).set_tcp_keepalive(&alive));
    if !is_tls {
        let mut connection = Connection::new(shared.clone(), link.clone());
        if connection.run(&mut stream).await != End::StartTls {
            return;
        }
    }
    if let Some((mut stream, link)) = encrypt(shared, stream, link).await {
        Connection::new(shared.clone(), link).run(&mut stream).await;
    }
}

async fn encrypt(
    shared: &Shared,
    stream: TcpStream,
    link: Link,
) -> Option<(TlsStream<TcpStream>, Link)> {
    let patience = shared.core.borrow().limits.patience;
    let Ok(accepted) = timeout(patience, shared.tls.accept(stream)).await else {
        shared.counters.timed_out.add(1);
        return None;
    };
    let stream = accepted.ok()?;
    let certificate = stream
        .get_ref()
        .1
        .peer_certificates()
        .and_then(<[_]>::first);
    let link = Link {
        is_encrypted: true,
        key: certificate.and_then(tls::fingerprint),
        ..link
    };
    Some((stream, link))
}
