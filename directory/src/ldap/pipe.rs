//! The way between a server and the LDAP library, on which every message is checked first.
use std::io;

use ldap3::StdStream;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, split};

use super::message;

/// Where the library's end of the pipe is.
pub(super) struct Pipe {
    /// For the library.
    pub(super) stream: StdStream,
    /// The address by which the library takes the stream for what it is.
    pub(super) url: &'static str,
}

/// Connects the library with a server, as long as both want; ends when either hangs up, or the server sends
/// what is not LDAP.
pub(super) async fn lay<S>(server: S) -> io::Result<Pipe>
where
    S: AsyncRead + AsyncWrite + Send + 'static,
{
    let (near, stream, url) = pair().await?;
    tokio::spawn(async move {
        let (mut from_server, mut to_server) = split(server);
        let (mut from_library, mut to_library) = split(near);
        let up = tokio::io::copy(&mut from_library, &mut to_server);
        let down = pass_checked(&mut from_server, &mut to_library);
        let ended = tokio::select! { ended = up => ended.map(drop), ended = down => ended };
        if let Err(error) = ended {
            tracing::debug!(%error, "a directory hung up");
        }
    });
    Ok(Pipe { stream, url })
}

/// Passes whole, sound messages on; memory is bounded by the longest message.
async fn pass_checked(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
) -> io::Result<()> {
    let refused = |error| io::Error::new(io::ErrorKind::InvalidData, error);
    let mut buffer = Vec::new();
    let mut is_more = true;
    while is_more {
        buffer.reserve(READ);
        is_more = from.read_buf(&mut buffer).await? > 0;
        let mut done = 0;
        while let Some(rest) = buffer.get(done..)
            && let Some(length) = message::length(rest).map_err(refused)?
            && let Some(whole) = rest.get(..length)
        {
            message::check(whole).map_err(refused)?;
            done += length;
        }
        to.write_all(buffer.get(..done).unwrap_or_default()).await?;
        buffer.drain(..done);
    }
    Ok(())
}

/// Bytes that are read at once.
const READ: usize = 64 << 10;

#[cfg(unix)]
async fn pair() -> io::Result<(tokio::net::UnixStream, StdStream, &'static str)> {
    let (near, far) = tokio::net::UnixStream::pair()?;
    Ok((near, StdStream::Unix(far.into_std()?), "ldapi:///"))
}

/// Windows has no pairs of streams: a connection with oneself, of which nobody else can be the other end.
#[cfg(not(unix))]
async fn pair() -> io::Result<(tokio::net::TcpStream, StdStream, &'static str)> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let far = tokio::net::TcpStream::connect(listener.local_addr()?).await?;
    let (near, peer) = listener.accept().await?;
    if peer != far.local_addr()? {
        return Err(io::Error::from(io::ErrorKind::PermissionDenied));
    }
    Ok((near, StdStream::Tcp(far.into_std()?), "ldap://127.0.0.1"))
}
