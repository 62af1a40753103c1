//! RTP payloads back into access units, never with pieces of two pictures in one.
use std::collections::VecDeque;

use super::nal::{START_CODE, TYPE_BITS};
use super::packetize::{FU_A, FU_END, FU_START, STAP_A};
use crate::rtp_time::RtpTime;

/// One payload, in the order of sending.
#[derive(Clone, Copy, Debug)]
pub struct H264Packet<'a> {
    /// All packets of an access unit have the same.
    pub time: RtpTime,
    /// Last packet of its access unit (RFC 6184 §5.1).
    pub marker: bool,
    /// Whether the packet sent before this one was given before it: nothing is missing between them.
    pub follows: bool,
    /// What comes after the RTP header.
    pub payload: &'a [u8],
}

/// The NAL units of one picture.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct AccessUnit {
    /// When the picture was taken, by the sender's clock of 90 kHz.
    pub time: RtpTime,
    /// The NAL units, each behind a start code (Annex B).
    pub stream: Vec<u8>,
    /// Whether nothing before it is missing: its first packet follows the last one of the unit before.
    pub follows: bool,
    /// Whether nothing inside or at its end is missing. Something at its beginning may be, unless it follows.
    pub is_whole: bool,
    /// RTP payload bytes that it took.
    pub payload_bytes: usize,
}

/// Puts access units together, packet by packet (RFC 6184 §7.1).
#[derive(Debug, Default)]
pub struct Depacketizer {
    unit: Option<AccessUnit>,
    /// NAL unit type of the fragments that are being put together.
    fragment: Option<u8>,
    /// Whether the unit before the present one ended as it should.
    was_ended: bool,
    finished: VecDeque<AccessUnit>,
    spare: Vec<Vec<u8>>,
    malformed: u64,
}

impl Depacketizer {
    /// Takes the next packet.
    pub fn push(&mut self, packet: &H264Packet<'_>) {
        let is_new = self
            .unit
            .as_ref()
            .is_none_or(|unit| unit.time != packet.time);
        if is_new {
            self.finish(packet.follows);
            self.begin(packet);
        } else if !packet.follows {
            self.spoil();
        }
        if self.put(packet.payload).is_none() {
            self.malformed += 1;
            self.spoil();
        }
        if let Some(unit) = &mut self.unit {
            unit.payload_bytes += packet.payload.len();
        }
        if packet.marker {
            self.finish(true);
        }
    }

    /// The next finished access unit.
    pub fn poll_unit(&mut self) -> Option<AccessUnit> {
        self.finished.pop_front()
    }

    /// Takes back the memory of a unit that is done with.
    pub fn recycle(&mut self, unit: AccessUnit) {
        if self.spare.len() < MAX_SPARE {
            self.spare.push(unit.stream);
        }
    }

    /// Forgets what has been put together so far.
    pub fn reset(&mut self) {
        self.unit = None;
        self.fragment = None;
        self.was_ended = false;
    }

    /// Payloads that break RFC 6184, or that use what is not understood here.
    #[must_use]
    pub const fn malformed(&self) -> u64 {
        self.malformed
    }

    fn begin(&mut self, packet: &H264Packet<'_>) {
        let mut stream = self.spare.pop().unwrap_or_default();
        stream.clear();
        self.unit = Some(AccessUnit {
            time: packet.time,
            stream,
            follows: packet.follows && self.was_ended,
            is_whole: true,
            payload_bytes: 0,
        });
    }

    /// Ends the present unit; `is_end` says that its last packet has come.
    fn finish(&mut self, is_end: bool) {
        let Some(mut unit) = self.unit.take() else {
            return;
        };
        unit.is_whole &= is_end && self.fragment.is_none();
        self.fragment = None;
        self.was_ended = is_end;
        if self.finished.len() < MAX_FINISHED {
            self.finished.push_back(unit);
        }
    }

    fn spoil(&mut self) {
        self.fragment = None;
        if let Some(unit) = &mut self.unit {
            unit.is_whole = false;
        }
    }

    fn put(&mut self, payload: &[u8]) -> Option<()> {
        let (header, rest) = payload.split_first()?;
        let kind = header & TYPE_BITS;
        if kind != FU_A && self.fragment.take().is_some() {
            // The end of a fragmented unit is missing.
            return None;
        }
        match kind {
            1..=23 => self.append(&[payload]),
            STAP_A => self.put_aggregate(rest),
            FU_A => self.put_fragment(*header, rest),
            _ => None,
        }
    }

    fn put_aggregate(&mut self, mut rest: &[u8]) -> Option<()> {
        while !rest.is_empty() {
            let (length, tail) = rest.split_first_chunk::<2>()?;
            let (unit, tail) = tail.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
            if !unit.is_empty() {
                self.append(&[unit])?;
            }
            rest = tail;
        }
        Some(())
    }

    fn put_fragment(&mut self, indicator: u8, rest: &[u8]) -> Option<()> {
        let (header, piece) = rest.split_first()?;
        let kind = header & TYPE_BITS;
        if header & FU_START != 0 {
            // Start and end in one packet are forbidden (§5.8), and harmless.
            let is_open = self.fragment.replace(kind).is_some();
            self.append(&[&[indicator & !TYPE_BITS | kind], piece])?;
            if is_open {
                return None;
            }
        } else if self.fragment == Some(kind) {
            self.extend(piece)?;
        } else {
            self.fragment = None;
            return None;
        }
        if header & FU_END != 0 {
            self.fragment = None;
        }
        Some(())
    }

    fn append(&mut self, parts: &[&[u8]]) -> Option<()> {
        self.extend(&START_CODE)?;
        parts.iter().try_for_each(|part| self.extend(part))
    }

    fn extend(&mut self, bytes: &[u8]) -> Option<()> {
        let unit = self.unit.as_mut()?;
        if unit.stream.len() + bytes.len() > MAX_UNIT {
            return None;
        }
        unit.stream.extend_from_slice(bytes);
        Some(())
    }
}

/// A 4K picture without compression to speak of; nobody sends more.
const MAX_UNIT: usize = 4 << 20;
/// At most two are finished by a packet; whoever does not fetch them loses the new ones.
const MAX_FINISHED: usize = 4;
const MAX_SPARE: usize = 4;
