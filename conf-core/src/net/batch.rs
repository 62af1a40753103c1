//! Reads many datagrams in one call, into buffers that are made once.
use std::array;
use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant, SystemTime};

use mio::net::UdpSocket;
use quinn_udp::{BATCH_SIZE, RecvMeta, UdpSocketState};

/// The buffers, and what the last read put into them.
pub(super) struct Batch {
    buffers: Box<[u8]>,
    metas: [RecvMeta; BATCH_SIZE],
    filled: usize,
}

/// A datagram as the system gave it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrived<'a> {
    pub(super) from: SocketAddr,
    /// Where the header says that it is for.
    pub(super) to: Option<IpAddr>,
    pub(super) interface: Option<u32>,
    pub(super) arrival: Instant,
    pub(super) bytes: &'a [u8],
}

impl Batch {
    pub(super) fn new() -> Self {
        Self {
            buffers: vec![0; BATCH_SIZE * BUFFER_BYTES].into(),
            metas: [RecvMeta::default(); BATCH_SIZE],
            filled: 0,
        }
    }

    /// Reads what the socket has, at most one batch, and tells whether there may be more; `WouldBlock` when it
    /// has nothing.
    pub(super) fn read(&mut self, socket: &UdpSocket, state: &UdpSocketState) -> io::Result<bool> {
        self.filled = 0;
        let mut chunks = self.buffers.chunks_exact_mut(BUFFER_BYTES);
        let mut slices: [IoSliceMut<'_>; BATCH_SIZE] =
            array::from_fn(|_| IoSliceMut::new(chunks.next().unwrap_or_default()));
        let metas = &mut self.metas;
        // On Windows mio waits again only once it has seen `WouldBlock`.
        self.filled = socket.try_io(|| state.recv(socket.into(), &mut slices, metas))?;
        // On Linux a short batch has emptied the socket, and what comes later is a new event.
        Ok(self.filled == BATCH_SIZE || !cfg!(target_os = "linux"))
    }

    /// How many buffers the last read has filled.
    pub(super) const fn len(&self) -> usize {
        self.filled
    }

    /// What the last read gave; `now` and `wall` are the time since.
    pub(super) fn datagrams(
        &self,
        now: Instant,
        wall: SystemTime,
    ) -> impl Iterator<Item = Arrived<'_>> {
        let buffers = self.buffers.chunks_exact(BUFFER_BYTES);
        let filled = buffers.zip(&self.metas).take(self.filled);
        filled.flat_map(move |(buffer, meta)| {
            let whole = buffer.get(..meta.len).unwrap_or_default();
            split(whole, meta.stride).map(move |bytes| Arrived {
                from: meta.addr,
                to: meta.dst_ip,
                interface: meta.interface_index,
                arrival: arrival(now, wall, meta.timestamp),
                bytes,
            })
        })
    }
}

/// One buffer holds several datagrams of `stride` bytes, the last maybe shorter, where the system has
/// put them together (GRO). An empty datagram is one, too.
fn split(whole: &[u8], stride: usize) -> impl Iterator<Item = &[u8]> {
    let empty = whole.is_empty().then_some(whole);
    empty.into_iter().chain(whole.chunks(stride.max(1)))
}

/// The system's own receive time as an [`Instant`], if it tells and is plausible: a turn of the net thread is
/// jitter that the sender did not make.
fn arrival(now: Instant, wall: SystemTime, timestamp: Option<Duration>) -> Instant {
    let age = timestamp
        .and_then(|since_epoch| {
            wall.duration_since(SystemTime::UNIX_EPOCH + since_epoch)
                .ok()
        })
        .filter(|age| *age < PLAUSIBLE_AGE)
        .unwrap_or_default();
    now.checked_sub(age).unwrap_or(now)
}

/// The longest UDP payload, and the most that the system puts together.
const BUFFER_BYTES: usize = 65_535;
/// Longer than any datagram waits here, shorter than a step of the wall clock that matters.
const PLAUSIBLE_AGE: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_datagrams_are_split() {
        let parts: Vec<&[u8]> = split(b"aabbc", 2).collect();
        assert_eq!(parts, [&b"aa"[..], b"bb", b"c"]);
        assert_eq!(split(b"abc", 3).count(), 1);
        assert_eq!(split(b"", 0).count(), 1);
    }

    #[test]
    fn arrival_is_when_the_system_says_unless_that_is_absurd() {
        let (now, ms) = (Instant::now(), Duration::from_millis);
        let since_epoch = Duration::from_secs(1_000_000);
        let wall = SystemTime::UNIX_EPOCH + since_epoch;
        assert_eq!(arrival(now, wall, None), now);
        assert_eq!(arrival(now, wall, Some(since_epoch - ms(3))), now - ms(3));
        assert_eq!(arrival(now, wall, Some(since_epoch + ms(3))), now);
        assert_eq!(arrival(now, wall, Some(since_epoch - ms(3_000))), now);
    }
}
