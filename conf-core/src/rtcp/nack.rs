//! Generic NACK: which packets were lost (RFC 4585 §6.2.1).
use media::rtp_time::SeqNo;

use crate::wire::{Put as _, Reader};

/// A lost packet, and which of the sixteen after it were lost too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nack {
    /// The first lost packet.
    pub first: SeqNo,
    /// Bit `i` (0 lowest) tells that packet `first + i + 1` was lost.
    pub following: u16,
}

impl Nack {
    pub(super) const FORMAT: u8 = 1;

    /// Every lost packet, in order.
    pub fn lost(self) -> impl Iterator<Item = SeqNo> {
        let following = (0..16u16).filter(move |bit| self.following >> bit & 1 == 1);
        std::iter::once(self.first).chain(following.map(move |bit| self.first + (bit + 1)))
    }

    /// The shortest list that tells of all `lost`, which are in order.
    #[must_use]
    pub fn cover(lost: &[SeqNo]) -> Vec<Self> {
        let mut list: Vec<Self> = Vec::new();
        for &seq in lost {
            let last = list.last_mut();
            match last.and_then(|nack| Some((u16::try_from(seq.delta(nack.first)).ok()?, nack))) {
                Some((0, _)) => {}
                Some((after @ 1..=16, nack)) => nack.following |= 1 << (after - 1),
                _ => list.push(Self {
                    first: seq,
                    following: 0,
                }),
            }
        }
        list
    }

    pub(super) fn read_all(mut reader: Reader<'_>) -> Vec<Self> {
        let read = move || {
            Some(Self {
                first: SeqNo(reader.u16()?),
                following: reader.u16()?,
            })
        };
        std::iter::from_fn(read).collect()
    }

    pub(super) fn write(self, out: &mut Vec<u8>) {
        out.put_u16(self.first.0);
        out.put_u16(self.following);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_name_the_packets_after_the_first() {
        let nack = Nack {
            first: SeqNo(65535),
            following: 0x8001,
        };
        assert_eq!(
            nack.lost().collect::<Vec<_>>(),
            [SeqNo(65535), SeqNo(0), SeqNo(15)]
        );
    }

    #[test]
    fn cover_is_short_and_complete() {
        let lost = [65535, 0, 15, 16, 17, 17].map(SeqNo);
        let list = Nack::cover(&lost);
        assert_eq!(
            list,
            [
                Nack {
                    first: SeqNo(65535),
                    following: 0x8001
                },
                Nack {
                    first: SeqNo(16),
                    following: 1
                }
            ]
        );
    }
}
