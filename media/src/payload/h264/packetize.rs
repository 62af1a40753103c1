//! NAL units into RTP payloads: whole, several together (STAP-A), or in pieces (FU-A).
use super::nal::TYPE_BITS;

/// How NAL units may be put into packets (RFC 6184 §6.2); mode 2 is neither sent nor understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum PacketizationMode {
    /// 0: each NAL unit is one packet.
    SingleNal,
    /// 1: also several in a packet, and one in several.
    #[default]
    NonInterleaved,
}

/// Divides access units into payloads.
#[derive(Clone, Copy, Debug)]
pub struct Packetizer {
    mode: PacketizationMode,
    max_payload: usize,
}

impl Packetizer {
    /// Payloads of at most `max_payload` bytes; at least 3 are needed for a fragment.
    #[must_use]
    pub fn new(mode: PacketizationMode, max_payload: usize) -> Self {
        Self {
            mode,
            max_payload: max_payload.max(MIN_PAYLOAD),
        }
    }

    /// Appends the payloads of one access unit, in the order of sending; the last gets the marker bit (§5.1).
    ///
    /// In mode 0 a NAL unit larger than a packet goes out whole nevertheless: there is no other way.
    pub fn packetize<'a>(
        &self,
        units: impl IntoIterator<Item = &'a [u8]>,
        payloads: &mut Vec<Vec<u8>>,
    ) {
        let mut together: Vec<&[u8]> = Vec::new();
        let mut length = STAP_HEADER;
        for unit in units.into_iter().filter(|unit| !unit.is_empty()) {
            if self.mode == PacketizationMode::SingleNal {
                payloads.push(unit.to_vec());
                continue;
            }
            if length + LENGTH_FIELD + unit.len() > self.max_payload {
                flush(&mut together, payloads);
                length = STAP_HEADER;
            }
            if unit.len() > self.max_payload {
                self.fragment(unit, payloads);
            } else {
                together.push(unit);
                length += LENGTH_FIELD + unit.len();
            }
        }
        flush(&mut together, payloads);
    }

    /// §5.8: the header byte is carried by the two bytes before each piece.
    fn fragment(&self, unit: &[u8], payloads: &mut Vec<Vec<u8>>) {
        let Some((header, body)) = unit.split_first() else {
            return;
        };
        let pieces = body.len().div_ceil(self.max_payload - FU_HEADER);
        // Of equal size: a last piece of a few bytes costs as much as a full one.
        let piece = body.len().div_ceil(pieces.max(1));
        for (number, bytes) in body.chunks(piece.max(1)).enumerate() {
            let start = if number == 0 { FU_START } else { 0 };
            let end = if number + 1 == pieces { FU_END } else { 0 };
            let mut payload = Vec::with_capacity(FU_HEADER + bytes.len());
            payload.push(header & !TYPE_BITS | FU_A);
            payload.push(start | end | header & TYPE_BITS);
            payload.extend_from_slice(bytes);
            payloads.push(payload);
        }
    }
}

/// §5.7.1; a single unit goes alone (§5.6).
fn flush(together: &mut Vec<&[u8]>, payloads: &mut Vec<Vec<u8>>) {
    if let [unit] = together.as_slice() {
        payloads.push(unit.to_vec());
    } else if !together.is_empty() {
        let headers = together.iter().filter_map(|unit| unit.first());
        let (forbidden, importance) = headers.fold((0, 0), |(forbidden, importance), header| {
            (
                forbidden | header & FORBIDDEN,
                importance.max(header & IMPORTANCE),
            )
        });
        let length: usize = together.iter().map(|unit| LENGTH_FIELD + unit.len()).sum();
        let mut payload = Vec::with_capacity(STAP_HEADER + length);
        payload.push(forbidden | importance | STAP_A);
        for unit in together.iter() {
            // Units in a packet are far below 64 KiB.
            let length = u16::try_from(unit.len()).unwrap_or(u16::MAX);
            payload.extend_from_slice(&length.to_be_bytes());
            payload.extend_from_slice(unit);
        }
        payloads.push(payload);
    }
    together.clear();
}

/// Type of an aggregation packet (RFC 6184 table 1).
pub(super) const STAP_A: u8 = 24;
/// Type of a fragment.
pub(super) const FU_A: u8 = 28;
pub(super) const FU_START: u8 = 0x80;
pub(super) const FU_END: u8 = 0x40;
const FORBIDDEN: u8 = 0x80;
const IMPORTANCE: u8 = 0x60;
const STAP_HEADER: usize = 1;
const LENGTH_FIELD: usize = 2;
const FU_HEADER: usize = 2;
const MIN_PAYLOAD: usize = FU_HEADER + 1;
