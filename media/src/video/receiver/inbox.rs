//! Received packets on their way to a decoding thread: bounded, and without an allocation once it has warmed up.
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::source::{Source, lock};
use crate::rtp_time::{RtpTime, SeqNo};
use crate::video::{SourceId, VideoPacket};

/// What has come since the thread last looked.
#[derive(Debug, Default)]
pub(super) struct Mail {
    packets: Vec<Entry>,
    bytes: Vec<u8>,
    /// Sources that left.
    pub(super) removed: Vec<SourceId>,
    pub(super) is_stopping: bool,
    /// Whether there is something to decode.
    is_due: bool,
    pub(super) dropped: u64,
}

#[derive(Debug)]
struct Entry {
    source: Arc<Source>,
    payload_type: u8,
    seq: SeqNo,
    time: RtpTime,
    marker: bool,
    arrival: Instant,
    end: usize,
}

impl Mail {
    /// Every packet, oldest first.
    pub(super) fn packets(&self) -> impl Iterator<Item = (&Arc<Source>, VideoPacket<'_>)> {
        let mut begin = 0;
        self.packets.iter().map(move |entry| {
            let payload = self.bytes.get(begin..entry.end).unwrap_or_default();
            begin = entry.end;
            let packet = VideoPacket {
                source: entry.source.id,
                payload_type: entry.payload_type,
                seq: entry.seq,
                time: entry.time,
                marker: entry.marker,
                arrival: entry.arrival,
                payload,
            };
            (&entry.source, packet)
        })
    }

    /// Empties it; its memory is kept.
    pub(super) fn clear(&mut self) {
        self.packets.clear();
        self.bytes.clear();
        self.removed.clear();
        self.is_due = false;
        self.dropped = 0;
    }
}

/// Where the network thread puts packets and a decoding thread fetches them.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    mail: Mutex<Mail>,
    has_mail: Condvar,
}

impl Inbox {
    /// Copies a packet in. When it is full the packet goes, and its source shows nothing until its next keyframe.
    pub(super) fn push(&self, source: &Arc<Source>, packet: &VideoPacket<'_>) {
        let mut mail = lock(&self.mail);
        let is_full = mail.packets.len() >= MAX_PACKETS
            || mail.bytes.len() + packet.payload.len() > MAX_BYTES;
        if is_full {
            mail.dropped += 1;
            source.note_gap();
            return;
        }
        mail.bytes.extend_from_slice(packet.payload);
        let end = mail.bytes.len();
        mail.packets.push(Entry {
            source: Arc::clone(source),
            payload_type: packet.payload_type,
            seq: packet.seq,
            time: packet.time,
            marker: packet.marker,
            arrival: packet.arrival,
            end,
        });
        // There is something to decode when a picture is complete; what has no end is found by the clock.
        let is_due = packet.marker || mail.packets.len() >= WAKE_AT;
        let is_news = is_due && !mail.is_due;
        mail.is_due |= is_due;
        drop(mail);
        if is_news {
            self.has_mail.notify_one();
        }
    }

    /// There is something to decode although nothing has come.
    pub(super) fn hurry(&self) {
        lock(&self.mail).is_due = true;
        self.has_mail.notify_one();
    }

    pub(super) fn remove(&self, source: SourceId) {
        let mut mail = lock(&self.mail);
        if mail.removed.len() < MAX_PACKETS {
            mail.removed.push(source);
        }
    }

    pub(super) fn stop(&self) {
        lock(&self.mail).is_stopping = true;
        self.has_mail.notify_one();
    }

    /// Waits for a complete picture, at most for so long, and exchanges the mail for an empty one.
    pub(super) fn fetch(&self, empty: &mut Mail, patience: Duration) {
        let mail = lock(&self.mail);
        let has_none = |mail: &mut Mail| !mail.is_due && !mail.is_stopping;
        let waited = self.has_mail.wait_timeout_while(mail, patience, has_none);
        let (mut mail, _) = waited.unwrap_or_else(PoisonError::into_inner);
        empty.is_stopping = mail.is_stopping;
        std::mem::swap(&mut *mail, empty);
        mail.is_stopping = empty.is_stopping;
    }
}

/// More than two seconds of 25 people; a thread that is so far behind has long begun to shed.
const MAX_PACKETS: usize = 8_192;
const MAX_BYTES: usize = 8 << 20;
/// A large picture on its way is begun before it is complete.
const WAKE_AT: usize = 64;
